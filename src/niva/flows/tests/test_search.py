"""Search over everything: all kinds, only one's own, marked and bounded."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Client
from niva.domains.communities.factories import make_community
from niva.domains.editorial.factories import make_many, make_piece
from niva.domains.editorial.tasking import Task
from niva.domains.people.actor import Actor
from niva.domains.publishing.approving import Remark
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Post, Variant
from niva.domains.sources.models import Fragment, Source
from niva.domains.strategy.factories import make_rubric
from niva.domains.strategy.grounds import Message, Proof, Segment
from niva.flows import search
from niva.flows.search import KIND_NAMES, find
from niva.kit.full_text import BEGIN, END
from niva.web.search.views import KIND_WORDS, marked

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor() -> Actor:
    return make_actor(make_workspace(), language="en")


def everything(client: Client, word: str) -> None:
    """One of each kind that says the word."""
    own: dict[str, Any] = {"client": client, "workspace_id": client.workspace_id}
    community = make_community(client, name=f"Сообщество {word}")
    post = make_post(community, text=f"Текст {word}")
    piece = make_piece(client, "Без слова", key_message=f"Мысль {word}")
    Remark.objects.create(**own, post=piece.post, text=f"Замечание {word}", author_name="Яна")
    Task.objects.create(
        **own, kind="post", title="Задача", brief={"goal": f"Цель {word}"}, due_at=timezone.now()
    )
    source = Source.objects.create(
        **own, kind="article", title="Исходник", text=f"Статья {word}", rights="own"
    )
    Fragment.objects.create(**own, source=source, theme=f"Тема {word}")
    make_rubric(client, f"Рубрика {word}")
    Segment.objects.create(**own, who=f"Люди {word}")
    Message.objects.create(**own, text=f"Сообщение {word}")
    Proof.objects.create(**own, claim=f"Довод {word}")
    Client.objects.filter(pk=client.pk).update(about=f"О нём {word}")
    assert post.pk


def kinds(actor: Actor, text: str) -> set[str]:
    return {one.kind for one in find(actor, text)}


def test_every_kind_is_found_by_any_form_of_the_word(actor: Actor) -> None:
    everything(make_client(actor.workspace), "рёбрышки")
    assert kinds(actor, "ребрышек") == set(KIND_NAMES)
    assert set(KIND_WORDS) == set(KIND_NAMES)
    assert kinds(actor, "ребрышек -текст") == set(KIND_NAMES) - {"post"}
    assert kinds(actor, "рёбр") == set(KIND_NAMES)


def test_the_brief_of_a_task_is_read_by_its_answers_and_not_by_the_names_of_its_fields(actor: Actor) -> None:
    client = make_client(actor.workspace)
    Task.objects.create(
        client=client, workspace_id=client.workspace_id, kind="designer", title="Обложка",
        brief={"goal": "Заявки на мёд", "message": "Пчёлы живы"}, due_at=timezone.now(),
    )  # fmt: skip
    [found] = find(actor, "пчёлы")
    assert found.hits[0].snippet == f"Заявки на мёд · {BEGIN}Пчёлы{END} живы"
    assert find(actor, "message") == []


def test_strangers_and_other_roles_find_only_what_is_theirs(actor: Actor) -> None:
    client = make_client(actor.workspace)
    everything(client, "рёбрышки")
    Remark.objects.create(
        client=client, workspace=actor.workspace, post=Post.objects.first(), inside=False,
        text="Рёбрышки хороши", author_name="Заказчик",
    )  # fmt: skip
    assert find(make_actor(make_workspace("Чужие")), "рёбрышки") == []
    nobody, theirs = make_person(actor.workspace, "member"), make_person(actor.workspace, "member")
    give_role(client, theirs, "client")
    assert find(_actor(nobody, actor), "рёбрышки") == []
    found = {one.kind: one.hits for one in find(_actor(theirs, actor), "рёбрышки")}
    assert set(found) == {"post", "remark", "client", "community", "rubric"}
    assert len(found["remark"]) == 1


def _actor(person: Any, actor: Actor) -> Actor:
    found = actor_for(person, actor.workspace.pk)
    assert found is not None
    return found


def test_a_form_for_one_community_finds_its_post(actor: Actor) -> None:
    community = make_community(make_client(actor.workspace))
    post = make_post(community, text="Обычный текст", title="Пост")
    Variant.objects.filter(post=post).update(own_thread={"parts": ["Первая", "Антибиотики\nне нужны"]})
    assert [hit.number for one in find(actor, "антибиотик") for hit in one.hits] == [post.pk]


def test_the_title_weighs_more_than_the_text(actor: Actor) -> None:
    community = make_community(make_client(actor.workspace))
    make_post(community, title="Мясо", text="О рёбрышках и только")
    best = make_post(community, title="Рёбрышки", text="К выходным")
    make_post(community, title="Сыр", text="И немного рёбрышек")
    assert find(actor, "рёбрышки")[0].hits[0].number == best.pk


def test_found_words_are_marked_and_all_else_is_escaped(actor: Actor) -> None:
    community = make_community(make_client(actor.workspace))
    make_post(community, title="<b>Рёбрышки</b>", text="<script>alert(1)</script> Ещё рёбрышек & соус")
    hit = find(actor, "рёбрышки")[0].hits[0]
    assert marked(hit.title) == "&lt;b&gt;<mark>Рёбрышки</mark>&lt;/b&gt;"
    assert "<mark>рёбрышек</mark> &amp; соус" in marked(hit.snippet)
    assert "<script" not in marked(hit.snippet)
    assert marked(f"{BEGIN}<i>{END}{END}{BEGIN}x") == "<mark>&lt;i&gt;</mark>x"


def test_a_kind_alone_goes_page_by_page(actor: Actor) -> None:
    client = make_client(actor.workspace)
    for n in range(30):
        make_piece(client, f"Рёбрышки {n}")
    first, second = (find(actor, "рёбрышки", kind="post", page=n)[0] for n in (1, 2))
    assert (len(first.hits), first.more, len(second.hits), second.more) == (25, True, 5, False)
    assert not {hit.number for hit in first.hits} & {hit.number for hit in second.hits}


def test_as_many_queries_whatever_there_is(actor: Actor, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1 + len(KIND_NAMES)):
        find(actor, "мясо")
    make_many(actor.workspace, pieces=100, clients=3)
    with django_assert_num_queries(1 + len(KIND_NAMES)):
        assert find(actor, "мясо")


def test_large_tables_are_asked_by_their_index(actor: Actor) -> None:
    """The very statements of the search, explained, where the tables are worth an index."""
    make_many(actor.workspace, pieces=1000, clients=2)
    asked: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        find(actor, "антибиотик")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for what in (one for one in search.KINDS if one.kind in ("post", "piece")):
            cursor.execute("SELECT gin_clean_pending_list(%s)", [f"{what.stored}_words"])
            cursor.execute(f"ANALYZE {what.stored}")
            sql, params = next(pair for pair in asked if f'FROM "{what.stored}" WHERE words' in pair[0])
            cursor.execute("EXPLAIN " + sql, params)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert f"Bitmap Index Scan on {what.stored}_words" in plan, plan


@pytest.mark.parametrize("odd", ["", "   ", "и", "-", "'\"", "%", "\x00", "<script>", "a" * 3000, "((&|!"])
def test_the_page_answers_whatever_is_typed(actor: Actor, odd: str) -> None:
    browser = Browser(headers={"accept-language": "en"})
    assert actor.user is not None
    browser.force_login(actor.user)
    answer = browser.get("/search/", {"q": odd, "kind": "nonsense", "page": "-1"})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode().partition("<main")[2].partition("</main>")[0]


def test_the_page_leads_to_what_was_found(actor: Actor) -> None:
    everything(make_client(actor.workspace), "рёбрышки")
    browser = Browser(headers={"accept-language": "en"})
    assert actor.user is not None
    browser.force_login(actor.user)
    said = browser.get("/search/?q=рёбрышки").content.decode()
    assert f'href="/posts/{Post.objects.get(text__startswith="Текст").pk}/"' in said
    assert said.count("<mark>") >= len(KIND_NAMES) - 1

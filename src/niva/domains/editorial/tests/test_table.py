"""The table finds what is asked for, and nobody's but one's own."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Client
from niva.domains.communities.factories import make_community
from niva.domains.editorial.factories import make_many, make_piece
from niva.domains.editorial.table import ANY, NONE, Filter, pieces, shown
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Post, Variant
from niva.domains.strategy.factories import make_rubric
from niva.kit import full_text

pytestmark = pytest.mark.django_db
ZONE = "Europe/Moscow"


@pytest.fixture
def actor() -> Actor:
    return make_actor(make_workspace())


@pytest.fixture
def client(actor: Actor) -> Client:
    return make_client(actor.workspace)


def titles(actor: Actor, **wish: object) -> list[str]:
    return [str(one) for one in pieces(actor, Filter(**wish), zone=ZONE)]  # type: ignore[arg-type]


def test_each_filter_takes_its_own(actor: Actor, client: Client) -> None:
    vk = make_community(client, "vk")
    rubric = make_rubric(client, "Рецепты")
    at = datetime(2026, 12, 1, 21, 30, tzinfo=UTC)  # 2 December in Moscow
    one = make_piece(client, "Первый", at="editing", urgent=True, unit="video", author=actor.user)
    Post.objects.filter(pk=one.post_id).update(rubric=rubric, planned_at=at)
    Variant.objects.create(post=one.post, community=vk)
    make_piece(client, "Второй", at="idea")
    other = make_client(actor.workspace, name="Другой")
    make_piece(other, "Третий", at="visual", state="parked")
    assert titles(actor) == ["Первый", "Второй"]
    for wish in (
        {"kind": "editing"}, {"urgent": True}, {"unit": "video"}, {"person_id": actor.user.pk},
        {"rubric": "рецепты"}, {"network": "vk"}, {"since": date(2026, 12, 2)}, {"until": date(2026, 12, 2)},
        {"text": "первая"},
    ):  # fmt: skip
        assert titles(actor, **wish) == ["Первый"], wish
    assert titles(actor, since=date(2026, 12, 3)) == titles(actor, until=date(2026, 12, 1)) == []
    assert titles(actor, rubric=NONE) == titles(actor, undated=True) == ["Второй"]
    assert titles(actor, client_id=other.pk, state=ANY) == titles(actor, state="parked") == ["Третий"]


def test_overdue_is_what_should_be_out_and_stands_before_the_desk(actor: Actor, client: Client) -> None:
    past = timezone.now() - timedelta(hours=1)
    for title, at in (("Поздно", "draft"), ("Уже вышло", "published"), ("Впереди", "draft")):
        piece = make_piece(client, title, at=at)
        Post.objects.filter(pk=piece.post_id).update(
            planned_at=past if title != "Впереди" else past + timedelta(days=1)
        )
    assert titles(actor, overdue=True) == ["Поздно"]


def test_an_hour_of_a_community_counts_where_the_post_has_none(actor: Actor, client: Client) -> None:
    piece = make_piece(client, "Своё время")
    at = datetime(2026, 12, 5, 9, tzinfo=UTC)
    Variant.objects.create(post=piece.post, community=make_community(client), planned_at=at)
    assert pieces(actor, Filter(), zone=ZONE).get().at == at  # type: ignore[attr-defined]
    assert titles(actor, undated=True) == []


def test_sorts_both_ways_with_the_empty_last(actor: Actor, client: Client) -> None:
    for title, name in (("А", "Яна"), ("Б", "Анна"), ("В", "")):
        author = make_person(actor.workspace, name=name) if name else None
        make_piece(client, title, author=author)
    assert titles(actor, sort="author") == ["Б", "А", "В"]
    assert titles(actor, sort="-author") == ["А", "Б", "В"]


def test_words_of_the_brief_and_of_a_form_are_found(actor: Actor, client: Client) -> None:
    make_piece(client, "Один", key_message="Мясо без антибиотиков")
    other = make_piece(client, "Два")
    Variant.objects.create(post=other.post, community=make_community(client), own_text="Скидка на творог")
    assert titles(actor, text="антибиотик") == ["Один"]
    assert titles(actor, text="скидки") == ["Два"]


def test_the_client_and_strangers_see_no_row(actor: Actor, client: Client) -> None:
    make_piece(client)
    for role in ("client", None):
        person = make_person(actor.workspace, "member")
        if role:
            give_role(client, person, role)
        who = actor_for(person, actor.workspace.pk)
        assert who is not None
        assert titles(who) == []
    assert titles(make_actor(make_workspace("Чужие"))) == []


def test_queries_do_not_grow_with_rows(actor: Actor, django_assert_num_queries: object) -> None:
    make_many(actor.workspace, pieces=60, clients=2)
    rows = list(pieces(actor, Filter(), zone=ZONE).values_list("pk", flat=True))
    for most in (5, 50):
        with django_assert_num_queries(5):  # type: ignore[operator]
            for row in shown(actor, rows[:most]):
                str(row.post.rubric), list(row.post.variants.all()), list(row.post.approvals.all())


def test_the_search_takes_the_index(actor: Actor) -> None:
    make_many(actor.workspace, pieces=200, clients=3)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a few pages of rows are read sooner without any
        for table in ("publishing_post", "publishing_variant", "editorial_piece"):
            cursor.execute(f"ANALYZE {table}")
            cursor.execute(
                f"EXPLAIN SELECT id FROM {table} WHERE words @@ %s::tsquery",
                [full_text.query_of("антибиотик")],
            )
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert f"{table}_words" in plan, plan

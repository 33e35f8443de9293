"""The table through its pages: filters, cells, many at once, saved filters, the balance."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Client
from niva.domains.communities.factories import make_community
from niva.domains.editorial.balance import balance
from niva.domains.editorial.factories import make_many, make_piece
from niva.domains.editorial.models import Piece
from niva.domains.editorial.saved import BulkEdit, FreeShare, SavedFilter
from niva.domains.people.actor import Actor
from niva.domains.people.models import User
from niva.domains.publishing.models import Post, Variant
from niva.domains.strategy.factories import make_rubric
from niva.kit.text import plain
from niva.web.board import table_wish

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def actor() -> Actor:
    return make_actor(make_workspace(), language="en", name="Anna")


@pytest.fixture
def client(actor: Actor) -> Client:
    return make_client(actor.workspace, name="Farm")


def browser(user: Any) -> Browser:
    found = Browser(headers={"accept-language": "en"})
    assert isinstance(user, User)
    found.force_login(user)
    return found


def page(actor: Actor, url: str) -> str:
    answer = browser(actor.user).get(url)
    assert answer.status_code == 200
    return plain(answer.content.decode())


def test_the_page_shows_the_chosen_columns_and_narrows(actor: Actor, client: Client) -> None:
    make_piece(client, "Ribs", hook="Two minutes", at="editing")
    make_piece(client, "Cheese")
    whole = page(actor, "/pieces/")
    assert "Ribs" in whole
    assert "Two minutes" not in whole
    browser(actor.user).post("/pieces/columns/", {"column": ["hook", "nonsense"]})
    narrow = page(actor, "/pieces/?kind=editing")
    assert "Two minutes" in narrow
    assert "Cheese" not in narrow


def test_as_many_queries_for_fifty_rows_as_for_five(actor: Actor, django_assert_max_num_queries: Any) -> None:
    make_many(actor.workspace, pieces=70, clients=7, people=[actor.user] if actor.user else [])
    eyes = browser(actor.user)
    eyes.get("/pieces/")
    with django_assert_max_num_queries(30):
        eyes.get("/pieces/")
    with django_assert_max_num_queries(30):
        eyes.get("/pieces/?q=мясо&sort=-author&state=any")
    with django_assert_max_num_queries(30):
        eyes.get("/pieces/balance/")


def test_an_address_is_read_and_written_the_same(client: Client) -> None:
    asked = {
        "client": str(client.pk), "kind": "draft", "since": "2026-12-01", "mine": "1", "state": "any",
        "q": "мясо", "sort": "-author", "utm_source": "letter",
    }  # fmt: skip
    wish = table_wish.read(asked)
    again = table_wish.write(wish)
    assert "utm" not in again
    from django.http import QueryDict

    assert table_wish.read(QueryDict(again)) == wish


@pytest.mark.parametrize(
    "odd",
    [
        "client=9x",
        "since=2026-13-40",
        "kind=nonsense",
        "sort=;drop",
        "page=-3",
        "q=%00%27",
        "person=" + "9" * 30,
    ],
)
def test_odd_addresses_show_a_page(actor: Actor, client: Client, odd: str) -> None:
    make_piece(client)
    page(actor, f"/pieces/?{odd}")


def test_a_cell_is_changed_where_it_stands(actor: Actor, client: Client) -> None:
    piece, rubric = make_piece(client, "Ribs"), make_rubric(client, "Recipes")
    eyes, url = browser(actor.user), f"/pieces/{piece.pk}/cell/rubric/"
    form = eyes.get(url, headers=HTMX).content.decode()
    seen = json.loads(re.search(r'name="seen" value="([^"]*)"', form)[1])  # type: ignore[index]
    assert seen is None
    answer = eyes.post(url, {"value": "Recipes", "seen": "null"}, headers=HTMX)
    assert (answer.status_code, "Recipes" in answer.content.decode()) == (200, True)
    assert Post.objects.get(pk=piece.post_id).rubric == rubric
    assert eyes.post(url, {"value": "", "seen": "77"}, headers=HTMX).status_code == 409
    assert Post.objects.get(pk=piece.post_id).rubric == rubric
    assert eyes.post(f"/pieces/{piece.pk}/cell/author/", {"value": "999"}, headers=HTMX).status_code == 422
    assert eyes.get(f"/pieces/{piece.pk}/cell/state/").status_code == 404


def test_the_hour_is_of_the_clients_clock_and_may_be_taken_away(actor: Actor, client: Client) -> None:
    piece, eyes = make_piece(client), browser(actor.user)
    url = f"/pieces/{piece.pk}/cell/at/"
    day = f"{timezone.now() + timedelta(days=9):%Y-%m-%d}"
    assert eyes.post(url, {"date": day, "time": "19:00"}).status_code == 302
    at = Post.objects.get(pk=piece.post_id).planned_at
    assert at is not None
    assert f"{at:%Y-%m-%d %H}" == f"{day} 16"
    assert eyes.post(url, {"date": day, "time": ""}).status_code == 422
    assert eyes.post(url, {"date": "2020-01-01", "time": "10:00"}).status_code == 422
    assert eyes.post(url, {"date": "", "time": ""}).status_code == 302
    assert Post.objects.get(pk=piece.post_id).planned_at is None


def test_the_stage_asks_what_it_asks_everywhere(actor: Actor, client: Client) -> None:
    piece, eyes = make_piece(client, at="editing"), browser(actor.user)
    stages = {one.kind: one for one in client.stages.all()}
    url = f"/pieces/{piece.pk}/cell/stage/"
    assert eyes.post(url, {"value": stages["draft"].pk}, headers=HTMX).status_code == 422
    back = {"value": stages["draft"].pk, "reason": "fact"}
    assert eyes.post(url, back, headers=HTMX).status_code == 200
    piece.refresh_from_db()
    assert (piece.stage, piece.returns) == (stages["draft"], 1)


def test_many_at_once_from_choice_to_account_and_back(actor: Actor, client: Client) -> None:
    rows = [make_piece(client, f"Ribs {n}") for n in range(3)]
    eyes = browser(actor.user)
    asked = {"action": "unit", "scope": "chosen", "piece": [rows[0].pk, rows[1].pk]}
    assert "value-unit" in eyes.post("/pieces/bulk/", asked).content.decode()
    made = eyes.post("/pieces/bulk/", {**asked, "value-unit": "video"})
    edit = BulkEdit.objects.get()
    assert made.headers["Location"] == f"/pieces/bulk/{edit.pk}/"
    assert "2 pieces will be changed" in page(actor, made.headers["Location"])
    assert set(Piece.objects.values_list("unit", flat=True)) == {"post"}
    done = eyes.post(f"/pieces/bulk/{edit.pk}/run/", headers=HTMX).content.decode()
    assert "2 pieces are changed" in plain(done)
    assert [Piece.objects.get(pk=one.pk).unit for one in rows] == ["video", "video", "post"]
    eyes.post(f"/pieces/bulk/{edit.pk}/undo/")
    assert set(Piece.objects.values_list("unit", flat=True)) == {"post"}
    assert eyes.post(f"/pieces/bulk/{edit.pk}/undo/").status_code == 422


def test_all_that_fit_the_filter_and_nothing_else(actor: Actor, client: Client) -> None:
    inside, outside = make_piece(client, "Ribs", at="editing"), make_piece(client, "Cheese", at="idea")
    asked = {"action": "urgent", "scope": "all", "query": "kind=editing", "value-on": "1"}
    browser(actor.user).post("/pieces/bulk/", asked)
    browser(actor.user).post(f"/pieces/bulk/{BulkEdit.objects.get().pk}/run/")
    assert list(Piece.objects.filter(urgent=True)) == [inside]
    assert outside.urgent is False


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"action": ""}, "Choose what is to be changed"),
        ({"action": "unit"}, "Choose at least one piece"),
        ({"action": "shift", "value-days": "0", "scope": "all"}, "Between 1 and 366 days"),
    ],
)
def test_what_is_missing_is_said(actor: Actor, client: Client, asked: dict[str, str], says: str) -> None:
    make_piece(client)
    answer = browser(actor.user).post("/pieces/bulk/", asked)
    assert answer.status_code == 422
    assert says in plain(answer.content.decode())


def test_filters_are_kept_shared_and_deleted_by_their_owner(actor: Actor, client: Client) -> None:
    eyes = browser(actor.user)
    eyes.post("/pieces/filters/", {"name": "Editing", "query": "kind=editing&nonsense=1", "shared": "1"})
    eyes.post("/pieces/filters/", {"name": "Only mine", "query": "mine=1"})
    kept = SavedFilter.objects.get(name="Editing")
    assert kept.query == "kind=editing"
    other = make_person(actor.workspace, "member", name="Boris", language="en")
    give_role(client, other, "author")
    seen = plain(browser(other).get("/pieces/").content.decode())
    assert "Editing · Anna" in seen
    assert "Only mine" not in seen
    assert browser(other).post(f"/pieces/filters/{kept.pk}/delete/").status_code == 404
    eyes.post(f"/pieces/filters/{kept.pk}/delete/")
    assert not SavedFilter.objects.filter(pk=kept.pk).exists()


@pytest.mark.parametrize("url", ["/pieces/", "/pieces/balance/", "/pieces/bulk/fields/"])
def test_the_client_has_nothing_to_see_in_the_newsroom(actor: Actor, client: Client, url: str) -> None:
    person = make_person(actor.workspace, "member")
    give_role(client, person, "client")
    assert browser(person).get(url).status_code == 403


def test_edits_and_pieces_of_strangers_are_not_there(actor: Actor, client: Client) -> None:
    piece = make_piece(client)
    edit = BulkEdit.objects.create(
        workspace=actor.workspace, user=actor.user, action="unit", value={"unit": "post"}
    )
    stranger = make_actor(make_workspace("Others"))
    for url in (f"/pieces/bulk/{edit.pk}/", f"/pieces/{piece.pk}/row/", f"/pieces/{piece.pk}/cell/at/"):
        assert browser(stranger.user).get(url).status_code == 404
    assert browser(make_person(actor.workspace)).get(f"/pieces/bulk/{edit.pk}/").status_code == 404


def test_the_balance_says_which_rubric_is_off(actor: Actor, client: Client) -> None:
    recipes, offers = make_rubric(client, "Recipes", share=30), make_rubric(client, "Offers", share=70)
    vk = make_community(client, "vk")
    first = timezone.now().replace(day=1, hour=12)
    for n in range(10):
        piece = make_piece(client, f"№ {n}")
        Variant.objects.create(post=piece.post, community=vk)
        Post.objects.filter(pk=piece.post_id).update(
            rubric=recipes if n < 6 else offers, planned_at=first + timedelta(days=n)
        )
    make_piece(client, "Parked", state="parked")
    found = balance(actor, client=client, month=first.date())
    assert (found.planned, found.made, [line.planned for line in found.rubrics]) == (10, 0, [6, 4])
    assert found.worst is not None
    assert (found.worst.name, round(found.worst.off)) == ("Recipes", 30)
    assert sum(found.rubrics[0].weeks) == 6
    assert [(line.key, line.planned) for line in found.networks] == [("vk", 10)]
    said = page(actor, f"/pieces/balance/?client={client.pk}")
    assert "“Recipes”: 60% instead of 30%" in said
    for line in found.rubrics:
        url = next(
            one for one in re.findall(r'href="(/pieces/\?[^"]+)"', said) if f"rubric={line.name}" in one
        )
        assert f"{line.planned} pieces" in page(actor, url.replace("&amp;", "&"))


def test_the_share_kept_free_is_set_by_who_leads(actor: Actor, client: Client) -> None:
    url = f"/pieces/balance/{client.pk}/free/"
    browser(actor.user).post(url, {"percent": "15", "month": "2026-12"})
    assert FreeShare.objects.get().percent == 15
    browser(actor.user).post(url, {"percent": "95"})
    assert FreeShare.objects.get().percent == 15
    author = make_person(actor.workspace, "member")
    give_role(client, author, "author")
    assert browser(author).post(url, {"percent": "10"}).status_code == 403


def test_a_month_has_room_by_its_weekly_hours_or_the_contract(actor: Actor) -> None:
    client = make_client(actor.workspace, posts_per_week=7)
    assert balance(actor, client=client, month=date(2026, 12, 5)).places == 31
    assert (
        balance(actor, client=make_client(actor.workspace, name="None"), month=date(2026, 12, 5)).places
        is None
    )


def test_lists_of_people_name_colleagues_and_nobody_else(actor: Actor, client: Client) -> None:
    other = make_client(actor.workspace, name="Mill")
    editor, stranger, customer = (
        make_person(actor.workspace, "member", name=name, language="en") for name in ("Ilya", "Zoya", "Boris")
    )
    give_role(client, editor, "editor")
    give_role(other, editor, "client")  # a customer elsewhere works here all the same
    give_role(other, stranger, "author")
    give_role(client, customer, "client")
    make_piece(client, "Ribs", author=editor)
    for url in ("/pieces/", "/pieces/bulk/fields/?action=author", "/kaizen/changes/new/"):
        shown = browser(editor).get(url)
        assert shown.status_code == 200, url
        shown_names = [name for name in ("Anna", "Ilya", "Zoya", "Boris") if name in shown.content.decode()]
        assert shown_names == ["Anna", "Ilya"], url
    everybody = page(actor, "/pieces/")
    assert "Zoya" in everybody
    assert "Boris" not in everybody

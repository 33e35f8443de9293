"""The weekly half hour in a browser without a browser: figures, rows, a change from trial to verdict."""

import datetime as dt

import pytest
from django.template.loader import render_to_string
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_client, make_person, make_workspace
from niva.domains.editorial.factories import make_piece
from niva.domains.editorial.kaizen import Change
from niva.domains.editorial.tests.test_kaizen import monday, out, stay
from niva.web.kaizen.cards import kaizen_cards

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    workspace = make_workspace()
    client = make_client(workspace)
    return make_person(workspace, language="en"), client


def browser(user):
    found = Browser(headers={"accept-language": "en"})
    found.force_login(user)
    return found


def busy(client, count=3):
    noon = monday()
    for number in range(count):
        piece = make_piece(client, f"Рёбрышки № {number}", created_at=noon - dt.timedelta(days=6))
        stay(piece, "editing", noon, noon + dt.timedelta(days=2), how="back", reason="fact")
        out(piece, noon + dt.timedelta(days=3), noon + dt.timedelta(days=3))


def test_the_page_says_where_the_jam_is_and_every_figure_opens(desk):
    owner, client = desk
    busy(client)
    page = browser(owner)
    shown = page.get(reverse("kaizen")).content.decode()
    assert "The jam is in “Editing”: 30 working hours over its norm" in shown
    assert "Most often because of: facts, 3 times." in shown
    for query in ("figure=cycle", "figure=on_time", "figure=rounds", "figure=returns&reason=fact",
                  f"figure=stage&stage=editing&client={client.pk}"):  # fmt: skip
        rows = page.get(f"{reverse('kaizen_rows')}?{query}")
        assert rows.content.decode().count("Рёбрышки") == 3, query
    for query in ("figure=reach", "figure=stage&stage=nowhere", "figure=cycle&client=999999"):
        assert page.get(f"{reverse('kaizen_rows')}?{query}").status_code == 404


def test_an_empty_desk_says_what_to_do_and_nothing_is_zero(desk):
    owner, _client = desk
    shown = browser(owner).get(reverse("kaizen")).content.decode()
    assert "No stage went over its norm" in shown
    assert "Nothing came out in these four weeks." in shown


def test_of_two_pieces_nothing_is_said_to_be_usual_and_of_eight_it_is(desk):
    owner, client = desk
    busy(client, 2)
    page = browser(owner)
    shown = page.get(reverse("kaizen")).content.decode()
    assert "days for 2 pieces: too few to say what is usual" in shown
    assert "days, usually from" not in shown
    busy(client, 6)
    assert "days, usually from 9 to 9" in page.get(reverse("kaizen")).content.decode()


def test_a_change_from_trial_to_verdict(desk):
    owner, client = desk
    busy(client)
    page = browser(owner)
    assert "The worst jam is in “Editing”" in page.get(reverse("change_new")).content.decode()
    typed = {
        "problem": "Факты сверяют поздно", "measure": "stage", "stage": "editing", "client": client.pk,
        "change": "Факты сверяет автор, до редактуры", "owner": owner.pk,
        "look_on": (timezone.localdate() + dt.timedelta(days=14)).isoformat(),
    }  # fmt: skip
    refused = page.post(reverse("change_new"), {**typed, "look_on": "2020-01-01"})
    assert refused.status_code == 422
    assert "Факты сверяет автор" in refused.content.decode()
    assert page.post(reverse("change_new"), typed).status_code == 302
    change = Change.objects.get()
    assert "It was 18" in page.get(reverse("kaizen")).content.decode()
    decide = reverse("change_decide", args=[change.pk])
    assert page.post(decide, {"ending": "maybe", "words": "думаем"}).status_code == 422
    assert page.post(decide, {"ending": "kept", "words": "Стало быстрее"}).status_code == 302
    assert page.post(decide, {"ending": "kept"}).status_code == 409
    assert "Стало быстрее" in page.get(reverse("kaizen")).content.decode()


def test_the_client_sees_nothing_of_it_and_an_author_only_looks(desk):
    _owner, client = desk
    for role, status in (("client", 403), ("author", 200)):
        person = make_person(client.workspace, "member", name=role, language="en")
        give_role(client, person, role)
        page = browser(person).get(reverse("kaizen"))
        assert page.status_code == status
        assert "Try a change" not in page.content.decode()
        assert browser(person).get(f"{reverse('kaizen_rows')}?figure=cycle").status_code == status


def test_the_cards_below_the_board_cost_the_same_for_three_pieces_and_for_thirty(
    desk, django_assert_max_num_queries
):
    owner, client = desk
    busy(client, 3)
    actor = actor_for(owner)
    with django_assert_max_num_queries(9):
        cards = kaizen_cards(actor, None)
    busy(client, 12)
    with django_assert_max_num_queries(9):
        cards = kaizen_cards(actor, None)
    html = render_to_string("kaizen/under_board.html", cards)
    assert html.count("<section") == 3


def test_the_board_asks_for_its_cards_when_they_come_into_sight(desk):
    owner, client = desk
    busy(client)
    page = browser(owner)
    assert reverse("kaizen_cards") in page.get(reverse("board")).content.decode()
    cards = page.get(reverse("kaizen_cards"), {"client": client.pk}).content.decode()
    assert "From idea to publication" in cards
    assert "<html" not in cards


def test_the_page_asks_a_bounded_number_of_queries(desk, django_assert_max_num_queries):
    owner, client = desk
    busy(client, 12)
    page = browser(owner)
    page.get(reverse("kaizen"))
    with django_assert_max_num_queries(40):
        page.get(reverse("kaizen"))

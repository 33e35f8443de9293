"""The stop, the going on, and many held posts, through their pages and the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from niva.domains.clients.factories import give_role, make_client, make_person
from niva.domains.clients.models import Client, Role
from niva.domains.people.actor import machine
from niva.domains.people.models import AuditEvent, WorkspaceRole
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.kit.text import plain

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def scheduled(house, at=HOUR, **changes) -> Delivery:
    post = make_post(house.community, title="Рёбрышки")
    actor = machine(house.workspace)
    delivery = schedule.schedule(actor, post_id=post.pk, at=timezone.now() + HOUR).deliveries[0]
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() + at, **changes)
    return delivery


def held(house, hours: int = 5) -> Delivery:
    return scheduled(house, -hours * HOUR, state=State.HELD, code="too_late", wake_at=None)


def read(browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, answer.status_code
    return plain(answer.content.decode())


def state(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.state


def test_the_page_tells_the_scale_asks_why_and_stops(house, anya):
    delivery = scheduled(house)
    url = reverse("client_stop", args=[house.client.pk])
    shown = read(anya, url)
    assert "1 post will be held" in shown and "in 1 community" in shown
    answer = anya.post(url, {"reason": ""})
    assert answer.status_code == 422 and state(delivery) == State.QUEUED
    answer = anya.post(url, {"reason": "x" * 300})
    assert answer.status_code == 422 and "x" * 300 in answer.content.decode()  # nothing typed is lost
    assert anya.post(url, {"reason": "Пожар <b>на ферме</b>"}).url == reverse(
        "client", args=[house.client.pk]
    )
    assert state(delivery) == State.HELD
    for page in (
        reverse("client", args=[house.client.pk]),
        reverse("client_communities", args=[house.client.pk]),
        reverse("post_show", args=[delivery.post_id]),
        reverse("post_edit", args=[delivery.post_id]),
        reverse("plan"),
        reverse("today"),
    ):
        text = anya.get(page).content.decode()
        assert "Пожар &lt;b&gt;на ферме&lt;/b&gt;" in text, page
        assert "<b>на ферме" not in text
        assert reverse("client_go_on", args=[house.client.pk]) in text, page


def test_letting_go_on_brings_the_future_back_and_asks_about_the_past(house, anya):
    later, missed = scheduled(house), scheduled(house)
    anya.post(reverse("client_stop", args=[house.client.pk]), {"reason": "Пожар"})
    Delivery.objects.filter(pk=missed.pk).update(due_at=timezone.now() - HOUR)
    url = reverse("client_go_on", args=[house.client.pk])
    shown = read(anya, url)
    assert "1 post goes back to its hour" in shown and "The hour of 1 post has passed" in shown
    assert anya.post(url, {"past": "whatever"}).status_code == 422
    assert state(later) == State.HELD
    assert anya.post(url, {"past": "hold"}).url == reverse("client_held", args=[house.client.pk])
    assert (state(later), state(missed)) == (State.QUEUED, State.HELD)
    assert "passed while publishing was stopped" in read(anya, reverse("client_held", args=[house.client.pk]))
    assert "is not stopped" in read(anya, url)


def test_the_client_himself_may_stop_and_not_let_go_on(house):
    delivery = scheduled(house)
    klava = house.browser(house.klava)
    assert reverse("stop_which") in read(klava, reverse("today"))
    assert klava.get(reverse("stop_which")).url == reverse("client_stop", args=[house.client.pk])
    klava.post(reverse("client_stop", args=[house.client.pk]), {"reason": "Молчим"})
    assert state(delivery) == State.HELD
    assert Client.objects.get(pk=house.client.pk).stopped_by == house.klava
    shown = read(klava, reverse("client", args=[house.client.pk]))
    assert "Молчим" in shown and reverse("client_go_on", args=[house.client.pk]) not in shown
    assert klava.get(reverse("client_go_on", args=[house.client.pk])).status_code == 403
    assert klava.post(reverse("client_go_on", args=[house.client.pk]), {"past": "now"}).status_code == 403
    assert state(delivery) == State.HELD


def test_an_author_may_do_neither_and_is_offered_neither(house):
    gleb = house.browser(house.gleb)
    assert reverse("stop_which") not in read(gleb, reverse("today"))
    assert reverse("client_stop", args=[house.client.pk]) not in read(
        gleb, reverse("client", args=[house.client.pk])
    )
    assert gleb.get(reverse("stop_which")).status_code == 403
    assert gleb.post(reverse("client_stop", args=[house.client.pk]), {"reason": "x"}).status_code == 403


def test_one_tap_from_today_leads_to_the_choice_of_the_client(house, anya):
    other = make_client(house.workspace, name="Парки")
    shown = read(anya, reverse("stop_which"))
    assert reverse("client_stop", args=[house.client.pk]) in shown
    assert reverse("client_stop", args=[other.pk]) in shown
    assert "Чужой заказчик" not in shown


@pytest.mark.parametrize(
    ("do", "after"), [("now", State.QUEUED), ("spread", State.QUEUED), ("cancel", State.CANCELLED)]
)
def test_one_decision_for_those_that_are_ticked(house, anya, do, after):
    ticked, left = [held(house, 7), held(house, 6)], held(house, 5)
    url = reverse("client_held", args=[house.client.pk])
    assert "Nearest free" in read(anya, url)
    anya.post(url, {"do": do, "delivery": [one.pk for one in ticked]})
    assert [state(one) for one in ticked] == [after, after]
    assert state(left) == State.HELD
    if do == "spread":
        due = [one.due_at for one in ticked]
        assert timezone.now() < due[0] < due[1]


@pytest.mark.parametrize(
    "typed",
    [{}, {"do": "now"}, {"do": "explode", "delivery": "1"}, {"do": "now", "delivery": ["x", "9" * 30, "²"]}],
)
def test_nothing_chosen_is_asked_for_again(house, anya, typed):
    delivery = held(house)
    answer = anya.post(reverse("client_held", args=[house.client.pk]), typed)
    assert answer.status_code == 422
    assert state(delivery) == State.HELD


def test_another_clients_held_post_is_not_decided_through_this_page(house, anya):
    other = make_client(house.workspace, name="Парки")
    delivery = held(house)
    anya.post(reverse("client_held", args=[other.pk]), {"do": "cancel", "delivery": [delivery.pk]})
    assert state(delivery) == State.HELD
    klava = house.browser(house.klava)
    assert "Publish now" not in read(klava, reverse("client_held", args=[house.client.pk]))
    answer = klava.post(
        reverse("client_held", args=[house.client.pk]), {"do": "cancel", "delivery": [delivery.pk]}
    )
    assert answer.status_code == 403


# Today


def test_several_of_one_reason_stand_on_one_line_and_one_alone_is_decided_there(house, anya):
    first = held(house, 9)
    shown = read(anya, reverse("today"))
    for verb in ("now", "move", "cancel"):
        assert reverse("delivery_act", args=[first.pk, verb]) in shown
    answer = anya.post(reverse("delivery_act", args=[first.pk, "now"]), {"back": "today"})
    assert answer.url == reverse("today") and state(first) == State.QUEUED
    Delivery.objects.filter(pk=first.pk).update(state=State.HELD, code="too_late", wake_at=None)
    second = held(house, 8)
    shown = read(anya, reverse("today"))
    assert "2 posts are held" in shown and reverse("client_held", args=[house.client.pk]) in shown
    assert reverse("delivery_act", args=[second.pk, "now"]) not in shown
    assert "2 posts are held and wait" in read(anya, reverse("client", args=[house.client.pk]))


def test_who_may_not_publish_sees_the_line_without_its_buttons(house):
    first = held(house, 9)
    shown = read(house.browser(house.gleb), reverse("today"))
    assert "is held" in shown and reverse("delivery_act", args=[first.pk, "now"]) not in shown


def test_an_editor_of_one_client_stops_only_that_one(house):
    editor = make_person(house.workspace, WorkspaceRole.MEMBER, language="en")
    give_role(house.client, editor, Role.EDITOR)
    other = make_client(house.workspace, name="Парки")
    browser = house.browser(editor)
    assert browser.post(reverse("client_stop", args=[other.pk]), {"reason": "x"}).status_code == 404
    assert browser.post(reverse("client_stop", args=[house.client.pk]), {"reason": "x"}).status_code == 302
    assert AuditEvent.objects.get(verb="client.stopped").user == editor

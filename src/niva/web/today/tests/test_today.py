"""The first screen through its door: what stands there, for whom, and what never does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community, make_slots
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Attempt, Delivery
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.kit.text import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor():
    return make_actor(make_workspace())


@pytest.fixture
def community(actor):
    return connect(make_community(make_client(actor.workspace, name="Пасека"), name="Пасека в сети"))


@pytest.fixture
def page(client, actor):
    client.force_login(actor.user)

    def get(path: str = "/") -> str:
        response = client.get(path)
        assert response.status_code == 200
        return plain(response.content.decode())

    return get


def fired(actor, community, state: str, **changes) -> Delivery:
    post = make_post(community, title="Мёд с горчичного поля")
    delivery = schedule.schedule(actor, post_id=post.pk).deliveries[0]
    Delivery.objects.filter(pk=delivery.pk).update(state=state, wake_at=None, **changes)
    return delivery


def test_a_desk_without_people_leads_to_the_first_sign_up(client):
    assert client.get("/").url == reverse("account_signup")


def test_strangers_sign_in_first(client, actor):
    assert client.get("/").url.startswith(reverse("account_login"))


def test_an_empty_day_says_what_to_do(page):
    assert reverse("post_new") in page()


@pytest.mark.parametrize(
    ("state", "code", "words", "goes_to"),
    [
        (State.UNKNOWN, "ask_person", "Неизвестно, вышел ли", "post_show"),
        (State.NEEDS_LOGIN, "not_connected", "Вход:", "community_connect"),
        (State.REJECTED, "rejected", "Исправить", "post_show"),
        (State.REMOVED, "found_missing", "Посмотреть", "post_show"),
    ],
)
def test_each_fire_has_its_reason_and_one_button(page, actor, community, state, code, words, goes_to):
    delivery = fired(actor, community, state, code=code)
    target = delivery.post_id if goes_to == "post_show" else community.pk
    shown = page()
    assert words in shown
    assert f'href="{reverse(goes_to, args=[target])}"' in shown
    assert "Мёд с горчичного поля" in shown


def test_a_settled_fire_may_be_let_be_and_an_unsettled_one_may_not(client, page, actor, community):
    refused = fired(actor, community, State.REJECTED, code="rejected")
    unknown = fired(actor, community, State.UNKNOWN, code="ask_person")
    page()
    for delivery in (refused, unknown):
        client.post(reverse("today_let_be", args=[delivery.pk]))
    assert Delivery.objects.get(pk=refused.pk).acknowledged_at
    assert not Delivery.objects.get(pk=unknown.pk).acknowledged_at
    lines = page(reverse("today_lines"))
    assert reverse("post_show", args=[refused.post_id]) not in lines
    assert reverse("post_show", args=[unknown.post_id]) in lines


def test_what_goes_out_what_is_still_a_draft_and_the_holes(page, actor, community):
    soon = timezone.localtime() + timedelta(minutes=5)
    going = make_post(community, title="Выйдет скоро")
    schedule.schedule(actor, post_id=going.pk, at=soon)
    make_post(community, title="Ещё черновик", planned_at=timezone.now() + timedelta(hours=20))
    make_slots(community, tuple(range(7)), (soon + timedelta(hours=3)).time(), note="рецепт")
    shown = page()
    assert "Выйдет скоро" in shown or soon.hour == 23
    assert "Ещё черновик" in shown
    assert "рецепт" in shown


def test_two_communities_of_one_post_make_one_line(page, actor, community):
    second = connect(make_community(community.client, name="Вторая"))
    post = make_post(community, second, title="Один на двоих")
    schedule.schedule(actor, post_id=post.pk, at=timezone.now() + timedelta(minutes=1))
    assert page().count("Один на двоих") == 1


def test_titles_are_shown_as_written_not_run(page, actor, community):
    make_post(community, title="<script>alert(1)</script>", planned_at=timezone.now() + timedelta(hours=3))
    assert "<script>alert(1)" not in page()


def test_a_member_without_a_role_sees_nothing_of_it(client, actor, community):
    delivery = fired(actor, community, State.UNKNOWN, code="ask_person")
    member = make_actor(actor.workspace, "member")
    client.force_login(member.user)
    assert "горчичного" not in client.get("/").content.decode()
    assert client.get(reverse("post_show", args=[delivery.post_id])).status_code == 404
    assert client.post(reverse("today_let_be", args=[delivery.pk])).status_code == 404


def test_the_page_asks_a_bounded_number_of_queries(client, actor, community, django_assert_max_num_queries):
    for number in range(30):
        make_post(community, title=f"Пост {number}", planned_at=timezone.now() + timedelta(hours=number))
    fired(actor, community, State.UNKNOWN, code="ask_person")
    client.force_login(actor.user)
    with django_assert_max_num_queries(41):
        client.get("/")


# Decided on the line


def test_an_unclear_one_is_looked_at_in_the_network_and_answered_on_its_line(client, page, actor, community):
    type(community).objects.filter(pk=community.pk).update(url="https://example.org/paseka")
    delivery = fired(actor, community, State.UNKNOWN, code="no_answer")
    attempt = Attempt.objects.create(
        delivery=delivery, step="create", number=1, key="0" * 32, revision=delivery.revision,
        outcome="unknown", code="no_answer", finished_at=timezone.now(),
    )  # fmt: skip
    shown = page()
    assert 'href="https://example.org/paseka" rel="noopener" target="_blank"' in shown
    out, absent = (reverse("delivery_act", args=[delivery.pk, verb]) for verb in ("out", "not-out"))
    assert out in shown and absent in shown
    answer = client.post(out, {"url": "https://example.org/paseka/1", "back": "today"})
    assert answer.url == reverse("today")
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.code) == ("done", "said_by_person")
    assert out not in page()


def test_while_the_desk_itself_still_looks_nobody_is_asked(page, actor, community):
    delivery = fired(actor, community, State.UNKNOWN, code="not_found_yet")
    Delivery.objects.filter(pk=delivery.pk).update(wake_at=timezone.now() + timedelta(minutes=5))
    assert reverse("delivery_act", args=[delivery.pk, "out"]) not in page()


def test_the_way_back_leads_to_this_list_and_nowhere_else(client, page, actor, community):
    delivery = fired(actor, community, State.HELD, code="too_late")
    url = reverse("delivery_act", args=[delivery.pk, "cancel"])
    answer = client.post(url, {"back": "https://example.org/"})
    assert answer.url == reverse("post_show", args=[delivery.post_id])

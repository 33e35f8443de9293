"""What people publish themselves: nobody is called, a task has two answers, and none is told twice."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone, translation

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities import services as communities
from niva.domains.communities.factories import connect, make_community
from niva.domains.communities.models import Community
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.people.models import AuditEvent
from niva.domains.publishing import queries
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.services import by_hand, schedule
from niva.domains.publishing.states import State
from niva.domains.publishing.tests.test_delivery import stage
from niva.flows.by_hand import switch

LINK = "https://forum.example.org/topic/7"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def actor(db):
    return make_actor(make_workspace(), language="en")


@pytest.fixture
def place(actor):
    return communities.add(
        actor=actor,
        client_id=make_client(actor.workspace).pk,
        network="elsewhere",
        name="Форум",
        task="leads",
    )


def task_of(actor, community, text="Урожай собран", **hours) -> Delivery:
    """A delivery whose hour has come, as the engine leaves it."""
    post = make_post(community, text=text)
    schedule.schedule(actor, post_id=post.pk)
    delivery = Delivery.objects.get(post=post)
    Delivery.objects.filter(pk=delivery.pk).update(
        state=State.HELD, code="by_hand", wake_at=None, due_at=timezone.now() - timedelta(**hours)
    )
    delivery.refresh_from_db()
    return delivery


def test_a_place_without_an_api_is_kept_by_hand_from_the_start(actor, place):
    assert place.by_hand and place.takes_posts
    with pytest.raises(Invalid, match="by hand"):
        communities.keep_by_hand(actor=actor, community_id=place.pk, on=False)


def test_the_link_proves_it_and_stands_in_the_trail(actor, place):
    delivery = task_of(actor, place)
    publication = by_hand.it_is_out(actor, delivery_id=delivery.pk, url=" forum.example.org/topic/7 ")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.code, delivery.wake_at) == ("published", "", None)
    assert (publication.url, publication.sight) == (LINK, "untold")
    assert AuditEvent.objects.get(verb="delivery.done_by_hand").details["url"] == LINK
    assert not queries.by_hand(actor).exists()


@pytest.mark.parametrize(
    "wrong", ["", "nonsense", "ftp://example.org/1", "javascript:alert(1)", "http://localhost/1", "https://10.0.0.1/x",
              "https://user:word@example.org/", "https://example.org/" + "a" * 600]
)  # fmt: skip
def test_what_is_no_address_proves_nothing(actor, place, wrong):
    delivery = task_of(actor, place)
    with pytest.raises(Invalid) as caught:
        by_hand.it_is_out(actor, delivery_id=delivery.pk, url=wrong)
    assert list(caught.value.errors) == ["url"]
    assert not Publication.objects.exists()


def test_a_link_proves_one_post_only(actor, place):
    by_hand.it_is_out(actor, delivery_id=task_of(actor, place).pk, url=LINK)
    second = task_of(actor, place, "Второй пост")
    with pytest.raises(Invalid, match="another post"):
        by_hand.it_is_out(actor, delivery_id=second.pk, url=LINK)


def test_told_twice_alike_is_told_once_and_otherwise_the_first_answer_stays(actor, place):
    delivery = task_of(actor, place)
    first = by_hand.it_is_out(actor, delivery_id=delivery.pk, url=LINK)
    assert by_hand.it_is_out(actor, delivery_id=delivery.pk, url=LINK).pk == first.pk
    for answer in (
        lambda: by_hand.it_is_out(actor, delivery_id=delivery.pk, url=LINK + "8"),
        lambda: by_hand.it_is_not_out(actor, delivery_id=delivery.pk, reason="нет"),
    ):
        with pytest.raises(Invalid, match="answered already"):
            answer()
    assert AuditEvent.objects.filter(verb="delivery.done_by_hand").count() == 1


def test_not_published_keeps_the_reason_and_the_post_can_be_brought_back(actor, place):
    delivery = task_of(actor, place)
    with pytest.raises(Invalid, match="few words"):
        by_hand.it_is_not_out(actor, delivery_id=delivery.pk, reason="  ")
    by_hand.it_is_not_out(actor, delivery_id=delivery.pk, reason="Форум закрыт")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.code, delivery.detail) == ("cancelled", "not_by_hand", "Форум закрыт")
    schedule.reschedule(actor, delivery_id=delivery.pk, at=timezone.now() + timedelta(hours=1))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.detail) == ("queued", "")


def test_it_may_be_done_before_its_hour(actor, place):
    post = make_post(place)
    schedule.schedule(actor, post_id=post.pk, at=timezone.now() + timedelta(hours=5))
    delivery = Delivery.objects.get(post=post)
    by_hand.it_is_out(actor, delivery_id=delivery.pk, url="", no_link=True)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.wake_at) == ("published", None)
    assert Publication.objects.get().url == ""


def test_a_post_of_another_community_is_not_to_be_said_out_by_hand(actor, place):
    other = connect(make_community(place.client))
    post = make_post(other)
    schedule.schedule(actor, post_id=post.pk, at=timezone.now() + timedelta(hours=5))
    with pytest.raises(Invalid, match="answered already"):
        by_hand.it_is_out(actor, delivery_id=Delivery.objects.get(post=post).pk, url=LINK)


def test_the_link_is_corrected_later(actor, place):
    publication = by_hand.it_is_out(actor, delivery_id=task_of(actor, place).pk, url=LINK)
    by_hand.put_link(actor, publication_id=publication.pk, url=LINK + "9")
    publication.refresh_from_db()
    assert (publication.url, publication.remote_id) == (LINK + "9", LINK + "9")
    Publication.objects.filter(pk=publication.pk).update(extra={})
    with pytest.raises(Invalid, match="network itself"):
        by_hand.put_link(actor, publication_id=publication.pk, url=LINK)


def test_late_ones_burn_others_do_not_and_a_stopped_client_has_none(actor, place):
    task_of(actor, place, minutes=5)
    assert (queries.by_hand(actor).count(), queries.burning(actor)) == (1, 0)
    task_of(actor, place, "Второй", minutes=45)
    assert (queries.by_hand(actor).count(), queries.burning(actor)) == (2, 1)
    assert not queries.fires(actor).exists() and not queries.held(actor).exists()
    place.client.stopped_at = timezone.now()
    place.client.save()
    assert (queries.by_hand(actor).count(), queries.burning(actor)) == (0, 0)


def test_strangers_find_no_task(actor, place):
    delivery = task_of(actor, place)
    stranger = make_actor(make_workspace(), language="en")
    for answer in (by_hand.it_is_out, by_hand.it_is_not_out):
        with pytest.raises(NotFound):
            answer(
                stranger,
                delivery_id=delivery.pk,
                **{"url": LINK} if answer is by_hand.it_is_out else {"reason": "x"},
            )


def test_a_switch_to_by_hand_frees_what_waited_for_a_sign_in(actor):
    community = make_community(make_client(actor.workspace), "vk")
    post = make_post(community)
    schedule.schedule(actor, post_id=post.pk)
    Delivery.objects.update(state=State.NEEDS_LOGIN, wake_at=None)
    community, resumed = switch(actor=actor, community_id=community.pk, on=True, url="vk.com/hutor")
    assert (community.by_hand, community.url, resumed) == (True, "https://vk.com/hutor", 1)
    assert Delivery.objects.get().state == "queued"
    community, _resumed = switch(actor=actor, community_id=community.pk, on=False)
    assert not community.takes_posts


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_once_one_answers():
    actor = make_actor(make_workspace(), language="en")
    place = communities.add(
        actor=actor,
        client_id=make_client(actor.workspace).pk,
        network="elsewhere",
        name="Форум",
        task="leads",
    )
    delivery = task_of(actor, place)
    start, told = threading.Barrier(2), []

    def press(url: str) -> None:
        start.wait()
        try:
            told.append(by_hand.it_is_out(actor, delivery_id=delivery.pk, url=url).url)
        except Invalid:
            told.append("refused")
        finally:
            connection.close()

    people = [threading.Thread(target=press, args=(f"{LINK}{n}",)) for n in (1, 2)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(told)[-1] == "refused" and len(told) == 2
    assert Publication.objects.count() == 1


@pytest.mark.django_db(transaction=True)
async def test_at_its_hour_it_becomes_a_task_and_no_call_is_made():
    """The engine itself: connected or not, late or not, nothing leaves; what is in doubt is asked about."""
    async with stage() as scene:
        community = scene.delivery.community
        community.by_hand, community.state = True, "needs_login"
        await community.asave()
        scene.ahead = timedelta(days=2)
        delivery = await scene.run()
        assert (delivery.state, delivery.code, delivery.wake_at) == ("held", "by_hand", None)
        assert scene.posts() == []
        assert await delivery.attempts.acount() == 0


@pytest.mark.django_db(transaction=True)
async def test_what_may_be_out_already_is_a_question_and_no_task():
    async with stage("neither") as scene:
        scene.harness.fault("accepted_then_timeout")
        delivery = await scene.run()
        assert delivery.state == "unknown"
        community = delivery.community_id
        await Community.objects.filter(pk=community).aupdate(by_hand=True)
        await Delivery.objects.aupdate(wake_at=timezone.now())
        delivery = await scene.run()
        assert (delivery.state, len(scene.posts())) == ("unknown", 1)

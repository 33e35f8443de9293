"""The stop of a client, the late policy, and the decision about many held posts."""

from __future__ import annotations

import itertools
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Client, Role
from niva.domains.communities.factories import connect, make_community, make_slots
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden, Invalid, NotFound
from niva.domains.people.models import AuditEvent, WorkspaceRole
from niva.domains.publishing import queries
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Attempt, Delivery
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.flows import held, stop

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class House:
    """One client with two communities, and as many posts as a test wants."""

    def __init__(self) -> None:
        self.actor = make_actor(make_workspace())
        self.client = make_client(self.actor.workspace)
        self.communities = [connect(make_community(self.client, network)) for network in ("vk", "telegram")]

    def post(self, at, *communities, state: str = State.QUEUED, **changes) -> Delivery:
        """A scheduled delivery at `at` (a difference from now), then put into `state`."""
        made = make_post(*(communities or self.communities[:1]))
        delivery = schedule.schedule(self.actor, post_id=made.pk, at=timezone.now() + abs(at)).deliveries[0]
        wake = None if state in (State.HELD, State.NEEDS_LOGIN) else timezone.now() + at
        values = {"due_at": timezone.now() + at, "wake_at": wake, "state": state, **changes}
        Delivery.objects.filter(pk=delivery.pk).update(**values)
        return delivery

    def someone(self, role: str) -> Actor:
        user = make_person(self.actor.workspace, WorkspaceRole.MEMBER)
        give_role(self.client, user, role)
        return Actor(self.actor.workspace, user, WorkspaceRole.MEMBER, {self.client.pk: role})

    def stop(self, actor=None) -> int:
        return stop.stop(actor or self.actor, client_id=self.client.pk, reason="Пожар на ферме")

    def state(self, delivery: Delivery) -> tuple[str, str, bool]:
        delivery.refresh_from_db()
        return delivery.state, delivery.code, delivery.wake_at is not None


@pytest.fixture
def house() -> House:
    return House()


def doubt(delivery: Delivery) -> None:
    Attempt.objects.create(
        delivery=delivery, step="create", number=1, key="0" * 32, revision=delivery.revision,
        outcome="unknown", code="no_answer", finished_at=timezone.now(),
    )  # fmt: skip


HELD = (State.HELD, "client_stopped", False)


def test_a_stop_holds_what_would_go_out_and_leaves_the_rest_alone(house):
    held_ones = [house.post(HOUR), house.post(-HOUR / 60, state=State.WAITING),
                 house.post(HOUR, state=State.NEEDS_LOGIN)]  # fmt: skip
    refused = house.post(HOUR, state=State.REJECTED, wake_at=None)
    unclear = house.post(-HOUR, state=State.NEEDS_LOGIN)
    doubt(unclear)
    looked_for = house.post(-HOUR, state=State.UNKNOWN)
    sending = house.post(-HOUR / 60, state=State.SENDING)
    others = make_post(connect(make_community(make_client(house.actor.workspace))))
    other = schedule.schedule(house.actor, post_id=others.pk, at=timezone.now() + HOUR).deliveries[0]
    scale = stop.ahead(house.client.pk)
    assert (scale.deliveries, scale.posts, scale.communities) == (3, 3, 1)
    assert house.stop() == 3
    assert [house.state(one) for one in held_ones] == [HELD] * 3
    assert house.state(refused)[0] == State.REJECTED
    assert house.state(unclear)[0] == State.NEEDS_LOGIN
    assert house.state(looked_for) == (State.UNKNOWN, "", True)
    assert house.state(sending)[0] == State.SENDING
    assert house.state(other)[0] == State.QUEUED
    event = AuditEvent.objects.get(verb="client.stopped")
    assert (event.details["reason"], event.client_id) == ("Пожар на ферме", house.client.pk)


def test_what_is_scheduled_or_moved_meanwhile_is_held_too(house):
    house.stop()
    post = make_post(*house.communities)
    made = schedule.schedule(house.actor, post_id=post.pk, at=timezone.now() + HOUR)
    assert made.is_held and [house.state(one) for one in made.deliveries] == [HELD] * 2
    moved = schedule.reschedule(house.actor, delivery_id=made.deliveries[0].pk, at=timezone.now() + 2 * HOUR)
    assert house.state(moved) == HELD
    unclear = house.post(HOUR, state=State.UNKNOWN, wake_at=None)
    doubt(unclear)
    schedule.say_it_is_not_out(house.actor, delivery_id=unclear.pk, send_again=True)
    assert house.state(unclear) == HELD
    assert house.state(schedule.cancel(house.actor, delivery_id=moved.pk))[0] == State.CANCELLED


@pytest.mark.parametrize(
    ("past", "state", "code"),
    [("now", State.QUEUED, ""), ("spread", State.QUEUED, ""), ("hold", State.HELD, "stop_ended")],
)
def test_let_go_on_the_future_leaves_at_its_hour_and_the_past_as_told(house, past, state, code):
    later, missed = house.post(HOUR), house.post(HOUR)
    asked = house.post(-HOUR, state=State.UNKNOWN, code="client_stopped", wake_at=None)
    house.stop()
    Delivery.objects.filter(pk=missed.pk).update(due_at=timezone.now() - HOUR)
    was_due = later.due_at
    went = stop.go_on(house.actor, client_id=house.client.pk, past=past)
    assert (went.queued, went.missed, went.looked) == (1, 1, 1)
    assert house.state(later) == (State.QUEUED, "", True)
    assert later.due_at == later.wake_at and abs(later.due_at - was_due) < HOUR
    assert house.state(missed) == (state, code, state == State.QUEUED)
    assert house.state(asked) == (State.UNKNOWN, "", True)
    if past == "now":
        assert abs(missed.due_at - timezone.now()) < HOUR / 60
    if past == "spread":
        assert missed.due_at > timezone.now()
    fresh = Client.objects.get(pk=house.client.pk)
    assert (fresh.stopped_at, fresh.stopped_by, fresh.stopped_reason) == (None, None, "")
    assert AuditEvent.objects.get(verb="client.let_go_on").details["reason"] == "Пожар на ферме"


def test_twice_is_once(house):
    delivery = house.post(HOUR)
    assert (house.stop(), house.stop()) == (1, 0)
    assert AuditEvent.objects.filter(verb="client.stopped").count() == 1
    stop.go_on(house.actor, client_id=house.client.pk, past="hold")
    again = stop.go_on(house.actor, client_id=house.client.pk, past="now")
    assert (again.queued, again.missed, again.decided.done) == (0, 0, 0)
    assert house.state(delivery)[0] == State.QUEUED


@pytest.mark.parametrize("reason", ["", "   ", "\x00", "я" * 241])
def test_a_reason_is_asked_for(house, reason):
    delivery = house.post(HOUR)
    with pytest.raises(Invalid):
        stop.stop(house.actor, client_id=house.client.pk, reason=reason)
    assert house.state(delivery)[0] == State.QUEUED


@pytest.mark.parametrize("role", list(Role))
def test_who_may_stop_and_who_may_let_go_on(house, role):
    person = house.someone(role)
    if role in (Role.OWNER, Role.MANAGER, Role.EDITOR, Role.COMMUNITY_MANAGER, Role.CLIENT):
        house.stop(person)
    else:
        with pytest.raises(Forbidden):
            house.stop(person)
        house.stop()
    if role in (Role.OWNER, Role.MANAGER, Role.EDITOR, Role.COMMUNITY_MANAGER):
        stop.go_on(person, client_id=house.client.pk, past="hold")
    else:
        with pytest.raises(Forbidden):
            stop.go_on(person, client_id=house.client.pk, past="hold")


def test_strangers_can_neither(house):
    stranger = make_actor(make_workspace("Чужие"))
    with pytest.raises(NotFound):
        house.stop(stranger)
    with pytest.raises(NotFound):
        stop.go_on(stranger, client_id=house.client.pk, past="hold")


# Late after a new sign-in


@pytest.mark.parametrize(
    ("late", "allowed", "state", "code"),
    [(50, 60, State.QUEUED, ""), (70, 60, State.HELD, "too_late"), (700, 720, State.QUEUED, "")],
)
def test_after_a_new_sign_in_only_what_the_community_finds_timely_goes_out(house, late, allowed, state, code):
    community = house.communities[0]
    type(community).objects.filter(pk=community.pk).update(late_minutes=allowed)
    delivery = house.post(-timedelta(minutes=late), state=State.NEEDS_LOGIN)
    resumed, left = schedule.resume_after_login(community.pk)
    assert house.state(delivery) == (state, code, state == State.QUEUED)
    assert (resumed, left) == ((1, 0) if state == State.QUEUED else (0, 1))


def test_a_new_sign_in_at_a_stopped_client_sends_nothing(house):
    house.stop()
    timely = house.post(HOUR, state=State.NEEDS_LOGIN)
    schedule.resume_after_login(house.communities[0].pk)
    assert house.state(timely) == HELD


# Many at once


def test_many_are_published_in_the_order_of_their_hours_or_cancelled(house):
    rows = [house.post(-n * HOUR, state=State.HELD, code="too_late") for n in (9, 8, 7)]
    out = rows.pop()
    Delivery.objects.filter(pk=out.pk).update(state=State.SENDING)
    told = held.publish_now(house.actor, deliveries=[*(one.pk for one in rows), out.pk])
    assert told.done == 2 and len(told.refused) == 1
    states = [house.state(one) for one in rows]
    assert states == [(State.QUEUED, "", True)] * 2 and rows[0].wake_at < rows[1].wake_at
    assert held.cancel(house.actor, deliveries=[one.pk for one in rows]).done == 2
    assert {house.state(one)[0] for one in rows} == {State.CANCELLED}


def test_many_are_spread_over_free_slots_then_over_free_hours_of_each_community(house):
    slotted, plain = house.communities
    make_slots(slotted, (0, 3), time(12))
    rows = [house.post(-n * HOUR, slotted, state=State.HELD, code="too_late") for n in (9, 8, 7, 6, 5, 4)]
    plain_rows = [house.post(-n * HOUR, plain, state=State.HELD, code="too_late") for n in (3, 2)]
    wanted = [one.pk for one in (*rows, *plain_rows)]
    hours = held.proposed(house.actor, deliveries=wanted)
    assert held.spread(house.actor, deliveries=wanted).done == 8
    for several in (rows, plain_rows):
        for one in several:
            one.refresh_from_db()
        due = [one.due_at for one in several]
        assert due == sorted(set(due)) and due[0] > timezone.now()
        assert all(one.pk in hours for one in several)
        assert all(later - sooner >= HOUR / 2 for sooner, later in itertools.pairwise(due))
    at_noon = [one for one in rows if one.due_at.astimezone(_zone(slotted)).strftime("%H:%M") == "12:00"]
    assert len(at_noon) >= 3  # two weeks have four such slots at most; the rest go between them
    assert all(one.due_at.astimezone(_zone(plain)).hour in held.AWAKE for one in plain_rows)


def _zone(community) -> ZoneInfo:
    return ZoneInfo(community.time_zone)


def test_what_is_not_yours_is_not_decided(house):
    delivery = house.post(-HOUR, state=State.HELD, code="too_late")
    author = house.someone(Role.AUTHOR)
    for decide in (held.publish_now, held.cancel, held.spread):
        with pytest.raises(Forbidden):
            decide(author, deliveries=[delivery.pk])
    stranger = make_actor(make_workspace("Чужие"))
    with pytest.raises(NotFound):
        held.cancel(stranger, deliveries=[delivery.pk])
    assert held.spread(stranger, deliveries=[delivery.pk]).done == 0
    assert house.state(delivery) == (State.HELD, "too_late", False)


def test_held_ones_are_told_by_client_and_reason(house):
    for n in range(3):
        house.post(-(n + 1) * HOUR, state=State.HELD, code="too_late")
    single = house.post(-HOUR, state=State.HELD, code="stop_ended")
    told = {group.code: group for group in queries.held_groups(house.actor)}
    assert (told["too_late"].size, told["too_late"].only) == (3, None)
    assert (told["stop_ended"].size, told["stop_ended"].only) == (1, single.pk)
    assert queries.held_groups(make_actor(make_workspace("Чужие"))) == []

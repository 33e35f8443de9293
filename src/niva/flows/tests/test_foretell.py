"""The death of keys foretold: which posts it takes along, said in time and about the right ones only."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import time, timedelta
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.communities.models import Community, CommunityState, DeveloperApp
from niva.domains.communities.models import Credential as Keys
from niva.domains.people.models import AuditEvent
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.repeating import Series
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.flows import foretell
from niva.flows.foretell import Ending, dooms
from niva.flows.talk import open_line
from niva.flows.today import today
from niva.kit.jobs.testing import empty
from niva.networks.base.errors import NeedsLogin, Temporary
from niva.networks.base.types import Account
from niva.networks.registry import get_network

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class House:
    def __init__(self) -> None:
        self.actor = make_actor(make_workspace())
        self.client = make_client(self.actor.workspace, name="Пасека")
        self.now = timezone.now()

    def community(self, ends: timedelta | None = None, **facts) -> Community:
        app = facts.pop("app", None)
        made = make_community(self.client, "vk", name="Пасека ВК")
        connect(made, facts=facts, expires_at=None if ends is None else self.now + ends)
        Keys.objects.filter(community=made).update(app=app)
        return Community.objects.get(pk=made.pk)

    def posts(self, community: Community, *after: timedelta) -> list[Delivery]:
        return [
            schedule.schedule(
                self.actor, post_id=make_post(community, text=f"Мёд {n}").pk, at=self.now + at
            ).deliveries[0]
            for n, at in enumerate(after)
        ]

    def told(self, **more) -> list[tuple[str, int, str]]:
        found = foretell.foretell(self.actor, self.now, **more)
        return [(one.ending.why, one.posts, one.urgency(self.now)) for one in found]


@pytest.fixture
def house() -> House:
    return House()


def test_only_posts_after_the_end_are_lost(house):
    community = house.community(5 * DAY)
    house.posts(community, 1 * DAY, 4 * DAY, 6 * DAY, 7 * DAY, 30 * DAY)
    (one,) = foretell.foretell(house.actor, house.now)
    assert (one.posts, one.ending.why, one.urgency(house.now)) == (3, "keys", "soon")
    assert abs(one.first - (house.now + 6 * DAY)) < timedelta(seconds=5)


def test_cancelled_and_thrown_away_posts_are_not_counted(house):
    community = house.community(5 * DAY)
    cancelled, binned, stays = house.posts(community, 6 * DAY, 6 * DAY, 6 * DAY)
    schedule.cancel(house.actor, delivery_id=cancelled.pk)
    binned.post.deleted_at = timezone.now()
    binned.post.save()
    assert house.told() == [("keys", 1, "soon")] and stays.state == State.QUEUED


@pytest.mark.parametrize(
    ("ends", "urgency"), [(20 * HOUR, "burns"), (6 * DAY, "soon"), (13 * DAY, "later"), (15 * DAY, None)]
)
def test_fourteen_seven_and_one_day(house, ends, urgency):
    house.posts(house.community(ends), 20 * DAY)
    assert [said for _why, _posts, said in house.told()] == ([urgency] if urgency else [])


def test_an_end_far_away_is_told_of_on_the_communitys_own_page(house):
    community = house.community(40 * DAY)
    house.posts(community, 41 * DAY)
    assert house.told() == []
    assert house.told(community_id=community.pk) == [("keys", 1, "later")]


def test_keys_that_renew_themselves_are_named_only_when_that_fails(house):
    fresh = house.community(HOUR, renews=True)
    house.posts(fresh, 2 * DAY)
    assert house.told() == []
    Keys.objects.filter(community=fresh).update(expires_at=house.now - foretell.RENEWAL_FAILS - HOUR)
    assert house.told() == [("renewal", 1, "burns")]


def test_the_known_end_of_a_renewal_key_counts(house):
    ends = (house.now + 3 * DAY).isoformat()
    house.posts(house.community(renews=True, renewal_ends_at=ends), 4 * DAY)
    house.posts(house.community(renews=True, renewal_ends_at="some day"), 4 * DAY)
    assert house.told() == [("keys", 1, "soon")]


def test_an_app_that_ends_takes_its_communities_along(house):
    ends = (house.now + 2 * DAY).isoformat()
    app = DeveloperApp.objects.create(
        workspace=house.actor.workspace, network="vk", name="Первое", app_id="1", sealed=b"",
        facts={"secret_expires_at": ends},
    )  # fmt: skip
    house.posts(house.community(app=app), 3 * DAY)
    house.posts(house.community(), 3 * DAY)
    assert house.told() == [("app", 1, "soon")]


def test_a_community_that_asks_to_sign_in_again_loses_what_is_planned(house):
    community = house.community()
    house.posts(community, 2 * DAY, 3 * DAY)
    Community.objects.update(state=CommunityState.NEEDS_LOGIN)
    assert house.told() == [("needs_login", 2, "burns")]
    assert foretell.endings(house.actor, house.now) == {community.pk: Ending(house.now, "needs_login")}


def test_posts_that_repeat_beyond_the_end_are_counted_for_the_community_that_ends(house):
    ends = house.community(3 * DAY)
    lasts = connect(make_community(house.client, "telegram"))
    for post in (make_post(ends, lasts), make_post(lasts), make_post(ends)):
        Series.objects.create(
            workspace=house.actor.workspace, client=house.client, post=post, rule="FREQ=DAILY;COUNT=30",
            starts_on=house.now.date(), ends_on=(house.now + 30 * DAY).date(), at=time(9),
        )  # fmt: skip
    (one,) = foretell.foretell(house.actor, house.now)
    assert (one.community, one.series) == (ends, 2)
    Series.objects.update(ended_at=house.now)
    assert foretell.foretell(house.actor, house.now)[0].series == 0


def test_others_see_nothing_of_it(house):
    house.posts(house.community(DAY), 2 * DAY)
    stranger = make_actor(make_workspace())
    assert foretell.foretell(stranger, house.now) == []
    assert foretell.endings(stranger, house.now) == {}


def test_what_dies_within_a_day_with_posts_burns_today(house):
    house.posts(house.community(20 * HOUR), 30 * HOUR)
    house.community(20 * HOUR)
    day = today(house.actor, zone="Europe/Moscow")
    assert [one.posts for one in day.dying_keys] == [1]
    assert [one.posts for one in day.late_keys] == [0]
    assert day.burning == 1


def test_the_questions_to_the_database_are_three_whatever_the_count(house, django_assert_max_num_queries):
    for n in range(6):
        house.posts(house.community((n + 1) * DAY), 10 * DAY)
    with django_assert_max_num_queries(3):
        assert len(house.told()) == 6


@pytest.mark.parametrize(
    ("state", "after", "doomed"),
    [("queued", HOUR, True), ("draft", HOUR, True), ("waiting", HOUR, True), ("queued", -HOUR, False),
     ("published", HOUR, False), ("cancelled", HOUR, False)],
)  # fmt: skip
def test_which_places_of_the_plan_are_marked(state, after, doomed):
    now = timezone.now()
    assert dooms(Ending(now, "keys"), now + after, state) is doomed
    assert not dooms(None, now + after, state)


# Tried once a day


class Told:
    def __init__(self) -> None:
        self.manifest = get_network("practice").manifest
        self.answer: object = Account(id="1", name="Пасека", lacks=("poll",))

    async def account(self, call):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@asynccontextmanager
async def trying(monkeypatch):
    network = Told()
    monkeypatch.setattr(foretell, "get_network", lambda _name: network)

    def prepare() -> Community:
        empty()
        return connect(make_community(make_client(make_workspace())))

    community = await sync_to_async(prepare)()
    try:
        async with open_line(connections=4, pool_size=2) as line:
            yield SimpleNamespace(network=network, community=community, line=line)
    finally:
        await sync_to_async(connections.close_all)()


@pytest.mark.django_db(transaction=True)
async def test_a_key_that_was_revoked_in_silence_is_found_before_its_post(monkeypatch):
    async with trying(monkeypatch) as it:
        it.network.answer = NeedsLogin("token_revoked")
        await foretell.try_keys(it.line, community_id=it.community.pk)
        row = await Community.objects.aget(pk=it.community.pk)
        assert (row.state, row.state_reason) == (CommunityState.NEEDS_LOGIN, "token_revoked")
        assert await AuditEvent.objects.filter(verb="community.needs_login").acount() == 1
        await foretell.try_keys(it.line, community_id=it.community.pk)  # and is not tried any more


@pytest.mark.django_db(transaction=True)
async def test_a_living_key_is_noted_with_what_it_lacks_and_a_silent_network_changes_nothing(monkeypatch):
    async with trying(monkeypatch) as it:
        long_ago = timezone.now() - 2 * DAY
        await Keys.objects.aupdate(checked_at=long_ago)
        it.network.answer = Temporary("server_error")
        await foretell.try_keys(it.line, community_id=it.community.pk)
        row = await Keys.objects.select_related("community").aget()
        assert (row.checked_at, row.community.state) == (long_ago, CommunityState.CONNECTED)

        it.network.answer = Account(id="1", name="Пасека", lacks=("poll",))
        await foretell.try_keys(it.line, community_id=it.community.pk)
        row = await Keys.objects.aget()
        assert row.checked_at > long_ago and row.lacks == ["poll"] and row.facts["account_mark"]


def test_only_connected_ones_that_were_not_tried_for_a_day_are_handed_out(house):
    fresh, due, away = (house.community() for _ in range(3))
    Keys.objects.filter(community__in=[due, away]).update(checked_at=house.now - 25 * HOUR)
    Community.objects.filter(pk=away.pk).update(state=CommunityState.NEEDS_LOGIN)
    assert foretell.hand_out_tries() == 1
    assert Keys.objects.get(community=fresh).checked_at > house.now - HOUR

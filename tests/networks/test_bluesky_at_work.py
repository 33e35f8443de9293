"""The desk's own machinery on a real PDS: keys proven and kept, a post out by the worker, keys renewed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities import keys
from niva.domains.communities.factories import make_community
from niva.domains.communities.models import Credential as Keys
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.flows import connect
from niva.flows.work import make_worker
from niva.kit.jobs.testing import empty
from niva.networks.base.errors import NeedsLogin
from tests.servers.pds import PdsUnavailable, Person, RealPds, shared_person

pytestmark = pytest.mark.django_db(transaction=True)


class Desk:
    """A community of a real account, connected as a person would do it by hand."""

    def __init__(self, pds: RealPds, person: Person) -> None:
        empty()
        self.pds, self.person = pds, person
        self.actor = make_actor(make_workspace())
        self.community = make_community(make_client(self.actor.workspace), network="bluesky")

    def typed(self, **changed: str) -> dict[str, str]:
        given = {"identifier": f"@{self.person.handle}", "app_password": self.person.app_password}
        return {**given, "service": self.pds.url, **changed}

    def connect(self, **changed: str) -> connect.Connected:
        values = self.typed(**changed)
        return connect.by_keys(actor=self.actor, community_id=self.community.pk, values=values)

    def publish(self, text: str) -> Delivery:
        post = make_post(self.community, text=text)
        delivery = schedule.schedule(self.actor, post_id=post.pk).deliveries[0]
        asyncio.run(make_worker(periodic=False).run_until_idle())
        return Delivery.objects.get(pk=delivery.pk)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    try:
        pds, person = shared_person()
    except PdsUnavailable as reason:
        pytest.skip(f"the real Bluesky PDS cannot run here: {reason}")
    monkeypatch.setenv("NIVA_INNER_HOSTS", pds.url)
    return Desk(pds, person)


def test_connecting_keeps_a_session_so_that_later_calls_need_no_password(desk: Desk):
    done = desk.connect()
    assert done.account.id == desk.person.did
    kept = keys.load(desk.community.pk)
    assert set(kept.secrets) == {"app_password", "access_token", "refresh_token"}
    assert kept.facts["did"] == desk.person.did
    assert kept.facts["access_expires_at"]


def test_wrong_password_keeps_nothing(desk: Desk):
    with pytest.raises(NeedsLogin) as refused:
        desk.connect(app_password="aaaa-bbbb-cccc-dddd")
    assert refused.value.code == "login_refused"
    assert not Keys.objects.filter(community=desk.community).exists()


def test_worker_publishes_once_and_renews_an_old_key_on_the_way(desk: Desk):
    desk.connect()
    old = keys.load(desk.community.pk)
    soon = (timezone.now() + timedelta(minutes=1)).isoformat()
    stale = replace(old, facts={**old.facts, "access_expires_at": soon})
    version = Keys.objects.get(community=desk.community).version
    assert keys.store_refreshed(desk.community.pk, version, stale)

    delivery = desk.publish("Жатва: https://example.org #урожай")

    assert delivery.state == State.PUBLISHED
    [record] = desk.pds.records(desk.person.did)
    assert record["value"]["text"] == "Жатва: https://example.org #урожай"
    assert len(record["value"]["facets"]) == 2
    fresh = keys.load(desk.community.pk)
    assert fresh.secrets["refresh_token"] != old.secrets["refresh_token"]
    assert fresh.facts["access_expires_at"] > soon

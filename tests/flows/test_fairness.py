"""One slow or limited account never holds up another: 300 posts wait, and another's 50 leave in seconds."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.communities.models import Community
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Attempt, Bucket, Delivery
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.flows import work
from niva.kit.jobs.testing import empty
from niva.networks.practice.server import Store, serve
from niva.networks.practice.server import faults as server_faults

pytestmark = pytest.mark.django_db(transaction=True)
MANY, FEW = 300, 50
IN_SECONDS = 20.0  # on a machine with seven other things to do; alone it takes two


def scheduled(actor, client, url: str, handle: str, access: str, count: int) -> Community:
    """A community of its own account at the practice network, with so many posts due now."""
    community = make_community(client, name=handle)
    connect(
        community,
        {"access_token": access},
        facts={"api_base": url, "handle": handle, "flavour": "keyed"},
    )
    first = schedule.schedule(actor, post_id=make_post(community).pk).deliveries[0]
    same = ("workspace_id", "client_id", "post_id", "variant_id", "revision_id", "due_at", "wake_at")
    values = {name: getattr(first, name) for name in same}
    Delivery.objects.bulk_create(
        Delivery(community=community, occurrence=number, **values) for number in range(1, count)
    )
    return community


@asynccontextmanager
async def two_accounts(monkeypatch, tmp_path: Path, kind: str, **params):
    """300 due at an account whose network has this fault, then 50 at another one."""
    monkeypatch.setattr(work, "GRACE", 0.2)
    async with serve(tmp_path / "state.sqlite3", port=0) as serving:
        monkeypatch.setenv("NIVA_INNER_HOSTS", serving.url.split("//")[1])

        store: Store = serving.store
        remotes = [store.add_community(handle=name, name=name, flavour="keyed") for name in ("slow", "quick")]
        keys = [store.issue(remote)[0] for remote in remotes]
        server_faults.arm(store, kind, remotes[0], count=None, **params)

        def prepare() -> tuple[Community, Community]:
            empty()
            actor = make_actor(make_workspace())
            client = make_client(actor.workspace)
            return (
                scheduled(actor, client, serving.url, "slow", keys[0], MANY),
                scheduled(actor, client, serving.url, "quick", keys[1], FEW),
            )

        slow, quick = await sync_to_async(prepare)()
        try:
            yield slow, quick
        finally:
            await sync_to_async(connections.close_all)()


async def seconds_until_out(community: Community, count: int) -> float:
    """Run one worker until so many posts of the community are out; the seconds that took."""
    worker = work.make_worker(periodic=False)
    running = asyncio.create_task(worker.run())
    begun = time.monotonic()
    try:
        async with asyncio.timeout(IN_SECONDS):
            out = Delivery.objects.filter(community=community, state=State.PUBLISHED)
            while True:
                if await out.acount() >= count:
                    return time.monotonic() - begun
                await asyncio.sleep(0.1)
    finally:
        worker.stop()
        worker.stop()
        await running


async def test_an_account_that_answers_in_twenty_seconds_holds_nobody_up(monkeypatch, tmp_path):
    async with two_accounts(monkeypatch, tmp_path, "slow", delay=20) as (slow, quick):
        await seconds_until_out(quick, FEW)
        assert not await Delivery.objects.filter(community=slow, state=State.PUBLISHED).aexists()


async def test_an_account_that_is_refused_for_an_hour_holds_nobody_up_and_is_left_alone(
    monkeypatch, tmp_path
):
    async with two_accounts(monkeypatch, tmp_path, "limit", retry_after=3600) as (slow, quick):
        await seconds_until_out(quick, FEW)
        refused = await Attempt.objects.filter(delivery__community=slow).acount()
        assert 0 < refused <= 40, "those on their way when the first was refused, and no more"
        assert await Bucket.objects.filter(blocked_until__isnull=False).acount() == 1
        left = Delivery.objects.filter(community=slow).exclude(state__in=[State.PUBLISHED, State.UNKNOWN])
        assert await left.acount() == MANY

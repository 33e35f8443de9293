"""One network under the whole desk: its simplest post written, scheduled, sent by a worker, and looked after.

The server behind it is the one that the network's harness opens. Time passes by moving what happened into the
past, so that the desk, its database and its limits agree.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from niva.domains.communities import keys
from niva.domains.communities.models import Community, CommunityState
from niva.domains.metrics.models import Reading, Schedule
from niva.domains.people.models import User
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Attempt, Delivery, Post, PostMedia
from niva.domains.publishing.services import media, schedule
from niva.domains.publishing.states import Outcome
from niva.flows import collect
from niva.flows.tests.scene import Scene, scene
from niva.flows.work import make_worker
from niva.kit.jobs.testing import empty
from niva.networks.base.testing import Harness
from niva.networks.base.types import Credential, Outgoing, Step

BASE: Final = "https://niva.example.org"  # where the desk is for networks that fetch files themselves
HURRY: Final = 1.0  # seconds of deadline where a server will stay silent
ROUNDS: Final = 20  # more wake-ups than any delivery here takes
_EARLIER: Final = (
    "update publishing_delivery set due_at = due_at - $1::interval, wake_at = wake_at - $1::interval",
    "update publishing_attempt set started_at = started_at - $1::interval",
    "update publishing_bucket set full_at = full_at - $1::interval, "
    "blocked_until = blocked_until - $1::interval",
)


class Passage:
    """`name`: the network; `harness`: its server; `folder`: for the samples."""

    def __init__(self, stage: Scene, name: str, folder: Path) -> None:
        self.stage, self.name, self.folder = stage, name, folder
        self.harness: Harness = stage.harnesses[name]
        self.abilities = self.harness.network.manifest.abilities

    @property
    def create(self) -> Step:
        """The call that makes the simplest post."""
        steps = self.harness.network.steps(self.harness.plain(self.folder), self.harness.credential)
        return next(step for step in steps if step.kind == "create")

    @property
    def community(self) -> Community:
        return self.stage.communities[self.name]

    # --- what people do ---

    async def sign_in(self, given: Credential) -> None:
        """Keys as the test button would keep them once it has proven them; what waits for them goes on."""

        def keep() -> None:
            community = Community.objects.get(pk=self.community.pk)
            keys.store(community, lasting(given), ())
            schedule.resume_after_login(community.pk)

        await self.stage.call(keep)

    async def write(self, out: Outgoing | None = None) -> Post:
        """In the composer's rows, scheduled for now; by default the simplest that the network takes."""
        return await self.stage.call(self._write, out or self.harness.plain(self.folder))

    def _write(self, out: Outgoing) -> Post:
        stage = self.stage
        more: dict[str, Any] = {}
        if out.link is not None:
            card = {"title": out.link.title, "description": out.link.description}
            more |= {"link_url": out.link.url, "link_card": card}
        if out.poll is not None:
            more["poll"] = {**asdict(out.poll), "options": list(out.poll.options)}
        post = make_post(self.community, text=out.text, first_comment=out.first_comment, **more)
        chain = {"parts": [part.text for part in out.thread], "numbered": False} if out.thread else None
        post.variants.update(options=dict(out.options), own_thread=chain)
        for position, one in enumerate(out.media):
            file = SimpleUploadedFile(one.path.name, one.path.read_bytes())
            asset = media.upload(stage.actor, client_id=stage.client.pk, file=file, alt=one.alt)
            PostMedia.objects.create(post=post, asset=asset, position=position)
        result = schedule.schedule(stage.actor, post_id=post.pk)
        assert not result.behind, [one.errors for one in result.behind]
        return post

    async def press(self, verb: str, delivery: Delivery) -> str:
        """A button of the post's page; the page that comes then, with what the desk says to it."""

        def pressed() -> str:
            browser = Client()
            browser.force_login(cast(User, self.stage.actor.user))
            page = browser.post(f"/posts/deliveries/{delivery.pk}/{verb}/", follow=True)
            assert page.status_code == 200
            return page.content.decode()

        return await self.stage.call(pressed)

    # --- what the desk does ---

    async def work(self) -> None:
        """The real worker, until nothing is due: limits, guarded connections, following, readings."""
        self._tell_the_time()
        await make_worker(periodic=False).run_until_idle()

    async def rest(self) -> Delivery:
        """Wake-up after wake-up, as if the time between had passed, until nothing happens by itself.

        By the engine alone, which waits no longer than `HURRY` for an answer.
        """
        self.stage.engine.deadline = HURRY
        for _ in range(ROUNDS):
            now = await self.delivery()
            if now.wake_at is None:
                return now
            await self.wait_until(now.wake_at)
            self._tell_the_time()
            await self.stage.send()
        raise AssertionError(f"{now.state} ({now.code}) after {ROUNDS} wake-ups")

    async def wait_until(self, moment: datetime) -> None:
        """All that happened so far was so much earlier: for the desk, its database, its limits."""
        if (time := moment - timezone.now()) > timedelta(0):
            for query in _EARLIER:
                await self.stage.pool.execute(query, time)

    async def count(self) -> None:
        """The hours of the readings come, those of the community and of what is out, as the limits allow."""

        def hand_out() -> bool:
            collect.hand_out()  # a community that nobody watches yet joins
            waiting = Schedule.objects.filter(last_at__isnull=True, code="", next_at__isnull=False)
            waiting.update(next_at=timezone.now())
            return bool(collect.hand_out())

        while await self.stage.call(hand_out):
            await self.wait_until(timezone.now() + timedelta(hours=1))
            await self.work()

    def _tell_the_time(self) -> None:
        """Servers that stamp posts by the harness's clock go with the desk."""
        self.harness.clock.time = datetime.now(UTC)

    # --- what is there then ---

    async def delivery(self) -> Delivery:
        return await self.stage.delivery(self.name)

    async def readings(self) -> dict[str, set[str]]:
        """What was counted, by subject."""
        found: dict[str, set[str]] = {}
        async for subject, metric in Reading.objects.values_list("subject", "metric"):
            found.setdefault(subject, set()).add(metric)
        return found

    async def is_connected(self) -> bool:
        return await Community.objects.filter(pk=self.community.pk, state=CommunityState.CONNECTED).aexists()

    async def ends(self) -> list[str]:
        """How the attempts that did not go well ended, in order."""
        rows = Attempt.objects.exclude(outcome=Outcome.DONE).order_by("pk")
        return [outcome async for outcome in rows.values_list("outcome", flat=True)]


def lasting(given: Credential) -> Credential:
    """Keys that a sign-in has just brought: none is about to end."""
    ends = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    return Credential(given.secrets, {"access_expires_at": ends, **given.facts}, given.expires_at)


@asynccontextmanager
async def passage(monkeypatch: Any, settings: Any, name: str, folder: Path) -> AsyncIterator[Passage]:
    """The network's server, and a desk with one community of it, connected."""
    settings.BASE_URL = BASE
    async with scene(monkeypatch, name) as stage:
        await stage.call(empty)
        it = Passage(stage, name, folder)
        await it.sign_in(it.harness.credential)
        yield it

"""The worker: which jobs there are, and what runs beside them. One process of many, at the same database."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from niva.domains.publishing.delivery.engine import Engine
from niva.domains.publishing.delivery.store import Store
from niva.flows import collect, look_again
from niva.flows.talk import Line, open_line
from niva.kit.jobs.django import dsn, enqueue, in_thread
from niva.kit.jobs.types import Handler, JobContext, Payload, Periodic
from niva.kit.jobs.worker import Worker, run_worker
from niva.networks.registry import get_network

# A delivery whose hour passed so long ago and that nobody holds has lost its job: the sweep wakes it.
LOST_AFTER = timedelta(seconds=20)


class Desk:
    """What the handlers share for the life of the worker; entered as one of its services."""

    line: Line
    engine: Engine

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Desk]:
        async with open_line() as line:
            self.line = line
            self.engine = Engine(
                Store(line.pool),
                line.session,
                line.keyring,
                media_root=Path(settings.MEDIA_ROOT),
                now=timezone.now,
                network_of=get_network,
            )
            yield self

    async def deliver(self, ctx: JobContext, payload: Payload) -> None:
        publication_id = await self.engine.deliver(payload["delivery"])
        if publication_id is not None:
            await in_thread(_follow, publication_id)

    async def sweep(self, ctx: JobContext, payload: Payload) -> None:
        """Take up what dead workers left and what a lost job forgot."""
        for delivery_id in await self.engine.store.overdue(older_than=LOST_AFTER):
            await in_thread(enqueue, "deliver", {"delivery": delivery_id}, key=f"delivery:{delivery_id}")
        for publication_id in await in_thread(collect.unwatched):
            await in_thread(_follow, publication_id)

    async def hand_out(self, ctx: JobContext, payload: Payload) -> None:
        await in_thread(collect.hand_out)

    async def read(self, ctx: JobContext, payload: Payload) -> None:
        await collect.read(self.line, subject=payload["subject"], subject_id=payload["id"])

    async def look(self, ctx: JobContext, payload: Payload) -> None:
        await look_again.look(self.line, publication_id=payload["publication"])

    def handlers(self) -> dict[str, Handler]:
        return {
            "deliver": Handler(self.deliver),
            "sweep": Handler(self.sweep, limit=1),
            "collect": Handler(self.hand_out, limit=1),
            "read": Handler(self.read, limit=20, tries=3),
            "look": Handler(self.look, limit=20),
        }


@transaction.atomic
def _follow(publication_id: int) -> None:
    """It is out: its numbers are read and it is looked at again. Both or neither."""
    collect.watch_publication(publication_id)
    look_again.plan_looks(publication_id)


PERIODIC = (
    Periodic("sweep", every=timedelta(seconds=30)),
    Periodic("collect", every=timedelta(seconds=10)),
)


def make_worker(*, periodic: bool = True) -> Worker:
    """A worker for tests and for the demo's first filling: `await worker.run_until_idle()`."""
    desk = Desk()
    return Worker(dsn(), desk.handlers(), periodic=PERIODIC if periodic else (), services=[desk.opened()])


async def work() -> None:
    """Run until SIGTERM."""
    desk = Desk()
    await run_worker(dsn(), desk.handlers(), periodic=PERIODIC, services=[desk.opened()])

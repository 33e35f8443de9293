"""The worker: which jobs there are, and what runs beside them. One process of many, at the same database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import InterfaceError, OperationalError

from niva.domains.editorial.services.follow import follow as follow_boards
from niva.domains.metrics import archive, posts
from niva.domains.publishing.delivery.dispatch import Dispatcher
from niva.domains.publishing.delivery.engine import Engine
from niva.domains.publishing.delivery.store import Store
from niva.flows import (
    alarms,
    best_time,
    clip,
    collect,
    condition,
    convert,
    digest,
    foretell,
    foretelling,
    hear,
    look_again,
    plan_in,
    remind,
    unroll,
)
from niva.flows.follow import follow
from niva.flows.talk import Line, open_line
from niva.kit.home import home
from niva.kit.jobs.django import dsn, in_thread
from niva.kit.jobs.types import Handler, JobContext, Payload, Periodic
from niva.kit.jobs.worker import Worker, run_worker
from niva.networks.registry import get_network

CONNECTIONS: Final = 100  # at once, to networks, deliveries and readings together
POOL: Final = 6  # connections to PostgreSQL: one listens, the others claim and write
GRACE: Final = 20.0  # seconds that what is on its way gets when the worker is told to stop
FOLLOW_EVERY: Final = 1.0  # seconds
MOST_PUT_OFF: Final = 10  # times in a row that it waits for a burst to pass
AWAY: Final = (OperationalError, InterfaceError)


class Desk:
    """What the worker does beside its jobs, and what its handlers share; entered as one of its services."""

    line: Line
    dispatcher: Dispatcher

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Desk]:
        async with open_line(connections=CONNECTIONS, pool_size=POOL) as line:
            self.line = line
            store = Store(line.pool)
            engine = Engine(
                store,
                line.session,
                line.keyring,
                media_root=Path(settings.MEDIA_ROOT),
                now=store.clock,
                network_of=get_network,
            )
            self._out, self._following = asyncio.Event(), asyncio.Lock()
            self.dispatcher = Dispatcher(engine, on_out=self._out.set)
            tasks = {asyncio.create_task(self.dispatcher.run()), asyncio.create_task(self._follow())}
            try:
                yield self
            finally:
                await self.dispatcher.stop(GRACE)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        """Soon after posts went out, all of them at once; the periodic job finds what a dead worker left.

        Not amid a burst: posts that wait for their call are more urgent than numbers.
        """
        while True:
            await self._out.wait()
            for _ in range(MOST_PUT_OFF):
                if not self.dispatcher.is_crowded:
                    break
                await asyncio.sleep(FOLLOW_EVERY)
            self._out.clear()
            with contextlib.suppress(*AWAY):
                while await self._follow_some():
                    pass
            await asyncio.sleep(FOLLOW_EVERY)

    def stop(self) -> None:
        """Nothing new is taken from now on; what is on its way goes on."""
        self.dispatcher.take_nothing_new()

    async def _follow_some(self) -> int:
        """One batch; nobody takes the absence of rows that another batch holds for the absence of work."""
        async with self._following:
            return await in_thread(follow)

    async def busy(self) -> bool:
        """Whether anything is due, on its way, or out without being followed."""
        if await self.dispatcher.busy():
            return True
        return bool(await self._follow_some())

    async def post_numbers(self, ctx: JobContext, payload: Payload) -> None:
        """Rows of numbers for publications that have none: of a desk that was there before them."""
        while await in_thread(posts.fill):
            pass

    async def keep_readings(self, ctx: JobContext, payload: Payload) -> None:
        """Months of raw readings that need not stay go into files."""
        await in_thread(archive.keep, home().readings)

    async def follow(self, ctx: JobContext, payload: Payload) -> None:
        """Follow what a worker that died left behind."""
        while await self._follow_some():
            pass

    async def editorial(self, ctx: JobContext, payload: Payload) -> None:
        """Boards come up to what was scheduled and published meanwhile."""
        await in_thread(follow_boards)

    async def unroll(self, ctx: JobContext, payload: Payload) -> None:
        await in_thread(unroll.unroll_all)

    async def remind(self, ctx: JobContext, payload: Payload) -> None:
        await in_thread(remind.remind_all)

    async def convert(self, ctx: JobContext, payload: Payload) -> None:
        await convert.run(payload["conversion"])

    async def plan_in(self, ctx: JobContext, payload: Payload) -> None:
        await in_thread(plan_in.run, payload["plan"])

    async def hear(self, ctx: JobContext, payload: Payload) -> None:
        await hear.run(payload["hearing"])

    async def clip(self, ctx: JobContext, payload: Payload) -> None:
        await clip.run(payload["clip"])

    async def hand_out(self, ctx: JobContext, payload: Payload) -> None:
        await in_thread(collect.hand_out)

    async def read(self, ctx: JobContext, payload: Payload) -> None:
        await collect.read(self.line, subject=payload["subject"], subject_id=payload["id"])

    async def look(self, ctx: JobContext, payload: Payload) -> None:
        await look_again.look(self.line, publication_id=payload["publication"])

    async def hand_out_tries(self, ctx: JobContext, payload: Payload) -> None:
        await in_thread(foretell.hand_out_tries)

    async def try_keys(self, ctx: JobContext, payload: Payload) -> None:
        await foretell.try_keys(self.line, community_id=payload["community"])

    async def hand_out_conditions(self, ctx: JobContext, payload: Payload) -> None:
        await in_thread(condition.hand_out)

    async def condition(self, ctx: JobContext, payload: Payload) -> None:
        await condition.look(
            self.line, community_id=payload["community"], cause=payload["cause"], by=payload["by"]
        )

    async def advise(self, ctx: JobContext, payload: Payload) -> None:
        """Forecasts are said and settled, advice on times is settled."""
        await in_thread(foretelling.round_of_all)
        await in_thread(best_time.round_of_all)

    async def alarms(self, ctx: JobContext, payload: Payload) -> None:
        """What is out of the ordinary is said; what nobody answered is void."""
        await in_thread(alarms.round_of_all)

    async def hand_out_digests(self, ctx: JobContext, payload: Payload) -> None:
        await in_thread(digest.hand_out)

    async def digest(self, ctx: JobContext, payload: Payload) -> None:
        day = date.fromisoformat(payload["day"])
        await digest.send(ways_id=payload["ways"], kind=payload["kind"], day=day)

    async def tell(self, ctx: JobContext, payload: Payload) -> None:
        await digest.send_notice(notice_id=payload["notice"])

    def handlers(self) -> dict[str, Handler]:
        return {
            "follow": Handler(self.follow, limit=1),
            "collect": Handler(self.hand_out, limit=1),
            "post_numbers": Handler(self.post_numbers, limit=1),
            "keep_readings": Handler(self.keep_readings, limit=1, tries=3, timeout=7200),
            "unroll": Handler(self.unroll, limit=1),
            "editorial": Handler(self.editorial, limit=1),
            "approvals": Handler(self.remind, limit=1),
            "convert": Handler(self.convert, limit=1, tries=3),
            "hear": Handler(self.hear, limit=2, tries=3, timeout=2100),
            "clip": Handler(self.clip, limit=1, tries=3, timeout=1800),
            "plan_in": Handler(self.plan_in, limit=1, tries=3, timeout=600),
            "read": Handler(self.read, limit=20, tries=3),
            "look": Handler(self.look, limit=20),
            "digests": Handler(self.hand_out_digests, limit=1),
            "digest": Handler(self.digest, limit=4, tries=3),
            "tell": Handler(self.tell, limit=4, tries=3),
            "alarms": Handler(self.alarms, limit=1, timeout=900),
            "foretelling": Handler(self.advise, limit=1, timeout=900),
            "foretell": Handler(self.hand_out_tries, limit=1),
            "try_keys": Handler(self.try_keys, limit=10, tries=3),
            "conditions": Handler(self.hand_out_conditions, limit=1),
            # Each may hold a decoded picture of 50 megapixels.
            "condition": Handler(self.condition, limit=2, tries=3, timeout=300),
        }


PERIODIC = (
    Periodic("follow", every=timedelta(seconds=30)),
    Periodic("collect", every=timedelta(seconds=10)),
    Periodic("digests", every=digest.EVERY),
    Periodic("foretell", every=timedelta(minutes=30)),
    Periodic("post_numbers", every=timedelta(minutes=5)),
    Periodic("keep_readings", every=timedelta(days=1)),
    Periodic("alarms", every=alarms.EVERY),
    Periodic("foretelling", every=foretelling.EVERY),
    Periodic("unroll", every=unroll.EVERY),
    Periodic("editorial", every=timedelta(seconds=30)),
    Periodic("approvals", every=remind.EVERY),
    Periodic("conditions", every=timedelta(minutes=30)),
)


def make_worker(*, periodic: bool = True) -> Worker:
    """A worker for tests and for the demo's first filling: `await worker.run_until_idle()`."""
    desk = Desk()
    return Worker(
        dsn(),
        desk.handlers(),
        periodic=PERIODIC if periodic else (),
        services=[desk.opened()],
        also_busy=desk.busy,
        on_stop=desk.stop,
    )


async def work() -> None:
    """Run until SIGTERM."""
    desk = Desk()
    await run_worker(dsn(), desk.handlers(), periodic=PERIODIC, services=[desk.opened()], on_stop=desk.stop)

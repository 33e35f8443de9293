"""Takes what is due and has the engine carry it, many at a time. The table of deliveries is its own queue.

There is no second list of jobs that could differ from the truth: a delivery is due when its `wake_at` has
come, it is taken by a lease, and a lease that ran out is due again by itself. See docs/decisions/0011.

Fair: one community has at most `each` posts on their way here, so a slow account never takes the others'
places. Safe: deliveries under which a worker died run a few at a time, then alone, and are put aside at last.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from niva.domains.publishing.delivery import lease
from niva.domains.publishing.delivery.engine import Engine
from niva.domains.publishing.delivery.statements import CHANNEL
from niva.domains.publishing.delivery.store import Work, database_is_away

log = logging.getLogger("niva.delivery")

# Deliveries on their way in one worker. More than it has connections to networks: while a hundred of them
# wait for an answer, others are claimed, wait for a connection, or are written down.
AT_ONCE: Final = 500
EACH: Final = 20  # of them of one community
SUSPECTS: Final = 20  # together, of those under which one worker died; after a second death each runs alone
POLL: Final = 2.0  # seconds between looks when nobody notifies: what another worker puts off is seen so late
SUSPECTS_POLL: Final = 0.5
BATCH: Final = 25  # places that must be free before more is claimed: one statement for many
SHORTEST_REST: Final = 0.05  # seconds that a community rests when its limits leave no room
LONGEST_REST: Final = 30.0  # then it is asked again: a person may have given it other keys
PAUSES: Final = (0.25, 1.0, 3.0, 10.0)  # seconds, while the database is away


@dataclass(frozen=True, slots=True)
class Ways:
    """How a dispatcher works; tests shrink it."""

    at_once: int = AT_ONCE
    each: int = EACH
    poll: float = POLL


class Dispatcher:
    """One worker's share. `on_out`: called with nothing when posts went out, soon after they did."""

    def __init__(
        self, engine: Engine, *, ways: Ways | None = None, on_out: Callable[[], Any] | None = None
    ) -> None:
        self.engine, self.store = engine, engine.store
        self.ways = ways or Ways()
        self.on_out = on_out or (lambda: None)
        self._tasks: dict[asyncio.Task[None], Work] = {}
        self._called = asyncio.Event()
        self._room = asyncio.Event()  # set when so many places are free that a claim is worth it
        self._room.set()
        self._stopping = asyncio.Event()
        self._claiming = asyncio.Lock()  # held while what is claimed is not yet among the tasks
        self._suspects_looked_at = 0.0
        self._resting: dict[int, float] = {}  # community → until when (lease.now()) its limits leave no room

    # --- from outside ---------------------------------------------------------------------------------

    def call(self) -> None:
        """Something may be due now."""
        self._called.set()

    async def run(self) -> None:
        """Until `stop`. A database that goes away is waited for."""
        listening = asyncio.create_task(self._listen())
        tries = 0
        try:
            while not self._stopping.is_set():
                try:
                    await self._turn()
                    tries = 0
                except Exception as error:  # nothing may end this loop: the rest of the worker would live on
                    if database_is_away(error):
                        log.warning("no claims: the database is away", extra={"why": type(error).__name__})
                    else:
                        log.exception("no claims")
                    await self._wait(PAUSES[min(tries, len(PAUSES) - 1)])
                    tries += 1
        finally:
            listening.cancel()
            await asyncio.wait({listening})

    def take_nothing_new(self) -> None:
        self._stopping.set()
        self._called.set()
        self._room.set()

    async def stop(self, grace: float) -> None:
        """Take nothing new, let what is on its way end for `grace` seconds, and hand the rest back."""
        self.take_nothing_new()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace), self._claiming:
                pass  # what is being claimed this very moment becomes tasks first
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=grace)
        if left := dict(self._tasks):
            for task in left:
                task.cancel()
            await asyncio.wait(set(left), timeout=5)
            with contextlib.suppress(Exception):  # else their leases end by themselves
                await self.store.hand_back(left.values())

    @property
    def is_crowded(self) -> bool:
        """Whether it has more on its hands than it can call networks for."""
        return len(self._tasks) > self.ways.at_once // 3

    async def busy(self) -> bool:
        """Whether anything is on its way here or due."""
        due = await self.store.anything_due(beside=self._rest())  # asked first: what it misses is in hand
        return due or self._claiming.locked() or bool(self._tasks)

    # --- within ---------------------------------------------------------------------------------------

    async def _turn(self) -> None:
        """Claim once and start what was claimed; wait when there was nothing, or no room."""
        if not self._has_room():
            self._room.clear()
            await self._room.wait()
        if self._stopping.is_set():
            return
        self._called.clear()
        async with self._claiming:
            works = await self._claim(self.ways.at_once - len(self._tasks))
        if not works:
            await self._wait(await self._until_next())

    def _has_room(self) -> bool:
        return len(self._tasks) <= self.ways.at_once - min(BATCH, self.ways.at_once)

    async def _claim(self, room: int) -> list[Work]:
        """What is due, started as far as the limits leave room."""
        asked = lease.now()
        works = [
            *await self._suspects(),
            *await self.store.claim_due(room, self._by_community(), self.ways.each),
        ]
        for work in await self._within_limits(works):
            task = asyncio.create_task(self._carry(work, asked))
            self._tasks[task] = work
            task.add_done_callback(self._ended)
        return works

    async def _suspects(self) -> list[Work]:
        """Those under which a worker died, if it is their turn."""
        now = lease.now()
        if now - self._suspects_looked_at < SUSPECTS_POLL:
            return []
        self._suspects_looked_at = now
        here = [work.deaths for work in self._tasks.values() if work.deaths]
        if any(deaths > 1 for deaths in here) or len(here) >= SUSPECTS:
            return []
        works = await self.store.claim_suspects(SUSPECTS - len(here), 1)
        return works or ([] if here else await self.store.claim_suspects(1, 1_000))

    async def _within_limits(self, works: list[Work]) -> list[Work]:
        """Take tokens for all of them at once. Who must wait goes back, and his community rests meanwhile."""
        if not works:
            return works
        now = self.engine.now()
        try:
            again = await self.engine.admission.admit(works)
            waiting = [(works[place], moment) for place, moment in again.items()]
            if waiting:
                await self.store.put_back(waiting)
        except Exception:
            with contextlib.suppress(Exception):  # else their leases end by themselves
                await self.store.hand_back(works)
            raise
        for work, moment in waiting:
            seconds = min(max((moment - now).total_seconds(), SHORTEST_REST), LONGEST_REST)
            self._resting[work.community_id] = lease.now() + seconds
        return [work for place, work in enumerate(works) if place not in again]

    def _rest(self) -> dict[int, float]:
        """The communities whose limits leave no room now."""
        now = lease.now()
        self._resting = {one: until for one, until in self._resting.items() if until > now}
        return self._resting

    def _by_community(self) -> Counter[int]:
        """How many of which are on their way; one that rests counts as full."""
        counts = Counter(work.community_id for work in self._tasks.values())
        counts.update(dict.fromkeys(self._rest(), self.ways.each))
        return counts

    async def _carry(self, work: Work, asked: float) -> None:
        if await self.engine.carry(work, asked) is not None:
            self.on_out()

    def _ended(self, task: asyncio.Task[None]) -> None:
        work = self._tasks.pop(task)
        if work.deaths:
            self._suspects_looked_at = 0.0  # the next of them at once: after many deaths there are hundreds
        self._called.set()
        if self._has_room():
            self._room.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("put down", extra={"delivery": work.id, "why": type(error).__name__})

    async def _until_next(self) -> float:
        """Seconds until something falls due by itself, at most a poll."""
        eta = await self.store.next_wake()
        soonest = [self.ways.poll, *(until - lease.now() for until in self._resting.values())]
        if eta is not None:
            soonest.append(eta.total_seconds())
        return max(min(soonest), 0.0)

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._called.wait(), seconds)

    async def _listen(self) -> None:
        """Be told of what is due at once. Without it the poll finds it a little later."""
        tries = 0
        while True:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                async with self.store.pool.acquire() as connection:
                    await self._hear(connection)
            await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1

    async def _hear(self, connection: Any) -> None:
        """Until the connection breaks."""
        broken = asyncio.Event()

        def gone(*_: object) -> None:
            broken.set()

        connection.add_termination_listener(gone)
        await connection.add_listener(CHANNEL, self._told)
        self.call()  # of what came before we listened
        try:
            await broken.wait()
        finally:
            if not connection.is_closed():
                connection.remove_termination_listener(gone)
                await connection.remove_listener(CHANNEL, self._told)

    def _told(self, *_: object) -> None:
        self.call()

"""How the engine is: facts for its page and for the monitor, and what of them is an alarm.

Facts only; `niva.web.health` puts them into words. All workspaces together, so for the keeper alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import asyncpg
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

import niva
from niva.domains.communities.models import Community, CommunityState
from niva.domains.publishing import figures
from niva.domains.publishing.delivery.buckets import share_used
from niva.domains.publishing.figures import Attempts, Queue
from niva.kit.jobs import queries as jobs
from niva.kit.jobs.django import dsn
from niva.kit.pulse import queries as pulse
from niva.kit.pulse.beat import Pulse, Sample
from niva.kit.pulse.code import mark
from niva.networks.registry import get_network

LATE: Final = timedelta(minutes=2)
"""A post may leave that late before anybody is called. Our choice, the same as for jobs."""
CLOCK_MAY_DIFFER: Final = 5.0
"""Seconds. Beyond it posts leave at a visibly wrong moment and networks begin to refuse signatures."""
LITTLE_ROOM: Final = 2_000_000_000
TOO_LITTLE_ROOM: Final = 200_000_000
"""Bytes; the same borders as the doctor's. Below the second PostgreSQL itself is in danger."""
KEYS_SOON: Final = timedelta(days=7)
DEAD_SHOWN: Final = 50
TIGHT_SHOWN: Final = 30
NEARLY_USED: Final = 0.9
"""From that share on a limit is worth showing: below it nothing waits."""


class Trouble(StrEnum):
    """What can be wrong. The runbook has a chapter of each."""

    NO_WORKER = "no_worker"
    LATE = "late"
    STUCK = "stuck"
    DEAD_JOBS = "dead_jobs"
    JOBS_LATE = "jobs_late"
    SILENT_WORKER = "silent_worker"
    VERSIONS = "versions"
    DISK = "disk"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Alarm:
    """`grave`: posts fail or will fail; otherwise somebody should look in the next days."""

    trouble: Trouble
    grave: bool
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of the disk that holds the home."""

    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Tight:
    """A limit of a network that is used up, or nearly. `scope` and `holder`: whose, as the engine counts.

    `share` of it is used (0 to 1), None when only the network's own word is known; `told` until then by the
    network, else it is full again at `until`.
    """

    network: str
    scope: str
    holder: str
    rate: str
    share: float | None
    until: datetime
    told: bool


@dataclass(slots=True)
class Health:
    """`minutes`: (minute, seconds late, how many due) of the last day; a minute without a worker is absent.

    `clock_off`: seconds by which this machine's clock is ahead of the database's.
    """

    now: datetime
    queue: Queue
    attempts: Attempts
    load: jobs.Overview
    workers: Sequence[pulse.Living]
    clock_off: float
    room: Room
    needs_login: int = 0
    keys_end: int = 0
    kinds: Sequence[jobs.KindLoad] = ()
    dead: Sequence[jobs.DeadJob] = ()
    tight: Sequence[Tight] = ()
    minutes: Sequence[tuple[datetime, float, int]] = field(default_factory=list)

    @property
    def alive(self) -> list[pulse.Living]:
        return [one for one in self.workers if not one.silent]


def health(*, history: bool = True) -> Health:
    """Everything at this moment. `history`: with the last day, the dead list and the limits, for the page."""
    now = timezone.now()
    found = Health(
        now=now,
        queue=figures.queue(),
        attempts=figures.attempts(now - timedelta(hours=1)),
        load=jobs.overview(),
        kinds=jobs.by_kind(),
        workers=pulse.workers(),
        clock_off=pulse.clock_off(),
        room=room(),
        needs_login=_needs_login(),
        keys_end=_keys_end(now),
    )
    if history:
        found.dead = jobs.dead_list(DEAD_SHOWN)
        found.tight = tight(now)
        found.minutes = pulse.minutes(now - timedelta(days=1))
    return found


def room() -> Room:
    """Of the nearest folder that exists: the home itself appears with the first start."""
    home = Path(settings.NIVA_HOME)
    usage = shutil.disk_usage(next(path for path in (home, *home.parents) if path.exists()))
    return Room(usage.free, usage.total)


def tight(now: datetime) -> list[Tight]:
    """Limits that hold posts up now, or soon will."""
    found = []
    for limit in figures.limits():
        scope, network, holder, rate = (*limit.key.split(":"), "", "", "")[:4]
        share = _share(limit.full_at, network, rate, now)
        if limit.blocked_until is not None:
            found.append(Tight(network, scope, holder, rate, share, limit.blocked_until, told=True))
        elif share is not None and share >= NEARLY_USED:
            found.append(Tight(network, scope, holder, rate, share, limit.full_at, told=False))
    return found[:TIGHT_SHOWN]


def _share(full_at: datetime, network: str, name: str, now: datetime) -> float | None:
    try:
        rates = get_network(network).manifest.rates
    except KeyError:
        return None
    rate = next((one for one in rates if one.name == name), None)
    return None if rate is None else share_used(full_at, rate, now)


def _living() -> Any:
    return Community.objects.filter(archived_at__isnull=True)


def _needs_login() -> int:
    return int(_living().filter(state=CommunityState.NEEDS_LOGIN).count())


def _keys_end(now: datetime) -> int:
    """Communities whose keys end within a week and do not renew themselves."""
    ending = Q(credential__expires_at__lt=now + KEYS_SOON) & ~Q(credential__facts__has_key="renews")
    return int(_living().filter(ending, state=CommunityState.CONNECTED).count())


def alarms(it: Health) -> list[Alarm]:
    """What is wrong, the gravest first. Pure."""
    found: list[Alarm] = []

    def raise_(trouble: Trouble, *, grave: bool, **facts: Any) -> None:
        found.append(Alarm(trouble, grave, facts))

    if not it.alive:
        raise_(Trouble.NO_WORKER, grave=True, due=it.queue.due)
    if it.queue.late_seconds > LATE.total_seconds():
        raise_(Trouble.LATE, grave=True, seconds=it.queue.late_seconds, due=it.queue.due)
    if it.queue.stuck:
        raise_(Trouble.STUCK, grave=True, count=it.queue.stuck)
    if it.load.dead:
        raise_(Trouble.DEAD_JOBS, grave=True, count=it.load.dead)
    if it.load.lateness > LATE:
        raise_(Trouble.JOBS_LATE, grave=False, seconds=it.load.lateness.total_seconds(), due=it.load.due)
    if silent := [one for one in it.workers if one.silent]:
        raise_(Trouble.SILENT_WORKER, grave=False, names=[f"{one.host}:{one.pid}" for one in silent])
    if len(versions := {one.version for one in it.alive} | {version()}) > 1:
        raise_(Trouble.VERSIONS, grave=False, versions=sorted(versions))
    if it.room.free < LITTLE_ROOM:
        raise_(Trouble.DISK, grave=it.room.free < TOO_LITTLE_ROOM, free=it.room.free)
    for name, off in _clocks(it):
        if abs(off) > CLOCK_MAY_DIFFER:
            raise_(Trouble.CLOCK, grave=True, seconds=off, name=name)
    return sorted(found, key=lambda one: not one.grave)


def _clocks(it: Health) -> list[tuple[str, float]]:
    """Whose clock differs from the database's by how much; "" is this process's own machine."""
    return [("", it.clock_off), *((one.host, float(one.figures.get("clock_off", 0))) for one in it.alive)]


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands still: for the line on the first page, so it asks little."""

    stuck: int
    dead: int
    late_seconds: float

    def __bool__(self) -> bool:
        return bool(self.stuck or self.dead) or self.late_seconds > LATE.total_seconds()


def standing_still() -> Standing:
    """Two looks at small indexes."""
    late, _due, stuck = figures.standing()
    return Standing(stuck, jobs.dead_count(), late)


def version() -> str:
    """Which program runs here: tells two versions apart, also two states of one clone."""
    return mark(Path(niva.__file__).parent)


async def _sample(connection: asyncpg.Connection[Any]) -> Sample:
    late, due = await connection.fetchrow(figures.DUE)
    return Sample(max(late, 0.0), due)


def worker_pulse() -> Pulse:
    """The signs of life of one worker, with the lateness that it sees."""
    return Pulse(dsn(), version(), sample=_sample)

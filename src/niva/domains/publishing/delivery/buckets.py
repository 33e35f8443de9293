"""Limits of networks, counted ahead: a token bucket for every account, community, app and server.

A bucket is one moment, `full_at`: when it will be full again (the generic cell rate algorithm of ITU-T
I.371). A token may be taken while the bucket is at most `burst` tokens from full; each taken one moves the
moment on by `Rate.step` seconds. Work that is dearer than the whole burst waits for a full bucket and leaves
it in debt. What a network answers itself (429) blocks the bucket and wins over the count.

Everything happens in the database (`publishing_take` of migration 0007), so all workers count together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg

from niva.networks.base.errors import Scope
from niva.networks.base.manifest import Manifest
from niva.networks.base.rates import Rate

# Seconds that an account is left alone when its network says "too often" and names no end.
FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 1800.0
# A refusal so soon after the last pause means that the pause was too short.
REMEMBERED: Final = 60.0

_TAKE = """
select id, again from publishing_take($1::text::jsonb, $2::text::jsonb, coalesce($3, clock_timestamp()))
"""

_BLOCK = """
insert into publishing_bucket as b (key, full_at, blocked_until, pause)
values ($1, now(), coalesce($2, now() + make_interval(secs => $3)), case when $2 is null then $3 else 0 end)
on conflict (key) do update set
    pause = case
        when $2 is not null then 0
        when b.blocked_until > now() then b.pause
        when b.blocked_until > now() - make_interval(secs => greatest(b.pause, $5))
            then least(greatest(b.pause, $3) * 3, $4)
        else $3 end,
    blocked_until = case
        when $2 is not null then greatest(b.blocked_until, $2)
        when b.blocked_until > now() then b.blocked_until
        when b.blocked_until > now() - make_interval(secs => greatest(b.pause, $5))
            then now() + make_interval(secs => least(greatest(b.pause, $3) * 3, $4))
        else now() + make_interval(secs => $3) end
returning blocked_until
"""


@dataclass(frozen=True, slots=True)
class Want:
    """`cost` tokens of the bucket `key`. 0: nothing is counted, only a block is minded.

    `spare`: tokens that must be left over, for those who go first.
    """

    key: str
    step: float = 0
    burst: float = 0
    cost: float = 0
    spare: float = 0

    @classmethod
    def of(cls, key: str, rate: Rate, cost: float, *, spare: float = 0) -> Want:
        return cls(key, rate.step, rate.burst, cost, spare)


@dataclass(frozen=True, slots=True)
class Lane:
    """Whose limits the calls of one community fall under.

    Communities of one account share `account` (`communities.keys.account_mark`; "": it stands alone).
    `app`: the public id of the developer app at its network, "" where none stands behind the keys.
    """

    manifest: Manifest
    community_id: int
    account: str = ""
    app: str = ""
    host: str = ""

    @classmethod
    def of(
        cls, manifest: Manifest, community_id: int, facts: Mapping[str, Any] | None, app: str | None
    ) -> Lane:
        """`facts`: those of the community's keys; `app`: `DeveloperApp.app_id` of the app behind them."""
        facts = facts or {}
        written = str(facts.get(manifest.server) or "") if manifest.server else ""
        host = urlsplit(written if "://" in written else f"//{written}").netloc.lower()
        return cls(manifest, community_id, str(facts.get("account_mark") or ""), app or "", host)

    def key(self, scope: Scope) -> str | None:
        """The bucket of one scope; None where there is no such holder. The place for its blocks."""
        network = self.manifest.name
        match scope:
            case "account":
                return f"account:{network}:{self.account or f'c{self.community_id}'}"
            case "community":
                return f"community:{network}:{self.community_id}"
            case "app":
                return f"app:{network}:{self.app[:60]}" if self.app else None
            case "address":
                return f"address:{network}:{self.host[:80]}"

    def wants(
        self, *, posts: int = 0, files: int = 0, comments: int = 0, readings: int = 0, spare: bool = False
    ) -> tuple[Want, ...]:
        """What so much work takes, with the blocks that it must mind.

        `spare`: leave half of every burst to those who publish; for readings of numbers and later looks.
        """
        return tuple(self._wants(posts, files, comments, readings, spare))

    def _wants(self, posts: int, files: int, comments: int, readings: int, spare: bool) -> Iterator[Want]:
        counted: dict[Scope, None] = dict.fromkeys(("account", "app"))
        counted |= dict.fromkeys(rate.scope for rate in self.manifest.rates)
        for scope in counted:
            if (key := self.key(scope)) is not None:
                yield Want(key)
        for rate in self.manifest.rates:
            cost = rate.cost(posts=posts, files=files, comments=comments, readings=readings)
            key = self.key(rate.scope)
            if cost > 0 and key is not None:
                yield Want.of(f"{key}:{rate.name}", rate, cost, spare=rate.burst // 2 if spare else 0)


class Buckets:
    """`source`: a pool, or the connection of a transaction that the taking belongs to."""

    def __init__(self, source: asyncpg.Pool | asyncpg.Connection) -> None:
        self.source = source

    async def take_many(
        self, asked: Sequence[tuple[int, Sequence[Want]]], *, at: datetime | None = None
    ) -> dict[int, datetime]:
        """Serve them in their order, each wholly or not at all; one round trip.

        Returns those that must wait, with the moment to ask again; who is not in it may go. `at`: the moment
        (None = the database's clock).
        """
        if not asked:
            return {}
        sums = json.dumps(_told(_sums(want for _, wants in asked for want in wants)))
        told = json.dumps([{"id": number, "wants": _told(wants)} for number, wants in asked])
        return {row["id"]: row["again"] for row in await self.source.fetch(_TAKE, sums, told, at)}

    async def take(self, wants: Sequence[Want], *, at: datetime | None = None) -> datetime | None:
        """One token of every bucket or none at all. None: go now; else the moment to ask again."""
        return (await self.take_many([(0, wants)], at=at)).get(0)

    async def block(self, key: str, until: datetime | None) -> datetime:
        """The network said "too often" until then. None: it named no end, so pauses grow by themselves.

        Several refusals at once are one: only one that comes after the pause makes the next one longer.
        Returns the end of the block.
        """
        end: datetime = await self.source.fetchval(_BLOCK, key, until, FIRST_PAUSE, LONGEST_PAUSE, REMEMBERED)
        return end

    async def limited(self, lane: Lane, scope: Scope, until: datetime | None) -> datetime | None:
        """Block what a network's `Limited` is about. None: there is nothing to block (no app)."""
        key = lane.key(scope)
        return None if key is None else await self.block(key, until)


def _sums(wants: Iterable[Want]) -> Iterable[Want]:
    """Every bucket once: all costs together, the greatest spare."""
    found: dict[str, Want] = {}
    for want in wants:
        known = found.get(want.key)
        if known is not None:
            cost, spare = known.cost + want.cost, max(known.spare, want.spare)
            want = Want(want.key, want.step, want.burst, cost, spare)
        found[want.key] = want
    return found.values()


def _told(wants: Iterable[Want]) -> list[dict[str, Any]]:
    return [{"key": w.key, "step": w.step, "burst": w.burst, "cost": w.cost, "spare": w.spare} for w in wants]


def share_used(full_at: datetime, rate: Rate, now: datetime) -> float:
    """How much of the burst is gone at `now`, 0 to 1. Pure."""
    behind = (full_at - now) / timedelta(seconds=rate.burst * rate.step)
    return min(max(behind, 0.0), 1.0)

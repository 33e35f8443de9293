"""Who of the claimed may go now, by the limits of the networks; the others are put off to their turn.

One round trip asks for a whole batch, a second one puts off those who must wait. A delivery whose outcome
is in doubt is never put off: what became of it is looked up at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from niva.domains.publishing.delivery.buckets import Buckets, Lane, Want
from niva.domains.publishing.delivery.decide import unclear
from niva.domains.publishing.delivery.store import Work
from niva.domains.publishing.states import State
from niva.networks.base.errors import Limited
from niva.networks.base.network import Network

WAITS_ITS_TURN: Final = "its_turn"

_PUT_OFF: Final = """
update publishing_delivery d set lease = null, lease_until = null, wake_at = greatest(p.again, now()),
    code = $4, detail = '', state = case when d.state = 'sending' then 'waiting' else d.state end,
    state_at = case when d.state = 'sending' then now() else d.state_at end
from unnest($1::bigint[], $2::uuid[], $3::timestamptz[]) as p(id, lease, again)
where d.id = p.id and d.lease = p.lease
"""


class Admission:
    """`network_of`: name → network, raises KeyError."""

    def __init__(self, pool: asyncpg.Pool, network_of: Callable[[str], Network]) -> None:
        self.pool = pool
        self.buckets = Buckets(pool)
        self.network_of = network_of

    async def admit(self, works: Sequence[Work]) -> list[Work]:
        """Those who may go now, in their order. The others are let go of until their turn comes."""
        asked = [(place, wants) for place, work in enumerate(works) if (wants := self._wants(work))]
        waits = await self.buckets.take_many(asked)
        if waits:
            await self._put_off(works, dict(asked), waits)
        return [work for place, work in enumerate(works) if place not in waits]

    async def refused(self, work: Work, error: Limited) -> datetime | None:
        """The network itself said "too often": block what it is about. The end of the block, if any."""
        lane = self._lane(work)
        return None if lane is None else await self.buckets.limited(lane, error.scope, error.until)

    def _lane(self, work: Work) -> Lane | None:
        try:
            manifest = self.network_of(work.network).manifest
        except KeyError:
            return None
        facts, app = (work.keys.facts, work.keys.app_id) if work.keys else (None, None)
        return Lane.of(manifest, work.community_id, facts, app)

    def _wants(self, work: Work) -> Sequence[Want]:
        """What carrying it takes; nothing for what ends without a call, or must be looked up."""
        lane = self._lane(work)
        if lane is None or work.stopped or work.keys is None or unclear(work.at("create")):
            return ()
        comments = 1 if work.content.get("first_comment") else 0
        if work.state == State.ACCEPTED:
            return lane.wants(comments=comments)
        return lane.wants(posts=1, files=len(work.content.get("media") or ()), comments=comments)

    async def _put_off(
        self, works: Sequence[Work], asked: dict[int, Sequence[Want]], waits: dict[int, datetime]
    ) -> None:
        """One behind the other: all at one moment would only be put off again."""
        ahead: Counter[str] = Counter()
        turns: list[datetime] = []
        for place in sorted(waits):
            behind = max(ahead[want.key] * want.step for want in asked[place])
            turns.append(waits[place] + timedelta(seconds=behind))
            for want in asked[place]:
                ahead[want.key] += int(want.cost + 0.5)
        chosen = [works[place] for place in sorted(waits)]
        await self.pool.execute(
            _PUT_OFF, [work.id for work in chosen], [work.lease for work in chosen], turns, WAITS_ITS_TURN
        )

"""Who of the claimed may go now, by the limits of the networks; the others keep their place in the line.

One round trip asks for a whole batch, a second one puts back those who must wait. A delivery whose outcome
is in doubt is never put back: what became of it is looked up at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg

from niva.domains.publishing.delivery.buckets import Buckets, Lane, Want
from niva.domains.publishing.delivery.decide import unclear
from niva.domains.publishing.delivery.store import Work
from niva.domains.publishing.states import State
from niva.networks.base.errors import Limited
from niva.networks.base.network import Network

# A limit that is said to last longer is asked about again after a day.
BELIEVED: Final = timedelta(days=1)


class Admission:
    """`network_of`: name → network, raises KeyError."""

    def __init__(self, pool: asyncpg.Pool, network_of: Callable[[str], Network]) -> None:
        self.pool = pool
        self.buckets = Buckets(pool)
        self.network_of = network_of

    async def admit(self, works: Sequence[Work]) -> dict[int, datetime]:
        """Take the tokens of all of them. Returns those who must wait, by their place, and until when."""
        asked = [(place, wants) for place, work in enumerate(works) if (wants := self._wants(work))]
        return await self.buckets.take_many(asked)

    async def refused(self, work: Work, error: Limited) -> datetime | None:
        """The network itself said "too often": block what it is about. The end of the block, if any."""
        if (lane := self._lane(work)) is None:
            return None
        until = None if error.until is None else min(error.until, datetime.now(UTC) + BELIEVED)
        return await self.buckets.limited(lane, error.scope, until)

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
        comments = len(work.content.get("thread") or ()) + bool(work.content.get("first_comment"))
        if work.state == State.ACCEPTED:
            return lane.wants(comments=comments)
        return lane.wants(posts=1, files=len(work.content.get("media") or ()), comments=comments)

"""The best time of a client's posts: asked, said, and settled by what the next month's posts did.

What a page has shown is written down once a month and community; a month later the posts in the advised times
are compared with the others, each with its channel's level before it, and the advice came true or did not.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.core.cache import cache
from django.utils import timezone

from niva.domains.advice import queries as advice
from niva.domains.advice.models import Advice as Said
from niva.domains.advice.models import AdviceKind, Verdict
from niva.domains.advice.services import say, settle
from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.metrics.posts_read import PostRow
from niva.domains.people.actor import Actor, machine
from niva.flows.weighed import AGE, best_known, posts_of, rows_of

if TYPE_CHECKING:
    from niva.numbers.best_time import Advice, Slot
    from niva.numbers.walk import Walk

DAYS: Final = 30
"""An advice is put to the posts of so many days after it was said."""
RIPE: Final = timedelta(days=5)
"""Until the last of them has its number of the third day."""
FEWEST: Final = 5
"""Of fewer posts inside or outside nothing can be said."""
_KEPT: Final = 12 * 3600
_log = logging.getLogger("niva.best_time")


@dataclass(frozen=True, slots=True)
class Found:
    """`word`: of what; `left_out`: posts that were not weighed, by reason; `total`: posts there are."""

    word: str
    advice: Advice
    record: Walk | None
    left_out: dict[str, int]
    total: int


def ask(actor: Actor, client: Client, community: Community | None, wanted: str) -> Found:
    """What can be told of times, for one community or for all. The same posts are not weighed twice."""
    chosen = (community.pk,) if community else ()
    word, rows = best_known(actor, client.pk, chosen, wanted)
    key = f"best_time:{word}:{_print_of(rows)}"
    found: Found | None = cache.get(key)
    if found is None:
        found = _weighed(word, rows)
        cache.set(key, found, _KEPT)
    return found


def _print_of(rows: Sequence[PostRow]) -> str:
    parts = [(row.publication_id, row.hour, row.weekday, row.paid, row.value) for row in rows]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _weighed(word: str, rows: list[PostRow]) -> Found:
    from niva.numbers.best_time import advise
    from niva.numbers.levels import usable
    from niva.numbers.walk import told, walk

    used, left_out = usable(posts_of(rows, times=False))
    if not len(used):
        return Found(word, advise(used), None, left_out, len(rows))
    record = walk(used)
    # What was compared is not needed any more, and would be many times as large.
    slim = replace(told(used, record.ours), effects=None, ready=None)
    return Found(word, slim, record, left_out, len(rows))


def remember(client: Client, community: Community | None, found: Found, now: datetime) -> None:
    """Write down what is shown now, once a month: it will be settled."""
    if not found.advice.slots:
        return
    today = now.date()
    slots = [{"weekday": one.weekday, "since": one.since, "until": one.until} for one in found.advice.slots]
    best = found.advice.slots[0]
    say(
        client=client, community=community, kind=AdviceKind.BEST_TIME, figure=found.word, now=now,
        key=f"best_time:{community.pk if community else 'all'}:{found.word}:{today:%Y-%m}",
        due_on=today + timedelta(days=DAYS + 1) + RIPE, expected=round(promise(found.advice), 3),
        about={
            "slots": slots, "since": (today + timedelta(days=1)).isoformat(), "days": DAYS, "age": AGE,
            "low": round(best.low, 3), "high": round(best.high, 3),
            "community": community.name if community else "",
        },
    )  # fmt: skip


def promise(found: Advice) -> float:
    """How many times the others' number posts in the advised times are expected to get, by the cells of the
    week as the account fills them."""
    inside, outside = [0.0, 0], [0.0, 0]
    for cell in found.cells:
        held = any(
            (slot.weekday is None or slot.weekday == cell.weekday) and slot.since <= cell.since < slot.until
            for slot in found.slots
        )
        side = inside if held else outside
        side[0] += cell.posts * math.log(cell.gain)
        side[1] += cell.posts
    return math.exp(inside[0] / max(inside[1], 1) - outside[0] / max(outside[1], 1))


def round_of_all(now: datetime | None = None) -> int:
    """Settle what is due, everywhere; how many were. One that fails stops no other."""
    now = now or timezone.now()
    settled = 0
    for row in advice.due(now.date(), kind=AdviceKind.BEST_TIME):
        try:
            settled += settle_one(row, now)
        except Exception:
            _log.exception("advice %s could not be settled", row.pk)
    return settled


def settle_one(row: Said, now: datetime) -> int:
    """One advice whose month is over. Returns 1 when it was settled now."""
    came, why = _came(row)
    verdict = Verdict.VOID if came is None else Verdict.HIT if came > 1 else Verdict.MISS
    return int(settle(advice_id=row.pk, verdict=verdict, now=now, came=came, why=why))


def _came(row: Said) -> tuple[float | None, str]:
    from niva.numbers.levels import usable
    from niva.numbers.walk import came

    chosen = (row.community_id,) if row.community_id else ()
    rows = rows_of(machine(row.workspace), row.client_id, chosen, row.figure)
    used, _left_out = usable(posts_of(rows, times=False))
    since = date.fromisoformat(row.about["since"]).toordinal()
    if not len(used):
        return None, "few_posts"
    found = came(used, [_slot(one) for one in row.about["slots"]], since, since + row.about["days"])
    if found.realised is None or min(found.inside, found.outside) < FEWEST:
        return None, "few_posts"
    return round(found.realised, 4), ""


def _slot(said: dict[str, Any]) -> Slot:
    from niva.numbers.best_time import Slot

    return Slot(said["weekday"], said["since"], said["until"], 1.0, 1.0, 1.0, 0)

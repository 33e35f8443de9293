"""Numbers: https://developers.facebook.com/docs/threads/insights"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from niva.networks.base import graph
from niva.networks.base.errors import Gone
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.threads.client import ask

# Our word -> metrics that are added up: a quote is a repost with words of one's own.
_POST: Final = {
    "views": ("views",),
    "likes": ("likes",),
    "comments": ("replies",),
    "reposts": ("reposts", "quotes"),
}
_ASKED: Final = ("views", "likes", "replies", "reposts", "quotes")


async def read_post(call: Call, there: Remote) -> Readings:
    """Insights of the post, and the votes of its poll. Raises Gone."""
    told, reason = await _insights(call, f"{there.id}/insights", _ASKED)
    made: list[Measure | Absent] = []
    for metric in POST_METRICS:
        if metric == "votes":
            made.append(await _votes(call, there))
            continue
        names = _POST.get(metric, ())
        numbers = [told[name] for name in names if name in told]
        value = sum(numbers) if numbers else None
        made.append(graph.reading(metric, value, reason if names else "not_offered"))
    return tuple(made)


async def _insights(call: Call, path: str, metrics: Sequence[str]) -> tuple[dict[str, float], str]:
    async def ask_for(names: str) -> dict[str, Any]:
        return await ask(call, "GET", path, {"metric": names})

    return await graph.read_insights(ask_for, metrics)


async def _votes(call: Call, there: Remote) -> Measure | Absent:
    if not there.extra.get("poll"):
        return Absent("votes", "no_poll")
    try:
        told = await ask(call, "GET", there.id, {"fields": "id,poll_attachment"})
    except Gone:
        return Absent("votes", "not_offered")
    poll = told.get("poll_attachment")
    return graph.reading("votes", poll.get("total_votes") if isinstance(poll, dict) else None, "not_offered")


async def read_community(call: Call) -> Readings:
    """Followers; Threads counts nothing else of what we ask for."""
    told, reason = await _insights(call, "me/threads_insights", ["followers_count"])
    found = {"followers": told.get("followers_count")}
    return tuple(
        graph.reading(metric, found.get(metric), reason if metric in found else "not_offered")
        for metric in COMMUNITY_METRICS
    )

"""Numbers: reactions, answers in the thread and votes of a message, members of the server."""

from __future__ import annotations

from typing import Any

from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.discord.profile import read_guild
from niva.networks.discord.publish import read_message


async def read_post(call: Call, there: Remote) -> Readings:
    """Reactions of all kinds count as likes; without a thread there are no comments. Raises Gone."""
    one = await read_message(call, there.id)
    reactions, under = one.get("reactions"), one.get("thread")
    told: dict[str, Any] = {
        "likes": _sum(reactions, "count"),
        "comments": under.get("message_count") if isinstance(under, dict) else 0,
    }
    poll = one.get("poll")
    if isinstance(poll, dict):
        results = poll.get("results")
        told["votes"] = _sum(results.get("answer_counts") if isinstance(results, dict) else None, "count")
    return tuple(
        Absent(metric, "no_poll")
        if metric == "votes" and not isinstance(poll, dict)
        else _measure(metric, told.get(metric))
        for metric in POST_METRICS
    )


async def read_community(call: Call) -> Readings:
    """Members of the server, as Discord estimates them: a channel has no number of its own."""
    guild = await read_guild(call)
    told = {"followers": guild.get("approximate_member_count")}
    return tuple(_measure(metric, told.get(metric)) for metric in COMMUNITY_METRICS)


def _sum(rows: Any, name: str) -> int:
    found = rows if isinstance(rows, list) else []
    return sum(one[name] for one in found if isinstance(one, dict) and type(one.get(name)) is int)


def _measure(metric: str, value: Any) -> Measure | Absent:
    return Measure(metric, value) if type(value) is int and value >= 0 else Absent(metric, "not_offered")

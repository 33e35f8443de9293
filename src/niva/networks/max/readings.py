"""Numbers: views of a post of a channel, members and messages of the chat. Reactions are not told to bots."""

from __future__ import annotations

from typing import Any

from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.max.chat import read_chat
from niva.networks.max.publish import read_message


async def read_post(call: Call, there: Remote) -> Readings:
    """GET /messages/{id}: `stat.views`, in channels only. Raises Gone when it is not there any more."""
    one = await read_message(call, there.id)
    stat = one.get("stat")
    views = stat.get("views") if isinstance(stat, dict) else None
    return tuple(_measure(metric, views if metric == "views" else None) for metric in POST_METRICS)


async def read_community(call: Call) -> Readings:
    """GET /chats/{id}. In a group the messages of everybody are counted, so they are no posts."""
    chat = await read_chat(call)
    told = {"followers": chat.get("participants_count")}
    if chat.get("type") == "channel":
        told["posts"] = chat.get("messages_count")
    return tuple(_measure(metric, told.get(metric)) for metric in COMMUNITY_METRICS)


def _measure(metric: str, value: Any) -> Measure | Absent:
    return Measure(metric, value) if type(value) is int and value >= 0 else Absent(metric, "not_offered")

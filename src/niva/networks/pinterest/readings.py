"""Numbers of a pin (its lifetime metrics) and of the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.metrics import POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.pinterest.client import ask
from niva.networks.pinterest.publish import pin_of

# Our word -> field of `pin_metrics.lifetime_metrics`. "clickthrough": presses that led to the link.
_POST: Final = {
    "views": "impression",
    "likes": "reaction",
    "comments": "comment",
    "saves": "save",
    "clicks": "clickthrough",
}


async def read_post(call: Call, there: Remote) -> Readings:
    """GET /pins/{id} with pin_metrics. A figure that a pin has not earned yet is left out by Pinterest."""
    row = await pin_of(call, there, pin_metrics="true")
    told = row.get("pin_metrics")
    lifetime: Mapping[str, Any] = (told or {}).get("lifetime_metrics") or {}
    made: list[Measure | Absent] = []
    for metric in POST_METRICS:
        if metric in _POST:
            made.append(_measure(metric, lifetime.get(_POST[metric]), "pin_not_counted_yet"))
        else:
            made.append(Absent(metric, "no_poll" if metric == "votes" else "not_offered"))
    return tuple(made)


async def read_community(call: Call) -> Readings:
    """GET /user_account. Visits of the profile are told only as a sum over days, not as people."""
    me = await ask(call, "GET", "/user_account")
    return (
        _measure("followers", me.get("follower_count"), "not_offered"),
        _measure("posts", me.get("pin_count"), "not_offered"),
        Absent("visitors", "not_offered"),
        Absent("messages", "not_offered"),
    )


def _measure(metric: str, value: Any, reason: str) -> Measure | Absent:
    counted = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return Measure(metric, value) if counted else Absent(metric, reason)

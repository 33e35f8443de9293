"""Numbers: the score, comments and crossposts of a post, subscribers of a subreddit. Views are not told."""

from __future__ import annotations

from typing import Any

from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.reddit.profile import read_about
from niva.networks.reddit.publish import read_post as read_submission


async def read_post(call: Call, there: Remote) -> Readings:
    """`score` is votes up less votes down (blurred by Reddit): a negative one is no likes. Raises Gone."""
    one = await read_submission(call, there.id)
    score, poll = one.get("score"), one.get("poll_data")
    told: dict[str, Any] = {
        "likes": max(0, score) if type(score) is int else None,
        "comments": one.get("num_comments"),
        "reposts": one.get("num_crossposts"),
        "votes": poll.get("total_vote_count") if isinstance(poll, dict) else None,
    }
    return tuple(
        Absent(metric, "no_poll")
        if metric == "votes" and not isinstance(poll, dict)
        else _measure(metric, told.get(metric))
        for metric in POST_METRICS
    )


async def read_community(call: Call) -> Readings:
    about = await read_about(call)
    told = {"followers": about.get("subscribers")}
    return tuple(_measure(metric, told.get(metric)) for metric in COMMUNITY_METRICS)


def _measure(metric: str, value: Any) -> Measure | Absent:
    return Measure(metric, value) if type(value) is int and value >= 0 else Absent(metric, "not_offered")

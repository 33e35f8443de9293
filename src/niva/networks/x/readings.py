"""Numbers: what X counts of a post and of an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import Temporary
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.x.client import ask
from niva.networks.x.publish import newest, one

# Our word -> fields that are added up, under both of their names. A quote is a repost with own words.
_POST: Final = {
    "views": ("impression_count",),
    "likes": ("like_count",),
    "comments": ("reply_count",),
    "reposts": ("repost_count", "retweet_count", "quote_count"),
    "saves": ("bookmark_count",),
}
_COMMUNITY: Final = {"followers": ("followers_count",), "posts": ("post_count", "tweet_count")}


async def read_post(call: Call, there: Remote) -> Readings:
    """GET /2/tweets/:id. Clicks are told to the author alone and for thirty days; a poll tells its votes."""
    told = await one(call, newest(there.extra, there.id), "non_public_metrics")
    post = told["data"]
    public, own = post.get("public_metrics"), post.get("non_public_metrics")
    if not isinstance(public, dict):
        raise Temporary("nonsense", "no figures in the answer")
    made: list[Measure | Absent] = []
    for metric in POST_METRICS:
        if metric == "clicks":
            clicks = own.get("url_link_clicks") if isinstance(own, dict) else None
            known = isinstance(clicks, int) and not isinstance(clicks, bool)
            made.append(Measure(metric, clicks) if known else Absent(metric, "only_thirty_days"))  # type: ignore[arg-type]
        elif metric == "votes":
            made.append(await _votes(call, there, post))
        else:
            made.append(_sum(metric, public, _POST.get(metric, ())))
    return tuple(made)


async def _votes(call: Call, there: Remote, post: Mapping[str, Any]) -> Measure | Absent:
    attached = post.get("attachments")
    if not isinstance(attached, dict) or not attached.get("poll_ids"):
        return Absent("votes", "no_poll")
    params = {"expansions": "attachments.poll_ids", "poll.fields": "options"}
    told = await ask(call, "GET", f"tweets/{newest(there.extra, there.id)}", params=params)
    polls = (told.get("includes") or {}).get("polls") or ()
    votes = [row.get("votes") for poll in polls for row in poll.get("options", ()) if isinstance(row, dict)]
    counted = [count for count in votes if type(count) is int]
    return Measure("votes", sum(counted)) if counted else Absent("votes", "not_offered")


async def read_community(call: Call) -> Readings:
    """GET /2/users/me."""
    told = await ask(call, "GET", "users/me", params={"user.fields": "public_metrics"})
    user = told.get("data")
    counts = user.get("public_metrics") if isinstance(user, dict) else None
    if not isinstance(counts, dict):
        raise Temporary("nonsense", "no figures in the answer")
    return tuple(_sum(metric, counts, _COMMUNITY.get(metric, ())) for metric in COMMUNITY_METRICS)


def _sum(metric: str, data: Mapping[str, Any], fields: tuple[str, ...]) -> Measure | Absent:
    numbers = [data[name] for name in fields if type(data.get(name)) is int]
    return Measure(metric, sum(numbers)) if numbers else Absent(metric, "not_offered")

"""Numbers of posts, reels, stories and of the account.

Which metrics a post has hangs on its kind; "impressions" and "plays" are gone:
https://developers.facebook.com/docs/instagram-platform/reference/instagram-media/insights
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base import graph
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Readings, Remote
from niva.networks.instagram.client import account_of, ask

# Our word -> the metric of insights, by kind.
_POST: Final = {
    "views": "views", "reach": "reach", "likes": "likes", "comments": "comments", "reposts": "shares",
    "saves": "saved",
}  # fmt: skip
_METRICS: Final[Mapping[str, Mapping[str, str]]] = {
    "feed": _POST,
    "reel": _POST,
    "story": {"views": "views", "reach": "reach", "comments": "replies", "reposts": "shares"},
}


async def read_post(call: Call, there: Remote) -> Readings:
    """Insights, and the post's own counters where insights are closed. Raises Gone."""
    kind = str(there.extra.get("kind") or "feed")
    metrics = _METRICS.get(kind, _POST)
    told = await ask(call, "GET", there.id, {"fields": "id,like_count,comments_count"})
    found: dict[str, object] = {"likes": told.get("like_count"), "comments": told.get("comments_count")}

    async def ask_for(names: str) -> dict[str, Any]:
        return await ask(call, "GET", f"{there.id}/insights", {"metric": names})

    insights, reason = await graph.read_insights(ask_for, tuple(metrics.values()))
    found |= {word: insights[name] for word, name in metrics.items() if name in insights}
    return tuple(
        Absent(metric, "no_poll") if metric == "votes"
        else graph.reading(metric, found.get(metric), reason if metric in metrics else "not_offered")
        for metric in POST_METRICS
    )  # fmt: skip


async def read_community(call: Call) -> Readings:
    """Followers and posts."""
    told = await ask(call, "GET", account_of(call), {"fields": "id,followers_count,media_count"})
    found = {"followers": told.get("followers_count"), "posts": told.get("media_count")}
    return tuple(graph.reading(metric, found.get(metric), "not_offered") for metric in COMMUNITY_METRICS)

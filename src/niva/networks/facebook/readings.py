"""Numbers: what Facebook counts of a post and of a page.

Since November 2025 "impressions" and "fans" are gone for all versions; what lives on is called "media view":
https://developers.facebook.com/documentation/pages-api/platforminsights/page/deprecated-metrics
"""

from __future__ import annotations

from typing import Any, Final

from niva.networks.base import graph
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.facebook.client import ask, page_of

_COUNTS: Final = "comments.filter(stream).limit(0).summary(true)"
# Our word -> the metric of insights.
_INSIGHTS: Final = {
    "views": "post_media_view",
    "reach": "post_total_media_view_unique",
    "clicks": "post_clicks",
}


async def read_post(call: Call, there: Remote) -> Readings:
    """The post's own counters and its insights. Raises Gone when it is not there any more."""
    kind = str(there.extra.get("kind", "post"))
    found: dict[str, Any] = {}
    post_id = there.id
    if kind == "post":
        fields = f"id,shares,reactions.limit(0).summary(true),{_COUNTS}"
        told = await ask(call, "GET", there.id, {"fields": fields})
        shares = told.get("shares")
        found["likes"] = graph.total(told, "reactions")
        # Facebook leaves `shares` out where there is none.
        found["reposts"] = shares.get("count") if isinstance(shares, dict) else 0
        found["comments"] = graph.total(told, "comments")
    elif not kind.endswith("_story"):
        fields = f"id,post_id,views,likes.limit(0).summary(true),{_COUNTS}"
        told = await ask(call, "GET", there.id, {"fields": fields})
        found = {
            "views": told.get("views"),
            "likes": graph.total(told, "likes"),
            "comments": graph.total(told, "comments"),
        }
        post_id = f"{page_of(call)}_{told['post_id']}" if told.get("post_id") else ""
    else:
        return tuple(Absent(metric, "story_not_counted") for metric in POST_METRICS if metric != "votes")
    insights, reason = await _insights(call, post_id)
    found |= {word: insights[name] for word, name in _INSIGHTS.items() if name in insights}
    return tuple(_told(metric, found.get(metric), reason) for metric in POST_METRICS)


async def _insights(call: Call, post_id: str) -> tuple[dict[str, float], str]:
    if not post_id:
        return {}, "not_offered"

    async def ask_for(metrics: str) -> dict[str, Any]:
        return await ask(call, "GET", f"{post_id}/insights", {"metric": metrics, "period": "lifetime"})

    return await graph.read_insights(ask_for, tuple(_INSIGHTS.values()))


def _told(metric: str, value: Any, reason: str) -> Measure | Absent:
    if metric == "votes":
        return Absent(metric, "no_poll")
    return graph.reading(metric, value, reason if metric in _INSIGHTS else "not_offered")


async def read_community(call: Call) -> Readings:
    """Followers, and how many posts stand on the page."""
    page = page_of(call)
    told = await ask(call, "GET", page, {"fields": "id,followers_count"})
    posts = await ask(
        call, "GET", f"{page}/published_posts", {"fields": "id", "limit": "1", "summary": "total_count"}
    )
    summary = posts.get("summary")
    found = {
        "followers": told.get("followers_count"),
        "posts": summary.get("total_count") if isinstance(summary, dict) else None,
    }
    return tuple(graph.reading(metric, found.get(metric), "not_offered") for metric in COMMUNITY_METRICS)

"""Numbers: counted by an AppView (Bluesky's own), which the account's server asks on our behalf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import Gone, NetworkError, Temporary
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.bluesky.client import ask, session_of
from niva.networks.bluesky.publish import read_back

# Our word -> fields of app.bsky.feed.defs#postView that are added up. A quote is a repost with own words.
_POST: Final = {
    "likes": ("likeCount",),
    "comments": ("replyCount",),
    "reposts": ("repostCount", "quoteCount"),
    "saves": ("bookmarkCount",),
}
_COMMUNITY: Final = {"followers": ("followersCount",), "posts": ("postsCount",)}


def without_appview(error: NetworkError) -> bool:
    """Does the server say that nobody counts behind it? It answers UpstreamFailure (502) then."""
    return isinstance(error, Temporary) and "UpstreamFailure" in error.detail


async def read_post(call: Call, there: Remote) -> Readings:
    """getPosts. Raises Gone when the record itself is not there any more."""
    session = await session_of(call)
    try:
        answer = await ask(call, "app.bsky.feed.getPosts", token=session.access, params={"uris": there.id})
    except Temporary as error:
        if not without_appview(error):
            raise
        return _absent(POST_METRICS, "no_appview")
    posts = answer.get("posts")
    if not isinstance(posts, list):
        raise Temporary("nonsense", "no list of posts in the answer")
    if not posts:
        # The AppView does not know it: gone, or so fresh that it has not been counted yet.
        if not (await read_back(call, there)).alive:
            raise Gone("post_gone")
        return _absent(POST_METRICS, "not_indexed_yet")
    return _readings(POST_METRICS, _POST, posts[0])


async def read_community(call: Call) -> Readings:
    """getProfile of the account itself."""
    session = await session_of(call)
    try:
        answer = await ask(
            call, "app.bsky.actor.getProfile", token=session.access, params={"actor": session.did}
        )
    except Temporary as error:
        if not without_appview(error):
            raise
        return _absent(COMMUNITY_METRICS, "no_appview")
    return _readings(COMMUNITY_METRICS, _COMMUNITY, answer)


def _absent(metrics: tuple[str, ...], reason: str) -> Readings:
    return tuple(Absent(metric, reason) for metric in metrics)


def _readings(metrics: tuple[str, ...], fields: Mapping[str, tuple[str, ...]], data: Any) -> Readings:
    """A measure where the answer holds at least one of the fields, else the reason why there is none."""
    made: list[Measure | Absent] = []
    for metric in metrics:
        counts = [data.get(name) for name in fields.get(metric, ())] if isinstance(data, dict) else []
        numbers = [count for count in counts if isinstance(count, int) and not isinstance(count, bool)]
        made.append(Measure(metric, sum(numbers)) if numbers else Absent(metric, "not_offered"))
    return tuple(made)

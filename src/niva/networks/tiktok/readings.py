"""Numbers: what TikTok counts of a public post and of an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import Temporary
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.tiktok.publish import post_of
from niva.networks.tiktok.setup import user_of

_POST: Final = {
    "views": "view_count", "likes": "like_count", "comments": "comment_count", "reposts": "share_count",
}  # fmt: skip
_COMMUNITY: Final = {"followers": "follower_count", "posts": "video_count"}


async def read_post(call: Call, there: Remote) -> Readings:
    """video/query. Numbers are told of public videos only."""
    try:
        _, post = await post_of(call, there)
    except Temporary as error:
        if error.code != "media_processing":
            raise
        post = None
    if post is None:
        return tuple(
            Absent(metric, "not_public" if metric in _POST else "not_offered") for metric in POST_METRICS
        )
    return tuple(_count(metric, post, _POST) for metric in POST_METRICS)


async def read_community(call: Call) -> Readings:
    """user/info."""
    user = await user_of(call, "open_id", *_COMMUNITY.values())
    return tuple(_count(metric, user, _COMMUNITY) for metric in COMMUNITY_METRICS)


def _count(metric: str, data: Mapping[str, Any], names: Mapping[str, str]) -> Measure | Absent:
    told = data.get(names.get(metric, ""))
    known = isinstance(told, int) and not isinstance(told, bool)
    return Measure(metric, told) if known else Absent(metric, "not_offered")  # type: ignore[arg-type]

"""Numbers: what the Data API counts at once, and what Analytics adds a day or two later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import Gone, NeedsLogin, Rejected, Temporary
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.oauth import scopes_of
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.youtube.client import items, report
from niva.networks.youtube.payloads import moment
from niva.networks.youtube.publish import own_channel

ANALYTICS: Final = "https://www.googleapis.com/auth/yt-analytics.readonly"
_POST: Final = {"views": "viewCount", "likes": "likeCount", "comments": "commentCount"}
# https://developers.google.com/youtube/analytics/metrics: how often it was passed on, put into a playlist.
_LATER: Final = {"reposts": "shares", "saves": "videosAddedToPlaylists"}
_COMMUNITY: Final = {"followers": "subscriberCount", "posts": "videoCount"}


async def read_post(call: Call, there: Remote) -> Readings:
    """videos.list, and reports.query where the keys may. Raises Gone when the video is not there any more."""
    rows, _ = await items(call, "videos", {"part": "snippet,statistics", "id": there.id})
    if not rows:
        raise Gone("post_gone", there.id)
    counts = rows[0].get("statistics")
    made = {metric: _count(metric, counts, name) for metric, name in _POST.items()}
    published = str((rows[0].get("snippet") or {}).get("publishedAt") or "")
    made |= await _later(call, there.id, published)
    return tuple(made.get(metric, Absent(metric, "not_offered")) for metric in POST_METRICS)


async def _later(call: Call, video_id: str, published: str) -> dict[str, Measure | Absent]:
    """Shares and saves. Analytics runs a day or two behind: until then there is no row."""
    if ANALYTICS not in (scopes_of(call.credential) or ()):
        return {metric: Absent(metric, "needs_right") for metric in _LATER}
    params = {
        "ids": "channel==MINE",
        "startDate": moment(published).date().isoformat(),
        "endDate": call.now().date().isoformat(),
        "metrics": ",".join(_LATER.values()),
        "filters": f"video=={video_id}",
    }
    try:
        told = await report(call, params)
    except (NeedsLogin, Rejected):
        return {metric: Absent(metric, "needs_right") for metric in _LATER}
    rows = told.get("rows")
    if not rows:
        return {metric: Absent(metric, "not_counted_yet") for metric in _LATER}
    heads = [str(one.get("name")) for one in told.get("columnHeaders", ()) if isinstance(one, dict)]
    values = dict(zip(heads, rows[0], strict=False)) if isinstance(rows[0], list) else {}
    return {metric: _number(metric, values.get(name)) for metric, name in _LATER.items()}


async def read_community(call: Call) -> Readings:
    """channels.list. Subscribers come rounded to three digits from a thousand on."""
    counts = (await own_channel(call, "statistics")).get("statistics")
    hidden = isinstance(counts, dict) and counts.get("hiddenSubscriberCount") is True
    made: list[Measure | Absent] = []
    for metric in COMMUNITY_METRICS:
        if metric == "followers" and hidden:
            made.append(Absent(metric, "followers_hidden"))
        elif metric in _COMMUNITY:
            made.append(_count(metric, counts, _COMMUNITY[metric]))
        else:
            made.append(Absent(metric, "not_offered"))
    return tuple(made)


def _count(metric: str, counts: Any, name: str) -> Measure | Absent:
    """Counts come as strings of digits; one that is switched off is left out."""
    if not isinstance(counts, Mapping):
        raise Temporary("nonsense", "no statistics in the answer")
    return _number(metric, counts.get(name))


def _number(metric: str, told: Any) -> Measure | Absent:
    text = str(told)
    if isinstance(told, int | float | str) and text.replace(".", "", 1).isdecimal():
        return Measure(metric, float(text))
    return Absent(metric, "not_offered")

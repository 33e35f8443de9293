"""Numbers of a page and of its posts. A person's own are counted for few applications."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from niva.networks.base.errors import NeedsLogin
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.linkedin.client import ask_object, author_of, coded, elements, is_page
from niva.networks.linkedin.errors import NO_RIGHT
from niva.networks.linkedin.publish import post_of

# Our word -> field of totalShareStatistics.
_POST: Final = {
    "views": "impressionCount",
    "reach": "uniqueImpressionsCount",
    "likes": "likeCount",
    "comments": "commentCount",
    "reposts": "shareCount",
    "clicks": "clickCount",
}
_PERSON: Final = "li_person_not_counted"


async def read_post(call: Call, there: Remote) -> Readings:
    """organizationalEntityShareStatistics of one post, and the votes that the post itself tells."""
    if not is_page(call.credential):
        return tuple(Absent(metric, _PERSON) for metric in POST_METRICS)
    row = await post_of(call, there)
    kind = "ugcPosts" if there.id.startswith("urn:li:ugcPost:") else "shares"
    author = coded(author_of(call.credential))
    path = (
        f"/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity={author}"
        f"&{kind}=List({coded(there.id)})"
    )
    try:
        rows = elements(await ask_object(call, "GET", path))
    except NeedsLogin as error:
        if error.code != NO_RIGHT:
            raise
        return tuple(Absent(metric, "needs_right") for metric in POST_METRICS)
    # a post that nobody has seen yet has no row
    total = (rows[0].get("totalShareStatistics") or {}) if rows else {}
    counted = (_measure(metric, total.get(field), "li_not_counted_yet") for metric, field in _POST.items())
    return (*counted, Absent("saves", "not_offered"), _votes(row))


def _votes(row: Mapping[str, Any]) -> Measure | Absent:
    poll = (row.get("content") or {}).get("poll")
    if not isinstance(poll, dict):
        return Absent("votes", "no_poll")
    return _measure("votes", poll.get("uniqueVotersCount"), "li_not_counted_yet")


async def read_community(call: Call) -> Readings:
    """Followers, posts, and the people who opened the page on the last whole day (UTC): LinkedIn counts a day
    when it is over."""
    if not is_page(call.credential):
        return tuple(Absent(metric, _PERSON) for metric in COMMUNITY_METRICS)
    author = author_of(call.credential)
    size = await ask_object(
        call, "GET", f"/rest/networkSizes/{coded(author)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
    )
    listed = await ask_object(call, "GET", f"/rest/posts?author={coded(author)}&q=author&count=1")
    return (
        _measure("followers", size.get("firstDegreeSize"), "not_offered"),
        _measure("posts", (listed.get("paging") or {}).get("total"), "not_offered"),
        await _visitors(call, author),
        Absent("messages", "not_offered"),
    )


async def _visitors(call: Call, author: str) -> Measure | Absent:
    today = call.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = _ms(today - timedelta(days=1)), _ms(today)
    path = (
        f"/rest/organizationPageStatistics?q=organization&organization={coded(author)}"
        f"&timeIntervals=(timeRange:(start:{start},end:{end}),timeGranularityType:DAY)"
    )
    try:
        rows = elements(await ask_object(call, "GET", path))
    except NeedsLogin as error:
        if error.code != NO_RIGHT:
            raise
        return Absent("visitors", "needs_right")
    views = ((rows[0].get("totalPageStatistics") or {}).get("views") or {}) if rows else {}
    return _measure(
        "visitors", (views.get("allPageViews") or {}).get("uniquePageViews"), "li_not_counted_yet"
    )


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _measure(metric: str, value: Any, reason: str) -> Measure | Absent:
    counted = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return Measure(metric, value) if counted else Absent(metric, reason)

"""Numbers: what a server counts of a status and of an account. Views it does not count."""

from __future__ import annotations

from typing import Any, Final

from niva.networks.base.errors import Temporary
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.mastodon.client import ask
from niva.networks.mastodon.publish import STATUSES

# Our word -> fields of a Status that are added up. A quote (since 4.5) is a repost with own words.
_POST: Final = {
    "likes": ("favourites_count",),
    "comments": ("replies_count",),
    "reposts": ("reblogs_count", "quotes_count"),
}
_COMMUNITY: Final = {"followers": ("followers_count",), "posts": ("statuses_count",)}


async def read_post(call: Call, there: Remote) -> Readings:
    """GET /api/v1/statuses/:id. Raises Gone when it is not there any more."""
    status = await _mapping(call, f"{STATUSES}/{there.id}")
    poll = status.get("poll")
    made: list[Measure | Absent] = []
    for metric in POST_METRICS:
        if metric == "votes":
            made.append(_votes(poll))
        else:
            made.append(_sum(metric, status, _POST.get(metric, ())))
    return tuple(made)


async def read_community(call: Call) -> Readings:
    """GET /api/v1/accounts/verify_credentials."""
    account = await _mapping(call, "/api/v1/accounts/verify_credentials")
    return tuple(_sum(metric, account, _COMMUNITY.get(metric, ())) for metric in COMMUNITY_METRICS)


def _votes(poll: Any) -> Measure | Absent:
    if not isinstance(poll, dict):
        return Absent("votes", "no_poll")
    # People where the server tells them apart from votes (polls with several answers).
    count = poll.get("voters_count")
    return _sum("votes", poll, ("voters_count",) if isinstance(count, int) else ("votes_count",))


def _sum(metric: str, data: dict[str, Any], fields: tuple[str, ...]) -> Measure | Absent:
    numbers = [data[name] for name in fields if type(data.get(name)) is int]
    return Measure(metric, sum(numbers)) if numbers else Absent(metric, "not_offered")


async def _mapping(call: Call, path: str) -> dict[str, Any]:
    found = await ask(call, "GET", path)
    if not isinstance(found, dict):
        raise Temporary("nonsense", "no object in the answer")
    return found

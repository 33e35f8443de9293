"""Numbers of a post and of the community."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from niva.networks.base.errors import NeedsLogin, Rejected, Temporary
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.vk.client import ask, has_key
from niva.networks.vk.errors import NO_RIGHT
from niva.networks.vk.payloads import group_of
from niva.networks.vk.publish import item_of
from niva.networks.vk.stories import is_story
from niva.networks.vk.stories import read_post as read_story


async def read_post(call: Call, there: Remote) -> Readings:
    """Counters from wall.getById (their own moment: now), reach and clicks from stats.getPostReach."""
    if is_story(there):
        return await read_story(call, there)
    item = await item_of(call, there)
    return (
        *(_counter(item, name) for name in ("views", "likes", "comments", "reposts")),
        *await _reach(call, there),
        _votes(item),
        Absent("saves", "vk_hides_saves"),
    )


def _counter(item: Mapping[str, Any], name: str) -> Measure | Absent:
    body = item.get(name)
    count = body.get("count") if isinstance(body, dict) else None
    return _measure(name, count, "vk_not_counted_yet")


def _measure(metric: str, value: Any, reason: str) -> Measure | Absent:
    counted = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return Measure(metric, value) if counted else Absent(metric, reason)


async def _reach(call: Call, there: Remote) -> Readings:
    """VK refuses these to whoever may not see the statistics; a refusal is an absence, not a failure."""
    params = {"owner_id": -group_of(call.credential), "post_ids": [there.id]}
    try:
        told = await ask(call, "stats.getPostReach", params, writes=False)
    except Rejected:
        told = []
    except NeedsLogin as error:
        if error.code != NO_RIGHT:
            raise
        told = []
    stat = told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else {}
    return (
        _measure("reach", stat.get("reach_total"), "vk_hides_statistics"),
        _measure("clicks", stat.get("links"), "vk_hides_statistics"),
    )


def _votes(item: Mapping[str, Any]) -> Measure | Absent:
    for attachment in item.get("attachments") or ():
        if attachment.get("type") == "poll":
            return _measure("votes", (attachment.get("poll") or {}).get("votes"), "vk_not_counted_yet")
    return Absent("votes", "no_poll")


async def read_community(call: Call) -> Readings:
    """Members, posts on the wall, and today's visitors so far."""
    group = group_of(call.credential)
    fields = {"group_id": group, "fields": ["members_count"]}
    told = await ask(call, "groups.getById", fields, writes=False)
    groups = told.get("groups") if isinstance(told, dict) else None
    if not isinstance(groups, list) or not groups or not isinstance(groups[0], dict):
        raise Temporary("nonsense", "no community in the answer")
    followers = _measure("followers", groups[0].get("members_count"), "vk_hides_members")
    rest: Readings = (Absent("posts", "vk_needs_user_key"), Absent("visitors", "vk_needs_user_key"))
    if has_key(call.credential, "user"):
        wall = await ask(call, "wall.get", {"owner_id": -group, "count": 1}, writes=False)
        count = wall.get("count") if isinstance(wall, dict) else None
        rest = (_measure("posts", count, "vk_not_counted_yet"), await _visitors(call, group))
    return (followers, *rest, Absent("messages", "vk_counts_no_writers"))


async def _visitors(call: Call, group: int) -> Measure | Absent:
    params = {"group_id": group, "interval": "day", "intervals_count": 1, "stats_groups": ["visitors"]}
    try:
        told = await ask(call, "stats.get", params, writes=False)
    except Rejected:
        return Absent("visitors", "vk_hides_statistics")
    except NeedsLogin as error:
        if error.code != NO_RIGHT:
            raise
        return Absent("visitors", "vk_hides_statistics")
    period = told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else {}
    return _measure("visitors", (period.get("visitors") or {}).get("visitors"), "vk_hides_statistics")

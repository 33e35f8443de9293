"""Numbers of a topic (group.getStatTopic) and of the group (group.getCounters)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import NeedsLogin, Rejected, Temporary
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.ok.client import ask
from niva.networks.ok.errors import NO_RIGHT
from niva.networks.ok.payloads import group_of
from niva.networks.ok.publish import topic_of

# Our word -> OK's. "renderings": times shown in feeds and on the page.
_STATISTICS: Final = {
    "views": "renderings",
    "reach": "reach",
    "likes": "likes",
    "comments": "comments",
    "reposts": "reshares",
    "clicks": "link_clicks",
}
# What the topic itself tells to keys that may not see the statistics: our word -> (object, field).
_SUMMARIES: Final = {
    "likes": ("like_summary", "count"),
    "comments": ("discussion_summary", "comments_count"),
    "reposts": ("reshare_summary", "count"),
}
_CLOSED: Final = {NO_RIGHT, "ok_not_admin"}


async def read_post(call: Call, there: Remote) -> Readings:
    """The statistics of the topic; where they are closed to these keys, the counters that stand under it."""
    topic = await topic_of(call, there)  # Gone where there is nothing to count any more
    found = await _statistics(call, there)
    made: list[Measure | Absent] = []
    for metric, field in _STATISTICS.items():
        if found is not None:
            made.append(_measure(metric, found.get(field), "ok_not_counted_yet"))
        elif metric in _SUMMARIES:
            part, name = _SUMMARIES[metric]
            made.append(_measure(metric, (topic.get(part) or {}).get(name), "ok_hides_statistics"))
        else:
            made.append(Absent(metric, "ok_hides_statistics"))
    return (*made, Absent("saves", "not_offered"), await _votes(call, there))


async def _statistics(call: Call, there: Remote) -> Mapping[str, Any] | None:
    """None where these keys may not see them."""
    fields = ["ID", "RENDERINGS", "REACH", "LIKES", "COMMENTS", "RESHARES", "LINK_CLICKS"]
    try:
        told = await ask(call, "group.getStatTopic", {"topic_id": there.id, "fields": fields}, writes=False)
    except Rejected:
        return None
    except NeedsLogin as error:
        if error.code not in _CLOSED:
            raise
        return None
    topic = told.get("topic") if isinstance(told, dict) else None
    if not isinstance(topic, dict):
        raise Temporary("nonsense", "no statistics in the answer")
    return topic


async def _votes(call: Call, there: Remote) -> Measure | Absent:
    """Votes over all answers: OK tells them answer by answer."""
    answers = int(there.extra.get("answers") or 0)
    if not answers:
        return Absent("votes", "no_poll")
    votes = 0
    for index in range(answers):
        params = {"topic_id": there.id, "answer_idx": index, "count": 1}
        told = await ask(call, "mediatopic.getPollAnswerVoters", params, writes=False)
        count = told.get("total_count", 0) if isinstance(told, dict) else None
        if not isinstance(count, int) or isinstance(count, bool):
            return Absent("votes", "ok_not_counted_yet")
        votes += count
    return Measure("votes", votes)


async def read_community(call: Call) -> Readings:
    """Members and topics. Visitors and people who wrote are counted on the site only."""
    params = {"group_id": group_of(call.credential), "counterTypes": ["MEMBERS", "THEMES"]}
    told = await ask(call, "group.getCounters", params, writes=False)
    counters = told.get("counters") if isinstance(told, dict) else None
    if not isinstance(counters, dict):
        raise Temporary("nonsense", "no counters in the answer")
    return (
        _measure("followers", counters.get("members"), "ok_hides_members"),
        _measure("posts", counters.get("themes"), "ok_not_counted_yet"),
        Absent("visitors", "not_offered"),
        Absent("messages", "not_offered"),
    )


def _measure(metric: str, value: Any, reason: str) -> Measure | Absent:
    counted = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return Measure(metric, value) if counted else Absent(metric, reason)

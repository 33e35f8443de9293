"""Numbers: a bot sees how many follow, and nothing of how a post does."""

from __future__ import annotations

from niva.networks.base.errors import Temporary
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Measure, Readings, Remote
from niva.networks.telegram.client import ask, chat_of

_WHY_NOT = {"views": "bot_api_has_no_views", "reach": "bot_api_has_no_views"}


async def read_post(call: Call, there: Remote) -> Readings:
    """All absent: the Bot API counts nothing of a post, and reactions only come as passing updates."""
    return tuple(Absent(metric, _WHY_NOT.get(metric, "bot_api_counts_nothing")) for metric in POST_METRICS)


async def read_community(call: Call) -> Readings:
    """Followers through getChatMemberCount (bots of the channel among them); the rest is not given."""
    count = await ask(call, "getChatMemberCount", {"chat_id": chat_of(call.credential)}, writes=False)
    if not isinstance(count, int) or isinstance(count, bool):
        raise Temporary("nonsense", "no number in the answer")
    others = (metric for metric in COMMUNITY_METRICS if metric != "followers")
    return (Measure("followers", count), *(Absent(metric, "bot_api_counts_nothing") for metric in others))

"""Dzen tells its numbers in the Studio alone: they are typed in or imported."""

from __future__ import annotations

from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.types import Absent, Readings, Remote

REASON = "no_api"


async def read_post(call: Call, there: Remote) -> Readings:
    return tuple(Absent(metric, REASON) for metric in POST_METRICS)


async def read_community(call: Call) -> Readings:
    return tuple(Absent(metric, REASON) for metric in COMMUNITY_METRICS)

"""Numbers: every counter of the practice network, or the reason why it is not there."""

from __future__ import annotations

from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Call
from niva.networks.base.transport import unclear
from niva.networks.base.types import Readings, Remote
from niva.networks.practice import payloads
from niva.networks.practice.client import Client


async def read_post(call: Call, there: Remote) -> Readings:
    return _counters(payloads.numbers(await Client(call).post_stats(there.id), POST_METRICS))


async def read_community(call: Call) -> Readings:
    return _counters(payloads.numbers(await Client(call).community_stats(), COMMUNITY_METRICS))


def _counters(readings: Readings | None) -> Readings:
    if readings is None:
        raise unclear(False, "nonsense", "the answer holds no counters")
    return readings

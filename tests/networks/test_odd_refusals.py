"""Refusals of no sensible shape are errors of networks, too, and no pause is believed without end."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from niva.networks.base import graph
from niva.networks.base.errors import Limited, NetworkError
from niva.networks.base.network import Call
from niva.networks.base.transport import LONGEST_PAUSE, Reply
from niva.networks.base.types import Credential
from niva.networks.bluesky import errors as bluesky
from niva.networks.discord import errors as discord
from niva.networks.instagram import NETWORK as instagram
from niva.networks.linkedin import errors as linkedin
from niva.networks.mastodon import errors as mastodon
from niva.networks.ok import errors as ok
from niva.networks.pinterest import errors as pinterest
from niva.networks.reddit import errors as reddit
from niva.networks.telegram import client as telegram_client
from niva.networks.telegram import errors as telegram
from niva.networks.threads import NETWORK as threads
from niva.networks.vk import errors as vk

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def reply(status: int, told: Any = None, **headers: str) -> Reply:
    return Reply(status, headers, b"<html>" if told is None else json.dumps(told).encode())


@pytest.mark.parametrize("code", [[5], {"code": 5}, None, "5", 5.5, True])
@pytest.mark.parametrize(
    "meant",
    [
        lambda code: vk.error_of({"error_code": code, "error_msg": "?"}, writes=True, now=NOW),
        lambda code: ok.error_of({"error_code": code, "error_msg": "?"}, writes=True, now=NOW),
        lambda code: linkedin.error_of(
            reply(401, {"message": "?", "serviceErrorCode": code}), writes=True, now=NOW
        ),
        lambda code: discord.error_of(reply(400, {"code": code, "message": "?"}), writes=True, now=NOW),
        lambda code: telegram.error_of(reply(400), {"error_code": code}, writes=True, now=NOW),
        lambda code: graph.error_of({"code": code}, reply(400), writes=True, now=NOW),
        lambda code: pinterest.error_of(reply(400, {"code": code}), writes=True, now=NOW),
        lambda code: reddit.error_of(reply(400, {"error": code, "reason": code}), writes=True, now=NOW),
        lambda code: mastodon.error_of(reply(400, {"error": code}), writes=True, now=NOW),
        lambda code: bluesky.error_of(reply(400, {"error": code}), writes=True, now=NOW),
    ],
    ids=[
        "vk", "ok", "linkedin", "discord", "telegram", "graph", "pinterest", "reddit", "mastodon", "bluesky",
    ],
)  # fmt: skip
def test_a_code_that_is_none(meant: Callable[[Any], NetworkError], code: Any) -> None:
    assert isinstance(meant(code), NetworkError)


HUGE = 10**15
USAGE = json.dumps({"1": [{"estimated_time_to_regain_access": HUGE}]})


@pytest.mark.parametrize(
    "meant",
    [
        lambda: telegram.error_of(
            reply(429), {"error_code": 429, "parameters": {"retry_after": HUGE}}, writes=True, now=NOW
        ),
        lambda: discord.error_of(reply(429, {"retry_after": 1e300}), writes=True, now=NOW),
        lambda: reddit.error_of(reply(429, **{"X-Ratelimit-Reset": "1e300"}), writes=True, now=NOW),
        lambda: reddit.told_error({"json": {"errors": [["RATELIMIT"]], "ratelimit": 1e300}}, now=NOW),
        lambda: reddit.told_error(
            {"json": {"errors": [["RATELIMIT", f"try again in {HUGE} days"]]}}, now=NOW
        ),
        lambda: graph.error_of(
            {"code": 32}, reply(400, **{"X-Business-Use-Case-Usage": USAGE}), writes=True, now=NOW
        ),
        lambda: mastodon.error_of(
            reply(429, **{"X-RateLimit-Reset": "9999-12-31T00:00:00Z"}), writes=True, now=NOW
        ),
        lambda: bluesky.error_of(reply(429, **{"RateLimit-Reset": "99999999999"}), writes=True, now=NOW),
        lambda: pinterest.error_of(reply(429, **{"X-RateLimit-Reset": str(HUGE)}), writes=True, now=NOW),
    ],
    ids=[
        "telegram", "discord", "reddit", "reddit-number", "reddit-words", "graph", "mastodon", "bluesky",
        "pinterest",
    ],
)  # fmt: skip
def test_no_pause_is_longer_than_a_day(meant: Callable[[], NetworkError]) -> None:
    error = meant()
    assert isinstance(error, Limited)
    assert error.until == NOW + LONGEST_PAUSE


@pytest.mark.parametrize("status", [401, 403, 413])
def test_what_the_door_refused_did_not_get_into_pinterest(status: int) -> None:
    """A picture travels inside the call: "too large" comes from a gateway, as a page of its own."""
    assert pinterest.error_of(reply(status), writes=True, now=NOW).code in (
        "token_revoked", "no_right", "file_too_big",
    )  # fmt: skip


@pytest.mark.parametrize("network", [instagram, threads])
@pytest.mark.parametrize("facts", [{}, {"limits_on": None}, {"limits_on": "some day"}])
def test_limits_told_on_no_day_are_limits_all_the_same(network: Any, facts: dict[str, Any]) -> None:
    told = {"limits": {"posts_per_day": 7}, **facts}
    assert network.limits_for(Credential(facts=told)).value("posts_per_day") == 7


class Answering:
    """A way out on which every request finds the same answers, one after the other."""

    deadline = 5.0

    def __init__(self, *told: Any) -> None:
        self.told, self.asked = list(told), 0

    async def request(self, *asked: Any, **more: Any) -> Reply:
        self.asked += 1
        assert self.asked < 9, "it goes round for ever"
        return reply(400, self.told[(self.asked - 1) % len(self.told)])


async def test_a_chat_of_telegram_that_moves_to_and_fro_is_followed_once() -> None:
    def moved(to: int) -> dict[str, Any]:
        words = "Bad Request: group chat was upgraded to a supergroup chat"
        return {
            "ok": False, "error_code": 400, "description": words, "parameters": {"migrate_to_chat_id": to},
        }  # fmt: skip

    way: Any = Answering(moved(-2), moved(-1))
    call = Call(way, Credential({"bot_token": "1:a"}), lambda: NOW)
    with pytest.raises(NetworkError):
        await telegram_client.ask(call, "sendMessage", {"chat_id": -1}, writes=True)
    assert way.asked == 2

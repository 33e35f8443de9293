"""Publishing is standing in the feed. The guid is the key of the step: drawn once, kept over every crash."""

from __future__ import annotations

from collections.abc import Mapping

from niva.networks.base.errors import Rejected
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import JSON, Credential, Outgoing, Remote, Seen, Step


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """One step without a call; repeated, it gives the same guid."""
    return (Step("create", "create", keyed=True),)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    """From now on the feed shows it. The link of the article is not known: Dzen tells nobody."""
    return {"id": call.key, "url": ""}


async def look_up(call: Call, question: Question) -> Answer:
    """Nobody else holds the feed: a step of which no end is known simply has its key."""
    return Answer(True, {"id": call.key, "url": ""})


def remote(done: Mapping[str, JSON]) -> Remote:
    created = done["create"]
    return Remote(str(created["id"]), str(created.get("url", "")))


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """The item in the feed reads anew; Dzen takes changes by the guid as often as they come."""
    return there


async def delete(call: Call, there: Remote) -> None:
    """The item leaves the feed. What Dzen has imported stays there until it is deleted in the Studio."""


async def read_back(call: Call, there: Remote) -> Seen:
    raise Rejected("read_back_unsupported")

"""Comments under posts of a channel; in a group, the answers to a message.

Private messages reach a bot only through one queue of updates for all its chats, so they are not read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from niva.networks.base.errors import Rejected
from niva.networks.base.inbox import Message, Messages
from niva.networks.base.network import Call
from niva.networks.base.types import Remote
from niva.networks.max import payloads
from niva.networks.max.chat import is_group, latest
from niva.networks.max.publish import comments, say


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    """What was said under a post after `since`; in a group, among its last hundred messages."""
    if is_group(call):
        found = [one for one in await latest(call) if payloads.answers(one) == there.id]
    else:
        found = await comments(call, there.id, since.timestamp())
    heard = [_message(call, there, one) for one in found]
    return tuple(sorted((one for one in heard if one.at > since), key=lambda one: one.at))


def _message(call: Call, there: Remote, one: Mapping[str, Any]) -> Message:
    told = one.get("sender")
    # Without a sender it was said in the channel's own name.
    sender = told if isinstance(told, dict) else {}
    answers = payloads.answers(one)
    names = (str(sender.get(name) or "") for name in ("first_name", "last_name"))
    mine = call.credential.facts.get("bot_id")
    return Message(
        id=str(payloads.body_of(one).get("mid") or ""),
        kind="comment",
        text=payloads.text_of(one),
        at=payloads.moment(one),
        thread=there.id,
        answers="" if answers == there.id else answers,
        author_id=str(sender.get("user_id") or ""),
        author_name=" ".join(name for name in names if name),
        url=str(one.get("url") or ""),
        ours=not sender or (mine is not None and sender.get("user_id") == mine),
        media=payloads.files_of(one),
    )


async def answer(call: Call, message: Message, text: str) -> Message:
    """Answer a comment beneath it."""
    said = await say(call, message.thread, text, message.id)
    return Message(said["id"], "comment", text, call.now(), message.thread, message.id, ours=True)


async def read_messages(call: Call, since: datetime) -> Messages:
    raise Rejected("messages_unsupported")


async def read_mentions(call: Call, since: datetime) -> Messages:
    raise Rejected("mentions_unsupported")

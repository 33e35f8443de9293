"""What people say: answers below a post, and posts elsewhere that name the account. Threads' private messages
have no calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from niva.networks.base import graph, graph_talk
from niva.networks.base.errors import Rejected
from niva.networks.base.inbox import Message, MessageKind, Messages
from niva.networks.base.network import Call
from niva.networks.base.types import Remote
from niva.networks.threads import client, payloads
from niva.networks.threads.publish import say

_FIELDS: Final = "id,text,timestamp,username,permalink,media_type,children{id}"
_ANSWER: Final = f"{_FIELDS},replied_to,is_reply_owned_by_me"


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    """The whole conversation below a post, oldest first. Our own chain is part of it, as ours."""
    return await _read(call, f"{there.id}/conversation", {"fields": _ANSWER}, "comment", there.id, since)


async def read_messages(call: Call, since: datetime) -> Messages:
    raise Rejected("messages_unsupported")


async def read_mentions(call: Call, since: datetime) -> Messages:
    """Public posts that name the account."""
    params = {"fields": _FIELDS, "since": str(int(since.timestamp()))}
    return await _read(call, "me/mentions", params, "mention", "", since)


async def _read(
    call: Call, path: str, params: dict[str, str], kind: MessageKind, post: str, since: datetime
) -> Messages:
    found = []
    async for row in client.listed(call, path, params):
        if row is not None and graph.moment(row.get("timestamp")) > since:
            found.append(_message(row, kind, post))
    return graph_talk.in_order(found)


def _message(row: Mapping[str, Any], kind: MessageKind, post: str) -> Message:
    to = row.get("replied_to")
    parent = str(to.get("id") or "") if isinstance(to, dict) else ""
    return Message(
        id=str(row.get("id")),
        kind=kind,
        text=str(row.get("text") or ""),
        at=graph.moment(row.get("timestamp")),
        thread=post,
        answers=parent if parent != post else "",
        author_name=str(row.get("username") or ""),
        url=str(row.get("permalink") or ""),
        ours=row.get("is_reply_owned_by_me") is True,
        media=payloads.files_in(row),
    )


async def answer(call: Call, message: Message, text: str) -> Message:
    """Answer in the account's name."""
    made = await say(call, text, message.id)
    return graph_talk.said(
        message, made, text, str(call.credential.facts.get("threads_id") or ""), call.now()
    )

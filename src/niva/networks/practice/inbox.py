"""Comments, private messages and mentions: read by pages, comments and messages answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from niva.networks.base.errors import Rejected
from niva.networks.base.inbox import Message, MessageKind, Messages
from niva.networks.base.network import Call
from niva.networks.base.transport import unclear
from niva.networks.base.types import Remote
from niva.networks.practice.client import Client, id_of
from niva.networks.practice.publish import rows_of

PAGE: Final = 100  # what the server gives at once
PAGES_MAX: Final = 20
Ask = Callable[[int], Awaitable[Mapping[str, Any]]]


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    client = Client(call)
    rows = await _all("comments", lambda offset: client.list_comments(there.id, since, offset))
    return _messages("comment", rows, thread=there.id, url=there.url)


async def read_messages(call: Call, since: datetime) -> Messages:
    client = Client(call)
    return _messages("message", await _all("messages", lambda offset: client.list_messages(since, offset)))


async def read_mentions(call: Call, since: datetime) -> Messages:
    client = Client(call)
    return _messages("mention", await _all("mentions", lambda offset: client.list_mentions(since, offset)))


async def _all(name: str, ask: Ask) -> list[dict[str, Any]]:
    """Every page, newest first as they come; what slid onto the next page meanwhile is taken once."""
    found: dict[str, dict[str, Any]] = {}
    for page in range(PAGES_MAX):
        rows = rows_of(await ask(page * PAGE), name)
        found |= {str(row["id"]): row for row in rows if str(row["id"]) not in found}
        if len(rows) < PAGE:
            break
    return list(found.values())


def _messages(kind: MessageKind, rows: list[dict[str, Any]], *, thread: str = "", url: str = "") -> Messages:
    try:
        return tuple(
            Message(
                id=str(row["id"]),
                kind=kind,
                text=str(row["text"]),
                at=datetime.fromisoformat(row["created_at"]),
                thread=thread or str(row.get("conversation") or ""),
                answers=str(row.get("answers") or ""),
                author_id=str(row["name"]),
                author_name=str(row["name"]),
                url=str(row.get("url") or url),
                ours=bool(row["own"]),
            )
            for row in reversed(rows)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise unclear(False, "nonsense", f"no {kind}: {error!r}") from error


async def answer(call: Call, message: Message, text: str) -> Message:
    """An answer under the comment, or in the conversation. A community that heeds keys drops a second one."""
    client = Client(call)
    if message.kind == "comment":
        made = await client.add_comment(message.thread, text, answers=message.id)
    elif message.kind == "message":
        made = await client.answer_message(message.thread, text)
    else:
        raise Rejected("mention_answer_unsupported")
    answers = message.id if message.kind == "comment" else ""
    return Message(id_of(made), message.kind, text, call.now(), message.thread, answers, ours=True)

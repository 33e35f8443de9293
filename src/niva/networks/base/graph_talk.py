"""Private messages of a page, in Messenger and in Instagram: the same calls with another platform named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from niva.networks.base import graph
from niva.networks.base.errors import NetworkError, Rejected
from niva.networks.base.inbox import Message, Messages
from niva.networks.base.network import Call

# "within 24 hours of the person's message": https://developers.facebook.com/docs/messenger-platform/policy
WINDOW: Final = timedelta(hours=24)
_THREAD: Final = (
    "id,updated_time,participants,messages.limit(25){id,message,created_time,from,attachments.limit(10)}"
)
Known = Callable[[Mapping[str, Any]], NetworkError | None]


async def read_messages(
    call: Call,
    page_url: str,
    platform: Literal["MESSENGER", "INSTAGRAM"],
    ours: Collection[str],
    since: datetime,
    known: Known | None = None,
) -> Messages:
    """The newest conversations, until one has been silent since `since`. `ours`: our ids in them."""
    found = []
    params = {"fields": _THREAD, "platform": platform}
    async for row in graph.listed(call, f"{page_url}/conversations", params, known=known):
        if row is None or graph.moment(row.get("updated_time")) <= since:
            break
        talk = row.get("messages")
        writer = _other(row, ours)
        for one in graph.rows(talk) if isinstance(talk, dict) else []:
            if graph.moment(one.get("created_time")) > since:
                found.append(_message(one, str(row.get("id")), ours, writer))
    return in_order(found)


def _other(thread: Mapping[str, Any], ours: Collection[str]) -> str:
    people = thread.get("participants")
    ids = [str(one.get("id")) for one in graph.rows(people)] if isinstance(people, dict) else []
    return next((one for one in ids if one not in ours), "")


def _message(row: Mapping[str, Any], thread: str, ours: Collection[str], writer: str) -> Message:
    who, name = author(row)
    files = row.get("attachments")
    return Message(
        id=str(row.get("id")),
        kind="message",
        text=str(row.get("message") or ""),
        at=graph.moment(row.get("created_time")),
        thread=thread,
        author_id=who,
        author_name=name,
        ours=who in ours,
        media=len(graph.rows(files)) if isinstance(files, dict) else 0,
        extra={"to": writer},
    )


def author(entry: Mapping[str, Any]) -> tuple[str, str]:
    """(id, name) of who said it; empty where these keys may not know."""
    who = entry.get("from")
    if not isinstance(who, dict):
        return "", ""
    return str(who.get("id") or ""), str(who.get("name") or who.get("username") or "")


def in_order(newest_first: list[Message]) -> Messages:
    """Oldest first; those of the same moment in the order in which they were said."""
    newest_first.reverse()
    return tuple(sorted(newest_first, key=lambda one: one.at))


async def answer(call: Call, page_url: str, message: Message, text: str, known: Known | None = None) -> str:
    """Answer a private message; the answer's id. Rejected("reply_window_closed") a day after it was said."""
    if call.now() - message.at > WINDOW:
        raise Rejected("reply_window_closed")
    to = str(message.extra.get("to") or message.author_id)
    params = {"recipient": {"id": to}, "message": {"text": text}, "messaging_type": "RESPONSE"}
    told = await graph.ask(call, "POST", f"{page_url}/messages", params=params, writes=True, known=known)
    return graph.identified(told, "message_id")


def said(message: Message, answer_id: str, text: str, ours: str, now: datetime) -> Message:
    """Our answer as it stands there."""
    return Message(
        id=answer_id, kind=message.kind, text=text, at=now, thread=message.thread, answers=message.id,
        author_id=ours, ours=True,
    )  # fmt: skip

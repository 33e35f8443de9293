"""What people say to a page: comments under its posts, Messenger, posts elsewhere that tag it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from niva.networks.base import graph
from niva.networks.base.errors import Rejected, Temporary
from niva.networks.base.inbox import Message, Messages
from niva.networks.base.network import Call
from niva.networks.base.types import Remote
from niva.networks.facebook import client, payloads
from niva.networks.facebook.client import ask, page_of

# "within 24 hours of the person's message": https://developers.facebook.com/docs/messenger-platform/policy
WINDOW: Final = timedelta(hours=24)
_COMMENT: Final = "id,message,created_time,from,parent,permalink_url,attachment"
_THREAD: Final = (
    "id,updated_time,participants,messages.limit(25){id,message,created_time,from,attachments.limit(10)}"
)


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    """All comments with the answers to them, oldest first."""
    params = {
        "fields": _COMMENT, "filter": "stream", "order": "reverse_chronological",
        "since": str(int(since.timestamp())),
    }  # fmt: skip
    page, found = page_of(call), []
    async for row in graph.listed(call, client.url(call, f"{there.id}/comments"), params, known=client.known):
        if row is not None and graph.moment(row.get("created_time")) > since:
            found.append(_comment(row, there.id, page))
    return _in_order(found)


def _comment(row: Mapping[str, Any], post: str, page: str) -> Message:
    who, name = payloads.author(row)
    parent = row.get("parent")
    return Message(
        id=str(row.get("id")),
        kind="comment",
        text=str(row.get("message") or ""),
        at=graph.moment(row.get("created_time")),
        thread=post,
        answers=str(parent.get("id") or "") if isinstance(parent, dict) else "",
        author_id=who,
        author_name=name,
        url=str(row.get("permalink_url") or ""),
        ours=who == page,
        media=1 if row.get("attachment") else 0,
    )


async def read_messages(call: Call, since: datetime) -> Messages:
    """Messenger: the newest conversations, until one has been silent since `since`."""
    page, found = page_of(call), []
    params = {"fields": _THREAD, "platform": "MESSENGER"}
    async for row in graph.listed(
        call, client.url(call, f"{page}/conversations"), params, known=client.known
    ):
        if row is None or graph.moment(row.get("updated_time")) <= since:
            break
        talk = row.get("messages")
        if not isinstance(talk, dict):
            continue
        writer = _other(row, page)
        for one in graph.rows(talk):
            if graph.moment(one.get("created_time")) > since:
                found.append(_private(one, str(row.get("id")), page, writer))
    return _in_order(found)


def _other(thread: Mapping[str, Any], page: str) -> str:
    people = thread.get("participants")
    ids = [str(one.get("id")) for one in graph.rows(people)] if isinstance(people, dict) else []
    return next((one for one in ids if one != page), "")


def _private(row: Mapping[str, Any], thread: str, page: str, writer: str) -> Message:
    who, name = payloads.author(row)
    files = row.get("attachments")
    return Message(
        id=str(row.get("id")),
        kind="message",
        text=str(row.get("message") or ""),
        at=graph.moment(row.get("created_time")),
        thread=thread,
        author_id=who,
        author_name=name,
        ours=who == page,
        media=len(graph.rows(files)) if isinstance(files, dict) else 0,
        extra={"to": writer},
    )


async def read_mentions(call: Call, since: datetime) -> Messages:
    """Posts of others that tag the page."""
    found = []
    params = {
        "fields": "id,message,created_time,from,permalink_url,attachments{media_type}",
        "since": str(int(since.timestamp())),
    }
    edge = client.url(call, f"{page_of(call)}/tagged")
    async for row in graph.listed(call, edge, params, known=client.known):
        if row is None or graph.moment(row.get("created_time")) <= since:
            continue
        who, name = payloads.author(row)
        found.append(
            Message(
                id=str(row.get("id")),
                kind="mention",
                text=str(row.get("message") or ""),
                at=graph.moment(row.get("created_time")),
                author_id=who,
                author_name=name,
                url=payloads.address(str(row.get("id")), row),
                media=payloads.files_in(row),
            )
        )
    return _in_order(found)


def _in_order(found: list[Message]) -> Messages:
    """Oldest first; as they came (newest first) where moments are the same."""
    found.reverse()
    return tuple(sorted(found, key=lambda one: one.at))


async def answer(call: Call, message: Message, text: str) -> Message:
    """Answer in the page's name. Rejected("reply_window_closed") a day after a private message."""
    page = page_of(call)
    if message.kind == "comment":
        told = await ask(call, "POST", f"{message.id}/comments", {"message": text}, writes=True)
        said = graph.identified(told)
    elif message.kind == "message":
        if call.now() - message.at > WINDOW:
            raise Rejected("reply_window_closed")
        to = message.author_id if not message.ours else str(message.extra.get("to") or "")
        if not to:
            raise Temporary("nonsense", "nobody to answer")
        params = {"recipient": {"id": to}, "message": {"text": text}, "messaging_type": "RESPONSE"}
        told = await ask(call, "POST", f"{page}/messages", params, writes=True)
        said = graph.identified(told, "message_id")
    else:
        raise Rejected("mention_answer_unsupported")
    return Message(
        id=said, kind=message.kind, text=text, at=call.now(), thread=message.thread, answers=message.id,
        author_id=page, ours=True,
    )  # fmt: skip

"""What people say to a page: comments under its posts, Messenger, posts elsewhere that tag it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from niva.networks.base import graph, graph_talk
from niva.networks.base.inbox import Message, Messages
from niva.networks.base.network import Call
from niva.networks.base.types import Remote
from niva.networks.facebook import client, payloads
from niva.networks.facebook.client import ask, page_of

_COMMENT: Final = "id,message,created_time,from,parent,permalink_url,attachment"


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
    return graph_talk.in_order(found)


def _comment(row: Mapping[str, Any], post: str, page: str) -> Message:
    who, name = graph_talk.author(row)
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
    """Messenger."""
    page = page_of(call)
    return await graph_talk.read_messages(
        call, client.url(call, page), "MESSENGER", {page}, since, client.known
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
        who, name = graph_talk.author(row)
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
    return graph_talk.in_order(found)


async def answer(call: Call, message: Message, text: str) -> Message:
    """Answer in the page's name. Rejected("reply_window_closed") a day after a private message."""
    page = page_of(call)
    if message.kind == "comment":
        told = await ask(call, "POST", f"{message.id}/comments", {"message": text}, writes=True)
        made = graph.identified(told)
    else:
        made = await graph_talk.answer(call, client.url(call, page), message, text, client.known)
    return graph_talk.said(message, made, text, page, call.now())

"""What people say to the account: comments and the answers to them, direct messages, posts that tag it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from niva.networks.base import graph, graph_talk
from niva.networks.base.errors import NeedsLogin
from niva.networks.base.inbox import Message, Messages
from niva.networks.base.network import Call
from niva.networks.base.types import Remote
from niva.networks.instagram import client
from niva.networks.instagram.client import account_of, ask

_COMMENT: Final = "id,text,timestamp,from,username,parent_id"


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    """All comments and answers, oldest first."""
    found = []
    fields = {"fields": f"{_COMMENT},replies{{{_COMMENT}}}"}
    path = client.url(call, f"{there.id}/comments")
    async for row in graph.listed(call, path, fields, known=client.known):
        for one in _with_answers(row or {}):
            if graph.moment(one.get("timestamp")) > since:
                found.append(_comment(one, there.id, ours(call)))
    return graph_talk.in_order(found)


def _with_answers(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The answers first, as all lists come: newest first."""
    replies = row.get("replies")
    if isinstance(replies, dict):
        for one in graph.rows(replies):
            yield {"parent_id": row.get("id"), **one}
    if row:
        yield row


def ours(call: Call) -> set[str]:
    """How the account is called in comments: `from` is told to some keys only, the name to all."""
    return {account_of(call), str(call.credential.facts.get("username") or "")} - {""}


def _comment(row: Mapping[str, Any], media: str, own: Collection[str]) -> Message:
    who, name = graph_talk.author(row)
    return Message(
        id=str(row.get("id")),
        kind="comment",
        text=str(row.get("text") or ""),
        at=graph.moment(row.get("timestamp")),
        thread=media,
        answers=str(row.get("parent_id") or ""),
        author_id=who,
        author_name=name or str(row.get("username") or ""),
        ours=who in own or str(row.get("username") or "") in own,
    )


async def read_messages(call: Call, since: datetime) -> Messages:
    """Direct messages, which come through the page."""
    page = _page(call)
    own = {page, account_of(call)}
    return await graph_talk.read_messages(call, client.url(call, page), "INSTAGRAM", own, since, client.known)


def _page(call: Call) -> str:
    page = str(call.credential.facts.get("page_id") or "")
    if not page:
        raise NeedsLogin("account_missing")
    return page


async def read_mentions(call: Call, since: datetime) -> Messages:
    """Posts of others in which the account is tagged. Mentions in words come by webhooks only."""
    found = []
    path = client.url(call, f"{account_of(call)}/tags")
    fields = {"fields": "id,caption,timestamp,permalink,username"}
    async for row in graph.listed(call, path, fields, known=client.known):
        if row is not None and graph.moment(row.get("timestamp")) > since:
            found.append(
                Message(
                    id=str(row.get("id")),
                    kind="mention",
                    text=str(row.get("caption") or ""),
                    at=graph.moment(row.get("timestamp")),
                    author_name=str(row.get("username") or ""),
                    url=str(row.get("permalink") or ""),
                    media=1,
                )
            )
    return graph_talk.in_order(found)


async def answer(call: Call, message: Message, text: str) -> Message:
    """Answer in the account's name. An answer to an answer stands under the comment that began it."""
    if message.kind == "comment":
        path = f"{message.answers or message.id}/replies"
        made = graph.identified(await ask(call, "POST", path, {"message": text}, writes=True))
    else:
        made = await graph_talk.answer(call, client.url(call, _page(call)), message, text, client.known)
    return graph_talk.said(message, made, text, account_of(call), call.now())

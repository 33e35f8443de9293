"""Answers under posts, mentions, private messages: read and answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from niva.networks.base.errors import Rejected
from niva.networks.base.inbox import Message, MessageKind, Messages
from niva.networks.base.network import Call
from niva.networks.base.transport import unclear
from niva.networks.base.types import Remote
from niva.networks.x import payloads
from niva.networks.x.client import ask
from niva.networks.x.publish import create, own_id, reading, rows_of
from niva.networks.x.text import as_written

_PAGES: Final = 5
# The search for everybody reaches back seven days (https://docs.x.com/x-api/posts/search/introduction).
_SEARCHED: Final = timedelta(days=7) - timedelta(minutes=2)


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    """Everything said in the conversation under a post, of the last seven days: older is not searched."""
    start = max(since, call.now() - _SEARCHED)
    params = {"query": f"conversation_id:{there.id}", "max_results": "100", "start_time": _stamp(start)}
    own = await own_id(call)
    found = [_comment(row, own, users) for row, users in await _posts(call, "tweets/search/recent", params)]
    parts = {str(row.get("id")) for row in there.extra.get("thread", ())} | {there.id}
    return _sorted([one for one in found if one.id not in parts and one.at > since])


async def read_mentions(call: Call, since: datetime) -> Messages:
    """Posts of others that name the account; answers to its own posts are comments and left out."""
    own = await own_id(call)
    params = {"max_results": "100", "start_time": _stamp(since)}
    rows = await _posts(call, f"users/{own}/mentions", params)
    found = [
        _said(row, "mention", users)
        for row, users in rows
        if str(row.get("in_reply_to_user_id") or "") != own
    ]
    return _sorted([one for one in found if one.at > since])


async def _posts(
    call: Call, path: str, params: Mapping[str, str]
) -> list[tuple[dict[str, Any], Mapping[str, str]]]:
    """Posts with the names of people by id, page after page."""
    found: list[tuple[dict[str, Any], Mapping[str, str]]] = []
    asked = {**reading(call), **params}
    for _ in range(_PAGES):
        told = await ask(call, "GET", path, params=asked)
        users = _users(told)
        found += [(row, users) for row in rows_of(told)]
        page = str((told.get("meta") or {}).get("next_token") or "")
        if not page:
            break
        asked["next_token" if "search" in path else "pagination_token"] = page
    return found


def _users(told: Mapping[str, Any]) -> dict[str, str]:
    rows = (told.get("includes") or {}).get("users") or ()
    return {str(row.get("id")): str(row.get("username") or "") for row in rows if isinstance(row, dict)}


def _comment(row: Mapping[str, Any], own: str, users: Mapping[str, str]) -> Message:
    return _said(row, "comment", users, own)


def _said(row: Mapping[str, Any], kind: MessageKind, users: Mapping[str, str], own: str = "") -> Message:
    number, author = str(row.get("id") or ""), str(row.get("author_id") or "")
    attached = row.get("attachments")
    media = attached.get("media_keys") if isinstance(attached, dict) else None
    return Message(
        id=number,
        kind=kind,
        text=as_written(row),
        at=payloads.moment(row.get("created_at")),
        thread=str(row.get("conversation_id") or "") if kind == "comment" else "",
        answers=payloads.answers(row),
        author_id=author,
        author_name=users.get(author, ""),
        url=payloads.address(number, users.get(author, "")),
        ours=bool(own) and author == own,
        media=len(media or ()),
    )


async def read_messages(call: Call, since: datetime) -> Messages:
    """Private messages of all conversations, newest first, back to `since` (X keeps thirty days of them)."""
    own = await own_id(call)
    asked = {
        "event_types": "MessageCreate",
        "max_results": "100",
        "dm_event.fields": "attachments,created_at,dm_conversation_id,event_type,text",
        "expansions": "sender_id",
    }
    found: list[Message] = []
    for _ in range(_PAGES):
        told = await ask(call, "GET", "dm_events", params=asked)
        users, rows = _users(told), rows_of(told)
        page = [_message(row, own, users) for row in rows]
        found += [one for one in page if one.at > since]
        token = str((told.get("meta") or {}).get("next_token") or "")
        if not token or len(found) < len(page) or any(one.at <= since for one in page):
            break
        asked["pagination_token"] = token
    return _sorted(found)


def _message(row: Mapping[str, Any], own: str, users: Mapping[str, str]) -> Message:
    sender = str(row.get("sender_id") or "")
    attached = row.get("attachments")
    media = attached.get("media_keys") if isinstance(attached, dict) else None
    return Message(
        id=str(row.get("id") or ""),
        kind="message",
        text=str(row.get("text") or ""),
        at=payloads.moment(row.get("created_at")),
        thread=str(row.get("dm_conversation_id") or ""),
        author_id=sender,
        author_name=users.get(sender, ""),
        ours=sender == own,
        media=len(media or ()),
    )


async def answer(call: Call, message: Message, text: str) -> Message:
    """A post in answer, or a message into the same conversation."""
    if message.kind == "comment":
        made = await create(call, payloads.reply(text, message.id))
        return Message(str(made["id"]), "comment", text, call.now(), message.thread, message.id, ours=True,
                       url=str(made["url"]))  # fmt: skip
    if message.kind != "message":
        raise Rejected("mention_answer_unsupported")
    path = f"dm_conversations/{message.thread}/messages"
    told = await ask(call, "POST", path, body={"text": text}, writes=True)
    data = told.get("data")
    if not isinstance(data, dict) or not data.get("dm_event_id"):
        raise unclear(True, "nonsense", "no message in the answer")
    return Message(
        str(data["dm_event_id"]), "message", text, call.now(), message.thread, message.id, ours=True
    )


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sorted(found: list[Message]) -> Messages:
    return tuple(sorted(found, key=lambda one: (one.at, one.id)))

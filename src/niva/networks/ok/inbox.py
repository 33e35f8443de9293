"""Comments under topics (REST API, read only) and private messages of the group (Bot API).

OK documents no call that writes a comment and no list of mentions, so neither is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from niva.networks.base.errors import OutcomeUnknown, Rejected, Temporary
from niva.networks.base.inbox import Message, Messages
from niva.networks.base.network import Call
from niva.networks.base.types import Remote
from niva.networks.ok.client import ask, ask_bot
from niva.networks.ok.payloads import group_of
from niva.networks.ok.setup import when

_PAGE: Final = 100
_PAGES: Final = 10  # chats and comments that one reading goes through, in pages
_FIELDS: Final = (
    "comment.ID,comment.TEXT,comment.DATE,comment.TYPE,comment.AUTHOR_ID,comment.AUTHOR_NAME,"
    "comment.AUTHOR_REF,comment.REPLY_TO_COMMENT_ID"
)


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    """What stands under a topic, page by page from the newest back to `since`. Inside a page the order is
    not relied upon, and a page without older comments asks for the next."""
    group = group_of(call.credential)
    found: list[Message] = []
    anchor = ""
    for _ in range(_PAGES):
        params = {
            "discussionId": there.id,
            "discussionType": "GROUP_TOPIC",
            "fields": _FIELDS,
            "count": _PAGE,
            "direction": "BACKWARD",
            **({"anchor": anchor} if anchor else {}),
        }
        told = await ask(call, "discussions.getComments", params, writes=False)
        if not isinstance(told, dict):
            raise Temporary("nonsense", "no comments in the answer")
        rows = [one for one in told.get("comments") or () if isinstance(one, dict)]
        page = [made for one in rows if (made := _comment(one, there, group)) is not None]
        found += [one for one in page if one.at >= since]
        anchor = str(told.get("anchor") or "")
        if not told.get("has_more") or not anchor or any(one.at < since for one in page):
            break
    return tuple(sorted(found, key=lambda one: one.at))


def _comment(row: Mapping[str, Any], there: Remote, group: str) -> Message | None:
    at = when(row.get("date"))
    if at is None or not row.get("id"):
        return None
    reference = str(row.get("author_ref") or "")
    return Message(
        id=str(row["id"]),
        kind="comment",
        text=str(row.get("text") or ""),
        at=at.astimezone(UTC),
        thread=there.id,
        answers=str(row.get("reply_to_comment_id") or ""),
        author_id=str(row.get("author_id") or ""),
        author_name=str(row.get("author_name") or ""),
        url=there.url,
        ours=reference == f"group:{group}" or str(row.get("author_id")) == group,
    )


async def read_messages(call: Call, since: datetime) -> Messages:
    """Every chat in which something happened after `since`, and what was said there since."""
    found: list[Message] = []
    marker = ""
    for _ in range(_PAGES):
        params = {"count": str(_PAGE), **({"marker": marker} if marker else {})}
        told = await ask_bot(call, "GET", "me/chats", params)
        chats = told.get("chats") if isinstance(told, dict) else None
        if not isinstance(chats, list):
            raise Temporary("nonsense", "no chats in the answer")
        fresh = [one for one in chats if isinstance(one, dict) and _moment(one.get("lastEventTime")) >= since]
        for chat in fresh:
            found += await _said_in(call, str(chat.get("chat_id")), since)
        marker = str(told.get("marker") or "")
        if not marker or len(fresh) < len(chats):  # the newest come first
            break
    return tuple(sorted(found, key=lambda one: one.at))


async def _said_in(call: Call, chat: str, since: datetime) -> list[Message]:
    params = {"count": str(_PAGE), "to": str(int(since.timestamp() * 1000))}
    told = await ask_bot(call, "GET", f"me/messages/{chat}", params)
    rows = told.get("messages") if isinstance(told, dict) else None
    if not isinstance(rows, list):
        raise Temporary("nonsense", "no messages in the answer")
    group = group_of(call.credential)
    made = [_message(row, chat, group) for row in rows if isinstance(row, dict)]
    return [one for one in made if one is not None and one.at >= since]


def _message(row: Mapping[str, Any], chat: str, group: str) -> Message | None:
    sender, said = row.get("sender") or {}, row.get("message") or {}
    if not said.get("mid"):
        return None  # somebody came or left
    author = str(sender.get("user_id") or sender.get("group_id") or "")
    files = said.get("attachments")
    return Message(
        id=str(said["mid"]),
        kind="message",
        text=str(said.get("text") or ""),
        at=_moment(row.get("timestamp")),
        thread=chat,
        answers=str(said.get("reply_to") or ""),
        author_id=author.rpartition(":")[2],
        author_name=str(sender.get("name") or ""),
        ours=author.rpartition(":")[2] == group,
        media=len(files) if isinstance(files, list) else 0,
    )


def _moment(milliseconds: Any) -> datetime:
    told = milliseconds if isinstance(milliseconds, int) and 0 < milliseconds < 2**43 else 0
    return datetime.fromtimestamp(told / 1000, UTC)


async def read_mentions(call: Call, since: datetime) -> Messages:
    """OK has no list of mentions."""
    raise Rejected("mentions_unsupported")


async def answer(call: Call, message: Message, text: str) -> Message:
    """Write into the chat of a private message, in the group's name."""
    if message.kind != "message":
        raise Rejected("comment_answer_unsupported")
    body = {"recipient": {"chat_id": message.thread}, "message": {"text": text}}
    told = await ask_bot(call, "POST", f"me/messages/{message.thread}", body=body)
    number = told.get("message_id") if isinstance(told, dict) else None
    if not isinstance(number, str) or not number:
        raise OutcomeUnknown("nonsense", "no message_id in the answer")
    group = group_of(call.credential)
    return Message(number, "message", text, call.now(), message.thread, message.id, group, ours=True)

"""Comments and private messages, out of the one queue of updates that a bot has.

The queue is looked at and never moved on: an update goes out of it only when somebody asks for the next one
(`offset`), and then for everybody. The desk asks for several communities, and for comments apart from
messages, so no single question knows that all of it is stored. Telegram keeps what nobody took for a day
and shows the oldest hundred: with fewer than a hundred updates a day all is seen at once, with more it is
seen late, at the latest in the hours before its day is over. Asking more often than that, nothing is lost.
https://core.telegram.org/bots/api#getting-updates
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from niva.networks.base.errors import OutcomeUnknown, Rejected, Temporary
from niva.networks.base.inbox import Message, Messages
from niva.networks.base.network import Call
from niva.networks.base.types import Remote
from niva.networks.telegram.client import ask, chat_of

Said = Mapping[str, Any]


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    """Under a channel's post: what answers its copy in the linked group, directly or in its thread. In a
    group: what answers the message itself. Without a linked group nobody can comment."""
    chat = await ask(call, "getChat", {"chat_id": chat_of(call.credential)}, writes=False)
    if not isinstance(chat, dict):
        raise Temporary("nonsense", "getChat: no object in the answer")
    place, own = chat.get("id"), {chat.get("id"), chat.get("linked_chat_id")}
    if chat.get("type") == "channel":
        place = chat.get("linked_chat_id")
        if place is None:
            return ()
    said = [one for one in await _queue(call) if (one.get("chat") or {}).get("id") == place]
    roots = {number for one in said if (number := _root(one, chat, there)) is not None}
    heard = [one for one in said if not one.get("is_automatic_forward") and _belongs(one, roots)]
    return _messages([_comment(one, there, own) for one in heard], since)


def _root(one: Said, chat: Said, there: Remote) -> int | None:
    """The number under which the post stands in the group, as far as this message tells it."""
    if chat.get("type") != "channel":
        return int(there.id)
    for message in (one, one.get("reply_to_message") or {}):
        origin = message.get("forward_origin") or {}
        same = (origin.get("chat") or {}).get("id") == chat.get("id")
        if message.get("is_automatic_forward") and same and str(origin.get("message_id")) == there.id:
            return int(message["message_id"])
    return None


def _belongs(one: Said, roots: set[int]) -> bool:
    answered = (one.get("reply_to_message") or {}).get("message_id")
    return answered in roots or one.get("message_thread_id") in roots


def _comment(one: Said, there: Remote, own: set[Any]) -> Message:
    answered = one.get("reply_to_message") or {}
    chat = one["chat"]["id"]
    nested = answered.get("message_id") if not answered.get("is_automatic_forward") else None
    return Message(
        id=f"{chat}_{one['message_id']}",
        kind="comment",
        text=_text(one),
        at=_moment(one),
        thread=there.id,
        answers=f"{chat}_{nested}" if nested and str(nested) != there.id else "",
        author_id=_author(one)[0],
        author_name=_author(one)[1],
        url=f"{there.url}?comment={one['message_id']}" if there.url and str(chat) not in there.url else "",
        ours=(one.get("sender_chat") or {}).get("id") in own,
        media=_media(one),
        extra={"chat_id": chat, "message_id": one["message_id"]},
    )


async def read_messages(call: Call, since: datetime) -> Messages:
    """What people wrote to the bot itself. Several communities of one bot all hear it."""
    said = [one for one in await _queue(call) if (one.get("chat") or {}).get("type") == "private"]
    heard = [
        Message(
            id=f"{one['chat']['id']}_{one['message_id']}",
            kind="message",
            text=_text(one),
            at=_moment(one),
            thread=str(one["chat"]["id"]),
            author_id=_author(one)[0],
            author_name=_author(one)[1],
            media=_media(one),
            extra={"chat_id": one["chat"]["id"], "message_id": one["message_id"]},
        )
        for one in said
    ]
    return _messages(heard, since)


async def read_mentions(call: Call, since: datetime) -> Messages:
    raise Rejected("mentions_unsupported")


async def _queue(call: Call) -> list[Said]:
    """The messages among the oldest hundred updates. No `offset`: see the module's text."""
    told = await ask(call, "getUpdates", {"limit": 100, "timeout": 0}, writes=False)
    if not isinstance(told, list):
        raise Temporary("nonsense", "getUpdates: no list in the answer")
    found = [update.get("message") for update in told if isinstance(update, dict)]
    return [one for one in found if isinstance(one, dict) and "message_id" in one and "date" in one]


def _messages(heard: list[Message], since: datetime) -> Messages:
    unique = {one.id: one for one in heard if one.at > since}
    return tuple(sorted(unique.values(), key=lambda one: one.at))


def _text(one: Said) -> str:
    return str(one.get("text") or one.get("caption") or "")


def _media(one: Said) -> int:
    return sum(kind in one for kind in ("photo", "video", "animation", "document", "voice", "sticker"))


def _moment(one: Said) -> datetime:
    return datetime.fromtimestamp(int(one["date"]), UTC)


def _author(one: Said) -> tuple[str, str]:
    """(id, name): a channel or an anonymous administrator speaks as a chat, everybody else as a person."""
    if chat := one.get("sender_chat"):
        return str(chat.get("id", "")), str(chat.get("title") or chat.get("username") or "")
    person = one.get("from") or {}
    name = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
    return str(person.get("id", "")), name


async def answer(call: Call, message: Message, text: str) -> Message:
    """The bot answers in its own name. Telegram knows no key: an unclear answer stays unclear."""
    if message.kind == "mention" or "chat_id" not in message.extra:
        raise Rejected(f"{message.kind}_answer_unsupported")
    params = {
        "chat_id": message.extra["chat_id"],
        "text": text,
        "reply_parameters": {"message_id": message.extra["message_id"]},
    }
    told = await ask(call, "sendMessage", params, writes=True)
    number = told.get("message_id") if isinstance(told, dict) else None
    if not isinstance(number, int):
        raise OutcomeUnknown("nonsense", "no message_id in the answer")
    answers = message.id if message.kind == "comment" else ""
    name = f"{message.extra['chat_id']}_{number}"
    return Message(name, message.kind, text, call.now(), message.thread, answers, ours=True)

"""Answers and mentions as an AppView counts them, private messages from Bluesky's chat.

Both are asked through the account's own server. Chat wants an app password that may read messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from niva.networks.base.errors import Gone, NeedsLogin, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.inbox import Message, Messages
from niva.networks.base.network import Call
from niva.networks.base.types import Remote
from niva.networks.bluesky import payloads
from niva.networks.bluesky.client import Session, ask, session_of
from niva.networks.bluesky.keys import moment_of, record_key
from niva.networks.bluesky.publish import put, resolve

CHAT: Final = "did:web:api.bsky.chat#bsky_chat"  # https://docs.bsky.app/docs/tutorials/direct-messages
DEPTH_MAX: Final = 1000  # levels of answers, by the lexicon
PAGE, PAGES_MAX = 100, 10
View = Mapping[str, Any]


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    """getPostThread: every answer below, however deep."""
    session = await session_of(call)
    params = {"uri": there.id, "depth": str(DEPTH_MAX), "parentHeight": "0"}
    try:
        told = await ask(call, "app.bsky.feed.getPostThread", token=session.access, params=params)
    except Gone:
        return ()
    thread = told.get("thread")
    if not isinstance(thread, dict):
        raise Temporary("nonsense", "no thread in the answer")
    return _after([_answer_view(view, there, session) for view in _below(thread)], since)


def _below(thread: View) -> Iterator[View]:
    for reply in thread.get("replies") or ():
        if isinstance(reply, dict) and isinstance(reply.get("post"), dict):
            yield reply["post"]
            yield from _below(reply)


def _answer_view(view: View, there: Remote, session: Session) -> Message:
    record = view.get("record") or {}
    parent = ((record.get("reply") or {}).get("parent") or {}).get("uri", "")
    return Message(
        id=str(view["uri"]),
        kind="comment",
        text=str(record.get("text", "")),
        at=_moment(view.get("indexedAt")),
        thread=there.id,
        answers="" if parent == there.id else str(parent),
        author_id=str(view["author"]["did"]),
        author_name=_name(view["author"]),
        url=_page(view),
        ours=view["author"]["did"] == session.did,
        media=payloads.media_count(record),
        extra={"cid": str(view["cid"]), "root": (record.get("reply") or {}).get("root")},
    )


async def read_mentions(call: Call, since: datetime) -> Messages:
    """listNotifications of the reason "mention"; answers have a reason of their own."""
    session, heard, cursor = await session_of(call), list[Message](), ""
    for _ in range(PAGES_MAX):
        params = {"reasons": "mention", "limit": str(PAGE), **({"cursor": cursor} if cursor else {})}
        told = await ask(call, "app.bsky.notification.listNotifications", token=session.access, params=params)
        rows = _rows(told, "notifications")
        found = [_mention(row, session) for row in rows if row.get("reason") == "mention"]
        heard += found
        cursor = str(told.get("cursor") or "")
        if not cursor or not found or found[-1].at <= since:
            break
    return _after(heard, since)


def _mention(row: View, session: Session) -> Message:
    record = row.get("record") or {}
    return Message(
        id=str(row["uri"]),
        kind="mention",
        text=str(record.get("text", "")),
        at=_moment(row.get("indexedAt")),
        author_id=str(row["author"]["did"]),
        author_name=_name(row["author"]),
        url=_page(row),
        ours=row["author"]["did"] == session.did,
        media=payloads.media_count(record),
        extra={"cid": str(row["cid"])},
    )


async def read_messages(call: Call, since: datetime) -> Messages:
    """listConvos, the newest first; each that moved since then is read back to that moment."""
    session, heard, cursor = await session_of(call), list[Message](), ""
    for _ in range(PAGES_MAX):
        params = {"limit": str(PAGE), **({"cursor": cursor} if cursor else {})}
        told = await _chat(call, session, "chat.bsky.convo.listConvos", params=params)
        convos = _rows(told, "convos")
        fresh = [one for one in convos if _is_fresh(one.get("lastMessage"), since)]
        for convo in fresh:
            heard += await _conversation(call, session, convo, since)
        cursor = str(told.get("cursor") or "")
        if not cursor or not fresh:
            break
    return _after(heard, since)


async def _conversation(call: Call, session: Session, convo: View, since: datetime) -> list[Message]:
    names = {str(one["did"]): _name(one) for one in convo.get("members") or ()}
    found, cursor = list[Message](), ""
    for _ in range(PAGES_MAX):
        params = {"convoId": str(convo["id"]), "limit": str(PAGE), **({"cursor": cursor} if cursor else {})}
        told = await _chat(call, session, "chat.bsky.convo.getMessages", params=params)
        rows = _rows(told, "messages")
        found += [_said(row, convo, names, session) for row in rows if isinstance(row.get("text"), str)]
        cursor = str(told.get("cursor") or "")
        if not cursor or not rows or _moment(rows[-1].get("sentAt")) <= since:
            break
    return found


def _said(row: View, convo: View, names: Mapping[str, str], session: Session) -> Message:
    sender = str(row["sender"]["did"])
    return Message(
        id=str(row["id"]),
        kind="message",
        text=str(row["text"]),
        at=_moment(row.get("sentAt")),
        thread=str(convo["id"]),
        author_id=sender,
        author_name=names.get(sender, ""),
        ours=sender == session.did,
    )


def _is_fresh(message: Any, since: datetime) -> bool:
    return isinstance(message, dict) and "sentAt" in message and _moment(message["sentAt"]) > since


def _rows(told: View, name: str) -> list[View]:
    rows = told.get(name)
    if not isinstance(rows, list):
        raise Temporary("nonsense", f"no list of {name} in the answer")
    return [row for row in rows if isinstance(row, dict)]


def _name(author: View) -> str:
    return str(author.get("displayName") or author.get("handle") or "")


def _page(view: View) -> str:
    did, _, rkey = payloads.parts(str(view["uri"]))
    return payloads.page(did, rkey)


def _moment(told: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(told))
    except ValueError as error:
        raise Temporary("nonsense", f"no moment: {told!r}") from error
    if moment.tzinfo is None:
        raise Temporary("nonsense", f"a moment without a zone: {told!r}")
    return moment


def _after(heard: list[Message], since: datetime) -> Messages:
    unique = {one.id: one for one in heard if one.at > since}
    return tuple(sorted(unique.values(), key=lambda one: (one.at, one.id)))


async def _chat(
    call: Call, session: Session, method: str, *, params: Mapping[str, str] | None = None, body: Any = None
) -> dict[str, Any]:
    """A call that the account's server hands on to Bluesky's chat."""
    try:
        return await ask(
            call, method, token=session.access, params=params, body=body, writes=body is not None, proxy=CHAT
        )
    except NeedsLogin as error:
        if "token method" in error.detail:  # "Bad token method": an app password without the right
            raise NeedsLogin("chat_right_missing", error.detail) from error
        raise


# --- answering ---


async def answer(call: Call, message: Message, text: str) -> Message:
    """A record with a key of our own below the comment, or a message in the conversation."""
    if message.kind == "comment":
        return await _answer_comment(call, message, text)
    if message.kind == "message":
        return await _answer_message(call, message, text)
    raise Rejected("mention_answer_unsupported")


async def _answer_comment(call: Call, message: Message, text: str) -> Message:
    session = await session_of(call)
    parent = {"uri": message.id, "cid": str(message.extra.get("cid", ""))}
    root = message.extra.get("root") or parent
    value = payloads.reply(
        text, payloads.Line(root, parent), await resolve(call, text), moment_of(call.key) or call.now(), {}
    )
    made = await put(call, session, record_key(call.key), value)
    url = str(made["url"])
    return Message(
        str(made["id"]), "comment", text, call.now(), message.thread, message.id, url=url, ours=True,
        extra={"cid": made["cid"], "root": root},
    )  # fmt: skip


async def _answer_message(call: Call, message: Message, text: str) -> Message:
    """Chat knows no key: an unclear answer stays unclear."""
    body = {"convoId": message.thread, "message": {"text": text}}
    made = await _chat(call, await session_of(call), "chat.bsky.convo.sendMessage", body=body)
    if not isinstance(made.get("id"), str):
        raise OutcomeUnknown("nonsense", "no message in the answer")
    return Message(made["id"], "message", text, call.now(), message.thread, ours=True)

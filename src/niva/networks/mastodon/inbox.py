"""Comments are the answers below a status; private messages, statuses seen only by those they name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from niva.networks.base.errors import Gone, Rejected, Temporary
from niva.networks.base.inbox import Message, MessageKind, Messages
from niva.networks.base.network import Call
from niva.networks.base.transport import unclear
from niva.networks.base.types import Remote
from niva.networks.mastodon.client import ask, ask_listed
from niva.networks.mastodon.publish import STATUSES
from niva.networks.mastodon.text import from_html

PAGES_MAX: Final = 10
CONVERSATIONS_PAGE, NOTIFICATIONS_PAGE = 40, 80  # at most
PRIVATE: Final = "direct"
Status = Mapping[str, Any]


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    """GET /api/v1/statuses/:id/context: everything below, for a signed-in account up to 4096 answers."""
    found = await _around(call, there.id)
    said = [one for one in found["descendants"] if one.get("visibility") != PRIVATE]
    own = await _own_id(call)
    return _after([_message(one, "comment", there.id, own) for one in said], since)


async def read_messages(call: Call, since: datetime) -> Messages:
    """GET /api/v1/conversations tells the last status of each; what came before it is around it."""
    own, heard = await _own_id(call), list[Message]()
    path, place = "/api/v1/conversations", ""
    for _ in range(PAGES_MAX):
        rows, place = await ask_listed(call, path, {"limit": str(CONVERSATIONS_PAGE)}, place)
        fresh = [row for row in rows if _is_fresh(row.get("last_status"), since)]
        for row in fresh:
            last = row["last_status"]
            around = await _around(call, str(last["id"]))
            said = [*around["ancestors"], last, *around["descendants"]]
            thread = str(row["id"])
            heard += [_message(o, "message", thread, own) for o in said if o.get("visibility") == PRIVATE]
        if not place or not fresh:
            break
    return _after(heard, since)


async def read_mentions(call: Call, since: datetime) -> Messages:
    """Who named the account elsewhere: neither below its own statuses nor in private."""
    own, heard = await _own_id(call), list[Message]()
    path, place = "/api/v1/notifications", ""
    wanted = {"types[]": "mention", "limit": str(NOTIFICATIONS_PAGE)}
    for _ in range(PAGES_MAX):
        rows, place = await ask_listed(call, path, wanted, place)
        statuses = [row["status"] for row in rows if isinstance(row.get("status"), dict)]
        heard += [_message(one, "mention", "", own) for one in statuses if _is_mention(one, own)]
        if not place or not statuses or not _is_fresh(statuses[-1], since):
            break
    return _after(heard, since)


def _is_mention(status: Status, own: str) -> bool:
    return status.get("visibility") != PRIVATE and status.get("in_reply_to_account_id") != own


def _is_fresh(status: Any, since: datetime) -> bool:
    return isinstance(status, dict) and _moment(status) > since


async def _around(call: Call, number: str) -> dict[str, list[Status]]:
    try:
        found = await ask(call, "GET", f"{STATUSES}/{number}/context")
    except Gone:
        return {"ancestors": [], "descendants": []}
    if not isinstance(found, dict):
        raise Temporary("nonsense", "no context in the answer")
    return {
        name: [one for one in found.get(name) or () if isinstance(one, dict)]
        for name in ("ancestors", "descendants")
    }


async def _own_id(call: Call) -> str:
    """Known from the test button, else asked for."""
    if known := call.credential.facts.get("account_id"):
        return str(known)
    me = await ask(call, "GET", "/api/v1/accounts/verify_credentials")
    return str(me.get("id", "")) if isinstance(me, dict) else ""


def _message(status: Status, kind: MessageKind, thread: str, own: str) -> Message:
    author = status.get("account") or {}
    return Message(
        id=str(status.get("id", "")),
        kind=kind,
        text=from_html(str(status.get("content", ""))),
        at=_moment(status),
        thread=thread,
        answers=str(status.get("in_reply_to_id") or ""),
        author_id=str(author.get("id", "")),
        author_name=str(author.get("display_name") or author.get("acct") or ""),
        url=str(status.get("url") or status.get("uri") or ""),
        ours=str(author.get("id", "")) == own,
        media=len(status.get("media_attachments") or ()),
        extra={"acct": str(author.get("acct", "")), "visibility": str(status.get("visibility", ""))},
    )


def _moment(status: Status) -> datetime:
    try:
        moment = datetime.fromisoformat(str(status.get("created_at")))
    except ValueError as error:
        raise Temporary("nonsense", "a status without its moment") from error
    if moment.tzinfo is None:
        raise Temporary("nonsense", "a moment without a zone")
    return moment


def _after(heard: list[Message], since: datetime) -> Messages:
    unique = {one.id: one for one in heard if one.at > since and one.id}
    return tuple(sorted(unique.values(), key=lambda one: (one.at, one.id)))


async def answer(call: Call, message: Message, text: str) -> Message:
    """A status that answers, seen by the same people; it names whom it answers, or nobody would be told."""
    if message.kind == "mention":
        raise Rejected("mention_answer_unsupported")
    acct, visibility = message.extra.get("acct"), message.extra.get("visibility")
    named = text if not acct or message.ours or f"@{acct}" in text else f"@{acct} {text}"
    body: dict[str, Any] = {"status": named, "in_reply_to_id": message.id}
    if visibility:
        body["visibility"] = visibility
    made = await ask(call, "POST", STATUSES, body=body, key=call.key, writes=True)
    if not isinstance(made, dict) or not isinstance(made.get("id"), str):
        raise unclear(True, "nonsense", "no status in the answer")
    url = str(made.get("url") or "")
    return Message(made["id"], message.kind, text, call.now(), message.thread, message.id, url=url, ours=True)

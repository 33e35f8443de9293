"""Comments under posts, letters to the account and to the moderators, comments elsewhere that name it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from niva.networks.base.inbox import Message, MessageKind, Messages
from niva.networks.base.network import Call
from niva.networks.base.types import Remote
from niva.networks.reddit import modmail, payloads
from niva.networks.reddit.client import ask, ask_object
from niva.networks.reddit.publish import comment, username

_PAGE: Final = "100"
_MORE_AT_ONCE: Final = 100
_MORE_TIMES: Final = 5


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    """The tree of comments, newest first, and up to 500 of those that Reddit folds away."""
    path = f"/comments/{there.id.removeprefix('t3_')}"
    page = await ask(call, "GET", path, params={"sort": "new", "limit": "500"})
    tree = payloads.children(page[1]) if isinstance(page, list) and len(page) > 1 else []
    rows = list(payloads.flattened(tree))
    folded = [
        number for one in rows if one.get("kind") == "more" for number in one["data"].get("children") or ()
    ]
    for start in range(0, min(len(folded), _MORE_AT_ONCE * _MORE_TIMES), _MORE_AT_ONCE):
        rows += await _unfolded(call, there.id, folded[start : start + _MORE_AT_ONCE])
    mine = await username(call)
    found = [_message(one["data"], "comment", mine, there.id) for one in rows if one.get("kind") == "t1"]
    return _after(found, since)


async def _unfolded(call: Call, post: str, numbers: list[Any]) -> list[Mapping[str, Any]]:
    form = {"link_id": post, "children": ",".join(map(str, numbers)), "sort": "new"}
    told = await ask_object(call, "POST", "/api/morechildren", form=form)
    inner = told.get("json")
    data = inner.get("data") if isinstance(inner, dict) else None
    things = data.get("things") if isinstance(data, dict) else None
    return [one for one in things or () if isinstance(one, dict) and isinstance(one.get("data"), dict)]


def _after(found: list[Message], since: datetime) -> Messages:
    return tuple(sorted((one for one in found if one.at > since), key=lambda one: one.at))


def _message(data: Mapping[str, Any], kind: MessageKind, mine: str, thread: str) -> Message:
    parent, author = str(data.get("parent_id") or ""), str(data.get("author") or "")
    return Message(
        id=str(data.get("name") or ""),
        kind=kind,
        text=str(data.get("body") or ""),
        at=payloads.moment(data),
        thread=thread,
        answers="" if parent == thread or kind == "mention" else parent,
        author_id=str(data.get("author_fullname") or author),
        author_name=author,
        url=payloads.link_to(data),
        ours=author.lower() == mine.lower(),
    )


async def read_messages(call: Call, since: datetime) -> Messages:
    """Letters to the account, and those to the moderators where it is one (told by the test button).
    What people write in Reddit's chat does not come here."""
    letters = await _letters(call)
    if call.credential.facts.get("moderates"):
        letters += await modmail.letters(call, since)
    return _after(letters, since)


async def _letters(call: Call) -> list[Message]:
    rows = payloads.children(await ask(call, "GET", "/message/messages", params={"limit": _PAGE}))
    mine = await username(call)
    letters = [one["data"] for row in rows for one in payloads.flattened([row]) if one.get("kind") == "t4"]
    return [
        _message(one, "message", mine, str(one.get("first_message_name") or one.get("name") or ""))
        for one in letters
    ]


async def read_mentions(call: Call, since: datetime) -> Messages:
    """Comments anywhere that name the account as u/name."""
    rows = payloads.children(await ask(call, "GET", "/message/mentions", params={"limit": _PAGE}))
    mine = await username(call)
    return _after([_message(one["data"], "mention", mine, "") for one in rows], since)


async def answer(call: Call, message: Message, text: str) -> Message:
    """Answer a comment or a private message beneath it."""
    if message.extra.get("modmail"):
        return await modmail.answer(call, message, text)
    said = await comment(call, message.id, text)
    return Message(
        said["id"], message.kind, text, call.now(), message.thread, message.id, url=said["url"], ours=True
    )

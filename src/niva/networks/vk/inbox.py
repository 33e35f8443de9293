"""Comments and mentions with a user's key, private messages with the community's."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from niva.networks.base.errors import OutcomeUnknown, Rejected, Temporary
from niva.networks.base.inbox import Message, Messages
from niva.networks.base.network import Call
from niva.networks.base.types import Remote
from niva.networks.vk.client import ask
from niva.networks.vk.payloads import group_of
from niva.networks.vk.stories import is_story

PAGES_MAX: Final = 10
COMMENTS_PAGE, MESSAGES_PAGE, MENTIONS_PAGE = 100, 200, 50  # at most, by the schema
THREAD_SHOWN: Final = 10  # answers that come along with a comment, at most
Item = Mapping[str, Any]


# --- reading ---


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    """Every comment is looked at, not the newest only: an answer may stand under an old one.

    A story has no comments: what people answer to it comes as private messages.
    """
    if is_story(there):
        return ()
    group = group_of(call.credential)
    base = {"owner_id": -group, "post_id": int(there.id), "count": COMMENTS_PAGE, "extended": True}
    found: list[Item] = []
    names: dict[int, str] = {}
    for page in range(PAGES_MAX):
        params = {**base, "offset": page * COMMENTS_PAGE, "sort": "desc", "thread_items_count": THREAD_SHOWN}
        told = await ask(call, "wall.getComments", params, writes=False)
        items = _items(told, names)
        for item in items:
            found += [item, *await _thread(call, base, item, names)]
        if len(items) < COMMENTS_PAGE:
            break
    heard = (_comment(item, there, group, names) for item in found if not item.get("deleted"))
    return _after(heard, since)


async def _thread(call: Call, base: Item, item: Item, names: dict[int, str]) -> list[Item]:
    """The answers under a comment; the rest is asked for where not all came along."""
    thread = item.get("thread") or {}
    shown: list[Item] = [one for one in thread.get("items") or () if isinstance(one, dict)]
    count = thread.get("count", 0)
    if not isinstance(count, int) or count <= len(shown):
        return shown
    shown = []
    for page in range(PAGES_MAX):
        params = {**base, "offset": page * COMMENTS_PAGE, "comment_id": int(item["id"])}
        items = _items(await ask(call, "wall.getComments", params, writes=False), names)
        shown += items
        if len(items) < COMMENTS_PAGE:
            break
    return shown


def _comment(item: Item, there: Remote, group: int, names: Mapping[int, str]) -> Message:
    stack = item.get("parents_stack") or [0]
    answers = item.get("reply_to_comment") or stack[-1]
    author = int(item.get("from_id", 0))
    return Message(
        id=str(item["id"]),
        kind="comment",
        text=str(item.get("text", "")),
        at=_moment(item),
        thread=there.id,
        answers=str(answers or ""),
        author_id=str(author),
        author_name=names.get(author, ""),
        url=f"{there.url}?reply={item['id']}" if there.url else "",
        ours=author == -group,
        media=len(item.get("attachments") or ()),
    )


async def read_messages(call: Call, since: datetime) -> Messages:
    """Conversations come newest first; each that moved since then is read back to that moment."""
    start, heard = since.timestamp(), list[Message]()
    names: dict[int, str] = {}
    for page in range(PAGES_MAX):
        params = {"offset": page * MESSAGES_PAGE, "count": MESSAGES_PAGE, "extended": True}
        told = await ask(call, "messages.getConversations", params, writes=False)
        rows = _items(told, names)
        fresh = [row for row in rows if (row.get("last_message") or {}).get("date", 0) > start]
        for row in fresh:
            heard += await _history(call, int(row["conversation"]["peer"]["id"]), start, names)
        if len(rows) < MESSAGES_PAGE or len(fresh) < len(rows):
            break
    return _after(heard, since)


async def _history(call: Call, peer: int, start: float, names: dict[int, str]) -> list[Message]:
    found: list[Message] = []
    for page in range(PAGES_MAX):
        params = {
            "peer_id": peer, "offset": page * MESSAGES_PAGE, "count": MESSAGES_PAGE, "extended": True,
        }  # fmt: skip
        items = _items(await ask(call, "messages.getHistory", params, writes=False), names)
        fresh = [item for item in items if item.get("date", 0) > start]
        found += [_message(item, peer, names) for item in fresh]
        if len(items) < MESSAGES_PAGE or len(fresh) < len(items):
            break
    return found


def _message(item: Item, peer: int, names: Mapping[int, str]) -> Message:
    author = int(item.get("from_id", 0))
    return Message(
        id=str(item["id"]),
        kind="message",
        text=str(item.get("text", "")),
        at=_moment(item),
        thread=str(peer),
        author_id=str(author),
        author_name=names.get(author, ""),
        ours=bool(item.get("out")),
        media=len(item.get("attachments") or ()),
    )


async def read_mentions(call: Call, since: datetime) -> Messages:
    group, found = group_of(call.credential), list[Message]()
    for page in range(PAGES_MAX):
        params = {
            "owner_id": -group, "start_time": int(since.timestamp()), "count": MENTIONS_PAGE,
            "offset": page * MENTIONS_PAGE,
        }  # fmt: skip
        items = _items(await ask(call, "newsfeed.getMentions", params, writes=False), {})
        found += [_mention(item, group) for item in items]
        if len(items) < MENTIONS_PAGE:
            break
    return _after(found, since)


def _mention(item: Item, group: int) -> Message:
    """A post, or a comment, which names its post in `post_id`."""
    name = f"{item.get('owner_id')}_{item['id']}"
    post = item.get("post_id")
    place = f"{item.get('owner_id')}_{post}?reply={item['id']}" if isinstance(post, int) else name
    author = int(item.get("from_id", 0))
    return Message(
        id=name,
        kind="mention",
        text=str(item.get("text", "")),
        at=_moment(item),
        author_id=str(author),
        url=f"https://vk.com/wall{place}",
        ours=author == -group,
        media=len(item.get("attachments") or ()),
    )


def _items(told: Any, names: dict[int, str]) -> list[Item]:
    """The rows of a listing; who is who goes into `names`, communities under minus their number."""
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(items, list):
        raise Temporary("nonsense", "no items in the answer")
    for person in told.get("profiles") or ():
        whole = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
        names[int(person["id"])] = whole
    for group in told.get("groups") or ():
        names[-int(group["id"])] = str(group.get("name", ""))
    return [item for item in items if isinstance(item, dict)]


def _moment(item: Item) -> datetime:
    return datetime.fromtimestamp(int(item.get("date", 0)), UTC)


def _after(found: Any, since: datetime) -> Messages:
    unique = {message.id: message for message in found if message.at > since}
    return tuple(sorted(unique.values(), key=lambda message: (message.at, message.id)))


# --- answering ---


async def answer(call: Call, message: Message, text: str) -> Message:
    """Under the comment in the community's name, or in the conversation."""
    if message.kind == "comment":
        return await _answer_comment(call, message, text)
    if message.kind == "message":
        return await _answer_message(call, message, text)
    raise Rejected("mention_answer_unsupported")


async def _answer_comment(call: Call, message: Message, text: str) -> Message:
    group = group_of(call.credential)
    params = {
        "owner_id": -group, "post_id": int(message.thread), "from_group": group, "message": text,
        "reply_to_comment": int(message.id), "guid": call.key,
    }  # fmt: skip
    told = await ask(call, "wall.createComment", params, writes=True)
    number = told.get("comment_id") if isinstance(told, dict) else None
    if not isinstance(number, int):
        raise OutcomeUnknown("nonsense", "no comment_id in the answer")
    return Message(str(number), "comment", text, call.now(), message.thread, message.id, ours=True)


async def _answer_message(call: Call, message: Message, text: str) -> Message:
    """With the same random_id VK sends a message once only."""
    params = {"peer_id": int(message.thread), "message": text, "random_id": random_id(call.key)}
    number = await ask(call, "messages.send", params, writes=True)
    if not isinstance(number, int) or isinstance(number, bool):
        raise OutcomeUnknown("nonsense", "no id of a message in the answer")
    return Message(str(number), "message", text, call.now(), message.thread, ours=True)


def random_id(key: str) -> int:
    """A number of 1 to 2^31 - 1 that is always the same for the same key."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) % 0x7FFFFFFE + 1

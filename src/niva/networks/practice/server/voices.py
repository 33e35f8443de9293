"""What people say to a community: comments, private messages, mentions; those planted or written through the
API, and those that the simulated life brings by itself.

Every list is of dicts as the API shows them, oldest first. `since`, `created_at`: seconds since 1970.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any, Final

from niva.networks.practice.server import profiles, words
from niva.networks.practice.server.answers import stamp
from niva.networks.practice.server.rules import Refused
from niva.networks.practice.server.store import Community, Post, Store

LIVELY_POSTS: Final = 200  # only the newest so many bring private messages
HANDLE: Final = re.compile(r"(?<![\w@])@([\w.-]+)")


def _language(community: Community) -> str:
    return community.language if community.language in words.NAMES else "en"


def _said(number: str, author: str, text: str, created_at: float, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "name": author, "own": not author, "text": text, "created_at": stamp(created_at),
        **more,
    }  # fmt: skip


def _after(found: list[tuple[float, dict[str, Any]]], since: float) -> list[dict[str, Any]]:
    """In order, without what is not newer; `since` was told to the millisecond, rounded down."""
    return [said for at, said in sorted(found, key=lambda pair: pair[0]) if at >= since + 0.001]


def comments(store: Store, post: Post, since: float = 0.0) -> list[dict[str, Any]]:
    """Everything under a post: written comments and those of simulated people."""
    found = [
        (row["created_at"], _said(str(row["id"]), row["author"], row["text"], row["created_at"],
                                  answers=row["answers"]))
        for row in store.comments(post)
    ]  # fmt: skip
    found += [
        (moment, _said(f"{post.id}-{number}", *invented(post, number), moment, answers=""))
        for number, moment in post.life.remarks(store.now())
    ]
    return _after(found, since)


def invented(post: Post, number: int) -> tuple[str, str]:
    """(who, what) of the simulated comment with this number, always the same."""
    language, mark = _language(post.community), (post.life.seed, "remark", number)
    who, what = words.NAMES[language], words.REMARKS[language]
    return words.pick(who, *mark, "name"), words.pick(what, *mark, "text")


def letters(store: Store, community: Community, since: float = 0.0) -> list[dict[str, Any]]:
    """All private messages. Each simulated person has one conversation, opened by one message."""
    rows = store.db.execute("select * from letters where community = ?", (community.id,)).fetchall()
    found = [
        (row["created_at"], _said(str(row["id"]), row["author"], row["text"], row["created_at"],
                                  conversation=row["conversation"], post=None))
        for row in rows
    ]  # fmt: skip
    language, now = _language(community), store.now()
    for post_id, life in islice(store.lives(community, now), LIVELY_POSTS):
        for number, moment in life.letters(now):
            mark, name = (life.seed, "letter", number), f"{post_id}-{number}"
            who = words.pick(words.NAMES[language], *mark, "name")
            what = words.pick(words.LETTERS[language], *mark, "text")
            found.append((moment, _said(name, who, what, moment, conversation=name, post=str(post_id))))
    return _after(found, since)


def count_letters(store: Store, community: Community) -> int:
    """How many private messages people have ever written, without reading them."""
    now = store.now()
    query = "select count(*) from letters where community = ? and author <> ''"
    written = store.db.execute(query, (community.id,)).fetchone()[0]
    return int(written) + sum(life.letter_count(now) for _, life in store.lives(community, now))


def mentions(store: Store, community: Community, since: float = 0.0) -> list[dict[str, Any]]:
    """Posts of others that named the community by its @handle, and planted ones."""
    rows = store.db.execute(
        "select * from mentions where community = ? and created_at >= ? and created_at <= ?"
        " order by created_at, id",
        (community.id, since + 0.001, store.now()),
    )
    return [
        _said(str(row["id"]), row["author"], row["text"], row["created_at"], url=row["url"]) for row in rows
    ]


def write_letter(store: Store, community: Community, conversation: str, text: str, key: str | None) -> int:
    """The community's answer in a conversation that somebody opened; a key used before gives the answer of
    then. Raises Refused for a conversation that nobody opened."""
    if all(letter["conversation"] != conversation for letter in letters(store, community)):
        raise Refused("conversation_unknown", "nobody opened such a conversation")
    with store.transaction():
        if key is not None:
            known = store.db.execute(
                "select id from letters where community = ? and key = ?", (community.id, key)
            ).fetchone()
            if known:
                return int(known["id"])
        cursor = store.db.execute(
            "insert into letters (community, conversation, text, key, created_at) values (?, ?, ?, ?, ?)",
            (community.id, conversation, text, key, store.now()),
        )
        return int(cursor.lastrowid or 0)


def plant(
    store: Store,
    community: Community,
    kind: str,
    text: str,
    *,
    post: Post | None = None,
    name: str = "",
    created_at: float | None = None,
    url: str = "",
) -> str:
    """Let somebody say something: kind "comment" (under `post`), "message" or "mention". Its id.

    Raises Refused where the community takes no comments or messages, ValueError on a word nobody knows.
    """
    told = profiles.settings(store, community)
    who = name or words.pick(words.NAMES[_language(community)], community.seed, text)
    at = store.now() if created_at is None else created_at
    if kind == "comment":
        if post is None:
            raise ValueError("a comment stands under a post")
        if not told["comments_on"]:
            raise Refused("comments_off", "this community takes no comments")
        number = store.add_comment(post, text, None, author=who)
        store.db.execute("update comments set created_at = ? where id = ?", (at, number))
        return str(number)
    if kind == "message" and not told["messages_on"]:
        raise Refused("messages_off", "this community takes no messages")
    if kind not in ("message", "mention"):
        raise ValueError(f"kind: {kind}")
    table, column = ("letters", "conversation") if kind == "message" else ("mentions", "url")
    cursor = store.db.execute(
        f"insert into {table} (community, {column}, author, text, created_at) values (?, ?, ?, ?, ?)",  # noqa: S608
        (community.id, f"with {who}" if kind == "message" else url, who, text, at),
    )
    return str(cursor.lastrowid)


def note_mentions(store: Store, post: Post, url: str) -> None:
    """Tell the communities that a new post names by their handles."""
    for handle in sorted(set(HANDLE.findall(post.text)) - {post.community.handle}):
        if (named := store.community(handle)) is not None:
            plant(store, named, "mention", post.text, name=post.community.name, url=url,
                  created_at=post.created_at)  # fmt: skip

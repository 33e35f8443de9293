"""Comments under videos, read and answered. Private messages and mentions have no calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from niva.networks.base.errors import Rejected
from niva.networks.base.inbox import Message, Messages
from niva.networks.base.network import Call
from niva.networks.base.transport import unclear
from niva.networks.base.types import Remote
from niva.networks.youtube.client import ask, items
from niva.networks.youtube.payloads import moment

_PAGES: Final = 5
_PLAIN: Final = {"textFormat": "plainText", "maxResults": "100"}


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    """commentThreads.list, newest threads first, and comments.list where a thread has more answers than it
    shows. A video with comments switched off has none."""
    found: list[Message] = []
    page = ""
    for _ in range(_PAGES):
        params = {"part": "snippet,replies", "videoId": there.id, "order": "time", **_PLAIN}
        try:
            rows, page = await items(
                call, "commentThreads", {**params, **({"pageToken": page} if page else {})}
            )
        except Rejected as error:
            if error.code == "comments_switched_off":
                return ()
            raise
        for row in rows:
            found += await _thread(call, there.id, row)
        if not page:
            break
    return tuple(sorted((one for one in found if one.at > since), key=lambda one: (one.at, one.id)))


async def _thread(call: Call, video_id: str, row: Mapping[str, Any]) -> list[Message]:
    about = row.get("snippet")
    top = about.get("topLevelComment") if isinstance(about, dict) else None
    if not isinstance(about, dict) or not isinstance(top, dict):
        raise unclear(False, "nonsense", "a thread without its comment")
    replies = (row.get("replies") or {}).get("comments", [])
    if int(about.get("totalReplyCount") or 0) > len(replies):
        replies, _ = await items(call, "comments", {"part": "snippet", "parentId": str(top["id"]), **_PLAIN})
    return [
        _message(call, video_id, top, ""),
        *(_message(call, video_id, one, str(top["id"])) for one in replies),
    ]


def _message(call: Call, video_id: str, told: Mapping[str, Any], parent: str) -> Message:
    said = told.get("snippet")
    if not isinstance(said, dict) or not told.get("id"):
        raise unclear(False, "nonsense", "a comment without its text")
    author = said.get("authorChannelId")
    author_id = str(author.get("value") or "") if isinstance(author, dict) else ""
    number = str(told["id"])
    return Message(
        id=number,
        kind="comment",
        text=str(said.get("textOriginal") or said.get("textDisplay") or ""),
        at=moment(said.get("publishedAt")),
        thread=video_id,
        answers=parent,
        author_id=author_id,
        author_name=str(said.get("authorDisplayName") or ""),
        url=f"https://www.youtube.com/watch?v={video_id}&lc={number}",
        ours=bool(author_id) and author_id == str(call.credential.facts.get("channel_id") or ""),
        media=1 if said.get("imageUrl") else 0,
        extra={"top": parent or number},
    )


async def read_messages(call: Call, since: datetime) -> Messages:
    raise Rejected("messages_unsupported")


async def read_mentions(call: Call, since: datetime) -> Messages:
    raise Rejected("mentions_unsupported")


async def answer(call: Call, message: Message, text: str) -> Message:
    """comments.insert. Answers hang on the first comment of a thread, never on one another."""
    body = {"snippet": {"parentId": str(message.extra.get("top") or message.id), "textOriginal": text}}
    told = await ask(call, "POST", "comments", {"part": "snippet"}, body=body, writes=True,
                     forbidden="comments_switched_off")  # fmt: skip
    if not told.get("id"):
        raise unclear(True, "nonsense", "no comment in the answer")
    return Message(
        id=str(told["id"]), kind="comment", text=text, at=call.now(), thread=message.thread,
        answers=message.id, ours=True, extra={"top": body["snippet"]["parentId"]},
    )  # fmt: skip

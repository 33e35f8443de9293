"""Comments under a page's posts, answers to them, and posts that name the page.

Private messages are for partners of LinkedIn only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from niva.networks.base.errors import Rejected
from niva.networks.base.inbox import Message, Messages
from niva.networks.base.network import Call
from niva.networks.base.types import Remote
from niva.networks.linkedin.client import ask_object, author_of, coded, elements, is_page
from niva.networks.linkedin.payloads import address
from niva.networks.linkedin.publish import write_comment
from niva.networks.linkedin.text import plain

_PAGE: Final = 100
_PAGES: Final = 10  # that one reading goes through


async def read_comments(call: Call, there: Remote, since: datetime) -> Messages:
    """Comments under a post and, under each that has some, the answers to it."""
    _only_pages(call, "comments")
    found: list[Message] = []
    for row in await _rows(call, there.id):
        found.append(_comment(call, row, there))
        below = (row.get("commentsSummary") or {}).get("totalFirstLevelComments")
        if isinstance(below, int) and below > 0 and row.get("commentUrn"):
            found += [_comment(call, one, there) for one in await _rows(call, str(row["commentUrn"]))]
    return tuple(sorted((one for one in found if one.at >= since), key=lambda one: one.at))


async def _rows(call: Call, parent: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for page in range(_PAGES):
        path = f"/rest/socialActions/{coded(parent)}/comments?start={page * _PAGE}&count={_PAGE}"
        rows = elements(await ask_object(call, "GET", path))
        found += rows
        if len(rows) < _PAGE:
            break
    return found


def _comment(call: Call, row: Mapping[str, Any], there: Remote) -> Message:
    author = str(row.get("actor") or "")
    return Message(
        id=str(row.get("id")),
        kind="comment",
        text=str((row.get("message") or {}).get("text") or ""),
        at=_moment((row.get("created") or {}).get("time")),
        thread=there.id,
        answers=str(row.get("parentComment") or "").rpartition(",")[2].removesuffix(")"),
        author_id=author,
        url=there.url,
        ours=author == author_of(call.credential),
        media=len(row.get("content") or ()),
        extra={"urn": str(row.get("parentComment") or row.get("commentUrn") or "")},
    )


async def read_messages(call: Call, since: datetime) -> Messages:
    """The calls for private messages are open to partners only."""
    raise Rejected("messages_unsupported")


async def read_mentions(call: Call, since: datetime) -> Messages:
    """Posts that name the page, from its notifications (of the last 60 days at most)."""
    _only_pages(call, "mentions")
    start, end = int(since.timestamp() * 1000), int(call.now().timestamp() * 1000) + 60_000
    path = (
        "/rest/organizationalEntityNotifications?q=criteria&actions=List(SHARE_MENTION)"
        f"&organizationalEntity={coded(author_of(call.credential))}"
        f"&timeRange=(start:{start},end:{end})&count={_PAGE}"
    )
    rows = elements(await ask_object(call, "GET", path))
    found = [made for row in rows if (made := _mention(row)) is not None]
    return tuple(sorted((one for one in found if one.at >= since), key=lambda one: one.at))


def _mention(row: Mapping[str, Any]) -> Message | None:
    share = (row.get("decoratedGeneratedActivity") or {}).get("share") or {}
    urn = str(share.get("entity") or row.get("generatedActivity") or "")
    if not urn:
        return None
    return Message(
        id=urn,
        kind="mention",
        text=plain(str(share.get("text") or "")),
        at=_moment(row.get("lastModifiedAt")),
        author_id=str(share.get("owner") or ""),
        url=address(urn),
    )


def _moment(milliseconds: Any) -> datetime:
    told = milliseconds if isinstance(milliseconds, int) and 0 < milliseconds < 2**43 else 0
    return datetime.fromtimestamp(told / 1000, UTC)


async def answer(call: Call, message: Message, text: str) -> Message:
    """A comment under the comment; an answer to an answer stands beside it, LinkedIn nests once."""
    if message.kind != "comment":
        raise Rejected("message_answer_unsupported")
    parent = str(message.extra.get("urn") or "")
    number = await write_comment(call, message.thread, text, parent)
    return Message(
        number, "comment", text, call.now(), message.thread, message.id,
        author_of(call.credential), url=message.url, ours=True, extra={"urn": parent},
    )  # fmt: skip


def _only_pages(call: Call, ability: str) -> None:
    if not is_page(call.credential):
        raise Rejected(f"{ability}_unsupported")

"""What people write to a subreddit as a whole: its moderators read it and answer in its name.

https://www.reddit.com/dev/api/#section_modmail
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from niva.networks.base.errors import Temporary
from niva.networks.base.inbox import Message
from niva.networks.base.network import Call
from niva.networks.base.transport import unclear
from niva.networks.reddit.client import ask_object, subreddit_of

_AT_ONCE: Final = 25  # conversations that are opened in one reading
_PATH: Final = "/api/mod/conversations"


async def letters(call: Call, since: datetime) -> list[Message]:
    """The letters of the conversations that went on after `since`, the newest conversations first."""
    params = {
        "entity": subreddit_of(call.credential.facts), "state": "all", "sort": "recent",
        "limit": str(_AT_ONCE),
    }  # fmt: skip
    told = _objects(await ask_object(call, "GET", _PATH, params=params), "conversations")
    found: list[Message] = []
    for number, one in told.items():
        if not one.get("isInternal") and _moment(one.get("lastUpdated")) > since:
            whole = await ask_object(call, "GET", f"{_PATH}/{number}")
            found += [_letter(row, number) for row in _objects(whole, "messages").values()]
    return [one for one in found if one.id]


def _letter(row: Mapping[str, Any], conversation: str) -> Message:
    told = row.get("author")
    who = told if isinstance(told, dict) else {}
    return Message(
        id=str(row.get("id") or ""),
        kind="message",
        text=str(row.get("bodyMarkdown") or ""),
        at=_moment(row.get("date")),
        thread=conversation,
        author_id=str(who.get("id") or ""),
        author_name=str(who.get("name") or ""),
        url=f"https://mod.reddit.com/mail/all/{conversation}",
        ours=bool(who.get("isMod")),
        extra={"modmail": True},
    )


async def answer(call: Call, message: Message, text: str) -> Message:
    """In the subreddit's name: who of its moderators wrote it is not shown."""
    form = {"body": text, "isAuthorHidden": "true", "isInternal": "false"}
    told = await ask_object(call, "POST", f"{_PATH}/{message.thread}", form=form, writes=True)
    try:
        made = [_letter(row, message.thread) for row in _objects(told, "messages").values()]
    except Temporary as error:  # it went out all the same
        raise unclear(True, error.code, error.detail) from error
    # other moderators may have written, too: ours has our words, where Reddit left them as they were
    ours = [one for one in made if one.ours and one.id]
    same = [one for one in ours if one.text.strip() == text.strip()]
    newest = max(same or ours, key=lambda one: one.at, default=None)
    if newest is None:
        raise unclear(True, "nonsense", "no letter in the answer")
    return newest


def _objects(data: Mapping[str, Any], name: str) -> dict[str, Mapping[str, Any]]:
    """A table of objects by their ids. An empty one may come as a list."""
    found = data.get(name)
    if not isinstance(found, dict | list):
        raise Temporary("nonsense", f"no {name} in the answer")
    rows = found.items() if isinstance(found, dict) else ()
    return {str(number): one for number, one in rows if isinstance(one, dict)}


def _moment(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise Temporary("nonsense", "a letter without its time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

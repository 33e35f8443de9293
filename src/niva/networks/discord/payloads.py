"""Our post as the parameters of a message, and back. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, MediaFile, Outgoing, Problem

POLL_HOURS: Final = 24
NONCE_MAX: Final = 25
ANNOUNCEMENTS: Final = 5  # the type of a channel whose messages other servers may follow
_SUPPRESS_EMBEDS: Final = 1 << 2
_SUPPRESS_NOTIFICATIONS: Final = 1 << 12
REPLY: Final = 19
_SPOKEN: Final = (0, REPLY)  # types of messages that people write; the rest are notices of the system


def length(text: str) -> int:
    """UTF-16 units, as the app counts; never fewer than the server does."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def appended(out: Outgoing) -> str:
    """The address that is added to the text: Discord draws the card from it."""
    if out.link is None or out.link.url in out.text:
        return ""
    return ("\n\n" if out.text else "") + out.link.url


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The common checks on the text as it goes out."""
    checker = Checker(limits, length)
    checker.everything(replace(out, text=out.text + appended(out)))
    return tuple(checker.problems)


def nonce(key: str) -> str:
    """The step's key in the 25 signs that a nonce may have (100 bits)."""
    return hashlib.sha256(key.encode()).hexdigest()[:NONCE_MAX]


def message(out: Outgoing, key: str) -> dict[str, Any]:
    """The parameters of POST /channels/{id}/messages. Nobody is called by name unless the post says so."""
    made: dict[str, Any] = {
        "content": out.text + appended(out),
        "nonce": nonce(key),
        "enforce_nonce": True,
        "allowed_mentions": _mentions(out.options),
    }
    if flags := _flags(out.options):
        made["flags"] = flags
    if out.media:
        made["attachments"] = [attachment(file, str(index)) for index, file in enumerate(out.media)]
    if out.poll is not None:
        hours = math.ceil(out.poll.closes_in / 3600) if out.poll.closes_in else POLL_HOURS
        made["poll"] = {
            "question": {"text": out.poll.question},
            "answers": [{"poll_media": {"text": option}} for option in out.poll.options],
            "allow_multiselect": out.poll.multiple,
            "duration": hours,
        }
    return made


def attachment(file: MediaFile, number: str) -> dict[str, Any]:
    """A file by its number in the form (`files[0]`), or an older one by its id, with its description."""
    return {"id": number, **({"description": file.alt} if file.alt else {})}


def answer(text: str, key: str, to: str = "", options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A message that answers another one of the same channel, or stands alone in a thread."""
    made: dict[str, Any] = {
        "content": text,
        "nonce": nonce(key),
        "enforce_nonce": True,
        "allowed_mentions": {**_mentions(options or {}), "replied_user": True},
    }
    if to:
        made["message_reference"] = {"message_id": to, "fail_if_not_exists": True}
    return made


def edited(out: Outgoing, attachments: Sequence[JSON]) -> dict[str, Any]:
    """The parameters of PATCH: files that are not named are taken away."""
    return {
        "content": out.text + appended(out),
        "allowed_mentions": {"parse": []},  # an edit calls nobody a second time
        "attachments": list(attachments),
    }


def _mentions(options: Mapping[str, Any]) -> dict[str, Any]:
    return {"parse": ["everyone", "roles", "users"] if options.get("ping") else ["users"]}


def _flags(options: Mapping[str, Any]) -> int:
    return (_SUPPRESS_EMBEDS if options.get("no_preview") else 0) | (
        _SUPPRESS_NOTIFICATIONS if options.get("silent") else 0
    )


def thread_name(text: str) -> str:
    """What the thread under a post is called: its first line, at most a hundred signs; never empty."""
    line = text.strip().partition("\n")[0].strip() or "…"
    return line if length(line) <= 100 else line[:49].rstrip() + "…"


# --- theirs to ours -------------------------------------------------------------------------------------


def files_of(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = one.get("attachments")
    return [file for file in found if isinstance(file, dict)] if isinstance(found, list) else []


def answered(one: Mapping[str, Any]) -> str:
    """The id of the message that this one answers; "" for none."""
    told = one.get("message_reference")
    if one.get("type") != REPLY or not isinstance(told, dict):
        return ""
    return str(told.get("message_id") or "")


def author(one: Mapping[str, Any]) -> Mapping[str, Any]:
    told = one.get("author")
    return told if isinstance(told, dict) else {}


def spoken(one: Mapping[str, Any]) -> bool:
    """Did somebody write it? Notices of the system (a pin, a new member) are no messages."""
    return one.get("type") in _SPOKEN


def shows(one: Mapping[str, Any], out: Outgoing) -> bool:
    """Does a message carry as many files and the poll of this post?"""
    poll = one.get("poll")
    if len(files_of(one)) != len(out.media):
        return False
    if out.poll is None or not isinstance(poll, dict):
        return out.poll is None and poll is None
    question = poll.get("question")
    return isinstance(question, dict) and str(question.get("text")).strip() == out.poll.question.strip()


def told_apart(one: Mapping[str, Any], out: Outgoing) -> bool:
    """Is there more to know it by than the number of its files? Words, a poll, or their sizes."""
    sizes = [file.get("size") for file in files_of(one)]
    return bool(out.text.strip()) or out.poll is not None or sizes == [file.size for file in out.media]


def address(guild: str, channel: str, number: str) -> str:
    return f"https://discord.com/channels/{guild or '@me'}/{channel}/{number}"

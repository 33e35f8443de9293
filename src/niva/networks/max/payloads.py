"""Our post as the body of a message, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from niva.networks.base.errors import OutcomeUnknown, Temporary
from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, Outgoing, Problem


def length(text: str) -> int:
    """UTF-16 units: never fewer than the network counts, whichever way it does."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def button(out: Outgoing) -> str:
    """The label of the button that opens the link; "" = the address stands in the text."""
    return str(out.options.get("button") or "").strip() if out.link is not None else ""


def appended(out: Outgoing) -> str:
    """The address that is added to the text, where no button carries it."""
    if out.link is None or out.link.url in out.text or button(out):
        return ""
    return ("\n\n" if out.text else "") + out.link.url


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The common checks on the text as it goes out."""
    checker = Checker(limits, length)
    checker.everything(replace(out, text=out.text + appended(out)))
    return tuple(checker.problems)


def message(out: Outgoing, attachments: Sequence[JSON]) -> dict[str, Any]:
    """NewMessageBody. The text goes plain, without `format`, so nothing in it changes."""
    made: list[JSON] = list(attachments)
    if out.link is not None and (label := button(out)):
        press = {"type": "link", "text": label, "url": out.link.url}
        made.append({"type": "inline_keyboard", "payload": {"buttons": [[press]]}})
    body: dict[str, Any] = {"text": out.text + appended(out), "attachments": made, "link": None}
    if out.options.get("silent"):
        body["notify"] = False
    return body


def reply_to(text: str, mid: str) -> dict[str, Any]:
    """A message that answers another one of the same chat."""
    return {"text": text, "attachments": [], "link": {"type": "reply", "mid": mid}}


def comment(text: str, answers: str = "") -> dict[str, Any]:
    """NewCommentBody: https://dev.max.ru/docs-api/objects/NewCommentBody/"""
    return {"text": text, "link": {"type": "reply", "mid": answers} if answers else None}


# --- theirs to ours -------------------------------------------------------------------------------------


def sent(data: Mapping[str, Any]) -> dict[str, Any]:
    """The message in a reply to a sending call, as the result of a step. OutcomeUnknown when it is none."""
    made = data.get("message")
    mid = body_of(made).get("mid") if isinstance(made, dict) else None
    if not isinstance(made, dict) or not isinstance(mid, str) or not mid:
        raise OutcomeUnknown("nonsense", "no message in the answer")
    return {"id": mid, "url": str(made.get("url") or "")}


def body_of(one: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body of a message; an empty one for a message that only forwards another."""
    body = one.get("body")
    return body if isinstance(body, dict) else {}


def text_of(one: Mapping[str, Any]) -> str:
    return str(body_of(one).get("text") or "")


def files_of(one: Mapping[str, Any]) -> int:
    """How many pictures and videos a message shows; keyboards and link cards are none."""
    found = body_of(one).get("attachments")
    return sum(
        isinstance(file, dict) and file.get("type") in ("image", "video") for file in found or () if file
    )


def answers(one: Mapping[str, Any]) -> str:
    """The id of the message that this one answers; "" for none."""
    link = one.get("link")
    if not isinstance(link, dict) or link.get("type") != "reply":
        return ""
    there = link.get("message")
    return str(there.get("mid") or "") if isinstance(there, dict) else ""


def moment(one: Mapping[str, Any]) -> datetime:
    """When a message was made: milliseconds since 1970. Temporary("nonsense") where it does not say."""
    try:
        return datetime.fromtimestamp(int(one["timestamp"]) / 1000, UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise Temporary("nonsense", "a message without its time") from error


def listed(data: Mapping[str, Any], *names: str) -> list[Mapping[str, Any]]:
    """The list of objects in an answer, under the first of these names that it has."""
    for name in names:
        found = data.get(name)
        if isinstance(found, list):
            return [one for one in found if isinstance(one, dict)]
    raise Temporary("nonsense", f"no {names[0]} in the answer")

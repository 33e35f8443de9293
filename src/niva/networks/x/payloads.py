"""Our post as the body of POST /2/tweets, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from niva.networks.base.errors import Temporary
from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, MediaFile, Outgoing, Problem
from niva.networks.x import text as words

POLL_MINUTES: Final = 1440
REPLIES: Final = ("following", "mentionedUsers", "subscribers", "verified")
PREMIUM_DOCS: Final = "https://help.x.com/en/using-x/x-premium#longer-posts"
_CATEGORIES: Final = {"image": "tweet_image", "animation": "tweet_gif", "video": "tweet_video"}


def appended(out: Outgoing) -> str:
    """What is added to the text: the poll's question and the address, which have no place of their own."""
    parts = []
    if out.poll is not None and out.poll.question and out.poll.question not in out.text:
        parts.append(out.poll.question)
    if out.link is not None and out.link.url not in out.text:
        parts.append(out.link.url)
    return ("\n\n" if out.text and parts else "") + "\n\n".join(parts)


def body(out: Outgoing) -> str:
    """The text as it goes out. X draws a link's card by itself from the address."""
    return out.text + appended(out)


def length(text: str) -> int:
    return words.length(text)


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    checker = Checker(limits, length)
    checker.everything(replace(out, text=body(out)))
    kinds = [file.kind for file in out.media]
    if "animation" in kinds and len(kinds) > 1:
        checker.add("animation_alone", "media")
    return tuple(checker.problems)


def post(out: Outgoing, media_ids: Sequence[str]) -> dict[str, Any]:
    """The body of POST /2/tweets."""
    made: dict[str, Any] = {**manner(out.options)}
    if text := body(out):
        made["text"] = text
    if media_ids:
        made["media"] = {"media_ids": list(media_ids)}
    if out.poll is not None:
        minutes = out.poll.closes_in // 60 if out.poll.closes_in else POLL_MINUTES
        made["poll"] = {"options": list(out.poll.options), "duration_minutes": minutes}
    return made


def reply(text: str, post_id: str) -> dict[str, Any]:
    """An answer: the first comment, the next part of a chain, an answer to somebody."""
    return {"text": text, "reply": {"in_reply_to_tweet_id": post_id}}


def manner(options: Mapping[str, Any]) -> dict[str, Any]:
    """Who may answer, and what has to be said of advertising and AI."""
    made: dict[str, Any] = {}
    if options.get("reply_settings") in REPLIES:
        made["reply_settings"] = options["reply_settings"]
    if options.get("made_with_ai"):
        made["made_with_ai"] = True
    if options.get("paid_partnership"):
        made["paid_partnership"] = True
    return made


def category(file: MediaFile) -> str:
    return _CATEGORIES[file.kind]


# --- theirs to ours -------------------------------------------------------------------------------------


def created(data: Mapping[str, Any]) -> str:
    """The id of what was made. ValueError where none is told."""
    made = data.get("data")
    if not isinstance(made, dict) or not isinstance(made.get("id"), str) or not made["id"]:
        raise ValueError("no post in the answer")
    return str(made["id"])


def address(post_id: str, username: str) -> str:
    return f"https://x.com/{username or 'i/web'}/status/{post_id}"


def moment(told: Any) -> datetime:
    """ISO 8601. Temporary("nonsense") for what is no time."""
    try:
        return datetime.fromisoformat(str(told))
    except ValueError as error:
        raise Temporary("nonsense", "no time in the answer") from error


def answers(row: Mapping[str, Any]) -> str:
    """The id of the post that this one answers, "" for none."""
    for one in row.get("referenced_posts") or row.get("referenced_tweets") or ():
        if isinstance(one, dict) and one.get("type") == "replied_to":
            return str(one.get("id") or "")
    return ""


def limits_told(user: Mapping[str, Any]) -> dict[str, Any]:
    """25,000 characters for those who pay: told by `subscription_type`."""
    if user.get("subscription_type") in ("Basic", "Premium", "PremiumPlus"):
        return {"text_max": 25_000, "first_comment_max": 25_000}
    return {}


def own_limits(limits: Limits, facts: JSON) -> Limits:
    found, on = facts.get("limits"), facts.get("limits_on")
    if not isinstance(found, Mapping) or not found:
        return limits
    try:
        day = date.fromisoformat(str(on))
    except ValueError:
        return limits
    return limits.with_facts({k: v for k, v in found.items() if isinstance(v, int)}, PREMIUM_DOCS, day)

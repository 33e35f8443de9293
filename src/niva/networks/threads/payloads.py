"""Ours <-> theirs: what a post becomes at Threads, and how one of ours is recognised there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from niva.networks.base.limits import Checker, Limits
from niva.networks.base.meta import check_gifs
from niva.networks.base.types import JSON, MediaFile, Outgoing, Poll, Problem

LIMITS_URL: Final = "https://developers.facebook.com/docs/threads/troubleshooting"
TAG_MAX: Final = 50  # characters of a topic: https://developers.facebook.com/docs/threads/posts
# Blocks of Unicode that hold emoji, and what joins and varies them.
_EMOJI: Final = (
    (0x1F000, 0x1FAFF), (0x2600, 0x27BF), (0x231A, 0x231B), (0x23E9, 0x23FA), (0x2B05, 0x2B55),
    (0x200D, 0x200D), (0xFE0F, 0xFE0F), (0x20E3, 0x20E3), (0xE0020, 0xE007F),
)  # fmt: skip
_LETTERS: Final = "abcd"


def length(text: str) -> int:
    """Characters; an emoji counts as its UTF-8 bytes.

    https://developers.facebook.com/docs/threads/reference/publishing
    """
    return sum(len(sign.encode("utf-8", "surrogatepass")) if _is_emoji(sign) else 1 for sign in text)


def _is_emoji(sign: str) -> bool:
    return any(first <= ord(sign) <= last for first, last in _EMOJI)


def own_limits(limits: Limits, facts: JSON) -> Limits:
    """The limits with what the account itself was told."""
    told = facts.get("limits")
    if not isinstance(told, dict) or not told:
        return limits
    try:
        on = date.fromisoformat(str(facts.get("limits_on")))
    except ValueError:
        on = date.min
    return limits.with_facts(told, LIMITS_URL, on)


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The general checks, public addresses, and what the question and the link make of the text."""
    checker = Checker(limits, length)
    checker.everything(out)
    checker.public_files(out)
    check_gifs(checker, out)
    if out.poll is not None and out.poll.multiple:
        checker.warn("poll_one_answer", "poll")
    most = limits.value("text_max")
    if most is not None and length(out.text) <= most < (whole := length(text(out))):
        where = "poll" if out.poll is not None else "link"
        checker.add("text_with_more_too_long", where, "text_max", actual=whole, surplus=whole - most)
    topic = topic_of(out)
    if len(topic) > TAG_MAX or any(sign in topic for sign in ".&"):
        checker.add("topic_refused", "options", actual=topic, limit=TAG_MAX)
    return tuple(checker.problems)


def topic_of(out: Outgoing) -> str:
    return str(out.options.get("topic") or "").strip().lstrip("#")


def is_video(file: MediaFile) -> bool:
    return file.kind != "image"


def text(out: Outgoing) -> str:
    """The words of the post: a poll has no question of its own, and beside files there is no link card."""
    found = out.text
    if out.poll is not None and out.poll.question.strip() not in found:
        found = f"{found}\n\n{out.poll.question.strip()}".strip()
    if out.link is not None and (out.media or out.poll) and out.link.url not in found:
        found = f"{found}\n\n{out.link.url}".strip()
    return found


def single(out: Outgoing) -> dict[str, Any]:
    """The container of a text or of one file."""
    made: dict[str, Any] = {**words(out)}
    if out.media:
        file = out.media[0]
        return {**made, **_file(file)}
    made["media_type"] = "TEXT"
    if out.poll is not None:
        made["poll_attachment"] = poll(out.poll)
    elif out.link is not None:
        made["link_attachment"] = out.link.url
    return made


def words(out: Outgoing) -> dict[str, Any]:
    """Text, topic, and who may answer."""
    made: dict[str, Any] = {"text": text(out)} if text(out) else {}
    if control := str(out.options.get("reply_control") or ""):
        made["reply_control"] = control
    if topic := topic_of(out):
        made["topic_tag"] = topic
    return made


def _file(file: MediaFile) -> dict[str, Any]:
    alt = {"alt_text": file.alt} if file.alt else {}
    if is_video(file):
        return {"media_type": "VIDEO", "video_url": file.url, **alt}
    return {"media_type": "IMAGE", "image_url": file.url, **alt}


def poll(asked: Poll) -> dict[str, str]:
    return {f"option_{letter}": option for letter, option in zip(_LETTERS, asked.options, strict=False)}


def child(file: MediaFile) -> dict[str, Any]:
    """One file of a carousel."""
    return {**_file(file), "is_carousel_item": True}


def carousel(out: Outgoing, children: Sequence[str]) -> dict[str, Any]:
    return {**words(out), "media_type": "CAROUSEL", "children": ",".join(children)}


def answer(said: str, to: str) -> dict[str, Any]:
    """The container of a text that answers a post."""
    return {"media_type": "TEXT", "text": said, "reply_to_id": to}


def comparable(said: Any) -> str:
    return "\n".join(line.rstrip() for line in str(said or "").strip().splitlines())


def files_in(media: Mapping[str, Any]) -> int:
    children = media.get("children")
    inside = children.get("data") if isinstance(children, dict) else None
    if isinstance(inside, list) and inside:
        return len(inside)
    return 1 if media.get("media_type") in ("IMAGE", "VIDEO") else 0

"""Ours <-> theirs: what a post becomes at Instagram, and how one of ours is recognised there. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from niva.networks.base.limits import Checker, Limits
from niva.networks.base.meta import check_form, check_gifs
from niva.networks.base.types import JSON, MediaFile, Outgoing, Problem

LIMITS_URL: Final = (
    "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/"
    "content_publishing_limit"
)
# Since December 2025 the app takes five, the reference of the API still names thirty.
HASHTAGS_WISE: Final = 5
_HASHTAG: Final = re.compile(r"(?<!\w)#\w*[^\W\d]\w*")


def length(text: str) -> int:
    """Characters."""
    return len(text)


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
    """The general checks, public addresses, and what Instagram shows otherwise than one thinks."""
    checker = Checker(limits, len)
    checker.everything(out)
    _check_addresses(checker, out)
    check_form(checker, out)
    check_gifs(checker, out)
    if (count := len(_HASHTAG.findall(out.text))) > HASHTAGS_WISE:
        checker.warn("hashtags_over_five", "text", actual=count, limit=HASHTAGS_WISE)
    if out.link is not None or "://" in out.text:
        checker.warn("link_not_clickable", "link" if out.link is not None else "text")
    if (written := cover_second(out)) is not None and not 0 <= written <= longest(out):
        checker.add("cover_second_outside", "options", actual=written)
    return tuple(checker.problems)


def _check_addresses(checker: Checker, out: Outgoing) -> None:
    """Pictures and covers are fetched by Instagram; a video without an address is sent to it."""
    for index, file in enumerate(out.media):
        if not file.url and not is_video(file):
            checker.add("public_address_missing", f"media:{index}")
        if file.cover is not None and not file.cover.url and len(out.media) == 1:
            checker.warn("cover_without_address", f"media:{index}")


def longest(out: Outgoing) -> float:
    return max((file.duration or 0 for file in out.media), default=0)


def cover_second(out: Outgoing) -> float | None:
    """The second that the cover is taken from; -1 for what is no number, None where nothing is said."""
    written = str(out.options.get("cover_second") or "").strip().replace(",", ".")
    if not written:
        return None
    try:
        return float(written)
    except ValueError:
        return -1


def caption(out: Outgoing) -> str:
    """The text, with the link below it where there is one: it cannot be pressed, but read."""
    if out.link is None or out.link.url in out.text:
        return out.text
    return f"{out.text}\n\n{out.link.url}".strip()


def is_video(file: MediaFile) -> bool:
    return file.kind != "image"


def single(out: Outgoing) -> dict[str, Any]:
    """The container of a post with one file. A video alone is a reel: Instagram knows no other."""
    file = out.media[0]
    made = source(file)
    if out.form == "story":
        return {**made, "media_type": "STORIES"}
    if caption(out):
        made["caption"] = caption(out)
    if not is_video(file):
        return {**made, **({"alt_text": file.alt} if file.alt else {}), **people(out)}
    made |= {"media_type": "REELS", "share_to_feed": not out.options.get("reels_only"), **people(out)}
    if file.cover is not None and file.cover.url:
        made["cover_url"] = file.cover.url
    elif (second := cover_second(out)) is not None:
        made["thumb_offset"] = str(round(second * 1000))
    return made


def source(file: MediaFile) -> dict[str, Any]:
    """Where the file comes from: its address, or our sending it afterwards (videos only)."""
    if is_video(file) and not file.url:
        return {"upload_type": "resumable"}
    return {"video_url" if is_video(file) else "image_url": file.url}


def people(out: Outgoing) -> dict[str, Any]:
    """Who is asked to publish it as his own, too."""
    names = [name.strip().lstrip("@") for name in str(out.options.get("collaborators") or "").split(",")]
    return {"collaborators": [name for name in names if name]} if any(names) else {}


def child(file: MediaFile) -> dict[str, Any]:
    """One file of a carousel."""
    if is_video(file):
        return {**source(file), "media_type": "VIDEO", "is_carousel_item": True}
    alt = {"alt_text": file.alt} if file.alt else {}
    return {"image_url": file.url, "is_carousel_item": True, **alt}


def carousel(out: Outgoing, children: Sequence[str]) -> dict[str, Any]:
    made: dict[str, Any] = {"media_type": "CAROUSEL", "children": ",".join(children), **people(out)}
    return {**made, **({"caption": caption(out)} if caption(out) else {})}


def comparable(text: Any) -> str:
    return "\n".join(line.rstrip() for line in str(text or "").strip().splitlines())


def files_in(media: Mapping[str, Any]) -> int:
    children = media.get("children")
    inside = children.get("data") if isinstance(children, dict) else None
    return len(inside) if isinstance(inside, list) and inside else 1


def kind_of(out: Outgoing) -> str:
    """What its numbers are asked by: "story", "reel" or "feed"."""
    if out.form == "story":
        return "story"
    return "reel" if len(out.media) == 1 and is_video(out.media[0]) else "feed"

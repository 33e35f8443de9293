"""Ours <-> theirs: what a post becomes as a pin, and how one of ours is recognised. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, MediaFile, Outgoing, Problem, Remote, Step


def length(text: str) -> int:
    """Characters."""
    return len(text)


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The general checks; a pin has no poll and no comment of ours, and its link has a length of its own."""
    checker = Checker(limits, len)
    checker.everything(out)
    if out.first_comment:
        checker.add("pin_writes_no_comment", "first_comment")
    if len(link_of(out)) > 2048:  # maxLength of PinCreate.link
        checker.add("pin_link_too_long", "link", limit=2048, actual=len(link_of(out)))
    for index, file in enumerate(out.media):
        if is_video(file) and file.cover is None:
            checker.warn("pin_cover_by_itself", f"media:{index}")
    return tuple(checker.problems)


def is_video(file: MediaFile) -> bool:
    return file.kind != "image" and file.mime != "image/gif"


def steps(out: Outgoing) -> tuple[Step, ...]:
    """Pictures travel inside the pin. A video goes before it: its place, its bytes, its being ready."""
    found = [
        Step(name, "upload", repeatable=True)
        for index, file in enumerate(out.media)
        if is_video(file)
        for name in (f"upload:{index}", f"upload:{index}:file", f"upload:{index}:ready")
    ]
    return (*found, Step("create", "create", searchable=True))


def words(out: Outgoing) -> dict[str, Any]:
    """What can be changed later: title, description, link, alternative text."""
    told: dict[str, Any] = {"description": out.text}
    if title := str(out.options.get("title") or "").strip():
        told["title"] = title
    if link := link_of(out):
        told["link"] = link
    if alt := next((file.alt for file in out.media if file.alt), ""):
        told["alt_text"] = alt
    return told


def link_of(out: Outgoing) -> str:
    return out.link.url if out.link is not None else ""


def board_of(out: Outgoing) -> str:
    return str(out.options.get("board") or "").strip()


def pin(out: Outgoing, source: JSON) -> dict[str, Any]:
    """The body of POST /pins; `source`: what it shows."""
    return {**words(out), "board_id": board_of(out), "media_source": dict(source)}


def images(pictures: list[tuple[MediaFile, str]]) -> JSON:
    """The media source of one or of several pictures; beside each its content in base64."""
    if len(pictures) == 1:
        ((file, data),) = pictures
        return {"source_type": "image_base64", "content_type": file.mime, "data": data}
    items = [
        {"content_type": file.mime, "data": data, **({"description": file.alt[:500]} if file.alt else {})}
        for file, data in pictures
    ]
    return {"source_type": "multiple_image_base64", "items": items}


def video(media_id: str, cover: tuple[MediaFile, str] | None) -> JSON:
    """The media source of a video, with the cover or a moment of its own instead."""
    told: dict[str, Any] = {"source_type": "video_id", "media_id": media_id}
    if cover is None:
        return {**told, "cover_image_key_frame_time": 0}
    file, data = cover
    return {**told, "cover_image_content_type": file.mime, "cover_image_data": data}


def address(pin_id: str) -> str:
    return f"https://www.pinterest.com/pin/{pin_id}/"


def mark(out: Outgoing) -> str:
    """What the files of a pin are recognised by: they cannot be changed."""
    told = "\n".join(f"{file.size}:{file.mime}:{file.width}x{file.height}" for file in out.media)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def remote_of(done: Mapping[str, JSON]) -> Remote:
    made = done["create"]
    return Remote(str(made["id"]), str(made["url"]), {"mark": made.get("mark", "")})


# --- what stands there ---


def bare(text: str) -> str:
    """Letters and digits only: Pinterest trims blanks, but leaves these."""
    return "".join(char for char in text.casefold() if char.isalnum())


def media_count(row: Mapping[str, Any]) -> int | None:
    """How many files a pin shows; None where it does not say."""
    media = row.get("media") or {}
    items = media.get("items")
    if isinstance(items, list):
        return len(items)
    return 1 if media.get("media_type") in ("image", "video") else None


def created(row: Mapping[str, Any]) -> datetime | None:
    """UTC; Pinterest leaves the zone out."""
    try:
        moment = datetime.fromisoformat(str(row.get("created_at")))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def mute(out: Outgoing) -> bool:
    """Without a letter and without a link: such pins are all alike."""
    told = words(out)
    return not bare(str(told.get("title", ""))) and not bare(out.text) and not link_of(out)


def is_ours(row: Mapping[str, Any], out: Outgoing, since: datetime) -> bool:
    """Is this pin the one we sent? Its moment, words, link and number of files all fit."""
    moment = created(row)
    if moment is None or moment < since or media_count(row) not in (len(out.media), None):
        return False
    told = words(out)
    same = all(
        bare(str(row.get(name) or "")) == bare(str(told.get(name, ""))) for name in ("title", "description")
    )
    return same and str(row.get("link") or "") == link_of(out)

"""Ours <-> theirs: what a post becomes on a page, and how one of ours is recognised there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from niva.networks.base.limits import Checker, Limits
from niva.networks.base.meta import check_form
from niva.networks.base.types import JSON, MediaFile, Outgoing, Problem

# What a post is to the API, which decides by which calls it is sent, changed and counted.
Kind = Literal["post", "video", "reel", "photo_story", "video_story"]
FEED_FIELDS: Final = (
    "id,message,created_time,permalink_url,attachments{media_type,unshimmed_url,subattachments.limit(50)}"
)


def length(text: str) -> int:
    """Characters."""
    return len(text)


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The general checks and the page's own: one file in a story or a reel, no comment under a story."""
    checker = Checker(limits, len)
    checker.everything(out)
    check_form(checker, out)
    if out.form != "post" and any(file.cover is not None for file in out.media):
        checker.warn("cover_left_out", "media:0")
    return tuple(checker.problems)


def kind_of(out: Outgoing) -> Kind:
    moving = any(is_video(file) for file in out.media)
    if out.form == "story":
        return "video_story" if moving else "photo_story"
    if out.form == "reel":
        return "reel"
    return "video" if moving else "post"


def is_video(file: MediaFile) -> bool:
    """Moving GIFs go as videos: as photos they would stand still."""
    return file.kind != "image"


def appended(out: Outgoing) -> str:
    """The link below the text where a file takes the place of the card."""
    if out.link is None or not out.media or out.link.url in out.text:
        return ""
    return f"\n\n{out.link.url}" if out.text.strip() else out.link.url


def message(out: Outgoing) -> str:
    return out.text + appended(out)


def feed(out: Outgoing, photos: Sequence[str]) -> dict[str, Any]:
    """The fields of a post of text, a link card, or photos that were sent before."""
    fields: dict[str, Any] = {}
    if message(out).strip():
        fields["message"] = message(out)
    if photos:
        fields["attached_media"] = [{"media_fbid": photo} for photo in photos]
    elif out.link is not None:
        fields["link"] = out.link.url
    return fields


def described(out: Outgoing) -> dict[str, Any]:
    """The words beside a video."""
    title = str(out.options.get("title") or "").strip()
    return {**({"description": message(out)} if message(out) else {}), **({"title": title} if title else {})}


def comparable(text: Any) -> str:
    """A text as it may be compared: Facebook trims ends and lines."""
    return "\n".join(line.rstrip() for line in str(text or "").strip().splitlines())


def is_this(post: Mapping[str, Any], out: Outgoing) -> bool:
    """Is a post of the feed this one? By its words and the number of files; a bare link by its address."""
    if comparable(post.get("message")) != comparable(message(out)) or files_in(post) != len(out.media):
        return False
    if out.link is None or message(out).strip():
        return True
    return any(one.get("unshimmed_url") == out.link.url for one in _data(post.get("attachments")))


def mute(out: Outgoing) -> bool:
    """Pictures without a word: such posts are all alike."""
    return bool(out.media) and not comparable(message(out))


def files_in(post: Mapping[str, Any]) -> int:
    """How many pictures a post of the feed shows; the preview of a link is none."""
    count = 0
    for one in _data(post.get("attachments")):
        inside = _data(one.get("subattachments"))
        if one.get("media_type") in ("photo", "video", "album"):
            count += len(inside) or 1
    return count


def _data(edge: Any) -> list[Mapping[str, Any]]:
    found = edge.get("data") if isinstance(edge, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def address(post_id: str, told: JSON | None = None) -> str:
    """Where a person can open it: as told, else by its number, which Facebook leads on."""
    link = str((told or {}).get("permalink_url") or "")
    if link.startswith("/"):
        return f"https://www.facebook.com{link}"
    return link if link.startswith("https://") else f"https://www.facebook.com/{post_id}"


def ready(status: Any) -> bool | None:
    """Are all bytes of a video there? None: it failed. https://developers.facebook.com/docs/video-api"""
    word = _phase(status, "uploading_phase")
    whole = str(status.get("video_status") if isinstance(status, dict) else "")
    if word == "error" or whole in ("error", "upload_failed", "expired"):
        return None
    return word == "complete" if word else whole in ("ready", "upload_complete", "processing")


def published(told: Mapping[str, Any]) -> bool | None:
    """Was a video published? None where nothing is said, or where it is at work: it goes out behind that.
    One that is on its way out is: the flag `published` becomes true only when people see it."""
    word = _phase(told.get("status"), "publishing_phase")
    at_work = _phase(told.get("status"), "processing_phase") in ("in_progress", "complete")
    if word == "not_started" and at_work:
        return None
    if word in ("complete", "in_progress", "not_started", "error"):
        return word in ("complete", "in_progress")
    flag = told.get("published")
    return flag if isinstance(flag, bool) else None


def _phase(status: Any, name: str) -> str:
    found = status.get(name) if isinstance(status, dict) else None
    return str(found.get("status") or "") if isinstance(found, dict) else ""

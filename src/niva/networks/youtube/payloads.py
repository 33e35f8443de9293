"""Our post as a video resource, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from niva.networks.base.errors import Temporary
from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, MediaFile, Outgoing, Problem

PEOPLE_AND_BLOGS: Final = "22"
PRIVACIES: Final = ("public", "unlisted", "private")
CHANNELS_DOCS: Final = "https://developers.google.com/youtube/v3/docs/channels#status.longUploadsStatus"
# "May contain all valid UTF-8 characters except < and >" is said of title and description alike
# (https://developers.google.com/youtube/v3/docs/videos#snippet.description): near relatives go out instead.
_BRACKETS: Final = str.maketrans("<>", "‹›")
_BACK: Final = str.maketrans("‹›", "<>")
_WRITABLE: Final = ("title", "description", "tags", "categoryId", "defaultLanguage", "defaultAudioLanguage")
_STATUS: Final = (
    "privacyStatus", "selfDeclaredMadeForKids", "embeddable", "license", "publicStatsViewable", "publishAt",
    "containsSyntheticMedia",
)  # fmt: skip


def body(out: Outgoing) -> str:
    """The description as it goes out; the address of a link stands at its end where the text lacks it."""
    text = out.text
    if out.link is not None and out.link.url not in text:
        text = f"{text}\n\n{out.link.url}" if text else out.link.url
    return text


def written(text: str) -> str:
    """The text with signs that YouTube takes."""
    return text.translate(_BRACKETS)


def comparable(text: str) -> str:
    """For comparing: brackets as they were, no blanks at the ends of lines."""
    return "\n".join(line.rstrip() for line in text.translate(_BACK).strip().splitlines())


def length(text: str) -> int:
    """Characters. Bytes, in which YouTube counts the description, are a limit of their own."""
    return len(text)


def title(out: Outgoing) -> str:
    return " ".join(str(out.options.get("title") or "").split())


def tags(out: Outgoing) -> list[str]:
    """The keywords, without repetition, in the order in which they were written."""
    found = (one.strip().lstrip("#") for one in str(out.options.get("tags") or "").split(","))
    return list(dict.fromkeys(one for one in found if one))


def tags_length(words: list[str]) -> int:
    """As YouTube counts: commas between, and two quotation marks round a keyword with a blank
    (https://developers.google.com/youtube/v3/docs/videos#snippet.tags[])."""
    return sum(len(word) + 2 * (" " in word) for word in words) + max(0, len(words) - 1)


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The common checks on the description as it goes out, then what only videos have."""
    checker = Checker(limits, length)
    checker.everything(Outgoing(body(out), out.media, None, out.poll, out.first_comment, out.options))
    most = limits.value("tags_chars_max")
    if most is not None and (size := tags_length(tags(out))) > most:
        checker.add("tags_too_long", "options", "tags_chars_max", actual=size)
    for index, file in enumerate(out.media):
        if file.cover is not None:
            _cover(checker, index, file.cover)
        if out.form == "post" and becomes_short(file, limits):
            checker.warn("will_be_a_short", f"media:{index}")
    if out.first_comment and out.options.get("made_for_kids"):
        checker.warn("no_comments_for_kids", "first_comment")
    if set("<>") & set(title(out) + body(out)):
        checker.warn("angle_brackets", "text")
    return tuple(checker.problems)


def becomes_short(file: MediaFile, limits: Limits) -> bool:
    """Whether YouTube will put it among the Shorts by itself: square or upright, and short enough."""
    longest = limits.value("reel_seconds_max")
    if file.kind == "image" or file.duration is None or longest is None:
        return False
    return file.width <= file.height and file.duration <= longest


def _cover(checker: Checker, index: int, cover: MediaFile) -> None:
    most, mimes = checker.limits.value("image_bytes_max"), checker.limits.value("image_mimes")
    if most is not None and cover.size > most:
        checker.add("cover_too_heavy", f"media:{index}", "image_bytes_max", actual=cover.size)
    if mimes is not None and cover.mime not in mimes:
        checker.add("cover_format", f"media:{index}", "image_mimes", actual=cover.mime)


def video(out: Outgoing) -> dict[str, Any]:
    """The body of videos.insert (parts snippet and status)."""
    snippet: dict[str, Any] = {
        "title": written(title(out)),
        "description": written(body(out)),
        "categoryId": str(out.options.get("category") or PEOPLE_AND_BLOGS),
    }
    if words := tags(out):
        snippet["tags"] = words
    if language := out.options.get("language"):
        snippet["defaultLanguage"] = snippet["defaultAudioLanguage"] = str(language)
    status: dict[str, Any] = {
        "privacyStatus": privacy(out),
        "selfDeclaredMadeForKids": bool(out.options.get("made_for_kids")),
    }
    if out.options.get("synthetic"):
        status["containsSyntheticMedia"] = True
    return {"snippet": snippet, "status": status}


def privacy(out: Outgoing) -> str:
    said = str(out.options.get("privacy") or "public")
    return said if said in PRIVACIES else "public"


def changed(out: Outgoing, there: Mapping[str, Any]) -> dict[str, Any]:
    """The body of videos.update. What is left out would be emptied, so what stands there goes along."""
    new = video(out)
    snippet = {name: there["snippet"][name] for name in _WRITABLE if name in there.get("snippet", {})}
    status = {name: there["status"][name] for name in _STATUS if name in there.get("status", {})}
    if not tags(out):
        snippet.pop("tags", None)
    return {
        "id": there["id"],
        "snippet": {**snippet, **new["snippet"]},
        "status": {**status, **new["status"]},
    }


# --- theirs to ours -------------------------------------------------------------------------------------


def address(video_id: str, form: str) -> str:
    if form == "reel":
        return f"https://www.youtube.com/shorts/{video_id}"
    return f"https://www.youtube.com/watch?v={video_id}"


def moment(told: Any) -> datetime:
    """ "2026-11-23T12:00:00Z". Temporary("nonsense") for what is no time."""
    try:
        return datetime.fromisoformat(str(told))
    except ValueError as error:
        raise Temporary("nonsense", "no time in the answer") from error


def limits_told(channel: Mapping[str, Any]) -> dict[str, Any]:
    """The length of a video, where the channel's owner has not shown a telephone (15 minutes:
    https://support.google.com/youtube/answer/71673)."""
    status = channel.get("status")
    long = status.get("longUploadsStatus") if isinstance(status, dict) else None
    return {"video_seconds_max": 900} if long in ("eligible", "disallowed") else {}


def own_limits(limits: Limits, facts: JSON) -> Limits:
    told, on = facts.get("limits"), facts.get("limits_on")
    if not isinstance(told, Mapping) or not told:
        return limits
    try:
        day = date.fromisoformat(str(on))
    except ValueError:
        return limits
    return limits.with_facts({k: v for k, v in told.items() if isinstance(v, int)}, CHANNELS_DOCS, day)

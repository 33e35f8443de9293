"""What the practice network accepts. docs/reference/practice.md tells the same to people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from niva.networks.practice.server.store import Draft

FORMS: Final = ("post", "story", "reel")
TEXT_MAX: Final = 2000  # characters, as Python counts them
COMMENT_MAX: Final = 500
ALT_MAX: Final = 500
IMAGES_MAX: Final = 10
VIDEOS_MAX: Final = 1
IMAGE_BYTES_MAX: Final = 10 * 1024 * 1024
VIDEO_BYTES_MAX: Final = 50 * 1024 * 1024
IMAGE_SIDE_MAX: Final = 8000  # pixels
POLL_OPTIONS: Final = (2, 10)
POLL_QUESTION_MAX: Final = 200
POLL_OPTION_MAX: Final = 100
POLL_SECONDS: Final = (300, 30 * 86400)
SIGNATURES: Final = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftyp", "video/mp4"),
)


class Refused(Exception):
    """The content cannot be taken. `code`: a stable word, the same as in the desk's own checks."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def sniff(head: bytes) -> str:
    """The MIME type by the first bytes. Raises Refused for everything else."""
    for offset, mark, mime in SIGNATURES:
        if head[offset : offset + len(mark)] == mark:
            return mime
    raise Refused("media_format", "JPEG, PNG, GIF, WebP or MP4 only")


def text(value: object, most: int, code: str) -> str:
    """The string exactly as sent, or Refused when it is none, is no valid Unicode or is too long."""
    if not isinstance(value, str) or any("\ud800" <= char <= "\udfff" for char in value):
        raise Refused("bad_request", "a string is wanted")
    if len(value) > most:
        raise Refused(code, f"{len(value)} characters, at most {most}")
    return value


def moment(value: object) -> float | None:
    """Seconds since 1970 of a moment in ISO 8601; None stays None. Raises Refused."""
    if value is None:
        return None
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError as error:
        raise Refused("bad_request", str(error)) from error


def draft(body: object, kinds: Mapping[str, str]) -> Draft:
    """The post that a request describes. `kinds`: MIME by id of the uploads. Raises Refused."""
    if not isinstance(body, dict):
        raise Refused("bad_request", "a JSON object is wanted")
    media = body.get("media") or []
    if not isinstance(media, list) or not all(isinstance(item, str) for item in media):
        raise Refused("bad_request", "media: a list of ids is wanted")
    if missing := [item for item in media if item not in kinds]:
        raise Refused("media_unknown", f"no such upload: {missing[0]}")
    videos = sum(kinds[item].startswith("video/") for item in media)
    if videos > VIDEOS_MAX or len(media) - videos > IMAGES_MAX:
        raise Refused("media_too_many", f"at most {IMAGES_MAX} pictures or {VIDEOS_MAX} video")
    if videos and videos != len(media):
        raise Refused("media_mixed", "pictures and video do not go together")
    form = body.get("form") or "post"
    if form not in FORMS:
        raise Refused("bad_request", f"form: one of {', '.join(FORMS)}")
    if form != "post" and len(media) != 1:
        raise Refused("media_too_many" if media else "media_required", f"a {form} shows exactly one file")
    if form == "reel" and not videos:
        raise Refused("reel_needs_video", "a reel is a video")
    if form == "story" and (body.get("poll") or body.get("answers")):
        raise Refused("form_takes_no", "a story has no poll and goes on from nothing")
    made = Draft(
        text=text(body.get("text", ""), TEXT_MAX, "text_too_long"),
        media=tuple(media),
        link=_link(body["link"]) if body.get("link") else None,
        poll=_poll(body["poll"]) if body.get("poll") else None,
        form=form,
    )
    if not (made.text.strip() or made.media or made.link or made.poll):
        raise Refused("post_empty", "a post needs a text, a picture, a link or a poll")
    return made


def _link(body: object) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Refused("bad_request", "link: a JSON object is wanted")
    url = text(body.get("url", ""), 2000, "link_bad")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise Refused("link_bad", "only http and https addresses")
    return {
        "url": url,
        "title": text(body.get("title", ""), 300, "link_bad"),
        "description": text(body.get("description", ""), 1000, "link_bad"),
    }


def _poll(body: object) -> dict[str, Any]:
    if not isinstance(body, dict) or not isinstance(body.get("options"), list):
        raise Refused("bad_request", "poll: question and options are wanted")
    options = [text(option, POLL_OPTION_MAX, "poll_option_too_long") for option in body["options"]]
    if len(options) < POLL_OPTIONS[0]:
        raise Refused("poll_too_few_options", f"at least {POLL_OPTIONS[0]}")
    if len(options) > POLL_OPTIONS[1]:
        raise Refused("poll_too_many_options", f"at most {POLL_OPTIONS[1]}")
    if not all(option.strip() for option in options):
        raise Refused("poll_option_empty", "an option without words")
    seconds = body.get("closes_in")
    if seconds is not None and type(seconds) is not int:
        raise Refused("bad_request", "closes_in: whole seconds are wanted")
    if seconds is not None and seconds < POLL_SECONDS[0]:
        raise Refused("poll_too_short", f"at least {POLL_SECONDS[0]} seconds")
    if seconds is not None and seconds > POLL_SECONDS[1]:
        raise Refused("poll_too_long", f"at most {POLL_SECONDS[1]} seconds")
    question = text(body.get("question", ""), POLL_QUESTION_MAX, "poll_question_too_long")
    return {
        "question": question,
        "options": options,
        "multiple": bool(body.get("multiple")),
        "closes_in": seconds,
    }

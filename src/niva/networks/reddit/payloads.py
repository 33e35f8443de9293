"""Our post as the parameters of a submission, and back. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from niva.networks.base.errors import Temporary
from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, Outgoing, Problem

SITE: Final = "https://www.reddit.com"
_DAY: Final = 86_400
_POLL_DAYS: Final = 3
_REQUIREMENTS: Final = "https://www.reddit.com/dev/api/#GET_api_v1_{subreddit}_post_requirements"
_REMOVED: Final = ("[deleted]", "[removed]")


def length(text: str) -> int:
    """Characters."""
    return len(text)


def title(out: Outgoing) -> str:
    return " ".join(str(out.options.get("title") or "").split())


def kind(out: Outgoing) -> str:
    """What a submission is to Reddit: self, link, image, gallery, video, videogif or poll."""
    if out.poll is not None:
        return "poll"
    if len(out.media) > 1:
        return "gallery"
    if out.media:
        return {"image": "image", "video": "video", "animation": "videogif"}[
            "image" if out.media[0].mime.startswith("image/") else out.media[0].kind
        ]
    return "link" if out.link is not None else "self"


def text(out: Outgoing) -> str:
    """The body: with the poll's question where the title is another, and with a link beside files."""
    parts = [out.text] if out.text else []
    if out.poll is not None and out.poll.question not in (*parts, title(out)):
        parts.append(out.poll.question)
    if out.link is not None and kind(out) != "link" and out.link.url not in out.text:
        parts.append(out.link.url)
    return "\n\n".join(parts)


def appended(out: Outgoing) -> str:
    return text(out).removeprefix(out.text)


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The common checks on the text as it goes out, and that a gallery has pictures only."""
    checker = Checker(limits, length)
    checker.everything(replace(out, text=text(out)))
    if len(out.media) > 1 and any(not file.mime.startswith("image/") for file in out.media):
        checker.add("media_mixed", "media", "mixed_media")
    # a title alone is a whole post here
    return tuple(found for found in checker.problems if found.code != "post_empty" or not title(out))


def own_limits(limits: Limits, facts: JSON) -> Limits:
    """The usual limits with those of this subreddit, told on `facts["limits_on"]`."""
    told = facts.get("limits")
    if not isinstance(told, dict) or not told:
        return limits
    try:
        on = date.fromisoformat(str(facts.get("limits_on")))
    except ValueError:
        on = date.min
    return limits.with_facts(told, _REQUIREMENTS, on)


def limits_told(rules: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
    """What GET /api/v1/{subreddit}/post_requirements says, in our names."""
    found: dict[str, Any] = {}
    for theirs, ours in (
        ("title_text_max_length", "title_max"), ("body_text_max_length", "text_max"),
        ("gallery_max_items", "images_max"),
    ):  # fmt: skip
        value = rules.get(theirs)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            found[ours] = value
    if rules.get("body_restriction_policy") == "notAllowed":
        found["text_max"] = 0
    if about.get("allow_galleries") is False:
        found["images_max"] = 1
    return found


# --- ours to theirs -------------------------------------------------------------------------------------


def _manner(out: Outgoing, subreddit: str) -> dict[str, Any]:
    """What all kinds of submissions have in common."""
    options = out.options
    made: dict[str, Any] = {
        "sr": subreddit, "title": title(out), "resubmit": True, "validate_on_submit": True,
        "sendreplies": not options.get("no_replies"),
        "nsfw": bool(options.get("nsfw")), "spoiler": bool(options.get("spoiler")),
    }  # fmt: skip
    if flair := options.get("flair"):
        made["flair_id"] = str(flair)
    return made


def submission(out: Outgoing, subreddit: str, files: Sequence[JSON]) -> dict[str, str]:
    """The form of POST /api/submit."""
    what = kind(out)
    made = {**_manner(out, subreddit), "kind": what}
    if body := text(out):
        made["text"] = body
    if what == "link" and out.link is not None:
        made["url"] = out.link.url
    elif files:
        made["url"] = files[0]["url"]
        if what in ("video", "videogif"):
            made["video_poster_url"] = files[0]["poster"]
    return {name: _plain(value) for name, value in made.items()}


def gallery(out: Outgoing, subreddit: str, files: Sequence[JSON]) -> dict[str, Any]:
    """The body of POST /api/submit_gallery_post.json. What a picture shows goes as its caption."""
    items = [
        {"media_id": made["id"], "caption": file.alt[:180], "outbound_url": ""}
        for made, file in zip(files, out.media, strict=True)
    ]
    return {**_manner(out, subreddit), "api_type": "json", "items": items, "text": text(out)}


def poll(out: Outgoing, subreddit: str) -> dict[str, Any]:
    """The body of POST /api/submit_poll_post. It lasts whole days."""
    assert out.poll is not None
    days = math.ceil(out.poll.closes_in / _DAY) if out.poll.closes_in else _POLL_DAYS
    return {
        **_manner(out, subreddit), "api_type": "json", "text": text(out),
        "options": list(out.poll.options), "duration": days,
    }  # fmt: skip


def _plain(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


# --- theirs to ours -------------------------------------------------------------------------------------


def children(listing: Any) -> list[Mapping[str, Any]]:
    """The things of a Listing, each {"kind", "data"}. Temporary("nonsense") for what is none."""
    data = listing.get("data") if isinstance(listing, dict) else None
    found = data.get("children") if isinstance(data, dict) else None
    if not isinstance(found, list):
        raise Temporary("nonsense", "no listing in the answer")
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("data"), dict)]


def posts(listing: Any) -> list[Mapping[str, Any]]:
    """The data of the submissions in a Listing."""
    return [one["data"] for one in children(listing) if one.get("kind") == "t3"]


def flattened(things: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """A tree of comments as a row, "more" things among them."""
    for one in things:
        yield one
        below = one["data"].get("replies")
        if isinstance(below, dict):
            yield from flattened(children(below))


def moment(data: Mapping[str, Any]) -> datetime:
    """`created_utc`: seconds since 1970. Temporary("nonsense") where it does not say."""
    try:
        return datetime.fromtimestamp(float(data["created_utc"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise Temporary("nonsense", "a thing without its time") from error


def link_to(data: Mapping[str, Any]) -> str:
    """The page of a submission or comment."""
    path = str(data.get("permalink") or data.get("context") or "")
    return f"{SITE}{path}" if path.startswith("/") else path


def standing(data: Mapping[str, Any]) -> bool:
    """Can readers see it? Not when the author, a moderator, a filter or Reddit took it down."""
    return not data.get("removed_by_category") and data.get("author") not in _REMOVED


def same(told: Any, wanted: str) -> bool:
    return str(told or "").strip() == wanted.strip()


def is_this(data: Mapping[str, Any], out: Outgoing) -> bool:
    """Is a submission of our title this one? By its words and, of a link, its address."""
    linked = kind(out) != "link" or out.link is None or data.get("url") == out.link.url
    return linked and data.get("author") not in _REMOVED and same(data.get("selftext"), text(out))


def may_be_this(data: Mapping[str, Any], out: Outgoing) -> bool:
    """Reddit writes addresses anew, drops the words beside a link where the subreddit wants none, and hides
    those of what was taken down by others."""
    if data.get("removed_by_category") == "deleted" or data.get("author") in _REMOVED:
        return False
    return kind(out) == "link" or data.get("selftext") in _REMOVED


def files_of(data: Mapping[str, Any]) -> int:
    """How many pictures and videos a submission shows."""
    told = data.get("gallery_data")
    if isinstance(told, dict) and isinstance(told.get("items"), list):
        return len(told["items"])
    hosted = data.get("is_video") is True or data.get("post_hint") in ("image", "hosted:video")
    return 1 if hosted or data.get("is_reddit_media_domain") is True else 0

"""Our post as TikTok's post_info and source_info, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from niva.networks.base.errors import Rejected
from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, Outgoing, Problem

CREATOR_DOCS: Final = "https://developers.tiktok.com/doc/content-posting-api-reference-query-creator-info"
SELF_ONLY: Final = "SELF_ONLY"


def body(out: Outgoing) -> str:
    """The caption; the address of a link stands at its end where the text lacks it."""
    text = out.text
    if out.link is not None and out.link.url not in text:
        text = f"{text}\n\n{out.link.url}" if text else out.link.url
    return text


def length(text: str) -> int:
    """UTF-16 units, "runes" in TikTok's words: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def is_photo(out: Outgoing) -> bool:
    return bool(out.media) and out.media[0].kind == "image"


def is_fetched(out: Outgoing) -> bool:
    """Whether TikTok fetches the files itself: photos always, a video where the post says so."""
    return is_photo(out) or bool(out.options.get("pull"))


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """Photos have a longer caption than videos (caption_max), and a title of their own; TikTok fetches them
    itself. Who pays for a post may not hide it."""
    if not is_photo(out):
        limits = replace(limits, items={k: v for k, v in limits.items.items() if k != "caption_max"})
    checker = Checker(limits, length)
    checker.everything(replace(out, text=body(out), link=None))
    if is_fetched(out):
        checker.public_files(out)
    if out.options.get("branded_content") and out.options.get("privacy") == SELF_ONLY:
        checker.add("branded_private", "options")
    if any(file.kind == "animation" for file in out.media):
        checker.add("animation_refused", "media")
    if out.first_comment:
        checker.add("comments_not_given", "first_comment")
    return tuple(checker.problems)


def post_info(out: Outgoing, creator: Mapping[str, Any]) -> dict[str, Any]:
    """What both kinds say. `creator`: what TikTok allows this account now; what it forbids stays forbidden.

    Raises Rejected where it does not allow what was chosen.
    """
    privacy = str(out.options.get("privacy") or "")
    allowed = creator.get("privacy_level_options")
    if isinstance(allowed, list) and privacy not in allowed:
        raise Rejected("privacy_not_offered", privacy)
    silent = bool(creator.get("comment_disabled")) or not out.options.get("allow_comment")
    made: dict[str, Any] = {
        "privacy_level": privacy,
        "disable_comment": silent,
        "brand_organic_toggle": bool(out.options.get("own_brand")),
        "brand_content_toggle": bool(out.options.get("branded_content")),
    }
    if is_photo(out):
        title = " ".join(str(out.options.get("title") or "").split())
        return {
            **made,
            "title": title,
            "description": body(out),
            "auto_add_music": bool(out.options.get("music")),
        }
    longest, lasts = creator.get("max_video_post_duration_sec"), out.media[0].duration
    if isinstance(longest, int) and lasts is not None and lasts > longest:
        raise Rejected("video_length_refused", f"{lasts:g} > {longest} s")
    made |= {
        "title": body(out),
        "disable_duet": bool(creator.get("duet_disabled")) or not out.options.get("allow_duet"),
        "disable_stitch": bool(creator.get("stitch_disabled")) or not out.options.get("allow_stitch"),
        "is_aigc": bool(out.options.get("synthetic")),
    }
    moment = str(out.options.get("cover_second") or "").replace(",", ".")
    if moment.replace(".", "", 1).isdecimal():
        made["video_cover_timestamp_ms"] = round(float(moment) * 1000)
    return made


def fetched(out: Outgoing, creator: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """(the call, its body) that lets TikTok fetch the files and publish them."""
    if bare := [file.path.name for file in out.media if not file.url]:
        raise Rejected("public_address_missing", bare[0])
    if not is_photo(out):
        source = {"source": "PULL_FROM_URL", "video_url": out.media[0].url}
        return "post/publish/video/init/", {"post_info": post_info(out, creator), "source_info": source}
    return "post/publish/content/init/", {
        "media_type": "PHOTO",
        "post_mode": "DIRECT_POST",
        "post_info": post_info(out, creator),
        "source_info": {
            "source": "PULL_FROM_URL",
            "photo_images": [file.url for file in out.media],
            "photo_cover_index": 0,
        },
    }


# --- theirs to ours -------------------------------------------------------------------------------------


def post_id(state: Mapping[str, Any]) -> str:
    """The post's id out of a state, "" until TikTok has looked through it, and always for what nobody else
    sees. The misspelling is TikTok's."""
    told = state.get("publicaly_available_post_id") or state.get("publicly_available_post_id")
    return str(told[0]) if isinstance(told, list) and told else ""


def address(number: str, username: str, photo: bool) -> str:
    kind = "photo" if photo else "video"
    return f"https://www.tiktok.com/@{username}/{kind}/{number}" if number and username else ""


def limits_told(creator: Mapping[str, Any]) -> dict[str, Any]:
    longest = creator.get("max_video_post_duration_sec")
    good = isinstance(longest, int) and not isinstance(longest, bool) and longest > 0
    return {"video_seconds_max": longest} if good else {}


def own_limits(limits: Limits, facts: JSON) -> Limits:
    found, on = facts.get("limits"), facts.get("limits_on")
    if not isinstance(found, Mapping) or not found:
        return limits
    try:
        day = date.fromisoformat(str(on))
    except ValueError:
        return limits
    return limits.with_facts({k: v for k, v in found.items() if isinstance(v, int)}, CREATOR_DOCS, day)

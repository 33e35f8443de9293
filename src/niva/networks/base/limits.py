"""Limits of networks as data, and the checks that are the same everywhere.

A network's `limits.toml` holds one table per limit: `value`, `source_url`, `checked_on`, `confirmed`.
An unconfirmed limit makes a warning, a confirmed one an error. What the network tells at run time
(a Mastodon server's own limits) overrides the file through `Limits.with_facts`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from niva.networks.base.types import Form, MediaFile, Outgoing, Problem

# The names a limits.toml may use. Units: characters in the network's own count, bytes, pixels, seconds;
# ratios are width / height. "title", "option_*": of the options of a post. "name", "about", "avatar_*",
# "cover_*" ...: of the community itself, judged by the audit.
LIMIT_NAMES: Final = frozenset(
    {
        "text_max", "text_bytes_max", "text_min", "caption_max", "first_comment_max", "alt_max",
        "link_length", "media_max", "images_max", "videos_max", "mixed_media",
        "image_bytes_max", "image_side_max", "image_sides_sum_max", "image_ratio_max", "image_pixels_max",
        "image_mimes", "video_bytes_max", "video_seconds_max", "video_mimes", "animation_bytes_max",
        "album_min", "album_max",
        "poll_question_max", "poll_options_min", "poll_options_max", "poll_option_max",
        "poll_seconds_min", "poll_seconds_max", "poll_with_media", "poll_needs_text",
        "edit_seconds", "posts_per_day", "text_required_without_media",
        "title_max", "title_required", "button_max",
        "hashtags_max", "mentions_max", "links_max", "tags_chars_max",
        "media_required", "image_side_min", "image_ratio_from", "image_ratio_to",
        "video_seconds_min", "video_side_min", "video_side_max", "video_ratio_from", "video_ratio_to",
        "video_fps_max", "video_codecs",
        "story_seconds_max", "story_bytes_max", "story_image_bytes_max", "story_side_max", "story_media_max",
        "story_ratio_from", "story_ratio_to",
        "reel_media_max", "reel_seconds_min", "reel_seconds_max", "reel_bytes_max",
        "reel_ratio_from", "reel_ratio_to",
        "schedule_seconds_min", "schedule_seconds_max",
        "name_max", "handle_min", "handle_max", "status_max", "about_max", "menu_max",
        "avatar_side_min", "avatar_side_best", "avatar_bytes_max", "avatar_mimes",
        "cover_width_best", "cover_height_best", "cover_width_min", "cover_height_min",
        "cover_safe_width", "cover_safe_height", "cover_bytes_max", "cover_mimes",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit with its origin. `confirmed` False: believed, not proved; the desk only warns."""

    value: Any
    source_url: str
    checked_on: date
    confirmed: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits of one network (or of one account on it). Missing name = no limit known."""

    items: Mapping[str, Limit]
    text_unit: str = "characters"  # or "utf16", "graphemes": what `Network.length` counts

    def get(self, name: str) -> Limit | None:
        return self.items.get(name)

    def value(self, name: str, default: Any = None) -> Any:
        limit = self.items.get(name)
        return default if limit is None else limit.value

    def with_facts(self, facts: Mapping[str, Any], source_url: str, on: date) -> Limits:
        """The same limits with those that the server itself told (confirmed, as of `on`)."""
        told = {name: Limit(value, source_url, on) for name, value in facts.items() if name in LIMIT_NAMES}
        return replace(self, items={**self.items, **told})


def load_limits(folder: Path) -> Limits:
    """Read a network's `limits.toml`. Raises ValueError on a name that nobody checks, and on a
    source that nobody can open."""
    raw = tomllib.loads((folder / "limits.toml").read_text(encoding="utf-8"))
    unit = raw.pop("text_unit", "characters")
    if unknown := set(raw) - LIMIT_NAMES:
        raise ValueError(f"{folder.name}: unknown limits {sorted(unknown)}")
    for name, table in raw.items():
        if len(table["source_url"].split()) != 1:
            raise ValueError(f"{folder.name}: the source of {name} is no address: {table['source_url']!r}")
    return Limits({name: Limit(**table) for name, table in raw.items()}, unit)


def over_at(text: str, limit: int, length: Callable[[str], int]) -> int:
    """Index of the first character that no longer fits, by bisection (`length` never falls as text grows)."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if length(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


class Checker:
    """Collects the problems of one draft against one set of limits."""

    def __init__(self, limits: Limits, length: Callable[[str], int]) -> None:
        self.limits = limits
        self.length = length
        self.problems: list[Problem] = []

    def add(
        self, code: str, where: str, limit_name: str = "", *, over: int | None = None, **params: Any
    ) -> None:
        """Note a problem; its severity follows from whether the named limit is confirmed."""
        limit = self.limits.get(limit_name)
        severity = "warning" if limit is not None and not limit.confirmed else "error"
        if limit is not None:
            params = {"limit": limit.value, **params}
        self.problems.append(Problem(code, where, severity, params, over))  # type: ignore[arg-type]

    def warn(self, code: str, where: str, **params: Any) -> None:
        self.problems.append(Problem(code, where, "warning", params))

    def text(self, out: Outgoing) -> None:
        """The text against text_max, or caption_max when media goes with it."""
        name = "caption_max" if out.media and self.limits.get("caption_max") else "text_max"
        self.long("text_too_long", "text", out.text, name, with_media=bool(out.media))
        most = self.limits.value("text_bytes_max")
        if most is not None and (size := len(out.text.encode())) > most:
            self.add("text_too_many_bytes", "text", "text_bytes_max", actual=size)
        if not (out.text.strip() or out.media or out.poll or out.link):
            self.add("post_empty", "text")

    def long(self, code: str, where: str, text: str, name: str, **params: Any) -> None:
        most = self.limits.value(name)
        if most is not None and (size := self.length(text)) > most:
            at = over_at(text, most, self.length)
            self.add(code, where, name, over=at, actual=size, surplus=size - most, **params)

    def media(self, out: Outgoing) -> None:
        """Counts, mixtures and what a story or a reel wants; then each file against bytes, sides, ratio,
        duration and format."""
        if not out.media and (out.form != "post" or self.limits.value("media_required")):
            self.add("media_required", "media", "media_required")
        images = [m for m in out.media if m.kind == "image"]
        others = [m for m in out.media if m.kind != "image"]
        for name, count in (
            ("media_max", len(out.media)), ("images_max", len(images)), ("videos_max", len(others)),
            (f"{out.form}_media_max", len(out.media)),
        ):  # fmt: skip
            most = self.limits.value(name)
            if most is not None and count > most:
                self.add("media_too_many", "media", name, actual=count)
        if out.form == "reel" and images:
            self.add("reel_needs_video", "media")
        if images and others and self.limits.value("mixed_media") is False:
            self.add("media_mixed", "media", "mixed_media")
        for index, file in enumerate(out.media):
            for code, name, actual in _file_excess(file, self.limits, out.form):
                self.add(code, f"media:{index}", name, actual=actual)
            self.long("alt_too_long", f"media:{index}", file.alt, "alt_max")

    def poll(self, out: Outgoing) -> None:
        if out.poll is None:
            return
        if self.limits.get("poll_options_max") is None:
            self.add("poll_unsupported", "poll")
            return
        if out.media and self.limits.value("poll_with_media") is False:
            self.add("poll_with_media", "poll", "poll_with_media")
        count = len(out.poll.options)
        if count < self.limits.value("poll_options_min", 2):
            self.add("poll_too_few_options", "poll", "poll_options_min", actual=count)
        if count > self.limits.value("poll_options_max"):
            self.add("poll_too_many_options", "poll", "poll_options_max", actual=count)
        self.long("poll_question_too_long", "poll", out.poll.question, "poll_question_max")
        for index, option in enumerate(out.poll.options):
            self.long("poll_option_too_long", f"poll:{index}", option, "poll_option_max")
            if not option.strip():
                self.add("poll_option_empty", f"poll:{index}")
        closes = out.poll.closes_in
        if closes is not None:
            if closes < self.limits.value("poll_seconds_min", 0):
                self.add("poll_too_short", "poll", "poll_seconds_min", actual=closes)
            if closes > self.limits.value("poll_seconds_max", closes):
                self.add("poll_too_long", "poll", "poll_seconds_max", actual=closes)

    def options(self, out: Outgoing) -> None:
        """The title, the button's label, and how many hashtags, mentions and links the text carries."""
        title = str(out.options.get("title") or "")
        self.long("title_too_long", "options", title, "title_max")
        self.long("button_too_long", "options", str(out.options.get("button") or ""), "button_max")
        for code, name, pattern in _COUNTED:
            most = self.limits.value(name)
            if most is not None and (count := len(pattern.findall(out.text))) > most:
                self.add(code, "text", name, actual=count)

    def form_takes(self, out: Outgoing, *parts: str) -> None:
        """For a story or a reel that carries only these of "text", "link", "poll", "first_comment".

        Words and a link that it cannot show are left out, which is a warning; the rest is an error.
        """
        there = {
            "text": out.text.strip(), "link": out.link, "poll": out.poll, "first_comment": out.first_comment,
        }  # fmt: skip
        for part in (name for name, value in there.items() if value and name not in parts):
            if part in ("text", "link"):
                self.warn("form_leaves_out", part, form=out.form)
            else:
                self.add("form_takes_no", part, form=out.form)

    def public_files(self, out: Outgoing) -> None:
        """For networks that fetch the files themselves: each must have a public address."""
        for index, file in enumerate(out.media):
            if not file.url:
                self.add("public_address_missing", f"media:{index}")

    def everything(self, out: Outgoing) -> tuple[Problem, ...]:
        self.text(out)
        self.options(out)
        self.media(out)
        self.poll(out)
        if out.first_comment:
            self.long("first_comment_too_long", "first_comment", out.first_comment, "first_comment_max")
        return tuple(self.problems)


_COUNTED: Final = (
    ("hashtags_too_many", "hashtags_max", re.compile(r"(?<!\w)#\w*[^\W\d]\w*")),
    ("mentions_too_many", "mentions_max", re.compile(r"(?<![\w@])@\w+")),
    ("links_too_many", "links_max", re.compile(r"https?://\S+")),
)


def _file_excess(file: MediaFile, limits: Limits, form: Form) -> Iterator[tuple[str, str, Any]]:
    """(problem code, limit name, actual) of everything in which one file exceeds the limits.

    A story or a reel has bytes, seconds and ratio of its own where the limits name them.
    """
    kind = "image" if file.kind == "image" else "video"
    mimes = limits.value(f"{kind}_mimes")
    moving_gif = file.kind == "animation" and file.mime == "image/gif"
    if mimes is not None and file.mime not in mimes and not moving_gif:
        yield "media_format", f"{kind}_mimes", file.mime
    bytes_name = "animation_bytes_max" if file.kind == "animation" else f"{kind}_bytes_max"
    bytes_name = _of_form(limits, form, bytes_name, "bytes_max" if kind == "video" else "image_bytes_max")
    if (most := limits.value(bytes_name)) is not None and file.size > most:
        yield "media_too_heavy", bytes_name, file.size
    yield from _shape_excess(file, limits, form, kind)
    if kind == "image":
        sides = (file.width, file.height)
        for name, actual in (
            ("image_side_max", max(sides)),
            ("image_sides_sum_max", sum(sides)),
            ("image_pixels_max", file.width * file.height),
            ("image_ratio_max", max(sides) / max(1, min(sides))),
        ):
            if (most := limits.value(name)) is not None and actual > most:
                yield "image_too_large", name, actual
    elif file.duration is not None:
        for code, name, sign in (
            ("video_too_long", _of_form(limits, form, "video_seconds_max", "seconds_max"), 1),
            ("video_too_short", _of_form(limits, form, "video_seconds_min", "seconds_min"), -1),
        ):
            bound = limits.value(name)
            if bound is not None and sign * file.duration > sign * bound:
                yield code, name, file.duration


def _shape_excess(file: MediaFile, limits: Limits, form: Form, kind: str) -> Iterator[tuple[str, str, Any]]:
    """Too small, too narrow or too wide. Ratios are compared to the second decimal: 1.91 is 1.905 too."""
    smallest = limits.value(f"{kind}_side_min")
    if smallest is not None and min(file.width, file.height) < smallest:
        yield "media_too_small", f"{kind}_side_min", min(file.width, file.height)
    ratio = round(file.width / max(1, file.height), 2)
    low = _of_form(limits, form, f"{kind}_ratio_from", "ratio_from")
    high = _of_form(limits, form, f"{kind}_ratio_to", "ratio_to")
    if (bound := limits.value(low)) is not None and ratio < round(bound, 2):
        yield "media_too_narrow", low, ratio
    if (bound := limits.value(high)) is not None and ratio > round(bound, 2):
        yield "media_too_wide", high, ratio
    longest = max(file.width, file.height)
    sides = _of_form(limits, form, "video_side_max", "side_max")
    if kind == "video" and (most := limits.value(sides)) is not None and longest > most:
        yield "image_too_large", sides, longest


def _of_form(limits: Limits, form: Form, usual: str, ending: str) -> str:
    """The limit's name for this form, where the network has one of its own."""
    own = f"{form}_{ending}"
    return own if form != "post" and limits.get(own) is not None else usual

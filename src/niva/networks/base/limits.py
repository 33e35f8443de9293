"""Limits of networks as data, and the checks that are the same everywhere.

A network's `limits.toml` holds one table per limit: `value`, `source_url`, `checked_on`, `confirmed`.
An unconfirmed limit makes a warning, a confirmed one an error. What the network tells at run time
(a Mastodon server's own limits) overrides the file through `Limits.with_facts`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from niva.networks.base.types import MediaFile, Outgoing, Problem

# The names a limits.toml may use. Units: characters in the network's own count, bytes, pixels, seconds.
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
    """Read a network's `limits.toml`. Raises ValueError on a name that nobody checks."""
    raw = tomllib.loads((folder / "limits.toml").read_text(encoding="utf-8"))
    unit = raw.pop("text_unit", "characters")
    if unknown := set(raw) - LIMIT_NAMES:
        raise ValueError(f"{folder.name}: unknown limits {sorted(unknown)}")
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
        """Counts and mixtures, then each file against bytes, sides, ratio, duration and format."""
        images = [m for m in out.media if m.kind == "image"]
        others = [m for m in out.media if m.kind != "image"]
        for name, count in (
            ("media_max", len(out.media)), ("images_max", len(images)), ("videos_max", len(others)),
        ):  # fmt: skip
            most = self.limits.value(name)
            if most is not None and count > most:
                self.add("media_too_many", "media", name, actual=count)
        if images and others and self.limits.value("mixed_media") is False:
            self.add("media_mixed", "media", "mixed_media")
        for index, file in enumerate(out.media):
            for code, name, actual in _file_excess(file, self.limits):
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

    def everything(self, out: Outgoing) -> tuple[Problem, ...]:
        self.text(out)
        self.media(out)
        self.poll(out)
        if out.first_comment:
            self.long("first_comment_too_long", "first_comment", out.first_comment, "first_comment_max")
        return tuple(self.problems)


def _file_excess(file: MediaFile, limits: Limits) -> Iterator[tuple[str, str, Any]]:
    """(problem code, limit name, actual) of everything in which one file exceeds the limits."""
    kind = "image" if file.kind == "image" else "video"
    mimes = limits.value(f"{kind}_mimes")
    moving_gif = file.kind == "animation" and file.mime == "image/gif"
    if mimes is not None and file.mime not in mimes and not moving_gif:
        yield "media_format", f"{kind}_mimes", file.mime
    bytes_name = "animation_bytes_max" if file.kind == "animation" else f"{kind}_bytes_max"
    if (most := limits.value(bytes_name)) is not None and file.size > most:
        yield "media_too_heavy", bytes_name, file.size
    if file.kind == "image":
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
        most = limits.value("video_seconds_max")
        if most is not None and file.duration > most:
            yield "video_too_long", "video_seconds_max", file.duration

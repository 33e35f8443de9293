"""What a person typed into the composer: read out of the form, laid over the post without being saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.models import Post, Variant
from niva.web.posts.framed import read_framing
from niva.web.posts.options import options_of, typed_options
from niva.web.posts.show import wall_clock

TEXTS: Final = ("title", "text", "link_url", "first_comment")
Errors = dict[str, list[str]]


@dataclass(slots=True)
class Typed:
    """`day` and `at` as they stand in the boxes, whatever they are worth; `errors`: field -> sentences."""

    version: int
    fields: dict[str, Any] = field(default_factory=dict)
    variants: dict[int, dict[str, Any]] = field(default_factory=dict)
    media: list[dict[str, Any]] | None = None
    communities: list[int] | None = None
    day: str = ""
    at: str = ""
    errors: Errors = field(default_factory=dict)
    hours: dict[int, tuple[str, str]] = field(default_factory=dict)  # by variant, as in its boxes
    opened: int | None = None  # the variant whose panel the page is to open

    def add(self, errors: Errors) -> None:
        for name, sentences in errors.items():
            self.errors.setdefault(name, []).extend(sentences)


def read(data: QueryDict, post: Post) -> Typed:
    """Everything that the form carries; what it lacks is left alone. Raises NotFound for no ids."""
    typed = Typed(version=_number(data.get("version")) or 0)
    typed.fields = {name: _lines(data.get(name, "")) for name in TEXTS if name in data}
    for name in ("title", "link_url"):
        if name in typed.fields:
            typed.fields[name] = " ".join(typed.fields[name].split())
    if "goal" in data:
        typed.fields["goal_id"] = _id(data.get("goal", "")) if data.get("goal") else None
    if "rubric" in data:
        typed.fields["rubric_id"] = _id(data.get("rubric", "")) if data.get("rubric") else None
    if "poll_here" in data:
        typed.fields["poll"] = _poll(data)
    for variant in post.variants.all():
        if f"text-{variant.pk}" in data:
            typed.variants[variant.pk] = _own(data, variant)
            _read_own_hour(data, variant, typed)
    if "media_here" in data:
        typed.media = [
            {
                "asset": _id(asset),
                "alt": data.get(f"alt-{asset}", ""),
                "framing": read_framing(data, _id(asset)),
            }
            for asset in data.getlist("media")
        ]
    if "communities_here" in data:
        typed.communities = [_id(one) for one in data.getlist("community")]
    _read_hour(data, post, typed)
    return typed


def lay_over(post: Post, typed: Typed) -> None:
    """The post in memory as it was typed, for showing it again; nothing is saved."""
    for name, value in typed.fields.items():
        setattr(post, name, value)
    for variant in post.variants.all():
        for name, value in typed.variants.get(variant.pk, {}).items():
            setattr(variant, name, value)


def _own(data: QueryDict, variant: Variant) -> dict[str, Any]:
    """What one community has of its own; None = as in the post."""
    pk = variant.pk
    own: dict[str, Any] = {
        "own_text": _lines(data.get(f"text-{pk}", "")) if data.get(f"own-{pk}") else None,
        "own_first_comment": _lines(data.get(f"comment-{pk}", "")) if data.get(f"own-comment-{pk}") else None,
    }
    if f"thread-here-{pk}" in data:
        parts = [_lines(part) for part in data.getlist(f"thread-{pk}")]
        # A chain belongs to a text of its own: back with the common text is back to one post.
        chained = bool(parts) and own["own_text"] is not None
        own["own_thread"] = (
            {"parts": parts, "numbered": bool(data.get(f"numbered-{pk}"))} if chained else None
        )
    if f"media-here-{pk}" in data:
        kept = [int(one) for one in data.getlist(f"media-{pk}") if _is_number(one)]
        order = [int(one) for one in data.getlist("media") if _is_number(one)]
        # A file that was just added has no box at this community yet: it goes along.
        boxes = {int(one) for one in data.getlist(f"box-{pk}") if _is_number(one)}
        chosen = [one for one in order if one in kept or one not in boxes]
        own["own_media"] = None if chosen == order else chosen
    if options_of(variant):
        own["options"] = typed_options(data, variant)
    return own


def _poll(data: QueryDict) -> dict[str, Any] | None:
    if not data.get("poll_on"):
        return None
    return {
        "question": data.get("poll_question", "").strip(),
        "options": [one.strip() for one in data.getlist("poll_option")],
        "multiple": bool(data.get("poll_multiple")),
        "anonymous": bool(data.get("poll_anonymous")),
        "closes_in": _number(data.get("poll_closes_in")),
    }


def _read_hour(data: QueryDict, post: Post, typed: Typed) -> None:
    """Day and hour in the client's zone. One that cannot be is named and the planned one stays."""
    if "day" not in data and "at" not in data:
        typed.day, typed.at = boxes(post.planned_at, post.client.time_zone)
        return
    typed.day, typed.at = data.get("day", "").strip()[:20], data.get("at", "").strip()[:20]
    if not typed.day and not typed.at:
        typed.fields["planned_at"] = None
        return
    try:
        typed.fields["planned_at"] = _hour(typed.day, typed.at, post.client.time_zone)
    except Invalid as error:
        typed.add(error.errors)
        return
    if typed.fields["planned_at"] < timezone.now() and typed.fields["planned_at"] != post.planned_at:
        typed.add({"at": [_("This hour has passed. Choose a later one, or publish now.")]})


def _read_own_hour(data: QueryDict, variant: Variant, typed: Typed) -> None:
    """Another hour for one community, by its own clock; empty boxes = with the post."""
    pk = variant.pk
    if f"day-{pk}" not in data and f"at-{pk}" not in data:
        return
    day, at = (data.get(f"{name}-{pk}", "").strip()[:20] for name in ("day", "at"))
    typed.hours[pk] = (day, at)
    try:
        hour = _hour(day, at, variant.community.time_zone) if day or at else None
    except Invalid as error:
        typed.add({f"at-{pk}": error.errors["at"]})
        return
    if hour is not None and hour < timezone.now() and hour != variant.planned_at:
        typed.add({f"at-{pk}": [_("This hour has passed. Choose a later one, or publish now.")]})
        return
    typed.variants[pk]["planned_at"] = hour


def _hour(typed_day: str, typed_at: str, zone: str) -> datetime:
    try:
        day, at = date.fromisoformat(typed_day), time.fromisoformat(typed_at)
    except ValueError as error:
        raise Invalid.one("at", _("Choose a day and an hour.")) from error
    if not 2000 <= day.year <= 2100:
        raise Invalid.one("at", _("Check the year of the day."))
    return wall_clock(day, at.replace(tzinfo=None), zone)


def boxes(moment: datetime | None, zone: str) -> tuple[str, str]:
    """Day and hour as the boxes of a browser take them."""
    if moment is None:
        return "", ""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d}", f"{local:%H:%M}"


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "")


def _is_number(text: str) -> bool:
    """The number of a row, and no longer than PostgreSQL counts."""
    return text.isascii() and text.isdecimal() and len(text) < 19


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def _id(text: str) -> int:
    """The number of a row. What is no number is nobody's row."""
    number = _number(text)
    if number is None:
        raise NotFound("id")
    return number

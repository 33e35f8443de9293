"""Filters of the posts' pages: an hour with its weekday, a time zone in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import formats, timezone

from niva.kit.text import typo
from niva.web.people.zones import RUSSIAN, city
from niva.web.templatetags.niva import language

register = template.Library()


@register.filter(expects_localtime=False)
def weekday_hour(value: datetime, zone: str) -> str:
    """«чт, 19 ноября, 19:00» on the clock of `zone`; with the year when it is another one."""
    at = value.astimezone(ZoneInfo(zone))
    same_year = at.year == timezone.now().astimezone(ZoneInfo(zone)).year
    if language().startswith("ru"):
        pattern = "D, j E" if same_year else "D, j E Y"
        return typo(f"{formats.date_format(at.date(), pattern).lower()}, {at:%H:%M}", language())
    return f"{formats.date_format(at.date(), 'D, j M' if same_year else 'D, j M Y')}, {at:%H:%M}"


@register.filter(expects_localtime=False)
def zone_words(zone: str, at: datetime | None) -> str:
    """The city and the shift that its clock has at that moment (now): «Москва, UTC+3»."""
    named = dict(RUSSIAN).get(zone)
    if named is not None:
        return str(named)
    shift = (at or timezone.now()).astimezone(ZoneInfo(zone)).utcoffset()
    minutes = int(shift.total_seconds() // 60) if shift is not None else 0
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"{city(zone)}, UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


@register.filter(expects_localtime=False)
def day_box(value: datetime, zone: str) -> str:
    """2026-11-19 on the clock of `zone`, as a browser's date box takes it."""
    return f"{value.astimezone(ZoneInfo(zone)):%Y-%m-%d}"


@register.filter(expects_localtime=False)
def hour_box(value: datetime, zone: str) -> str:
    """19:00 on the clock of `zone`."""
    return f"{value.astimezone(ZoneInfo(zone)):%H:%M}"


@register.filter
def focus_value(framing: dict[str, Any]) -> str:
    """The focus point as its box carries it: "0.5,0.25", or nothing."""
    x, y = framing.get("focus") or (None, None)
    return "" if x is None else f"{x},{y}"

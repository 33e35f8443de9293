"""Values of a sentence as people read them: megabytes, minutes, lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from niva.kit.text import MISSING, NBSP, number
from niva.networks.base.words import Amount


def shown(amount: Amount, params: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The params with `limit`, `actual` and `surplus` made readable, and "n", which decides a plural.

    n = what came as "n", else the surplus, else the limit.
    """
    values = dict(params)
    counted = params.get("n", params.get("surplus", params.get("limit")))
    values["n"] = int(counted) if isinstance(counted, int | float) else 0
    for name in ("limit", "actual", "surplus"):
        if name in params:
            values[name] = one(amount, params[name], language)
    return values


def one(amount: Amount, value: Any, language: str) -> str:
    """One value in words; what is no number is shown as it is."""
    if isinstance(value, list | tuple):
        return ", ".join(_short_format(str(item)) for item in value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _short_format(str(value)) if value not in (None, "") else MISSING
    if amount == "bytes":
        return size(value, language)
    if amount == "seconds":
        return duration(value, language)
    return number(value, language, 0 if amount == "pixels" else 1 if amount == "ratio" else None)


def size(value: float, language: str) -> str:
    """Bytes as networks count them: a megabyte is a million, as in their documentation."""
    for limit, unit, digits in (
        (1e9, gettext("GB"), 1),
        (1e6, gettext("MB"), 1),
        (1e3, gettext("KB"), 0),
    ):
        if value >= limit:
            text = number(round(value / limit, digits), language)
            return f"{text}{NBSP}{unit}"
    return f"{number(value, language)}{NBSP}{gettext('B')}"


def duration(seconds: float, language: str) -> str:
    """The largest two units at most: 90 s, 10 min, 2 h, 7 days."""
    whole = round(seconds)
    for unit, singular in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if whole >= 2 * unit or (whole >= unit and whole % unit == 0):
            return _in_units(singular, round(whole / unit), language)
    return _in_units("second", whole, language)


def _in_units(unit: str, count: int, language: str) -> str:
    shown_count = number(count, language)
    words = {
        "day": ngettext("%(n)s day", "%(n)s days", count),
        "hour": ngettext("%(n)s hour", "%(n)s hours", count),
        "minute": ngettext("%(n)s minute", "%(n)s minutes", count),
        "second": ngettext("%(n)s second", "%(n)s seconds", count),
    }
    return words[unit] % {"n": shown_count}


def _short_format(value: str) -> str:
    """image/jpeg → JPEG: people know formats by their short names."""
    kind, _, name = value.partition("/")
    return name.upper() if kind in ("image", "video") and name else value

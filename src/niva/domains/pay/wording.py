"""A line of a sheet in words: what it pays, and its formula with the figures that were put in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from niva.domains.editorial.states import Unit
from niva.domains.pay.states import Kind, Part
from niva.kit import text


def name_of(kind: str, inputs: Mapping[str, Any]) -> str:
    """What the line pays: the kind of piece, the fixed pay, the bonus or a part of it."""
    if kind == Kind.PIECE:
        return str(Unit(inputs["unit"]).label).capitalize()
    if kind == Kind.PART:
        return str(Part(inputs["part"]).label).capitalize()
    return str(Kind(kind).label).capitalize()


def formula_of(kind: str, inputs: Mapping[str, Any], currency: str) -> str:
    """The formula with its figures: «12 × 500 ₽», «20 000 ₽ × 95 %: 19 of 20 done»."""
    said = _figures(inputs, currency)
    if kind == Kind.PIECE:
        return _("%(count)s × %(rate)s") % said
    if kind == Kind.CORRECTION:
        return str(inputs["reason"])
    if kind == Kind.FIX:
        return _("%(fix)s × %(days)s of %(of)s days") % said if _is_part(inputs) else str(said["fix"])
    if kind == Kind.BONUS:
        formula = _("%(bonus)s × %(share)s: done %(volume)s of %(norm)s, that is %(done)s") % said
    elif inputs["part"] == Part.VOLUME:
        formula = (
            _("%(bonus)s × weight %(weight)s × %(score)s: done %(volume)s of %(norm)s, that is %(done)s")
            % said
        )
    else:
        formula = _("%(bonus)s × weight %(weight)s × %(score)s: %(met)s of %(asked)s") % said
    return formula + _("; for %(days)s of %(of)s days") % said if _is_part(inputs) else formula


def days_of(inputs: Mapping[str, Any]) -> str:
    """The days that a line is for, where it is not the whole month: «1–14 ноября»."""
    if (not _is_part(inputs) and inputs.get("days") is not None) or "first" not in inputs:
        return ""
    first, last = date.fromisoformat(inputs["first"]), date.fromisoformat(inputs["last"])
    pattern = "j E" if get_language() == "ru" else "j F"
    return f"{date_format(first, pattern)} – {date_format(last, pattern)}"


def _is_part(inputs: Mapping[str, Any]) -> bool:
    return inputs.get("days") != inputs.get("of")


def _figures(inputs: Mapping[str, Any], currency: str) -> dict[str, str]:
    language = get_language() or "ru"
    said = {name: str(value) for name, value in inputs.items()}
    for name in ("rate", "fix", "bonus"):
        if name in inputs:
            said[name] = text.money(Decimal(inputs[name]), currency, language)
    for name in ("volume", "norm"):
        if name in inputs:
            said[name] = text.number(Decimal(inputs[name]).normalize(), language)
    for name in ("done", "share", "weight", "score"):
        if name in inputs:
            said[name] = text.number(Decimal(inputs[name]).normalize(), language) + text.NBSP + "%"
    return said

"""Tags of the pages of pay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django import template
from django.utils.dates import MONTHS
from django.utils.translation import get_language

register = template.Library()


@register.filter
def said(typed: Mapping[int, tuple[str, str]], agreement: int) -> tuple[str, str]:
    """What was typed of why a norm was missed: (code, note)."""
    return typed.get(agreement, ("", ""))


@register.filter
def monthname(value: date) -> str:
    """«ноябрь 2026», "November 2026": in the middle of a sentence, so small where the language has it so."""
    name = f"{MONTHS[value.month]} {value.year}"
    return name.lower() if get_language() == "ru" else name

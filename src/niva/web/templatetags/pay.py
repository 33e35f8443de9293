"""Tags of the pages of pay."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def said(typed: Mapping[int, tuple[str, str]], agreement: int) -> tuple[str, str]:
    """What was typed of why a norm was missed: (code, note)."""
    return typed.get(agreement, ("", ""))

"""Moments of recordings and limits of networks in words."""

from __future__ import annotations

from typing import Any, Final

from django import template
from django.templatetags.l10n import unlocalize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n

from niva.kit.text import number
from niva.kit.transcripts import clock
from niva.web.templatetags.niva import language

register = template.Library()
register.filter("unlocalize", unlocalize)

_LIMITS: Final = {
    "text_max": _n("up to %(value)s characters"),
    "media_max": _n("up to %(value)s files"),
    "video_seconds_max": _n("up to %(value)s seconds"),
    "poll_options_max": _n("up to %(value)s answers"),
}


@register.filter
def moment(value: int | None) -> str:
    """Milliseconds as 12:03."""
    return clock(value) if value is not None else ""


@register.filter
def limit_words(name: str, value: Any) -> str:
    """A limit of a network: {{ "text_max"|limit_words:4096 }}."""
    sentence = _LIMITS.get(name)
    return _(sentence) % {"value": number(value, language())} if sentence else ""

"""The words of the chart island: what its buttons say, as the attributes it reads."""

from __future__ import annotations

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def chart_words() -> SafeString:
    """<niva-chart {% chart_words %}>: table, CSV, picture, address; see frontend/islands/chart."""
    words = {
        "table": _("As a table"),
        "hide": _("As a chart"),
        "csv": _("CSV"),
        "picture": _("As a picture"),
        "link": _("Copy the address"),
        "linked": _("The address of this chart is copied."),
        "unlinked": _("The browser did not let it be copied. Take the address from the address bar."),
        "failed": _("The chart could not be drawn. The table has the same numbers."),
    }
    return format_html_join(" ", 'data-{}="{}"', words.items())

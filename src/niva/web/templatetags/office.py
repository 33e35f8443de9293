"""Tags of the newsroom for the pages of its parts."""

from __future__ import annotations

from typing import Any

from django import template

from niva.web.office import tabs

register = template.Library()


@register.inclusion_tag("parts/office_tabs.html")
def office_tabs(current: str) -> dict[str, Any]:
    """{% office_tabs "board" %}: the parts of the newsroom, this one marked."""
    return {"tabs": tabs(current)}

"""Tags about people for other sections' pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import Model
from django.http import HttpRequest
from django.template import Context

from niva.domains.people import queries
from niva.web.people.reading import lines

register = template.Library()


@register.inclusion_tag("people/history.html", takes_context=True)
def history(context: Context, subject: Model, most: int = 20) -> dict[str, Any]:
    """What happened to one thing, in sentences: {% history post %}. The view answers for who may."""
    actor = context["request"].actor
    return {"lines": lines(actor, queries.history(actor, subject, most=most))}


@register.simple_tag(takes_context=True)
def host_without_name(context: Context) -> bool:
    """Whether the desk is open under a number: browsers give passkeys only to names (and localhost)."""
    request: HttpRequest = context["request"]
    host = request.get_host().rpartition(":")[0] or request.get_host()
    return host.startswith("[") or host.replace(".", "").isdigit()

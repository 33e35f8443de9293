"""Tags of the pages of a client's numbers."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.web.numbers_tabs import tabs

register = template.Library()


@register.inclusion_tag("parts/numbers_tabs.html", takes_context=True)
def numbers_tabs(context: Context, client: Client, current: str) -> dict[str, Any]:
    """{% numbers_tabs client "client_why" %}: the parts of the client's numbers, this one marked."""
    actor = context["request"].actor
    return {"tabs": tabs(client.pk, current, works=access.may(actor, "work", client_id=client.pk))}

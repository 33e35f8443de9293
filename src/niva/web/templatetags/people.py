"""Tags about people for other sections' pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from django.template import Context
from django.utils.translation import gettext as _

from niva.domains.clients.access import CAPABILITIES
from niva.domains.clients.models import Role
from niva.domains.people import queries
from niva.flows.found import is_open
from niva.web.answers import CAPABILITY_WORDS
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


@register.simple_tag
def nobody_yet() -> bool:
    """Whether the first owner may still sign up."""
    return is_open()


@register.simple_tag
def mail_works() -> bool:
    """Whether this desk can send letters."""
    return bool(settings.MAIL_WORKS)


@register.simple_tag
def role_table() -> list[tuple[str, str]]:
    """Each role at a client with what it may do, in words; from the same data that decides."""
    rows = []
    for role, label in Role.choices:
        may = [str(word) for name, word in CAPABILITY_WORDS.items() if name in CAPABILITIES[role]]
        rows.append((str(label), ", ".join(may) or _("look only")))
    return rows

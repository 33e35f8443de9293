"""What the contract says of approval, and what follows from it: the end of a term."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, Silence, Terms
from niva.domains.clients.working import working_time
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.kit.working_time import add_working_time

FIELDS: Final = frozenset(field.name for field in Terms._meta.fields) - {"id", "client"}
# Bounds of what a contract can mean: field -> (least, most).
BOUNDS: Final = {"days": (1, 30), "urgent_hours": (1, 72), "rounds": (0, 20), "link_days": (1, 90)}

LONGEST: Final = {"approver_name": 120, "approver_email": 254, "clause": 1000}  # as wide as the columns


def terms_of(client: Client) -> Terms:
    """The client's terms; where nothing was agreed the usual ones, not kept and not demanding approval."""
    row = Terms.objects.filter(client=client).first()
    return row or Terms(client=client, needed=False)


@transaction.atomic
def set_terms(actor: Actor, *, client_id: int, **fields: Any) -> Terms:
    """Write down what was agreed: some of FIELDS. Raises NotFound, Forbidden ("manage"), Invalid."""
    rows = Client.objects.select_for_update(of=("self",), no_key=True)
    client = access.get(actor, rows, client_id, can="manage")
    terms = Terms.objects.filter(client=client).first() or Terms(client=client)
    before = {name: getattr(terms, name) for name in fields} if terms.pk else {}
    for name, value in fields.items():
        if name not in FIELDS:
            raise TypeError(f"terms have no {name}")
        setattr(terms, name, " ".join(value.split()) if isinstance(value, str) else value)
    _must_hold(terms)
    terms.save()
    changed = sorted(name for name in fields if name not in before or before[name] != getattr(terms, name))
    if changed:
        record(actor, "terms.changed", client, changed=changed)
    return terms


def _must_hold(terms: Terms) -> None:
    errors: dict[str, list[str]] = {}
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(terms, name) <= most:
            errors[name] = [_("Between %(least)d and %(most)d.") % {"least": least, "most": most}]
    for name, longest in LONGEST.items():
        if len(getattr(terms, name)) > longest:
            errors[name] = [_("Too long: %(most)d characters at most.") % {"most": longest}]
    if terms.needed and not terms.approver_name:
        errors["approver_name"] = [_("Name the one person who decides: several never agree in time.")]
    if terms.approver_email:
        try:
            validate_email(terms.approver_email)
        except ValidationError as error:
            errors["approver_email"] = list(error.messages)
    terms.weekdays = sorted(set(terms.weekdays))
    if not terms.weekdays or not set(terms.weekdays) <= set(range(1, 8)):
        errors["weekdays"] = [_("Choose at least one day on which the client works.")]
    if terms.closes <= terms.opens:
        errors["closes"] = [_("The working day ends after it begins.")]
    if terms.silence not in Silence.values:
        errors["silence"] = [_("Choose what silence means.")]
    elif terms.silence == Silence.CONSENT and not terms.clause:
        errors["clause"] = [
            _("Silence is consent only where the contract says so. Quote its words here, or choose to wait.")
        ]
    if errors:
        raise Invalid(errors)


def working_term(terms: Terms, asked_at: datetime) -> datetime:
    """When the client's working days for a decision are over."""
    when = working_time(terms.client, terms)
    return add_working_time(asked_at, terms.days * when.day, when)


def due(terms: Terms, asked_at: datetime, *, urgent: bool) -> datetime:
    """Until when a decision is asked for: working days, on the urgent route hours of the clock."""
    if urgent:
        return asked_at + timedelta(hours=terms.urgent_hours)
    return working_term(terms, asked_at)

"""Writing down promises, fundraisers, volunteers and parts that people type in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.kind_words import figures_of
from niva.domains.clients.kinds import Fundraiser, Part, Promise, Volunteer
from niva.domains.clients.models import Client, Known
from niva.domains.clients.services.goals import MOST
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid

Row = TypeVar("Row", Promise, Fundraiser, Volunteer)
FIELDS: Final[Mapping[type, tuple[str, ...]]] = {
    Promise: ("said_on", "what", "post_url", "due", "done_on", "proof"),
    Fundraiser: (
        "what", "goal", "collected", "spent", "starts_on", "ends_on", "documents", "closing_url", "closed_on",
    ),
    Volunteer: ("label", "applied_on", "first_shift_on", "last_shift_on"),
}  # fmt: skip
_LINKS: Final = URLValidator(schemes=["http", "https"])
LONGEST: Final = 4000  # characters of all links of a fundraiser


@transaction.atomic
def add(actor: Actor, model: type[Row], *, client_id: int, values: Mapping[str, Any]) -> Row:
    """One more promise, fundraiser or volunteer. Raises NotFound, Forbidden, Invalid."""
    client = access.get(actor, Client.objects.all(), client_id, can="write")
    row = model(workspace_id=client.workspace_id, client=client, created_by=actor.user)
    _fill(row, values)
    row.save()
    record(actor, f"{_noun(model)}.added", row)
    return row


@transaction.atomic
def change(actor: Actor, model: type[Row], *, client_id: int, pk: int, values: Mapping[str, Any]) -> Row:
    """Change one; what it was stays in the trail. Raises NotFound, Forbidden, Invalid."""
    rows = model._default_manager.filter(client_id=client_id).select_for_update(of=("self",))
    row: Row = access.get(actor, rows, pk, can="write")
    before = {name: str(getattr(row, name)) for name in FIELDS[model]}
    _fill(row, values)
    row.save()
    after = {name: str(getattr(row, name)) for name in FIELDS[model]}
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    record(actor, f"{_noun(model)}.changed", row, changed=changed)
    return row


def _noun(model: type) -> str:
    return model.__name__.lower()


def _fill(row: Promise | Fundraiser | Volunteer, values: Mapping[str, Any]) -> None:
    for name in FIELDS[type(row)]:
        if name in values:
            value = values[name]
            setattr(row, name, value.strip() if isinstance(value, str) else value)
    today = timezone.localdate(timezone=ZoneInfo(row.client.time_zone))
    if isinstance(row, Promise):
        errors = _promise_errors(row, today)
    elif isinstance(row, Fundraiser):
        errors = _fundraiser_errors(row, today)
    else:
        errors = _volunteer_errors(row, today)
    if errors:
        raise Invalid(errors)


def _promise_errors(row: Promise, today: dt.date) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not row.what:
        errors["what"] = [_("Say what was promised.")]
    if row.said_on is None:
        errors["said_on"] = [_("Give the day.")]
    else:
        _not_before(errors, "due", row.due, row.said_on)
        _not_before(errors, "done_on", row.done_on, row.said_on)
    for name in ("said_on", "done_on"):
        _has_come(errors, name, getattr(row, name), today)
    if row.proof and row.done_on is None:
        errors["done_on"] = [_("There is something that shows it: give the day on which it was done.")]
    _link(errors, "post_url", row.post_url)
    _link(errors, "proof", row.proof)
    return errors


def _fundraiser_errors(row: Fundraiser, today: dt.date) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not row.what:
        errors["what"] = [_("Say what the money is collected for.")]
    if row.goal is None or not (row.goal.is_finite() and 0 < row.goal < MOST):
        errors["goal"] = [_("Give the sum, above zero.")]
    for name in ("collected", "spent"):
        value = getattr(row, name)
        if value is not None and not (value.is_finite() and 0 <= value < MOST):
            errors[name] = [_("Give a sum, zero or more; leave it empty when it is not known.")]
    if row.starts_on is None or row.ends_on is None:
        errors["ends_on"] = [_("Give the days.")]
    else:
        _not_before(errors, "ends_on", row.ends_on, row.starts_on)
        _not_before(errors, "closed_on", row.closed_on, row.starts_on)
    _has_come(errors, "closed_on", row.closed_on, today)
    if bool(row.closing_url) != (row.closed_on is not None):
        errors["closing_url"] = [_("A report has both: the address of the post and its day.")]
    _link(errors, "closing_url", row.closing_url)
    if len(row.documents) > LONGEST:
        errors["documents"] = [_("Too long: %(most)d characters at most.") % {"most": LONGEST}]
    for line in row.documents.split():
        _link(errors, "documents", line)
    return errors


def _volunteer_errors(row: Volunteer, today: dt.date) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not row.label:
        errors["label"] = [_("Give initials or a number.")]
    if row.applied_on is None:
        errors["applied_on"] = [_("Give the day.")]
    else:
        _not_before(errors, "first_shift_on", row.first_shift_on, row.applied_on)
    if row.last_shift_on is not None and row.first_shift_on is None:
        errors["first_shift_on"] = [_("There is a last shift, so there was a first one: give its day.")]
    elif row.first_shift_on is not None:
        _not_before(errors, "last_shift_on", row.last_shift_on, row.first_shift_on)
    for name in ("applied_on", "first_shift_on", "last_shift_on"):
        _has_come(errors, name, getattr(row, name), today)
    return errors


def _not_before(errors: dict[str, list[str]], name: str, day: dt.date | None, first: dt.date) -> None:
    if day is not None and day < first:
        errors[name] = [_("This day stands before the one it follows.")]


def _has_come(errors: dict[str, list[str]], name: str, day: dt.date | None, today: dt.date) -> None:
    if day is not None and day > today:
        errors[name] = [_("This day has not come yet.")]


def _link(errors: dict[str, list[str]], name: str, link: str) -> None:
    if not link:
        return
    try:
        _LINKS(link)
    except ValidationError:
        errors[name] = [_("Give an address that begins with https://.")]


@transaction.atomic
def type_part(
    actor: Actor, *, client_id: int, figure: str, month: dt.date, top: Decimal, bottom: Decimal, known: str,
    source: str,
) -> Part:  # fmt: skip
    """So many of so many in a month; a second time replaces the first, and the trail keeps both.

    Raises NotFound, Forbidden, Invalid.
    """
    client = access.get(actor, Client.objects.all(), client_id, can="write")
    errors: dict[str, list[str]] = {}
    one = next((one for one in figures_of(client.kind) if one.key == figure and one.way == "typed"), None)
    if one is None:
        errors["figure"] = [_("This figure is not typed in.")]
    if not (bottom.is_finite() and 0 < bottom < MOST):
        errors["bottom"] = [_("Give of how many: a number above zero.")]
    if not (top.is_finite() and 0 <= top < MOST):
        errors["top"] = [_("Give how many: zero or more.")]
    elif one is not None and one.unit == "percent" and bottom.is_finite() and top > bottom:
        errors["top"] = [_("A part is not more than the whole.")]
    if month.replace(day=1) > timezone.localdate(timezone=ZoneInfo(client.time_zone)):
        errors["month"] = [_("This month has not come yet.")]
    if known not in (Known.COUNTED, Known.ESTIMATED, Known.SAID):
        errors["known"] = [_("Say how it is known.")]
    if not source.strip():
        errors["source"] = [_("Say where it is from: a counter, a report, a person.")]
    if errors:
        raise Invalid(errors)
    first = month.replace(day=1)
    row, _made = Part.objects.update_or_create(
        client=client, figure=figure, month=first,
        defaults={
            "workspace_id": client.workspace_id, "top": top, "bottom": bottom, "known": known,
            "source": source.strip()[:200], "created_by": actor.user,
        },
    )  # fmt: skip
    record(actor, "part.typed", row, figure=figure, month=f"{first:%Y-%m}", top=str(top), bottom=str(bottom))
    return row

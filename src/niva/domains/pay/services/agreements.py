"""Agreements: make one, change it from a day on, end it. What was agreed is never rewritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.editorial.services.pieces import works_at
from niva.domains.editorial.states import Unit
from niva.domains.pay import queries, rules
from niva.domains.pay.models import Agreement, Counted, PayLine, PaySheet, Rate
from niva.domains.pay.states import Gate, Model, Period
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.people.models import Membership, User

FIELDS: Final = frozenset(
    {"model", "gate", "period", "norm", "currency", "fix", "bonus", "over", "cap", "steps", "parts",
     "weekdays", "starts_on", "ends_on", "note"}
)  # fmt: skip
MOST: Final = Decimal("1e9")  # what the column holds


@dataclass(frozen=True, slots=True)
class Price:
    """A kind of piece of an agreement: what one of it costs and weighs."""

    unit: str
    rate: Decimal = Decimal(0)
    weight: Decimal = Decimal(1)


@transaction.atomic
def agree(
    actor: Actor, *, person_id: int, client_id: int | None, prices: Sequence[Price], **values: Any
) -> Agreement:
    """A new agreement. `values`: FIELDS. Raises NotFound, Forbidden, Invalid (field -> sentences)."""
    client = _client(actor, client_id)
    person = locked_person(actor, person_id)
    if client is not None and not works_at(client.pk, client.workspace_id, person.pk):
        raise Invalid.one("person", _("This person does not work for this client."))
    agreement = Agreement(
        workspace=actor.workspace, client=client, person=person, created_by=actor.user, **_known(values)
    )
    if client is not None:
        agreement.currency = client.currency
    _check(agreement, prices)
    agreement.save()
    _put_prices(agreement, prices)
    record(actor, "agreement.made", agreement, person=person.name, starts_on=str(agreement.starts_on))
    return agreement


@transaction.atomic
def change_from(
    actor: Actor, *, agreement_id: int, day: date, prices: Sequence[Price], **values: Any
) -> Agreement:
    """From this day on it is so: the old one ends on the day before, a new one begins. Both are reckoned.

    Raises NotFound, Forbidden, Invalid, Conflict (a sheet of that time is closed).
    """
    old = queries.agreement(actor, agreement_id)
    locked_person(actor, old.person_id)
    last = old.ends_on
    if not isinstance(day, date) or day <= old.starts_on or (last is not None and day > last):
        raise Invalid.one(
            "starts_on", _("The change begins on a day after the first one of the agreement, and within it.")
        )
    _no_sheet_after(old, day)
    end(actor, agreement_id=old.pk, day=day - timedelta(days=1))
    values = {**values, "starts_on": day, "ends_on": values.get("ends_on", last)}
    return agree(actor, person_id=old.person_id, client_id=old.client_id, prices=prices, **values)


@transaction.atomic
def end(actor: Actor, *, agreement_id: int, day: date) -> Agreement:
    """Its last day. Raises NotFound, Forbidden, Invalid, Conflict (a sheet of that time is closed)."""
    agreement = queries.agreement(actor, agreement_id)
    locked_person(actor, agreement.person_id)
    if not isinstance(day, date) or day < agreement.starts_on:
        raise Invalid.one("ends_on", _("The last day cannot be before the first one."))
    if agreement.ends_on is not None and day > agreement.ends_on:
        raise Invalid.one("ends_on", _("It has ended already. To go on, make a new agreement."))
    if day != agreement.ends_on:
        _no_sheet_after(agreement, day + timedelta(days=1))
        agreement.ends_on = day
        agreement.save(update_fields=["ends_on"])
        record(actor, "agreement.ended", agreement, person=agreement.person.name, ends_on=str(day))
    return agreement


@transaction.atomic
def drop(actor: Actor, *, agreement_id: int) -> None:
    """Take out one that was made by mistake. Raises Conflict when a closed sheet rests on it."""
    agreement = queries.agreement(actor, agreement_id)
    locked_person(actor, agreement.person_id)
    used = PayLine.objects.filter(agreement=agreement).exists()
    if used or Counted.objects.filter(agreement=agreement).exists():
        raise Conflict(_("A pay sheet rests on this agreement. It cannot be taken out: end it."), agreement)
    record(actor, "agreement.dropped", agreement, person=agreement.person.name)
    agreement.delete()


def _client(actor: Actor, client_id: int | None) -> Client | None:
    if client_id is None:
        access.demand_workspace(actor)
        return None
    return access.get(actor, Client.objects.all(), client_id, can="pay")


def locked_person(actor: Actor, person_id: int) -> User:
    """His row is the queue of those who change his agreements or close his sheets. NO KEY: rows that only
    refer to him do not wait."""
    person = User.objects.select_for_update(no_key=True).filter(pk=person_id).first()
    known = person is not None and (
        Membership.objects.filter(workspace=actor.workspace, user=person).exists()
        or Agreement.objects.filter(workspace=actor.workspace, person=person).exists()
    )
    if person is None or not known:
        raise Invalid.one("person", _("Choose a person of the team."))
    return person


def _no_sheet_after(agreement: Agreement, day: date) -> None:
    rows = PaySheet.objects.filter(
        workspace_id=agreement.workspace_id,
        person_id=agreement.person_id,
        currency=agreement.currency,
        number=0,
        month__gte=rules.month_of(day).first,
    )
    closed = rows.filter(lines__agreement=agreement).order_by("month").first()
    if closed is not None:
        raise Conflict(
            _("The sheet of %(month)s is closed and rests on these days. Take a later day, or correct it.")
            % {"month": f"{closed.month:%m.%Y}"},
            closed,
        )


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(values) - FIELDS:
        raise TypeError(f"an agreement has no {sorted(unknown)}")
    return {name: value for name, value in values.items() if value is not None or name in ("norm", "ends_on")}


def _put_prices(agreement: Agreement, prices: Sequence[Price]) -> None:
    Rate.objects.bulk_create(
        Rate(agreement=agreement, unit=one.unit, rate=one.rate, weight=one.weight) for one in prices
    )


def _check(agreement: Agreement, prices: Sequence[Price]) -> None:
    """Raises Invalid with everything that is wrong, field by field."""
    errors: dict[str, list[str]] = {}
    _check_choices(agreement, errors)
    _check_money(agreement, prices, errors)
    _check_norm(agreement, errors)
    if agreement.model != Model.FIX and not prices:
        errors["units"] = [_("Choose at least one kind of piece that counts.")]
    days = isinstance(agreement.starts_on, date) and isinstance(agreement.ends_on, date | None)
    if not days:
        errors["starts_on"] = [_("Give the first day.")]
    elif agreement.ends_on is not None and agreement.ends_on < agreement.starts_on:
        errors["ends_on"] = [_("The last day cannot be before the first one.")]
    if errors:
        raise Invalid(errors)
    _check_overlap(agreement, prices)
    _check_closed(agreement)


def _check_choices(agreement: Agreement, errors: dict[str, list[str]]) -> None:
    for name, words in (("model", Model), ("gate", Gate), ("period", Period)):
        if getattr(agreement, name) not in words.values:
            errors[name] = [_("Choose one of the list.")]
    if len(agreement.currency) != 3 or not agreement.currency.isalpha():
        errors["currency"] = [_("Give the currency in three letters: RUB.")]
    if not 100 <= agreement.cap <= 300:
        errors["cap"] = [_("The cap is between 100 and 300 percent.")]
    days = agreement.weekdays
    if (agreement.period == Period.DAY and not days) or not set(days) <= set(range(1, 8)):
        errors["weekdays"] = [_("Choose the working days.")]


def _check_money(agreement: Agreement, prices: Sequence[Price], errors: dict[str, list[str]]) -> None:
    for name in ("fix", "bonus"):
        if not _is_money(getattr(agreement, name)):
            errors[name] = [_("A sum is zero or more, with two decimals at most.")]
    if len({one.unit for one in prices}) < len(prices) or {one.unit for one in prices} - set(Unit.values):
        errors["units"] = [_("Each kind of piece is named once.")]
    if not all(_is_money(one.rate) for one in prices):
        errors["rates"] = [_("A rate is zero or more, with two decimals at most.")]
    if not all(_is_money(one.weight) and 0 < one.weight < 1000 for one in prices):
        errors["weights"] = [_("A weight is above zero, with two decimals at most.")]


def _is_money(value: Any) -> bool:
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value < MOST:
        return False
    return value == value.quantize(Decimal("0.01"))


def _check_norm(agreement: Agreement, errors: dict[str, list[str]]) -> None:
    needs = agreement.model in (Model.FIX_BONUS, Model.MIXED)
    norm = agreement.norm
    if norm is None:
        if needs:
            errors["norm"] = [_("Give the norm: the bonus is reckoned against it.")]
    elif not (_is_money(norm) and 0 < norm < 100_000):
        errors["norm"] = [
            _("A norm is above zero. Without a norm leave the field empty and pay by the piece.")
        ]
    try:
        fault = rules.steps_fault([rules.Step.of_json(one) for one in agreement.steps])
    except (KeyError, ValueError, TypeError, InvalidOperation):
        fault = "range"
    if fault:
        errors["steps"] = [_steps_faults()[fault]]
    try:
        weights = {part: Decimal(str(weight)) for part, weight in agreement.parts.items()}
        wrong = rules.weights_fault(weights)
    except (AttributeError, ValueError, InvalidOperation):
        wrong = "negative"
    if wrong and agreement.model == Model.MIXED:
        errors["parts"] = [_("The parts are zero or more and make 100 percent together.")]


def _steps_faults() -> dict[str, str]:
    return {
        "order": _("Steps rise: each begins at more percent than the one before."),
        "range": _("Steps begin between 1 and 100 percent done and pay between 0 and 100 percent."),
        "falls": _("By these steps one who did more would get less. Mend the percents."),
    }


def _check_overlap(agreement: Agreement, prices: Sequence[Price]) -> None:
    """Two agreements of one person must not pay for the same kind of piece on the same day."""
    rows = Agreement.objects.filter(
        workspace_id=agreement.workspace_id, person_id=agreement.person_id, currency=agreement.currency
    ).filter(_same_days(agreement))
    if agreement.client_id is not None:
        rows = rows.filter(client_id=agreement.client_id) | rows.filter(client__isnull=True)
    units = {one.unit for one in prices}
    for other in rows.prefetch_related("rates").select_related("client"):
        both = sorted(units & {rate.unit for rate in other.rates.all()})
        if both:
            raise Invalid.one(
                "units",
                _("Another agreement pays for this already: %(units)s, from %(day)s. End that one first.")
                % {
                    "units": ", ".join(str(Unit(unit).label) for unit in both),
                    "day": f"{other.starts_on:%d.%m.%Y}",
                },
            )


def _same_days(agreement: Agreement) -> Q:
    days = Q(ends_on__isnull=True) | Q(ends_on__gte=agreement.starts_on)
    return days & Q(starts_on__lte=agreement.ends_on) if agreement.ends_on is not None else days


def _check_closed(agreement: Agreement) -> None:
    """An agreement must not reach into a month that is settled."""
    rows = PaySheet.objects.filter(
        workspace_id=agreement.workspace_id,
        person_id=agreement.person_id,
        currency=agreement.currency,
        number=0,
        month__gte=rules.month_of(agreement.starts_on).first,
    ).order_by("-month")
    if agreement.ends_on is not None:
        rows = rows.filter(month__lte=agreement.ends_on)
    closed = rows.first()
    if closed is not None:
        raise Invalid.one(
            "starts_on",
            _("The sheet of %(month)s is closed. Let it begin later, and correct the sheet if it was wrong.")
            % {"month": f"{closed.month:%m.%Y}"},
        )

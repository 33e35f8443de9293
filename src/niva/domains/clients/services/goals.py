"""Goals: open one, change it, close it and open the next. One main goal is open at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, Counting, Goal, LeadStage
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid
from niva.networks.base.metrics import METRICS

FIELDS: Final = (
    "figure", "unit_one", "unit_few", "unit_many", "plan", "starts_on", "deadline", "price_limit",
    "counting", "metric", "supports", "leads_from",
)  # fmt: skip
MOST: Final = Decimal("1e11")  # what the column holds
LONGEST_DAYS: Final = 3 * 366


@transaction.atomic
def open_goal(*, actor: Actor, client_id: int, values: Mapping[str, Any], instead: bool = False) -> Goal:
    """A new main goal. `instead`: close the one that is open now; without it that is a Conflict.

    Raises NotFound, Forbidden, Invalid (field -> sentences), Conflict.
    """
    client = access.get(actor, Client.objects.select_for_update(), client_id, can="goals")
    goal = Goal(workspace_id=client.workspace_id, client=client, **_known(values))
    check(goal)
    current = client.goals.filter(is_main=True, closed_at__isnull=True).first()
    if current is not None:
        if not instead:
            raise Conflict(_("There is an open goal already. Close it first."), current)
        _close(actor, current)
    goal.save()
    record(actor, "goal.opened", goal, plan=str(goal.plan), deadline=str(goal.deadline))
    return goal


@transaction.atomic
def change_goal(*, actor: Actor, goal_id: int, values: Mapping[str, Any]) -> Goal:
    """Change an open goal; the audit trail keeps what it was.

    Raises NotFound, Forbidden, Invalid, Conflict.
    """
    goal = access.get(actor, Goal.objects.select_for_update(), goal_id, can="goals")
    demand_open(goal)
    before = {name: getattr(goal, name) for name in FIELDS}
    for name, value in _known(values).items():
        setattr(goal, name, value)
    check(goal)
    changed = {name: [str(before[name]), str(getattr(goal, name))] for name in FIELDS
               if before[name] != getattr(goal, name)}  # fmt: skip
    if changed:
        goal.save(update_fields=list(changed))
        record(actor, "goal.changed", goal, changed=changed)
    return goal


@transaction.atomic
def close_goal(*, actor: Actor, goal_id: int) -> Goal:
    """Close a goal: its rows can no longer be changed. Doing it twice changes nothing."""
    goal = access.get(actor, Goal.objects.select_for_update(), goal_id, can="goals")
    if goal.closed_at is None:
        _close(actor, goal)
    return goal


def demand_open(goal: Goal) -> None:
    """Raises Conflict for a closed goal: what was reported must not change afterwards."""
    if goal.closed_at is not None:
        raise Conflict(_("This goal is closed: its figures stand as they were reported."), goal)


def _close(actor: Actor, goal: Goal) -> None:
    goal.closed_at = timezone.now()
    goal.save(update_fields=["closed_at"])
    record(actor, "goal.closed", goal)


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(values) - set(FIELDS):
        raise Invalid({name: [_("There is no such field.")] for name in sorted(unknown)})
    return {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}


def check(goal: Goal) -> None:
    """Raises Invalid with everything that is wrong, field by field."""
    errors: dict[str, list[str]] = {}
    if not goal.figure:
        errors["figure"] = [_("Say what is counted: applications, volunteers, visits.")]
    if not goal.unit_one:
        errors["unit_one"] = [_("Say what one of them is called.")]
    for name in ("figure", "unit_one", "unit_few", "unit_many"):
        most = getattr(goal._meta.get_field(name), "max_length", 0)
        if len(getattr(goal, name)) > most:
            errors.setdefault(name, []).append(_("Too long: %(most)d characters at most.") % {"most": most})
    _check_amounts(goal, errors)
    _check_days(goal, errors)
    if goal.counting not in Counting.values:
        errors["counting"] = [_("Choose where the figure comes from.")]
    if goal.counting == Counting.METRIC and goal.metric not in METRICS:
        errors["metric"] = [_("Choose which number of the networks is counted.")]
    if goal.counting != Counting.METRIC:
        goal.metric = ""
    if goal.counting != Counting.LEADS:
        goal.leads_from = LeadStage.NEW
    if goal.leads_from not in LeadStage.values:
        errors["leads_from"] = [_("Choose which leads are counted.")]
    if set(goal.supports) - METRICS or len(goal.supports) > 4:
        errors["supports"] = [_("Choose up to four supporting numbers.")]
    if errors:
        raise Invalid(errors)


def _check_amounts(goal: Goal, errors: dict[str, list[str]]) -> None:
    if not (goal.plan is not None and goal.plan.is_finite() and 0 < goal.plan < MOST):
        errors["plan"] = [
            _("The plan is a number above zero. Without a plan there is nothing to compare with.")
        ]
    limit = goal.price_limit
    if limit is not None and not (limit.is_finite() and 0 < limit < MOST):
        errors["price_limit"] = [_("The limit is above zero. Leave it empty when none was agreed.")]


def _check_days(goal: Goal, errors: dict[str, list[str]]) -> None:
    for name in ("starts_on", "deadline"):
        if not isinstance(getattr(goal, name), dt.date):
            errors[name] = [_("Give the day.")]
    if errors.keys() & {"starts_on", "deadline"}:
        return
    if goal.deadline < goal.starts_on:
        errors["deadline"] = [_("The deadline is before the start. Swap the days or move the deadline.")]
    elif (goal.deadline - goal.starts_on).days > LONGEST_DAYS:
        errors["deadline"] = [
            _("Longer than three years. Take a nearer goal: it can be followed by the next.")
        ]

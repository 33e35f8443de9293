"""Changes on trial: begin one with the figure as it was, decide it with the figure as it is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.editorial import flowfigures
from niva.domains.editorial.flowmath import Share, spread
from niva.domains.editorial.kaizen import Change, Ending, Measure
from niva.domains.editorial.services.pieces import works_at
from niva.domains.editorial.states import StageKind
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.people.models import Membership

LEAST_DAYS = 7  # less than a week says nothing of a week's work


def changes(actor: Actor, scope: Collection[int]) -> QuerySet[Change]:
    """Changes of these clients, and for who acts everywhere those of the whole workspace."""
    rows = access.visible(actor, Change.objects.select_related("client", "owner", "decided_by"))
    return rows if actor.everywhere else rows.filter(client_id__in=scope)


def evidence(
    scope: Collection[int], measure: str, stage: str, since: datetime, until: datetime
) -> dict[str, Any]:
    """The figure of this time: {value, rows, since, until}. Value: days, hours or a share from 0 to 1; None
    where there was nothing to count."""
    value: float | None
    if measure == Measure.STAGE:
        hours = flowfigures.stood(scope, since, until, stage)
        found = spread([one.hours for one in hours if one.left_at is not None])
        value, count = (found.median, found.count) if found else (None, 0)
    elif measure == Measure.RETURNS:
        value, count = _of(flowfigures.returned_share(scope, since, until))
    else:
        out = flowfigures.published(scope, since, until)
        if measure == Measure.CYCLE:
            found = spread([one.days for one in out])
            value, count = (found.median, found.count) if found else (None, 0)
        elif measure == Measure.ON_TIME:
            value, count = _of(flowfigures.timely(out))
        else:
            value, count = _of(flowfigures.many_rounds(out))
    rounded = None if value is None else round(value, 3)
    return {"value": rounded, "rows": count, "since": since.isoformat(), "until": until.isoformat()}


def _of(share: Share) -> tuple[float | None, int]:
    return share.value, share.of


@transaction.atomic
def begin(
    actor: Actor,
    *,
    client_id: int | None,
    problem: str,
    measure: str,
    change: str,
    look_on: date,
    stage: str = "",
    owner_id: int | None = None,
    starts_on: date | None = None,
) -> Change:
    """Put a change on trial; the figure of the 28 days before it is written down by the desk.

    Raises NotFound, Forbidden, Invalid.
    """
    client = None
    if client_id is None:
        access.demand_workspace(actor)
    else:
        client = access.get(actor, Client.objects.all(), client_id, can="edit")
    starts = starts_on or timezone.localdate()
    errors = _errors(problem, measure, change, stage, starts, look_on)
    if owner_id is not None and not _is_ours(actor, client, owner_id):
        errors["owner"] = [_("This person does not work here.")]
    if errors:
        raise Invalid(errors)
    until = datetime.combine(starts, time.min, UTC)
    scope = flowfigures.clients_of(actor, client)
    stage = stage if measure == Measure.STAGE else ""
    row = Change.objects.create(
        workspace=actor.workspace, client=client, problem=problem.strip(), measure=measure, stage=stage,
        change=change.strip(), owner_id=owner_id, starts_on=starts, look_on=look_on, created_by=actor.user,
        before=evidence(scope, measure, stage, until - flowfigures.WINDOW, until),
    )  # fmt: skip
    record(actor, "change.begun", row, measure=measure, look_on=str(look_on))
    return row


def _errors(
    problem: str, measure: str, change: str, stage: str, starts: date, look_on: date
) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for name, said in (("problem", problem), ("change", change)):
        if not said.strip():
            errors[name] = [_("Say it in one sentence.")]
        elif len(said) > 400:
            errors[name] = [_("Too long: %(most)d characters at most.") % {"most": 400}]
    if measure not in Measure.values:
        errors["measure"] = [_("Choose the figure by which it is judged.")]
    if measure == Measure.STAGE and stage not in StageKind.values:
        errors["stage"] = [_("Choose the stage.")]
    if not isinstance(look_on, date) or look_on < starts + timedelta(days=LEAST_DAYS):
        errors["look_on"] = [_("Look at it a week after it begins at the earliest.")]
    return errors


def _is_ours(actor: Actor, client: Client | None, user_id: int) -> bool:
    if client is not None:
        return works_at(client.pk, client.workspace_id, user_id)
    return Membership.objects.filter(workspace=actor.workspace, user_id=user_id).exists()


@transaction.atomic
def decide(actor: Actor, *, change_id: int, ending: str, words: str) -> Change:
    """Keep it or roll it back; the figure since it began is written beside the one before.

    Raises NotFound, Forbidden, Invalid, Conflict (decided already).
    """
    rows = Change.objects.select_for_update(of=("self",), no_key=True).select_related("client")
    found = access.visible(actor, rows).filter(pk=change_id).first()
    if found is None:
        return access.get(actor, rows, change_id)  # raises NotFound
    if found.client_id is None:
        access.demand_workspace(actor)
    else:
        access.demand(actor, "edit", client_id=found.client_id)
    if found.ending != Ending.TRIAL:
        raise Conflict(
            _("It is decided already: %(ending)s.") % {"ending": found.get_ending_display()}, found
        )
    if ending not in (Ending.KEPT, Ending.ROLLED_BACK):
        raise Invalid.one("ending", _("Choose: keep it, or roll it back."))
    if len(words) > 600:
        raise Invalid.one("words", _("Too long: %(most)d characters at most.") % {"most": 600})
    found.after = after_of(actor, found)
    found.ending, found.words = ending, words.strip()
    found.decided_at, found.decided_by = timezone.now(), actor.user
    found.save()
    record(actor, "change.decided", found, ending=str(Ending(ending).label))
    return found


def after_of(actor: Actor, change: Change) -> dict[str, Any]:
    """The figure since the change began, at most the last 28 days."""
    until = timezone.now()
    since = max(datetime.combine(change.starts_on, time.min, UTC), until - flowfigures.WINDOW)
    scope = flowfigures.clients_of(actor, change.client)
    return evidence(scope, change.measure, change.stage, since, until)

"""The nudge of a line: pressed here, answered on the line itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.publishing.approving import Approval
from niva.flows import nudge as flow
from niva.flows.today import Today
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.today.shape import Nudge


def nudged_lately(actor: Actor, facts: Today) -> Mapping[str, datetime]:
    """Which of the lines that wait for others were nudged lately. One query, none without such lines."""
    office = facts.office
    keys = [flow.key_of("piece", one.piece.pk) for one in office.others]
    keys += [flow.key_of("task", one.pk) for one in office.late_tasks]
    found = flow.lately(actor, keys, facts.now) if keys else {}
    return {**found, **_reminded(office.approvals, facts.now)}


def _reminded(approvals: Iterable[Approval], now: datetime) -> dict[str, datetime]:
    """When a client was last reminded by hand, where that was lately."""
    found = {}
    for one in approvals:
        moments = [datetime.fromisoformat(said) for said in one.reminded if isinstance(said, str)]
        if moments and moments[-1] > now - flow.AGAIN_AFTER:
            found[flow.key_of("approval", one.pk)] = moments[-1]
    return found


@signed_in
@require_POST
def nudge(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Remind whoever has it; the button becomes the word that it was done."""
    try:
        who = flow.nudge(actor_of(request), kind=kind, pk=pk)
    except Invalid as error:
        messages.info(request, error.sentence)
        return redirect("today")
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "today/nudge.html", {"nudge": Nudge(kind, pk, timezone.now())})
    messages.success(request, _("%(who)s was reminded.") % {"who": who})
    return redirect("today")

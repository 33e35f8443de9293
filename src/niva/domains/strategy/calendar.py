"""Days of one's own, and which events a client's plan shows: added, deleted, chosen."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.strategy.events import (
    MOST_FREE,
    EventKind,
    Happening,
    OwnEvent,
    PlanSettings,
    between,
    default_kinds,
    known,
)

MOST_OWN: Final = 200
MOST_DETAILS: Final = 20


def settings_of(client: Client) -> PlanSettings:
    """The client's settings, or the defaults of its kind, unsaved."""
    row = PlanSettings.objects.filter(client=client).first()
    return row or PlanSettings(client=client, kinds=default_kinds(client.kind))


def happenings(actor: Actor, client: Client, first: dt.date, last: dt.date) -> list[Happening]:
    """What happens on these days for the client, as it was chosen for it. Two queries."""
    chosen = settings_of(client)
    return between(first, last, kinds=chosen.kinds, hidden=chosen.hidden, own=own_events(actor, client))


def own_events(actor: Actor, client: Client) -> Sequence[OwnEvent]:
    """Days of the client and of the whole workspace."""
    rows = OwnEvent.objects.filter(workspace=actor.workspace)
    return list(rows.filter(Q(client=client) | Q(client__isnull=True)))


@transaction.atomic
def add_event(
    actor: Actor,
    *,
    client_id: int,
    name: str,
    day: dt.date,
    yearly: bool = True,
    note: str = "",
    prepare_days: int = 0,
    everywhere: bool = False,
) -> OwnEvent:
    """A day of the client; `everywhere`: of the whole workspace. Raises NotFound, Forbidden, Invalid."""
    client = access.get(actor, Client.objects.select_for_update(no_key=True), client_id, can="write")
    if everywhere:
        access.demand_workspace(actor)
    name = " ".join(name.replace("\x00", "").split())
    errors: dict[str, list[str]] = {}
    if not name:
        errors["name"] = [_("Give the day a name.")]
    if not 0 <= prepare_days <= 120:
        errors["prepare_days"] = [_("Between 0 and 120 days before.")]
    if not 1900 <= day.year <= 2200:
        errors["day"] = [_("The year is too far away. Check it.")]
    if OwnEvent.objects.filter(workspace=actor.workspace, client=client).count() >= MOST_OWN:
        errors[""] = [_("A client has at most 200 days of its own. Delete one first.")]
    if errors:
        raise Invalid(errors)
    event = OwnEvent.objects.create(
        workspace=actor.workspace, client=None if everywhere else client, name=name[:120], day=day,
        yearly=yearly, note=note.replace("\x00", "").strip()[:300], prepare_days=prepare_days,
        created_by=actor.user,
    )  # fmt: skip
    record(actor, "event.added", event, day=day.isoformat())
    return event


@transaction.atomic
def delete_event(actor: Actor, *, event_id: int) -> None:
    """Raises NotFound, Forbidden. A day of the workspace is deleted by who acts everywhere in it."""
    event = access.get(actor, OwnEvent.objects.select_for_update(of=("self",)), event_id, can="write")
    record(actor, "event.deleted", event)
    event.delete()


@transaction.atomic
def choose(
    actor: Actor, *, client_id: int, kinds: Sequence[str], hidden: Sequence[str] = (), free_share: int
) -> PlanSettings:
    """Which kinds of events the plan shows, single ones that it does not, what share of slots stays free."""
    client = access.get(actor, Client.objects.select_for_update(no_key=True), client_id, can="edit")
    if not 0 <= free_share <= MOST_FREE:
        raise Invalid.one("free_share", _("Between 0 and 50 percent."))
    row = settings_of(client)
    codes = {one.code for one in known()}
    row.kinds = [kind for kind in EventKind.values if kind in kinds]
    row.hidden = sorted(codes & set(hidden))
    row.free_share = free_share
    row.save()
    record(actor, "plan.settings_changed", client, kinds=row.kinds, free_share=free_share)
    return row


@transaction.atomic
def write_details(actor: Actor, *, client_id: int, lines: str) -> PlanSettings:
    """The client's own details, one in a line: “name: question”. Empty: the defaults of its kind again.

    A detail that keeps its name keeps its pieces. Raises Invalid.
    """
    from niva.domains.strategy.details import details_of

    client = access.get(actor, Client.objects.select_for_update(no_key=True), client_id, can="edit")
    codes = {one.said.casefold(): one.code for one in details_of(client)}
    found: list[dict[str, Any]] = []
    for line in lines.replace("\x00", "").splitlines():
        name, _colon, ask = (part.strip() for part in line.partition(":"))
        if not name or name.casefold() in {one["name"].casefold() for one in found}:
            continue
        code = codes.get(name.casefold()) or re.sub(r"[^\w]+", "_", name.casefold())[:40]
        found.append({"code": code, "name": name[:60], "ask": ask[:200]})
    if len(found) > MOST_DETAILS:
        raise Invalid.one("details", _("At most 20 details: more nobody can see at once."))
    row = settings_of(client)
    row.details = found or None
    row.save()
    record(actor, "plan.details_changed", client, details=len(found))
    return row

"""A client's plan by a secret link: who has it reads titles, days, networks and states, and nothing else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.editorial.models import Piece
from niva.domains.editorial.planning import PlanLink
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.states import PieceState, StageKind
from niva.domains.people.actor import Actor, machine
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.people.invitations import Spent
from niva.domains.people.secrets import fingerprint, new_secret
from niva.domains.publishing import queries
from niva.domains.publishing.states import OUT, State
from niva.kit.local_time import day_bounds

DAYS: Final = (7, 30, 90, 365)  # that a link may live
MOST_ALIVE: Final = 20  # links of one client
SEEN_EVERY: Final = dt.timedelta(minutes=10)  # how exactly it is kept when it was read last
STAGES: Final = (StageKind.IDEA, StageKind.BRIEF, StageKind.DRAFT, StageKind.EDITING, StageKind.APPROVAL)


@transaction.atomic
def make(actor: Actor, *, client_id: int, name: str, days: int, since: str) -> tuple[PlanLink, str]:
    """A link and its secret, which is shown once. Raises NotFound, Forbidden, Invalid."""
    client = access.get(actor, Client.objects.select_for_update(no_key=True), client_id, can="edit")
    name = " ".join(name.replace("\x00", "").split())
    errors: dict[str, list[str]] = {}
    if not name:
        errors["name"] = [_("Say for whom it is: by this name you will find it to end it.")]
    if days not in DAYS:
        errors["days"] = [_("Choose how long the link lives.")]
    if since not in STAGES:
        errors["since"] = [_("Choose from which stage on pieces are shown.")]
    alive = PlanLink.objects.filter(client=client, ended_at__isnull=True, expires_at__gt=timezone.now())
    if alive.count() >= MOST_ALIVE:
        errors[""] = [_("This client has 20 living links. End one first.")]
    if errors:
        raise Invalid(errors)
    secret = new_secret()
    link = PlanLink.objects.create(
        workspace=actor.workspace, client=client, name=name[:120], since=since,
        token_hash=fingerprint(secret), created_by=actor.user,
        expires_at=timezone.now() + dt.timedelta(days=days),
    )  # fmt: skip
    record(actor, "plan_link.made", link, days=days)
    return link, secret


@transaction.atomic
def end(actor: Actor, *, link_id: int) -> PlanLink:
    """From now on it opens nothing. Doing it twice changes nothing."""
    link = access.get(actor, PlanLink.objects.select_for_update(), link_id, can="edit")
    if link.ended_at is None:
        link.ended_at = timezone.now()
        link.save(update_fields=["ended_at"])
        record(actor, "plan_link.ended", link)
    return link


def find(secret: str) -> PlanLink:
    """The living link. Raises NotFound for a wrong secret, Spent("revoked" or "expired") for a dead one."""
    rows = PlanLink.objects.select_related("client", "workspace")
    link = rows.filter(token_hash=fingerprint(secret)).first()
    if link is None or link.client.archived_at is not None:
        raise NotFound("plan link")
    now = timezone.now()
    if link.ended_at:
        raise Spent("revoked")
    if link.expires_at <= now:
        raise Spent("expired")
    if link.seen_at is None or link.seen_at < now - SEEN_EVERY:
        PlanLink.objects.filter(pk=link.pk).update(seen_at=now)
    return link


@dataclass(slots=True)
class Entry:
    """A piece on a day: its hour where it leaves, `state` of "out", "scheduled", "made", "off"."""

    title: str
    hour: str
    state: str
    networks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Day:
    day: dt.date
    entries: list[Entry] = field(default_factory=list)


def shown(link: PlanLink, first: dt.date, last: dt.date) -> list[Day]:
    """What the link shows of these days (both included, the client's clock), days with something in order.

    Six queries, whatever the count.
    """
    client = link.client
    place = ZoneInfo(client.time_zone)
    since, until = day_bounds(first, last, client.time_zone)
    items = queries.plan(machine(link.workspace), since=since, until=until, client_id=client.pk)
    visible = _visible(link, {item.post_id for item in items})
    days: dict[dt.date, Day] = {}
    entries: dict[tuple[int, dt.date, str], Entry] = {}
    for item in items:
        if item.post_id not in visible:
            continue
        local = item.at.astimezone(place)
        state = _state(item.state)
        key = (item.post_id, local.date(), f"{local:%H:%M} {state}")
        entry = entries.get(key)
        if entry is None:
            # Without a title the plan has the first words of the text: a draft's are not for the client.
            title = item.title if state == "out" else visible[item.post_id] or _("untitled")
            entry = entries[key] = Entry(title, f"{local:%H:%M}", state)
            days.setdefault(local.date(), Day(local.date())).entries.append(entry)
        if item.network not in entry.networks:
            entry.networks.append(item.network)
    return [days[day] for day in sorted(days)]


def _state(state: str) -> str:
    """The inside of a delivery is not the client's business: it is out, will go out, is made, or is off."""
    if state in OUT:
        return "out"
    if state == queries.DRAFT:
        return "made"
    return "off" if state in (State.CANCELLED, State.REMOVED) else "scheduled"


def _visible(link: PlanLink, post_ids: set[int]) -> dict[int, str]:
    """Post -> its title, of those in the link's stage or behind it; nothing parked or rejected."""
    stages = stages_of(link.client)
    order = list(StageKind.values)
    wanted = order.index(link.since)
    # Where the stage was put away, the next one that is there stands in for it.
    position = min(
        (one.position for one in stages if one.kind in order[wanted:-1]), default=stages[-1].position
    )
    rows = Piece.objects.filter(client=link.client, post__in=post_ids).exclude(
        state__in=[PieceState.PARKED, PieceState.REJECTED]
    )
    rows = rows.filter(stage__position__gte=position)
    return dict(rows.values_list("post_id", "post__title"))

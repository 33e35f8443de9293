"""What the pages about people show, prepared for templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.models import Client, Role
from niva.domains.people import invitations
from niva.domains.people.actor import Actor
from niva.domains.people.models import AuditEvent, Invitation, WorkspaceRole
from niva.flows import team
from niva.web.people.sentences import sentence

LINES = 50


@dataclass(frozen=True, slots=True)
class RoleAt:
    """A role at a client, in words."""

    client: str
    role: str


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the team."""

    pk: int
    name: str
    email: str
    role: str
    everywhere: bool
    roles: tuple[RoleAt, ...]
    is_me: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invitation that nobody has answered yet."""

    invitation: Invitation
    roles: tuple[RoleAt, ...]
    expired: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the audit trail: who, in words what, and at which client."""

    event: AuditEvent
    words: str
    client: str = ""


def client_roles_in_words(invitation: Invitation) -> tuple[RoleAt, ...]:
    """What is promised at clients that still exist."""
    wanted = {int(pk): role for pk, role in invitation.client_roles.items()}
    clients = Client.objects.filter(workspace_id=invitation.workspace_id, pk__in=wanted).order_by("name")
    return tuple(RoleAt(client.name, role_word(wanted[client.pk])) for client in clients)


def role_word(role: str) -> str:
    """The role for people; a role nobody knows any more shows as it is."""
    known = {**dict(Role.choices), **dict(WorkspaceRole.choices)}
    return str(known.get(role, role))


def manageable(actor: Actor) -> list[Client]:
    """Clients at which the actor may give roles."""
    clients = access.visible(actor, Client.objects.filter(archived_at__isnull=True))
    return [client for client in clients if access.may(actor, "manage", client_id=client.pk)]


def people(actor: Actor) -> list[Person]:
    """The team as the actor may see it. E-mail addresses are only for those who run the workspace."""
    may_some = actor.everywhere or bool(manageable(actor))
    me = actor.user.pk if actor.user else None
    rows = []
    for row in team.team(actor):
        one = row.membership
        rows.append(
            Person(
                pk=one.pk,
                name=str(one.user) if actor.everywhere or one.user.name else "",
                email=one.user.email if actor.everywhere or one.user_id == me else "",
                role=role_word(one.role),
                everywhere=one.role in (WorkspaceRole.OWNER, WorkspaceRole.MANAGER),
                roles=tuple(RoleAt(r.client.name, role_word(r.role)) for r in row.roles),
                is_me=one.user_id == me,
                may_change=may_some,
            )
        )
    return rows


def waiting(actor: Actor) -> list[Waiting]:
    """Open invitations, for those who may send them."""
    if not actor.everywhere:
        return []
    now = timezone.now()
    return [
        Waiting(invitation=one, roles=client_roles_in_words(one), expired=one.expires_at <= now)
        for one in invitations.open_in(actor.workspace)
    ]


def lines(actor: Actor, events: Sequence[AuditEvent]) -> list[Line]:
    """Events as sentences, with the names of their clients (one query)."""
    ids = {event.client_id for event in events if event.client_id}
    names = dict(
        access.visible(actor, Client.objects.filter(pk__in=ids)).values_list("pk", "name") if ids else ()
    )
    return [
        Line(event=event, words=sentence(event), client=names.get(event.client_id or 0, ""))
        for event in events
    ]


def page_of(rows: object, number: str | None) -> Page[AuditEvent]:
    """One page of the trail; a number out of range shows the nearest one."""
    return Paginator(rows, LINES).get_page(number)  # type: ignore[arg-type]

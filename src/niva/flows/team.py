"""Changing what people are to the workspace and to its clients. The last owner stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, ClientRole, Role
from niva.domains.people import queries, services
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Forbidden, Invalid, NotFound
from niva.domains.people.models import Membership, WorkspaceRole


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the team as the actor may see him: `roles` only at clients that the actor sees."""

    membership: Membership
    roles: tuple[ClientRole, ...]


def visible_members(actor: Actor) -> QuerySet[Membership]:
    """All for owners and managers; others see themselves, the owners and who works for their clients."""
    rows = queries.members(actor.workspace)
    if actor.everywhere:
        return rows
    shared = Q(client_roles__client_id__in=list(actor.client_roles))
    return rows.filter(Q(user=actor.user) | Q(role=WorkspaceRole.OWNER) | shared).distinct()


def team(actor: Actor) -> list[Row]:
    """The people with their roles, in three queries whatever their number."""
    members = list(visible_members(actor))
    seen = access.visible(actor, Client.objects.filter(archived_at__isnull=True))
    roles: dict[int, list[ClientRole]] = {}
    rows = ClientRole.objects.filter(membership__in=members, client__in=seen).select_related("client")
    for role in rows.order_by("client__name", "pk"):
        roles.setdefault(role.membership_id, []).append(role)
    return [Row(membership=one, roles=tuple(roles.get(one.pk, ()))) for one in members]


def member(actor: Actor, membership_id: int) -> Membership:
    """One person of the team, as far as the actor sees him. Raises NotFound."""
    found = visible_members(actor).filter(pk=membership_id).first()
    if found is None:
        raise NotFound("membership")
    return found


@transaction.atomic
def set_workspace_role(actor: Actor, *, membership_id: int, role: str) -> Membership:
    """Raises NotFound, Forbidden (only owners make and unmake owners), Invalid (the last owner)."""
    access.demand_workspace(actor)
    target = member(actor, membership_id)
    if role not in WorkspaceRole.values:
        raise Invalid.one("role", _("There is no such role. Choose one from the list."))
    if role == target.role:
        return target
    if WorkspaceRole.OWNER in (role, target.role) and actor.role != WorkspaceRole.OWNER:
        raise Forbidden("owner")
    services.keep_an_owner(workspace=actor.workspace, without=target)
    old, target.role = target.role, role
    target.save(update_fields=["role"])
    record(actor, "member.role_changed", target, was=old, now=role, person=str(target.user))
    return target


@transaction.atomic
def set_client_roles(actor: Actor, *, membership_id: int, roles: Mapping[int, str]) -> list[str]:
    """Gives, changes and (with "") takes away roles at clients; returns the names of the clients touched.

    Each client needs the capability "manage". Raises NotFound, Forbidden, Invalid.
    """
    target = member(actor, membership_id)
    touched = []
    for client_id, role in roles.items():
        client = access.get(actor, Client.objects.all(), client_id, can="manage")
        if role and role not in Role.values:
            raise Invalid.one(f"client_{client_id}", _("There is no such role. Choose one from the list."))
        if _give(client, target, role):
            record(
                actor, "member.client_role_changed", target,
                client_id=client.pk, client=client.name, now=role, person=str(target.user),
            )  # fmt: skip
            touched.append(client.name)
    return touched


def _give(client: Client, target: Membership, role: str) -> bool:
    """True when something changed."""
    old = ClientRole.objects.filter(client=client, membership=target).first()
    if (old.role if old else "") == role:
        return False
    if not role:
        ClientRole.objects.filter(client=client, membership=target).delete()
        return True
    ClientRole.objects.update_or_create(client=client, membership=target, defaults={"role": role})
    return True


@transaction.atomic
def remove(actor: Actor, *, membership_id: int) -> str:
    """The person is no longer in the team; what he did stays. Returns his name.

    Owners and managers remove; anyone may leave by himself. Raises NotFound, Forbidden, Invalid.
    """
    target = member(actor, membership_id)
    if target.user_id != (actor.user.pk if actor.user else None):
        access.demand_workspace(actor)
        if target.role == WorkspaceRole.OWNER and actor.role != WorkspaceRole.OWNER:
            raise Forbidden("owner")
    services.keep_an_owner(workspace=actor.workspace, without=target)
    name = str(target.user)
    record(actor, "member.removed", target, person=name)
    target.delete()
    return name

"""Who may do what at a client. Owners and managers of the workspace need no role: they act everywhere."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, ClientRole, Role
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.people.models import Membership


@transaction.atomic
def give_role(*, actor: Actor, client_id: int, membership_id: int, role: str) -> ClientRole:
    """Give a member of the workspace a role here, or another one than he has.

    Raises NotFound for people of other workspaces, Forbidden, Invalid.
    """
    client = access.get(actor, Client.objects.all(), client_id, can="manage")
    if role not in Role.values:
        raise Invalid.one("role", _("Choose what this person does here."))
    member = (
        Membership.objects.select_related("user")
        .filter(pk=membership_id, workspace_id=client.workspace_id)
        .first()
    )
    if member is None:
        raise NotFound("membership")
    row, _created = ClientRole.objects.update_or_create(
        client=client, membership=member, defaults={"role": role}
    )
    record(actor, "role.given", client, client_id=client.pk, person=str(member.user), role=role)
    return row


@transaction.atomic
def take_role(*, actor: Actor, client_id: int, membership_id: int) -> None:
    """Take the role away: from the next request the client does not exist for this person."""
    client = access.get(actor, Client.objects.all(), client_id, can="manage")
    row = (
        ClientRole.objects.select_related("membership__user")
        .filter(client=client, membership_id=membership_id)
        .first()
    )
    if row is None:
        raise NotFound("role")
    record(actor, "role.taken", client, client_id=client.pk, person=str(row.membership.user), role=row.role)
    row.delete()

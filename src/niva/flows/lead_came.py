"""Somebody came: his lead is taken in, and who answers is told at once."""

from __future__ import annotations

from django.db import transaction

from niva.domains.clients.models import Client, ClientRole, Role
from niva.domains.leads.models import Lead
from niva.domains.leads.services.taking import Came, Taken, take, terms_of
from niva.domains.notices.services import tell
from niva.domains.people.actor import Actor
from niva.domains.people.models import Membership, User, WorkspaceRole


@transaction.atomic
def came(actor: Actor, *, client_id: int, came: Came) -> Taken:
    """Take one lead in and tell who answers. Raises NotFound, Forbidden, Invalid."""
    taken = take(actor, client_id=client_id, came=came)
    if taken.fresh and taken.lead.status == "new":
        _tell(actor, taken.lead)
    return taken


def _tell(actor: Actor, lead: Lead) -> None:
    """One unread notice for a client at a time: ten leads of a night are one line, which leads to them."""
    client = lead.client
    hours = terms_of(client).answer_hours
    tell(
        actor,
        users=[lead.owner] if lead.owner else who_answers(client),
        kind="lead_came",
        url=f"/clients/{client.pk}/leads/{lead.pk}/",
        client=client,
        key=f"lead_came:{client.pk}",
        at_once=True,
        client_name=client.name,
        hours=f"{hours.normalize():f}",
    )


def who_answers(client: Client) -> list[User]:
    """Those who lead this client; where it has none, the owners of the workspace."""
    rows = ClientRole.objects.filter(client=client, role__in=(Role.OWNER, Role.MANAGER))
    found = [row.membership.user for row in rows.select_related("membership__user")]
    if found:
        return found
    owners = Membership.objects.filter(workspace_id=client.workspace_id, role=WorkspaceRole.OWNER)
    return [row.user for row in owners.select_related("user")]

"""Inviting a person: who may, what he will be, and how he comes in."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, ClientRole, Role
from niva.domains.people import invitations, services
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Forbidden, Invalid, NotFound
from niva.domains.people.models import Invitation, Membership, User, WorkspaceRole


@transaction.atomic
def invite(actor: Actor, *, email: str, role: str, client_roles: Mapping[int, str]) -> tuple[Invitation, str]:
    """The invitation and the secret of its link. Owners and managers invite; only owners invite owners.

    `client_roles`: client id -> role there. Raises Invalid, Forbidden, NotFound.
    """
    access.demand_workspace(actor)
    if role not in WorkspaceRole.values:
        raise Invalid.one("role", _("There is no such role. Choose one from the list."))
    if role == WorkspaceRole.OWNER and actor.role != WorkspaceRole.OWNER:
        raise Forbidden("owner")
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid({"email": list(error.messages)}) from error
    if Membership.objects.filter(workspace=actor.workspace, user__email__iexact=email).exists():
        raise Invalid.one("email", _("This person is already in the team."))
    for client_id, role_at in client_roles.items():
        access.get(actor, Client.objects.all(), client_id, can="manage")
        if role_at not in Role.values:
            raise Invalid.one("role", _("There is no such role. Choose one from the list."))
    if role == WorkspaceRole.MEMBER and not client_roles:
        raise Invalid.one("", _("A member sees nothing without a role at a client. Give at least one."))
    invitation, secret = invitations.make(
        actor.workspace, email=email, role=role, client_roles=client_roles, by=actor.user
    )
    record(actor, "invitation.sent", invitation, role=role)
    return invitation, secret


@transaction.atomic
def renew(actor: Actor, *, invitation_id: int) -> tuple[Invitation, str]:
    """A new link for the same person; the old one stops working. Raises NotFound, Forbidden."""
    old = _open(actor, invitation_id)
    invitation, secret = invitations.make(
        actor.workspace,
        email=old.email,
        role=old.role,
        client_roles={int(pk): role for pk, role in old.client_roles.items()},
        by=actor.user,
    )
    record(actor, "invitation.renewed", invitation)
    return invitation, secret


@transaction.atomic
def revoke(actor: Actor, *, invitation_id: int) -> Invitation:
    """The link stops working. Raises NotFound, Forbidden."""
    invitation = _open(actor, invitation_id)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    record(actor, "invitation.revoked", invitation)
    return invitation


def _open(actor: Actor, invitation_id: int) -> Invitation:
    access.demand_workspace(actor)
    rows = Invitation.objects.select_for_update().filter(
        workspace=actor.workspace, accepted_at__isnull=True, revoked_at__isnull=True
    )
    invitation = rows.filter(pk=invitation_id).first()
    if invitation is None:
        raise NotFound("invitation")
    if invitation.role == WorkspaceRole.OWNER and actor.role != WorkspaceRole.OWNER:
        raise Forbidden("owner")
    return invitation


@transaction.atomic
def accept_as_new(*, secret: str, name: str, password: str, language: str, time_zone: str) -> Actor:
    """A new person comes in by his link. Raises Invalid, NotFound, invitations.Spent."""
    invitation = invitations.find(secret, lock=True)
    user = services.create_person(
        email=invitation.email, name=name, password=password, language=language, time_zone=time_zone
    )
    return _join(invitation, user)


@transaction.atomic
def accept(user: User, *, secret: str) -> Actor:
    """One who is already signed in joins one more workspace.

    Raises NotFound, invitations.Spent, and invitations.WrongPerson when it is for another address.
    """
    invitation = invitations.find(secret, lock=True)
    if user.email.lower() != invitation.email.lower():
        raise invitations.WrongPerson
    return _join(invitation, user)


def _join(invitation: Invitation, user: User) -> Actor:
    """The membership with the roles that were promised, as far as their clients still exist."""
    workspace = invitation.workspace
    membership, _made = Membership.objects.get_or_create(
        user=user, workspace=workspace, defaults={"role": invitation.role}
    )
    clients = Client.objects.filter(workspace=workspace, pk__in=[int(pk) for pk in invitation.client_roles])
    for client in clients:
        ClientRole.objects.get_or_create(
            client=client,
            membership=membership,
            defaults={"role": invitation.client_roles[str(client.pk)]},
        )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    actor = access.actor_for(user, workspace.pk)
    if actor is None:  # pragma: no cover - the membership was made a few lines above
        raise NotFound("membership")
    record(actor, "invitation.accepted", invitation, role=membership.role)
    return actor

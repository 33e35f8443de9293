"""An invitation by itself: making it, finding it by its secret, ending it. Who may is the flow's business."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.utils import timezone

from niva.domains.people.errors import NotFound
from niva.domains.people.models import Invitation, User, Workspace
from niva.domains.people.secrets import fingerprint, new_secret

LIVES = dt.timedelta(days=7)


class Spent(Exception):
    """The link was right but leads nowhere any more. `reason`: "used", "revoked" or "expired"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WrongPerson(Exception):
    """The invitation is for another e-mail than the one of the person who holds it."""


def open_in(workspace: Workspace) -> list[Invitation]:
    """Those that wait for an answer, also when their time has passed; the newest first."""
    rows = Invitation.objects.filter(workspace=workspace, accepted_at__isnull=True, revoked_at__isnull=True)
    return list(rows.select_related("invited_by").order_by("-created_at"))


def make(
    workspace: Workspace, *, email: str, role: str, client_roles: Mapping[int, str], by: User | None
) -> tuple[Invitation, str]:
    """The row and the secret of its link. Earlier open invitations of the same address end."""
    Invitation.objects.filter(
        workspace=workspace, email__iexact=email, accepted_at__isnull=True, revoked_at__isnull=True
    ).update(revoked_at=timezone.now())
    secret = new_secret()
    invitation = Invitation.objects.create(
        workspace=workspace,
        email=email.lower(),
        role=role,
        client_roles={str(pk): role_at for pk, role_at in client_roles.items()},
        token_hash=fingerprint(secret),
        invited_by=by,
        expires_at=timezone.now() + LIVES,
    )
    return invitation, secret


def find(secret: str, *, lock: bool = False) -> Invitation:
    """The living invitation behind a link. Raises NotFound for a wrong secret, Spent for a dead one."""
    rows = Invitation.objects.select_related("workspace", "invited_by")
    if lock:
        rows = rows.select_for_update(of=("self",))
    invitation = rows.filter(token_hash=fingerprint(secret)).first()
    if invitation is None:
        raise NotFound("invitation")
    if invitation.accepted_at:
        raise Spent("used")
    if invitation.revoked_at:
        raise Spent("revoked")
    if invitation.expires_at <= timezone.now():
        raise Spent("expired")
    return invitation

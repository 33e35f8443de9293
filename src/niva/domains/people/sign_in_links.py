"""Addresses that sign a person in while they live."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from niva.domains.people.errors import NotFound
from niva.domains.people.invitations import Spent
from niva.domains.people.models import SignInLink, User, Workspace
from niva.domains.people.secrets import fingerprint, new_secret

LIVES = dt.timedelta(hours=24)


@transaction.atomic
def make(*, user: User, workspace: Workspace) -> str:
    """A fresh secret for the person; his earlier ones in this workspace end."""
    SignInLink.objects.filter(user=user, workspace=workspace, ended_at__isnull=True).update(
        ended_at=timezone.now()
    )
    secret = new_secret()
    SignInLink.objects.create(
        user=user, workspace=workspace, token_hash=fingerprint(secret), expires_at=timezone.now() + LIVES
    )
    return secret


def find(secret: str) -> SignInLink:
    """The living link. Raises NotFound for a wrong secret, Spent("revoked" or "expired") for a dead one."""
    link = (
        SignInLink.objects.select_related("user", "workspace").filter(token_hash=fingerprint(secret)).first()
    )
    if link is None or not link.user.is_active:
        raise NotFound("sign-in link")
    if link.ended_at:
        raise Spent("revoked")
    if link.expires_at <= timezone.now():
        raise Spent("expired")
    return link

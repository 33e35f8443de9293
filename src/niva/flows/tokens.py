"""From a token of the API to the one who acts."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.models import ApiToken
from niva.domains.people.secrets import fingerprint
from niva.domains.people.services import TOKEN_PREFIX

# The moment of the last use is for people; writing it with every call would be a write for every read.
USE_NOTED_EVERY = dt.timedelta(minutes=1)


def actor_by_token(raw: str) -> Actor | None:
    """The person behind a token in its workspace; None for a wrong, ended or orphaned one."""
    if not raw.startswith(TOKEN_PREFIX) or len(raw) > 200:
        return None
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(token_hash=fingerprint(raw), revoked_at__isnull=True, user__is_active=True)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
        .first()
    )
    if token is None:
        return None
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return access.actor_for(token.user, token.workspace_id)

"""Tell a person something; he reads it. By which ways it leaves the desk is the digest's business."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from niva.domains.clients.models import Client
from niva.domains.notices.models import Notice
from niva.domains.people.actor import Actor
from niva.domains.people.models import User


@transaction.atomic
def tell(
    actor: Actor,
    *,
    users: Iterable[User | None],
    kind: str,
    url: str,
    client: Client | None = None,
    key: str = "",
    **facts: Any,
) -> list[Notice]:
    """One notice for each of these people but the actor himself. `facts` must be JSON and free of secrets.

    With `key` what he has not read yet is renewed, not doubled.
    """
    told = []
    for user in {one.pk: one for one in users if one is not None}.values():
        if actor.user is not None and user.pk == actor.user.pk:
            continue
        values = {
            "workspace": actor.workspace,
            "client": client,
            "kind": kind,
            "facts": facts,
            "url": url,
            "by": actor.name[:120],
            "at": timezone.now(),
        }
        if key:
            notice, _fresh = Notice.objects.update_or_create(
                user=user, key=key, read_at__isnull=True, defaults=values
            )
        else:
            notice = Notice.objects.create(user=user, **values)
        told.append(notice)
    return told

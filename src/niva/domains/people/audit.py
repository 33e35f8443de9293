"""The audit trail: one line for everything that people and the desk do."""

from __future__ import annotations

from typing import Any

from django.db import models

from niva.domains.people.actor import Actor
from niva.domains.people.models import AuditEvent


def record(
    actor: Actor, verb: str, subject: models.Model, *, client_id: int | None = None, **details: Any
) -> AuditEvent:
    """Write who did what to what. `details` must be JSON and free of secrets."""
    if client_id is None:
        client_id = getattr(subject, "client_id", None)
    return AuditEvent.objects.create(
        workspace=actor.workspace,
        client_id=client_id,
        user=actor.user,
        by=actor.name[:120],
        verb=verb,
        subject_type=subject._meta.model_name or "",
        subject_id=subject.pk,
        subject_name=str(subject)[:200],
        details=details,
    )

"""Named reads about people, within one workspace."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import QuerySet

from niva.domains.people.actor import Actor
from niva.domains.people.models import ApiToken, AuditEvent, Membership, User, Workspace


def members(workspace: Workspace) -> QuerySet[Membership]:
    """Everybody in the workspace: owners, then managers, then members, each by name."""
    order = models.Case(models.When(role="owner", then=0), models.When(role="manager", then=1), default=2)
    return (
        Membership.objects.filter(workspace=workspace)
        .select_related("user", "workspace")
        .order_by(order, "user__name", "pk")
    )


def memberships_of(user: User) -> QuerySet[Membership]:
    """The workspaces of a person, by name."""
    return Membership.objects.filter(user=user).select_related("workspace").order_by("workspace__name", "pk")


def living_tokens(workspace: Workspace, user: User | None = None) -> QuerySet[ApiToken]:
    """Tokens that were not revoked (one may have expired), of one person or of all; the newest first."""
    rows = ApiToken.objects.filter(workspace=workspace, revoked_at__isnull=True).select_related("user")
    if user is not None:
        rows = rows.filter(user=user)
    return rows.order_by("-created_at", "-pk")


def events(
    workspace: Workspace,
    *,
    user_id: int | None = None,
    client_id: int | None = None,
    verb: str = "",
    since: dt.datetime | None = None,
) -> QuerySet[AuditEvent]:
    """The audit trail, the newest first."""
    rows = AuditEvent.objects.filter(workspace=workspace)
    if user_id is not None:
        rows = rows.filter(user_id=user_id)
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    if verb:
        rows = rows.filter(verb=verb)
    if since is not None:
        rows = rows.filter(at__gte=since)
    return rows.select_related("user").order_by("-at", "-pk")


def verbs(workspace: Workspace) -> list[str]:
    """The verbs that occur in the trail."""
    rows = AuditEvent.objects.filter(workspace=workspace).order_by("verb")
    return list(rows.values_list("verb", flat=True).distinct())


def history(actor: Actor, subject: models.Model, *, most: int = 50) -> list[AuditEvent]:
    """What happened to one thing, the newest first. The caller reached it through the one door."""
    rows = AuditEvent.objects.filter(
        workspace=actor.workspace, subject_type=subject._meta.model_name or "", subject_id=subject.pk
    )
    return list(rows.order_by("-at", "-pk")[:most])

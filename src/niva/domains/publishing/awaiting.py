"""Named reads of requests for approval, through the one door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.access import CAPABILITIES
from niva.domains.people.actor import Actor
from niva.domains.publishing.approving import ANSWERS, YES, Approval, Decision, Remark

MOST: Final = 100  # lines of one part of the list
WEEK: Final = timedelta(days=7)


def _rows(actor: Actor) -> QuerySet[Approval, Approval]:
    rows = Approval.objects.filter(post__deleted_at__isnull=True, client__archived_at__isnull=True)
    return access.visible(actor, rows).select_related("client", "post", "asked_by")


def _newest(rows: QuerySet[Approval, Approval]) -> QuerySet[Approval, Approval]:
    """Only the last word about each post."""
    newer = Approval.objects.filter(post=OuterRef("post"), pk__gt=OuterRef("pk"))
    return rows.filter(~Exists(newer))


def waiting(actor: Actor) -> QuerySet[Approval, Approval]:
    """What the client has to decide, the nearest term first; what is void waits for us, not for him."""
    rows = _rows(actor).filter(decision=Decision.OPEN, voided_at__isnull=True)
    return rows.order_by("due_at", "pk")


def ours(actor: Actor) -> QuerySet[Approval, Approval]:
    """What came back or became void and nobody has asked anew, the oldest first."""
    back = Q(decision=Decision.RETURNED) | Q(decision__in=(Decision.OPEN, *YES), voided_at__isnull=False)
    return _newest(_rows(actor).filter(back)).order_by("decided_at", "pk")


def count_ours(actor: Actor) -> int:
    """How many of those wait where this person works; to the client himself: what he has to decide."""
    if actor.everywhere:
        return ours(actor).count()
    at_work = [pk for pk, role in actor.client_roles.items() if "write" in CAPABILITIES.get(role, ())]
    his = [pk for pk, role in actor.client_roles.items() if role == "client"]
    count = ours(actor).filter(client__in=at_work).count() if at_work else 0
    return count + (waiting(actor).filter(client__in=his).count() if his else 0)


def decided(actor: Actor, *, since: datetime | None = None) -> QuerySet[Approval, Approval]:
    """What was let out since a moment (a week ago), the newest first."""
    since = since or timezone.now() - WEEK
    rows = _rows(actor).filter(decision__in=YES, voided_at__isnull=True, decided_at__gte=since)
    return rows.order_by("-decided_at", "-pk")


def one(actor: Actor, approval_id: int) -> Approval:
    """Raises NotFound."""
    rows = Approval.objects.select_related(
        "client", "post__client", "workspace", "asked_by", "decided_by", "proof"
    )
    return access.get(actor, rows, approval_id)


def rounds(approval: Approval) -> list[Approval]:
    """Every request about the same post, the newest first, with texts and what was said to the client."""
    said = Remark.objects.filter(inside=False, parent__isnull=True).prefetch_related(
        Prefetch("answers", Remark.objects.filter(inside=False))
    )
    rows = Approval.objects.filter(post_id=approval.post_id).select_related("asked_by", "decided_by", "proof")
    return list(rows.prefetch_related("revisions", Prefetch("remarks", said)).order_by("-pk"))


def before(approval: Approval) -> Approval | None:
    """The last request that the client answered before this one: what he compares with."""
    rows = Approval.objects.filter(post_id=approval.post_id, pk__lt=approval.pk, decision__in=ANSWERS)
    return rows.prefetch_related("revisions").order_by("-pk").first()


def said_to(approval: Approval) -> list[Remark]:
    """What the client and we said to each other about the post, the oldest first."""
    rows = Remark.objects.filter(post_id=approval.post_id, inside=False, parent__isnull=True)
    answers = Prefetch("answers", Remark.objects.filter(inside=False))
    return list(rows.prefetch_related(answers).order_by("at", "pk")[:MOST])


def others_of(approval: Approval) -> list[Approval]:
    """What else waits for the same approver of the same client, the nearest term first."""
    rows = Approval.objects.filter(
        client_id=approval.client_id, decision=Decision.OPEN, voided_at__isnull=True,
        expires_at__gt=timezone.now(), post__deleted_at__isnull=True,
    ).exclude(pk=approval.pk)  # fmt: skip
    if approval.approver_email:
        rows = rows.filter(approver_email=approval.approver_email)
    else:
        rows = rows.filter(approver_email="", approver_name=approval.approver_name)
    return list(rows.select_related("post").order_by("due_at", "pk")[:20])

"""The whole history of a post's approvals as a record that stands by itself: texts, hashes, who, when, from
where, remarks, the clause on silence, what became void. Facts only; pages and papers are made of it above."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.models import AuditEvent
from niva.domains.publishing.approving import Approval, Remark
from niva.domains.publishing.models import Post

VERSION = 1


def told(actor: Actor, post: Post) -> dict[str, Any]:
    """The record, JSON all through. The post has come through the door; what is said inside stays inside."""
    rows = access.visible(actor, Approval.objects.filter(post=post)).select_related("asked_by", "decided_by")
    said = access.visible(actor, Remark.objects.filter(post=post, inside=False)).order_by("at", "pk")
    remarks: dict[int | None, list[dict[str, Any]]] = {}
    for one in said:
        remarks.setdefault(one.approval_id, []).append(_remark(one))
    asked = list(rows.select_related("proof").prefetch_related("revisions").order_by("pk"))
    trail = AuditEvent.objects.filter(
        workspace=actor.workspace, subject_type="approval", subject_id__in=[one.pk for one in asked]
    ).order_by("at", "pk")
    return {
        "version": VERSION,
        "made_at": _at(timezone.now()),
        "workspace": post.workspace.name,
        "client": post.client.name,
        "post": {"number": post.pk, "title": str(post)},
        "rounds": [_round(one, remarks.get(one.pk, [])) for one in asked],
        "remarks_outside_rounds": remarks.get(None, []),
        "trail": [{"at": _at(one.at), "by": one.by, "what": one.verb} for one in trail],
    }


def canonical(record: Mapping[str, Any]) -> str:
    """The form that hashes are taken of: keys sorted, no spaces, letters as they are, UTF-8."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(record).encode()).hexdigest()


def _round(row: Approval, remarks: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "number": row.pk,
        "round": row.round,
        "urgent": row.urgent,
        "message": row.message,
        "asked_by": str(row.asked_by) if row.asked_by else "",
        "asked_at": _at(row.asked_at),
        "due_at": _at(row.due_at),
        "opened_at": _at(row.opened_at),
        "approver": {"name": row.approver_name, "email": row.approver_email},
        "decision": row.decision,
        "decided_at": _at(row.decided_at),
        "decided_as": row.decided_as,
        "account": str(row.decided_by) if row.decided_by else "",
        "known_by": row.known_by,
        "words": row.note,
        "proof": {"name": row.proof.name, "sha256": row.proof.sha256} if row.proof else None,
        "silence_clause": row.clause,
        "origin": row.origin,
        "voided_at": _at(row.voided_at),
        "void_reason": row.void_reason,
        "texts": [
            {
                "community": one.community_name,
                "network": one.network,
                "sha256": one.sha256,
                "content": one.content,
                "asked_sha256": one.asked_sha256,
                "asked": one.asked,
            }
            for one in row.revisions.all()
        ],
        "remarks": remarks,
    }


def _remark(row: Remark) -> dict[str, Any]:
    return {
        "at": _at(row.at),
        "by": row.author_name,
        "text": row.text,
        "place": row.place,
        "answer_to": row.parent_id,
        "number": row.pk,
        "resolved_at": _at(row.resolved_at),
    }


def _at(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""

"""Advice is said once and settled once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from niva.domains.advice.models import Advice, AdviceKind, Verdict
from niva.domains.clients.models import Client
from niva.domains.communities.models import Community


def say(
    *,
    client: Client,
    kind: AdviceKind,
    key: str,
    figure: str,
    due_on: date,
    now: datetime,
    community: Community | None = None,
    about: dict[str, Any] | None = None,
    expected: float | None = None,
    low: float | None = None,
    high: float | None = None,
    odds: float | None = None,
) -> Advice:
    """Write down what is said now. The same key again changes nothing: what was said first stands."""
    advice, _made = Advice.objects.get_or_create(
        client=client,
        key=key,
        defaults={
            "workspace_id": client.workspace_id, "community": community, "kind": kind, "figure": figure,
            "about": about or {}, "expected": expected, "low": low, "high": high, "odds": odds,
            "due_on": due_on, "said_at": now,
        },
    )  # fmt: skip
    return advice


@transaction.atomic
def settle(
    *, advice_id: int, verdict: Verdict, now: datetime, came: float | None = None, why: str = "", by: str = ""
) -> bool:
    """Write down what came of it; False when that was done before (an outcome is not changed)."""
    row = Advice.objects.select_for_update().get(pk=advice_id)
    if row.verdict != Verdict.OPEN or verdict == Verdict.OPEN:
        return False
    row.verdict, row.came, row.why, row.settled_at, row.settled_by = verdict, came, why, now, by
    row.save(update_fields=["verdict", "came", "why", "settled_at", "settled_by"])
    return True


def in_range(advice: Advice, came: float) -> Verdict:
    """Whether what came lies in the range that was given. `advice.low` and `high` must be there."""
    if advice.low is None or advice.high is None:
        raise ValueError("no range was given")
    return Verdict.HIT if advice.low <= came <= advice.high else Verdict.MISS

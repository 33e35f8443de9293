"""Rows of advice for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from niva.domains.advice.models import Advice, AdviceKind
from niva.domains.advice.services import say
from niva.domains.clients.models import Client
from niva.domains.communities.models import Community


def make_alarm(client: Client, community: Community | None = None, **about: Any) -> Advice:
    """An alarm of yesterday that nobody has judged: followers fell. `about` goes over the usual facts."""
    now = timezone.now()
    day = (now - timedelta(days=1)).date()
    facts: dict[str, Any] = {
        "day": day.isoformat(), "since": day.isoformat(), "value": -180.0, "direction": "down", "score": 9.0,
        "never": True, "once_in_days": 8000, "days_known": 90, "watched": 4, "budget": 1.0, "causes": [],
        "unexplained": False, **about,
    }  # fmt: skip
    return say(
        client=client, community=community, kind=AdviceKind.ALARM, figure="followers", expected=3.0,
        key=f"alarm:{community.pk if community else 0}:{day}:{Advice.objects.count()}", about=facts, now=now,
        due_on=day + timedelta(days=60),
    )  # fmt: skip

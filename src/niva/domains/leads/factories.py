"""Makers of leads, shared by tests and the demo. Nothing here checks who may."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from niva.domains.clients.models import Client
from niva.domains.leads import sealing
from niva.domains.leads.models import Door, DoorKind, Lead, Source
from niva.domains.leads.sealing import Person
from niva.domains.leads.services import doors
from niva.domains.leads.states import RANKS
from niva.domains.people.actor import machine


def make_lead(client: Client, came_at: datetime | None = None, **extra: Any) -> Lead:
    """`contact`, `name`, `text` are sealed; the rest are fields of the lead."""
    told = {name: str(extra.pop(name, "")) for name in ("contact", "name", "text")}
    person = Person(**told)  # type: ignore[arg-type]
    values: dict[str, Any] = {
        "workspace_id": client.workspace_id,
        "source": Source.HAND,
        "came_at": came_at or timezone.now(),
        "currency": client.currency,
        "sealed": sealing.sealed(person),
        "marks": sealing.marks_of(person),
        "furthest": RANKS.get(extra.get("status", "new"), 0),
    }
    return Lead.objects.create(client=client, **{**values, **extra})


def make_door(client: Client, name: str = "Форма на сайте", kind: str = DoorKind.WEBHOOK) -> tuple[Door, str]:
    """A living door and its secret."""
    return doors.make(
        machine(client.workspace), client_id=client.pk, kind=kind,
        values={"name": name, "consent": "Согласен на обработку данных, чтобы мне ответили."},
    )  # fmt: skip

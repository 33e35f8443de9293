"""Makers of communities with sensible defaults, shared by tests and the demo. Nothing here checks who may."""

from __future__ import annotations

import datetime as dt
from typing import Any

from niva.domains.clients.models import Client, KeyTask
from niva.domains.communities import keys
from niva.domains.communities.models import Community, Slot
from niva.networks.base.types import Credential


def make_community(client: Client, network: str = "practice", **extra: Any) -> Community:
    values: dict[str, Any] = {"name": client.name, "task": KeyTask.LEADS, "time_zone": client.time_zone}
    return Community.objects.create(
        client=client, workspace_id=client.workspace_id, network=network, **{**values, **extra}
    )


def connect(
    community: Community,
    secrets: dict[str, str] | None = None,
    *,
    facts: dict[str, Any] | None = None,
    expires_at: dt.datetime | None = None,
    lacks: tuple[str, ...] = (),
) -> Community:
    """Give it keys as if the test button had proven them."""
    credential = Credential(
        secrets=secrets or {"access_token": f"secret-of-{community.pk}"},
        facts=facts or {},
        expires_at=expires_at,
    )
    keys.store(community, credential, lacks)
    return community


def make_slots(
    community: Community, weekdays: tuple[int, ...], *hours: dt.time, note: str = ""
) -> list[Slot]:
    """The same hours on every given weekday (0 = Monday)."""
    return Slot.objects.bulk_create(
        Slot(community=community, weekday=weekday, at=at, note=note) for weekday in weekdays for at in hours
    )

"""A client's pipeline: made from the defaults when it is first wanted."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from niva.domains.clients.models import Client, ClientRole
from niva.domains.editorial.models import Piece, Stage
from niva.domains.editorial.states import StageKind
from niva.domains.people.models import User


@cache
def defaults() -> dict[str, dict[str, Any]]:
    """Kind -> {role, hours?, wip?, exits}, in the order of the pipeline."""
    raw = tomllib.loads((Path(__file__).parent.parent / "stages.toml").read_text(encoding="utf-8"))
    if list(raw) != [kind for kind in StageKind.values if kind != StageKind.OTHER]:
        raise ValueError("stages.toml: every kind once, in the order of the pipeline")
    return raw


@transaction.atomic
def stages_of(client: Client) -> list[Stage]:
    """The client's stages in their order; the first time the defaults are put down, once."""
    rows = list(Stage.objects.filter(client=client, archived_at__isnull=True))
    if rows:
        return rows
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    rows = list(Stage.objects.filter(client=client, archived_at__isnull=True))
    if rows:
        return rows
    return Stage.objects.bulk_create(
        Stage(
            workspace_id=client.workspace_id,
            client=client,
            kind=kind,
            position=position,
            role=one["role"],
            hours=one.get("hours"),
            wip=one.get("wip"),
            exits=list(one["exits"]),
        )
        for position, (kind, one) in enumerate(defaults().items())
    )


def responsible_for(stage: Stage, piece: Piece) -> User | None:
    """Who has the piece while it stands there: the piece's own author or designer, the stand-in, the owner,
    else the one person who has the stage's role at the client. None when nobody can be named."""
    if stage.role == "author" and piece.author is not None:
        return piece.author
    if stage.role == "designer" and piece.designer is not None:
        return piece.designer
    today = timezone.now().astimezone(ZoneInfo(stage.client.time_zone)).date()
    if stage.stand_in is not None and stage.stand_in_until is not None and today <= stage.stand_in_until:
        return stage.stand_in
    if stage.owner is not None:
        return stage.owner
    row = (
        ClientRole.objects.filter(client_id=stage.client_id, role=stage.role)
        .select_related("membership__user")
        .order_by("pk")
        .first()
    )
    return row.membership.user if row else None

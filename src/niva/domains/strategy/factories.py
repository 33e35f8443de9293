"""Makers of rubrics with sensible defaults, shared by tests and the demo. Nothing here checks who may."""

from __future__ import annotations

from typing import Any

from niva.domains.clients.models import Client
from niva.domains.strategy.models import Rubric, RubricMark


def make_rubric(client: Client, name: str = "Рецепты", **extra: Any) -> Rubric:
    position = Rubric.objects.filter(client=client).count()
    values: dict[str, Any] = {
        "position": position,
        "mark": RubricMark.values[position % len(RubricMark.values)],
    }
    return Rubric.objects.create(
        client=client, workspace_id=client.workspace_id, name=name, **{**values, **extra}
    )

"""Makers of a strategy's rows with sensible defaults, for tests and the demo. Nothing here checks who may."""

from __future__ import annotations

from typing import Any

from niva.domains.clients.models import Client
from niva.domains.strategy.grounds import Segment
from niva.domains.strategy.guided import Vision
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


def make_segment(client: Client, who: str = "Мама двоих детей", **extra: Any) -> Segment:
    position = Segment.objects.filter(client=client).count()
    values: dict[str, Any] = {"part": "buyer", "position": position}
    return Segment.objects.create(
        client=client, workspace_id=client.workspace_id, who=who, **{**values, **extra}
    )


def make_vision(client: Client, text: str = "Ферма, которую знают по имени", **extra: Any) -> Vision:
    number = Vision.objects.filter(client=client).count() + 1
    return Vision.objects.create(
        client=client, workspace_id=client.workspace_id, number=number, text=text, **extra
    )

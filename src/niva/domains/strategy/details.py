"""Details of a business in which ideas are looked for: product, people, place, mistakes... Data by kind."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from niva.domains.clients.models import Client
from niva.domains.strategy.events import PlanSettings


@dataclass(frozen=True, slots=True)
class Detail:
    """`ask`: the question that makes an idea of it."""

    code: str
    said: str
    ask: str


@cache
def _raw() -> dict[str, dict[str, dict[str, Any]]]:
    return tomllib.loads(Path(__file__).with_name("details.toml").read_text(encoding="utf-8"))


def default_details(kind: str) -> list[Detail]:
    """The details of a kind of client, in the reader's language."""
    russian = (get_language() or "ru").startswith("ru")
    words = _raw()["details"]
    return [
        Detail(code, *(words[code][part + ("_ru" if russian else "")] for part in ("name", "ask")))
        for code in _raw()["kinds"][kind]["details"]
    ]


def details_of(client: Client) -> list[Detail]:
    """The client's own details where a person wrote them down, else those of its kind."""
    row = PlanSettings.objects.filter(client=client).first()
    if row is None or row.details is None:
        return default_details(client.kind)
    return [Detail(one["code"], one["name"], one.get("ask", "")) for one in row.details]

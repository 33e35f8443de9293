"""Makers of agreements and of finished pieces, shared by tests and the demo. Nothing here checks who may."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from niva.domains.clients.models import Client
from niva.domains.editorial.factories import make_piece
from niva.domains.editorial.models import Piece
from niva.domains.pay.models import Agreement, Rate
from niva.domains.pay.states import Model
from niva.domains.people.models import User


def make_agreement(
    client: Client, person: User, *, rates: dict[str, str] | None = None, **extra: Any
) -> Agreement:
    """By the piece, posts at 500; `rates`: unit -> price of one."""
    values: dict[str, Any] = {
        "workspace_id": client.workspace_id,
        "client": client,
        "currency": client.currency,
        "model": Model.PIECE,
        "starts_on": dt.date(2025, 1, 1),
    }
    agreement = Agreement.objects.create(person=person, **{**values, **extra})
    for unit, rate in ({"post": "500"} if rates is None else rates).items():
        Rate.objects.create(agreement=agreement, unit=unit, rate=Decimal(rate))
    return agreement


def make_accepted(
    client: Client, author: User, day: dt.date, title: str = "Рёбрышки к выходным", **extra: Any
) -> Piece:
    """A piece of this author that the editor accepted on a day, at noon by the client's clock."""
    at = dt.datetime.combine(day, dt.time(12), ZoneInfo(client.time_zone))
    return make_piece(client, title, author=author, accepted_at=at, **extra)

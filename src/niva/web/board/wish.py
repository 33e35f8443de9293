"""What of the board is looked at, as its address says."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from niva.domains.editorial.queries import Wanted
from niva.networks.registry import all_networks

MOST_DIGITS = 18


def number(said: str) -> int | None:
    """A row's number out of an address; None for anything else."""
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= MOST_DIGITS else None


def read(request: HttpRequest) -> Wanted:
    """`client`, `mine`, `network`, `rubric`; what cannot be read is as if it were not there."""
    given = request.GET
    client_id = number(given.get("client", ""))
    network = given.get("network", "")
    return Wanted(
        client_id=client_id,
        mine=bool(given.get("mine")),
        network=network if network in all_networks() else "",
        rubric_id=number(given.get("rubric", "")) if client_id else None,
    )


def query(wanted: Wanted, **changes: Any) -> str:
    """The address of this wish with some of it changed, after the question mark."""
    one = asdict(replace(wanted, **changes))
    said = {
        "client": one["client_id"],
        "mine": "1" if one["mine"] else "",
        "network": one["network"],
        "rubric": one["rubric_id"],
    }
    return urlencode({name: value for name, value in said.items() if value})

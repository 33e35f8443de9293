"""The tabs of a client's numbers: pages of several sections, shown as one place."""

from __future__ import annotations

from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from niva.web.office import Tab

# URL name and word. A part whose page does not exist is left out.
PARTS: Final = (
    ("client_numbers", _("In short")),
    ("client_money", _("Money")),
    ("client_kind", _("What it is judged by")),
    ("client_leads", _("Leads")),
    ("client_funnel", _("Funnel")),
    ("client_why", _("Why it changed")),
    ("client_levers", _("Levers")),
    ("client_best_time", _("Best time")),
    ("client_works", _("What works")),
    ("client_experiments", _("Experiments")),
    ("client_forecast", _("Forecast")),
    ("client_alarms", _("Alarms")),
    ("client_advice", _("Said and came")),
)
# What the client himself is not shown: see operations.toml, which the tests hold against each door.
FOR_THOSE_WHO_WORK: Final = frozenset(
    {"client_why", "client_levers", "client_best_time", "client_works", "client_experiments", "client_alarms"}
)


def tabs(client_id: int, current: str, *, works: bool) -> list[Tab]:
    """All parts that there are for one client, the one of URL name `current` marked."""
    found = []
    for name, word in PARTS:
        if name in FOR_THOSE_WHO_WORK and not works:
            continue
        try:
            found.append(Tab(reverse(name, args=[client_id]), word, name == current))
        except NoReverseMatch:
            continue
    return found

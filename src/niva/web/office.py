"""The tabs of the newsroom: its parts are pages of several sections, shown as one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from niva.web.context import link

# URL name and word. A part whose page does not exist is left out.
PARTS: Final = (
    ("board", _("Board")),
    ("pieces", _("Table")),
    ("balance", _("Balance")),
    ("tasks", _("Tasks")),
    ("sources", _("Sources")),
    ("kaizen", _("Kaizen")),
    ("pay", _("Pay")),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of the newsroom; `on`: the one that is open."""

    url: str
    word: str | Promise
    on: bool


def tabs(current: str) -> list[Tab]:
    """All parts that there are, the one of URL name `current` marked."""
    return [Tab(url, word, name == current) for name, word in PARTS if (url := link(name))]

"""What stands below the board: the cycle, the returns, the change on trial that is looked at next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niva.domains.clients.models import Client
from niva.domains.editorial.flowfigures import Flow, clients_of
from niva.domains.editorial.kaizen import Change, Ending
from niva.domains.editorial.services.changing import changes
from niva.domains.editorial.states import StageKind
from niva.domains.people.actor import Actor
from niva.web.kaizen import words


@dataclass(frozen=True, slots=True)
class Trial:
    """A change with its evidence in words."""

    change: Change
    was: str
    now: str = ""

    @property
    def where(self) -> str:
        """The figure by which it is judged, with its stage."""
        if self.change.stage:
            return _("hours in the stage “%(stage)s”") % {"stage": StageKind(self.change.stage).label}
        return str(self.change.get_measure_display())

    @property
    def rows(self) -> str:
        """What the figure before rests on."""
        count = int(self.change.before.get("rows", 0))
        return ngettext("%(n)s row", "%(n)s rows", count) % {"n": count}


def trial(change: Change) -> Trial:
    return Trial(
        change, words.figure_of(change.measure, change.before), words.figure_of(change.measure, change.after)
    )


def kaizen_cards(actor: Actor, client: Client | None = None) -> dict[str, Any]:
    """The context of `kaizen/under_board.html`. Nine queries at most, no row by row. Raises Forbidden."""
    scope = clients_of(actor, client)
    flow = Flow(scope)
    rows = changes(actor, scope).filter(ending=Ending.TRIAL)
    if client is not None:
        rows = rows.filter(client=client)
    first = rows.order_by("look_on", "pk").first()
    pk = client.pk if client else None
    return {
        "figures": [words.cycle(flow, pk), words.returned(flow, pk)],
        "trial": trial(first) if first else None,
    }

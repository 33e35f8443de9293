"""What the answers of networks come to in our own words. Pure."""

from __future__ import annotations

from typing import Final

from niva.domains.publishing.models import Publication
from niva.domains.publishing.states import Outcome
from niva.networks.base.errors import (
    Gone,
    Limited,
    NeedsLogin,
    NetworkError,
    OutcomeUnknown,
    Rejected,
    Temporary,
)
from niva.networks.base.types import Outgoing, Seen

OUTCOMES: Final[dict[type[NetworkError], Outcome]] = {
    Temporary: Outcome.TEMPORARY,
    Limited: Outcome.LIMITED,
    Rejected: Outcome.REJECTED,
    Gone: Outcome.REJECTED,
    NeedsLogin: Outcome.NEEDS_LOGIN,
    OutcomeUnknown: Outcome.UNKNOWN,
}


def sight_of(seen: Seen, out: Outgoing) -> str:
    """What a read-back says of the publication, compared with what was sent.

    A part of its chain that is gone makes it a changed one.
    """
    if not seen.alive:
        return Publication.Sight.REMOVED
    if seen.missing:
        return Publication.Sight.CHANGED
    if seen.text is not None and _plain(seen.text) != _plain(out.text):
        return Publication.Sight.CHANGED
    return Publication.Sight.ALIVE


def _plain(text: str) -> str:
    return " ".join(text.split())

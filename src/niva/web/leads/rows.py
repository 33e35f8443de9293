"""A lead as a line of a list: who, when, from which post, how far, what the client says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from niva.domains.leads.models import Lead
from niva.domains.leads.queries import whole
from niva.domains.leads.sealing import Person, seen
from niva.domains.leads.states import Status
from niva.domains.people.actor import Actor

# Which mark a status carries; a mark is never the colour alone, its word stands beside it.
MARKS = {
    Status.NEW: ("is-waiting", "clock"),
    Status.CONTACTED: ("is-draft", "message-circle"),
    Status.QUALIFIED: ("is-scheduled", "circle-check"),
    Status.SOLD: ("is-out", "check"),
    Status.REFUSED: ("is-draft", "x"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """`person`: whole or masked, as the reader may see him; `who`: how he is called in one word or two.

    `heard`: his own words on how he heard of us; `marks`: those of the link. What in them could lead to the
    person (the same that goes when he is erased) is left out where he is masked.
    """

    lead: Lead
    person: Person
    who: str
    heard: str
    marks: dict[str, str]
    state: str
    icon: str


def line(lead: Lead, *, whole_seen: bool) -> Line:
    person = seen(lead, whole=whole_seen)
    state, icon = MARKS[Status(lead.status)]
    marks = {name: value for name, value in lead.utm_raw.items() if whole_seen or name != "term"}
    return Line(
        lead, person, who(lead, person), lead.how_heard if whole_seen else "", marks, state=state, icon=icon
    )


def who(lead: Lead, person: Person) -> str:
    """His name, else his contact, else his number."""
    if lead.erased_at:
        return _("erased, № %(n)s") % {"n": lead.pk}
    return person.name or person.contact or _("№ %(n)s") % {"n": lead.pk}


def lines(actor: Actor, client_id: int, leads: Iterable[Lead]) -> list[Line]:
    """The client must have come through the one door; one query beside the leads' own."""
    shown = whole(actor, client_id)
    return [line(lead, whole_seen=shown) for lead in leads]

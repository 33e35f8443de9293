"""Fragments: parts of a source that may stand alone, with what they are worth."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.sources.models import Fragment, Source
from niva.domains.sources.services import withdrawn
from niva.domains.sources.services.sources import mine
from niva.domains.sources.states import Permission, Tick
from niva.kit import transcripts

FIELDS: Final = frozenset({"start", "end", "theme", "strength", "quote", "evergreen", "permission", "ticks"})
MOST: Final = 300  # fragments of one source


@transaction.atomic
def add(actor: Actor, *, source_id: int, **values: Any) -> Fragment:
    """A new fragment of FIELDS. Raises NotFound, Forbidden, Invalid."""
    source = mine(actor, source_id)
    if source.fragments.count() >= MOST:
        raise Invalid.one("", _("A source has at most %(most)d fragments here.") % {"most": MOST})
    fragment = Fragment(
        workspace_id=source.workspace_id, client_id=source.client_id, source=source, created_by=actor.user
    )
    _write(fragment, source, values)
    fragment.save()
    record(actor, "fragment.added", fragment)
    return fragment


@transaction.atomic
def change(actor: Actor, *, fragment_id: int, version: int, **values: Any) -> Fragment:
    """Other values of FIELDS. `version`: as the person saw it. Raises as `add`, and Conflict."""
    fragment = _mine(actor, fragment_id)
    if fragment.version != version:
        raise Conflict(
            _(
                "Somebody has changed this fragment meanwhile: “%(theme)s”. What you typed stays in the "
                "form; save again to put it over that."
            )
            % {"theme": fragment.theme},
            fragment,
        )
    before = fragment.permission
    _write(fragment, fragment.source, values)
    fragment.version += 1
    fragment.save()
    record(actor, "fragment.changed", fragment)
    if fragment.permission == Permission.REFUSED != before:
        withdrawn.stop(actor, fragment.source, fragment)
    return fragment


@transaction.atomic
def delete(actor: Actor, *, fragment_id: int) -> Source:
    """Away with it; what was made of it stays. Returns its source. Raises NotFound, Forbidden."""
    fragment = _mine(actor, fragment_id)
    record(actor, "fragment.deleted", fragment)
    fragment.delete()
    return fragment.source


def _mine(actor: Actor, fragment_id: int) -> Fragment:
    rows = Fragment.objects.select_for_update(of=("self",), no_key=True).select_related("source")
    return access.get(actor, rows, fragment_id, can="write")


def _write(fragment: Fragment, source: Source, values: dict[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    for name, value in values.items():
        if name not in FIELDS:
            raise TypeError(f"a fragment has no field {name}")
        setattr(fragment, name, value)
    if not fragment.theme.strip():
        errors["theme"] = [_("Say in a few words what it is about.")]
    if fragment.strength not in range(1, 6):
        errors["strength"] = [_("From 1, weak, to 5, the best.")]
    if fragment.permission not in Permission.values or not set(fragment.ticks) <= set(Tick.values):
        errors[""] = [_("Choose from what is offered.")]
    errors |= _outside(fragment, source)
    if errors:
        raise Invalid(errors)


def _outside(fragment: Fragment, source: Source) -> dict[str, list[str]]:
    """What is wrong with its moments."""
    if fragment.start is None and fragment.end is None:
        return {}
    if fragment.start is None or fragment.end is None:
        return {"end": [_("Give both moments, or none for a quote out of a text.")]}
    if fragment.end <= fragment.start:
        return {"end": [_("It ends before it begins.")]}
    if source.duration is not None and fragment.end > source.duration:
        return {"end": [_("The recording ends at %(end)s.") % {"end": transcripts.clock(source.duration)}]}
    return {}


@transaction.atomic
def propose(actor: Actor, *, source_id: int) -> int:
    """Fragments by pauses and questions where none stand yet. A guess by signs, for a person to go over.

    Returns how many were made. Raises NotFound, Forbidden, Invalid.
    """
    source = mine(actor, source_id)
    cues = [transcripts.Cue(one.start, one.end, one.text, one.speaker) for one in source.cues.all()]
    if not cues:
        raise Invalid.one("", _("There is no transcript yet: bring one in first."))
    taken = [(one.start, one.end) for one in source.fragments.all() if one.start is not None]
    end = source.duration or cues[-1].end
    made = []
    for span in transcripts.propose(cues)[: MOST - len(taken)]:
        if any(start < span.end and (stop or 0) > span.start for start, stop in taken if start is not None):
            continue
        said = [cue.text for cue in cues[span.first : span.last + 1]]
        asked = said[0].rstrip().endswith("?")
        quote = next((text for text in said if not text.rstrip().endswith("?")), said[0])
        made.append(
            Fragment(
                workspace_id=source.workspace_id, client_id=source.client_id, source=source,
                created_by=actor.user, start=span.start, end=min(span.end, end), theme=said[0][:120],
                quote=quote[:1000], ticks=[Tick.QUESTION] if asked else [],
            )
        )  # fmt: skip
    made = [one for one in made if (one.end or 0) > (one.start or 0)]
    Fragment.objects.bulk_create(made)
    record(actor, "fragment.proposed", source, count=len(made))
    return len(made)

"""The page of a piece: what it is, where it stands, what is missing, and everything said and handed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from niva.domains.clients import access
from niva.domains.editorial import exits
from niva.domains.editorial import task_queries as queries
from niva.domains.editorial.mentions import Person
from niva.domains.editorial.models import Piece, Stage, Stay
from niva.domains.editorial.services.moves import may_move
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.services.pieces import people_of
from niva.domains.editorial.states import How, Off, PieceState, Reason, why_off
from niva.domains.people.actor import Actor
from niva.domains.people.queries import history
from niva.domains.publishing import queries as publishing
from niva.domains.publishing.approving import Remark
from niva.domains.publishing.models import Post, Revision
from niva.web.people import reading
from niva.web.people.doors import signed_in
from niva.web.pieces import places
from niva.web.pieces.forms import RemarkForm
from niva.web.posts.checks import lines_of
from niva.web.posts.differences import Part, compare
from niva.web.posts.previews import previews_of
from niva.web.tasks.forms import WaitForm
from niva.web.tasks.words import called
from niva.words.amounts import duration

REVISIONS: Final = 8  # the newest that are compared
TASKS: Final = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the line. `state`: "past", "now" or "ahead"; `lasted`: clock time there, all stays."""

    stage: Stage
    state: str
    lasted: str
    who: str
    stays: int


@dataclass(frozen=True, slots=True)
class Change:
    """A revision against the one before it in the same community; `parts` empty: only pictures or options."""

    revision: Revision
    community: str
    network: str
    parts: list[Part]


@never_cache
@signed_in
@require_safe
def piece(request: HttpRequest, piece_id: int) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return render(request, "pieces/page.html", context_of(actor, piece_id))


def context_of(actor: Actor, piece_id: int, **more: Any) -> dict[str, Any]:
    """All of the page in a bounded number of queries; `more`: forms that came back.

    Raises NotFound, Forbidden.
    """
    rows = Piece.objects.select_related(
        "client", "stage", "responsible", "author", "designer", "accepted_by"
    ).prefetch_related(queries.files_with_versions(), "blocks__who")
    piece = access.get(actor, rows, piece_id, can="work")
    post = publishing.post_page(actor, piece.post_id)
    piece.post = post
    said = list(Remark.objects.filter(post=post).select_related("author", "resolved_by"))
    people = list(people_of(piece.client_id, piece.workspace_id))
    may = _may(actor, piece)
    return {
        "piece": piece,
        "post": post,
        "zone": piece.client.time_zone,
        "may": may,
        **_standing(piece),
        **_remarks(post, said, people),
        "previews": previews_of(lines_of(post), post.planned_at),
        "changes": _changes(post),
        "tasks": list(piece.tasks.select_related("assignee").order_by("closed_at", "due_at", "id")[:TASKS]),
        "trail": reading.lines(actor, history(actor, piece, most=30)),
        "waits": [one for one in piece.blocks.all() if one.until is None],
        "reasons": Reason.choices,
        "offs": Off.choices,
        "names": [str(one) for one in people],
        "remark_form": RemarkForm(post),
        "wait_form": WaitForm(),
        **more,
    }


def _may(actor: Actor, piece: Piece) -> dict[str, bool]:
    return {
        "move": may_move(actor, piece),
        "lead": access.may(actor, "edit", client_id=piece.client_id),
        "write": access.may(actor, "write", client_id=piece.client_id),
    }


def _standing(piece: Piece) -> dict[str, Any]:
    """The line of stages, what is missing, and where it may go from here."""
    stages = stages_of(piece.client)
    stays = list(piece.stays.select_related("responsible", "stage", "left_by"))
    now = timezone.now()
    here = piece.stage
    active = piece.state == PieceState.ACTIVE
    lacking = exits.missing(piece) if active else []
    ahead = [one for one in stages if one.position > here.position]
    return {
        "line": [_step(one, here, stays, now) for one in stages],
        "returns": [one for one in stays if one.how == How.BACK],
        "missing": [one for one in lacking if not one.by_hand],
        "ticks": [(key, words, piece.ticks.get(key)) for key, words in exits.by_hand(here)] if active else [],
        "lacks": bool(lacking),
        "next": ahead[0] if ahead else None,
        "further": ahead[1:],
        "back": [one for one in reversed(stages) if one.position < here.position],
        "why_off": why_off(piece.reason) if piece.reason else "",
    }


def _step(stage: Stage, here: Stage, stays: list[Stay], now: datetime) -> Step:
    own = [one for one in stays if one.stage_id == stage.pk]
    lasted = sum(((one.left_at or now) - one.entered_at for one in own), timedelta())
    state = "now" if stage.pk == here.pk else "past" if own else "ahead"
    who = str(own[-1].responsible or "") if own else ""
    words = duration(lasted.total_seconds(), get_language() or "ru") if own else ""
    return Step(stage, state, words, who, len(own))


def _remarks(post: Post, said: list[Remark], people: list[Any]) -> dict[str, Any]:
    found = places.looked(post, said)
    named = [Person(one.pk, str(one)) for one in people]
    shown = {one.pk: called(one.text, named) for one in said}
    return {"looked": found, "shown": shown, "open_count": len(found.open)}


def _changes(post: Post) -> list[Change]:
    """The newest revisions of all communities, each against the one before it."""
    rows = list(
        Revision.objects.filter(variant__post=post)
        .select_related("variant__community", "created_by")
        .order_by("-created_at", "-pk")[: REVISIONS * 2]
    )
    found = []
    for place, revision in enumerate(rows[:REVISIONS]):
        before = next((one for one in rows[place + 1 :] if one.variant_id == revision.variant_id), None)
        parts = compare(_text(before), _text(revision)) if before is not None else []
        community = revision.variant.community
        found.append(Change(revision, community.name, community.network, parts))
    return found


def _text(revision: Revision | None) -> str:
    if revision is None:
        return ""
    thread = [str(part.get("text", "")) for part in revision.content.get("thread", ())]
    return "\n\n".join([str(revision.content.get("text", "")), *thread])

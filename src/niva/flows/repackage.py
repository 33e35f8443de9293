"""Of a source come pieces: what the matrix offers, when each goes out, and how they get to the board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.communities.models import Community
from niva.domains.communities.queries import of_client
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services import pieces, tasks
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.sources import matrix, spreading
from niva.domains.sources.matrix import Row
from niva.domains.sources.models import Derivative, Fragment, Source
from niva.domains.sources.services.clips import may_be_made
from niva.domains.sources.services.sources import mine
from niva.domains.sources.spreading import Ground, Wish
from niva.domains.sources.states import SourceKind
from niva.flows import queue
from niva.kit.transcripts import clock

AGAIN: Final = timedelta(hours=1)  # in which the very same line is the same piece
MOST: Final = 60  # pieces that are made at once
_KIND_OF_TASK: Final = {"reel": "video", "video": "video", "card": "designer"}


@dataclass(frozen=True, slots=True)
class Offer:
    """One cell of the matrix: `words`: what it is there; `limits`: of that network."""

    row: Row
    community: Community
    words: str
    limits: dict[str, object]


@dataclass(slots=True)
class Line:
    """A piece that somebody wants. `at`: when it is to go out; None: no day yet."""

    row: str
    community_id: int
    fragment_id: int | None
    aim: str = ""
    hook: str = ""
    call: str = ""
    goal_id: int | None = None
    at: datetime | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Work:
    """Who gets the tasks. `assignee_id` None: no tasks, only days. `audience`: for whom all this is."""

    assignee_id: int | None = None
    audience: str = ""


def offers(actor: Actor, source: Source, fragment: Fragment | None) -> list[tuple[Row, list[Offer | None]]]:
    """The matrix for a fragment (or the source as a whole) and the client's communities, in their order.

    A cell is None where the row does not fit the network.
    """
    places = communities(actor, source)
    found = []
    for row in matrix.rows().values():
        if not _fits(row, source, fragment):
            continue
        cells = [
            Offer(row, one, row.place(one.network), matrix.limits_of(row, one.network))
            if matrix.takes(row, one.network)
            else None
            for one in places
        ]
        if any(cells):
            found.append((row, cells))
    return found


def communities(actor: Actor, source: Source) -> list[Community]:
    """Where the client's pieces go, the main one first: the one with most slots, then the oldest."""
    rows = list(of_client(actor, source.client_id).prefetch_related("slots"))
    return sorted(rows, key=lambda one: (-len(one.slots.all()), one.pk))


def _fits(row: Row, source: Source, fragment: Fragment | None) -> bool:
    if row.once and fragment is not None:
        return False
    if row.needs == "film":
        return source.is_video and (fragment is None or fragment.start is not None)
    if row.needs == "sound":
        return bool(source.path) or source.kind == SourceKind.RECORDING
    return fragment is not None or bool(source.text or source.transcript)


def lay_out(
    actor: Actor, source: Source, lines: Sequence[Line], *, weeks: int = spreading.USUAL_WEEKS,
    gap: int = spreading.GAP, since: datetime | None = None,
) -> None:  # fmt: skip
    """Give every line its day: free slots of the communities where they have slots, see `spreading`."""
    now = since or timezone.now()
    places = communities(actor, source)
    strengths = dict(source.fragments.values_list("pk", "strength"))
    wishes = [
        Wish(n, one.fragment_id, one.community_id, strengths.get(one.fragment_id or 0, 3))
        for n, one in enumerate(lines)
    ]
    ground = Ground(
        order=[one.pk for one in places],
        zones={one.pk: one.time_zone for one in places},
        slots=_slots(actor, places, weeks),
        taken=_taken(source),
    )
    for n, at in spreading.lay_out(wishes, ground, since=now, weeks=weeks, gap=gap).items():
        lines[n].at = at


def _slots(actor: Actor, places: Sequence[Community], weeks: int) -> dict[int, list[datetime]]:
    """The free slots without a rubric of those communities that have slots."""
    with_slots = [one.pk for one in places if one.slots.all()]
    found: dict[int, list[datetime]] = {pk: [] for pk in with_slots}
    if with_slots:
        for place in queue.places(actor, with_slots, within=timedelta(weeks=weeks)):
            if place.item is None:
                found[place.hole.community.pk].append(place.hole.at)
    return found


def _taken(source: Source) -> dict[int, list[date]]:
    """Days on which pieces of this source stand already, by community and its own clock."""
    found: dict[int, list[date]] = {}
    rows = source.derivatives.filter(piece__post__planned_at__isnull=False, community__isnull=False)
    for one in rows.select_related("community", "piece__post"):
        at = one.piece.post.planned_at if one.piece else None
        if at is not None and one.community is not None:
            found.setdefault(one.community.pk, []).append(
                at.astimezone(ZoneInfo(one.community.time_zone)).date()
            )
    return found


def look_over(lines: Sequence[Line]) -> None:
    """Warn of what is the same in several lines: a copy is no derivative. Words as people compare them."""
    for name, sentence in (
        ("hook", _("The same hook stands in another piece: people who follow both meet it twice.")),
        ("call", _("The same call stands in another piece. Ask for what fits this place.")),
    ):
        counted: dict[str, int] = {}
        for line in lines:
            key = " ".join(str(getattr(line, name)).casefold().split())
            counted[key] = counted.get(key, 0) + 1
        for line in lines:
            key = " ".join(str(getattr(line, name)).casefold().split())
            if key and counted[key] > 1:
                line.warnings.append(sentence)


@transaction.atomic
def make(
    actor: Actor, *, source_id: int, lines: Sequence[Line], work: Work | None = None
) -> list[Derivative]:
    """Put the pieces on the board, each linked to its source and fragment, with its day and its task.

    Raises NotFound, Forbidden, and Invalid with keys "n-field" for line n; nothing is made then.
    """
    source = mine(actor, source_id)
    if not lines:
        raise Invalid.one("", _("Choose at least one piece."))
    if len(lines) > MOST:
        raise Invalid.one("", _("At most %(most)d pieces at once.") % {"most": MOST})
    fragments = {one.pk: one for one in source.fragments.select_for_update(no_key=True)}
    errors = _missing(lines, fragments)
    if errors:
        raise Invalid(errors)
    work = work or Work()
    if work.assignee_id is not None and not work.audience.strip():
        raise Invalid.one("audience", _("Say for whom it is: a task without it is guessing."))
    made = []
    for line in lines:
        fragment = fragments[line.fragment_id] if line.fragment_id else None
        may_be_made(source.rights, fragment)
        made.append(_made_just_now(source, fragment, line) or _make_one(actor, source, fragment, line, work))
    used = {line.fragment_id for line in lines if line.fragment_id}
    source.fragments.filter(pk__in=used).update(taken_at=timezone.now())
    record(actor, "source.repackaged", source, count=len(made))
    return made


def _made_just_now(source: Source, fragment: Fragment | None, line: Line) -> Derivative | None:
    """The very same line, on the board already: a button pressed twice or a page sent again makes no copy.

    The caller holds the source's row, so of two at one moment the second finds what the first made.
    """
    since = timezone.now() - AGAIN
    same = source.derivatives.filter(
        row=line.row, community_id=line.community_id, fragment=fragment, aim=line.aim.strip(),
        hook=line.hook.strip(), call=line.call.strip(), created_at__gte=since, piece__isnull=False,
        piece__post__deleted_at__isnull=True,
    )  # fmt: skip
    return same.order_by("pk").last()


def _missing(lines: Sequence[Line], fragments: dict[int, Fragment]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for n, line in enumerate(lines):
        for name, sentence in (
            ("aim", _("Say what this piece is to bring.")),
            ("hook", _("Say how it begins: why anybody should stop here.")),
            ("call", _("Say what the reader is to do.")),
        ):
            if not str(getattr(line, name)).strip():
                errors[f"{n}-{name}"] = [sentence]
        if line.row not in matrix.rows() or (line.fragment_id and line.fragment_id not in fragments):
            errors[f"{n}-hook"] = [_("This fragment is not there any more. Go back and choose again.")]
        if line.at is not None and line.at <= timezone.now():
            errors[f"{n}-at"] = [_("This hour has passed already.")]
    return errors


def _make_one(actor: Actor, source: Source, fragment: Fragment | None, line: Line, work: Work) -> Derivative:
    row = matrix.rows()[line.row]
    place = f"{source.title}, {_span(fragment)}" if fragment and fragment.start is not None else source.title
    piece = pieces.propose(
        actor,
        client_id=source.client_id,
        title=_title(row, line, fragment)[:200],
        community_ids=[line.community_id],
        goal_id=line.goal_id,
        planned_at=line.at,
        unit=row.unit,
        hook=line.hook.strip(),
        call=line.call.strip(),
        audience=work.audience.strip()[:200],
        key_message=(fragment.quote or fragment.theme if fragment else source.title)[:400],
        origin=place[:400],
    )
    derivative = Derivative.objects.create(
        workspace_id=source.workspace_id, client_id=source.client_id, source=source, fragment=fragment,
        row=row.code, community_id=line.community_id, goal_id=line.goal_id, aim=line.aim.strip(),
        hook=line.hook.strip(), call=line.call.strip(), unit=row.unit, minutes=row.minutes, piece=piece,
        created_by=actor.user,
    )  # fmt: skip
    if work.assignee_id is not None:
        _set_task(actor, derivative, piece, work, place)
    return derivative


def _title(row: Row, line: Line, fragment: Fragment | None) -> str:
    return line.hook.strip() or (fragment.theme if fragment else row.name)


def _span(fragment: Fragment) -> str:
    return f"{clock(fragment.start or 0)}–{clock(fragment.end or 0)}"


def _set_task(actor: Actor, derivative: Derivative, piece: Piece, work: Work, place: str) -> None:
    """One task with the norm of its row; due a day before it goes out, in a week where it has no day."""
    kind = _KIND_OF_TASK.get(derivative.unit, "copywriter")
    planned = piece.post.planned_at
    now = timezone.now()
    due = planned - timedelta(days=1) if planned else now + timedelta(days=7)
    if due <= now:
        due = planned - (planned - now) / 2 if planned else now + timedelta(days=7)
    fragment = derivative.fragment
    length = ((fragment.end or 0) - (fragment.start or 0)) // 1000 if fragment else 0
    tasks.set_task(
        actor,
        client_id=derivative.client_id,
        kind=kind,
        title=piece.post.title[:200],
        assignee_id=work.assignee_id,
        due_at=due,
        piece_id=piece.pk,
        norm_minutes=derivative.minutes,
        brief={
            "goal": derivative.aim,
            "audience": work.audience,
            "message": piece.key_message,
            "do": derivative.call,
            "tone": _("As people speak in the source."),
            "facts": place,
            "material": place,
            "words_on_picture": derivative.hook,
            "brand": _("As always for this client."),
            "scenario": _("From the recording: %(place)s") % {"place": place},
            "seconds": str(max(1, length)),
            "subtitles": "burnt",
        },
    )

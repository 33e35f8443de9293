"""The newsroom's share of the day in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from math import ceil

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niva.domains.editorial.task_states import TaskState
from niva.domains.editorial.tasking import Task
from niva.domains.publishing.approving import Approval
from niva.flows.nudge import key_of
from niva.flows.office_day import Office, Question, Waiting
from niva.web.today.shape import Line, Nudge

Nudged = Mapping[str, datetime]


def piece_url(piece_id: int, post_id: int) -> str:
    """The page of a piece, or of its post where there is none."""
    return reverse("piece", args=[piece_id])


def mine(one: Waiting) -> Line:
    """A card that this person has."""
    piece = one.piece
    return Line(
        networks=[],
        who=piece.client.name,
        what=_("“%(title)s”: %(stage)s.") % {"title": _title(one), "stage": _stage(one)},
        why=_standing(one),
        due=piece.post.planned_at,
        due_note=_("planned") if piece.post.planned_at else "",
        action=_("Open"),
        icon="arrow-right",
        url=piece_url(piece.pk, piece.post_id),
        late=one.late,
        zone=piece.client.time_zone,
    )


def others(one: Waiting, nudged: Nudged) -> Line:
    """A card that stands too long with somebody else."""
    piece = one.piece
    who = str(piece.responsible) if piece.responsible else _("nobody")
    return Line(
        networks=[],
        who=piece.client.name,
        what=_("“%(title)s”: %(stage)s, %(who)s.") % {"title": _title(one), "stage": _stage(one), "who": who},
        why=_standing(one),
        due=None,
        due_note="",
        action=_("Open"),
        icon="arrow-right",
        url=piece_url(piece.pk, piece.post_id),
        late=True,
        zone=piece.client.time_zone,
        nudge=_nudge("piece", piece.pk, nudged) if piece.responsible else None,
    )


def question(one: Question) -> Line:
    """A client's remark that waits for our word."""
    remark = one.remark
    hours = ceil(abs(one.left))
    if one.left < 0:
        why = ngettext(
            "Our limit passed %(n)s working hour ago.", "Our limit passed %(n)s working hours ago.", hours
        )
    else:
        why = ngettext("%(n)s working hour is left.", "%(n)s working hours are left.", hours)
    return Line(
        networks=[],
        who=remark.client.name,
        what=_("%(who)s asks about “%(title)s”: “%(text)s”")
        % {"who": remark.author_name, "title": remark.post, "text": _short(remark.text)},
        why=why % {"n": hours},
        due=remark.at,
        due_note=_("written"),
        action=_("Answer"),
        icon="message",
        url=piece_url(remark.post.piece.pk, remark.post_id) + f"#remark-{remark.pk}",
        late=one.left < 0,
        zone=remark.client.time_zone,
    )


def task(one: Task, now: datetime) -> Line:
    """A task of this person, near or over its deadline, or returned to him."""
    returned = one.state == TaskState.RETURNED
    return _task(
        one,
        why=_("It came back to you: see what to mend.") if returned else "",
        action=_("Open the task"),
        late=one.due_at < now,
    )


def handed(one: Task) -> Line:
    """Handed over to this person, who asked for it."""
    why = _("%(who)s has handed it over: accept it or return it.") % {"who": one.assignee or _("Somebody")}
    return _task(one, why=why, action=_("Look at it"), late=False)


def late_task(one: Task, nudged: Nudged) -> Line:
    """Somebody is late with what this person asked for."""
    who = str(one.assignee) if one.assignee else _("nobody")
    line = _task(one, why=f"{who}.", action=_("Open the task"), late=True)
    return replace(line, nudge=_nudge("task", one.pk, nudged) if one.assignee else None)


def _task(one: Task, *, why: str, action: str, late: bool) -> Line:
    return Line(
        networks=[],
        who=one.client.name,
        what=_("Task: %(title)s.") % {"title": one.title},
        why=why,
        due=one.due_at,
        due_note=_("was due at") if late else _("deadline"),
        action=action,
        icon="checkbox",
        url=reverse("task", args=[one.pk]),
        late=late,
        zone=one.client.time_zone,
    )


def approval(one: Approval, nudged: Nudged, now: datetime) -> Line:
    """A client who is about to be late with his decision, or is."""
    late = one.due_at < now
    return Line(
        networks=[],
        who=one.client.name,
        what=_("%(who)s has not decided on “%(title)s”.") % {"who": one.approver_name, "title": one.post},
        why=_("Until then it does not go out.") if late else "",
        due=one.due_at,
        due_note=_("the term has ended") if late else _("the term ends"),
        action=_("Open"),
        icon="checks",
        url=reverse("approval", args=[one.pk]),
        late=late,
        zone=one.client.time_zone,
        nudge=_nudge("approval", one.pk, nudged),
    )


def quiet(found: Office) -> list[Line]:
    """What asks for a quiet half an hour: a change to decide on, and what is left to take."""
    lines = [
        Line(
            networks=[],
            who=one.client.name if one.client else _("All clients"),
            what=_("On trial: %(change)s.") % {"change": one.change.rstrip(".")},
            why=_("The day to decide has come: keep it or roll it back."),
            due=None,
            due_note="",
            action=_("Decide"),
            icon="scale",
            url=reverse("kaizen"),
        )
        for one in found.changes
    ]
    if found.left is not None:
        fragment = found.left
        lines.append(
            Line(
                networks=[],
                who=fragment.client.name,
                what=_("Nobody has used it yet: “%(theme)s”.") % {"theme": fragment.theme},
                why=_("From “%(source)s”.") % {"source": fragment.source.title},
                due=None,
                due_note="",
                action=_("Make something of it"),
                icon="recycle",
                url=reverse("source", args=[fragment.source_id]),
            )
        )
    return lines


def _nudge(kind: str, pk: int, nudged: Nudged) -> Nudge:
    return Nudge(kind, pk, nudged.get(key_of(kind, pk)))


def _title(one: Waiting) -> str:
    return str(one.piece.post) or _("untitled")


def _stage(one: Waiting) -> str:
    text = str(one.piece.stage)
    return text[:1].lower() + text[1:]


def _standing(one: Waiting) -> str:
    """How long it has stood, against what was agreed; nothing while it is in time."""
    hours = ceil(one.hours)
    if not one.late:
        return ""
    stands = ngettext("Stands %(n)s working hour", "Stands %(n)s working hours", hours) % {"n": hours}
    return _("%(stands)s instead of %(norm)s.") % {"stands": stands, "norm": one.piece.stage.hours}


def _short(text: str, most: int = 90) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rpartition(" ")[0] + "…"

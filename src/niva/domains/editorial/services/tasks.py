"""Tasks: given with a brief, taken, handed over, accepted or returned with a reason; what is said in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.editorial import briefs
from niva.domains.editorial.mentions import Person, mentions
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services.pieces import people_of
from niva.domains.editorial.states import Reason
from niva.domains.editorial.task_states import ARROWS, DONE, TaskState
from niva.domains.editorial.tasking import Task, TaskNote, TaskStep
from niva.domains.notices.services import tell
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Forbidden, Invalid
from niva.domains.people.models import User

MOST_POINTS: Final = 40  # of a checklist
POINT: Final = 200  # characters of one
LONGEST_NORM: Final = 60 * 24 * 60  # minutes


@transaction.atomic
def set_task(
    actor: Actor,
    *,
    client_id: int,
    kind: str,
    title: str,
    assignee_id: int | None,
    due_at: datetime | None,
    brief: Mapping[str, Any],
    piece_id: int | None = None,
    norm_minutes: int | None = None,
    checklist: Sequence[str] | None = None,
) -> Task:
    """Give somebody a task, or oneself: giving it to others takes "edit". The brief must be whole.

    Without `norm_minutes` and `checklist` those of the brief. Raises NotFound, Forbidden, Invalid.
    """
    client = access.get(actor, Client.objects.all(), client_id, can="work")
    piece = _piece(actor, client, piece_id)
    errors: dict[str, list[str]] = {}
    kept = _gathered(errors, lambda: briefs.cleaned(kind, brief), {})
    assignee = _gathered(errors, lambda: _worker(client, assignee_id), None)
    _gathered(errors, lambda: _named(title), None)
    _gathered(errors, lambda: _in_time(kind, kept, due_at, piece), None)
    points = _gathered(errors, lambda: _points(kind, checklist), [])
    norm = _gathered(errors, lambda: _norm(kind, norm_minutes), 0)
    if errors or due_at is None:
        raise Invalid(errors)
    if assignee != actor.user:
        access.demand(actor, "edit", client_id=client.pk)
    task = Task.objects.create(
        workspace=actor.workspace,
        client=client,
        piece=piece,
        kind=kind,
        title=title.strip(),
        brief=kept,
        set_by=actor.user,
        assignee=assignee,
        due_at=due_at,
        norm_minutes=norm,
        checklist=[{"text": point, "done": False} for point in points],
    )
    _step(actor, task, "set", to=assignee)
    record(actor, "task.set", task, to=str(assignee))
    _told(actor, task, "task_given", [assignee], due=task.due_at.isoformat())
    return task


@transaction.atomic
def rewrite(
    actor: Actor,
    *,
    task_id: int,
    seen_version: int,
    title: str,
    due_at: datetime | None,
    brief: Mapping[str, Any],
    norm_minutes: int | None = None,
    checklist: Sequence[str] | None = None,
) -> Task:
    """Change what is asked, by who asked or leads. Ticked points stay ticked.

    Raises NotFound, Forbidden, Invalid, Conflict when it was changed since `seen_version`.
    """
    task = _locked(actor, task_id)
    _leads(actor, task)
    if task.state in DONE:
        raise Conflict(_("The task is closed already. Set a new one."), task)
    if task.version != seen_version:
        raise Conflict(
            _("Somebody has changed this task meanwhile. Look at it, then write your change."), task
        )
    errors: dict[str, list[str]] = {}
    kept = _gathered(errors, lambda: briefs.cleaned(task.kind, brief), {})
    _gathered(errors, lambda: _named(title), None)
    if due_at != task.due_at:
        _gathered(errors, lambda: _in_time(task.kind, kept, due_at, task.piece), None)
    points = _gathered(errors, lambda: _points(task.kind, checklist), [])
    norm = _gathered(errors, lambda: _norm(task.kind, norm_minutes), 0)
    if errors:
        raise Invalid(errors)
    before = {point["text"]: point for point in task.checklist}
    task.checklist = [before.get(point, {"text": point, "done": False}) for point in points]
    task.title, task.brief, task.norm_minutes = title.strip(), kept, norm
    task.due_at = due_at or task.due_at
    task.version += 1
    task.save()
    _step(actor, task, "changed")
    record(actor, "task.changed", task)
    _told(actor, task, "task_changed", [task.assignee])
    return task


@transaction.atomic
def give(actor: Actor, *, task_id: int, to_id: int | None) -> Task:
    """Give a task to somebody else. Raises NotFound, Forbidden, Invalid, Conflict."""
    task = _locked(actor, task_id)
    access.demand(actor, "edit", client_id=task.client_id)
    if task.state in DONE:
        raise Conflict(_("The task is closed already. Set a new one."), task)
    person = _worker(task.client, to_id)
    if person == task.assignee:
        return task
    task.assignee = person
    if task.state == TaskState.IN_WORK:
        task.state = TaskState.OPEN
    task.save()
    _step(actor, task, "given", to=person)
    record(actor, "task.given", task, to=str(person))
    _told(actor, task, "task_given", [person], due=task.due_at.isoformat())
    return task


@transaction.atomic
def go(actor: Actor, *, task_id: int, verb: str, seen: str = "", reason: str = "", note: str = "") -> Task:
    """Take, hand, accept, give_back or cancel. `seen`: the state in which the person saw it.

    Returning takes a reason of Reason and words; handing over with points not ticked takes words. Raises
    NotFound, Forbidden, Invalid, Conflict when the task is elsewhere already.
    """
    task = _locked(actor, task_id)
    if verb not in ARROWS:
        raise Invalid.one("", _("A task has no such button. Reload the page."))
    before, after = ARROWS[verb]
    if task.state not in before or (seen and task.state != seen):
        raise Conflict(
            _("Somebody was quicker: the task is “%(state)s” now.") % {"state": TaskState(task.state).label},
            task,
        )
    _may_go(actor, task, verb)
    note = note.strip()
    _words_given(task, verb, reason, note)
    task.state = after
    if verb == "hand":
        task.handed_at = timezone.now()
    if verb == "give_back":
        task.returns += 1
    if after in DONE:
        task.closed_at = timezone.now()
    task.save()
    _step(actor, task, verb, reason=reason if verb == "give_back" else "", note=note)
    record(actor, _VERBS[verb], task, reason=reason, note=note[:200])
    _tell_of(actor, task, verb, reason, note)
    return task


@transaction.atomic
def tick(actor: Actor, *, task_id: int, point: int, text: str, done: bool) -> Task:
    """Tick a point of the checklist, or take the tick away. `text`: what the person saw there.

    Raises NotFound, Forbidden, Conflict when the list has changed or the task is closed.
    """
    task = _locked(actor, task_id)
    works = actor.user is not None and task.assignee_id == actor.user.pk
    if not works:
        access.demand(actor, "edit", client_id=task.client_id)
    points = task.checklist
    if task.state in DONE or not 0 <= point < len(points) or points[point]["text"] != text:
        raise Conflict(_("The checklist has changed meanwhile. Look at it and tick again."), task)
    mark = {"by": actor.name, "at": timezone.now().isoformat()} if done else {}
    points[point] = {"text": text, "done": done, **mark}
    task.save(update_fields=["checklist"])
    return task


@transaction.atomic
def say(actor: Actor, *, task_id: int, text: str) -> TaskNote:
    """Write a note; who is called in it by name, and the other side of the task, are told.

    Raises NotFound, Forbidden, Invalid.
    """
    task = _locked(actor, task_id)
    text = text.replace("\x00", "").strip()
    if not text:
        raise Invalid.one("text", _("Write something first."))
    if len(text) > 4000:
        raise Invalid.one("text", _("Too long: %(most)d characters at most.") % {"most": 4000})
    note = TaskNote.objects.create(task=task, author=actor.user, author_name=actor.name[:120], text=text)
    record(actor, "task.noted", task)
    called = called_in(text, task.client)
    _told(actor, task, "mentioned", called, words=text[:200])
    others = {task.assignee, task.set_by} - set(called)
    _told(actor, task, "task_noted", others, words=text[:200])
    return note


def called_in(text: str, client: Client) -> list[User]:
    """The people of the client whom a text calls by @name."""
    people = {one.pk: one for one in people_of(client.pk, client.workspace_id)} if "@" in text else {}
    found = mentions(text, [Person(pk, str(one)) for pk, one in people.items()])
    return [people[pk] for pk in dict.fromkeys(one.pk for one in found)]


def may(actor: Actor, task: Task) -> frozenset[str]:
    """The verbs that this person may press now; "lead" = change and give, "tick" = the checklist."""
    verbs: set[str] = set()
    for verb, (before, _after) in ARROWS.items():
        try:
            _may_go(actor, task, verb)
        except (Forbidden, Invalid):
            continue
        if task.state in before:
            verbs.add(verb)
    edits = access.may(actor, "edit", client_id=task.client_id)
    if task.state not in DONE:
        verbs |= {"lead"} if edits or _is(actor, task.set_by_id) else set()
        verbs |= {"give"} if edits else set()
        verbs |= {"tick"} if edits or _is(actor, task.assignee_id) else set()
    return frozenset(verbs)


_VERBS: Final = {
    "take": "task.taken",
    "hand": "task.handed",
    "accept": "task.accepted",
    "give_back": "task.returned",
    "cancel": "task.cancelled",
}


def _locked(actor: Actor, task_id: int) -> Task:
    rows = Task.objects.select_for_update(of=("self",), no_key=True).select_related(
        "client", "piece__post", "assignee", "set_by"
    )
    return access.get(actor, rows, task_id, can="work")


def _is(actor: Actor, user_id: int | None) -> bool:
    return actor.user is not None and actor.user.pk == user_id


def _leads(actor: Actor, task: Task) -> None:
    if not _is(actor, task.set_by_id):
        access.demand(actor, "edit", client_id=task.client_id)


def _may_go(actor: Actor, task: Task, verb: str) -> None:
    if verb in ("take", "hand"):
        if not _is(actor, task.assignee_id):
            access.demand(actor, "edit", client_id=task.client_id)
        return
    _leads(actor, task)
    if verb == "accept" and _is(actor, task.assignee_id) and not _is(actor, task.set_by_id):
        raise Invalid.one("", _("Your own work is accepted by whoever gave it to you."))


def _words_given(task: Task, verb: str, reason: str, note: str) -> None:
    errors: dict[str, list[str]] = {}
    if verb == "give_back":
        if reason not in Reason.values:
            errors["reason"] = [_("Choose why it goes back.")]
        if not note:
            errors["note"] = [_("Say in words what is to be mended.")]
    if verb == "hand" and not note and not all(point["done"] for point in task.checklist):
        errors["note"] = [_("Points of the checklist are not ticked. Tick them, or say why not.")]
    if len(note) > 1000:
        errors["note"] = [_("Too long: %(most)d characters at most.") % {"most": 1000}]
    if errors:
        raise Invalid(errors)


def _tell_of(actor: Actor, task: Task, verb: str, reason: str, note: str) -> None:
    match verb:
        case "hand":
            _told(actor, task, "task_handed", [task.set_by])
        case "accept":
            _told(actor, task, "task_accepted", [task.assignee])
        case "give_back":
            _told(actor, task, "task_returned", [task.assignee], reason=reason, words=note[:200])
        case "cancel":
            _told(actor, task, "task_cancelled", [task.assignee])


def _told(actor: Actor, task: Task, kind: str, users: Iterable[User | None], **facts: Any) -> None:
    url = reverse("task", args=[task.pk])
    key = "" if kind in ("mentioned", "task_noted") else f"task:{task.pk}:{kind}"
    tell(actor, users=users, kind=kind, url=url, client=task.client, key=key, title=task.title, **facts)


def _step(
    actor: Actor, task: Task, verb: str, *, reason: str = "", note: str = "", to: User | None = None
) -> None:
    TaskStep.objects.create(
        task=task,
        verb=verb,
        state=task.state,
        reason=reason,
        note=note[:1000],
        to=to,
        by=actor.user,
        by_name=actor.name[:120],
    )


def _gathered(errors: dict[str, list[str]], read: Any, otherwise: Any) -> Any:
    """The value, or its errors among the others: all that is wrong is said at once."""
    try:
        return read()
    except Invalid as error:
        errors |= error.errors
        return otherwise


def _piece(actor: Actor, client: Client, piece_id: int | None) -> Piece | None:
    if piece_id is None:
        return None
    rows = Piece.objects.filter(client=client).select_related("post__goal")
    return access.get(actor, rows, piece_id, can="work")


def _worker(client: Client, user_id: int | None) -> User:
    person = people_of(client.pk, client.workspace_id).filter(pk=user_id).first() if user_id else None
    if person is None:
        raise Invalid.one("assignee", _("Choose somebody who works for this client."))
    return person


def _named(title: str) -> None:
    if not title.strip():
        raise Invalid.one("title", _("Say in a few words what is to be done."))
    if len(title.strip()) > 200:
        raise Invalid.one("title", _("Too long: %(most)d characters at most.") % {"most": 200})


def _in_time(kind: str, brief: Mapping[str, str], due_at: datetime | None, piece: Piece | None) -> None:
    """A deadline that can be kept. One whose slack is small is taken: the page says so."""
    if due_at is None:
        raise Invalid.one("due", _("Choose a day and an hour."))
    if due_at <= timezone.now():
        raise Invalid.one("due", _("This hour has passed already."))
    left = briefs.slack_left(due_at, briefs.wanted_by(kind, brief, piece.post.planned_at if piece else None))
    if left is not None and left.total_seconds() < 0:
        raise Invalid.one("due", _("This is later than the hour it is wanted for."))


def _points(kind: str, checklist: Sequence[str] | None) -> list[str]:
    if checklist is None:
        return briefs.brief_of(kind).checklist
    points = list(dict.fromkeys(point.strip() for point in checklist if point.strip()))
    if len(points) > MOST_POINTS or any(len(point) > POINT for point in points):
        raise Invalid.one("checklist", _("At most 40 points of 200 characters each."))
    return points


def _norm(kind: str, minutes: int | None) -> int:
    if minutes is None:
        return briefs.brief_of(kind).norm
    if not 0 <= minutes <= LONGEST_NORM:
        raise Invalid.one("norm", _("Write minutes, at most 60 days of them."))
    return minutes

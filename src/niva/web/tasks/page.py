"""The page of a task and its buttons, made for a phone first."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from niva.domains.editorial import briefs
from niva.domains.editorial import task_queries as queries
from niva.domains.editorial.mentions import Person
from niva.domains.editorial.services import blocks, tasks
from niva.domains.editorial.services.pieces import people_of
from niva.domains.editorial.sizes import sizes_of
from niva.domains.editorial.task_states import TaskState
from niva.domains.editorial.tasking import Task
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Invalid
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.web.tasks.forms import NoteForm, ReturnForm, WaitForm
from niva.web.tasks.words import LOOKS, called, size_words, slack_words, step_words


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@never_cache
@signed_in
@require_safe
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    return render(request, "tasks/page.html", context_of(actor_of(request), task_id))


def context_of(actor: Actor, task_id: int, **forms: Any) -> dict[str, Any]:
    """All of the page; `forms`: those that came back with errors, in place of empty ones."""
    task = queries.task(actor, task_id)
    people = list(people_of(task.client_id, task.client.workspace_id))
    named = [Person(one.pk, str(one)) for one in people]
    kinds = briefs.briefs()
    brief = kinds.get(task.kind)
    return {
        "task": task,
        "look": LOOKS[TaskState(task.state)],
        "kind": brief.name if brief else task.kind,
        "asked": briefs.answers(task.kind, task.brief),
        "sizes": size_words(sizes_of(task.piece)) if brief and brief.sizes else [],
        "slack": slack_words(task) if task.closed_at is None else "",
        "late": queries.is_late(task),
        "left": task.assignee_id not in {one.pk for one in people},
        "may": tasks.may(actor, task),
        "people": people,
        "names": [str(one) for one in people],
        "zone": task.client.time_zone,
        "notes": [(note, called(note.text, named)) for note in task.notes.all()],
        "steps": [(step, step_words(step)) for step in task.steps.all()],
        "waits": [one for one in task.blocks.all() if one.until is None],
        "waited": [one for one in task.blocks.all() if one.until is not None],
        "note_form": NoteForm(),
        "hand_form": None,
        "return_form": ReturnForm(),
        "wait_form": WaitForm(),
        "now": timezone.now(),
        **forms,
    }


def _again(request: HttpRequest, task_id: int, status: int, **forms: Any) -> HttpResponse:
    """The page once more with what was typed."""
    return render(request, "tasks/page.html", context_of(actor_of(request), task_id, **forms), status=status)


@require_POST
@signed_in
def go(request: HttpRequest, task_id: int) -> HttpResponse:
    """Take, hand over, accept, return, cancel. What is missing comes back at its box, 409 on a lost race."""
    verb, note = request.POST.get("verb", ""), request.POST.get("note", "")
    form = ReturnForm(request.POST)
    form.is_valid()
    try:
        done = tasks.go(
            actor_of(request),
            task_id=task_id,
            verb=verb,
            seen=request.POST.get("seen", ""),
            reason=request.POST.get("reason", ""),
            note=note,
        )
    except Invalid as error:
        if verb == "give_back":
            show(form, error)
            return _again(request, task_id, 422, return_form=form)
        said = error.sentence
        return _again(request, task_id, 422, hand_error=said, hand_note=note)
    except Conflict as error:
        return _again(request, task_id, 409, conflict=str(error), hand_note=note, return_form=form)
    if done.closed_at is not None or verb == "give_back":
        return redirect("tasks") if request.POST.get("back") == "list" else redirect("task", task_id)
    return redirect("task", task_id)


@require_POST
@signed_in
def give(request: HttpRequest, task_id: int) -> HttpResponse:
    """To somebody else."""
    chosen = request.POST.get("to", "")
    try:
        task = tasks.give(
            actor_of(request),
            task_id=task_id,
            to_id=int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None,
        )
    except Invalid as error:
        return _again(request, task_id, 422, give_error=" ".join(error.errors["assignee"]))
    except Conflict as error:
        return _again(request, task_id, 409, conflict=str(error))
    messages.success(request, _("%(who)s has it now and is told.") % {"who": task.assignee})
    return redirect("task", task_id)


@require_POST
@signed_in
def tick(request: HttpRequest, task_id: int) -> HttpResponse:
    """One point of the checklist."""
    point = request.POST.get("point", "")
    try:
        tasks.tick(
            actor_of(request),
            task_id=task_id,
            point=int(point) if point.isdecimal() and len(point) < 4 else -1,
            text=request.POST.get("text", ""),
            done=request.POST.get("done") == "1",
        )
    except Conflict as error:
        return _again(request, task_id, 409, conflict=str(error))
    if request.headers.get("HX-Request"):
        return render(request, "tasks/checklist.html", context_of(actor_of(request), task_id))
    return redirect("task", task_id)


@require_POST
@signed_in
def say(request: HttpRequest, task_id: int) -> HttpResponse:
    """A note to the task."""
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            note = tasks.say(actor_of(request), task_id=task_id, text=form.cleaned_data["text"])
        except Invalid as error:
            show(form, error)
        else:
            return redirect(f"{_address(note.task)}#note-{note.pk}")
    return _again(request, task_id, 422, note_form=form)


@require_POST
@signed_in
def wait(request: HttpRequest, task_id: int) -> HttpResponse:
    """It cannot go on: since now, and why."""
    form = WaitForm(request.POST)
    if form.is_valid():
        try:
            blocks.begin(actor_of(request), task_id=task_id, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        except Conflict as error:
            return _again(request, task_id, 409, conflict=str(error), wait_form=form)
        else:
            return redirect("task", task_id)
    return _again(request, task_id, 422, wait_form=form)


@require_POST
@signed_in
def wait_end(request: HttpRequest, block_id: int) -> HttpResponse:
    """It goes on."""
    block = blocks.end(actor_of(request), block_id=block_id)
    if block.task_id is not None:
        return redirect("task", block.task_id)
    return redirect("piece", block.piece_id)


def _address(task: Task) -> str:
    return redirect("task", task.pk).url

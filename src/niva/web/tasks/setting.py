"""Setting a task: whose it is, which kind, then the brief, filled from what is known already."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.editorial import briefs
from niva.domains.editorial import task_queries as queries
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services import tasks
from niva.domains.editorial.services.pieces import people_of
from niva.domains.editorial.sizes import sizes_of
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Forbidden, Invalid
from niva.domains.people.models import User
from niva.web.people.doors import signed_in
from niva.web.tasks.forms import TaskForm, begin_with, of_task
from niva.web.tasks.words import size_words, slack_words


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The client and the kind come by the address; without them they are asked for first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    piece = _piece(actor, request.GET.get("piece", ""))
    client = piece.client if piece else _client(actor, request.GET.get("client", ""))
    brief = briefs.briefs().get(request.GET.get("kind", ""))
    if client is None or brief is None:
        return _choose(request, actor, client, piece)
    people = _people(actor, client)
    if request.method != "POST":
        begun = queries.begun(actor, client=client, kind=brief.kind, piece=piece)
        assignee = begun.assignee_id if begun.assignee_id in {one.pk for one in people} else None
        initial = begin_with(
            begun.title, begun.brief, assignee, begun.due_at,
            norm=brief.norm, checklist=brief.checklist, zone=client.time_zone,
        )  # fmt: skip
        form = TaskForm(brief, people, client.time_zone, initial=initial)
        return _form(request, form, client, piece, short=begun.short)
    form = TaskForm(brief, people, client.time_zone, data=request.POST)
    if form.is_valid():
        try:
            task = tasks.set_task(
                actor,
                client_id=client.pk,
                kind=brief.kind,
                piece_id=piece.pk if piece else None,
                assignee_id=form.cleaned_data["assignee"],
                **form.values,
            )
        except Invalid as error:
            form.show(error)
        else:
            messages.success(request, _("The task is set, %(who)s is told.") % {"who": task.assignee})
            if said := slack_words(task):
                messages.warning(request, said)
            return redirect("task", task.pk)
    return _form(request, form, client, piece, status=422)


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, task_id: int) -> HttpResponse:
    """Change what is asked; on top of somebody else's change: 409, with what was typed still there."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    task = queries.task(actor, task_id)
    if "lead" not in tasks.may(actor, task):
        raise Forbidden("edit")
    brief, people = briefs.brief_of(task.kind), _people(actor, task.client)
    context: dict[str, Any] = {"task": task, "version": task.version}
    if request.method != "POST":
        form = TaskForm(brief, people, task.client.time_zone, initial=of_task(task))
        return _form(request, form, task.client, task.piece, **context)
    form = TaskForm(brief, people, task.client.time_zone, data=request.POST)
    status = 422
    if form.is_valid():
        seen = request.POST.get("version", "")
        try:
            changed = tasks.rewrite(
                actor,
                task_id=task.pk,
                seen_version=int(seen) if seen.isdecimal() and len(seen) < 19 else 0,
                **form.values,
            )
        except Invalid as error:
            form.show(error)
        except Conflict as error:
            form.add_error(None, str(error))
            status = 409
        else:
            if said := slack_words(changed):
                messages.warning(request, said)
            return redirect("task", task.pk)
    return _form(request, form, task.client, task.piece, status=status, **context)


def _form(
    request: HttpRequest, form: TaskForm, client: Client, piece: Piece | None, status: int = 200, **more: Any
) -> HttpResponse:
    sizes = size_words(sizes_of(piece)) if form.brief.sizes else []
    context = {"form": form, "client": client, "piece": piece, "brief": form.brief, "sizes": sizes, **more}
    return render(request, "tasks/form.html", context, status=status)


def _choose(request: HttpRequest, actor: Actor, client: Client | None, piece: Piece | None) -> HttpResponse:
    """Whose task and of which kind."""
    clients = access.visible(actor, Client.objects.filter(archived_at__isnull=True), can="work")
    context = {
        "clients": clients,
        "client": client,
        "piece": piece,
        "kinds": briefs.briefs().values(),
    }
    return render(request, "tasks/choose.html", context)


def _people(actor: Actor, client: Client) -> list[User]:
    """To whom this person may give a task: everybody there, or himself alone."""
    people = people_of(client.pk, client.workspace_id)
    if access.may(actor, "edit", client_id=client.pk):
        return list(people)
    return list(people.filter(pk=actor.user.pk)) if actor.user else []


def _piece(actor: Actor, number: str) -> Piece | None:
    if not number:
        return None
    rows = Piece.objects.select_related("client", "post__goal")
    return access.get(actor, rows, number, can="work")


def _client(actor: Actor, number: str) -> Client | None:
    if number:
        return access.get(actor, Client.objects.all(), number, can="work")
    rows = list(access.visible(actor, Client.objects.filter(archived_at__isnull=True), can="work")[:2])
    if not rows and not actor.everywhere:
        raise Forbidden("work")
    return rows[0] if len(rows) == 1 else None

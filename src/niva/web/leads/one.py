"""One lead: where he came from, how it went on, the buttons."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from niva.domains.clients import access
from niva.domains.leads import queries
from niva.domains.leads.models import ClientSays, Lead, LeadStep
from niva.domains.leads.services import changing
from niva.domains.leads.services.changing import lead_of
from niva.domains.leads.states import BACK, FORWARD, Reason, Status
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.people.queries import members
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.leads.forms import ChangeForm, MoveForm, SaysForm
from niva.web.leads.rows import line
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


@signed_in
@require_safe
def lead(request: HttpRequest, pk: int, lead: int) -> HttpResponse:
    """Everything that is known of one who came, as the reader may see it."""
    actor = actor_of(request)
    return _page(request, actor, lead_of(actor, pk, lead))


def _page(
    request: HttpRequest,
    actor: Actor,
    row: Lead,
    *,
    change_form: ChangeForm | None = None,
    error: str = "",
    move: MoveForm | None = None,
    status: int = 200,
) -> HttpResponse:
    client = row.client
    may = {can: access.may(actor, can, client_id=client.pk) for can in ("work", "goals", "approve")}
    whole = queries.whole(actor, client.pk)
    context = contexts.frame(actor, client, "numbers")
    context["may"] |= may
    context |= {
        "lead": row,
        "line": line(row, whole_seen=whole),
        "whole": whole,
        "steps": [(step, _says(step)) for step in row.steps.all()] if may["work"] else [],
        "doubles": list(row.doubles.order_by("came_at")[:20]),
        "forward": [one for one in FORWARD[row.status] if one != Status.REFUSED],
        "back": BACK[row.status],
        "reasons": Reason.choices,
        "says": [choice for choice in ClientSays.choices if choice[0] != ClientSays.NOTHING],
        "form": change_form or _form(actor, row, None),
        "said_form": SaysForm(initial={"what": row.client_says}),
        "error": error,
        "move": move.data if move else {},
    }
    return render(request, "leads/lead.html", context, status=status)


def _form(actor: Actor, row: Lead, posted: Any) -> ChangeForm:
    names = ("amount", "margin", "owner_id", "how_heard", "first_answered_at")
    initial = {name: getattr(row, name) for name in names}
    initial["link"] = row.publication.url if row.publication else ""
    people = people_of(actor)
    return ChangeForm(posted, people=people, zone=row.client.time_zone, initial=initial)


def people_of(actor: Actor) -> list[tuple[int, str]]:
    """Who may answer a lead: everybody in the team, to choose from."""
    return [(one.user_id, str(one.user)) for one in members(actor.workspace)]


def _says(step: LeadStep) -> str:
    """What a line of the history says."""
    statuses, says = dict(Status.choices), dict(ClientSays.choices)
    if step.what == "came":
        return _("Came into the list: %(now)s") % {"now": statuses.get(step.now, step.now)}
    if step.what == "moved":
        words = {"was": statuses.get(step.was, step.was), "now": statuses.get(step.now, step.now)}
        return _("%(was)s → %(now)s") % words
    if step.what == "says":
        return _("The client says: %(now)s") % {"now": says.get(step.now, step.now)}
    if step.what == "apart":
        return _("A purchase of its own") if step.now == "yes" else _("A repeat after all")
    if step.what == "erased":
        return _("The personal data was erased")
    return _("Changed: %(fields)s") % {"fields": ", ".join(_word(one) for one in step.words.split(", "))}


def _word(field: str) -> str:
    return {
        "amount": _("sum"), "margin": _("margin"), "owner_id": _("who answers"), "goal_id": _("goal"),
        "first_answered_at": _("first answer"), "how_heard": _("how he heard of us"), "link": _("post"),
    }.get(field, field)  # fmt: skip


@signed_in
@require_POST
def move(request: HttpRequest, pk: int, lead: int) -> HttpResponse:
    """A press of a status."""
    actor = actor_of(request)
    row = lead_of(actor, pk, lead)
    access.demand(actor, "work", client_id=pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, row, error=_("Choose where it goes."), move=form, status=422)
    try:
        changing.move(actor, lead_id=lead, **form.cleaned_data)
    except Invalid as error:
        return _page(request, actor, row, error=error.sentence, move=form, status=422)
    except Conflict as conflict:
        return _page(request, actor, lead_of(actor, pk, lead), error=str(conflict), move=form, status=409)
    return redirect("lead", pk, lead)


@signed_in
@require_POST
def change(request: HttpRequest, pk: int, lead: int) -> HttpResponse:
    """Sum, margin, who answers, when he was answered, which post."""
    actor = actor_of(request)
    row = lead_of(actor, pk, lead)
    access.demand(actor, "work", client_id=pk)
    form = _form(actor, row, request.POST)
    if form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name in form.changed_data}
        try:
            changing.change(actor, lead_id=lead, values=values)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("lead", pk, lead)
    return _page(request, actor, row, change_form=form, status=422)


@signed_in
@require_POST
def says(request: HttpRequest, pk: int, lead: int) -> HttpResponse:
    """The client himself: yes, my buyer; he came; not mine."""
    actor = actor_of(request)
    row = lead_of(actor, pk, lead)
    access.demand(actor, "approve", client_id=pk)
    try:
        changing.says(actor, lead_id=row.pk, what=request.POST.get("what", ""))
    except Invalid as error:
        return _page(request, actor, row, error=error.sentence, status=422)
    back = request.POST.get("back") == "list"
    messages.success(request, _("Noted. You can change it at any time."))
    return redirect("client_leads", pk) if back else redirect("lead", pk, lead)


@signed_in
@require_POST
def said(request: HttpRequest, pk: int, lead: int) -> HttpResponse:
    """What the client said by telephone or in a letter, written down by us with how it is known."""
    actor = actor_of(request)
    row = lead_of(actor, pk, lead)
    access.demand(actor, "goals", client_id=pk)
    form = SaysForm(request.POST)
    how = request.POST.get("how", "").strip()
    if not form.is_valid() or not how:
        wanted = _("Say what the client says and how it is known: he called, he wrote, on which day.")
        return _page(request, actor, row, error=wanted, status=422)
    changing.says(actor, lead_id=row.pk, what=form.cleaned_data["what"], how=how)
    messages.success(request, _("Written down as said by the client."))
    return redirect("lead", pk, lead)


@signed_in
@require_POST
def apart(request: HttpRequest, pk: int, lead: int) -> HttpResponse:
    """A repeat that is a purchase of its own, or the other way round."""
    actor = actor_of(request)
    lead_of(actor, pk, lead)
    changing.set_apart(actor, lead_id=lead, apart=request.POST.get("apart") == "yes")
    return redirect("lead", pk, lead)


@signed_in
@require_POST
def erase(request: HttpRequest, pk: int, lead: int) -> HttpResponse:
    """He has taken his consent back: the person goes, the row stays counted."""
    actor = actor_of(request)
    lead_of(actor, pk, lead)
    changing.erase(actor, lead_id=lead)
    messages.info(request, _("The personal data is erased. The lead stays in the counts without a name."))
    return redirect("lead", pk, lead)

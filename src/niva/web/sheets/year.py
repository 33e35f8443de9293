"""The year's events of a client: which are shown, days of one's own, and pieces made of them."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access
from niva.domains.people.errors import Invalid
from niva.domains.strategy import calendar
from niva.domains.strategy.events import MOST_FREE, EventKind, known
from niva.flows import plan_ideas
from niva.web.clients.listing import actor_of
from niva.web.people.doors import safe_next, signed_in
from niva.web.people.forms import show
from niva.web.sheets.places import client_of, frame

AHEAD: Final = 120  # days that the list shows
DAY: Final = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class ChoiceForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Which days the plan shows"),
        choices=EventKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    free_share = forms.IntegerField(
        label=gettext_lazy("Keep free for what happens, %"),
        min_value=0,
        max_value=MOST_FREE,
        help_text=gettext_lazy(
            "Part of the slots. 15–20 % is usual: a plan without room is broken by the first news."
        ),
    )


class EventForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    day = forms.DateField(label=gettext_lazy("Day"), widget=DAY)
    yearly = forms.BooleanField(label=gettext_lazy("Every year"), required=False, initial=True)
    prepare_days = forms.IntegerField(
        label=gettext_lazy("Prepare so many days before"), min_value=0, max_value=120, initial=0
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)
    everywhere = forms.BooleanField(label=gettext_lazy("For all clients"), required=False)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """What comes in the next months; the choice of kinds; a new day of one's own."""
    actor = actor_of(request)
    client, clients = client_of(request, actor, can="work")
    chosen = calendar.settings_of(client)
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    initial = {"kinds": chosen.kinds, "free_share": chosen.free_share}
    choice = ChoiceForm(request.POST if doing == "choose" else None, initial=initial)
    event = EventForm(request.POST if doing == "add" else None)
    if not actor.everywhere:
        del event.fields["everywhere"]
    form: forms.Form = choice if doing == "choose" else event
    if doing and form.is_valid():
        try:
            if doing == "choose":
                calendar.choose(actor, client_id=client.pk, hidden=chosen.hidden, **form.cleaned_data)
            else:
                calendar.add_event(actor, client_id=client.pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            return _back(client.pk)
    today = timezone.now().astimezone(ZoneInfo(client.time_zone)).date()
    coming = calendar.happenings(actor, client, today, today + dt.timedelta(days=AHEAD))
    context = {
        **frame(actor, client, clients, "plan_events"),
        "choice": choice,
        "event": event,
        "coming": [(one, EventKind(one.kind).label) for one in coming],
        "hidden": [one for one in known() if one.code in chosen.hidden],
        "may": _may(actor, client.pk),
        "ahead": AHEAD,
        "today": today,
    }
    return render(
        request, "sheets/events.html", context, status=422 if choice.errors or event.errors else 200
    )


def _may(actor: Any, client_id: int) -> dict[str, bool]:
    return {can: access.may(actor, can, client_id=client_id) for can in ("write", "edit")}


def _back(client_id: int) -> HttpResponse:
    return redirect(f"{reverse('plan_events')}?client={client_id}")


@signed_in
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """A piece out of a day of the calendar."""
    actor = actor_of(request)
    client, _clients = client_of(request, actor, can="write")
    own = request.POST.get("own", "")
    try:
        day = dt.date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return _back(client.pk)
    piece = plan_ideas.from_event(
        actor, client_id=client.pk, day=day, code=request.POST.get("code", ""),
        own_id=int(own) if own.isdecimal() and len(own) < 18 else None,
    )  # fmt: skip
    messages.success(request, _("“%(title)s” is an idea on the board now.") % {"title": piece})
    return _back(client.pk)


@signed_in
@require_POST
def hide(request: HttpRequest) -> HttpResponse:
    """A single event that this client is not shown, or shown again."""
    actor = actor_of(request)
    client, _clients = client_of(request, actor, can="edit")
    chosen = calendar.settings_of(client)
    hidden = set(chosen.hidden) ^ {request.POST.get("code", "")}
    calendar.choose(
        actor, client_id=client.pk, kinds=chosen.kinds, hidden=sorted(hidden), free_share=chosen.free_share
    )
    return _back(client.pk)


@signed_in
@require_POST
def delete(request: HttpRequest, event_id: int) -> HttpResponse:
    calendar.delete_event(actor_of(request), event_id=event_id)
    return redirect(safe_next(request, reverse("plan_events")))

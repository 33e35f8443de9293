"""Links by which a client reads his plan: made, shown once, ended; and the page that they open."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.clients import access
from niva.domains.editorial.planning import PlanLink
from niva.domains.editorial.states import StageKind
from niva.domains.people.errors import Invalid
from niva.domains.people.invitations import Spent
from niva.flows import plan_link
from niva.web.clients.listing import actor_of
from niva.web.decide.doors import secret_door
from niva.web.people.doors import absolute, signed_in
from niva.web.people.forms import show
from niva.web.plan.wish import month_of
from niva.web.plan.words import WEEKDAYS
from niva.web.sheets.places import client_of, frame

MONTHS_BACK: Final = 2
MONTHS_AHEAD: Final = 12
LISTED: Final = 40
WORDS: Final = {
    "out": (_("is out"), "published"),
    "scheduled": (_("goes out by itself"), "queued"),
    "made": (_("is being made"), "draft"),
    "off": (_("will not go out"), "cancelled"),
}


class LinkForm(forms.Form):
    name = forms.CharField(
        label=_("For whom"), max_length=120, help_text=_("So that you know which one to end.")
    )
    days = forms.TypedChoiceField(
        label=_("Lives"),
        coerce=int,
        choices=[(7, _("a week")), (30, _("a month")), (90, _("three months")), (365, _("a year"))],
        initial=30,
    )
    since = forms.ChoiceField(
        label=_("Shows pieces"),
        choices=[
            (StageKind.BRIEF, _("whose topic is accepted")),
            (StageKind.IDEA, _("from the idea on")),
            (StageKind.DRAFT, _("that are being written")),
            (StageKind.EDITING, _("that are written")),
            (StageKind.APPROVAL, _("that wait for the client, and further")),
        ],
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The links of a client, and the form for a new one. Its address is shown once, here."""
    actor = actor_of(request)
    client, clients = client_of(request, actor, can="edit")
    form = LinkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            link, secret = plan_link.make(actor, client_id=client.pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            request.session["plan_link"] = [link.pk, secret]
            return redirect(f"{reverse('plan_links')}?client={client.pk}")
    fresh = request.session.pop("plan_link", None)
    rows = access.visible(actor, PlanLink.objects.filter(client=client)).select_related("created_by")
    now = timezone.now()
    context = {
        **frame(actor, client, clients, "plan_links"),
        "form": form,
        "fresh": absolute(request, reverse("plan_for", args=[fresh[1]])) if fresh else "",
        "links": [(one, one.ended_at is None and one.expires_at > now) for one in rows[:LISTED]],
    }
    answer = render(request, "sheets/links.html", context, status=422 if form.errors else 200)
    if fresh:
        answer["Cache-Control"] = "no-store"
    return answer


@signed_in
@require_POST
def end(request: HttpRequest, link_id: int) -> HttpResponse:
    link = plan_link.end(actor_of(request), link_id=link_id)
    return redirect(f"{reverse('plan_links')}?client={link.client_id}")


@dataclass(slots=True)
class Cell:
    day: dt.date
    off: bool
    today: bool
    entries: list[Any] = field(default_factory=list)


@secret_door("plan_link")
@require_safe
def read(request: HttpRequest, token: str) -> HttpResponse:
    """The plan of a month for who has the link; nobody signs in, and nothing of the inside is here."""
    try:
        link = plan_link.find(token)
    except Spent as error:
        return render(request, "sheets/ended.html", {"how": str(error)}, status=410)
    today = timezone.now().astimezone(ZoneInfo(link.client.time_zone)).date()
    month = _month(request.GET.get("month", ""), today)
    first, last = month_of(month)
    days = {one.day: one.entries for one in plan_link.shown(link, first, last)}
    weeks = calendar.Calendar().monthdatescalendar(month.year, month.month)
    cells = [Cell(day, day.month != month.month, day == today, _said(days.get(day, ())))
             for week in weeks for day in week]  # fmt: skip
    context = {
        "client": link.client,
        "month": month,
        "cells": cells,
        "empty": not days,
        "count": sum(map(len, days.values())),
        "weekdays": WEEKDAYS,
        "before": _step(month, -1, today),
        "after": _step(month, 1, today),
    }
    return render(request, "sheets/shown.html", context)


def _said(entries: Any) -> list[dict[str, Any]]:
    return [
        {"entry": one, "word": WORDS[one.state][0], "state": WORDS[one.state][1]}
        for one in sorted(entries, key=lambda one: one.hour)
    ]


def _month(text: str, today: dt.date) -> dt.date:
    match = re.fullmatch(r"(\d{4})-(\d{2})", text, re.ASCII)
    if match and 1 <= int(match[2]) <= 12 and int(match[1]) > 0:
        asked = dt.date(int(match[1]), int(match[2]), 1)
        if -MONTHS_BACK <= _apart(asked, today) <= MONTHS_AHEAD:
            return asked
    return today.replace(day=1)


def _apart(month: dt.date, today: dt.date) -> int:
    return (month.year - today.year) * 12 + month.month - today.month


def _step(month: dt.date, by: int, today: dt.date) -> dt.date | None:
    number = month.year * 12 + month.month - 1 + by
    found = dt.date(number // 12, number % 12 + 1, 1)
    return found if -MONTHS_BACK <= _apart(found, today) <= MONTHS_AHEAD else None

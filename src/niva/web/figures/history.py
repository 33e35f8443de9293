"""Posts from before the desk: the file is shown as understood, its columns chosen, brought in on a yes."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.communities import queries
from niva.domains.metrics.history import HistoryImport
from niva.domains.people.errors import Invalid
from niva.flows import history_in
from niva.flows.history_rows import FIELDS
from niva.kit import sheets
from niva.web.clients.listing import actor_of
from niva.web.clients.words import METRIC_WORDS
from niva.web.figures.forms import TableForm
from niva.web.figures.views import SHOWN
from niva.web.people.doors import signed_in
from niva.web.people.forms import show

FIELD_WORDS = {
    "published": gettext_lazy("day it went out"),
    "time": gettext_lazy("hour it went out"),
    "link": gettext_lazy("link to the post"),
    "text": gettext_lazy("text"),
    "kind": gettext_lazy("form of the post"),
}
FORMAT_WORDS = {
    "text": gettext_lazy("text"), "link": gettext_lazy("link"), "photo": gettext_lazy("picture"),
    "album": gettext_lazy("album"), "video": gettext_lazy("video"), "clip": gettext_lazy("clip"),
    "story": gettext_lazy("story"), "poll": gettext_lazy("poll"), "thread": gettext_lazy("thread"),
}  # fmt: skip


class ChoicesForm(forms.Form):
    """How the file is read: a box for each column, the zone, the order of day and month, the file's day."""

    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone of the hours in the file"),
        choices=lambda: [(one, one.replace("_", " ")) for one in sorted(available_timezones())],
    )
    day_first = forms.TypedChoiceField(
        label=gettext_lazy("05/06/2026 is"),
        choices=[("1", gettext_lazy("5 June")), ("", gettext_lazy("6 May"))],
        coerce=bool, empty_value="", required=False,
    )  # fmt: skip
    as_of = forms.DateField(
        label=gettext_lazy("On which day was the file saved"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("Its numbers are as they stood then."),
    )

    def __init__(self, data: Any, *, seen: history_in.Preview) -> None:
        told = seen.choices
        super().__init__(data, initial={"zone": told.zone, "day_first": "1" if told.day_first else "",
                                        "as_of": told.as_of})  # fmt: skip
        words = [("", _("leave out"))] + [
            (name, str(FIELD_WORDS.get(name) or METRIC_WORDS[name])) for name in FIELDS
        ]
        self.heads = seen.heads
        for place in range(len(seen.heads)):
            self.fields[f"column{place}"] = forms.ChoiceField(
                choices=words, required=False, initial=told.columns.get(place, "")
            )

    def columns(self) -> dict[int, str]:
        """What each column was said to be."""
        return {place: self.cleaned_data[f"column{place}"] for place in range(len(self.heads))}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the file; those brought in before stand below."""
    actor = actor_of(request)
    row = queries.community(actor, pk, can="write")
    form = TableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            data = file.read(sheets.LARGEST + 1)
            found = history_in.begin(actor, community_id=pk, data=data, name=file.name or "")
        except Invalid as error:
            show(form, error)
        else:
            return redirect("figures_history", found.pk)
    earlier = HistoryImport.objects.filter(community=row, state=HistoryImport.State.BROUGHT)[:20]
    context = {"community": row, "client": row.client, "form": form, "earlier": earlier}
    return render(request, "figures/history_new.html", context, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, file_id: int) -> HttpResponse:
    """What the file says; a POST reads it by other columns, zone or day. Nothing is written."""
    actor = actor_of(request)
    row = history_in.get(actor, file_id)
    if row.state != HistoryImport.State.SHOWN:
        return redirect("figures_history_new", row.community_id)
    seen = history_in.preview(row)
    form = ChoicesForm(request.POST if request.method == "POST" else None, seen=seen)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            history_in.choose(actor, pk=file_id, columns=form.columns(), zone=told["zone"],
                              day_first=bool(told["day_first"]), as_of=told["as_of"])  # fmt: skip
        except Invalid as error:
            show(form, error)
        else:
            return redirect("figures_history", file_id)
    return render(
        request, "figures/history.html", _context(row, seen, form), status=422 if form.errors else 200
    )


def _context(row: HistoryImport, seen: history_in.Preview, form: ChoicesForm) -> dict[str, Any]:
    found = seen.found
    metrics = [name for name in FIELDS if name in METRIC_WORDS and name in seen.choices.columns.values()]
    lines = [
        {"past": one, "format": FORMAT_WORDS[one.format],
         "cells": [one.values.get(name) for name in metrics]}
        for one in found.posts[:SHOWN]
    ]  # fmt: skip
    return {
        "file": row, "community": row.community, "client": row.community.client, "form": form,
        "columns": [(form[f"column{n}"], head, seen.examples[n]) for n, head in enumerate(seen.heads)],
        "others": [form[name] for name in ("zone", "day_first", "as_of")], "asks_day": seen.asks_day,
        "found": found, "fresh": found.fresh, "known": len(found.posts) - found.fresh,
        "heads": [METRIC_WORDS[name] for name in metrics], "lines": lines,
        "more": max(0, len(found.posts) - SHOWN), "left": found.left[:SHOWN],
        "undated": "published" not in seen.choices.columns.values(),
    }  # fmt: skip


@require_POST
@signed_in
def bring(request: HttpRequest, file_id: int) -> HttpResponse:
    """The person has seen it and said yes."""
    actor = actor_of(request)
    try:
        row = history_in.bring_in(actor, pk=file_id)
    except Invalid as error:
        messages.error(request, error.sentence)
        return redirect("figures_history", file_id)
    said = ngettext("%(n)s post is brought in.", "%(n)s posts are brought in.", row.made) % {"n": row.made}
    messages.success(request, said)
    return redirect("figures_history_new", row.community_id)


@require_POST
@signed_in
def back(request: HttpRequest, file_id: int) -> HttpResponse:
    """Take back what the file made, or forget a file that was only looked at."""
    row = history_in.take_back(actor_of(request), pk=file_id)
    messages.info(request, _("What this file had brought in is gone again."))
    return redirect("figures_history_new", row.community_id)

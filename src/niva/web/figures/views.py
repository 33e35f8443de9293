"""Numbers typed in, and tables imported: shown as understood first, written when the person says yes."""

from __future__ import annotations

import csv
import io
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.clients import access
from niva.domains.communities import queries
from niva.domains.communities.models import Community
from niva.domains.metrics import queries as metrics
from niva.domains.metrics.posts import set_paid
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Publication
from niva.flows import numbers_in as flow
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.web.clients.listing import actor_of
from niva.web.figures.forms import NumbersForm, TableForm
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.web.posts.numbers import METRIC_WORDS, figures_of

SHOWN = 200  # rows of a preview; the rest is counted
IN_TEMPLATE = 50  # posts that the template names, the newest first


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def community(request: HttpRequest, pk: int) -> HttpResponse:
    """The community's own numbers of one day, and the way to import many."""
    actor = actor_of(request)
    row = queries.community(actor, pk, can="write")
    posted = request.POST if request.method == "POST" else None
    form = NumbersForm(posted, metrics=COMMUNITY_METRICS, today=_today(row))
    if posted is not None and form.is_valid():
        try:
            day = form.cleaned_data["day"]
            changed = flow.type_in(actor, community_id=pk, values=form.values(), day=day)
        except Invalid as error:
            show(form, error)
        else:
            _say(request, changed)
            return redirect("figures", pk)
    return _page(request, row, form=form)


def _page(
    request: HttpRequest, row: Community, *, form: NumbersForm | None = None, table: TableForm | None = None
) -> HttpResponse:
    actor = actor_of(request)
    latest = metrics.latest_of_communities(actor, [row.pk]).get(row.pk, {})
    context = {
        "community": row,
        "client": row.client,
        "form": form or NumbersForm(metrics=COMMUNITY_METRICS, today=_today(row)),
        "table": table or TableForm(),
        "latest": [(METRIC_WORDS[name], latest[name]) for name in COMMUNITY_METRICS if name in latest],
    }
    bad = bool((form and form.errors) or (table and table.errors))
    return render(request, "figures/community.html", context, status=422 if bad else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def post(request: HttpRequest, publication_id: int) -> HttpResponse:
    """The numbers of one post of one day."""
    actor = actor_of(request)
    rows = Publication.objects.select_related("post", "community", "client")
    publication = access.get(actor, rows, publication_id, can="write")
    row = publication.community
    posted = request.POST if request.method == "POST" else None
    form = NumbersForm(posted, metrics=POST_METRICS, today=_today(row))
    if posted is not None and form.is_valid():
        try:
            changed = flow.type_in(actor, community_id=row.pk, publication_id=publication.pk,
                                   values=form.values(), day=form.cleaned_data["day"])  # fmt: skip
        except Invalid as error:
            show(form, error)
        else:
            _say(request, changed)
            return redirect("post_show", publication.post_id)
    numbers = metrics.post_numbers(actor, [publication.pk])[publication.pk]
    known = [one for one in figures_of(numbers, row.network, poll=True) if one.value is not None]
    context = {"publication": publication, "post": publication.post, "community": row,
               "client": publication.client, "form": form, "figures": known}  # fmt: skip
    return render(request, "figures/post.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def paid(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Somebody paid for its being shown, or nobody did: paid posts are not compared with the others."""
    row = set_paid(actor_of(request), publication_id=publication_id, paid=request.POST.get("paid") == "1")
    if row.paid:
        messages.info(
            request, _("Kept: shown for money. It is not compared with posts that went by themselves.")
        )
    else:
        messages.info(request, _("Kept: nobody paid for its being shown."))
    return redirect("post_show", row.publication.post_id)


@signed_in
@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the table says, as it was understood. Nothing is written."""
    actor = actor_of(request)
    row = queries.community(actor, pk, can="write")
    form = TableForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, row, table=form)
    try:
        text = flow.text_of(form.cleaned_data["file"].read(flow.LARGEST + 1))
        found = flow.understand(actor, community_id=pk, text=text)
    except Invalid as error:
        show(form, error)
        return _page(request, row, table=form)
    return render(request, "figures/preview.html", _preview(row, found))


def _preview(row: Community, found: flow.Preview) -> dict[str, Any]:
    lines = [
        {
            "line": one.line,
            "day": one.day,
            "post": one.publication.post if one.publication else None,
            "cells": [(one.values.get(name), one.standing.get(name)) for name in found.columns],
        }
        for one in found.rows[:SHOWN]
    ]
    return {
        "community": row,
        "client": row.client,
        "found": found,
        "columns": [METRIC_WORDS[name] for name in found.columns],
        "lines": lines,
        "more": max(0, len(found.rows) - SHOWN),
        "errors": found.errors[:SHOWN],
        "new": found.count("new"),
        "changes": found.count("changes"),
        "same": found.count("same"),
    }


@signed_in
@require_POST
def take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """The person has seen it and said yes."""
    actor = actor_of(request)
    row = queries.community(actor, pk, can="write")
    try:
        changed = flow.take_in(actor, community_id=pk, text=request.POST.get("text", ""))
    except Invalid as error:
        messages.error(request, error.sentence)
        return redirect("figures", row.pk)
    _say(request, changed)
    return redirect("figures", row.pk)


def _say(request: HttpRequest, changed: int) -> None:
    if not changed:
        messages.info(request, _("All of it was here already: nothing has changed."))
        return
    said = ngettext("%(n)s number is kept.", "%(n)s numbers are kept.", changed) % {"n": changed}
    messages.success(request, said)


@signed_in
@require_safe
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """A table to fill in: the community itself and its newest posts, today's date, empty numbers."""
    actor = actor_of(request)
    row = queries.community(actor, pk, can="write")
    names = ("day", "link", *COMMUNITY_METRICS, *POST_METRICS)
    heads = flow.heads((get_language() or "ru").startswith("ru"))
    today = _today(row)
    written = io.StringIO()
    table = csv.writer(written, delimiter=";", lineterminator="\r\n")
    table.writerow([heads[name] for name in names])
    rows = access.visible(actor, Publication.objects.filter(community=row)).exclude(url="")
    for link in ("", *rows.order_by("-published_at").values_list("url", flat=True)[:IN_TEMPLATE]):
        table.writerow([f"{today:%d.%m.%Y}", link, *[""] * (len(names) - 2)])
    # The mark tells Excel that it is UTF-8.
    answer = HttpResponse("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="numbers-{row.pk}.csv"'
    return answer


def _today(row: Community) -> Any:
    return timezone.now().astimezone(ZoneInfo(row.time_zone)).date()

"""The rubrics of a client: the list with its shares, adding, changing, putting away, the order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access
from niva.domains.clients import queries as clients
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.strategy import queries, services
from niva.domains.strategy.models import LONGEST_NAME, Rubric, RubricMark
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


class RubricForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, help_text=_("Recipes, people, answers."))
    mark = forms.ChoiceField(label=_("Mark"), choices=RubricMark.choices)
    share = forms.IntegerField(
        label=_("Share, %"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=_("Of all posts, if it is agreed."),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def rubrics(request: HttpRequest, pk: int) -> HttpResponse:
    """All of them in their order; a new one is added below."""
    actor = actor_of(request)
    client = clients.client(actor, pk, can="write" if request.method == "POST" else "see")
    rows = list(queries.rubrics(actor, client_id=pk))
    marks = RubricMark.values
    form = RubricForm(
        request.POST if request.method == "POST" else None, initial={"mark": marks[len(rows) % len(marks)]}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.add(actor, client_id=pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            return redirect("client_rubrics", pk)
    context: dict[str, Any] = contexts.frame(actor, client, "rubrics")
    left = queries.shares_left(rows)
    context |= {
        "rubrics": rows,
        "form": form,
        "put_away": list(queries.rubrics(actor, client_id=pk, archived=True)),
        "shared": any(row.share for row in rows),
        "left": max(left, 0),
        "over": max(-left, 0),
    }
    return render(request, "clients/rubrics.html", context, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int, rubric: int) -> HttpResponse:
    """Another name, mark or share."""
    actor = actor_of(request)
    row = _mine(actor, pk, rubric)
    initial = {"name": row.name, "mark": row.mark, "share": row.share}
    form = RubricForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change(actor, rubric_id=row.pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            return redirect("client_rubrics", pk)
    context = {"form": form, "client": row.client, "rubric": row}
    return render(request, "clients/rubric_form.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def archive(request: HttpRequest, pk: int, rubric: int) -> HttpResponse:
    """Away from the lists; posts keep it."""
    actor = actor_of(request)
    services.archive(actor, rubric_id=_mine(actor, pk, rubric).pk)
    return redirect("client_rubrics", pk)


@require_POST
@signed_in
def restore(request: HttpRequest, pk: int, rubric: int) -> HttpResponse:
    """Offered again."""
    actor = actor_of(request)
    services.restore(actor, rubric_id=_mine(actor, pk, rubric).pk)
    return redirect("client_rubrics", pk)


@require_POST
@signed_in
def earlier(request: HttpRequest, pk: int, rubric: int) -> HttpResponse:
    """One place up the list."""
    actor = actor_of(request)
    row = _mine(actor, pk, rubric)
    order = [one.pk for one in queries.rubrics(actor, client_id=pk)]
    here = order.index(row.pk) if row.pk in order else 0
    if here:
        order[here - 1], order[here] = order[here], order[here - 1]
        services.reorder(actor, client_id=pk, rubric_ids=order)
    return redirect("client_rubrics", pk)


def _mine(actor: Actor, client_id: int, rubric_id: int) -> Rubric:
    rows = Rubric.objects.select_related("client").filter(client_id=client_id)
    return access.get(actor, rows, rubric_id, can="write")

"""Ideas by the matrix: the grid of rubrics and details, and one click that makes an idea of a cell."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access
from niva.domains.people.errors import Invalid
from niva.domains.strategy import calendar
from niva.flows import plan_ideas
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.web.sheets.places import client_of, frame


class DetailsForm(forms.Form):
    details = forms.CharField(
        label=gettext_lazy("Details, one in a line: “name: question”"),
        widget=forms.Textarea(attrs={"rows": 8}),
        required=False,
        max_length=6000,
        help_text=gettext_lazy("Empty: the usual ones of this kind of client."),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    client, clients = client_of(request, actor, can="work")
    found = plan_ideas.matrix(actor, client_id=client.pk)
    lines = "\n".join(f"{one.said}: {one.ask}" if one.ask else one.said for one in found.details)
    form = DetailsForm(request.POST if request.method == "POST" else None, initial={"details": lines})
    if request.method == "POST" and form.is_valid():
        try:
            calendar.write_details(actor, client_id=client.pk, lines=form.cleaned_data["details"])
        except Invalid as error:
            show(form, error)
        else:
            return _back(client.pk)
    may = {can: access.may(actor, can, client_id=client.pk) for can in ("write", "edit")}
    context = {**frame(actor, client, clients, "plan_ideas"), "matrix": found, "form": form, "may": may}
    return render(request, "sheets/ideas.html", context, status=422 if form.errors else 200)


def _back(client_id: int) -> HttpResponse:
    return redirect(f"{reverse('plan_ideas')}?client={client_id}")


@signed_in
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """An idea for a cell of the grid."""
    actor = actor_of(request)
    client, _clients = client_of(request, actor, can="write")
    posted = request.POST.get("rubric", "")
    rubric = int(posted) if posted.isdecimal() and len(posted) < 18 else 0
    try:
        piece = plan_ideas.from_cell(
            actor, client_id=client.pk, rubric_id=rubric,
            detail=request.POST.get("detail", ""), title=request.POST.get("title", ""),
        )  # fmt: skip
    except Invalid as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, _("“%(title)s” is an idea on the board now.") % {"title": piece})
    return _back(client.pk)

"""Costs of advertising from a file: first what it would bring, then yes or no."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import queries
from niva.domains.clients.models import Client
from niva.domains.people.errors import Invalid
from niva.flows import money_in
from niva.flows.money_in import Fate, Look
from niva.kit.text import money
from niva.web.clients.listing import actor_of
from niva.web.money.forms import ImportForm
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.web.templatetags.niva import language

SHOWN = 200
_MICROS = {"": None, "plain": False, "micros": True}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest, pk: int) -> HttpResponse:
    """The file, and after it what is in it: nothing is written here."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="goals")
    posted = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if posted else ImportForm()
    context: dict[str, Any] = {"client": client, "form": form}
    if posted and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = money_in.look(
                actor, client_id=pk, data=file.read(), name=file.name,
                source=form.cleaned_data["source"].strip(), micros=_MICROS[form.cleaned_data["sums"]],
            )  # fmt: skip
        except Invalid as error:
            show(form, error)
        else:
            return render(request, "money/import_look.html", context | _shown(client, found))
    return render(request, "money/import.html", context, status=422 if form.errors else 200)


def _shown(client: Client, found: Look) -> dict[str, Any]:
    whys = {
        "day": _("no day can be read"),
        "future": _("this day has not come yet"),
        "amount": _("no sum can be read"),
        "currency": _("other money than the client's: it needs a rate, write it by hand"),
    }
    return {
        "found": found,
        "new": found.of(Fate.NEW)[:SHOWN],
        "differs": found.of(Fate.DIFFERS)[:SHOWN],
        "bad": [(one, whys.get(one.why, "")) for one in found.of(Fate.BAD)[:SHOWN]],
        "counts": {fate.value: len(found.of(fate)) for fate in Fate},
        "sum": money(found.adds, client.currency, language()),
        "columns": sorted(found.columns.values()),
        "writes": any(one.adds for one in found.lines),
    }


@require_POST
@signed_in
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Yes: exactly what was shown."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="goals")
    try:
        made, total = money_in.write(actor, client_id=pk, token=request.POST.get("token", ""))
    except Invalid as error:
        form = ImportForm()
        form.cleaned_data = {}
        form.add_error(None, error.sentence)
        return render(request, "money/import.html", {"client": client, "form": form}, status=422)
    words = ngettext("Written down: %(n)d row, %(sum)s.", "Written down: %(n)d rows, %(sum)s.", made)
    messages.success(request, words % {"n": made, "sum": money(total, client.currency, language())})
    return redirect("client_ledger", pk)

"""The month's balance: each rubric against its share, kinds, networks, what is free, rubric by week."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.clients.queries import today_of
from niva.domains.editorial.balance import Balance, Line, keep_free
from niva.domains.editorial.balance import balance as balance_of
from niva.domains.editorial.states import Unit
from niva.domains.editorial.table import ALIVE, Filter
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.kit import text
from niva.web.board import table_wish
from niva.web.board.table import workable
from niva.web.looks import network_name
from niva.web.people.doors import signed_in
from niva.web.templatetags.niva import language


class FreeForm(forms.Form):
    """How much of the month stays free."""

    percent = forms.IntegerField(
        label=gettext_lazy("Keep free for what comes up, %"), min_value=0, max_value=90
    )


@signed_in
@require_safe
def balance(request: HttpRequest) -> HttpResponse:
    """`client` and `month` (2026-12); without them the first client and this month."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    clients = workable(actor)
    client = _chosen(clients, request.GET.get("client", ""))
    if client is None:
        return render(request, "board/balance.html", {"clients": clients, "client": None})
    month = _month(request.GET.get("month", "")) or today_of(client).replace(day=1)
    found = balance_of(actor, client=client, month=month)
    context = {
        "clients": clients,
        "client": client,
        "month": month,
        "month_name": _name(month),
        "before": f"client={client.pk}&month={month - timedelta(days=1):%Y-%m}",
        "after": f"client={client.pk}&month={found.last + timedelta(days=1):%Y-%m}",
        "found": found,
        "title": title_of(found, client),
        "rubrics": [_shown(client, found, one, rubric=one.key) for one in found.rubrics],
        "units": [_shown(client, found, one, unit=one.key) for one in found.units],
        "networks": [_shown(client, found, one, network=one.key) for one in found.networks],
        "all_url": _rows_url(client, found),
        "urgent_url": _rows_url(client, found, urgent=True),
        "room": _room(found),
        "form": FreeForm(initial={"percent": found.kept}),
        "may_set": access.may(actor, "edit", client_id=client.pk),
    }
    return render(request, "board/balance.html", context)


def _chosen(clients: list[Client], number: str) -> Client | None:
    """Raises NotFound for a client in whose newsroom this person does not work."""
    if not number:
        return clients[0] if clients else None
    found = next((one for one in clients if str(one.pk) == number), None)
    if found is None:
        raise NotFound("client")
    return found


def _month(value: str) -> date | None:
    try:
        month = date.fromisoformat(f"{value}-01") if len(value) == 7 else None
    except ValueError:
        return None
    return month if month is not None and 2000 <= month.year <= 2200 else None


def _name(month: date) -> str:
    return (
        formats.date_format(month, "F Y").lower() if language() == "ru" else formats.date_format(month, "F Y")
    )


def title_of(found: Balance, client: Client) -> str:
    """What the page says in one line: the rubric that is farthest off, or that all is in balance."""
    if not found.planned:
        return _("Nothing is planned for this month yet")
    worst = found.worst
    if worst is not None:
        said = {
            "name": worst.name,
            "share": _percent(worst.share),
            "agreed": _percent((worst.agreed or 0) / 100),
        }
        return _("“%(name)s”: %(share)s instead of %(agreed)s") % said
    if all(one.agreed is None for one in found.rubrics):
        return _("No shares are agreed, so there is nothing to compare with")
    return _("The rubrics keep their shares")


def _percent(share: float) -> str:
    return text.percent(share, language(), 0)


def _rows_url(client: Client, found: Balance, **wish: Any) -> str:
    days: dict[str, Any] = {"since": found.first, "until": found.last, "state": ALIVE}
    return f"{reverse('pieces')}?{table_wish.write(Filter(client_id=client.pk, **days, **wish))}"


def _shown(client: Client, found: Balance, line: Line, **wish: str) -> dict[str, Any]:
    """A line with its word and the door to its rows."""
    word = line.name
    if "unit" in wish:
        word = str(Unit(line.key).label)
    elif "network" in wish:
        word = network_name(line.key)
    weeks = [
        {"n": n, "url": _week_url(client, found, week, wish) if n else ""}
        for week, n in zip(found.weeks, line.weeks, strict=False)
    ]
    return {
        "line": line,
        "word": word or _("without a rubric"),
        "url": _rows_url(client, found, **wish),
        "width": round(line.share * 100),
        "says": _says(line),
        "weeks": weeks,
    }


def _week_url(client: Client, found: Balance, week: date, wish: dict[str, Any]) -> str:
    last = min(week + timedelta(days=6), found.last)
    days: dict[str, Any] = {"since": max(week, found.first), "until": last}
    return f"{reverse('pieces')}?{table_wish.write(Filter(client_id=client.pk, state=ALIVE, **days, **wish))}"


def _says(line: Line) -> str:
    """In words, how far it is from what was agreed."""
    if line.agreed is None:
        return ""
    off = round(line.off)
    if off == 0:
        return _("as agreed")
    points = ngettext("%(n)d point", "%(n)d points", abs(off)) % {"n": abs(off)}
    sentence = _("%(points)s more than agreed") if off > 0 else _("%(points)s less than agreed")
    return sentence % {"points": points}


def _room(found: Balance) -> str:
    """What the free places say about the month."""
    if found.places is None or found.free is None:
        return _("How many posts a month has is not said: no weekly hours, no number in the contract.")
    share = found.free / found.places if found.places else 0.0
    said = {
        "free": found.free,
        "places": found.places,
        "share": _percent(share),
        "kept": _percent(found.kept / 100),
    }
    if share * 100 < found.kept:
        little = _("%(free)s of %(places)s places are free: %(share)s, less than the %(kept)s to be kept.")
        return little % said
    return _("%(free)s of %(places)s places are free: %(share)s, and %(kept)s is to be kept.") % said


@signed_in
@require_POST
def free(request: HttpRequest, client_id: int) -> HttpResponse:
    """Another share kept free."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    access.get(actor, Client.objects.all(), client_id, can="edit")
    form = FreeForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid.one("percent", _("Between 0 and 90 percent."))
        keep_free(actor, client_id=client_id, percent=form.cleaned_data["percent"])
    except Invalid as error:
        messages.error(request, error.errors["percent"][0])
    return redirect(f"{reverse('balance')}?client={client_id}&month={request.POST.get('month', '')[:7]}")

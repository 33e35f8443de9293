"""What a client of this kind is judged by: its figures, and the rows that people write for them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access, queries
from niva.domains.clients.kinds import Fundraiser, Promise, Volunteer
from niva.domains.clients.models import Client, ClientKind, Known
from niva.domains.clients.services import kinds as services
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.flows.kind_figures import Seen, kind_figures, overdue_reports
from niva.kit.text import money, number
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.clients.words import in_language, known_words
from niva.web.money.forms import FundraiserForm, PartForm, PromiseForm, VolunteerForm
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.web.templatetags.niva import language

MODELS: Final[Mapping[str, Any]] = {"promise": Promise, "fundraiser": Fundraiser, "volunteer": Volunteer}
FORMS: Final[Mapping[str, type[forms.Form]]] = {
    "promise": PromiseForm, "fundraiser": FundraiserForm, "volunteer": VolunteerForm,
}  # fmt: skip
TITLES: Final = {
    "promise": gettext_lazy("A promise"),
    "fundraiser": gettext_lazy("A fundraiser"),
    "volunteer": gettext_lazy("A volunteer"),
}
SHOWN: Final = 200


@signed_in
@require_http_methods(["GET", "HEAD"])
def kind(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures and their rows."""
    actor = actor_of(request)
    return _page(request, actor, queries.client(actor, pk))


def _page(request: HttpRequest, actor: Actor, client: Client, bad: PartForm | None = None) -> HttpResponse:
    today = queries.today_of(client)
    seen = kind_figures(actor, client)
    context = contexts.frame(actor, client, "numbers")
    initial = {"month": today.replace(day=1), "known": Known.COUNTED}
    typed = [
        (one, bad if bad and bad["figure"].value() == one.what.key
         else PartForm(auto_id=f"id_{one.what.key}_%s", initial=initial | {"figure": one.what.key}))
        for one in seen if one.what.way == "typed"
    ]  # fmt: skip
    context |= {
        "figures": [_shown(client, one) for one in seen],
        "typed": [(_shown(client, one), _labelled(one, form)) for one, form in typed],
        "today": today,
        "overdue": overdue_reports(actor, client) if client.kind == ClientKind.NGO else [],
    }
    if client.kind == ClientKind.GOVERNMENT:
        context["promises"] = _promises(actor, client, today)
    if client.kind == ClientKind.NGO:
        fundraisers = access.visible(actor, Fundraiser.objects.filter(client=client))
        context["fundraisers"] = fundraisers.order_by("-ends_on", "-pk")[:SHOWN]
        volunteers = access.visible(actor, Volunteer.objects.filter(client=client))
        context["volunteers"] = volunteers.order_by("-applied_on", "-pk")[:SHOWN]
    return render(request, "money/kind.html", context, status=422 if bad else 200)


def _promises(actor: Actor, client: Client, today: Any) -> list[tuple[Promise, bool]]:
    """With whether each is overdue: those first, what is done last."""
    rows = list(
        access.visible(actor, Promise.objects.filter(client=client)).order_by("-said_on", "-pk")[:SHOWN]
    )
    late = [one for one in rows if one.done_on is None and one.due is not None and one.due < today]
    rest = [one for one in rows if one not in late]
    rest.sort(key=lambda one: one.done_on is not None)
    return [(one, True) for one in late] + [(one, False) for one in rest]


def _labelled(seen: Seen, form: PartForm) -> PartForm:
    for name, words in (("top", seen.what.top), ("bottom", seen.what.bottom)):
        if words:
            form.fields[name].label = in_language(words, language()).capitalize()
    return form


def _value(client: Client, seen: Seen, value: Decimal | None) -> str:
    if value is None:
        return "—"
    if seen.what.unit == "money":
        return money(value.quantize(Decimal(1)) if value >= 100 else value, client.currency, language())
    if seen.what.unit == "percent":
        return number(value, language(), 0 if value >= 10 or not value else 1) + "\u00a0%"
    return number(value, language(), 0 if value >= 10 or value == int(value) else 1)


def _shown(client: Client, seen: Seen) -> dict[str, Any]:
    tongue = language()
    return {
        "seen": seen,
        "name": in_language(seen.what.name, tongue),
        "plain": in_language(seen.what.plain, tongue),
        "formula": in_language(seen.what.formula, tongue),
        "value": _value(client, seen, seen.value),
        "known": known_words([seen.known]) if seen.value is not None else known_words([Known.UNKNOWN]),
        "absent": _absent(seen.absent),
        "of": _of(seen),
        "parts": _parts(seen, client),
        "door": _door(client, seen.door),
        "missing": seen.missing,
    }


def _absent(code: str) -> str:
    """Why there is no figure, and what to do about it."""
    words = {
        "no_cost": _("No expense with a known sum is written down for these days."),
        "nobody_yet": _("Nobody has come yet, so there is nothing to divide by."),
        "no_leads": _("Nobody keeps a list of those who came. Make a form, or write them down."),
        "no_term": _("No term of answering is set. Set it where the contract's money is."),
        "no_quota": _("No number of posts a week is agreed. Set it at the client."),
        "no_posts": _("Not a post of this client has come out yet."),
        "no_full_week": _("Not a full week has passed since the first post."),
        "no_promises": _("No promise has been due yet."),
        "no_volunteers": _("Nobody has been written down yet."),
        "too_early": _("Nobody's first shift is 90 days ago yet."),
        "no_fundraisers": _("No fundraiser has been due for a report yet."),
        "no_readings": _("The networks have not reported these numbers for these days."),
        "not_typed": _("Nobody has typed it in yet: only people or the site's counter know it."),
    }
    return words.get(code, "")


def _of(seen: Seen) -> str:
    if seen.of is None:
        return ""
    values = {"n": number(seen.of, language())}
    words = {
        "quota": _("due in a week: %(n)s"),
        "weeks": _("due in a week: %(n)s"),
        "answered": _("term: %(n)s working hours"),
        "answers": _("term: %(n)s hours"),
        "reports": _("term: %(n)s days after the end"),
    }
    return words[seen.what.key] % values if seen.what.key in words else ""


def _parts(seen: Seen, client: Client) -> str:
    if seen.top is None or seen.bottom is None or seen.value is None:
        return ""
    tongue = language()
    whole = (
        money(seen.top, client.currency, tongue) if seen.what.unit == "money" else number(seen.top, tongue)
    )
    return (
        _("%(top)s out of %(bottom)s") % {"top": whole, "bottom": number(seen.bottom, tongue)}
        if (seen.what.unit != "money")
        else _("%(top)s for %(bottom)s") % {"top": whole, "bottom": number(seen.bottom, tongue)}
    )


def _door(client: Client, door: str) -> str:
    """The address of a figure's rows; what is on this same page is a mark on it."""
    if door in ("promises", "fundraisers", "volunteers", "parts"):
        return f"#{door}"
    names = {
        "ledger": "client_ledger", "leads": "client_leads", "terms": "client_money_terms",
        "numbers": "client_numbers", "posts": "client_numbers",
    }  # fmt: skip
    return reverse(names[door], args=[client.pk]) if door in names else ""


@require_POST
@signed_in
def type_part(request: HttpRequest, pk: int) -> HttpResponse:
    """So many of so many in a month."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="write")
    form = PartForm(request.POST, auto_id=f"id_{request.POST.get('figure', '')[:40]}_%s")
    if form.is_valid():
        try:
            services.type_part(actor, client_id=pk, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Written down."))
            return redirect("client_kind", pk)
    return _page(request, actor, client, form)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """One more promise, fundraiser or volunteer."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="write")
    form = FORMS[noun](request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add(actor, MODELS[noun], client_id=pk, values=form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Written down."))
            return redirect("client_kind", pk)
    return _form(request, client, form, noun)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def change(
    request: HttpRequest, pk: int, promise: int | None = None, fundraiser: int | None = None,
    volunteer: int | None = None,
) -> HttpResponse:  # fmt: skip
    """Change one: it was done, it was reported, he came again."""
    actor = actor_of(request)
    told = {"promise": promise, "fundraiser": fundraiser, "volunteer": volunteer}
    noun, number_of = next((noun, value) for noun, value in told.items() if value is not None)
    rows = MODELS[noun].objects.filter(client_id=pk).select_related("client")
    row = access.get(actor, rows, number_of, can="write")
    initial = {name: getattr(row, name) for name in FORMS[noun].base_fields}
    form = FORMS[noun](request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change(actor, MODELS[noun], client_id=pk, pk=row.pk, values=form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Saved. What it was before stays in the audit trail."))
            return redirect("client_kind", pk)
    return _form(request, row.client, form, noun)


def _form(request: HttpRequest, client: Client, form: forms.Form, noun: str) -> HttpResponse:
    context = {"client": client, "form": form, "title": TITLES[noun], "fields": list(form)}
    return render(request, "money/kind_form.html", context, status=422 if form.errors else 200)

"""Stop everything of a client, let it go on, and decide about many held posts at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from niva.domains.clients import access, queries
from niva.domains.clients.models import Client
from niva.domains.clients.services.stopping import LONGEST
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden, Invalid
from niva.domains.publishing import queries as publishing
from niva.domains.publishing.models import Delivery
from niva.flows import held as flow
from niva.flows import stop as stops
from niva.flows.held import Decided
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.words import describe

REASONS: Final = (
    gettext_lazy("Bad news about the client: everything else would look out of place."),
    gettext_lazy("A mistake in what has gone out: we are checking the rest."),
    gettext_lazy("The client asks for silence."),
)


class StopForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=LONGEST,
        help_text=gettext_lazy("One line. The whole team sees it until publishing goes on."),
        widget=forms.TextInput(attrs={"list": "reasons", "autocomplete": "off"}),
    )


class GoOnForm(forms.Form):
    past = forms.ChoiceField(
        label=gettext_lazy("What is past its hour"),
        choices=[
            ("hold", gettext_lazy("Leave held: I decide about each of them")),
            ("spread", gettext_lazy("Spread over the next free slots and hours")),
            ("now", gettext_lazy("Publish all of it now")),
        ],
        widget=forms.RadioSelect,
    )


@signed_in
@require_safe
def stop_which(request: HttpRequest) -> HttpResponse:
    """One tap from «Today»: whose publishing is stopped, or goes on."""
    actor = actor_of(request)
    rows = [row for row in queries.clients(actor) if access.may(actor, "stop", client_id=row.pk)]
    if not rows:
        raise Forbidden("stop")
    if len(rows) == 1:
        return redirect("client_go_on" if rows[0].stopped_at else "client_stop", rows[0].pk)
    shown = [(row, stops.ahead(row.pk)) for row in rows]
    return render(request, "clients/stop_which.html", {"rows": shown})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """What will be held, and the reason; then everything stands."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="stop")
    form = StopForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            count = stops.stop(actor, client_id=pk, reason=form.cleaned_data["reason"])
        except Invalid as error:
            show(form, error)
        else:
            words = ngettext(
                "Publishing is stopped: %(n)s post is held.",
                "Publishing is stopped: %(n)s posts are held.",
                count,
            )
            messages.warning(request, words % {"n": count})
            return redirect("client", pk)
    context = {"client": client, "form": form, "ahead": stops.ahead(pk), "reasons": REASONS}
    return render(request, "clients/stop.html", context, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """What comes back to its hour, and what to do with what is past it."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="publish")
    form = GoOnForm(request.POST if request.method == "POST" else None, initial={"past": "hold"})
    if request.method == "POST" and form.is_valid():
        went = stops.go_on(actor, client_id=pk, past=form.cleaned_data["past"])
        words = ngettext(
            "Publishing goes on: %(n)s post leaves at its hour.",
            "Publishing goes on: %(n)s posts leave at their hours.",
            went.queued,
        )
        messages.success(request, words % {"n": went.queued})
        deed = _deeds().get(form.cleaned_data["past"])
        _tell(request, went.decided, deed.done if deed else "")
        return redirect("client_held" if went.missed > went.decided.done else "client", pk)
    rows = list(publishing.held(actor, client_id=pk, code="client_stopped"))
    late = [row for row in rows if row.due_at <= timezone.now()]
    context = {"client": client, "form": form, "late": late, "later": len(rows) - len(late)}
    return render(request, "clients/go_on.html", context, status=422 if form.errors else 200)


# Many held posts


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One held post with the hour it would be given by «spread»."""

    delivery: Delivery
    why: str | Promise
    proposed: datetime | None


@dataclass(frozen=True, slots=True)
class Deed:
    """What may be done with the chosen ones: the button's word, and the sentence after it."""

    act: Any
    done: str


def _deeds() -> dict[str, Deed]:
    return {
        "now": Deed(flow.publish_now, _("On their way: %(n)s.")),
        "spread": Deed(flow.spread, _("Got a new hour: %(n)s.")),
        "cancel": Deed(flow.cancel, _("Cancelled: %(n)s. They stay as drafts.")),
    }


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def held(request: HttpRequest, pk: int) -> HttpResponse:
    """The client's held posts: each may be chosen, one decision for all that are."""
    actor = actor_of(request)
    client = queries.client(actor, pk, can="publish" if request.method == "POST" else "see")
    if request.method == "POST":
        return _decide(request, actor, client)
    return _held_page(request, actor, client)


def _held_page(request: HttpRequest, actor: Actor, client: Client, *, said: str = "") -> HttpResponse:
    rows = list(publishing.held(actor, client_id=client.pk)[: flow.MOST])
    may = access.may(actor, "publish", client_id=client.pk)
    hours = flow.proposed(actor, deliveries=[row.pk for row in rows]) if may and not client.stopped_at else {}
    shown = [HeldRow(row, describe(row.code).what if row.code else "", hours.get(row.pk)) for row in rows]
    at_once: dict[str, int] = {}
    for row in rows:
        at_once[row.community.name] = at_once.get(row.community.name, 0) + 1
    context = {
        "client": client, "rows": shown, "may_publish": may and not client.stopped_at, "may_go_on": may,
        "said": said, "most": max(at_once.values(), default=0),
    }  # fmt: skip
    return render(request, "clients/held.html", context, status=422 if said else 200)


def _decide(request: HttpRequest, actor: Actor, client: Client) -> HttpResponse:
    deed = _deeds().get(request.POST.get("do", ""))
    sent = request.POST.getlist("delivery")
    wanted = [int(one) for one in sent if one.isascii() and one.isdecimal() and len(one) < 19]
    theirs = publishing.held(actor, client_id=client.pk)
    chosen = list(theirs.filter(pk__in=wanted).values_list("pk", flat=True))
    if deed is None:
        return _held_page(request, actor, client, said=_("Choose what to do with them."))
    if not chosen:
        return _held_page(request, actor, client, said=_("Choose at least one post."))
    _tell(request, deed.act(actor, deliveries=chosen[: flow.MOST]), deed.done)
    return redirect("client_held" if theirs.exists() else "client", client.pk)


def _tell(request: HttpRequest, decided: Decided, done: str) -> None:
    if decided.done and done:
        messages.success(request, done % {"n": decided.done})
    for sentence in decided.refused:
        messages.error(request, sentence)

"""The funnel: from reach to a sale, who answers for each step, where people are lost, how long they
waited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from niva.domains.clients import access
from niva.domains.clients import queries as clients
from niva.domains.clients.models import Client
from niva.domains.leads import funnel as domain
from niva.domains.leads.funnel import STEPS, Funnel, Step, owner_of
from niva.domains.leads.models import StepOwner
from niva.domains.leads.services import changing
from niva.domains.leads.services.taking import terms_of
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.kit.text import number, percent
from niva.numbers.ratios import Share, Wait
from niva.web.clients import contexts
from niva.web.clients.listing import actor_of
from niva.web.leads.forms import TermsForm
from niva.web.leads.listing import months_of, period_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show

WORDS: dict[str, str | Promise] = {
    "reach": gettext_lazy("Saw the posts"),
    "clicks": gettext_lazy("Went by the link"),
    "leads": gettext_lazy("Left a contact"),
    "qualified": gettext_lazy("Fit us: qualified"),
    "sold": gettext_lazy("Bought"),
}
GLOSS: dict[str, str | Promise] = {
    "reach": gettext_lazy("People by posts and days: who saw five posts is here five times."),
    "clicks": gettext_lazy("Visits by links in posts, as the networks count them."),
    "leads": gettext_lazy("Everyone once, by whatever way he came, also without a link."),
    "qualified": gettext_lazy("Somebody has spoken with them: they need what is sold here."),
    "sold": gettext_lazy("Have paid or agreed on a purchase."),
}


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as it is shown. `width`: of its bar, per cent; `part`, `range`: the share of the step before
    and its range; `says`: against the usual."""

    word: str
    name: str
    gloss: str
    owner: str
    owner_word: str
    value: str
    width: int
    part: str
    range: str
    says: str
    bad: bool


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def funnel(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture of the steps; who agreed on goals may change who answers for what."""
    actor = actor_of(request)
    client = clients.client(actor, pk, can="goals" if request.method == "POST" else "see")
    terms = terms_of(client)
    owners = {step: owner_of(terms, step) for step in STEPS}
    initial = TermsForm.values_of(terms, owners)
    form = TermsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changing.agree(actor, client_id=pk, values=form.values())
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("client_funnel", pk)
    return render(
        request,
        "leads/funnel.html",
        _context(request, actor, client, form),
        status=422 if form.errors else 200,
    )


def _context(request: HttpRequest, actor: Actor, client: Client, form: TermsForm) -> dict[str, Any]:
    period, month = period_of(request, client)
    found = domain.funnel(actor, client, period)
    context = contexts.frame(actor, client, "numbers")
    return context | {
        "found": found,
        "steps": step_views(found),
        "finding": finding(found),
        "answers": answers_say(found),
        "kinds": found.kinds,
        "confirmed": confirmed_says(found),
        "month": month,
        "months": months_of(client),
        "form": form,
        "owner_fields": [(WORDS[step], form[f"owner_{step}"]) for step in STEPS],
        "works": access.may(actor, "work", client_id=client.pk),
        "terms": terms_of(client),
    }


def step_views(found: Funnel) -> list[StepView]:
    """Thousands who saw and a few who bought fit no common scale: a bar is its share of the step before."""
    return [_step_view(one) for one in found.steps]


def _step_view(one: Step) -> StepView:
    language = get_language() or "ru"
    return StepView(
        word=one.word,
        name=str(WORDS[one.word]),
        gloss=str(GLOSS[one.word]),
        owner=one.owner,
        owner_word=str(StepOwner(one.owner).label),
        value=number(one.value, language, 0) if one.value is not None else "",
        width=round(one.share.value * 100) if one.share else 0,
        part=part_says(one.share),
        range=range_says(one.share),
        says=_against_usual(one),
        bad=one.worse,
    )


def part_says(share: Share | None) -> str:
    """Shares under a tenth with one digit after the comma: 0.4 % and 0.8 % are twice one another."""
    if share is None:
        return ""
    return percent(share.value, get_language() or "ru", 0 if share.value >= 0.1 else 1)


def range_says(share: Share | None) -> str:
    if share is None:
        return ""
    language, digits = get_language() or "ru", 0 if share.value >= 0.1 else 1
    ends = {"low": percent(share.low, language, digits), "high": percent(share.high, language, digits)}
    return _("in 8 cases out of 10 the true share is from %(low)s to %(high)s") % ends


def _against_usual(one: Step) -> str:
    if one.share is None or one.usual is None:
        return ""
    usual = {"usual": part_says(one.usual)}
    if one.worse:
        return _("worse than usual, and it is not chance: %(usual)s before") % usual
    if one.better:
        return _("better than usual, and it is not chance: %(usual)s before") % usual
    return _("as usual: %(usual)s in the three months before") % usual


def finding(found: Funnel) -> str:
    """The title of the page: where people are lost."""
    worst = found.worst
    if worst is not None:
        words = {"step": str(WORDS[worst.word]).lower(), "who": str(StepOwner(worst.owner).label)}
        return _("More people than usual are lost before “%(step)s”. For this step answers: %(who)s.") % words
    if not found.tally.counted:
        return _("Nobody has left a contact in this month.")
    return ngettext(
        "%(n)s person left a contact, %(sold)s bought. No step is worse than usual beyond chance.",
        "%(n)s people left a contact, %(sold)s bought. No step is worse than usual beyond chance.",
        found.tally.counted,
    ) % {"n": found.tally.counted, "sold": found.tally.sold}


def _half(wait: Wait) -> str:
    hours = {"hours": number(wait.value, get_language() or "ru", 1)}
    if wait.at_least:
        return _("Fewer than half are answered: the longest wait by now is %(hours)s working hours.") % hours
    return _("Half of them were answered within %(hours)s working hours.") % hours


def _nine(wait: Wait) -> str:
    hours = {"hours": number(wait.value, get_language() or "ru", 1)}
    if wait.at_least:
        return _("More than one in ten waits: the longest by now %(hours)s working hours.") % hours
    return _("Nine in ten were answered within %(hours)s working hours.") % hours


def answers_say(found: Funnel) -> list[str]:
    """How long people waited, in sentences; empty where nothing is known."""
    told = found.answers
    if told.median is None or told.slow is None:
        return []
    hours = number(told.hours, get_language() or "ru")
    said = [_half(told.median)] if told.median.at_least else [_half(told.median), _nine(told.slow)]
    if told.in_time is not None:
        said.append(
            _("Within the agreed %(hours)s working hours: %(share)s.")
            % {"hours": hours, "share": part_says(told.in_time)}
        )
    if told.late:
        said.append(
            ngettext(
                "%(n)s person waits longer than agreed by now.",
                "%(n)s people wait longer than agreed by now.",
                told.late,
            )
            % {"n": told.late}
        )
    return said


def confirmed_says(found: Funnel) -> str:
    """We say so many, the client says so many."""
    tally = found.tally
    if not tally.counted:
        return ""
    words = {"ours": tally.counted, "theirs": tally.confirmed, "denied": tally.denied, "silent": tally.silent}
    if tally.silent == tally.counted:
        return _("We say %(ours)s. The client has not said anything of them yet.") % words
    if tally.denied:
        said = _(
            "We say %(ours)s, the client has confirmed %(theirs)s, says of %(denied)s that they are not his "
            "buyers; nothing yet of %(silent)s."
        )
        return said % words
    return _("We say %(ours)s, the client has confirmed %(theirs)s; nothing yet of %(silent)s.") % words

"""The list of requests, one request with its rounds, and what may be done with it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from niva.domains.clients import access
from niva.domains.clients.models import Role
from niva.domains.clients.services import terms as contract
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Forbidden, Invalid
from niva.domains.publishing import awaiting
from niva.domains.publishing.approving import Approval, Decision
from niva.domains.publishing.services import approving, media
from niva.domains.publishing.services.deciding import Answer, Gone, Said
from niva.flows import approve
from niva.flows import remind as reminders
from niva.web.approvals import changes, links
from niva.web.approvals.forms import ToldForm
from niva.web.clients.listing import actor_of
from niva.web.decide.doors import origin
from niva.web.decide.reading import round_words
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


@require_safe
@signed_in
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for us, what is overdue, what waits for clients, and what was let out this week."""
    actor, now = actor_of(request), timezone.now()
    waiting = list(awaiting.waiting(actor)[: awaiting.MOST])
    context = {
        "ours": list(awaiting.ours(actor)[: awaiting.MOST]),
        "overdue": [row for row in waiting if row.due_at < now],
        "waiting": [row for row in waiting if row.due_at >= now],
        "decided": list(awaiting.decided(actor)[: awaiting.MOST]),
        "may_ask": frozenset(row.client_id for row in waiting if approving.may_ask(actor, row.client_id)),
        "most": awaiting.MOST,
    }
    context["nothing"] = not any(context[name] for name in ("ours", "overdue", "waiting", "decided"))
    return render(request, "approvals/list.html", context)


@require_safe
@signed_in
def approval(request: HttpRequest, approval_id: int) -> HttpResponse:
    """One request with every round about the same post."""
    return _page(request, awaiting.one(actor_of(request), approval_id))


def _page(
    request: HttpRequest, row: Approval, *, form: ToldForm | None = None, status: int = 200, said: str = ""
) -> HttpResponse:
    actor = actor_of(request)
    found = awaiting.rounds(row)
    earlier = {one.pk: before for one, before in pairwise(found)}
    terms = contract.terms_of(row.client)
    is_open = row.decision == Decision.OPEN and row.voided_at is None
    context: dict[str, Any] = {
        "row": row,
        "rounds": [
            (one, changes.between(earlier[one.pk], one) if one.pk in earlier else [], _texts(one))
            for one in found
        ],
        "round_words": round_words(row, terms.rounds),
        "zone": row.client.time_zone,
        "is_open": is_open,
        "is_newest": found[0].pk == row.pk,
        "may_ask": approving.may_ask(actor, row.client_id),
        "may_write": access.may(actor, "write", client_id=row.client_id),
        "may_tell": is_open and access.may(actor, "manage", client_id=row.client_id),
        "is_client": is_open and is_client(actor, row.client_id),
        "form": form or ToldForm(initial={"name": row.approver_name}),
        "told_open": form is not None,
        "said": said,
    }
    return render(request, "approvals/page.html", context, status=status)


def is_client(actor: Actor, client_id: int) -> bool:
    """Whether this person decides for the client by his own account."""
    return not actor.everywhere and actor.client_roles.get(client_id) == Role.CLIENT


def _texts(row: Approval) -> list[dict[str, Any]]:
    """What a round was about, equal texts once."""
    found: list[dict[str, Any]] = []
    for one in row.revisions.all():
        text = changes.text_of(one.content)
        same = next((other for other in found if other["text"] == text), None)
        if same is None:
            found.append({"text": text, "names": [one.community_name]})
        else:
            same["names"].append(one.community_name)
    return found


@never_cache
@require_POST
@signed_in
def link(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Another link; the old one opens nothing any more."""
    row, secret = approving.renew_link(actor_of(request), approval_id=approval_id)
    return links.shown(request, row, secret, again=True)


@require_POST
@signed_in
def remind(request: HttpRequest, approval_id: int) -> HttpResponse:
    try:
        row, mailed = reminders.by_hand(actor_of(request), approval_id=approval_id)
    except Invalid as error:
        for sentence in error.sentences:
            messages.error(request, sentence)
        return redirect("approvals")
    if mailed:
        messages.success(request, _("A letter went to %(email)s.") % {"email": row.approver_email})
    else:
        messages.warning(request, _("No letter has left from here. Copy a new link and send it yourself."))
    return redirect("approvals")


@require_POST
@signed_in
def withdraw(request: HttpRequest, approval_id: int) -> HttpResponse:
    approving.withdraw(actor_of(request), approval_id=approval_id)
    messages.info(request, _("The client is not asked any more; his link says so."))
    return redirect("approvals")


@require_POST
@signed_in
def told(request: HttpRequest, approval_id: int) -> HttpResponse:
    """What the client said elsewhere, written down as that."""
    actor = actor_of(request)
    row = awaiting.one(actor, approval_id)
    access.demand(actor, "manage", client_id=row.client_id)
    form = ToldForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, row, form=form, status=422)
    values = dict(form.cleaned_data)
    proof = values.pop("proof")
    try:
        if proof:
            values["proof_id"] = media.upload(actor, client_id=row.client_id, file=proof).pk
        approve.write_down(actor, approval_id=approval_id, **values)
    except Invalid as error:
        show(form, error)
        return _page(request, row, form=form, status=422)
    except Conflict as conflict:
        return _page(request, awaiting.one(actor, approval_id), said=str(conflict), status=409)
    messages.success(request, _("Written down, as told to you and not as his own press."))
    return redirect("approval", approval_id)


@require_POST
@signed_in
def decide(request: HttpRequest, approval_id: int) -> HttpResponse:
    """A client with an account: yes, or back with a remark. An edit of his own is made by the link."""
    actor = actor_of(request)
    row = awaiting.one(actor, approval_id)
    if not is_client(actor, row.client_id):
        raise Forbidden("approve")
    answer = Answer(
        verdict=request.POST.get("verdict", ""),
        name=actor.name,
        remarks=[Said(request.POST.get("remark", ""))],
        origin=origin(request),
    )
    try:
        approve.decide_by_account(actor, approval_id=approval_id, answer=answer)
    except Gone:
        return _page(request, row, said=_("Nothing has to be decided here any more"), status=410)
    except Conflict as conflict:
        return _page(request, awaiting.one(actor, approval_id), said=str(conflict), status=409)
    except Invalid as error:
        said = error.sentence
        return _page(request, row, said=said, status=422)
    return redirect("approval", approval_id)

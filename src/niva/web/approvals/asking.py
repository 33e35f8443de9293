"""Asking the client about a post, and letting it out without him."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access
from niva.domains.clients.services import terms as contract
from niva.domains.people.errors import Invalid
from niva.domains.publishing.approving import Decision
from niva.domains.publishing.models import Post
from niva.domains.publishing.services import approving
from niva.flows import approve
from niva.web.approvals import links
from niva.web.approvals.forms import AskForm, WaiveForm
from niva.web.clients.listing import actor_of
from niva.web.decide.reading import whole
from niva.web.people.doors import limited, signed_in
from niva.web.people.forms import show
from niva.web.posts.checks import lines_of
from niva.web.posts.previews import previews_of


@never_cache
@signed_in
@limited("invite")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, post_id: int) -> HttpResponse:
    """What the client will see, who decides and until when; then the link, shown this once."""
    actor = actor_of(request)
    post = _post(request, post_id)
    terms = contract.terms_of(post.client)
    usual = {"approver_name": terms.approver_name, "approver_email": terms.approver_email}
    form = AskForm(request.POST if request.method == "POST" else None, initial=usual)
    if request.method == "POST" and form.is_valid():
        try:
            row, secret = approve.ask(actor, post_id=post_id, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            return links.shown(request, row, secret)
    context = _context(request, post) | {"form": form}
    return render(request, "approvals/ask.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def waive(request: HttpRequest, post_id: int) -> HttpResponse:
    """Out without the client, with a reason that stays."""
    actor = actor_of(request)
    post = _post(request, post_id)
    form = WaiveForm(request.POST)
    if form.is_valid():
        try:
            approve.waive(actor, post_id=post_id, reason=form.cleaned_data["reason"])
        except Invalid as error:
            show(form, error)
        else:
            messages.warning(request, _("It may go out without the client; your reason is in the evidence."))
            return redirect("post_edit", post_id)
    context = _context(request, post) | {"waive_form": form, "waive_open": True}
    return render(request, "approvals/ask.html", context, status=422)


def _post(request: HttpRequest, post_id: int) -> Post:
    rows = Post.objects.filter(deleted_at__isnull=True).select_related("client")
    return access.get(actor_of(request), rows, post_id, can="write")


def _context(request: HttpRequest, post: Post) -> dict[str, Any]:
    actor, now = actor_of(request), timezone.now()
    terms = contract.terms_of(post.client)
    seen = whole(post.pk)
    open_one = post.approvals.filter(decision=Decision.OPEN, voided_at__isnull=True).first()
    usual = {"approver_name": terms.approver_name, "approver_email": terms.approver_email}
    return {
        "post": post,
        "terms": terms,
        "previews": previews_of(lines_of(seen), seen.planned_at),
        "zone": post.client.time_zone,
        "due": contract.due(terms, now, urgent=False),
        "urgent_due": contract.due(terms, now, urgent=True),
        "round": approving.next_round(post),
        "open_one": open_one,
        "may_ask": approving.may_ask(actor, post.client_id),
        "may_waive": terms.needed and access.may(actor, "manage", client_id=post.client_id),
        "form": AskForm(initial=usual),
        "waive_form": WaiveForm(),
        "terms_url": reverse("client_terms", args=[post.client_id]),
        "may_manage": access.may(actor, "manage", client_id=post.client_id),
    }

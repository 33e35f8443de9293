"""Asking for a proposal for one post, and deciding on it: nothing leaves the desk without a click."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access
from niva.domains.editorial.assisting import LONGEST_ASKED, Wish
from niva.domains.editorial.services import assistant, proposals
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.domains.publishing.models import Post
from niva.flows import assist
from niva.kit.openai_like import ServiceFailed
from niva.web.assistant.forms import AskForm
from niva.web.clients.listing import actor_of
from niva.web.people.doors import limited, signed_in
from niva.web.people.forms import show
from niva.words.services import service_says

SHOWN = 20  # proposals of one post on its page


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, post_id: int) -> HttpResponse:
    """GET shows what would be sent; POST sends exactly what stands in the box, and keeps what comes back."""
    actor = actor_of(request)
    post = access.get(actor, Post.objects.filter(deleted_at__isnull=True), post_id, can="write")
    if request.method == "POST":
        return _ask(request, actor, post)
    wish = _wish(request.GET.get("wish", ""))
    form = AskForm(initial={"wish": wish, "asked": assist.what_is_sent(post.text, wish)})
    return _page(request, actor, post, form, wish)


def _wish(typed: str) -> str:
    return typed if typed in Wish.values else Wish.HOOKS.value


@limited("assist")
def _ask(request: HttpRequest, actor: Actor, post: Post) -> HttpResponse:
    """Each question keeps one of the desk's threads busy while the service thinks: so they are counted."""
    wish = _wish(request.POST.get("wish", ""))
    form = AskForm(request.POST)
    failed = ""
    if form.is_valid():
        try:
            assist.propose(actor, post_id=post.pk, **form.cleaned_data)
        except ServiceFailed as error:
            failed = service_says(error.code, error.detail)
        except Invalid as error:
            show(form, error)
        else:
            return redirect("assist", post.pk)
    return _page(request, actor, post, form, wish, status=422, failed=failed)


@require_POST
@signed_in
def decide(request: HttpRequest, proposal_id: int, decision: str) -> HttpResponse:
    """Put in, accept or reject."""
    actor = actor_of(request)
    if decision == "accept":
        row = proposals.accept(actor, proposal_id=proposal_id)
    elif decision == "reject":
        row = proposals.reject(actor, proposal_id=proposal_id)
    elif decision == "put":
        return _put(request, actor, proposal_id)
    else:
        raise NotFound("decision")
    return redirect("assist", row.post_id)


def _put(request: HttpRequest, actor: Actor, proposal_id: int) -> HttpResponse:
    try:
        version = int(request.POST.get("version", ""))
    except ValueError as error:
        raise NotFound("version") from error
    try:
        row = proposals.put_in(
            actor,
            proposal_id=proposal_id,
            text=request.POST.get("text", ""),
            where=request.POST.get("where", ""),
            version=version,
        )
    except Conflict as conflict:
        if not isinstance(conflict.current, Post):
            raise
        post = conflict.current
        form = AskForm(initial={"wish": Wish.HOOKS, "asked": assist.what_is_sent(post.text, Wish.HOOKS)})
        more = {"failed": str(conflict), "typed": (proposal_id, request.POST.get("text", ""))}
        return _page(request, actor, post, form, Wish.HOOKS.value, status=409, **more)
    return redirect("post_edit", row.post_id)


def _page(
    request: HttpRequest,
    actor: Actor,
    post: Post,
    form: AskForm,
    wish: str,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    row = assistant.assistant_of(actor)
    ready = assist.is_ready(actor)
    typed_id, typed = more.pop("typed", (0, ""))
    rows = list(proposals.proposals(actor, post_id=post.pk)[:SHOWN])
    context = {
        "post": post,
        "form": form,
        "wish": wish,
        "wishes": Wish.choices,
        "needs_fragment": wish == Wish.FROM_FRAGMENT,
        "ready": ready,
        "host": urlsplit(row.base).netloc if row else "",
        "model": row.model if row else "",
        "longest": LONGEST_ASKED,
        "rows": [(one, typed if one.pk == typed_id else one.text) for one in rows],
        "marked": proposals.marked(actor, post=post),
        "owner": actor.role == "owner",
    }
    return render(request, "assistant/propose.html", context | more, status=status)

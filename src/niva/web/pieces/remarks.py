"""Remarks on the page of a piece: made at a place, answered, settled and taken up again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from niva.domains.clients import access
from niva.domains.editorial.models import Piece
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing import queries as publishing
from niva.domains.publishing.approving import Remark
from niva.domains.publishing.services import remarks
from niva.flows import remarking
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.web.pieces import page
from niva.web.pieces.forms import RemarkForm


@require_POST
@signed_in
def add(request: HttpRequest, piece_id: int) -> HttpResponse:
    """A new remark; 422 with all that was typed when its place is not there."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    piece = access.get(actor, Piece.objects.all(), piece_id, can="work")
    post = publishing.post_page(actor, piece.post_id)
    form = RemarkForm(post, request.POST)
    if form.is_valid():
        try:
            remark = remarking.add(
                actor,
                post=post,
                text=form.cleaned_data["text"],
                place=form.chosen,
                inside=not form.cleaned_data["shown"],
            )
        except Invalid as error:
            # A hidden box shows no error: its place is the list.
            where = {"where" if name == "place" else name: said for name, said in error.errors.items()}
            show(form, Invalid(where))
        else:
            return _back(remark)
    context = page.context_of(actor, piece_id, remark_form=form)
    return render(request, "pieces/page.html", context, status=422)


@require_POST
@signed_in
def answer(request: HttpRequest, remark_id: int) -> HttpResponse:
    """An answer; what is among ourselves stays there."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    remark = remarks.seen_by(actor, remark_id)
    piece = _piece(actor, remark)
    text = request.POST.get("text", "")
    try:
        remarking.answer(actor, remark=remark, text=text, inside=request.POST.get("shown") != "1")
    except Invalid as error:
        said = error.sentence
        failed = {"id": remark.parent_id or remark.pk, "text": text, "said": said}
        context = page.context_of(actor, piece.pk, answer_failed=failed)
        return render(request, "pieces/page.html", context, status=422)
    return _back(remark)


@require_POST
@signed_in
def settle(request: HttpRequest, remark_id: int) -> HttpResponse:
    """It is settled, or not after all."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    match request.POST.get("verb", "resolve"):
        case "resolve":
            remark = remarks.resolve(actor, remark_id=remark_id)
        case "reopen":
            remark = remarks.reopen(actor, remark_id=remark_id)
        case verb:
            raise NotFound(verb)
    return _back(remark, place="remarks")


def _piece(actor: Actor, remark: Remark) -> Piece:
    rows = Piece.objects.filter(post=remark.post_id)
    return access.get(actor, rows, rows.values_list("pk", flat=True).first() or 0, can="work")


def _back(remark: Remark, place: str = "") -> HttpResponse:
    piece = redirect("piece", remark.post.piece.pk)
    piece["Location"] += f"#{place or f'remark-{remark.parent_id or remark.pk}'}"
    return piece

"""Many pieces at once: what is to change, the preview, the work with its progress, the account."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from niva.domains.editorial import table
from niva.domains.editorial.models import Piece
from niva.domains.editorial.saved import BulkEdit
from niva.domains.editorial.services import bulk
from niva.domains.editorial.services.changes import CHANGES, change_of
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.web.board import table_wish
from niva.web.board.table import workable, zone_of
from niva.web.board.table_forms import ValueForm
from niva.web.board.table_words import ACTION_WORDS
from niva.web.people.doors import signed_in

MOST_REASONS: Final = 100  # refused pieces that the page names


@signed_in
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """From the table: `pieces` or `scope=all` of the filter, the `action` and its value; then the preview."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    clients = workable(actor)
    wish = table_wish.read(QueryDict(request.POST.get("query", "")[:2000]))
    action = request.POST.get("action", "")
    everything = request.POST.get("scope") == "all"
    chosen = [] if everything else _numbers(request.POST.getlist("piece"))
    given = any(name.startswith("value-") for name in request.POST)
    form = ValueForm(actor, clients, action, request.POST if given else None)
    context = {
        "form": form, "action": action, "word": ACTION_WORDS.get(action, ""), "everything": everything,
        "chosen": chosen, "query": table_wish.write(wish), "error": "",
    }  # fmt: skip
    try:
        if action not in CHANGES:
            raise Invalid.one("action", _("Choose what is to be changed."))
        if everything:
            rows = table.pieces(actor, wish, zone=zone_of(actor, clients, wish))
            chosen = list(rows.values_list("pk", flat=True)[: table.MOST_AT_ONCE + 1])
        if not chosen:
            raise Invalid.one("pieces", _("Choose at least one piece."))
        if not given or not form.is_valid():
            return render(request, "board/bulk_value.html", context, status=422 if given else 200)
        edit = bulk.prepare(actor, ids=chosen, action=action, value=form.value(), back=table_wish.write(wish))
    except Invalid as error:
        context["error"] = error.sentence
        return render(request, "board/bulk_value.html", context, status=422)
    return redirect("pieces_bulk_edit", edit.pk)


def _numbers(texts: list[str]) -> list[int]:
    return [
        int(one) for one in texts[: table.MOST_AT_ONCE] if one.isascii() and one.isdecimal() and len(one) < 19
    ]


@signed_in
@require_safe
def fields(request: HttpRequest) -> HttpResponse:
    """The fields of an action, into the form at the table."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    clients = workable(actor)
    form = ValueForm(actor, clients, request.GET.get("action", ""))
    return render(request, "board/bulk_fields.html", {"form": form})


@signed_in
@require_safe
def edit(request: HttpRequest, edit_id: int) -> HttpResponse:
    """The preview, how far it has come, or the account."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    workable(actor)
    return render(request, "board/bulk.html", _context(actor, bulk.edit_of(actor, edit_id)))


@signed_in
@require_POST
def run(request: HttpRequest, edit_id: int) -> HttpResponse:
    """The next portion; the page asks for the one after it by itself, without scripts by its button."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    workable(actor)
    done = bulk.run(actor, edit_id=edit_id)
    if request.headers.get("HX-Request"):
        return render(request, "board/bulk_body.html", _context(actor, done))
    return redirect("pieces_bulk_edit", edit_id)


@signed_in
@require_POST
def undo(request: HttpRequest, edit_id: int) -> HttpResponse:
    """The way back begins: an edit of its own."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    workable(actor)
    try:
        way = bulk.undo(actor, edit_id=edit_id)
    except Invalid as error:
        context = _context(actor, bulk.edit_of(actor, edit_id))
        context["error"] = error.sentence
        return render(request, "board/bulk.html", context, status=422)
    bulk.run(actor, edit_id=way.pk)
    return redirect("pieces_bulk_edit", way.pk)


def _context(actor: Actor, row: BulkEdit) -> dict[str, Any]:
    is_back = bulk.BACK in row.value
    first = row.refused[:MOST_REASONS]
    names = _names(actor, [pk for pk, _said in first])
    return {
        "edit": row,
        "word": ACTION_WORDS[row.action],
        "is_back": is_back,
        "waiting": len(row.order),
        "changed": len(row.before),
        "done": row.total - len(row.order),
        "same": row.total - len(row.order) - len(row.refused) - len(row.before),
        "refused": [(names.get(pk, ""), pk, said) for pk, said in first],
        "refused_more": max(0, len(row.refused) - MOST_REASONS),
        "may_undo": bulk.may_undo(actor, row),
        "undoable": change_of(actor, row.action, row.value).undoable,
        "unlooked": row.action == "stage" and row.begun_at is None and row.total > bulk.MOST_EXITS,
        "error": "",
    }


def _names(actor: Actor, numbers: list[int]) -> dict[int, Piece]:
    return {one.pk: one for one in table.within(actor, numbers).select_related("post", "client")}

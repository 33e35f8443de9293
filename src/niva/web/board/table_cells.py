"""One cell of the table changed where it stands: by htmx, or on a page of its own without scripts."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from niva.domains.clients import access
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services import bulk, keeping
from niva.domains.editorial.services.changes import change_of
from niva.domains.editorial.table import hour, shown
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.web.board import table_wish
from niva.web.board.table_forms import cell_form, cell_value
from niva.web.board.table_html import cells_of
from niva.web.board.table_rows import rows_of
from niva.web.board.table_words import COLUMN_WORDS, EDITABLE
from niva.web.people.doors import signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def cell(request: HttpRequest, piece_id: int, column: str) -> HttpResponse:
    """The form of a cell; sent, the row as it stands then."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if column not in EDITABLE:
        raise NotFound("cell")
    piece = _piece(actor, piece_id, can="work" if column == "stage" else "write")
    if request.method != "POST":
        return _form(request, piece, column, cell_form(piece, column))
    form = cell_form(piece, column, request.POST)
    if not form.is_valid():
        return _form(request, piece, column, form, status=422)
    try:
        value = cell_value(piece, column, form)
        seen = json.loads(request.POST["seen"]) if request.POST.get("seen") else bulk.UNSEEN
        bulk.change_one(actor, piece_id=piece.pk, action=EDITABLE[column], value=value, seen=seen)
    except Invalid as error:
        for sentence in error.sentences:
            form.add_error(None, sentence)
        return _form(request, piece, column, form, status=422)
    except Conflict as error:
        form.add_error(None, str(error))
        return _form(request, _piece(actor, piece_id), column, form, status=409)
    except (ValueError, RecursionError) as error:
        raise NotFound("cell") from error
    if request.headers.get("HX-Request"):
        return _row(request, actor, piece_id)
    return redirect(_table(request))


@signed_in
@require_safe
def row(request: HttpRequest, piece_id: int) -> HttpResponse:
    """A row as it stands now: what «Leave as it is» brings back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return _row(request, actor, piece_id)


def _piece(actor: Actor, piece_id: int, *, can: str = "work") -> Piece:
    rows = Piece.objects.filter(post__deleted_at__isnull=True).annotate(at=hour())
    rows = rows.select_related("post__rubric", "client", "stage").prefetch_related(
        "post__variants", "post__deliveries"
    )
    return access.get(actor, rows, piece_id, can=can)


def _row(request: HttpRequest, actor: Actor, piece_id: int) -> HttpResponse:
    piece = access.get(actor, Piece.objects.filter(post__deleted_at__isnull=True), piece_id, can="work")
    row = rows_of(actor, shown(actor, [piece.pk]))[0]
    context = {
        "row": row,
        "cells": cells_of(row, keeping.columns_of(actor)),
        "base": reverse("pieces"),
        "back": quote(_query(request)),
    }
    return render(request, "board/table_row.html", context)


def _form(
    request: HttpRequest, piece: Piece, column: str, form: forms.Form, *, status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "piece": piece,
        "column": column,
        "word": COLUMN_WORDS[column],
        "form": form,
        "seen": json.dumps(_seen(actor, piece, column)),
        "query": _query(request),
        "back": _table(request),
    }
    name = "board/cell_form.html" if request.headers.get("HX-Request") else "board/cell.html"
    response = render(request, name, context, status=status)
    if status != 200 and request.headers.get("HX-Request"):
        response["HX-Retarget"], response["HX-Reswap"] = f"#cell-{piece.pk}", "outerHTML"
    return response


def _seen(actor: Actor, piece: Piece, column: str) -> Any:
    """What stands in the cell, as the change compares it."""
    empty: dict[str, Any] = {
        "at": {"at": None},
        "author": {"user": None},
        "rubric": {"name": ""},
        "stage": {},
    }
    return change_of(actor, EDITABLE[column], empty[column]).now(piece)


def _query(request: HttpRequest) -> str:
    """How the table was asked for: carried along so that one comes back to it."""
    source = request.POST if request.method == "POST" else request.GET
    return table_wish.write(table_wish.read(QueryDict(source.get("query", "")[:2000])))


def _table(request: HttpRequest) -> str:
    query = _query(request)
    return f"{reverse('pieces')}?{query}" if query else reverse("pieces")

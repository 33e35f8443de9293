"""The buttons of a piece: hand on, return, park, reject, take up again, tick, wait."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from niva.domains.editorial.services import blocks, closing, moves
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.web.people.doors import signed_in
from niva.web.people.forms import show
from niva.web.pieces import page
from niva.web.tasks.forms import WaitForm


def _again(request: HttpRequest, piece_id: int, status: int, **more: Any) -> HttpResponse:
    """The page once more, with what was typed and what is wrong with it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return render(request, "pieces/page.html", page.context_of(actor, piece_id, **more), status=status)


def _said(error: Invalid) -> str:
    return error.sentence


def _number(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() and len(typed) < 10 else None


@require_POST
@signed_in
def move(request: HttpRequest, piece_id: int) -> HttpResponse:
    """To another stage; forwards it hands over, back it returns with a reason."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    typed = request.POST
    try:
        piece = moves.move(
            actor,
            piece_id=piece_id,
            stage_id=_number(typed.get("stage", "")) or 0,
            seen_stage_id=_number(typed.get("seen", "")),
            reason=typed.get("reason", ""),
            note=typed.get("note", ""),
            force=typed.get("force", ""),
        )
    except Invalid as error:
        form = "back" if typed.get("way") == "back" else "on"
        return _again(request, piece_id, 422, failed={"form": form, "said": _said(error)}, typed=typed)
    except Conflict as error:
        return _again(request, piece_id, 409, conflict=str(error), typed=typed)
    who = piece.responsible or _("nobody")
    messages.success(
        request, _("It stands in “%(stage)s” now, with %(who)s.") % {"stage": piece.stage, "who": who}
    )
    return redirect("piece", piece_id)


@require_POST
@signed_in
def off(request: HttpRequest, piece_id: int) -> HttpResponse:
    """Off the board, or back onto it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    typed = request.POST
    verb, reason, words = typed.get("verb", ""), typed.get("off", ""), typed.get("note", "")
    try:
        match verb:
            case "park":
                closing.park(actor, piece_id=piece_id, reason=reason, words=words)
            case "reject":
                closing.reject(actor, piece_id=piece_id, reason=reason, words=words)
            case "resume":
                closing.resume(actor, piece_id=piece_id)
            case "finish":
                closing.finish(actor, piece_id=piece_id, force=typed.get("force", ""))
            case _other:
                raise NotFound(verb)
    except Invalid as error:
        form = "on" if verb == "finish" else "off"
        return _again(request, piece_id, 422, failed={"form": form, "said": _said(error)}, typed=typed)
    except Conflict as error:
        return _again(request, piece_id, 409, conflict=str(error), typed=typed)
    return redirect("piece", piece_id)


@require_POST
@signed_in
def tick(request: HttpRequest, piece_id: int) -> HttpResponse:
    """What only a person can see of what is wanted before it goes on."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        closing.tick(
            actor, piece_id=piece_id, item=request.POST.get("item", ""), on=request.POST.get("on") == "1"
        )
    except Invalid as error:
        return _again(request, piece_id, 422, failed={"form": "on", "said": _said(error)})
    return redirect("piece", piece_id)


@require_POST
@signed_in
def wait(request: HttpRequest, piece_id: int) -> HttpResponse:
    """Whoever has it cannot go on, and why."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = WaitForm(request.POST)
    if form.is_valid():
        try:
            blocks.begin(actor, piece_id=piece_id, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        except Conflict as error:
            return _again(request, piece_id, 409, conflict=str(error), wait_form=form)
        else:
            return redirect("piece", piece_id)
    return _again(request, piece_id, 422, wait_form=form)

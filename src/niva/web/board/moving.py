"""Moving a card by drag, by dialog and without scripts: one door, the same refusals."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from niva.domains.clients import access
from niva.domains.editorial import exits
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services import closing, moves
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.states import Off, PieceState, Reason, StageKind, why_off
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden, Invalid
from niva.web import answers
from niva.web.board.views import answer, dialog
from niva.web.board.wish import number, query, read
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show

OFF: Final = {
    "parked": gettext_lazy("Park it for a while"),
    "rejected": gettext_lazy("Reject it"),
    "done": gettext_lazy("It is done"),
}


class MoveForm(forms.Form):
    """Where to, why back, why off the board; ticks of what only a person can see."""

    to = forms.ChoiceField(label=gettext_lazy("Where to"))
    ticks = forms.MultipleChoiceField(
        label=gettext_lazy("Done before it goes on"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Why it goes back"),
        required=False,
        choices=[("", gettext_lazy("only if it goes back")), *Reason.choices],
    )
    off = forms.ChoiceField(
        label=gettext_lazy("Why it leaves the board"),
        required=False,
        choices=[("", gettext_lazy("only if it is parked or rejected")), *Off.choices],
    )
    note = forms.CharField(
        label=gettext_lazy("A word to whoever has it next"),
        required=False,
        max_length=380,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    force = forms.CharField(
        label=gettext_lazy("Why it goes on all the same"),
        required=False,
        max_length=380,
        help_text=gettext_lazy("Only if something above is missing; stays written in the trail."),
    )

    def __init__(self, actor: Actor, piece: Piece, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages = stages_of(piece.client)
        here = piece.state == PieceState.ACTIVE
        ways = [("parked", OFF["parked"]), ("rejected", OFF["rejected"])]
        if piece.stage_id == stages[-1].pk:
            ways.append(("done", OFF["done"]))
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            (
                _("On the board"),
                [(str(one.pk), str(one)) for one in stages if not here or one.pk != piece.stage_id],
            ),
            *([(_("Off the board"), ways)] if here else []),
        ]
        by_hand = exits.by_hand(piece.stage) if here else []
        if by_hand:
            self.fields["ticks"].choices = by_hand  # type: ignore[attr-defined]
            self.initial.setdefault("ticks", list(piece.ticks))
        else:
            del self.fields["ticks"]
        if not here:
            del self.fields["reason"], self.fields["off"], self.fields["force"]
        elif not access.may(actor, "edit", client_id=piece.client_id):
            del self.fields["force"]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, piece_id: int) -> HttpResponse:
    """GET: «Move…» with `to` chosen already, if it is given. POST: the move itself."""
    actor, wanted = actor_of(request), read(request)
    rows = Piece.objects.filter(post__deleted_at__isnull=True)
    piece = access.get(actor, rows.select_related("client", "stage", "post", "responsible"), piece_id)
    if not moves.may_move(actor, piece):
        raise Forbidden("edit")
    if request.method != "POST":
        to = _aim(piece, request.GET.get("to", "")) or _next(piece)
        return _ask(request, actor, piece, MoveForm(actor, piece, initial={"to": to}))
    data = request.POST.copy()
    data["to"] = _aim(piece, data.get("to", ""))
    form = MoveForm(actor, piece, data)
    if form.is_valid():
        if "shown" not in data:  # a drag says nothing of ticks
            form.cleaned_data.pop("ticks", None)
        try:
            _do(actor, piece, form.cleaned_data, seen=number(data.get("seen", "")))
        except Invalid as error:
            names = {"stage": "to", "exits": "", "wip": "to"}
            if "exits" in error.errors and "force" not in form.fields:
                error.errors["exits"].append(_("Settle it, or ask who leads the newsroom."))
            show(form, Invalid({names.get(key, key): value for key, value in error.errors.items()}))
        else:
            if answers.wants_json(request) or request.headers.get("HX-Request"):
                return answer(request, actor, wanted)
            return redirect(f"{reverse('board')}?{query(wanted)}")
    if answers.wants_json(request):
        ask = f"{reverse('board_move', args=[piece.pk])}?{query(wanted)}&to={data['to']}"
        said = [sentence for several in form.errors.values() for sentence in several]
        return JsonResponse({"error": " ".join(map(str, said)), "ask": ask}, status=422)
    return _ask(request, actor, piece, form, status=422)


def _aim(piece: Piece, to: str) -> str:
    """Of a column of all clients: this client's own stage of that kind. Else as it was said."""
    if to not in StageKind.values or to == StageKind.OTHER:
        return to
    return next((str(one.pk) for one in stages_of(piece.client) if one.kind == to), "")


def _next(piece: Piece) -> str:
    """The stage after the one in which it stands."""
    after = [one for one in stages_of(piece.client) if one.position > piece.stage.position]
    if piece.state != PieceState.ACTIVE:
        return str(closing.nearest(stages_of(piece.client), piece.stage).pk)
    return str(after[0].pk) if after else "done"


@transaction.atomic
def _do(actor: Actor, piece: Piece, said: dict[str, Any], *, seen: int | None) -> None:
    """Ticks first, then the move; refused together."""
    if said["to"] not in OFF:
        moves.hold(actor, int(said["to"]))
    wanted = set(said.get("ticks", ()))
    still_there = piece.state == PieceState.ACTIVE and seen in (None, piece.stage_id)
    for item, _words in exits.by_hand(piece.stage) if still_there and "ticks" in said else ():
        if (item in wanted) != (item in piece.ticks):
            closing.tick(actor, piece_id=piece.pk, item=item, on=item in wanted)
    to, note = said["to"], said["note"]
    if to == "parked":
        closing.park(actor, piece_id=piece.pk, reason=said["off"], words=note)
    elif to == "rejected":
        closing.reject(actor, piece_id=piece.pk, reason=said["off"], words=note)
    elif to == "done":
        closing.finish(actor, piece_id=piece.pk, force=said.get("force", ""))
    else:
        moves.move(
            actor,
            piece_id=piece.pk,
            stage_id=int(to),
            seen_stage_id=seen,
            reason=said.get("reason", ""),
            note=note,
            force=said.get("force", ""),
        )


def _ask(request: HttpRequest, actor: Actor, piece: Piece, form: MoveForm, status: int = 200) -> HttpResponse:
    lacking = exits.missing(piece) if piece.state == PieceState.ACTIVE else []
    context = {
        "piece": piece,
        "form": form,
        "title": str(piece.post) or _("untitled"),
        "stage": piece.stage if piece.state == PieceState.ACTIVE else "",
        "state": PieceState(piece.state).label,
        "why": why_off(piece.reason),
        "lacking": [one.sentence for one in lacking if not one.by_hand],
        "query": query(read(request)),
    }
    return dialog(request, "move", context, status)

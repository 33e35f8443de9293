"""What is asked of a piece, written down: kind, audience, one message, hook, call, people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from niva.domains.clients import access
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services import pieces
from niva.domains.editorial.states import Unit
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.people.models import User
from niva.web.people.doors import signed_in

_PEOPLE = ("author_id", "designer_id")


class PieceForm(forms.Form):
    unit = forms.ChoiceField(label=_("What it is"), choices=Unit.choices)
    audience = forms.CharField(label=_("For whom"), required=False, max_length=200)
    key_message = forms.CharField(
        label=_("One key message"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )
    hook = forms.CharField(
        label=_("Hook: the first line or the first second"), required=False, max_length=300
    )
    call = forms.CharField(label=_("Call to action"), required=False, max_length=300)
    origin = forms.CharField(label=_("Where the facts come from"), required=False, max_length=400)
    author_id = forms.TypedChoiceField(label=_("Author"), required=False, coerce=int, empty_value=None)
    designer_id = forms.TypedChoiceField(label=_("Designer"), required=False, coerce=int, empty_value=None)
    urgent = forms.BooleanField(label=_("Urgent"), required=False)

    def __init__(self, people: Iterable[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "—"), *((one.pk, str(one)) for one in people)]
        for name in _PEOPLE:
            box = self.fields[name]
            assert isinstance(box, forms.TypedChoiceField)
            box.choices = choices


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, piece_id: int) -> HttpResponse:
    """422 keeps what was typed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    piece = access.get(actor, Piece.objects.select_related("client", "post"), piece_id, can="write")
    people = pieces.people_of(piece.client_id, piece.workspace_id)
    initial = {name: getattr(piece, name) for name in PieceForm.base_fields}
    form = PieceForm(people, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            pieces.write(actor, piece_id=piece.pk, **form.cleaned_data)
        except Invalid as error:
            for name, sentences in error.errors.items():
                form.add_error(name, sentences)
        else:
            return redirect("piece", piece.pk)
    context = {"piece": piece, "form": form}
    return render(request, "pieces/form.html", context, status=422 if form.errors else 200)

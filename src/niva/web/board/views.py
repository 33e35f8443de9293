"""The board, the rest of a column, and «+ Idea»."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from niva.domains.clients import access
from niva.domains.editorial import queries
from niva.domains.editorial.queries import Wanted
from niva.domains.editorial.services import pieces
from niva.domains.editorial.states import StageKind
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden, Invalid, NotFound
from niva.domains.strategy.models import Rubric
from niva.web.board.contexts import context_of, more_context
from niva.web.board.wish import number, query, read
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


@signed_in
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """All columns with their first cards."""
    access.demand_somewhere(actor_of(request), "work")
    return answer(request, actor_of(request), read(request))


def answer(request: HttpRequest, actor: Actor, wanted: Wanted) -> HttpResponse:
    """The whole page, or only the board for what htmx and the drag replace."""
    htmx = request.htmx  # type: ignore[attr-defined]
    part = (htmx and not htmx.history_restore_request) or request.method == "POST"
    name = "board/fragment.html" if part else "board/board.html"
    response = render(request, name, context_of(actor, wanted))
    patch_vary_headers(response, ["HX-Request"])
    return response


@signed_in
@require_safe
def more(request: HttpRequest) -> HttpResponse:
    """The next cards of a column: `key` (a stage, or a kind), `after` so many."""
    key, after = request.GET.get("key", ""), number(request.GET.get("after", "0"))
    if after is None or after > 100_000 or (number(key) is None and key not in StageKind.values):
        raise NotFound("stage")
    context = more_context(actor_of(request), read(request), key=key, after=after)
    name = "board/more.html" if request.headers.get("HX-Request") else "board/more_page.html"
    response = render(request, name, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


class IdeaForm(forms.Form):
    """What is known of an idea at once; the rest is asked for stage by stage."""

    title = forms.CharField(
        label=gettext_lazy("What it is about"),
        max_length=200,
        widget=forms.TextInput(attrs={"autofocus": True}),
        help_text=gettext_lazy("In a few words: it becomes the title of the card."),
    )
    client = forms.TypedChoiceField(label=gettext_lazy("Client"), coerce=int)
    rubric = forms.TypedChoiceField(
        label=gettext_lazy("Rubric"), coerce=int, required=False, empty_value=None
    )
    audience = forms.CharField(
        label=gettext_lazy("For whom"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Whom it should help or move; may be said later."),
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clients = [one for one in queries.clients_of(actor) if access.may(actor, "write", client_id=one.pk)]
        if not clients:
            raise Forbidden("write")
        rows = access.visible(actor, Rubric.objects.filter(client__in=clients, archived_at__isnull=True))
        groups: dict[int, list[tuple[int, str]]] = {}
        for rubric in rows:
            groups.setdefault(rubric.client_id, []).append((rubric.pk, rubric.name))
        self.fields["client"].choices = [(one.pk, one.name) for one in clients]  # type: ignore[attr-defined]
        self.fields["rubric"].choices = [  # type: ignore[attr-defined]
            ("", _("not chosen yet")),
            *((one.name, groups[one.pk]) for one in clients if one.pk in groups),
        ]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def idea(request: HttpRequest) -> HttpResponse:
    """«+ Idea»: a dialog with htmx, a page of its own without."""
    actor, wanted = actor_of(request), read(request)
    if request.method != "POST":
        return _idea_form(request, wanted, IdeaForm(actor, initial={"client": wanted.client_id}))
    form = IdeaForm(actor, request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            pieces.propose(
                actor,
                client_id=said["client"],
                title=said["title"],
                audience=said["audience"],
                rubric_id=said["rubric"],
            )
        except Invalid as error:
            names = {"rubric_id": "rubric", "client_id": "client"}
            show(form, Invalid({names.get(key, key): value for key, value in error.errors.items()}))
        else:
            if request.headers.get("HX-Request"):
                return answer(request, actor, wanted)
            return redirect(f"{reverse('board')}?{query(wanted)}")
    return _idea_form(request, wanted, form, status=422)


def _idea_form(request: HttpRequest, wanted: Wanted, form: IdeaForm, status: int = 200) -> HttpResponse:
    return dialog(request, "idea", {"form": form, "query": query(wanted)}, status)


def dialog(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A form as a dialog for htmx, as a page without; one that was refused stays where it was typed."""
    htmx = bool(request.headers.get("HX-Request"))
    template = f"board/{name}_dialog.html" if htmx else f"board/{name}.html"
    response = render(request, template, context, status=status)
    if htmx and status != 200:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    patch_vary_headers(response, ["HX-Request"])
    return response

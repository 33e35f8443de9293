"""The stages of a client: the list in its order, one of them in full, putting away, giving them to others."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access
from niva.domains.clients.models import Client, Role
from niva.domains.editorial import exits, queries
from niva.domains.editorial.models import Stage
from niva.domains.editorial.services import moves, office, pieces
from niva.domains.editorial.services import stages as services
from niva.domains.editorial.states import StageKind
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.web.board.wish import number
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


class NewStageForm(forms.Form):
    """Another stage: one of one's own, or an ordinary one that was put away."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, required=False,
        help_text=gettext_lazy("The lawyer looks, the expert answers."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("What it is for"))
    after = forms.TypedChoiceField(label=gettext_lazy("After which"), coerce=int)

    def __init__(self, rows: list[Stage], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = {one.kind for one in rows}
        kinds = [one for one in StageKind.choices if one[0] not in there and one[0] != StageKind.OTHER]
        self.fields["kind"].choices = [(StageKind.OTHER.value, StageKind.OTHER.label), *kinds]  # type: ignore[attr-defined]
        self.fields["after"].choices = [(one.pk, str(one)) for one in rows]  # type: ignore[attr-defined]
        self.initial.setdefault("after", rows[-1].pk)


class StageForm(forms.Form):
    """Everything of one stage but its place."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, required=False,
        help_text=gettext_lazy("Empty: the ordinary name of such a stage."),
    )  # fmt: skip
    owner_id = forms.TypedChoiceField(
        label=gettext_lazy("Who is responsible"), coerce=int, required=False, empty_value=None
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Or whoever is"),
        required=False,
        choices=[("", gettext_lazy("nobody in particular")), *Role.choices],
        help_text=gettext_lazy("An author or designer who is named on the card comes first."),
    )
    stand_in_id = forms.TypedChoiceField(
        label=gettext_lazy("Who stands in"), coerce=int, required=False, empty_value=None
    )
    stand_in_until = forms.DateField(
        label=gettext_lazy("Until which day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    hours = forms.IntegerField(
        label=gettext_lazy("Working hours at most"), required=False, min_value=1, max_value=9999
    )
    wip = forms.IntegerField(
        label=gettext_lazy("Cards at once at most"), required=False, min_value=1, max_value=9999
    )
    codes = forms.MultipleChoiceField(
        label=gettext_lazy("What the desk checks before a card leaves"),
        required=False,
        choices=[(code, words) for code, (words, _holds) in exits.CODES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    own = forms.CharField(
        label=gettext_lazy("What a person ticks, one sentence a line"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    instruction = forms.CharField(
        label=gettext_lazy("What is done here"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Stands at the head of the column."),
    )

    def __init__(self, stage: Stage, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = pieces.people_of(stage.client_id, stage.workspace_id)
        choices = [("", _("nobody")), *((one.pk, str(one)) for one in people)]
        for name in ("owner_id", "stand_in_id"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(stage: Stage) -> dict[str, Any]:
        """What the form shows of the stage as it is."""
        names = set(services.FIELDS) - {"exits"}
        return {name: getattr(stage, name) for name in names} | {
            "codes": [one for one in stage.exits if isinstance(one, str)],
            "own": "\n".join(exits.key_of(one) for one in stage.exits if not isinstance(one, str)),
        }

    @property
    def values(self) -> dict[str, Any]:
        """The fields of the stage as `services.change` takes them."""
        said = dict(self.cleaned_data)
        own = [{"text": line.strip()} for line in said.pop("own").splitlines() if line.strip()]
        said["exits"] = [*said.pop("codes"), *own]
        return said


def _client(actor: Actor, client_id: int) -> tuple[Client, list[Stage]]:
    client = access.get(actor, Client.objects.all(), client_id, can="manage")
    return client, office.stages_of(client)


def _one(rows: list[Stage], stage_id: int) -> Stage:
    found = next((one for one in rows if one.pk == stage_id), None)
    if found is None:
        raise NotFound("stage")
    return found


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def stages(request: HttpRequest, client_id: int) -> HttpResponse:
    """All stages in their order; another one is added below."""
    actor = actor_of(request)
    client, rows = _client(actor, client_id)
    form = NewStageForm(rows, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            services.add(
                actor, client_id=client_id, name=said["name"], kind=said["kind"], after_id=said["after"]
            )
        except Invalid as error:
            show(form, error)
        else:
            return redirect("stages", client_id)
    columns = queries.columns_of(actor, client)
    others = [
        one
        for one in queries.clients_of(actor)
        if one.pk != client.pk and access.may(actor, "manage", client_id=one.pk)
    ]
    context = {"client": client, "columns": columns, "form": form, "others": others}
    return render(request, "board/stages.html", context, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, client_id: int, stage_id: int) -> HttpResponse:
    """One stage in full."""
    actor = actor_of(request)
    client, rows = _client(actor, client_id)
    stage = _one(rows, stage_id)
    form = StageForm(
        stage, request.POST if request.method == "POST" else None, initial=StageForm.initial_of(stage)
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change(actor, client_id=client_id, stage_id=stage_id, **form.values)
        except Invalid as error:
            names = {"exits": "own"}
            show(form, Invalid({names.get(key, key): value for key, value in error.errors.items()}))
        else:
            return redirect("stages", client_id)
    return _page(request, client, rows, stage, form, status=422 if form.errors else 200)


def _page(
    request: HttpRequest, client: Client, rows: list[Stage], stage: Stage, form: StageForm, *,
    status: int, away: str = "",
) -> HttpResponse:  # fmt: skip
    context = {
        "client": client,
        "stage": stage,
        "form": form,
        "cards": moves.crowd(stage),
        "others": [one for one in rows if one.pk != stage.pk],
        "away": away,
    }
    return render(request, "board/stage.html", context, status=status)


@require_POST
@signed_in
def shift(request: HttpRequest, client_id: int, stage_id: int) -> HttpResponse:
    """One place earlier, or `later`."""
    by = 1 if request.POST.get("later") else -1
    actor = actor_of(request)
    _one(_client(actor, client_id)[1], stage_id)
    services.shift(actor, client_id=client_id, stage_id=stage_id, by=by)
    return redirect("stages", client_id)


@require_POST
@signed_in
def away(request: HttpRequest, client_id: int, stage_id: int) -> HttpResponse:
    """Put it away; `to` is where its cards go."""
    actor = actor_of(request)
    client, rows = _client(actor, client_id)
    stage = _one(rows, stage_id)
    try:
        services.put_away(
            actor, client_id=client_id, stage_id=stage_id, to_id=number(request.POST.get("to", ""))
        )
    except Invalid as error:
        form = StageForm(stage, initial=StageForm.initial_of(stage))
        said = error.sentence
        return _page(request, client, rows, stage, form, status=422, away=said)
    return redirect("stages", client_id)


@require_POST
@signed_in
def copy(request: HttpRequest, client_id: int) -> HttpResponse:
    """Give other clients (`to`) the stages of this one."""
    actor = actor_of(request)
    wanted = [one for said in request.POST.getlist("to")[:500] if (one := number(said)) is not None]
    services.copy_pipeline(actor, from_id=client_id, to_ids=wanted)
    return redirect("stages", client_id)

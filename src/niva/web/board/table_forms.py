"""What is typed at the table: one cell, and the value of a change of many."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.communities.queries import communities
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services import pieces
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.states import Off, Reason, StageKind, Unit
from niva.domains.people.actor import Actor
from niva.domains.strategy.models import Rubric
from niva.web.looks import network_name
from niva.web.posts.show import wall_clock

NOBODY: Final = gettext_lazy("nobody")
NO_RUBRIC: Final = gettext_lazy("without a rubric")


class HourForm(forms.Form):
    """Day and hour by the client's clock; both empty: none."""

    date = forms.DateField(
        label=gettext_lazy("Day"), required=False,
        widget=forms.DateInput(attrs={"type": "date", "autofocus": True}, format="%Y-%m-%d"),
    )  # fmt: skip
    time = forms.TimeField(
        label=gettext_lazy("Hour"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if bool(found.get("date")) != (found.get("time") is not None) and not self.errors:
            raise forms.ValidationError(_("Say both the day and the hour, or neither."))
        return found


class CellForm(forms.Form):
    """One choice out of a list."""

    value = forms.ChoiceField(required=False, widget=forms.Select(attrs={"autofocus": True}))


class StageForm(CellForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("If it goes back: why"), required=False, choices=[("", "…"), *Reason.choices]
    )


def cell_form(piece: Piece, column: str, data: Any = None) -> forms.Form:
    """The form of a cell, filled with what stands there."""
    if column == "at":
        return HourForm(data, initial=_hour(piece))
    first: list[tuple[Any, Any]]
    now: Any
    if column == "author":
        people = pieces.people_of(piece.client_id, piece.workspace_id)
        first, now = [("", NOBODY), *((one.pk, str(one)) for one in people)], piece.author_id
    elif column == "rubric":
        rows = Rubric.objects.filter(client=piece.client, archived_at__isnull=True)
        name = piece.post.rubric.name if piece.post.rubric else ""
        first, now = [("", NO_RUBRIC), *((one.name, one.name) for one in rows)], name
    else:
        first, now = [(one.pk, str(one)) for one in stages_of(piece.client)], piece.stage_id
    form = (StageForm if column == "stage" else CellForm)(data, initial={"value": now})
    form.fields["value"].choices = first  # type: ignore[attr-defined]
    return form


def _hour(piece: Piece) -> dict[str, Any]:
    at: datetime | None = getattr(piece, "at", piece.post.planned_at)
    if at is None:
        return {}
    local = at.astimezone(ZoneInfo(piece.client.time_zone))
    return {"date": local.date(), "time": local.time().replace(second=0, microsecond=0)}


def cell_value(piece: Piece, column: str, form: forms.Form) -> dict[str, Any]:
    """What the change of a cell is told. Raises Invalid for an hour that the clock does not have."""
    data = form.cleaned_data
    if column == "at":
        if not data["date"]:
            return {"at": None}
        return {"at": wall_clock(data["date"], data["time"], piece.client.time_zone).isoformat()}
    chosen = data["value"]
    if column == "author":
        return {"user": int(chosen) if chosen else None}
    if column == "rubric":
        return {"name": chosen}
    return {"stage": int(chosen or 0), "reason": data["reason"]}


class ValueForm(forms.Form):
    """The value of a change of many: the fields of its action alone."""

    def __init__(self, actor: Actor, clients: list[Client], action: str, data: Any = None) -> None:
        super().__init__(data, prefix="value")
        self.action = action
        for name, one in _fields(actor, clients, action).items():
            self.fields[name] = one

    def value(self) -> dict[str, Any]:
        """What `changes.change_of` takes."""
        data = self.cleaned_data
        if self.action in ("author", "designer"):
            return {"user": int(data["user"]) if data["user"] else None}
        if self.action == "urgent":
            return {"on": data["on"] == "1"}
        if self.action == "hour":
            return {"time": f"{data['time']:%H:%M}"}
        if self.action == "community":
            return {"community": int(data["community"])}
        return {name: value for name, value in data.items() if value != ""}


def _fields(actor: Actor, clients: list[Client], action: str) -> dict[str, forms.Field]:
    makers: dict[str, Any] = {
        "author": lambda: {"user": _choice(gettext_lazy("Author"), _people(actor), needed=False)},
        "designer": lambda: {"user": _choice(gettext_lazy("Designer"), _people(actor), needed=False)},
        "rubric": lambda: {"name": _choice(gettext_lazy("Rubric"), _rubrics(actor), needed=False)},
        "unit": lambda: {"unit": _choice(gettext_lazy("Kind"), Unit.choices)},
        "urgent": lambda: {
            "on": _choice(
                gettext_lazy("Urgent"), [("1", gettext_lazy("urgent")), ("0", gettext_lazy("not urgent"))]
            )
        },
        "shift": lambda: {
            "days": forms.IntegerField(
                label=gettext_lazy("Days"), min_value=-366, max_value=366, initial=1,
                help_text=gettext_lazy("With a minus for earlier."),
            )
        },
        "hour": lambda: {
            "time": forms.TimeField(
                label=gettext_lazy("Hour"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                help_text=gettext_lazy("Of the same day, by the clock of each client."),
            )
        },
        "stage": lambda: {
            "kind": _choice(gettext_lazy("Stage"), [one for one in StageKind.choices if one[0] != "other"]),
            "reason": _choice(
                gettext_lazy("If it goes back: why"), [("", "…"), *Reason.choices], needed=False
            ),
        },
        "park": lambda: _off(gettext_lazy("Why it is parked")),
        "reject": lambda: _off(gettext_lazy("Why it is rejected")),
        "community": lambda: {"community": _choice(gettext_lazy("Community"), _places(actor, clients))},
    }  # fmt: skip
    return makers[action]() if action in makers else {}


def _choice(label: Any, options: Any, *, needed: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=options, required=needed)


def _off(label: Any) -> dict[str, forms.Field]:
    note = forms.CharField(label=gettext_lazy("In your words"), required=False, max_length=200)
    return {"reason": _choice(label, Off.choices), "note": note}


def _people(actor: Actor) -> list[tuple[Any, Any]]:
    return [("", NOBODY), *((one.pk, str(one)) for one in pieces.colleagues(actor))]


def _rubrics(actor: Actor) -> list[tuple[Any, Any]]:
    rows = access.visible(actor, Rubric.objects.filter(archived_at__isnull=True), can="work")
    names = dict.fromkeys(rows.order_by("name").values_list("name", flat=True))
    return [("", NO_RUBRIC), *((name, name) for name in names)]


def _places(actor: Actor, clients: list[Client]) -> list[tuple[Any, Any]]:
    mine = {one.pk for one in clients}
    return [
        (one.pk, f"{one.client.name}: {one.name} ({network_name(one.network)})")
        for one in communities(actor)
        if one.client_id in mine
    ]

"""What is typed about tasks: the brief of a kind as its data says, returns, waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from niva.domains.editorial import briefs
from niva.domains.editorial.states import Reason
from niva.domains.editorial.task_states import BlockReason
from niva.domains.editorial.tasking import Task
from niva.domains.people.errors import Invalid
from niva.domains.people.models import User
from niva.kit.local_time import Missing, moment

PREFIX = "brief_"
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
HOUR = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class TaskForm(forms.Form):
    """A task of one kind. What must be filled in the domain says, so that all of it is said at once."""

    title = forms.CharField(label=_("What is to be done"), required=False, max_length=200)
    assignee = forms.TypedChoiceField(label=_("Who does it"), required=False, coerce=int, empty_value=None)
    day = forms.DateField(label=_("Deadline"), required=False, widget=DAY)
    at = forms.TimeField(label=_("Hour"), required=False, widget=HOUR)
    norm = forms.IntegerField(label=_("Minutes of work"), required=False)
    checklist = forms.CharField(
        label=_("Checklist, a point a line"), required=False, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, brief: briefs.Brief, people: Iterable[User], zone: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.brief, self.zone = brief, zone
        who = self.fields["assignee"]
        assert isinstance(who, forms.TypedChoiceField)
        who.choices = [("", "—"), *((one.pk, str(one)) for one in people)]
        for field in brief.fields:
            self.fields[PREFIX + field.name] = _field(field)

    @property
    def asked(self) -> list[forms.BoundField]:
        """The questions of the brief, in its order."""
        return [self[PREFIX + field.name] for field in self.brief.fields]

    @property
    def values(self) -> dict[str, Any]:
        """The arguments of `tasks.set_task` that were typed. Raises Invalid for an hour that there is not."""
        data = self.cleaned_data
        return {
            "title": data["title"],
            "due_at": self._due(data.get("day"), data.get("at")),
            "norm_minutes": data.get("norm"),
            "checklist": data["checklist"].split("\n"),
            "brief": {field.name: data.get(PREFIX + field.name) for field in self.brief.fields},
        }

    def _due(self, day: date | None, at: time | None) -> datetime | None:
        if day is None or at is None:
            return None
        try:
            return moment(day, at, self.zone)
        except Missing as missing:
            raise Invalid.one("due", str(_("There is no such hour on this day."))) from missing

    def show(self, error: Invalid) -> None:
        """The errors of the operation, each at its field."""
        for name, sentences in error.errors.items():
            place = {"due": "day"}.get(name, name)
            place = PREFIX + place if PREFIX + place in self.fields else place
            self.add_error(place if place in self.fields else None, sentences)


def begin_with(
    begun_title: str, brief: Mapping[str, str], assignee: int | None, due_at: datetime | None, *,
    norm: int, checklist: Iterable[str], zone: str,
) -> dict[str, Any]:  # fmt: skip
    """What the boxes of a TaskForm begin with."""
    local = due_at.astimezone(ZoneInfo(zone)) if due_at else None
    return {
        "title": begun_title,
        "assignee": assignee,
        "day": local.date() if local else None,
        "at": local.time().replace(second=0, microsecond=0) if local else None,
        "norm": norm,
        "checklist": "\n".join(checklist),
        **{PREFIX + name: value for name, value in brief.items()},
    }


def of_task(task: Task) -> dict[str, Any]:
    points = [point["text"] for point in task.checklist]
    return begin_with(
        task.title, task.brief, task.assignee_id, task.due_at,
        norm=task.norm_minutes, checklist=points, zone=task.client.time_zone,
    )  # fmt: skip


def _field(field: briefs.Field) -> forms.Field:
    words: dict[str, Any] = {"label": field.label, "help_text": field.hint, "required": False}
    if not field.required:
        words["label"] = _("%(what)s (if there is any)") % {"what": field.label}
    match field.kind:
        case "text":
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **words)
        case "choice":
            return forms.ChoiceField(choices=[("", "—"), *field.choices], **words)
        case "date":
            # As text: what no calendar has is named by the domain, and stays in the box.
            return forms.CharField(widget=DAY, **words)
        case "number" | "money":
            return forms.CharField(widget=forms.TextInput(attrs={"inputmode": "decimal"}), **words)
    return forms.CharField(**words)


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Write to the task"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReturnForm(forms.Form):
    """Why it goes back."""

    reason = forms.ChoiceField(label=_("What is wrong"), required=False, choices=Reason.choices)
    note = forms.CharField(
        label=_("What is to be mended"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class WaitForm(forms.Form):
    """Somebody cannot go on, and why."""

    reason = forms.ChoiceField(label=_("What is waited for"), choices=BlockReason.choices)
    note = forms.CharField(label=_("In words (if there is need)"), required=False, max_length=400)

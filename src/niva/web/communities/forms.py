"""What people type about communities. The boxes of keys come from the network's manifest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import KeyTask
from niva.domains.communities.models import Community
from niva.domains.communities.services import LATE_MOST
from niva.domains.strategy.models import Rubric
from niva.networks.base.manifest import Field, Manifest
from niva.networks.registry import all_networks
from niva.web.looks import is_russian, network_name
from niva.web.people.zones import zones

WEEKDAYS = [
    (0, _("Mon")),
    (1, _("Tue")),
    (2, _("Wed")),
    (3, _("Thu")),
    (4, _("Fri")),
    (5, _("Sat")),
    (6, _("Sun")),
]
LONGEST = 4000  # characters of one box: the longest keys of networks are under 1,500


def network_choices() -> list[tuple[str, str]]:
    """The networks of this installation by their names; the practice network last."""
    names = [(key, network_name(key)) for key in all_networks()]
    return sorted(names, key=lambda pair: (pair[0] == "practice", pair[1]))


LATE_OWN = "own"
LATE = [
    (15, _("15 minutes")),
    (60, _("an hour")),
    (180, _("3 hours")),
    (720, _("12 hours")),
    (1440, _("a day")),
]


class CommunityForm(forms.Form):
    network = forms.ChoiceField(label=_("Network"), widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As your team calls it."))
    task = forms.ChoiceField(
        label=_("Task"), choices=KeyTask.choices, help_text=_("The one thing this community is for.")
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zones, help_text=_("Slots and days follow it.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "network" in self.fields:
            self.fields["network"].choices = network_choices()  # type: ignore[attr-defined]


class SettingsForm(CommunityForm):
    """What may be changed later: not the network, but how late a post may still go out."""

    network = None  # type: ignore[assignment]
    late = forms.ChoiceField(
        label=_("A post that is late still goes out by itself within"),
        choices=[(str(minutes), words) for minutes, words in LATE] + [(LATE_OWN, _("another time:"))],
        widget=forms.RadioSelect,
        help_text=_("What is later waits for your word: a morning greeting in the evening helps nobody."),
    )
    late_own = forms.IntegerField(
        label=_("minutes"),
        required=False,
        min_value=1,
        max_value=LATE_MOST,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    @staticmethod
    def values_of(community: Community) -> dict[str, Any]:
        known = any(minutes == community.late_minutes for minutes, _words in LATE)
        values = {name: getattr(community, name) for name in ("name", "task", "time_zone")}
        return {**values, "late": str(community.late_minutes) if known else LATE_OWN,
                "late_own": None if known else community.late_minutes}  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        late = data.pop("late", None)
        own = data.pop("late_own", None)
        if late == LATE_OWN:
            if own is None and "late_own" not in self.errors:
                self.add_error("late_own", _("Give the minutes."))
            data["late_minutes"] = own
        elif late is not None:
            data["late_minutes"] = int(late)
        return data


class ManifestForm(forms.Form):
    """Boxes as the network's manifest names them. What was typed stays after an error, secrets too."""

    def __init__(self, *args: Any, boxes: Sequence[Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for box in boxes:
            self.fields[box.name] = _box(box)


def _box(box: Field) -> forms.Field:
    russian = is_russian()
    if box.kind == "choice":
        return forms.ChoiceField(
            label=box.label_ru if russian else box.label,
            help_text=box.help_ru if russian else box.help,
            required=box.required,
            initial=box.default,
            choices=[(value, word_ru if russian else word) for value, word, word_ru in box.choices],
            widget=forms.RadioSelect,
        )
    attrs = {"autocomplete": "off", "spellcheck": "false", "placeholder": box.placeholder}
    if box.secret:
        # new-password keeps the browser from offering the person's own password of the desk
        widget: forms.Widget = forms.PasswordInput(
            render_value=True, attrs={**attrs, "autocomplete": "new-password"}
        )
    else:
        widget = forms.TextInput(attrs={**attrs, **({"inputmode": "url"} if box.kind == "url" else {})})
    return forms.CharField(
        label=(box.label_ru if russian else box.label) or box.name,
        help_text=box.help_ru if russian else box.help,
        required=box.required,
        initial=box.default,
        widget=widget,
        max_length=LONGEST,
        strip=True,
    )


def app_boxes(manifest: Manifest) -> tuple[Field, ...]:
    """The boxes of a developer app: what the network asks for, or the two that every OAuth has."""
    if manifest.app_fields:
        return manifest.app_fields
    return (
        Field("client_id", "Client ID", "Client ID"),
        Field(
            "client_secret", "Client secret", "Client secret", secret=True, required=False, kind="password"
        ),
    )


class AppForm(ManifestForm):
    """A developer app: its name for the team, then the network's own boxes."""

    field_order = ["name"]
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("To tell it from your other apps."))

    def __init__(self, *args: Any, stored: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if stored:
            for field in self.fields.values():
                if isinstance(field.widget, forms.PasswordInput):
                    field.required = False
                    field.help_text = _("Leave empty to keep the one that is stored.")


class SlotForm(forms.Form):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"), coerce=int, choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple
    )
    at = forms.TimeField(label=_("Hour"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    note = forms.CharField(
        label=_("What usually goes here"),
        max_length=80,
        required=False,
        help_text=_("Recipes, answers, news."),
    )
    rubric_id = forms.TypedChoiceField(
        label=_("Rubric"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("The queue lays only its posts here."),
    )

    def __init__(self, *args: Any, rubrics: Iterable[Rubric] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [("", _("any"))] + [(str(row.pk), row.name) for row in rubrics]
        self.fields["rubric_id"].choices = found  # type: ignore[attr-defined]


class PlaceForm(forms.Form):
    """Where the place is, so that the task can lead there."""

    url = forms.CharField(
        label=_("Address of the place"),
        required=False,
        max_length=500,
        help_text=_("As it stands in the browser; the task opens it. May be left empty."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "https://…"}),
    )

"""What people type about communities. The boxes of keys come from the network's manifest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import KeyTask
from niva.networks.base.manifest import Field, Manifest
from niva.networks.registry import all_networks
from niva.web.looks import network_name
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


def _russian() -> bool:
    return (get_language() or "ru").startswith("ru")


def network_choices() -> list[tuple[str, str]]:
    """The networks of this installation by their names; the practice network last."""
    names = [(key, network_name(key)) for key in all_networks()]
    return sorted(names, key=lambda pair: (pair[0] == "practice", pair[1]))


class CommunityForm(forms.Form):
    network = forms.ChoiceField(label=_("Network"), widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As your team calls it."))
    task = forms.ChoiceField(
        label=_("Task"), choices=KeyTask.choices, help_text=_("The one thing this community is for.")
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zones, help_text=_("Slots and days follow it.")
    )

    def __init__(self, *args: Any, with_network: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if with_network:
            self.fields["network"].choices = network_choices()  # type: ignore[attr-defined]
        else:
            del self.fields["network"]


class ManifestForm(forms.Form):
    """Boxes as the network's manifest names them. What was typed stays after an error, secrets too."""

    def __init__(self, *args: Any, boxes: Sequence[Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for box in boxes:
            self.fields[box.name] = _box(box)


def _box(box: Field) -> forms.CharField:
    russian = _russian()
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

"""What is typed about a change: what is wrong, by which figure, what is tried, until when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from niva.domains.editorial.kaizen import Ending, Measure
from niva.domains.editorial.states import StageKind
from niva.web.clients.forms import DAY


class ChangeForm(forms.Form):
    problem = forms.CharField(label=_("What is wrong"), max_length=400)
    measure = forms.ChoiceField(
        label=_("By which figure we see it"),
        choices=Measure.choices,
        help_text=_("The desk writes down what it was in the four weeks before."),
    )
    stage = forms.ChoiceField(
        label=_("Stage"), choices=[("", "—"), *StageKind.choices], required=False,
        help_text=_("For hours in a stage."),
    )  # fmt: skip
    change = forms.CharField(label=_("What we change"), max_length=400)
    client = forms.ChoiceField(label=_("Where"), required=False)
    owner = forms.ChoiceField(label=_("Who answers for it"), required=False)
    look_on = forms.DateField(label=_("When we look"), widget=DAY)

    def __init__(
        self, clients: list[tuple[str, str]], people: list[tuple[str, str]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client"].choices = clients  # type: ignore[attr-defined]
        self.fields["owner"].choices = [("", _("nobody yet")), *people]  # type: ignore[attr-defined]


class DecideForm(forms.Form):
    ending = forms.ChoiceField(
        label=_("What now"), choices=[one for one in Ending.choices if one[0] != Ending.TRIAL]
    )
    words = forms.CharField(label=_("What we learnt"), max_length=600, required=False)

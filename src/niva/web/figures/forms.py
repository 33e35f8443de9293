"""The boxes for numbers: one for each that a community or a post can have, none of them needed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.kit.tables import number_of
from niva.web.posts.numbers import METRIC_WORDS


class NumberField(forms.CharField):
    """A number as people write it: blanks between thousands, comma or point; empty is unknown, not zero."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> float | None:
        typed = super().clean(value).strip()
        if not typed:
            return None
        found = number_of(typed)
        if found is None:
            raise forms.ValidationError(_("Write a number, for example 1240."))
        return found


class NumbersForm(forms.Form):
    """`metrics`: the numbers that can be typed in, in their order."""

    day = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, *args: Any, metrics: Sequence[str], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["day"] = today
        self.metrics = tuple(metrics)
        for metric in metrics:
            label = str(METRIC_WORDS[metric])
            self.fields[metric] = NumberField(
                label=label[:1].upper() + label[1:], required=False, max_length=30
            )

    def values(self) -> dict[str, float]:
        """What was filled in."""
        return {name: value for name in self.metrics if (value := self.cleaned_data[name]) is not None}


class TableForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Table"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.ods,text/csv,text/plain"}),
        help_text=gettext_lazy("XLSX or CSV: a table of your own or the network's own statistics."),
    )

"""What people choose on the pages of tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from niva.domains.editorial.models import Stage
from niva.flows.plan_columns import fields
from niva.web.sheets.words import name_of


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("Table"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.ods,.csv,.tsv,.txt"}),
        help_text=_(
            "XLSX or CSV, up to 20 MB. You see first what was understood; nothing is written before."
        ),
    )


class MappingForm(forms.Form):
    """A select for each column of the sheet, and how to deal with what is not understood."""

    day_first = forms.ChoiceField(
        label=_("03/04/2026 in this file is"),
        choices=[("1", _("3 April: the day first")), ("", _("4 March: the month first"))],
        widget=forms.RadioSelect,
        required=False,
    )
    stage = forms.TypedChoiceField(
        label=_("New pieces begin in"), coerce=int, required=False, empty_value=None
    )
    lenient = forms.BooleanField(
        label=_("Let a row in without the cells that cannot be understood"), required=False
    )
    rubrics = forms.BooleanField(label=_("Make the rubrics that are not there yet"), required=False)

    def __init__(
        self, *args: Any, heads: Sequence[str], stages: Sequence[Stage], asks_order: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.width = len(heads)
        choices: list[tuple[str, Any]] = [("", _("leave out"))]
        choices += [(code, name_of(code)) for code, one in fields().items() if not one.out]
        for place, head in enumerate(heads):
            box = forms.Select(attrs={"class": "input"})
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=head, choices=choices, required=False, widget=box
            )
        stage = self.fields["stage"]
        assert isinstance(stage, forms.ChoiceField)
        stage.choices = [(str(one.pk), str(one)) for one in stages]
        if not asks_order:
            del self.fields["day_first"]

    def mapping(self) -> dict[int, str]:
        """Place of the column -> field, "" for what is left out."""
        return {place: self.cleaned_data.get(f"column_{place}", "") for place in range(self.width)}

    def choices(self) -> dict[str, bool]:
        found = {name: bool(self.cleaned_data[name]) for name in ("lenient", "rubrics")}
        if "day_first" in self.fields:
            found["day_first"] = self.cleaned_data["day_first"] == "1"
        return found

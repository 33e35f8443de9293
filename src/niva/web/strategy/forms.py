"""Forms of the strategy: one for each table, made from its fields; shares; the vision; the guide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from niva.domains.people.actor import Actor
from niva.domains.strategy import queries
from niva.domains.strategy.grounds import LINE, Ground, Part
from niva.domains.strategy.guided import LONGEST_VISION
from niva.domains.strategy.guides import Guide, all_guides
from niva.domains.strategy.ledger import Table
from niva.domains.strategy.models import Rubric
from niva.networks.registry import all_networks
from niva.web.clients.forms import DAY, AmountField
from niva.web.clients.words import in_language
from niva.web.looks import network_name

PREFIX = "row"  # a step has a field "text" of its own beside the form of a row
ELSEWHERE = ("practice",)  # nobody has a strategy for the practice network


def row_form(
    table: Table,
    actor: Actor,
    client_id: int,
    guide: Guide,
    *,
    data: Mapping[str, Any] | None = None,
    row: Ground | None = None,
) -> forms.Form:
    """The form of one row, empty or filled. What it refers to is offered from this client's rows alone."""
    fields = {name: _field(table, name, actor, client_id, guide, row) for name in table.fields}
    initial = {name: getattr(row, name) for name in table.fields} if row is not None else {}
    form = forms.Form(data, initial=initial, prefix=PREFIX)
    form.fields.update(fields)
    return form


def _field(
    table: Table, name: str, actor: Actor, client_id: int, guide: Guide, row: Ground | None
) -> forms.Field:
    column = table.model._meta.get_field(name)
    assert isinstance(column, models.Field)
    more: dict[str, Any] = {
        "label": column.verbose_name,
        "help_text": column.help_text,
        "required": not column.blank,
    }
    if isinstance(column, models.ForeignKey):
        if name == "segment":
            more["queryset"] = queries.segments(actor, client_id=client_id)
        else:
            more["queryset"] = queries.proofs(actor, client_id=client_id)
        more["empty_label"] = _("everybody") if (table.word, name) == ("messages", "segment") else "—"
        return forms.ModelChoiceField(**more)
    if name == "network":
        return forms.ChoiceField(choices=_networks(row), **more)
    if name == "part":
        usual = [(one, Part(one).label) for one in guide.parts]
        others = [choice for choice in Part.choices if choice[0] not in guide.parts]
        return forms.ChoiceField(choices=[(_("Usual here"), usual), (_("Others"), others)], **more)
    if column.choices:
        return forms.ChoiceField(choices=column.choices, **more)
    if isinstance(column, models.DateField):
        return forms.DateField(widget=DAY, **more)
    if isinstance(column, models.DecimalField):
        return AmountField(**more)
    if isinstance(column, models.PositiveSmallIntegerField):
        return forms.IntegerField(min_value=0, max_value=1000, **more)
    longest = column.max_length or LINE
    widget = forms.Textarea(attrs={"rows": 3}) if longest > 500 else forms.TextInput()
    return forms.CharField(max_length=longest, widget=widget, **more)


def _networks(row: Ground | None) -> Sequence[tuple[str, str]]:
    """All but practice; one whose folder is gone stays for the row that has it."""
    known = [name for name in all_networks() if name not in ELSEWHERE]
    present = getattr(row, "network", "")
    if present and present not in known:
        known.append(present)
    return [("", "—"), *((name, network_name(name)) for name in known)]


class SharesForm(forms.Form):
    """A box for the share of each rubric: `share_<number>`."""

    def __init__(self, *args: Any, rubrics: Sequence[Rubric], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for rubric in rubrics:
            self.fields[f"share_{rubric.pk}"] = forms.IntegerField(
                label=rubric.name, required=False, min_value=1, max_value=100, initial=rubric.share
            )

    @property
    def shares(self) -> dict[int, int | None]:
        return {int(name.removeprefix("share_")): share for name, share in self.cleaned_data.items()}


class VisionForm(forms.Form):
    said_by = forms.CharField(label=_("Whose vision"), max_length=120, required=False)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=LONGEST_VISION,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    file = forms.FileField(
        label=_("Or a document"),
        required=False,
        help_text=_("PDF, DOCX, TXT or MD, up to 20 MB."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.txt,.md"}),
    )


class GuideForm(forms.Form):
    guide = forms.ChoiceField(label=_("Which guide"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["guide"].choices = [  # type: ignore[attr-defined]
            (guide.code, in_language(guide.title, get_language())) for guide in all_guides().values()
        ]


class SkipForm(forms.Form):
    note = forms.CharField(
        label=_("Why it is left out"),
        max_length=300,
        help_text=_("One line: it stands on the overview and on the owner's page."),
    )

"""What is typed to plan an experiment."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from niva.domains.communities.models import Community
from niva.domains.experiments.models import MeasureOf
from niva.domains.experiments.services import MOST_EACH

AGES: Final = ((24, _("a day old")), (72, _("three days old")), (168, _("a week old")))
EFFECTS: Final = (
    ("0.2", _("a fifth more")),
    ("0.3", _("a third more")),
    ("0.5", _("half as much again")),
    ("1", _("twice as much")),
)


class PlanForm(forms.Form):
    """`posts_each` may be left empty: then it is as many as the difference takes."""

    question = forms.CharField(
        label=_("What we want to know"), max_length=200,
        help_text=_("For instance: is a photo of the yard better than one of the jar?"),
    )  # fmt: skip
    community = forms.TypedChoiceField(label=_("Where"), coerce=int)
    first = forms.CharField(
        label=_("The first way"), max_length=80,
        help_text=_("What you do in it: “photo of the yard”, “at 9 in the morning”."),
    )  # fmt: skip
    second = forms.CharField(label=_("The second way"), max_length=80)
    measure = forms.ChoiceField(label=_("By what it is judged"), choices=MeasureOf.choices)
    age = forms.TypedChoiceField(label=_("Posts are compared when they are"), choices=AGES, coerce=int)
    effect = forms.TypedChoiceField(
        label=_("The smallest difference worth knowing"), choices=EFFECTS, coerce=float
    )
    posts_each = forms.IntegerField(
        label=_("Posts of each way"), required=False, min_value=2, max_value=MOST_EACH,
        help_text=_("Left empty: as many as this difference takes."),
    )  # fmt: skip

    def __init__(self, places: list[Community], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["community"].choices = [(one.pk, one.name) for one in places]  # type: ignore[attr-defined]

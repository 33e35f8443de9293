"""What people type of sources, fragments, clips and derivatives."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from niva.domains.people.errors import Invalid
from niva.domains.sources.models import Fragment, Source
from niva.domains.sources.services.sources import LONGEST_TEXT, listed_marks
from niva.domains.sources.spreading import GAP, USUAL_WEEKS, WEEKS
from niva.domains.sources.states import Permission, Rights, SourceKind, Tick
from niva.kit.transcripts import clock, exactly, moment

FOCUS: Final = (
    ("0.5", _("the middle")),
    ("0", _("the left edge")),
    ("1", _("the right edge")),
    ("whole", _("the whole picture, with margins")),
    ("own", _("a place of my own")),
)


class MomentField(forms.Field):
    """12:30 or 1:02:03 as milliseconds."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "20"})

    def to_python(self, value: Any) -> Any:
        if not str(value or "").strip():
            return None
        found = moment(str(value)[:20])
        if found is None or found < 0:
            raise forms.ValidationError(_("Write the moment as 12:30 or 1:02:03."))
        return found

    def prepare_value(self, value: Any) -> Any:
        return exactly(value) if isinstance(value, int) else value


class Shown(forms.Form):
    """A form that shows what a service found wrong."""

    def show(self, error: Invalid) -> None:
        for name, sentences in error.errors.items():
            self.add_error(name if name in self.fields else None, sentences)


class SourceForm(Shown):
    kind = forms.ChoiceField(label=_("What it is"), choices=SourceKind.choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    happened_on = forms.DateField(
        label=_("Date"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    people = forms.CharField(label=_("Who is in it"), max_length=300, required=False)
    link = forms.URLField(label=_("Link"), max_length=500, required=False, assume_scheme="https")
    rights = forms.ChoiceField(label=_("Whose it is"), choices=Rights.choices)
    rights_words = forms.CharField(
        label=_("The permission, in its own words"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed where it is others': nothing is made without it."),
    )
    rights_on = forms.DateField(
        label=_("When it was given"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    parts = forms.CharField(
        label=_("Planned parts"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A line each, 5–7 minutes: question, answer, example, conclusion."),
    )
    marks = forms.CharField(
        label=_("Marked moments"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A line each: 12:30 about the foil."),
    )
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Of an article, reviews, questions or a chat."),
    )

    @staticmethod
    def values_of(source: Source) -> dict[str, Any]:
        names = (
            "kind",
            "title",
            "happened_on",
            "people",
            "link",
            "rights",
            "rights_words",
            "rights_on",
            "text",
        )
        return {name: getattr(source, name) for name in names} | {
            "parts": "\n".join(one["title"] for one in source.parts),
            "marks": "\n".join(f"{clock(one['at'])} {one['word']}" for one in source.marks),
        }

    def clean_marks(self) -> list[dict[str, Any]]:
        try:
            return listed_marks(self.cleaned_data["marks"])
        except Invalid as error:
            raise forms.ValidationError(error.errors["marks"]) from error

    def clean_parts(self) -> list[dict[str, str]]:
        lines = (line.strip() for line in self.cleaned_data["parts"].splitlines())
        return [{"title": line[:200]} for line in lines if line]


class FragmentForm(Shown):
    theme = forms.CharField(label=_("What it is about"), max_length=200)
    start = MomentField(label=_("From"), required=False)
    end = MomentField(label=_("To"), required=False)
    strength = forms.TypedChoiceField(
        label=_("Strength"),
        coerce=int,
        choices=[(n, str(n)) for n in range(1, 6)],
        widget=forms.RadioSelect,
        help_text=_("1: only for those who asked; 5: would be told to friends."),
    )
    quote = forms.CharField(
        label=_("Quote"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    ticks = forms.MultipleChoiceField(
        label=_("Stands alone: it has"),
        choices=Tick.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    evergreen = forms.BooleanField(
        label=_("Stays true"), required=False, help_text=_("May be taken again after 90 days.")
    )
    permission = forms.ChoiceField(label=_("Permission of who speaks"), choices=Permission.choices)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @staticmethod
    def values_of(fragment: Fragment) -> dict[str, Any]:
        names = ("theme", "start", "end", "strength", "quote", "ticks", "evergreen", "permission", "version")
        return {name: getattr(fragment, name) for name in names}


class ClipForm(Shown):
    start = MomentField(label=_("From"))
    end = MomentField(label=_("To"))
    focus = forms.ChoiceField(label=_("What stays in the picture"), choices=FOCUS)
    place = forms.IntegerField(
        label=_("My own place, percent from the left"), required=False, min_value=0, max_value=100
    )
    subtitles = forms.BooleanField(label=_("The words in the picture"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("focus") == "own" and data.get("place") is None:
            self.add_error("place", _("Say how far from the left edge, from 0 to 100."))
        return data

    def focus_of(self) -> float | None:
        chosen = self.cleaned_data["focus"]
        if chosen == "whole":
            return None
        return self.cleaned_data["place"] / 100 if chosen == "own" else float(chosen)


class LineForm(forms.Form):
    """One piece that is wanted. The day is local to its community."""

    row = forms.CharField(widget=forms.HiddenInput, max_length=20)
    community = forms.IntegerField(widget=forms.HiddenInput)
    fragment = forms.IntegerField(widget=forms.HiddenInput, required=False)
    aim = forms.CharField(label=_("What it is to bring"), max_length=200, required=False)
    goal = forms.TypedChoiceField(
        label=_("Goal"), coerce=int, empty_value=None, required=False, choices=[("", "—")]
    )
    hook = forms.CharField(label=_("Hook"), max_length=300, required=False)
    call = forms.CharField(label=_("Call to action"), max_length=300, required=False)
    at = forms.DateTimeField(
        label=_("Goes out"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )


class SpreadForm(Shown):
    weeks = forms.TypedChoiceField(
        label=_("Spread over"), coerce=int, choices=[(n, _("%(n)d weeks") % {"n": n}) for n in WEEKS],
        initial=USUAL_WEEKS,
    )  # fmt: skip
    gap = forms.IntegerField(
        label=_("Days between two pieces in one place"), min_value=1, max_value=14, initial=GAP
    )
    assignee = forms.TypedChoiceField(
        label=_("Who gets the tasks"), coerce=int, empty_value=None, required=False
    )
    audience = forms.CharField(label=_("For whom all this is"), max_length=200, required=False)

"""A rule as a person chooses it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from niva.domains.people.errors import Invalid
from niva.domains.publishing.rules import LAST, MOST, MOST_APART, Rule
from niva.web.communities.forms import WEEKDAYS
from niva.web.repeats.words import LONG_DAYS, NTH

MONTH_DAYS: Final = [*((str(day), str(day)) for day in range(1, 32)), (str(LAST), _("the last one"))]
USUAL_LENGTH: Final = timedelta(weeks=13)


class RuleForm(forms.Form):
    """Boxes that the chosen unit and end do not need are hidden by the stylesheet and left unread."""

    unit = forms.ChoiceField(
        label=_("Goes out again"),
        choices=(("day", _("by days")), ("week", _("by weeks")), ("month", _("by months"))),
        widget=forms.RadioSelect,
    )
    every = forms.IntegerField(
        label=_("Every"),
        min_value=1,
        max_value=MOST_APART,
        help_text=_("1: each day, week or month; 2: each second one."),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"), coerce=int, choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple, required=False
    )
    month_by = forms.ChoiceField(
        label=_("Day of the month"),
        choices=(("day", _("by its number")), ("weekday", _("by the day of the week"))),
        widget=forms.RadioSelect,
        required=False,
    )
    month_day = forms.TypedChoiceField(
        label=_("Number"),
        coerce=int,
        choices=MONTH_DAYS,
        required=False,
        empty_value=None,
        help_text=_("A month without this number is passed over."),
    )
    nth = forms.TypedChoiceField(
        label=_("Which"), coerce=int, choices=[(str(n), word) for n, word in NTH.items()], required=False
    )
    month_weekday = forms.TypedChoiceField(
        label=_("Day of the week"), coerce=int, choices=list(enumerate(LONG_DAYS)), required=False
    )
    starts_on = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    at = forms.TimeField(
        label=_("Hour"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("By each community's own clock, summer and winter."),
    )
    ends = forms.ChoiceField(
        label=_("Ends"),
        choices=(("until", _("on a day")), ("count", _("after so many times"))),
        widget=forms.RadioSelect,
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("A year from the first day at most."),
    )
    count = forms.IntegerField(label=_("Times"), required=False, min_value=1, max_value=MOST)
    words_of_day = forms.BooleanField(
        label=_("With the text of this day"),
        required=False,
        help_text=_("What follows gets the words that this one day was given."),
    )

    def rule(self) -> Rule:
        """What was chosen. Raises Invalid for an end that was not given."""
        data = self.cleaned_data
        unit = data["unit"]
        by_weekday = unit == "month" and data["month_by"] == "weekday"
        return Rule(
            starts_on=data["starts_on"],
            at=data["at"],
            unit=unit,
            every=data["every"],
            weekdays=self._weekdays(unit, by_weekday),
            month_day=data["month_day"] if unit == "month" and not by_weekday else None,
            nth=_number(data["nth"]) if by_weekday else None,
            until=data["until"] if data["ends"] == "until" else None,
            count=data["count"] if data["ends"] == "count" else None,
        )

    def _weekdays(self, unit: str, by_weekday: bool) -> tuple[int, ...]:
        if unit == "week":
            return tuple(sorted(self.cleaned_data["weekdays"]))
        day = _number(self.cleaned_data["month_weekday"])
        return (day,) if by_weekday and day is not None else ()

    def show(self, error: Invalid) -> None:
        """The sentences at their boxes; a weekday of the month has a box of its own."""
        for name, sentences in error.errors.items():
            field = "month_weekday" if name == "weekdays" and self.data.get("unit") == "month" else name
            self.add_error(field if field in self.fields else None, sentences)


def _number(value: Any) -> int | None:
    return int(value) if value not in ("", None) else None


def usual(at: datetime | None, zone: str, now: datetime) -> dict[str, Any]:
    """What the form offers: every week, on the weekday and at the hour that the post is meant for."""
    place = ZoneInfo(zone)
    local = (at if at and at > now else now + timedelta(days=1)).astimezone(place)
    hour = time(local.hour, local.minute) if at and at > now else time(12)
    day = local.date()
    return values_of(Rule(starts_on=day, at=hour, weekdays=(day.weekday(),), until=day + USUAL_LENGTH), day)


def values_of(rule: Rule, day: date) -> dict[str, Any]:
    """A rule as the boxes have it, from `day` on; boxes that it does not use get what fits the day."""
    return {
        "unit": rule.unit,
        "every": rule.every,
        "weekdays": list(rule.weekdays) if rule.unit == "week" else [day.weekday()],
        "month_by": "weekday" if rule.nth is not None else "day",
        "month_day": rule.month_day or day.day,
        "nth": rule.nth or ((day.day - 1) // 7 + 1 if day.day <= 28 else LAST),
        "month_weekday": rule.weekdays[0] if rule.nth is not None else day.weekday(),
        "starts_on": day,
        "at": rule.at,
        "ends": "until" if rule.until is not None else "count",
        "until": rule.until or day + USUAL_LENGTH,
        "count": rule.count or 10,
    }

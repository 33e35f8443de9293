"""Rules of repeats in words: «каждые 2 недели: вт, пт в 9:00, до 3 марта»."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from niva.domains.publishing.rules import LAST, Rule
from niva.web.plan.words import WEEKDAYS, day_name

LONG_DAYS: Final[tuple[str | Promise, ...]] = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
NTH: Final[dict[int, str | Promise]] = {
    1: gettext_lazy("first"),
    2: gettext_lazy("second"),
    3: gettext_lazy("third"),
    4: gettext_lazy("fourth"),
    LAST: gettext_lazy("last"),
}


# Languages bend the number by the day: «в последнюю пятницу», «во второе воскресенье».
_MASCULINE: Final[dict[int, str | Promise]] = {
    1: pgettext_lazy("before Monday, Tuesday, Thursday", "on the first"),
    2: pgettext_lazy("before Monday, Tuesday, Thursday", "on the second"),
    3: pgettext_lazy("before Monday, Tuesday, Thursday", "on the third"),
    4: pgettext_lazy("before Monday, Tuesday, Thursday", "on the fourth"),
    LAST: pgettext_lazy("before Monday, Tuesday, Thursday", "on the last"),
}
_FEMININE: Final[dict[int, str | Promise]] = {
    1: pgettext_lazy("before Wednesday, Friday, Saturday", "on the first"),
    2: pgettext_lazy("before Wednesday, Friday, Saturday", "on the second"),
    3: pgettext_lazy("before Wednesday, Friday, Saturday", "on the third"),
    4: pgettext_lazy("before Wednesday, Friday, Saturday", "on the fourth"),
    LAST: pgettext_lazy("before Wednesday, Friday, Saturday", "on the last"),
}
_NEUTER: Final[dict[int, str | Promise]] = {
    1: pgettext_lazy("before Sunday", "on the first"),
    2: pgettext_lazy("before Sunday", "on the second"),
    3: pgettext_lazy("before Sunday", "on the third"),
    4: pgettext_lazy("before Sunday", "on the fourth"),
    LAST: pgettext_lazy("before Sunday", "on the last"),
}
ON_THE: Final = (_MASCULINE, _MASCULINE, _FEMININE, _MASCULINE, _FEMININE, _FEMININE, _NEUTER)
ON_DAY: Final[tuple[str | Promise, ...]] = (
    pgettext_lazy("on the first …", "Monday"),
    pgettext_lazy("on the first …", "Tuesday"),
    pgettext_lazy("on the first …", "Wednesday"),
    pgettext_lazy("on the first …", "Thursday"),
    pgettext_lazy("on the first …", "Friday"),
    pgettext_lazy("on the first …", "Saturday"),
    pgettext_lazy("on the first …", "Sunday"),
)


def sentence(rule: Rule) -> str:
    """The whole rule with its hour and its end."""
    return _("%(often)s at %(at)s, %(end)s") % {"often": often(rule), "at": _clock(rule), "end": end(rule)}


def _clock(rule: Rule) -> str:
    return f"{rule.at:%H:%M}".lstrip("0") if rule.at.hour else f"{rule.at:%H:%M}"


def often(rule: Rule) -> str:
    """How often and on which days."""
    n = rule.every
    if rule.unit == "day":
        return _("every day") if n == 1 else ngettext("every %(n)s day", "every %(n)s days", n) % {"n": n}
    if rule.unit == "week":
        head = _("every week") if n == 1 else ngettext("every %(n)s week", "every %(n)s weeks", n) % {"n": n}
        return f"{head}: {', '.join(str(WEEKDAYS[day]) for day in sorted(rule.weekdays))}"
    head = _("every month") if n == 1 else ngettext("every %(n)s month", "every %(n)s months", n) % {"n": n}
    return f"{head}, {_day_of_month(rule)}"


def _day_of_month(rule: Rule) -> str:
    if rule.nth is not None:
        day = rule.weekdays[0]
        return f"{ON_THE[day][rule.nth]} {ON_DAY[day]}"
    if rule.month_day == LAST:
        return _("on the last day")
    return _("on day %(n)s") % {"n": rule.month_day}


def end(rule: Rule) -> str:
    if rule.until is not None:
        return _("until %(day)s") % {"day": day_name(rule.until)}
    count = rule.count or 0
    return ngettext("%(n)s time", "%(n)s times", count) % {"n": count}

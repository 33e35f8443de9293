"""Which days a page of numbers is asked for: in the query string, so that an address opens the same page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.metrics.periods import Period, last_days, month_of

LONGEST: Final = 731  # days of a period that is asked for freely
CODES: Final[dict[str, str | Promise]] = {
    "month": gettext_lazy("This month"),
    "last": gettext_lazy("Last month"),
    "28": gettext_lazy("28 days"),
    "quarter": gettext_lazy("This quarter"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """`code`: one of CODES, or "free". `problem`: what was wrong with the days asked for, which were not
    taken. `kept`: the other filters of the address, for its links."""

    period: Period
    today: date
    code: str
    problem: str = ""
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def choices(self) -> list[tuple[str, str | Promise, bool]]:
        """Query string, word, whether it is this one."""
        return [
            ("?" + urlencode([("period", code), *self.kept]), word, code == self.code)
            for code, word in CODES.items()
        ]

    @property
    def fixed(self) -> str:
        """A query string that opens these very days whenever it is opened."""
        return "?" + urlencode([*days_of(self.period), *self.kept])

    @property
    def whole(self) -> bool:
        """Whether all its days are over."""
        return self.period.until < self.today


def days_of(period: Period) -> list[tuple[str, str]]:
    """The parameters of an address that name these days."""
    return [("since", period.since.isoformat()), ("until", period.until.isoformat())]


def asked(request: HttpRequest, today: date, *, keep: tuple[str, ...] = ()) -> Asked:
    """`today`: by the clock of those whose numbers these are. `keep`: other parameters for the links."""
    kept = tuple((name, value) for name in keep if (value := request.GET.get(name, "")))
    free, problem = _free(request.GET, today)
    if free is not None:
        return Asked(free, today, "free", kept=kept)
    code = request.GET.get("period", "month")
    code = code if code in CODES else "month"
    return Asked(_named(code, today), today, code, problem, kept)


def _named(code: str, today: date) -> Period:
    """Up to yesterday, since today is not over; on the first day there is only today."""
    yesterday = today - timedelta(days=1)
    if code == "last":
        return month_of(today.replace(day=1) - timedelta(days=1))
    if code == "28":
        return last_days(today, 28)
    first = today.replace(day=1)
    if code == "quarter":
        first = first.replace(month=(today.month - 1) // 3 * 3 + 1)
    return Period(first, max(first, yesterday))


def _free(said: QueryDict, today: date) -> tuple[Period | None, str]:
    since, until = said.get("since", ""), said.get("until", "")
    if not since and not until:
        return None, ""
    try:
        period = Period(date.fromisoformat(since[:10]), date.fromisoformat(until[:10] or str(today)))
    except ValueError:
        return None, _("These days cannot be read. Choose the first and the last one once more.")
    if period.days > LONGEST:
        return None, _("That is longer than two years. Take a shorter time.")
    if period.since > today:
        return None, _("These days have not come yet.")
    if period.since.year < 2000:
        return None, _("There was no desk then. Take a later day.")
    return Period(period.since, min(period.until, today)), ""

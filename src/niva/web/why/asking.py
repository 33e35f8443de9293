"""Which two periods the page of reasons compares: in the query string, so that an address opens the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.metrics.periods import Period, last_days, month_of

CODES: Final[dict[str, str | Promise]] = {
    "month": gettext_lazy("Last month and the one before"),
    "fortnight": gettext_lazy("Two weeks and two weeks"),
    "week": gettext_lazy("A week and a week"),
    "year": gettext_lazy("Last month and a year ago"),
}
LONGEST: Final = 366
FREE: Final = ("since", "until", "since0", "until0")


@dataclass(frozen=True, slots=True)
class Pair:
    """`code`: one of CODES or "free"; `problem`: what was wrong with the days that were asked for."""

    before: Period
    after: Period
    code: str
    what: str
    problem: str = ""

    def query(self, what: str) -> str:
        """The address of the same days with another question."""
        if self.code != "free":
            return "?" + urlencode({"days": self.code, "what": what})
        days = (self.after.since, self.after.until, self.before.since, self.before.until)
        return "?" + urlencode(
            {name: day.isoformat() for name, day in zip(FREE, days, strict=True)} | {"what": what}
        )

    @property
    def choices(self) -> list[tuple[str, str | Promise, bool]]:
        return [
            ("?" + urlencode({"days": code, "what": self.what}), word, code == self.code)
            for code, word in CODES.items()
        ]


def asked(said: QueryDict, today: date, *, usual: str) -> Pair:
    """`usual`: the code that is taken when nothing is asked for."""
    what = said.get("what", "")
    code = said.get("days", usual)
    code = code if code in CODES else usual
    if any(said.get(name) for name in FREE):
        pair, problem = _free(said, today)
        if pair is not None:
            return Pair(*pair, "free", what)
        return Pair(*_named(code, today), code, what, problem)
    return Pair(*_named(code, today), code, what)


def usual_of(today: date, since: date | None) -> str:
    """The longest periods that lie after `since` whole; None: there is nothing at all yet."""
    for code in ("month", "fortnight"):
        if since is not None and _named(code, today)[0].since >= since:
            return code
    return "week"


def _named(code: str, today: date) -> tuple[Period, Period]:
    if code in ("fortnight", "week"):
        after = last_days(today, 14 if code == "fortnight" else 7)
        return after.before(), after
    after = month_of(today.replace(day=1) - timedelta(days=1))
    if code == "year":
        return month_of(after.since.replace(year=after.since.year - 1)), after
    return after.before(), after


def _free(said: QueryDict, today: date) -> tuple[tuple[Period, Period] | None, str]:
    try:
        days = [date.fromisoformat(said.get(name, "")[:10]) for name in FREE]
        after, before = Period(days[0], days[1]), Period(days[2], days[3])
    except ValueError:
        return None, _("These days cannot be read. Choose both pairs of days once more.")
    if max(after.days, before.days) > LONGEST:
        return None, _("That is longer than a year. Take shorter times.")
    if max(after.until, before.until) >= today or min(after.since, before.since).year < 2000:
        return None, _("Only days that are over can be compared, and none before the year 2000.")
    return (before, after), ""

"""The year's events: days that the calendar knows by a rule, days of one's own, and which a client sees.

The known ones are data in `events.toml`, each with its source and the day it was checked.
"""

from __future__ import annotations

import calendar
import datetime as dt
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client
from niva.domains.people.models import User, Workspace

MOST_FREE: Final = 50  # percent of the slots that may be kept free
FREE_SHARE: Final = 15  # percent: between 15 and 20 is what the trade advises


class EventKind(models.TextChoices):
    PUBLIC = "public", _("public holidays and days off")
    MEMORIAL = "memorial", _("days of memory and of the country's history")
    TRADE = "trade", _("professional days")
    WORLD = "world", _("international days")
    MARKETING = "marketing", _("shopping and marketing days")
    OWN = "own", _("own days")


@dataclass(frozen=True, slots=True)
class Known:
    """An event of `events.toml`. `rule` is one of {month, day}, {month, weekday, nth} (nth -1: the last;
    `plus`: days after it), {yearday} and {date}: a single day."""

    code: str
    kind: str
    name: str
    name_ru: str
    rule: dict[str, Any]
    source_url: str
    checked_on: dt.date

    @property
    def said(self) -> str:
        return self.name_ru if (get_language() or "ru").startswith("ru") else self.name

    def on(self, year: int) -> dt.date | None:
        """The day in that year; None when there is none in it."""
        rule = self.rule
        if "date" in rule:
            single: dt.date = rule["date"]
            return single if single.year == year else None
        if "yearday" in rule:
            return dt.date(year, 1, 1) + dt.timedelta(days=rule["yearday"] - 1)
        if "weekday" in rule:
            found = nth_weekday(year, rule["month"], rule["weekday"], rule["nth"])
            return found + dt.timedelta(days=rule.get("plus", 0))
        return dt.date(year, rule["month"], rule["day"])


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> dt.date:
    """The nth Monday (0) to Sunday (6) of a month; -1 is the last."""
    if nth < 0:
        last = dt.date(year, month, calendar.monthrange(year, month)[1])
        return last - dt.timedelta(days=(last.weekday() - weekday) % 7)
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


@cache
def known() -> tuple[Known, ...]:
    """All events that come with the desk."""
    raw = tomllib.loads(Path(__file__).with_name("events.toml").read_text(encoding="utf-8"))
    sources: dict[str, dict[str, Any]] = raw["sources"]
    found = []
    for one in raw["events"]:
        source = sources[one["source"]]
        found.append(
            Known(
                one["code"], one["kind"], one["name"], one["name_ru"], one["rule"],
                source["url"], source["checked_on"],
            )
        )  # fmt: skip
    return tuple(found)


@cache
def _default_kinds() -> dict[str, list[str]]:
    raw = tomllib.loads(Path(__file__).with_name("events.toml").read_text(encoding="utf-8"))
    kinds: dict[str, list[str]] = raw["kinds"]
    return kinds


class OwnEvent(models.Model):
    """A day of one client, or of the whole workspace. `yearly`: every year on that day and month.

    `prepare_days`: so many days before it the piece must be begun.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, null=True, blank=True, related_name="events")
    name = models.CharField(_("name"), max_length=120)
    day = models.DateField(_("day"))
    yearly = models.BooleanField(_("every year"), default=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    prepare_days = models.PositiveSmallIntegerField(_("prepare so many days before"), default=0)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["day", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="own_event_named"),
            models.CheckConstraint(condition=Q(prepare_days__lte=120), name="own_event_prepared"),
        ]

    def __str__(self) -> str:
        return self.name

    def on(self, year: int) -> dt.date | None:
        """The day in that year. Born on the 29th of February, it is kept on the 28th otherwise."""
        if not self.yearly:
            return self.day if self.day.year == year else None
        if year < self.day.year:
            return None
        try:
            return self.day.replace(year=year)
        except ValueError:
            return dt.date(year, 2, 28)


class PlanSettings(models.Model):
    """How a client's plan is made: which kinds of events it shows, what part of its slots stays free, and the
    details of the business that ideas are looked for in. No row: the defaults of its kind.

    `details`: [{code, name, ask}], None = the defaults of the client's kind in `details.toml`.
    """

    client = models.OneToOneField(Client, models.CASCADE, related_name="plan_settings")
    kinds = models.JSONField(default=list)
    hidden = models.JSONField(default=list, help_text="codes of single events that it does not show")
    free_share = models.PositiveSmallIntegerField(default=FREE_SHARE)
    details = models.JSONField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "plan settings"
        constraints = [
            models.CheckConstraint(condition=Q(free_share__lte=MOST_FREE), name="plan_settings_free"),
        ]

    def __str__(self) -> str:
        return f"{self.client}: {self.free_share} %"


@dataclass(frozen=True, slots=True)
class Happening:
    """An event on a day. `own_id`: of an OwnEvent; `begin`: when to begin preparing, where that is known."""

    day: dt.date
    name: str
    kind: str
    code: str = ""
    own_id: int | None = None
    note: str = ""
    begin: dt.date | None = None
    source_url: str = ""
    checked_on: dt.date | None = None


def default_kinds(client_kind: str) -> list[str]:
    return _default_kinds()[client_kind]


def between(
    first: dt.date,
    last: dt.date,
    *,
    kinds: Iterable[str],
    hidden: Iterable[str] = (),
    own: Sequence[OwnEvent] = (),
) -> list[Happening]:
    """What happens on these days, both included, in their order."""
    wanted, away = set(kinds), set(hidden)
    found = []
    for year in range(first.year, last.year + 1):
        for one in known():
            day = one.on(year)
            if one.kind in wanted and one.code not in away and day and first <= day <= last:
                found.append(
                    Happening(
                        day, one.said, one.kind, one.code,
                        source_url=one.source_url, checked_on=one.checked_on,
                    )
                )  # fmt: skip
        for event in own:
            day = event.on(year)
            if EventKind.OWN in wanted and day and first <= day <= last:
                begin = day - dt.timedelta(days=event.prepare_days) if event.prepare_days else None
                found.append(
                    Happening(day, event.name, EventKind.OWN, own_id=event.pk, note=event.note, begin=begin)
                )
    return sorted(found, key=lambda one: (one.day, one.kind, one.name))

"""Sentences of the plan: its title, whose clock it shows, what the weeks and the contract say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from niva.kit import text
from niva.web.people.zones import city
from niva.web.plan.facts import Count, Facts
from niva.web.plan.wish import Wish, month_of
from niva.web.templatetags.niva import language

WEEKDAYS: Final[tuple[str | Promise, ...]] = (
    pgettext_lazy("weekday, short", "Mon"),
    pgettext_lazy("weekday, short", "Tue"),
    pgettext_lazy("weekday, short", "Wed"),
    pgettext_lazy("weekday, short", "Thu"),
    pgettext_lazy("weekday, short", "Fri"),
    pgettext_lazy("weekday, short", "Sat"),
    pgettext_lazy("weekday, short", "Sun"),
)
MOST_DOTS: Final = 14


@dataclass(slots=True)
class Tally:
    """The week column: `figure` («3 of 5»), a dot a post, words, and which days it is about."""

    figure: str = ""
    words: str = ""
    span: str = ""
    dots: list[str] = field(default_factory=list)
    hot: bool = False


def month_name(day: date) -> str:
    """«ноябрь», with the year unless it is the present one."""
    name = formats.date_format(day, "F")
    name = name.lower() if language() == "ru" else name
    return name if day.year == timezone.localdate().year else f"{name} {day.year}"


def day_name(day: date) -> str:
    """«17 ноября»."""
    return text.typo(formats.date_format(day, "j E" if language() == "ru" else "j F"), language())


def span(first: date, last: date) -> str:
    """«16–22 ноября», «30 ноября – 6 декабря»."""
    if first == last:
        return day_name(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day_name(last)}"
    return f"{day_name(first)} – {day_name(last)}"


def title(wish: Wish) -> str:
    if wish.view == "week":
        return _("Plan for %(when)s") % {"when": span(*wish.days)}
    if wish.one_day:
        return _("Plan for %(when)s") % {"when": f"{day_name(wish.day)}, {WEEKDAYS[wish.day.weekday()]}"}
    return _("Plan for %(when)s") % {"when": month_name(wish.day)}


def step_name(wish: Wish) -> str:
    """What the button between the arrows says."""
    if wish.view == "week" or wish.one_day:
        return span(*wish.days)
    name = month_name(wish.day)
    return name[:1].upper() + name[1:]


def whose_clock(wish: Wish) -> str:
    """Whose time is shown, and by how much it differs from UTC; both offsets when the clocks change."""
    first, last = wish.days
    before, after = _offset(first, wish.zone), _offset(last, wish.zone, time(23, 59))
    offset = before
    if before != after:
        offset = _("%(before)s, later %(after)s") % {"before": before, "after": after}
    zone = city(wish.zone)
    if wish.client:
        return _("Hours by the client's clock: %(zone)s, %(offset)s") % {"zone": zone, "offset": offset}
    return _("Hours by your clock: %(zone)s, %(offset)s") % {"zone": zone, "offset": offset}


def _offset(day: date, zone: str, at: time = time(0)) -> str:
    shift = datetime.combine(day, at, tzinfo=ZoneInfo(zone)).utcoffset()
    minutes = int(shift.total_seconds() // 60) if shift else 0
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def contract(wish: Wish, facts: Facts, count: Count) -> str:
    """«По договору 21 пост: 9 вышли, 6 впереди, 4 дыры» for the month of one client; else what there is."""
    first, last = month_of(wish.day)
    weekly = wish.client.posts_per_week if wish.client and not wish.chosen else None
    days = (last - first).days + 1
    if wish.view == "week" or wish.one_day:
        weekly = None
    parts = []
    if count.out or weekly:
        parts.append(ngettext("%(n)s is out", "%(n)s are out", count.out) % {"n": count.out})
    parts.append(ngettext("%(n)s ahead", "%(n)s ahead", count.ahead) % {"n": count.ahead})
    parts += _troubles(count)
    room = _room(wish, facts, count)
    if not weekly:
        return text.typo(", ".join(parts) + room, language())
    agreed = round(weekly * days / 7)
    nowhere = agreed - count.placed - count.missed - count.holes
    if nowhere > 0:
        parts.append(ngettext("%(n)s not planned yet", "%(n)s not planned yet", nowhere) % {"n": nowhere})
    head = ngettext("By contract %(n)s post", "By contract %(n)s posts", agreed) % {"n": agreed}
    return text.typo(f"{head}: {', '.join(parts)}{room}", language())


def _room(wish: Wish, facts: Facts, count: Count) -> str:
    """How much of the slots ahead is free for what happens, beside what is to be kept free."""
    places = count.ahead + count.holes
    if not facts.free_share or not places or wish.chosen or not any(one.slots.all() for one in wish.mine):
        return ""
    figures = {"share": round(count.holes * 100 / places), "keep": facts.free_share}
    if figures["share"] < figures["keep"]:
        said = _("free for what happens: %(share)s %% of the places ahead, %(keep)s %% are to be kept")
    else:
        said = _("free for what happens: %(share)s %% of the places ahead, enough for %(keep)s %%")
    return "; " + said % figures


def _troubles(count: Count) -> list[str]:
    parts = []
    if count.holes:
        parts.append(ngettext("%(n)s hole", "%(n)s holes", count.holes) % {"n": count.holes})
    if count.burning:
        parts.append(ngettext("%(n)s burns", "%(n)s burn", count.burning) % {"n": count.burning})
    if count.missed:
        parts.append(ngettext("%(n)s missed", "%(n)s missed", count.missed) % {"n": count.missed})
    return parts


def tally(wish: Wish, days: Sequence[date], count: Count, today: date) -> Tally:
    """One week against the contract of its client."""
    agreed = wish.client.posts_per_week if wish.client and not wish.chosen else None
    parts = _troubles(count)
    figure = ngettext("%(n)s post", "%(n)s posts", count.placed) % {"n": count.placed}
    dots: list[str] = []
    if agreed:
        figure = _("%(done)s of %(agreed)s") % {"done": count.placed, "agreed": agreed}
        short = agreed - count.placed
        if short > 0 and count.cancelled:
            parts.append(
                ngettext("%(n)s cancelled", "%(n)s cancelled", count.cancelled) % {"n": count.cancelled}
            )
        if not parts:
            parts.append(_against(short, past=days[-1] < today))
        if agreed <= MOST_DOTS:
            dots = (["f"] * count.out + ["s"] * count.ahead + [""] * max(short, 0))[:agreed]
    elif not count.placed and not parts:
        figure = ""
    return Tally(figure, ", ".join(parts), span(days[0], days[-1]), dots, hot=bool(count.burning))


def _against(short: int, *, past: bool) -> str:
    if short == 0:
        return _("exactly")
    if short < 0:
        return _("%(n)s above the contract") % {"n": -short}
    if past:
        return _("%(n)s short") % {"n": short}
    return _("%(n)s to plan") % {"n": short}

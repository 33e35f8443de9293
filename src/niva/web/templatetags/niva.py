"""Tags and filters of every template: icons, assets, states, networks, numbers, moments, the furrow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect
from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niva.kit import text
from niva.web import assets
from niva.web.looks import NOTE_ICONS, NOTE_LEVELS, look_of, network_icon, network_name

register = template.Library()


def language() -> str:
    return translation.get_language() or "ru"


@register.simple_tag
def asset(name: str) -> str:
    """The address of a built file: {% asset "main.css" %}."""
    return assets.built(name)


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An icon of the sprite: {% icon "clock" %}, {% icon "clock" "s" %} for 15 px. Always beside a word."""
    return format_html(
        '<svg class="ico{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {size}" if size else "",
        assets.built("sprite.svg"),
        name,
    )


@register.simple_tag
def ear() -> SafeString:
    """The ear of the mark and of empty pages."""
    leaf = (
        "M10 {0}c-3.9 0-5.9-2.2-5.9-5.5 3.7 0 5.9 2.2 5.9 5.5z"
        "m0 0c3.9 0 5.9-2.2 5.9-5.5-3.7 0-5.9 2.2-5.9 5.5z"
    )
    path = "".join(leaf.format(at) for at in ("10.6", "15.4", "20.2"))
    return format_html(
        '<svg class="ear" viewBox="0 0 20 24" aria-hidden="true"><path d="M10 5.4c-1.7-1.4-1.7-3.9 0-5.4 '
        '1.7 1.5 1.7 4 0 5.4z{}M9.3 20h1.4v4H9.3z"/></svg>',
        path,
    )


# Words and numbers


@register.filter(is_safe=True)
def typo(value: object) -> str:
    """Set the desk's own words by the rules of the language; never for people's posts."""
    return text.typo(str(value), language())


@register.filter
def full_stop(value: object) -> str:
    """A sentence's end where people wrote none."""
    said = str(value).rstrip()
    return said if not said or said[-1] in ".!?…" else f"{said}."


@register.filter
def num(value: Any, digits: int | None = None) -> str:
    """1 240,5; an em dash for None."""
    return text.number(_figure(value), language(), digits)


@register.filter
def money(value: Any, currency: str = "RUB") -> str:
    """38 600 ₽: {{ amount|money:"RUB" }}; an em dash for None."""
    return text.money(_figure(value), currency, language())


@register.filter
def percent(value: Any, digits: int = 0) -> str:
    """A share from 0 to 1 as percents."""
    return text.percent(_figure(value), language(), digits)


def _figure(value: Any) -> int | float | Decimal | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, int | float | Decimal) else Decimal(str(value))


# Moments


@dataclass(frozen=True, slots=True)
class _Moment:
    """A moment as seen in one time zone."""

    at: datetime
    now: datetime

    @property
    def clock(self) -> str:
        return f"{self.at:%H:%M}".removeprefix("0") if language() == "ru" else f"{self.at:%H:%M}"

    @property
    def day(self) -> str:
        return day(self.at.date(), self.now.date())

    @property
    def near(self) -> str:
        """How far it is, within the hour; empty beyond."""
        seconds = (self.at - self.now).total_seconds()
        minutes = int(abs(seconds) // 60)
        if minutes >= 60:
            return ""
        if minutes == 0:
            return _("just now") if seconds <= 0 else _("in a minute")
        if seconds < 0:
            return ngettext("%(n)s min ago", "%(n)s min ago", minutes) % {"n": minutes}
        return ngettext("in %(n)s min", "in %(n)s min", minutes) % {"n": minutes}


def day(value: date, today: date) -> str:
    """«сегодня», «завтра», «вчера», otherwise «17 ноября», with the year when it is another one."""
    names = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    word = names.get((value - today).days)
    if word:
        return word
    pattern = "j E" if language() == "ru" else "j F"
    if value.year != today.year:
        pattern += " Y"
    return text.typo(formats.date_format(value, pattern), language())


def _in_zone(value: datetime, zone: str | ZoneInfo | None) -> _Moment:
    tz = ZoneInfo(zone) if isinstance(zone, str) and zone else zone or timezone.get_current_timezone()
    return _Moment(at=value.astimezone(tz), now=timezone.now().astimezone(tz))


@register.filter(expects_localtime=False)
def when(value: datetime | None, zone: str | ZoneInfo | None = None) -> str | SafeString:
    """A moment for people, in `zone` (a name or ZoneInfo) or one's own: «22 мин назад», «завтра, 9:00».

    The full date with the zone is in the title; the machine's form in `datetime`. None becomes an em dash.
    """
    if value is None:
        return text.MISSING
    moment = _in_zone(value, zone)
    full = _("%(day)s, %(time)s, %(zone)s") % {
        "day": formats.date_format(moment.at.date(), "j E Y" if language() == "ru" else "j F Y"),
        "time": moment.clock,
        "zone": _offset(moment.at),
    }
    shown = moment.near or _("%(day)s, %(time)s") % {"day": moment.day, "time": moment.clock}
    return format_html(
        '<time datetime="{}" title="{}" class="nb">{}</time>', moment.at.isoformat(), full, shown
    )


@register.filter
def clock(value: datetime | None, zone: str | ZoneInfo | None = None) -> str:
    """Only the hour: 9:41."""
    return text.MISSING if value is None else _in_zone(value, zone).clock


@register.filter
def dayname(value: date | None) -> str:
    """«сегодня», «завтра», «17 ноября»."""
    return text.MISSING if value is None else day(value, timezone.localdate())


def _offset(at: datetime) -> str:
    """UTC+3 or UTC+5:30, which everyone can compare with his own."""
    shift = at.utcoffset() or timedelta()
    minutes = int(shift.total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


# Marks


@register.inclusion_tag("parts/status.html")
def status(state: str, note: str = "") -> dict[str, Any]:
    """A state as icon, word and colour: {% status delivery.state "limit until 14:20" %}."""
    return {"look": look_of(state), "note": note}


@register.simple_tag
def state_class(state: str) -> str:
    """The colours of a state for an element of one's own: <li class="{% state_class s %}">."""
    return f"is-{look_of(state).css}"


@register.simple_tag
def state_icon(state: str) -> SafeString:
    """The icon of a state, small."""
    return icon(look_of(state).icon, "s")


@register.simple_tag
def state_word(state: str) -> str:
    """The word of a state."""
    return str(look_of(state).word)


@register.simple_tag
def netmark(network: str) -> SafeString:
    """The 18 px mark of a network, named for those who do not see it."""
    name = network_name(network)
    drawn = network_icon(network)
    inner = icon(drawn) if drawn else name[:1].upper()
    return format_html(
        '<span class="net {0}" role="img" title="{1}" aria-label="{1}">{2}</span>', network, name, inner
    )


@register.filter
def network(key: str) -> str:
    """The name of a network for people."""
    return network_name(key)


@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """Initials in a circle; silent for readers, because the name stands beside it."""
    return format_html(
        '<span class="ava{}" aria-hidden="true">{}</span>',
        f" {size}" if size else "",
        text.initials(str(name)),
    )


@register.filter
def note_level(level: str) -> str:
    """The state whose colours a notice of Django's messages takes."""
    return NOTE_LEVELS.get(level, "scheduled")


@register.simple_tag
def note_icon(state: str) -> SafeString:
    """The icon of a notice."""
    return icon(NOTE_ICONS.get(state, "bulb"))


# Blocks

CELL = 8  # of ten: two are the gap between cells


@register.inclusion_tag("parts/furrow.html")
def furrow(
    fact: Any, plan: Any, low: Any = None, high: Any = None, label: str = "", at: Any = None
) -> dict[str, Any]:
    """The goal as a furrow: a cell a unit up to 60, shares of the plan beyond; gold once the plan is reached.

    `low` and `high` mark the honest range of where it will end, `at` where it should be by now. `label` says
    it all in words for those who do not see it. Units of `plan`.
    """
    goal = max(float(plan or 0), 1.0)
    done = float(fact or 0)
    cells = int(goal) if goal <= 60 and goal == int(goal) else 40
    width = cells * 10

    def place(value: Any) -> int:
        return round(width * min(max(float(value) / goal, 0.0), 1.0))

    return {
        "width": width,
        "plots": range(0, width, 10),
        "grown": [(x, min(CELL, place(done) - x)) for x in range(0, width, 10) if place(done) > x],
        "cell": CELL,
        "ripe": done >= goal,
        "range": {"x": place(low), "width": max(place(high) - place(low), 4)} if high is not None else None,
        "at": place(at) if at is not None else None,
        "label": label,
    }


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, hint: str = "", css: str = "") -> dict[str, Any]:
    """A form field with label, hint and errors: {% field form.name %}. `hint` replaces the help text."""
    widget = bound.field.widget
    boxes = isinstance(widget, CheckboxSelectMultiple | RadioSelect)
    single = isinstance(widget, CheckboxInput)
    attrs: dict[str, Any] = {}
    if not boxes and not single:
        attrs["class"] = f"input {widget.attrs.get('class', '')} {css}".strip()
    ids = [bound.auto_id + "-hint"] if hint or bound.help_text else []
    if bound.errors:
        attrs["aria-invalid"] = "true"
        ids.insert(0, bound.auto_id + "-error")
    if ids and not boxes:
        attrs["aria-describedby"] = " ".join(ids)
    return {
        "bound": bound,
        "widget": bound.as_widget(attrs=attrs),
        "hint": hint or bound.help_text,
        "kind": "boxes"
        if boxes
        else "check"
        if single
        else "file"
        if isinstance(widget, FileInput)
        else "input",
    }

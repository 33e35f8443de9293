"""Vega-Lite specifications of the desk's charts. The title is HTML above (a finding, not a label).

Colours are not here: marks carry a style name (fact, plan, range, lead) that the chart island draws with the
theme of the page. `usermeta.table` names the columns of the chart's table twin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Point = tuple[date, float]
Band = tuple[date, float, float]
Spec = dict[str, Any]


def over_time(
    facts: Sequence[Point],
    *,
    plan: Sequence[Point] = (),
    band: Sequence[Band] = (),
    value_title: str = "",
    lead: str = "",
    plan_lead: str = "",
    height: int = 220,
) -> Spec:
    """A figure by days: what is (solid), the plan (dashed), where it will end (a filled band).

    `value_title` heads the column of the table. `lead` and `plan_lead` are written at the ends of the lines,
    instead of a legend. The axis starts at zero. `height` in px.
    """
    layers: list[Spec] = []
    if band:
        layers.append(
            {
                "data": {"values": [{"day": stamp(d), "low": lo, "high": hi} for d, lo, hi in band]},
                "mark": {"type": "area", "style": "range"},
                "encoding": {"x": day_axis(), "y": value_axis("low"), "y2": {"field": "high"}},
            }
        )
    if plan:
        layers += _line(plan, "plan", plan_lead)
    layers += _line(facts, "fact", lead)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "height": height,
        "layer": layers,
        "usermeta": {"table": _table(facts, plan, value_title or _("Fact"))},
    }


def stamp(day: date) -> int:
    """Midnight UTC in ms: the scale is UTC too, so that no browser's time zone moves a day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def day_axis() -> Spec:
    return {
        "field": "day",
        "type": "temporal",
        "scale": {"type": "utc"},
        "axis": {"title": None, "format": "%-d %b"},
    }


def value_axis(field: str) -> Spec:
    axis = {"title": None, "tickCount": 5, "ticks": False, "domain": False, "format": ",~f"}
    return {"field": field, "type": "quantitative", "scale": {"zero": True, "nice": True}, "axis": axis}


def _line(points: Sequence[Point], style: str, lead: str) -> list[Spec]:
    values = [{"day": stamp(d), "value": value} for d, value in points]
    encoding = {"x": day_axis(), "y": value_axis("value")}
    layers: list[Spec] = [
        {"data": {"values": values}, "mark": {"type": "line", "style": style}, "encoding": encoding}
    ]
    last = {"values": values[-1:]}
    if style == "fact" and values:
        layers.append({"data": last, "mark": {"type": "point", "style": "dot"}, "encoding": encoding})
    if lead and values:
        # Behind its last point a line never stands in the way; below it there is no plan and no range either.
        place = {"align": "left", "dx": 7} | ({"dy": 14} if style == "fact" else {})
        mark = {"type": "text", "style": "lead", "text": lead, **place}
        layers.append({"data": last, "mark": mark, "encoding": encoding})
    return layers


def _table(facts: Iterable[Point], plan: Iterable[Point], title: str) -> Spec:
    planned = dict(plan)
    counted = dict(facts)
    days = sorted({*counted, *planned})
    columns = [{"field": "day", "title": _("Day"), "kind": "day"}, {"field": "fact", "title": title}]
    if planned:
        columns.append({"field": "plan", "title": _("Plan")})
    rows = [{"day": d.isoformat(), "fact": counted.get(d), "plan": planned.get(d)} for d in days]
    return {"columns": columns, "rows": rows}


def through_hours(points: Sequence[tuple[datetime, float]], *, value_title: str, height: int = 120) -> Spec:
    """One counter of one post, reading by reading, in the reader's own time zone. `height` in px."""
    local = [(timezone.localtime(at), value) for at, value in points]
    short = bool(local) and local[-1][0] - local[0][0] < timedelta(hours=36)
    values = [{"at": int(at.replace(tzinfo=UTC).timestamp() * 1000), "value": value} for at, value in local]
    x = {
        "field": "at",
        "type": "temporal",
        "scale": {"type": "utc"},
        "axis": {"title": None, "format": "%H:%M" if short else "%-d %b", "tickCount": 5},
    }
    columns = [{"field": "at", "title": _("Hour")}, {"field": "value", "title": value_title}]
    rows = [{"at": f"{at:%d.%m %H:%M}", "value": value} for at, value in local]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "height": height,
        "layer": [
            {
                "data": {"values": values},
                "mark": {"type": "line", "style": "fact"},
                "encoding": {"x": x, "y": value_axis("value")},
            }
        ],
        "usermeta": {"table": {"columns": columns, "rows": rows}},
    }


def lateness(points: Sequence[tuple[datetime, float | None]], *, value_title: str, height: int = 120) -> Spec:
    """Seconds late through the last hours, in the reader's own time zone; None breaks the line. In px."""
    local = [(timezone.localtime(at), value) for at, value in points]
    values = [{"at": int(at.replace(tzinfo=UTC).timestamp() * 1000), "value": value} for at, value in local]
    x = {
        "field": "at",
        "type": "temporal",
        "scale": {"type": "utc"},
        "axis": {"title": None, "format": "%H:%M", "tickCount": 6},
    }
    # A calm day must look calm: below ten seconds nothing rises.
    top = max([10.0, *(value for _at, value in points if value is not None)])
    y = value_axis("value")
    y["scale"] = {"domain": [0, top], "nice": True}
    columns = [{"field": "at", "title": _("Hour")}, {"field": "value", "title": value_title}]
    rows = [{"at": f"{at:%d.%m %H:%M}", "value": value} for at, value in local if value is not None]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "height": height,
        "layer": [
            {
                "data": {"values": values},
                "mark": {"type": "line", "style": "fact"},
                "encoding": {"x": x, "y": y},
            }
        ],
        "usermeta": {"table": {"columns": columns, "rows": rows}},
    }


def compared(
    rows: Sequence[tuple[str, float, float, float, int]],
    *,
    few: int = 12,
    value_title: str = "",
    height: int = 34,
) -> Spec:
    """Means side by side: (name, mean, low, high, how many posts), best first.

    Below `few` posts the point is hollow. The line is the range of the true value. `height` in px for a row.
    """
    values = [
        {"name": name, "mean": mean, "low": low, "high": high, "posts": posts, "few": posts < few}
        for name, mean, low, high, posts in rows
    ]
    y = {
        "field": "name",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "grid": False, "ticks": False},
    }
    x = {
        "type": "quantitative",
        "scale": {"zero": True},
        "axis": {"title": None, "tickCount": 4, "domain": False},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "height": {"step": height},
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "rule", "style": "whisk"},
                "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}},
            },
            {
                "transform": [{"filter": "!datum.few"}],
                "mark": {"type": "point", "style": "dot"},
                "encoding": {"y": y, "x": {"field": "mean", **x}},
            },
            {
                "transform": [{"filter": "datum.few"}],
                "mark": {"type": "point", "style": "hollow"},
                "encoding": {"y": y, "x": {"field": "mean", **x}},
            },
        ],
        "usermeta": {
            "table": {
                "columns": [
                    {"field": "name", "title": _("Name")},
                    {"field": "mean", "title": value_title or _("Mean")},
                    {"field": "low", "title": _("From")},
                    {"field": "high", "title": _("To")},
                    {"field": "posts", "title": _("Posts")},
                ],
                "rows": values,
            }
        },
    }


LEAD_PLAN = gettext_lazy("plan 40")


def sample() -> Spec:
    """The chart of the page of parts."""
    start = date(2026, 11, 1)
    counted = (0, 1, 3, 4, 5, 7, 8, 9, 11, 12, 12, 13, 14, 14, 15, 16, 18)
    days = [start + timedelta(days=n) for n in range(30)]
    facts = [(day, float(value)) for day, value in zip(days, counted, strict=False)]
    plan = [(day, round(40 * (n + 1) / 30, 1)) for n, day in enumerate(days)]
    band = [(day, 18 + (n - 16) * 11 / 13, 18 + (n - 16) * 20 / 13) for n, day in enumerate(days) if n >= 16]
    return over_time(facts, plan=plan, band=band, value_title=_("Leads"), lead="18", plan_lead=str(LEAD_PLAN))

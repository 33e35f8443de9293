"""Chart kinds of the pages of numbers, beside those of `charts`: groups with ranges, ranks, small multiples,
this period against the usual, one post against the account's usual.

What tells marks apart is never colour alone: a hollow point rests on few posts, the usual is a band with
dashed edges, a rank carries its number. Under 500 px the island draws `usermeta.narrow` instead: names stand
above their lines. Values that were not read break a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from niva.kit.text import number
from niva.web.charts import Spec, day_axis, stamp, value_axis

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
_STEP, _NARROW_STEP = 34, 52  # px of a row; names above their lines need more
_BREAKS: Final = "break-paths-show-domains"
_LABEL = 220  # px that a name may take beside its line


@dataclass(frozen=True, slots=True)
class Ranged:
    """One group: its figure with the range of the truth (None: too few posts), and how many posts it has."""

    name: str
    value: float
    low: float | None
    high: float | None
    posts: int
    few: bool


def ranged(rows: Sequence[Ranged], *, value_title: str, digits: int = 1) -> Spec:
    """Points with ranges, the highest first. Hollow points rest on few posts; without a range there is no
    line. The axis begins at zero."""
    values = [
        {"name": one.name, "value": one.value, "low": one.low, "high": one.high, "posts": one.posts,
         "few": one.few}
        for one in rows
    ]  # fmt: skip
    columns: list[dict[str, Any]] = [
        {"field": "name", "title": _("Name")},
        {"field": "value", "title": value_title, "digits": digits},
        {"field": "low", "title": _("From"), "digits": digits},
        {"field": "high", "title": _("To"), "digits": digits},
        {"field": "posts", "title": _("Posts")},
    ]
    return _rows(values, _ranged_marks, columns)


def _ranged_marks(y: Spec) -> list[Spec]:
    x = {"type": "quantitative", "scale": {"zero": True}, "axis": _across()}
    dot = {"y": y, "x": {"field": "value", **x}}
    return [
        {
            "transform": [{"filter": "isValid(datum.low)"}],
            "mark": {"type": "rule", "style": "whisk"},
            "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}},
        },
        {"transform": [{"filter": "!datum.few"}], "mark": {"type": "point", "style": "dot"}, "encoding": dot},
        {
            "transform": [{"filter": "datum.few"}],
            "mark": {"type": "point", "style": "hollow"},
            "encoding": dot,
        },
    ]


def ranks(rows: Sequence[tuple[str, float]], *, value_title: str, digits: int = 0) -> Spec:
    """Bars from zero with their numbers at the ends, in the order given."""
    language = get_language() or "ru"
    values = [
        {"name": name, "value": value, "shown": number(value, language, digits)} for name, value in rows
    ]
    columns: list[dict[str, Any]] = [
        {"field": "name", "title": _("Name")},
        {"field": "value", "title": value_title, "digits": digits},
    ]
    return _rows(values, _rank_marks, columns)


def _rank_marks(y: Spec) -> list[Spec]:
    x = {"field": "value", "type": "quantitative", "scale": {"zero": True}, "axis": None}
    return [
        {"mark": {"type": "bar", "style": "rank", "height": 14}, "encoding": {"y": y, "x": x}},
        {
            "mark": {"type": "text", "style": "value"},
            "encoding": {"y": y, "x": x, "text": {"field": "shown", "type": "nominal"}},
        },
    ]


def _rows(values: list[dict[str, Any]], marks: Any, columns: list[dict[str, Any]]) -> Spec:
    """A chart of rows by name, wide and narrow, with its table."""
    bare: dict[str, Any] = {"field": "name", "type": "nominal", "sort": None}
    wide = {**bare, "axis": {"title": None, "grid": False, "ticks": False, "domain": False,
                             "labelLimit": _LABEL}}  # fmt: skip
    above: Spec = {
        "mark": {"type": "text", "style": "name", "dy": -10, "limit": 330},
        "encoding": {"y": {**bare, "axis": None}, "x": {"value": 0}, "text": {"field": "name"}},
    }
    common: Spec = {"$schema": SCHEMA, "data": {"values": values}}
    narrow: Spec = {
        **common,
        "height": {"step": _NARROW_STEP},
        "layer": [*marks({**bare, "axis": None}), above],
    }
    table = {"columns": columns, "rows": [{k: row[k] for k in _fields(columns)} for row in values]}
    return {
        **common,
        "height": {"step": _STEP},
        "layer": marks(wide),
        "usermeta": {"table": table, "narrow": narrow},
    }


def _fields(columns: Sequence[dict[str, Any]]) -> list[str]:
    return [str(column["field"]) for column in columns]


def _across() -> Spec:
    return {"title": None, "tickCount": 4, "domain": False, "format": ",~f"}


def against_usual(
    days: Sequence[tuple[date, float | None]],
    *,
    usual: tuple[float, float, float] | None,
    value_title: str,
    top: float | None = None,
    height: int = 200,
) -> Spec:
    """What came day by day (solid) against what a day usually brought in the three months before: a band from
    `usual[0]` to `usual[2]` about the dashed `usual[1]`. None is a day without a number: the line breaks.

    `top`: the end of the axis, so that several charts side by side have one scale. `height` in px.
    """
    y = value_axis("value")
    if top is not None:
        y["scale"] = {"domain": [0, top], "nice": True}
    layers: list[Spec] = []
    if usual and days:
        low, typical, high = usual
        ends = [{"day": stamp(day), "low": low, "typical": typical, "high": high}
                for day in (days[0][0], days[-1][0])]  # fmt: skip
        data = {"values": ends}
        layers = [
            {"data": data, "mark": {"type": "area", "style": "range"},
             "encoding": {"x": day_axis(), "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
            *({"data": data, "mark": {"type": "line", "style": style},
               "encoding": {"x": day_axis(), "y": {**y, "field": field}}}
              for field, style in (("low", "edge"), ("high", "edge"), ("typical", "plan"))),
        ]  # fmt: skip
    values = [{"day": stamp(day), "value": value} for day, value in days]
    layers.append(
        {"data": {"values": values}, "mark": {"type": "line", "style": "fact", "invalid": _BREAKS},
         "encoding": {"x": day_axis(), "y": y}}
    )  # fmt: skip
    layers.append(
        {"data": {"values": values}, "transform": [{"filter": "isValid(datum.value)"}],
         "mark": {"type": "point", "style": "dot", "size": 22}, "encoding": {"x": day_axis(), "y": y}}
    )  # fmt: skip
    columns: list[dict[str, Any]] = [
        {"field": "day", "title": _("Day"), "kind": "day"}, {"field": "value", "title": value_title},
    ]  # fmt: skip
    rows: list[dict[str, Any]] = [{"day": day.isoformat(), "value": value} for day, value in days]
    if usual:
        columns += [
            {"field": "low", "title": _("Usual, from")},
            {"field": "high", "title": _("Usual, to")},
        ]
        rows = [{**row, "low": usual[0], "high": usual[2]} for row in rows]
    return {
        "$schema": SCHEMA,
        "height": height,
        "layer": layers,
        "usermeta": {"table": {"columns": columns, "rows": rows}},
    }


def multiples(
    series: Sequence[tuple[str, Sequence[tuple[date, float | None]]]], *, value_title: str, height: int = 110
) -> list[tuple[str, Spec]]:
    """Small charts of one scale, one for each name: lines that would cross in one chart are read apart."""
    top = max((value for _name, days in series for _day, value in days if value is not None), default=1.0)
    return [
        (name, against_usual(days, usual=None, value_title=value_title, top=top, height=height))
        for name, days in series
    ]


def at_ages(
    own: Sequence[tuple[int, float]],
    usual: Sequence[tuple[int, float, float, float]],
    *,
    value_title: str,
    names: dict[int, str],
    height: int = 200,
) -> Spec:
    """One post at the same ages as the account's others: points on a solid line, the others' range as a band
    with their typical dashed. `own`: (age in hours, value); `usual`: (age, low, typical, high); `names`: an
    age in words."""
    order = [names[age] for age in names]
    x = {"field": "age", "type": "ordinal", "sort": order, "axis": {"title": None, "labelAngle": 0}}
    y = value_axis("value")
    told = {age: (low, typical, high) for age, low, typical, high in usual}
    band = {"values": [{"age": names[age], "low": low, "typical": typical, "high": high}
                       for age, low, typical, high in usual]}  # fmt: skip
    mine = {"values": [{"age": names[age], "value": value} for age, value in own]}
    layers: list[Spec] = []
    if usual:
        layers = [
            {"data": band, "mark": {"type": "area", "style": "range"},
             "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
            {"data": band, "mark": {"type": "line", "style": "plan"},
             "encoding": {"x": x, "y": {**y, "field": "typical"}}},
        ]  # fmt: skip
    layers += [
        {"data": mine, "mark": {"type": "line", "style": "fact"}, "encoding": {"x": x, "y": y}},
        {"data": mine, "mark": {"type": "point", "style": "dot"}, "encoding": {"x": x, "y": y}},
    ]
    values = dict(own)
    rows = [
        {
            "age": names[age],
            "value": values.get(age),
            "low": told[age][0] if age in told else None,
            "typical": told[age][1] if age in told else None,
            "high": told[age][2] if age in told else None,
        }
        for age in names
        if age in values or age in told
    ]
    columns = [
        {"field": "age", "title": _("Age of the post")},
        {"field": "value", "title": value_title},
        {"field": "low", "title": _("Usual, from")},
        {"field": "typical", "title": _("Typical")},
        {"field": "high", "title": _("Usual, to")},
    ]
    return {
        "$schema": SCHEMA,
        "height": height,
        "layer": layers,
        "usermeta": {"table": {"columns": columns, "rows": rows}},
    }

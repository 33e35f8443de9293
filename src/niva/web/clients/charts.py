"""The charts of a client's page, as Vega-Lite specifications."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from niva.domains.clients.progress import Stage, cumulative
from niva.domains.clients.queries import target_of
from niva.flows.goal_fact import Standing
from niva.kit.text import number
from niva.web.charts import Band, Point, Spec, over_time


def goal_chart(standing: Standing) -> Spec | None:
    """The figure added up (solid), an even pace (dashed) and the range (band). None without a single row."""
    seen, target = standing.progress, target_of(standing.goal)
    if seen.fact is None or seen.stage is Stage.NOT_STARTED:
        return None
    line = cumulative(standing.facts.rows, target, standing.today)
    facts: list[Point] = [(day, float(value)) for day, value in line]
    days = (target.deadline - target.starts_on).days + 1
    every = max(1, days // 60)  # a long goal needs no point a day
    plan: list[Point] = [
        (target.starts_on + timedelta(days=n), round(float(target.plan) * (n + 1) / days, 2))
        for n in range(days)
        if n % every == 0 or n == days - 1
    ]
    language = get_language() or "ru"
    return over_time(
        facts,
        plan=plan,
        band=_band(standing),
        value_title=standing.goal.figure,
        lead=number(seen.fact, language),
        plan_lead=_("plan %(plan)s") % {"plan": number(target.plan, language)},
    )


def _band(standing: Standing) -> list[Band]:
    """From today's fact, evenly, to the range at the deadline."""
    seen, target = standing.progress, target_of(standing.goal)
    if seen.expected is None or seen.fact is None:
        return []
    left = max(1, (target.deadline - standing.today).days)
    fact, low, high = float(seen.fact), float(seen.expected.low), float(seen.expected.high)
    return [
        (
            standing.today + timedelta(days=n),
            round(fact + (low - fact) * n / left, 2),
            round(fact + (high - fact) * n / left, 2),
        )
        for n in range(left + 1)
    ]


def followers_chart(points: Sequence[tuple[date, float]]) -> dict[str, Any] | None:
    """A community's followers by days, small. None under two days: a point is no line."""
    if len(points) < 2:
        return None
    language = get_language() or "ru"
    chart = over_time(points, value_title=_("Followers"), lead=number(points[-1][1], language, 0), height=110)
    # Followers never start at zero on such a chart: the change would be invisible.
    for layer in chart["layer"]:
        layer["encoding"]["y"] = {
            **layer["encoding"]["y"],
            "scale": {"zero": False, "nice": True},
            "axis": {**layer["encoding"]["y"]["axis"], "tickCount": 3},
        }
    return chart

"""Small charts side by side: one counted measure day by day, a chart for each community, all on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, cast

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from niva.domains.communities.models import Community
from niva.domains.metrics.days import days_of_communities
from niva.domains.metrics.dictionary import measure
from niva.domains.metrics.figures import Scope
from niva.domains.people.actor import Actor
from niva.kit.text import number
from niva.web.number_charts import multiples
from niva.web.numbers.asking import Asked
from niva.web.numbers.page import ChartView, source_of
from niva.web.numbers.words import days_words, name_of

MOST: Final = 9


def small_charts(actor: Actor, scope: Scope, asked: Asked, words: Sequence[str]) -> list[ChartView]:
    """By the first of `words` that two communities have, those with the most first; else nothing."""
    found = days_of_communities(actor, words, scope, asked.period)
    for word in words:
        days: dict[Community, dict[date, float]] = {}
        for community, figure in found:
            if figure.measure == word and figure.value is not None:
                days.setdefault(community, {})[cast(date, figure.key)] = figure.value
        if len(days) > 1:
            return _drawn(word, days, asked)
    return []


def _drawn(word: str, days: dict[Community, dict[date, float]], asked: Asked) -> list[ChartView]:
    name, language = name_of(measure(word)), get_language() or "ru"
    order = sorted(days, key=lambda one: (-sum(days[one].values()), one.pk))[:MOST]
    every = [asked.period.since + timedelta(days=n) for n in range(asked.period.days)]
    drawn = multiples(
        [(one.name, [(day, days[one].get(day)) for day in every]) for one in order], value_title=name
    )
    return [
        ChartView(
            id=f"of-{one.pk}",
            spec=spec,
            finding=_("%(community)s: %(value)s") % {
                "community": one.name, "value": number(sum(days[one].values()), language, 0),
            },
            under=_("%(measure)s, %(days)s; all charts here have one scale")
            % {"measure": name, "days": days_words(asked.period)},
            source=source_of(one.name, asked),
            here=asked.fixed,
        )
        for one, (_name, spec) in zip(order, drawn, strict=True)
    ]  # fmt: skip

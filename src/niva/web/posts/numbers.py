"""The numbers of one publication in words: figures with how they are known, and the chart of its views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.metrics import queries as metrics
from niva.domains.metrics.queries import Numbers
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Publication
from niva.web.charts import through_hours
from niva.web.looks import network_name
from niva.words import describe

METRIC_WORDS: Final = {
    "views": gettext_lazy("views"),
    "reach": gettext_lazy("people reached"),
    "likes": gettext_lazy("likes"),
    "comments": gettext_lazy("comments"),
    "reposts": gettext_lazy("reposts"),
    "saves": gettext_lazy("saves"),
    "clicks": gettext_lazy("clicks on the link"),
    "votes": gettext_lazy("votes"),
    "followers": gettext_lazy("followers"),
    "posts": gettext_lazy("posts"),
    "visitors": gettext_lazy("visitors"),
    "messages": gettext_lazy("people who wrote"),
}
SOURCE_WORDS: Final = {"hand": gettext_lazy("typed in"), "import": gettext_lazy("imported")}
ALWAYS: Final = ("views", "likes", "comments", "reposts")


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` None: not known, `why` says for what reason. Never zero for missing. `source`: who told it,
    where it was not the network.
    """

    word: str
    value: float | None
    why: str = ""
    source: str = ""


def figures_of(numbers: Numbers, network: str, *, poll: bool, read: bool = True) -> list[Figure]:
    """What was read, then what the network does not give, with the reason. No `poll`, no word of votes.

    `read`: whether the desk reads its numbers itself; else there is only what people brought.
    """
    found = []
    for metric, word in METRIC_WORDS.items():
        if metric == "votes" and not poll:
            continue
        if metric in numbers.values:
            source = SOURCE_WORDS.get(numbers.sources.get(metric, ""), "")
            found.append(Figure(str(word), numbers.values[metric], source=str(source)))
        elif not read:
            continue
        elif metric in numbers.absent:
            why = describe(numbers.absent[metric], {"network": network_name(network)})
            found.append(Figure(str(word), None, why.what))
        elif metric in ALWAYS and numbers.at is None:
            found.append(Figure(str(word), None, _("Not read yet.")))
    return found


def chart_of(actor: Actor, publication: Publication) -> dict[str, Any] | None:
    """Views by the hour since it went out (likes where views are not given), None under three readings."""
    for metric in ("views", "likes"):
        points = metrics.publication_series(actor, publication_id=publication.pk, metric=metric)
        if len(points) >= 3:
            return {
                "spec": through_hours(points, value_title=str(METRIC_WORDS[metric])),
                "title": _chart_title(points, str(METRIC_WORDS[metric])),
            }
    return None


def _chart_title(points: Sequence[tuple[Any, float]], word: str) -> str:
    """The finding: how much of what there is came in the last third of the time."""
    (first, _start), (last, total) = points[0], points[-1]
    if total <= 0:
        return _("No %(word)s yet") % {"word": word}
    edge = last - (last - first) / 3
    before = max((value for at, value in points if at <= edge), default=0.0)
    share = (total - before) / total
    if share < 0.05:
        return _("It has almost stopped gaining: %(word)s come no more") % {"word": word}
    if share > 0.4:
        return _("It is gaining faster: %(word)s are still coming") % {"word": word}
    return _("It keeps gaining: %(word)s are still coming") % {"word": word}

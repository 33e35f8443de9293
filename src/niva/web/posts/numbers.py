"""The numbers of one publication in words: figures with how they are known, and the chart of its views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from niva.domains.metrics import queries as metrics
from niva.domains.metrics.dictionary import measure
from niva.domains.metrics.queries import Numbers
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Publication
from niva.kit.text import number, span
from niva.web.charts import through_hours
from niva.web.clients.words import in_language
from niva.web.looks import network_name
from niva.web.number_charts import at_ages as at_ages_spec
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


def ages_chart(actor: Actor, publication: Publication) -> dict[str, Any] | None:
    """The post at an hour, a day, three days and a week beside the community's other posts at the same age;
    None where too few posts went out before it to say what is usual."""
    from niva.flows.post_at_ages import AGES, AtAge, at_ages

    word, found = at_ages(actor, publication)
    known = [one for one in found if one.usual]
    if not known:
        return None
    name = in_language(measure(word).name, get_language())
    names = {age: _age(age) for age in AGES}
    spec = at_ages_spec(
        [(one.age, one.value) for one in found],
        [(one.age, one.usual.low, one.usual.typical, one.usual.high) for one in known if one.usual],
        value_title=name,
        names=names,
    )
    last: AtAge = known[-1]
    return {"spec": spec, "title": _ages_title(last, name, names[last.age])}


def _age(hours: int) -> str:
    if hours < 24:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}


def _ages_title(last: Any, name: str, age: str) -> str:
    """The finding at the greatest age that was reached."""
    language = get_language() or "ru"
    usual = span(round(last.usual.low), round(last.usual.high), language)
    told = {"name": name, "age": age, "value": number(last.value, language, 0), "usual": usual}
    if last.verdict == "real" and last.times:
        if last.times > 1:
            return _("%(name)s after %(age)s: %(value)s, more than is usual here (%(usual)s)") % told
        return _("%(name)s after %(age)s: %(value)s, less than is usual here (%(usual)s)") % told
    return _("%(name)s after %(age)s: %(value)s, as is usual here (%(usual)s)") % told


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

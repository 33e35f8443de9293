"""What the pages of numbers of one scope share: figures in words, their charts, groups, the best posts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.metrics import figures as law
from niva.domains.metrics.dictionary import measure
from niva.domains.metrics.figures import Scope
from niva.domains.people.actor import Actor
from niva.domains.strategy.models import Rubric
from niva.flows.figures_seen import SAME_AGE, Seen, age_of, seen
from niva.kit.text import NBSP, number
from niva.web.charts import Spec
from niva.web.clients.words import in_language
from niva.web.looks import format_name
from niva.web.number_charts import Ranged, against_usual, ranged
from niva.web.numbers.asking import Asked, days_of
from niva.web.numbers.words import days_words, digits_of, figure_view, name_of

if TYPE_CHECKING:
    from niva.flows.figures_posts import Extremes, Group, GroupBy, PostSeen

SHOWN: Final = ("reach", "views", "clicks", "engagement", "er_reach", "er_views", "reach_post", "followers",
                "publications")  # fmt: skip
OF_POSTS: Final = (
    "reach",
    "views",
    "clicks",
    "er_reach",
    "er_views",
    "reach_post",
    "views_post",
    "publications",
)
"""What is shown of a scope that only posts can answer for: a rubric."""
GROUP_MEASURES: Final = ("er_reach", "er_views", "reach_post", "views_post", "clicks_reach")
FEW_FIGURES: Final = 6


@dataclass(frozen=True, slots=True)
class ChartView:
    """A chart as the include `numbers/chart.html` draws it. `here`: the query string that opens it again."""

    id: str
    spec: Spec
    finding: str
    under: str
    source: str
    here: str


@dataclass(frozen=True, slots=True)
class Block:
    """Groups of posts of one kind, with their chart; `chart` None: not two groups with numbers."""

    by: str
    title: str
    chart: ChartView | None


def figures_block(actor: Actor, scope: Scope, asked: Asked, words: Sequence[str], who: str) -> dict[str, Any]:
    """The few figures and the chart of days. `who`: whose numbers, for the pictures."""
    silent = law.silences(actor, scope)
    found = seen(actor, scope, asked.period, words)
    known = [one for one in found if one.figure.value is not None]
    shown = known[:FEW_FIGURES]
    unknown = [one for one in found if one.figure.value is None]
    views = [figure_view(one, silent, rows_url(scope, one, asked)) for one in shown]
    absent = [figure_view(one, silent) for one in unknown]
    return {
        "asked": asked,
        "days": days_words(asked.period),
        "before_days": days_words(asked.period.before()),
        "figures": views,
        "absent": absent,
        "days_chart": days_chart(found, asked, who),
    }


def rows_url(scope: Scope, one: Seen, asked: Asked) -> str:
    """The rows that a figure was counted from."""
    said: list[tuple[str, Any]] = [("measure", one.figure.measure), *days_of(asked.period)]
    said += [("basis", one.basis)] + ([("age", one.age)] if one.age else [])
    if scope.client_id is not None:
        said.append(("client", scope.client_id))
    said += [("community", pk) for pk in scope.community_ids]
    said += [("rubric", pk or 0) for pk in scope.rubric_ids]
    said += [("mine", 1)] if scope.post_ids is not None else []
    return f"{reverse('number_rows')}?{urlencode(said)}"


def source_of(who: str, asked: Asked, found: Seen | None = None) -> str:
    """The line under a picture: whose numbers, which days, read when."""
    said = _("%(who)s · %(days)s") % {"who": who, "days": days_words(asked.period)}
    if found is not None and found.figure.read_at is not None:
        at = timezone.localtime(found.figure.read_at)
        said += " · " + _("read on %(at)s") % {"at": f"{at:%d.%m.%Y, %H:%M}"}
    return said + " · " + _("Niva")


def days_chart(found: Sequence[Seen], asked: Asked, who: str) -> ChartView | None:
    """The first counted figure day by day against the usual day; None without two days."""
    one = next((one for one in found if one.basis == "gained" and len(one.days) > 1 and
                one.measure.kind == "count"), None)  # fmt: skip
    if one is None:
        return None
    known = dict(one.days)
    period = asked.period
    days = [(day, known.get(day)) for n in range(period.days) if (day := period.since + timedelta(days=n))]
    usual = None
    if one.day_usual is not None:
        usual = (one.day_usual.low, one.day_usual.typical, one.day_usual.high)
    name = name_of(one.measure)
    return ChartView(
        id="days",
        spec=against_usual(days, usual=usual, value_title=name),
        finding=_days_finding(name, days, usual),
        under=_days_under(name, usual is not None),
        source=source_of(who, asked, one),
        here=asked.fixed,
    )


def _days_finding(
    name: str, days: Sequence[tuple[date, float | None]], usual: tuple[float, float, float] | None
) -> str:
    read = [value for _day, value in days if value is not None]
    if usual is None:
        return _("%(name)s by days; too little history to say what is usual") % {"name": name}
    above = sum(value > usual[2] for value in read)
    below = sum(value < usual[0] for value in read)
    if not above and not below:
        return _("%(name)s: every day as usual") % {"name": name}
    parts = []
    if above:
        parts.append(
            ngettext("%(n)s day above the usual", "%(n)s days above the usual", above) % {"n": above}
        )
    if below:
        parts.append(
            ngettext("%(n)s day below the usual", "%(n)s days below the usual", below) % {"n": below}
        )
    return _("%(name)s: %(parts)s of %(days)s") % {
        "name": name, "parts": ", ".join(parts), "days": len(read),
    }  # fmt: skip


def _days_under(name: str, usual: bool) -> str:
    if not usual:
        return _("What came on each day; a break in the line is a day without a number.")
    return _(
        "What came on each day. The band: 8 of 10 days of the three months before lay in it; dashes: half of "
        "them lay below. A break in the line is a day without a number."
    )


def group_blocks(
    actor: Actor, scope: Scope, asked: Asked, who: str, word: str, kinds: Sequence[GroupBy]
) -> list[Block]:
    """Rubrics, formats, communities side by side by one measure."""
    from niva.flows.figures_posts import groups

    found = groups(actor, scope, asked.period, word, kinds)
    return [Block(by, _TITLES[by](), _group_chart(actor, found[by], by, word, asked, who)) for by in kinds]


_TITLES: Final[dict[str, Callable[[], str]]] = {
    "rubric": lambda: _("Rubrics"),
    "format": lambda: _("Formats"),
    "community": lambda: _("Communities"),
}


def _group_chart(
    actor: Actor, rows: Sequence[Group], by: str, word: str, asked: Asked, who: str
) -> ChartView | None:
    if len(rows) < 2:
        return None
    one, names = measure(word), names_of(actor, by, [row.key for row in rows])
    drawn = [
        Ranged(names[row.key], row.figure.value or 0.0, row.low, row.high, row.figure.rests_on, row.few)
        for row in rows
    ]
    digits = max(digits_of(one, row.value) for row in drawn)
    title = name_of(one, age_of(word)) + (f", {one.unit}" if one.unit else "")
    return ChartView(
        id=by,
        spec=ranged(drawn, value_title=title, digits=digits),
        finding=group_finding(rows, names),
        under=_("%(measure)s. The line: where the true value lies in 8 cases of 10; a hollow point rests on "
                "fewer than 12 posts.") % {"measure": title},
        source=source_of(who, asked),
        here=asked.fixed,
    )  # fmt: skip


def group_finding(rows: Sequence[Group], names: Mapping[Hashable, str]) -> str:
    """Who is ahead, or that they cannot be told apart."""
    from niva.flows.figures_posts import told_apart

    if not told_apart(rows):
        return _("They cannot be told apart: the differences are within chance")
    ranged_rows = [row for row in rows if row.low is not None]
    return _("“%(first)s” is ahead of “%(last)s”, and more than chance") % {
        "first": names[ranged_rows[0].key], "last": names[ranged_rows[-1].key],
    }  # fmt: skip


def names_of(actor: Actor, by: str, keys: Sequence[Hashable]) -> dict[Hashable, str]:
    """What groups are called."""
    if by == "format":
        return {key: format_name(str(key)) for key in keys}
    if by == "community":
        rows = law.communities_in(actor, Scope()).filter(pk__in=[key for key in keys if key])
        names: dict[Hashable, str] = {row.pk: row.name for row in rows}
    else:
        wanted = Rubric.objects.filter(pk__in=[key for key in keys if key])
        names = {row.pk: row.name for row in access.visible(actor, wanted)}
    return {key: names.get(key, _("without a rubric") if by == "rubric" else "—") for key in keys}


def group_measure(actor: Actor, scope: Scope, asked: Asked, wanted: str) -> str:
    """The measure that groups are compared by: the one asked for, else the first that is known."""
    if wanted in GROUP_MEASURES:
        return wanted
    found = law.figures(actor, GROUP_MEASURES[:3], scope, asked.period)
    return next((one.measure for one in found if one.value is not None), GROUP_MEASURES[0])


def measure_choices(current: str, asked: Asked) -> list[tuple[str, str, bool]]:
    """Links to the other measures: query string, name, whether it is this one."""
    kept = [pair for pair in asked.kept if pair[0] != "measure"]
    period = days_of(asked.period) if asked.code == "free" else [("period", asked.code)]
    return [
        ("?" + urlencode([*period, *kept, ("measure", word)]) + "#groups",
         in_language(measure(word).name, get_language()), word == current)
        for word in GROUP_MEASURES
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post among the best or the poorest."""

    title: str
    url: str
    network: str
    at: Any
    value: str
    says: str
    verdict: str


def best_posts(actor: Actor, scope: Scope, asked: Asked) -> dict[str, Any]:
    """The best and the poorest posts on their third day, in words."""
    from niva.flows.figures_posts import extremes

    found: Extremes | None = extremes(actor, scope, asked.period)
    if found is None or not found.known:
        return {"extremes": None}
    return {
        "extremes": found,
        "extremes_word": name_of(measure(found.word), SAME_AGE),
        "best": [_post_line(one) for one in found.best],
        "poorest": [_post_line(one) for one in found.poorest],
    }


def _post_line(one: PostSeen) -> PostLine:
    language = get_language() or "ru"
    return PostLine(
        title=str(one.row.publication.post),
        url=reverse("post_show", args=[one.row.publication.post_id]),
        network=one.row.community.network,
        at=one.row.published_at,
        value=number(one.value, language, 0),
        says=_times(one, language),
        verdict=str(one.verdict),
    )


def _times(one: PostSeen, language: str) -> str:
    if one.times is None or str(one.verdict) == "unknown":
        return ""
    if str(one.verdict) == "noise":
        return _("as usual")
    if one.times >= 1:
        return _("%(n)s times the usual") % {"n": number(round(one.times, 1), language)}
    return _("%(n)s of the usual") % {"n": f"{number(round(one.times * 100), language)}{NBSP}%"}

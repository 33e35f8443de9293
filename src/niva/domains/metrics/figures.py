"""The law of one number: pages, the API, exports and reports take every figure from here.

Two bases, never mixed and always named:

- `posts`: what the posts that went out in the period have collected, by now or at one same age;
- `gained`: what came in the days of the period, whenever the posts went out.

A ratio is a ratio of sums over the posts (or communities) where both parts are known; how many were left out
stands beside it as `missing`. What nobody counted is None, never zero. Posts that were removed are left out
of `posts`; what they brought stays in `gained`, because it came.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from django.db.models import Case, Count, F, FilteredRelation, Max, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, TruncMonth, TruncWeek

from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.metrics.dictionary import ENGAGEMENT, FOLLOWERS, OUT, Measure, measure
from niva.domains.metrics.gained import gained
from niva.domains.metrics.models import AGES, Absence, Daily, PostNumbers, Subject
from niva.domains.metrics.periods import Period
from niva.domains.people.actor import Actor

By = Literal["", "day", "week", "month", "client", "community", "rubric", "format", "weekday", "hour", "paid",
             "publication"]  # fmt: skip
Basis = Literal["posts", "gained"]
OF_POSTS: Final = frozenset({"rubric", "format", "weekday", "hour", "paid", "publication"})
"""What only posts can be parted by: a day's growth knows no rubric."""


class CannotBeParted(ValueError):
    """This basis cannot answer that question: see `OF_POSTS`; a level has no basis of posts."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose numbers. None or empty: no limit; everything is within what the actor may see. `paid`: only posts
    that somebody paid to have shown (True), only the others (False). `post_ids`: these alone."""

    client_id: int | None = None
    community_ids: tuple[int, ...] = ()
    rubric_ids: tuple[int | None, ...] = ()
    formats: tuple[str, ...] = ()
    post_ids: tuple[int, ...] | None = None
    paid: bool | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `key`: the value of `by` (a day, an id, a word; None where there is none). `value`: in the
    measure's unit, None: nobody counted it. `top`, `bottom`: the sums it was made of. `rests_on`: posts (or
    communities) that are in it; `missing`: those in the scope that are not, because the number is not known.
    `read_at`: the newest reading in it. `version`: of the measure's formula."""

    measure: str
    key: Hashable
    value: float | None
    top: float | None
    bottom: float | None
    rests_on: int
    missing: int
    read_at: datetime | None
    version: int = 1


def figures(
    actor: Actor,
    words: Sequence[str],
    scope: Scope,
    period: Period,
    *,
    by: By = "",
    basis: Basis = "posts",
    age: int | None = None,
) -> list[Figure]:
    """Every measure for every value of `by`, in one query a basis. Keys come in order, measures as asked.

    `age`: hours, one of `models.AGES`; posts that were not read at that age count as missing. Raises KeyError
    for an unknown word, CannotBeParted where the basis does not know the answer.
    """
    asked = [measure(word) for word in words]
    if not all(one.countable for one in asked):
        raise CannotBeParted("money is counted from the ledger")
    if basis == "gained":
        return _gained(actor, asked, scope, period, by)
    if any(one.of == "community" for one in asked):
        raise CannotBeParted("communities' own numbers have no posts")
    return _of_posts(actor, asked, scope, period, by, age)


def figure(actor: Actor, word: str, scope: Scope, period: Period, *, basis: Basis = "posts",
           age: int | None = None) -> Figure:  # fmt: skip
    """One measure of the whole scope."""
    return figures(actor, [word], scope, period, basis=basis, age=age)[0]


def posts_in(actor: Actor, scope: Scope, period: Period) -> QuerySet[PostNumbers]:
    """The posts that a figure of the basis `posts` rests on: its rows."""
    rows = access.visible(actor, PostNumbers.objects.all()).filter(
        day__range=(period.since, period.until), removed=False
    )
    return _limited(rows, scope)


def silences(actor: Actor, scope: Scope) -> dict[str, list[tuple[Community, str]]]:
    """Which communities do not give a number, by the network's word, with the reason as a code."""
    found: dict[str, list[tuple[Community, str]]] = {}
    ours = communities_in(actor, scope)
    rows = Absence.objects.filter(community__in=ours).select_related("community")
    for row in rows.order_by("community__name", "metric"):
        found.setdefault(row.metric, []).append((row.community, row.reason))
    return found


def communities_in(actor: Actor, scope: Scope) -> QuerySet[Community]:
    """The communities of a scope that the actor may see."""
    rows = access.visible(actor, Community.objects.filter(archived_at__isnull=True))
    if scope.client_id is not None:
        rows = rows.filter(client_id=scope.client_id)
    return rows.filter(pk__in=scope.community_ids) if scope.community_ids else rows


def _limited(rows: QuerySet[PostNumbers], scope: Scope) -> QuerySet[PostNumbers]:
    wanted: dict[str, Any] = {}
    if scope.client_id is not None:
        wanted["client_id"] = scope.client_id
    if scope.community_ids:
        wanted["community_id__in"] = scope.community_ids
    if scope.formats:
        wanted["format__in"] = scope.formats
    if scope.paid is not None:
        wanted["paid"] = scope.paid
    if scope.post_ids is not None:
        wanted["publication__post_id__in"] = scope.post_ids
    rows = rows.filter(**wanted)
    if scope.rubric_ids:
        of_none = Q(rubric_id__isnull=True) if None in scope.rubric_ids else Q()
        rows = rows.filter(of_none | Q(rubric_id__in=[pk for pk in scope.rubric_ids if pk is not None]))
    return rows


# What posts collected -------------------------------------------------------------------------------------

_KEYS: Final[dict[str, Any]] = {
    "day": F("day"), "week": TruncWeek("day"), "month": TruncMonth("day"), "client": F("client_id"),
    "community": F("community_id"), "rubric": F("rubric_id"), "format": F("format"),
    "weekday": F("weekday"), "hour": F("hour"), "paid": F("paid"), "publication": F("publication_id"),
}  # fmt: skip


def _of_posts(
    actor: Actor, asked: Sequence[Measure], scope: Scope, period: Period, by: By, age: int | None
) -> list[Figure]:
    rows: QuerySet[Any] = posts_in(actor, scope, period)
    prefix = ""
    if age is not None:
        if age not in AGES:
            raise CannotBeParted(f"no such age: {age}")
        rows = rows.annotate(
            at_age=FilteredRelation("publication__at_ages", condition=Q(publication__at_ages__age=age))
        )
        prefix = "at_age__"
    if any(FOLLOWERS in (one.bottom, *one.top) for one in asked):
        rows = rows.annotate(followers_then=_followers_then())
    sums: dict[str, Any] = {"posts": Count("pk"), "newest": Max("read_at")}
    for one in asked:
        top, bottom = _sum_of(one.top, prefix), _value_of(one.bottom, prefix)
        known = _known(one.top, prefix) & (_known((one.bottom,), prefix) if one.bottom else Q())
        sums[f"{one.word}_n"] = Count("pk", filter=known)
        sums[f"{one.word}_top"] = Sum(top, filter=known)
        if one.bottom:
            sums[f"{one.word}_bottom"] = Sum(bottom, filter=known)
    if by:
        found = list(rows.order_by().values(key=_KEYS[by]).annotate(**sums).order_by("key"))
    else:
        found = [{"key": None, **rows.aggregate(**sums)}]
    return [_figure(one, row) for row in found for one in asked]


def _followers_then() -> Subquery:
    levels = Daily.objects.filter(
        community=OuterRef("community_id"), subject=Subject.COMMUNITY, metric=FOLLOWERS, day=OuterRef("day")
    )
    return Subquery(levels.values("level")[:1])


def _value_of(word: str, prefix: str) -> Any:
    if not word:
        return None
    if word == OUT:
        return Case(When(pk__isnull=False, then=1.0))
    if word == FOLLOWERS:
        return F("followers_then")
    if word == "engagement":
        return _sum_of(ENGAGEMENT, prefix)
    return F(prefix + word)


def _sum_of(words: Iterable[str], prefix: str) -> Any:
    """The words added up; one that is not known adds nothing (but see `_known`: not all may be unknown)."""
    flat = _flat(words)
    if len(flat) == 1:
        return _value_of(flat[0], prefix)
    total: Any = None
    for word in flat:
        value = Coalesce(_value_of(word, prefix), 0.0)
        total = value if total is None else total + value
    return total


def _flat(words: Iterable[str]) -> list[str]:
    return [part for word in words for part in (ENGAGEMENT if word == "engagement" else (word,))]


def _known(words: Iterable[str], prefix: str) -> Q:
    """At least one of the words has a value."""
    condition = Q()
    for word in _flat(words):
        if word == OUT:
            condition |= Q(pk__isnull=False)
        elif word == FOLLOWERS:
            condition |= Q(followers_then__gt=0)
        else:
            condition |= Q(**{f"{prefix}{word}__isnull": False})
    return condition


def _figure(one: Measure, row: dict[str, Any]) -> Figure:
    top, bottom, known = row[f"{one.word}_top"], row.get(f"{one.word}_bottom"), row[f"{one.word}_n"]
    return made(one, row["key"], top, bottom, known, row["posts"] - known, row["newest"] if known else None)


def made(
    one: Measure, key: Hashable, top: float | None, bottom: float | None, rests_on: int, missing: int,
    read_at: datetime | None,
) -> Figure:  # fmt: skip
    """A figure of its sums: a ratio of nothing is not known rather than infinite."""
    value = top
    if one.kind == "ratio":
        value = top / bottom * one.per if top is not None and bottom else None
    return Figure(one.word, key, value, top, bottom, rests_on, missing, read_at, one.version)


# What came in the days ------------------------------------------------------------------------------------


def _gained(actor: Actor, asked: Sequence[Measure], scope: Scope, period: Period, by: By) -> list[Figure]:
    limited = scope.rubric_ids or scope.formats or scope.paid is not None or scope.post_ids is not None
    if by in OF_POSTS or limited:
        raise CannotBeParted("a day's growth knows no posts")
    if any(OUT in (one.bottom, *one.top) for one in asked):
        raise CannotBeParted("posts are counted on the basis of posts")
    rows = gained(communities_in(actor, scope), asked, period, by)
    return [made(one, *rest) for one, rest in rows]

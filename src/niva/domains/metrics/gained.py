"""What came in the days of a period, from the daily sums; see `figures` for the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import F, Max, QuerySet, Sum
from django.db.models.functions import TruncMonth, TruncWeek

from niva.domains.communities.models import Community
from niva.domains.metrics.dictionary import ENGAGEMENT, FOLLOWERS, Measure
from niva.domains.metrics.models import Daily, Latest, PostNumbers, Subject
from niva.domains.metrics.periods import Period
from niva.networks.base.metrics import COMMUNITY_METRICS

Made = tuple[Measure, tuple[Hashable, float | None, float | None, int, int, datetime | None]]
Sums = dict[str, float]
READ_FOR: Final = timedelta(days=91)  # posts are read until they are 90 days old: see services.interval

_KEYS: dict[str, Any] = {
    "day": F("day"), "week": TruncWeek("day"), "month": TruncMonth("day"),
    "client": F("community__client_id"), "community": F("community_id"),
}  # fmt: skip


def gained(
    communities: QuerySet[Community], asked: Sequence[Measure], period: Period, by: str
) -> Iterator[Made]:
    """Every measure for every key: sums over the communities that know all its parts.

    A level (followers) gives its change in the days as `top` of the whole; the level itself stands with the
    communities (`Latest`). As the bottom of a ratio the level at the end of the days is taken.
    """
    words = {word for one in asked for word in one.parts}
    ids = list(communities.order_by().values_list("pk", "client_id"))
    cells = cells_of(communities, words, period, by)
    read = _read(communities, words, period)
    keys = _keys(cells, ids, by)
    for key in keys:
        inside = [pk for pk, client_id in ids if _belongs(pk, client_id, key, by)]
        for one in asked:
            yield one, of_cells(one, key, [(pk, cells.get((pk, key), {})) for pk in inside], read)


def cells_of(
    communities: QuerySet[Community], words: set[str], period: Period, by: str
) -> dict[tuple[int, Hashable], Sums]:
    """By community and key: the sum of growth by word, and the last level of followers."""
    rows = Daily.objects.filter(
        community__in=communities, metric__in=words, day__range=(period.since, period.until)
    ).order_by()
    key = {"key": _KEYS[by]} if by in _KEYS else {}
    found: dict[tuple[int, Hashable], Sums] = defaultdict(dict)
    grouped = rows.values("community_id", "metric", "subject", **key).annotate(
        total=Sum("gained"), top=Max("level"), last=Max("day")
    )
    for row in grouped:
        if (row["metric"] in COMMUNITY_METRICS) != (row["subject"] == Subject.COMMUNITY):
            continue  # the same word of the other subject
        found[(row["community_id"], row.get("key"))][row["metric"]] = row["total"]
    if FOLLOWERS in words:
        for community_id, value, level in _levels(rows, key):
            found[(community_id, value)]["level"] = level
    return found


def _levels(rows: QuerySet[Daily], key: dict[str, Any]) -> Iterator[tuple[int, Hashable, float]]:
    """The last level of followers by community and key."""
    followers = rows.filter(subject=Subject.COMMUNITY, metric=FOLLOWERS, level__isnull=False)
    parts = ["community_id", *key]
    last = followers.annotate(**key) if key else followers
    for row in last.order_by(*parts, "-day").distinct(*parts).values(*parts, "level"):
        yield row["community_id"], row.get("key"), row["level"]


def _read(communities: QuerySet[Community], words: set[str], period: Period) -> dict[int, datetime]:
    """When each was last read. Of posts: those young enough to be read in these days; asking all that ever
    went out would take longer with every year of history."""
    found: dict[int, datetime] = {}
    young = PostNumbers.objects.filter(
        community__in=communities, day__range=(period.since - READ_FOR, period.until), read_at__isnull=False
    )
    own = Latest.objects.filter(
        subject=Subject.COMMUNITY, subject_id__in=communities.order_by().values("pk"), metric__in=words
    )
    asked: list[tuple[QuerySet[Any], str]] = []
    if words - set(COMMUNITY_METRICS):
        asked.append((young, "read_at"))
    if words & set(COMMUNITY_METRICS):
        asked.append((own, "at"))
    for rows, moment in asked:
        newest = rows.order_by().values("community_id").annotate(newest=Max(moment))
        for pk, at in newest.values_list("community_id", "newest"):
            found[pk] = max(found.get(pk, at), at)
    return found


def _keys(
    cells: dict[tuple[int, Hashable], Sums], ids: Sequence[tuple[int, int]], by: str
) -> Sequence[Hashable]:
    if not by:
        return [None]
    if by == "community":
        return sorted(pk for pk, _client in ids)
    if by == "client":
        return sorted({client for _pk, client in ids})
    days = {key for _pk, key in cells if isinstance(key, date)}
    return sorted(days)


def _belongs(pk: int, client_id: int, key: Hashable, by: str) -> bool:
    if by == "community":
        return pk == key
    return client_id == key if by == "client" else True


def of_cells(
    one: Measure, key: Hashable, cells: Sequence[tuple[int, Sums]], read: dict[int, datetime]
) -> tuple[Hashable, float | None, float | None, int, int, datetime | None]:
    tops, bottoms, newest = [], [], []
    for pk, sums in cells:
        top, bottom = _part(one.top, sums), _bottom(one.bottom, sums)
        if top is None or (one.bottom and bottom is None):
            continue
        tops.append(top)
        bottoms.append(bottom or 0.0)
        if pk in read:
            newest.append(read[pk])
    if not tops:
        return key, None, None, 0, len(cells), None
    whole = sum(bottoms) if one.bottom else None
    return key, sum(tops), whole, len(tops), len(cells) - len(tops), max(newest, default=None)


def _part(words: Sequence[str], sums: Sums) -> float | None:
    flat = [part for word in words for part in (ENGAGEMENT if word == "engagement" else (word,))]
    known = [sums[word] for word in flat if word in sums]
    return sum(known) if known else None


def _bottom(word: str, sums: Sums) -> float | None:
    if word == FOLLOWERS:
        return sums.get("level")
    return _part((word,), sums) if word else None

"""Why a total changed, along the chain posts * reach per post * clicks per reach * ... and by segments.

A segment is a community, then its rubric, then its format: whatever the keys of the rows are. Its steps are
told apart by LMDI (see `lmdi`), the segments' effects are added up along the tree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from niva.numbers.chance import Array
from niva.numbers.spread import Verdict
from niva.numbers.why import lmdi
from niva.numbers.why.tree import REST, Part, total

Key = tuple[str, ...]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Judge = Callable[[str, Key], Verdict]
"""(step, the segment's beginning) -> whether such a change of this step comes by chance."""
MIX = "mix"
"""The step of what the posts were of: their number is the step before it, so that it has no segments."""
THIN: Final = 6
"""Posts of both periods together below which a segment is not told apart from its neighbours."""
OTHERS = "…"
FEW: Final = 8
"""So many of the widest segments (communities) are told apart even when they are thin."""


@dataclass(frozen=True, slots=True)
class Segment:
    """`before`, `after`: sums of each level of the chain (posts, reach, clicks), NaN where not given."""

    key: Key
    before: tuple[float, ...]
    after: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """A last level that is counted for all segments together only: leads of a client."""

    name: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Explained:
    """`silent`: segments that had rows and gave no number at one end, so that what they did is not told."""

    root: Part
    silent: tuple[Key, ...]


def explain(
    levels: Sequence[str],
    segments: Sequence[Segment],
    judge: Judge,
    *,
    whole: Whole | None = None,
    verdict: Verdict = Verdict.UNKNOWN,
) -> Explained:
    """The tree of the last level's change, or of `whole`.

    A segment that lacks a level between is cut there: its number of posts is told, the rest goes to the
    remainder. One that has the last level at one end only (a network began to give it) goes there whole.
    With `whole` every segment is taken to bring it as all do: so much for a click; when there was nothing to
    divide it by at one end, the chain cannot be told at all and everything is the remainder.
    """
    told = [one for one in segments if not (math.isnan(one.before[-1]) and math.isnan(one.after[-1]))]
    silent = tuple(one.key for one in segments if _unknown(one))
    if whole is not None:
        told = [one for one in told if not _half(one)]
        base = (_sum(one.before[-1] for one in told), _sum(one.after[-1] for one in told))
        if not told or not _divides(base, whole):
            return Explained(total(whole.name, whole.before, whole.after, verdict, ()), silent)
        per = (_per(whole.before, base[0]), _per(whole.after, base[1]))
        ends = (whole.before, whole.after)
        names = [levels[0], MIX, *levels[1:], whole.name]
    else:
        per = None
        ends = _sum(one.before[-1] for one in told), _sum(one.after[-1] for one in told)
        names = [levels[0], MIX, *levels[1:]]
    posts = (_sum(one.before[0] for one in told), _sum(one.after[0] for one in told))
    found = {one.key: _factors(one, len(levels), per, posts) for one in told}
    parts = [
        _branch(names, place, told, found, judge, (), whole=whole)
        for place in range(len(names))
        if names[place] != MIX or len(told) > 1
    ]
    rests = [Part("/".join(key), steps[-1], known=False) for key, steps in found.items() if steps[-1]]
    parts.append(Part(REST, _sum(one.effect for one in rests), known=False, children=tuple(rests)))
    return Explained(total(names[-1], ends[0], ends[1], verdict, parts), silent)


def _end(one: Segment, *, before: bool) -> float:
    """The last level of a segment at one end; zero where it had no rows at all."""
    side = one.before if before else one.after
    return 0.0 if side[0] == 0 else side[-1]


def _unknown(one: Segment) -> bool:
    return math.isnan(_end(one, before=True)) or math.isnan(_end(one, before=False))


def _half(one: Segment) -> bool:
    """Whether its steps cannot be told: not measured at an end, or a sum that corrections made negative."""
    return _unknown(one) or any(value < 0 for value in (*one.before, *one.after))


def _divides(base: Sequence[float], whole: Whole) -> bool:
    ends = zip(base, (whole.before, whole.after), strict=True)
    return any(base) and all(level > 0 <= value or value == 0 for level, value in ends)


def _per(value: float, base: float) -> float:
    return value / base if base else math.nan


def _factors(
    one: Segment, levels: int, per: tuple[float, float] | None, posts: tuple[float, float]
) -> tuple[float, ...]:
    """The effects of each step of a segment, and what could not be told in the end. Its posts are the number
    of all posts times its share of them."""
    scale = per or (1.0, 1.0)
    count = levels + 1 + (per is not None)
    start, end = _end(one, before=True), _end(one, before=False)
    if _half(one):  # one end is unknown: what the other shows came or went with the measuring
        return (*(0.0,) * count, _or_zero(end) - _or_zero(start))
    sides = []
    for side, ratio, number in zip((one.before, one.after), scale, posts, strict=True):
        ratios = [number, _per(side[0], number), *(_step(side, place) for place in range(1, levels))]
        sides.append([*ratios, ratio] if per is not None else ratios)
    known = min(_prefix(side, levels) for side in (one.before, one.after))
    if known == levels:
        return (*lmdi.effects(sides[0], sides[1]), 0.0)
    # A level is missing: the steps from it to the last one are one step, and that one is not told.
    cut = [
        [*ratios[: known + 1], _per(last, side[known - 1]), *ratios[levels + 1 :]]
        for ratios, side, last in zip(sides, (one.before, one.after), (start, end), strict=True)
    ]
    parts = lmdi.effects(cut[0], cut[1])
    told = parts[: known + 1]
    return (*told, *(0.0,) * (levels - known), *parts[known + 2 :], parts[known + 1])


def _step(side: Sequence[float], place: int) -> float:
    """A level per the one before it; NaN where that is zero or missing."""
    return _per(side[place], side[place - 1])


def _prefix(side: Sequence[float], levels: int) -> int:
    """How many levels from the first can be told at this end: given, and not nothing before something."""
    if side[0] == 0:
        return levels
    for place in range(1, levels):
        if math.isnan(side[place]) or (side[place] == 0 and side[-1] > 0):
            return place
    return levels


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _sum(values: Iterable[float]) -> float:
    return math.fsum(value for value in values if not math.isnan(value))


def _branch(
    names: Sequence[str],
    place: int,
    told: Sequence[Segment],
    found: dict[Key, tuple[float, ...]],
    judge: Judge,
    begin: Key,
    *,
    whole: Whole | None,
) -> Part:
    """One step with the segments below it, a level of keys at a time."""
    mine = [one for one in told if one.key[: len(begin)] == begin]
    level = max(place - 1, 0)
    before, after = _value(mine, level, whole, before=True), _value(mine, level, whole, before=False)
    if names[place] == MIX and not begin:
        before = after = None
    deeper = list(dict.fromkeys(one.key[: len(begin) + 1] for one in mine if len(one.key) > len(begin)))
    # Steps that all share (how many posts, leads per click) are one number for all of them.
    shared = place == 0 or (whole is not None and place == len(names) - 1)
    below = () if shared or len(deeper) < 2 - bool(begin) else deeper
    return Part(
        begin[-1] if begin else names[place],
        _sum(found[one.key][place] for one in mine),
        before,
        after,
        True,
        judge(names[place], begin),
        tuple(_branch(names, place, mine, found, judge, key, whole=whole) for key in below),
    )


def _value(segments: Sequence[Segment], place: int, whole: Whole | None, *, before: bool) -> float | None:
    """The step's own value over several segments: posts, reach per post, ... None where it does not exist."""
    sides = [one.before if before else one.after for one in segments]
    if whole is not None and place == len(sides[0] if sides else ()):
        top, bottom = (whole.before if before else whole.after), _sum(side[-1] for side in sides)
        return top / bottom if bottom else None
    if place == 0:
        return _sum(side[0] for side in sides)
    both = [(side[place], side[place - 1]) for side in sides]
    known = [(top, bottom) for top, bottom in both if not math.isnan(top) and not math.isnan(bottom)]
    below = math.fsum(bottom for _top, bottom in known)
    return math.fsum(top for top, _bottom in known) / below if below else None


def segments_of(keys: Sequence[Key], after: Mask, values: Array) -> list[Segment]:
    """Rows as segments: `keys` of each row, `after`: which of the two periods it is of, `values`: a column
    for each level after the first, which is the number of rows. A level that no row of a segment gives is
    NaN; one that some rows give is the sum of those, and rows without it are out of the chain's next steps.
    """
    places: dict[Key, list[int]] = {}
    for row, key in enumerate(keys):
        places.setdefault(key, []).append(row)
    found = []
    for key in sorted(places):
        rows = np.array(places[key])
        sides = [rows[after[rows] == late] for late in (False, True)]
        found.append(Segment(key, _sums(values[sides[0]]), _sums(values[sides[1]])))
    return found


def _sums(rows: Array) -> tuple[float, ...]:
    known = ~np.isnan(rows)
    sums = np.where(known.any(axis=0), np.nansum(rows, axis=0), np.nan if len(rows) else 0.0)
    return (float(len(rows)), *(float(value) for value in sums))


def merged(segments: Sequence[Segment]) -> list[Segment]:
    """Segments thick enough to have steps of their own: what has fewer than THIN posts, or a few at one end
    and none at the other, is put together with its thin neighbours, and where that is thin as well, with all
    of the branch above. Else every post would be a segment that appears or vanishes, and nothing but "other
    posts" would ever explain a change. What has many at one end and none at the other did appear."""
    found = list(segments)
    depth = max((len(one.key) for one in found), default=0)
    for place in range(depth, 1 if len({one.key[:1] for one in found}) <= FEW else 0, -1):
        branches: dict[Key, list[Segment]] = {}
        for one in found:
            branches.setdefault(one.key[: place - 1], []).append(one)
        found = [one for begin, mine in branches.items() for one in _thick(begin, mine, place)]
    return sorted(found, key=lambda one: one.key)


def _thick(begin: Key, mine: list[Segment], place: int) -> list[Segment]:
    """The segments of one branch, those that are thin at this depth put together."""
    at = {key: [one for one in mine if one.key[:place] == key] for key in {one.key[:place] for one in mine}}
    thin = [one for several in at.values() if _thin(several) for one in several]
    if not thin or len(at) == 1:
        return mine if len(at) > 1 or not thin else [_joined(begin, mine)]
    kept = [one for several in at.values() if not _thin(several) for one in several]
    if not kept or _thin(thin):
        return [_joined(begin, mine)] if begin else [_joined((OTHERS,), mine)]
    return [*kept, _joined((*begin, OTHERS), thin)]


def _thin(several: Sequence[Segment]) -> bool:
    before, after = _sum(one.before[0] for one in several), _sum(one.after[0] for one in several)
    return before + after < THIN


def _joined(key: Key, several: Sequence[Segment]) -> Segment:
    sides = [
        tuple(_level([side[place] for side in ends]) for place in range(len(ends[0])))
        for ends in ([one.before for one in several], [one.after for one in several])
    ]
    return Segment(key, sides[0], sides[1])


def _level(values: Sequence[float]) -> float:
    """The sum of a level; unknown as soon as a part is unknown, for a part of a sum is not the sum."""
    return math.fsum(values)

"""The change of a ratio of sums as structure (more weight to the better) and rate (each became better).

R = sum(s * r), s the share of a segment in the bottoms, r its own ratio. With the means of both ends as
weights nothing is left over: dR = sum((mean r - mean R) * ds) + sum(mean s * dr). It is the symmetric way
of E. M. Kitagawa, "Components of a difference between two rates", Journal of the American Statistical
Association 50 (1955) 1168-1194; taking the mean R off changes no sum, since the shares' changes add up to
zero, and makes the line of each segment mean something: weight that moved to a segment better than the whole
is a gain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

Sums = Mapping[str, tuple[float, float]]
"""Segment -> (top, bottom)."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """`before`, `after`: the whole ratio; `structure`, `rate`: what each segment added by either way. `rest`:
    what segments with something above the line and nothing below it did: they have no ratio."""

    before: float
    after: float
    structure: dict[str, float]
    rate: dict[str, float]
    rest: float

    @property
    def change(self) -> float:
        return self.after - self.before


def ratio_change(before: Sums, after: Sums) -> Ratio | None:
    """The change of sum(top) / sum(bottom). A segment that appeared or vanished acts by structure alone.

    None when either side has nothing below the line: the ratio does not exist there. Raises ValueError on a
    negative bottom (a correction): its share would mean nothing.
    """
    names = list(dict.fromkeys([*before, *after]))
    old, new = ({name: side.get(name, (0.0, 0.0)) for name in names} for side in (before, after))
    if any(bottom < 0 for side in (old, new) for _top, bottom in side.values()):
        raise ValueError("a bottom is negative")
    whole = [
        (math.fsum(top for top, _b in side.values()), math.fsum(bottom for _t, bottom in side.values()))
        for side in (old, new)
    ]
    if whole[0][1] == 0 or whole[1][1] == 0:
        return None
    start, end = (top / bottom for top, bottom in whole)
    middle = (start + end) / 2
    structure, rate = {}, {}
    for name in names:
        shares = [side[name][1] / total for side, (_top, total) in zip((old, new), whole, strict=True)]
        own = [_own(side[name]) for side in (old, new)]
        first, last = (own[1] if own[0] is None else own[0]), (own[0] if own[1] is None else own[1])
        if first is None or last is None:
            structure[name] = rate[name] = 0.0
            continue
        structure[name] = ((first + last) / 2 - middle) * (shares[1] - shares[0])
        rate[name] = (shares[0] + shares[1]) / 2 * (last - first)
    odd = any(top and not bottom for side in (old, new) for top, bottom in side.values())
    told = math.fsum([*structure.values(), *rate.values()])
    return Ratio(start, end, structure, rate, (end - start) - told if odd else 0.0)


def _own(sums: tuple[float, float]) -> float | None:
    return sums[0] / sums[1] if sums[1] else None

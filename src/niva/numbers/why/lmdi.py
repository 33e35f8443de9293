"""The change of a product as a sum of the changes of its factors, with nothing left over.

LMDI-I, additive: B. W. Ang, "The LMDI approach to decomposition analysis: a practical guide", Energy Policy
33 (2005) 867-871, equations 1-5. For v = x1 * x2 * ... the effect of x1 is L(v', v) * ln(x1' / x1), where L
is the logarithmic mean. Zeros by the analytic limits: B. W. Ang, F. Q. Zhang, K.-H. Choi, Energy 23 (1998)
489-495, table 2, and R. Wood, M. Lenzen, Energy Policy 34 (2006) 1326-1331, who show that putting in a small
number instead goes wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def log_mean(first: float, second: float) -> float:
    """The logarithmic mean (a - b) / (ln a - ln b) of two numbers above or equal to zero; L(a, a) = a."""
    if first <= 0 or second <= 0:
        return 0.0
    small, large = sorted((first, second))
    # a - b over ln a - ln b loses all its digits when both are close; by their distance it does not.
    distance = (large - small) / small
    return small if distance == 0 else small * (distance / math.log1p(distance))


def effects(before: Sequence[float], after: Sequence[float]) -> tuple[float, ...]:
    """What each factor added to the change of the product of one segment; the effects add up to the change.

    NaN is a factor that has no value because one before it is zero (reach per post where no post was): it is
    taken as unchanged, so that what appears or vanishes goes to the factor that was zero. When several
    factors are zero at one end they share the change equally, which is the limit for equally small numbers.
    Raises ValueError for a negative factor or one unknown at both ends of a segment that is not empty.
    """
    if len(before) != len(after):
        raise ValueError("as many factors before as after")
    pairs = [_filled(a, b) for a, b in zip(before, after, strict=True)]
    if any(a < 0 or b < 0 for a, b in pairs):
        raise ValueError("a factor is negative")
    start, end = math.prod(a for a, _b in pairs), math.prod(b for _a, b in pairs)
    if start == end == 0:
        return (0.0,) * len(pairs)
    if start == 0:
        return _shared(end, [a == 0 for a, _b in pairs])
    if end == 0:
        return _shared(-start, [b == 0 for _a, b in pairs])
    weight = log_mean(start, end)
    return _closed([weight * (math.log(b) - math.log(a)) for a, b in pairs], end - start)


def _filled(before: float, after: float) -> tuple[float, float]:
    if math.isnan(before) and math.isnan(after):
        return 1.0, 1.0
    return (after if math.isnan(before) else before), (before if math.isnan(after) else after)


def _shared(change: float, zero: Sequence[bool]) -> tuple[float, ...]:
    part = change / (sum(zero) or 1)
    return _closed([part if one else 0.0 for one in zero], change)


def _closed(parts: list[float], change: float) -> tuple[float, ...]:
    """The parts with the error of floating numbers given to the largest, so that they add up."""
    largest = max(range(len(parts)), key=lambda place: abs(parts[place]))
    parts[largest] += change - math.fsum(parts)
    return tuple(parts)

"""Ranges that hold the truth in 8 cases of 10: of a ratio of sums over posts, and of a change over days."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from niva.numbers.chance import Array, quantile

FEWEST: Final = 5  # posts; of fewer no range is given
FEWEST_DAYS: Final = 14
_IN_TEN, _IN_HUNDRED = 0.90, 0.99


@dataclass(frozen=True, slots=True)
class Around:
    """In 8 cases of 10 from `low` to `high`, about `typical`; in 98 of 100 from `least` to `most`."""

    typical: float
    low: float
    high: float
    least: float
    most: float
    rests_on: int


def of_ratio(top: Array, bottom: Array) -> Around | None:
    """sum(top) / sum(bottom) with its range, post by post. None of fewer than five posts, of no bottom, and
    where all of the top came of one post.

    The error is by the jackknife of the ratio's logarithm (B. Efron, "The Jackknife, the Bootstrap and Other
    Resampling Plans", 1982, ch. 3): what varies is a post, not a single view. Where few posts hold most of
    the bottom, linearisation gives ranges that are too short.
    """
    above, below = np.asarray(top, dtype=float), np.asarray(bottom, dtype=float)
    good = np.isfinite(above) & np.isfinite(below)
    above, below = above[good], below[good]
    count = len(above)
    if count < FEWEST:
        return None
    without = (above.sum() - above, below.sum() - below)
    if without[0].min() <= 0 or without[1].min() <= 0:
        return None
    ratio = float(above.sum() / below.sum())
    logs = np.log(without[0] / without[1])
    error = math.sqrt((count - 1) / count * float(((logs - logs.mean()) ** 2).sum()))
    steps = [float(quantile(share, count - 1)) * error for share in (_IN_TEN, _IN_HUNDRED)]
    near, far = (math.exp(min(step, 50.0)) for step in steps)
    return Around(ratio, ratio / near, ratio * near, ratio / far, ratio * far, count)


def of_change(days: Array, length: int) -> Around | None:
    """What `length` days usually change a level by, of the changes of single earlier days (they may be
    negative). None of fewer than fourteen known days.

    The sum of n days has the variance n s² of chance and n² s²/m for not knowing the true pace of m days.
    """
    known = np.asarray(days, dtype=float)
    known = known[np.isfinite(known)]
    count = len(known)
    if count < FEWEST_DAYS or length < 1:
        return None
    typical = float(known.mean()) * length
    error = float(known.std(ddof=1)) * math.sqrt(length + length**2 / count)
    near, far = (float(quantile(share, count - 1)) * error for share in (_IN_TEN, _IN_HUNDRED))
    return Around(typical, typical - near, typical + near, typical - far, typical + far, count)

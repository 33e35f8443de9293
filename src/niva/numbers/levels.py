"""Posts made comparable: against the level their own channel had shown before them, and against neighbours.

A post is taken on the scale of logarithms, less the level of its channel: a running mean of the posts before
it, never of those after. What is left is compared inside runs of neighbouring posts of one channel, so that
neither a large channel, nor a trend, nor a change of habits in the midst of a trend can look like an effect.
Posts of one day rise and fall together: that they do is measured and taken out (the transformation of W. A.
Fuller and G. E. Battese, "Transformations for estimation of linear models with nested-error structure",
1973). Effects of content are taken out of both sides (R. Frisch, F. Waugh, M. Lovell).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np

from niva.numbers.chance import Array

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

PACE: Final = 0.1
"""Of the running mean: a level is that of the ten or so posts before."""
NO_LEVEL: Final = 5
"""First posts of a channel have nothing to be compared with."""
RUN_POSTS, RUN_DAYS = 12, 14
"""A run of neighbours: at least so many posts and so many days, so that it holds every weekday twice."""
FEWEST_IN_LEVEL: Final = 8
"""A kind of content with fewer posts is one of "the others"."""
_WILD: Final = 3.0
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts in any order. `day`: days of the local clock since any beginning, with the fraction of the day
    (equal moments of one channel are one post in several parts). `weekday`: 1 (Monday) to 7. `hour`: 0 to 23.
    `value`: what it got, NaN when unknown. `channel`: codes. `content`: factor -> code of its level, -1
    unknown."""

    day: Array
    weekday: Ints
    hour: Ints
    value: Array
    channel: Ints
    paid: Flags
    content: Mapping[str, Ints] = field(default_factory=dict)

    def take(self, which: Any) -> Posts:
        """The posts at these places."""
        content = {name: codes[which] for name, codes in self.content.items()}
        return Posts(
            self.day[which], self.weekday[which], self.hour[which], self.value[which],
            self.channel[which], self.paid[which], content,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.value)


def usable(posts: Posts, *, paid: bool = False) -> tuple[Posts, dict[str, int]]:
    """The posts that can be compared, each channel in one piece and oldest first, and how many were left out
    by reason: "paid" ("organic" when the paid ones are asked for), "no_value", "negative"."""
    left_out: dict[str, int] = {}
    good = np.ones(len(posts), dtype=bool)
    for reason, kept in (
        ("organic" if paid else "paid", posts.paid == paid),
        ("no_value", np.isfinite(posts.value)),
        ("negative", ~(posts.value < 0)),
    ):
        if (good & ~kept).any():
            left_out[reason] = int((good & ~kept).sum())
        good &= kept
    rest = posts.take(good)
    return rest.take(np.lexsort((rest.day, rest.channel))), left_out


def without_parts(posts: Posts) -> tuple[Posts, int]:
    """Posts of one channel and one moment are parts of one album: the part with the largest number stays.

    Only for moments known to the second. Also how many were left out.
    """
    order = np.lexsort((-np.nan_to_num(posts.value, nan=-1.0), posts.day, posts.channel))
    sorted_ = posts.take(order)
    part = np.zeros(len(posts), dtype=bool)
    part[1:] = (np.diff(sorted_.channel) == 0) & (np.diff(sorted_.day) * 86400 < 1)
    return sorted_.take(~part), int(part.sum())


def above_level(posts: Posts) -> Array:
    """Logarithm of each post's number less the level of its channel before it; NaN for its first.

    `posts` as `usable` gives them. The level is m = m + PACE * (y - m), a single wild post moving it by no
    more than three times; it begins as the mean of the first five.
    """
    y = np.log(posts.value + 0.5)
    found = np.full(len(y), np.nan)
    for start, end in _pieces(posts.channel):
        level = float(y[start : min(start + NO_LEVEL, end)].mean())
        for place in range(start + NO_LEVEL, end):
            gap = float(y[place]) - level
            found[place] = gap
            level += PACE * min(max(gap, -1.1), 1.1)
    return found


def runs(posts: Posts) -> Ints:
    """The number of each post's run of neighbours; see the module."""
    found = np.zeros(len(posts), dtype=np.int64)
    number = 0
    for start, end in _pieces(posts.channel):
        begun = start
        for place in range(start, end):
            full = place - begun >= RUN_POSTS and posts.day[place] - posts.day[begun] >= RUN_DAYS
            # What is left at the end and would be short belongs to the run before it.
            if full and end - place >= RUN_POSTS and posts.day[end - 1] - posts.day[place] >= RUN_DAYS / 2:
                number, begun = number + 1, place
            found[place] = number
        number += 1
    return found


def _pieces(channel: Ints) -> list[tuple[int, int]]:
    if not len(channel):
        return []
    starts = [0, *(np.flatnonzero(np.diff(channel)) + 1).tolist(), len(channel)]
    return list(pairwise(starts))


@dataclass(frozen=True, slots=True)
class Compared:
    """Posts that have a level, and their numbers ready to be compared.

    `above`: logarithm over the level; `rest`: the same in units of the channel's own spread, with runs, days
    and content taken out, wild ones bounded; `run`: run of each; `weight`: 1 over the channel's spread;
    `freedom`: how many of them are left to chance; `effects`: what each of `content_columns` brought, as
    logarithms.
    """

    posts: Posts
    above: Array
    rest: Array
    run: Ints
    weight: Array
    freedom: int
    effects: Array
    _basis: Array
    _share: Array
    _day: Ints

    def same(self, columns: Array) -> Array:
        """Columns (one row a post) with the same things taken out of them, in the same units."""
        turned = _within_days(columns * self.weight[:, None], self._day, self._share)
        return np.asarray(turned - self._basis @ (self._basis.T @ turned))


def compared(posts: Posts, above: Array) -> Compared | None:
    """`posts` and their `above_level` made ready; None when none of them has a level."""
    known = ~np.isnan(above)
    if not known.any():
        return None
    run = runs(posts)[known]
    kept, above = posts.take(known), above[known]
    centred, spread = _spreads(above, run, kept.channel)
    good = spread > _ROUNDING  # a channel whose posts are all alike tells nothing
    if not good.any():
        return None
    kept, above, run, centred, spread = kept.take(good), above[good], run[good], centred[good], spread[good]
    bounded = np.clip(centred, -_WILD * spread, _WILD * spread) / spread
    day, share = _alike_in_a_day(bounded, kept)
    _same, run = np.unique(run, return_inverse=True)
    columns = content_columns(kept, kept)
    weight = 1 / spread
    inside = _within_days(np.hstack([_flags(run), columns]) * weight[:, None], day, share)
    number = int(run.max()) + 1
    basis = _orthonormal(inside)
    turned = _within_days(bounded[:, None], day, share)
    rest = (turned - basis @ (basis.T @ turned))[:, 0]
    effects = _slopes(inside, turned[:, 0])[number:]
    return Compared(kept, above, rest, run, weight, len(rest) - basis.shape[1], effects, basis, share, day)


def content_columns(posts: Posts, like: Posts) -> Array:
    """Nought and one for every level of every factor but its most frequent; rare ones are one level.

    Which are rare is decided by `like`, so that posts to come are described as those before them were.
    """
    columns = [np.empty((len(posts), 0))]
    for name, codes in sorted(posts.content.items()):
        values, counts = np.unique(like.content[name], return_counts=True)
        often = values[counts >= FEWEST_IN_LEVEL]
        named = [one for one in often if one != values[np.argmax(counts)]]
        columns += [(codes == one).astype(float)[:, None] for one in named]
        if counts[counts < FEWEST_IN_LEVEL].sum() >= FEWEST_IN_LEVEL:
            columns.append((~np.isin(codes, often)).astype(float)[:, None])
    return np.hstack(columns)


def _flags(codes: Ints) -> Array:
    return np.asarray(codes[:, None] == np.arange(int(codes.max()) + 1), dtype=float)


def _spreads(above: Array, run: Ints, channel: Ints) -> tuple[Array, Array]:
    """Each post less the median of its run, and the spread of its channel (by the middle eight tenths)."""
    centred, spread = above.copy(), np.zeros(len(above))
    for one in np.unique(run):
        centred[run == one] -= np.median(above[run == one])
    for one in np.unique(channel):
        mine = channel == one
        low, first, third, high = np.quantile(centred[mine], [0.1, 0.25, 0.75, 0.9])
        spread[mine] = max((third - first) / 1.349, (high - low) / 2.563)
    # One channel whose posts hardly differ must not outvote all the others.
    usual = float(np.median(spread[spread > _ROUNDING])) if (spread > _ROUNDING).any() else 0.0
    return centred, np.where(spread > _ROUNDING, np.maximum(spread, usual / 2), 0.0)


def _alike_in_a_day(bounded: Array, posts: Posts) -> tuple[Ints, Array]:
    """The day of each post, and which share of the day's mean is taken out of it (Fuller and Battese)."""
    both = np.stack([posts.channel, np.floor(posts.day).astype(np.int64)], axis=1)
    _days, day = np.unique(both, axis=0, return_inverse=True)
    day = day.reshape(-1)
    size = np.bincount(day)
    sums, squares = np.bincount(day, bounded), np.bincount(day, bounded**2)
    pairs = float((size * (size - 1)).sum())
    variance = float(bounded.var())
    alike = float((sums**2 - squares).sum()) / pairs / variance if pairs and variance else 0.0
    alike = min(max(alike, 0.0), 0.9)
    share = 1 - np.sqrt((1 - alike) / (1 + (size - 1) * alike))
    return day, np.asarray(share[day])


def _within_days(columns: Array, day: Ints, share: Array) -> Array:
    if not share.any():
        return columns
    means = np.zeros((int(day.max()) + 1, columns.shape[1]))
    np.add.at(means, day, columns)
    means /= np.bincount(day)[:, None]
    return np.asarray(columns - share[:, None] * means[day])


def _orthonormal(columns: Array) -> Array:
    left, size, _right = np.linalg.svd(columns, full_matrices=False)
    return np.asarray(left[:, size > 1e-8 * max(float(size.max(initial=0.0)), 1.0)])


def _slopes(columns: Array, target: Array) -> Array:
    """Least squares, leaning a little to zero, so that columns that say the same do not blow up."""
    gram = columns.T @ columns
    return np.asarray(np.linalg.solve(gram + np.eye(len(gram)), columns.T @ target))

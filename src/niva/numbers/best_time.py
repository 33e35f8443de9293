"""The best time to post, or the honest answer that none can be told.

The week is 7 days by 8 blocks of three hours. Posts are made comparable (`levels`): against the level of
their channel before them, among neighbours in time, with content taken out. Then

1. *is there anything?* The sum of squares of what blocks of hours and days of the week explain is compared
   with the same sum after posts were exchanged at random inside their runs. Where more than one exchange of
   twenty explains as much, the answer is no: this one question stands for all 56 cells together, so that
   cells are not asked one by one until one of them says yes. (Freedman and Lane, "A nonstochastic
   interpretation of reported significance levels", 1983.)
2. *how much?* Effects of hours, of weekdays, of both, neighbours in time alike, shrunk (`shrink`).
3. *does it keep its word?* The same is asked of the past, month by month, and what came is compared with
   what was promised (`walk`). Advice that did not come true is not repeated.

A gain is a factor against the account's own habit: the mix of times it has posted at lately.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from niva.numbers.chance import Array
from niva.numbers.levels import Compared, Flags, Ints, Posts, above_level, compared
from niva.numbers.shrink import Believed, shrunk

BLOCK: Final = 3
BLOCKS: Final = 24 // BLOCK
CELLS: Final = 7 * BLOCKS
FEWEST_POSTS: Final = 60
"""Fewer posts that can be compared: too few to ask."""
FEWEST_IN_SLOT: Final = 12
FALSE_ALARMS: Final = 0.05
"""How often the first question is answered yes when there is nothing."""
WORTH: Final = 1.03
"""A gain below this is not worth a change of habit."""
HABIT_POSTS: Final = 90
NEWEST: Final = 1500
"""More posts are not asked: what was best years ago is not news."""
MOST_SLOTS: Final = 3
_EIGHT_OF_TEN: Final = 1.2816
_EXCHANGES: Final = 399
_DAYS_ALIKE: Final = 0.5


class Reason(StrEnum):
    """Why there are no slots. few_posts: see FEWEST_POSTS. one_time: posts went out at one time. chance:
    what differs could be chance. small: less than 3 per cent. broken: it did not come true on the past."""

    FEW_POSTS = "few_posts"
    ONE_TIME = "one_time"
    CHANCE = "chance"
    SMALL = "small"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Slot:
    """A time: `weekday` 1 to 7 or None for every day, hours from `since` until `until` (24 is midnight).

    `gain`: the factor against the habit, in 8 cases of 10 from `low` to `high`; `posts`: it rests on them.
    """

    weekday: int | None
    since: int
    until: int
    gain: float
    low: float
    high: float
    posts: int


@dataclass(frozen=True, slots=True)
class Advice:
    """`slots`: best first, empty with a `reason`. `cells`: every weekday and block in order, for a map.
    `chance`: how often chance alone does as much. `believed`: how far each shape of the week is believed.
    `effects`: of cells, logarithms; `ready`: what was compared; None when nothing was asked."""

    slots: tuple[Slot, ...]
    reason: Reason | None
    cells: tuple[Slot, ...]
    chance: float | None
    believed: dict[str, float]
    rests_on: int
    effects: Array | None = None
    ready: Compared | None = None

    def holds(self, weekday: Ints, hour: Ints) -> Flags:
        """Which times lie in the advised slots."""
        return inside_of(self.slots, weekday, hour)


def inside_of(slots: Sequence[Slot], weekday: Ints, hour: Ints) -> Flags:
    """Which times lie in any of these slots."""
    inside = np.zeros(len(weekday), dtype=bool)
    for slot in slots:
        day = slot.weekday is None or weekday == slot.weekday
        inside |= day & (hour >= slot.since) & (hour < slot.until)
    return inside


def _roots() -> dict[str, Array]:
    """Shapes of the week, as roots; the variance of a cell is 1 in each."""
    apart = np.abs(np.subtract.outer(np.arange(BLOCKS), np.arange(BLOCKS)))
    hours = np.exp(-0.5 * (np.minimum(apart, BLOCKS - apart) / 1.2) ** 2)
    weekend = np.arange(7) >= 5
    days = (1 - _DAYS_ALIKE) * np.eye(7) + _DAYS_ALIKE * np.equal.outer(weekend, weekend)
    by_hour, by_day = np.kron(np.ones((7, 7)), hours), np.kron(days, np.ones((BLOCKS, BLOCKS)))
    each = np.kron(days, hours)
    shapes = {
        "hours": by_hour,
        "weekdays": by_day,
        "both": (by_hour + by_day) / 2,
        "cells": (by_hour + by_day + each) / 3,
    }
    return {name: _root(shape) for name, shape in shapes.items()}


def _root(shape: Array) -> Array:
    values, vectors = np.linalg.eigh(shape)
    kept = values > 1e-9 * values.max()
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))


SHAPES: Final = _roots()


def advise(
    posts: Posts,
    *,
    exchanges: int = _EXCHANGES,
    above: Array | None = None,
    shapes: tuple[str, ...] = tuple(SHAPES),
) -> Advice:
    """What can be told of times from these posts (as `levels.usable` gives them). `above`: their
    `above_level` when it is known already. `shapes`: without hours only "weekdays" can be asked, without
    weekdays only "hours"."""
    levels = above_level(posts) if above is None else above
    newest = posts.day >= np.sort(posts.day)[-min(len(posts), NEWEST)] if len(posts) else posts.paid
    ready = compared(posts.take(newest), levels[newest])
    if ready is None or len(ready.posts) < FEWEST_POSTS:
        return Advice((), Reason.FEW_POSTS, (), None, {}, 0 if ready is None else len(ready.posts))
    cell = cell_of(ready.posts.weekday, ready.posts.hour)
    columns = ready.same((cell[:, None] == np.arange(CELLS)).astype(float))
    gram, sums = columns.T @ columns, columns.T @ ready.rest
    if float(np.trace(gram)) < 0.02 * float((ready.weight**2).sum()):
        return Advice((), Reason.ONE_TIME, (), None, {}, len(ready.posts))
    left = float((ready.rest**2).sum()) / max(ready.freedom, 1)
    believed = shrunk(gram, sums, {name: SHAPES[name] for name in shapes}, left)
    habit = habit_of(ready.posts)
    cells = _cells(believed, habit, np.bincount(cell, minlength=CELLS))
    chance = _chance(ready, columns, shapes, exchanges)
    known = (len(ready.posts), believed.mean, ready)
    if chance > FALSE_ALARMS:
        return Advice((), Reason.CHANCE, cells, chance, believed.shapes, *known)
    slots = _slots(believed, habit, np.bincount(cell, minlength=CELLS))
    reason = None if slots else Reason.SMALL
    return Advice(slots, reason, cells, chance, believed.shapes, *known)


def cell_of(weekday: Ints, hour: Ints) -> Ints:
    """The place of a time in the week's 56 cells."""
    return (weekday - 1) * BLOCKS + hour // BLOCK


def habit_of(posts: Posts) -> Array:
    """Shares of the week's cells among the newest posts of each channel."""
    shares = np.zeros(CELLS)
    for channel in np.unique(posts.channel):
        newest = posts.take(posts.channel == channel).take(slice(-HABIT_POSTS, None))
        shares += np.bincount(cell_of(newest.weekday, newest.hour), minlength=CELLS)
    return np.asarray(shares / shares.sum())


def _chance(ready: Compared, columns: Array, shapes: tuple[str, ...], exchanges: int) -> float:
    """The share of exchanges of posts inside their runs that explain as much as the true order."""
    generator = np.random.default_rng(len(ready.rest))
    parts = [columns @ SHAPES[name] for name in shapes if name != "both"]
    directions = np.hstack([part / math.sqrt(float((part**2).sum()) or 1.0) for part in parts])
    seen = float(((ready.rest @ directions) ** 2).sum())
    order = np.argsort(ready.run[None, :] + generator.random((exchanges, len(ready.run))), axis=1)
    # Runs are in one piece and numbered in order, so sorting by run and chance exchanges inside runs only.
    exchanged = ready.rest[order] @ directions
    return float(((exchanged**2).sum(axis=1) >= seen).sum() + 1) / (exchanges + 1)


def _cells(believed: Believed, habit: Array, counts: Ints) -> tuple[Slot, ...]:
    mean, spread = believed.of(np.eye(CELLS) - habit)
    return tuple(
        _slot(place // BLOCKS + 1, place % BLOCKS, mean[place], spread[place], int(counts[place]))
        for place in range(CELLS)
    )


def _slots(believed: Believed, habit: Array, counts: Ints) -> tuple[Slot, ...]:
    """Times that are better than the habit in 9 cases of 10: blocks of hours, or weekdays, or cells, as the
    shape of the week is believed; neighbouring blocks in one."""
    week, tally = habit.reshape(7, BLOCKS), counts.reshape(7, BLOCKS)
    shape = max(believed.shapes, key=lambda name: believed.shapes[name])
    if shape == "hours":
        every = np.kron(week.sum(axis=1), np.eye(BLOCKS)) - habit
        mean, spread = believed.of(every)
        found = [
            _slot(None, block, mean[block], spread[block], int(tally[:, block].sum()))
            for block in range(BLOCKS)
        ]
        fewest = FEWEST_IN_SLOT
    elif shape == "weekdays":
        every = np.kron(np.eye(7), week.sum(axis=0)) - habit
        mean, spread = believed.of(every)
        found = [_slot(day + 1, None, mean[day], spread[day], int(tally[day].sum())) for day in range(7)]
        fewest = FEWEST_IN_SLOT
    else:
        found = list(_cells(believed, habit, counts))
        fewest = FEWEST_IN_SLOT // 2
    good = [one for one in found if one.low > 1 and one.gain >= WORTH and one.posts >= fewest]
    return tuple(sorted(good, key=lambda one: -one.gain)[:MOST_SLOTS])


def _slot(weekday: int | None, block: int | None, mean: Any, spread: Any, posts: int) -> Slot:
    since, until = (0, 24) if block is None else (block * BLOCK, block * BLOCK + BLOCK)
    reach = _EIGHT_OF_TEN * float(spread)
    low, gain, high = (math.exp(float(mean) + step) for step in (-reach, 0.0, reach))
    return Slot(weekday, since, until, gain, low, high, posts)

"""Made-up accounts of which the truth is known, to put the engines to the proof.

Numbers of posts have heavy tails (Student's t with 4 degrees of freedom on the scale of logarithms), posts
of one day share its luck, and a channel keeps habits: mornings, middays and evenings, fewer at weekends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from niva.numbers.chance import Array
from niva.numbers.levels import Ints, Posts

SPREAD: Final = 0.5
"""Of single posts, as a logarithm: half as much again, or a third less, is usual."""
LUCK: Final = 0.15
"""Of days, the same for all their posts."""
BEST: Final = (18, 21)
"""Hours in which posts do better, where they do."""
_HABIT: Final = ((9, 0.3), (13, 0.3), (19, 0.3), (22, 0.1))
_FORMATS: Final = (0.5, 0.3, 0.2)


def nothing(chance: np.random.Generator, count: int = 300) -> Posts:
    """Nothing but luck."""
    return _channel(chance, count)


def better(chance: np.random.Generator, count: int = 300, factor: float = 1.2) -> Posts:
    """In the evening posts get `factor` times as much, and so do those of format 1."""
    return _channel(chance, count, gain=factor)


def trend(chance: np.random.Generator, count: int = 300) -> Posts:
    """The channel grows by a third each month, and its habit changes from mornings to evenings midway."""
    return _channel(chance, count, growth=0.3, moving=True)


def paid(chance: np.random.Generator, count: int = 300) -> Posts:
    """Every fourth post is paid for, gets five times as much, and goes out in the evening."""
    return _channel(chance, count, bought=0.25)


def two(chance: np.random.Generator, count: int = 300) -> Posts:
    """A small channel that posts by day, and one twenty times as large that posts at night."""
    small, large = _channel(chance, count // 2), _channel(chance, count // 2, level=3.0, hour=2, number=1)
    return joined([small, large])


def content(chance: np.random.Generator, count: int = 300) -> Posts:
    """Format 1 gets 1.8 times as much and goes out in the evening; the hour itself brings nothing."""
    return _channel(chance, count, format_gain=1.8, format_hour=19)


WORLDS: Final[dict[str, Callable[[np.random.Generator], Posts]]] = {
    "nothing": nothing, "trend": trend, "paid": paid, "two": two, "content": content,
}  # fmt: skip
"""Worlds in which no hour is better than another."""


def described(posts: Posts, chance: np.random.Generator) -> Posts:
    """The same posts with more to be told of them: a rubric, a length, a link and an emoji that bring
    nothing, and their hours and days."""
    count = len(posts)
    more = {
        "rubric": chance.integers(0, 6, count), "length": chance.integers(0, 3, count),
        "link": (chance.random(count) < 0.2).astype(np.int64),
        "emoji": (chance.random(count) < 0.5).astype(np.int64),
        "hours": posts.hour // 3, "day": posts.weekday,
    }  # fmt: skip
    return replace(posts, content={**posts.content, **more})


def joined(parts: list[Posts]) -> Posts:
    """Several channels as one set."""
    names = parts[0].content
    return Posts(
        np.concatenate([one.day for one in parts]),
        np.concatenate([one.weekday for one in parts]),
        np.concatenate([one.hour for one in parts]),
        np.concatenate([one.value for one in parts]),
        np.concatenate([one.channel for one in parts]),
        np.concatenate([one.paid for one in parts]),
        {name: np.concatenate([one.content[name] for one in parts]) for name in names},
    )


def _channel(
    chance: np.random.Generator, count: int, *, gain: float = 1.0, growth: float = 0.0, moving: bool = False,
    bought: float = 0.0, level: float = 0.0, hour: int | None = None, number: int = 0,
    format_gain: float | None = None, format_hour: int | None = None,
) -> Posts:  # fmt: skip
    days = max(int(count / 1.5), 30)
    weekly = np.resize([1.0, 1, 1, 1, 1, 0.6, 0.6], days)
    day = np.sort(chance.choice(days, count, p=weekly / weekly.sum()))
    form = chance.choice(len(_FORMATS), count, p=_FORMATS)
    was_paid = chance.random(count) < bought
    hours = _hours(chance, count) if hour is None else np.full(count, hour)
    if moving:
        hours = np.where(day < days / 2, 9, 19)
    if format_hour is not None:
        hours = np.where((form == 1) & (chance.random(count) < 0.8), format_hour, hours)
    hours = np.where(was_paid, 19, hours)
    hours = np.clip(np.round(hours + chance.normal(0, 1, count)), 0, 23).astype(np.int64)
    formats = gain if format_gain is None else format_gain
    logs = (
        7 + level + growth * day / 30 + chance.normal(0, LUCK, days)[day]
        + chance.standard_t(4, count) * SPREAD / np.sqrt(2)
        + np.log(gain) * ((hours >= BEST[0]) & (hours < BEST[1]))
        + np.log(formats) * (form == 1) + np.log(5.0) * was_paid
    )  # fmt: skip
    moment = day + hours / 24 + chance.random(count) / 24.1
    value: Array = np.round(np.exp(logs))
    return Posts(moment, day % 7 + 1, hours, value, np.full(count, number), was_paid, {"format": form})


def _hours(chance: np.random.Generator, count: int) -> Ints:
    hours = [hour for hour, _share in _HABIT]
    return np.asarray(chance.choice(hours, count, p=[share for _hour, share in _HABIT]))

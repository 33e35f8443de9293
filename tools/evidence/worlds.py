"""Made-up accounts with a known truth: what the engines find where nothing is, and where something is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from evidence.chapter import Chapter, table
from niva.numbers import worlds
from niva.numbers.best_time import FALSE_ALARMS, advise
from niva.numbers.factors import WRONG, weigh
from niva.numbers.levels import Posts, usable
from niva.numbers.spread import Verdict
from niva.numbers.walk import best_mean

MANY, FEW = 1000, 100
TITLE = "Simulated worlds"
SIZES = (150, 300, 600, 1200)
FACTORS = (1.2, 1.5)
LUCK = 0.02
"""Two standard deviations and a little of a share of five per cent in 1,000 worlds; more are asked of 100."""
WORDS = """\
Accounts are made of which the truth is known: posts with heavy tails and a spread of single posts of 0.5 (as
a logarithm), days with luck of their own, habits, weekends. In the first table no hour is better than
another. *nothing*: only luck. *trend*: the channel grows by a third a month, and midway its habit changes
from mornings to evenings. *paid*: every fourth post is paid for and gets five times as much in the evening.
*two*: a channel twenty times as large posts at night. *content*: one form gets 1.8 times as much and goes out
in the evening. "Means" is what the table of means by hour promises there."""


def study(data: Path | None, *, quick: bool) -> Chapter:
    """The chapter. It wants no data."""
    del data
    began = time.monotonic()
    count = FEW if quick else MANY
    empty = {name: _empty(make, count) for name, make in worlds.WORLDS.items()}
    power = [_power(size, factor, count // 10) for factor in FACTORS for size in SIZES]
    content = _content(count // 4)
    figures: dict[str, Any] = {
        "worlds": count, "stated_best_time": FALSE_ALARMS, "stated_factors": WRONG, "empty": empty,
        "power": power, "content": content, "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip
    allowed = LUCK if not quick else 3 * LUCK
    because = [
        f"best time advised something in {one['best_time']:.1%} of worlds {name!r}"
        for name, one in empty.items()
        if one["best_time"] > FALSE_ALARMS + allowed
    ]
    because += [
        f"a factor was called real in {one['factors']:.1%} of worlds {name!r}"
        for name, one in empty.items()
        if one["factors"] > WRONG + allowed
    ]
    return Chapter("worlds", TITLE, _text(figures), figures, not because, because)


def _worlds(make: Callable[..., Posts], number: int, **world: Any) -> Iterator[Posts]:
    for seed in range(number):
        chance = np.random.default_rng([seed, 20])
        yield usable(worlds.described(make(chance, **world), chance))[0]


def _timed(posts: Posts) -> Posts:
    """The posts without what is asked itself: of their content the form only."""
    return replace(posts, content={"format": posts.content["format"]})


def _empty(make: Callable[..., Posts], count: int) -> dict[str, float]:
    """Shares of worlds in which something is found that is not there. A form that works is no mistake."""
    advised, real, promised = 0, 0.0, []
    for posts in _worlds(make, count):
        advised += bool(advise(_timed(posts), exchanges=199).slots)
        called = [one for one in weigh(posts).effects if one.verdict is Verdict.REAL]
        wrong = [one for one in called if not (make is worlds.content and one.factor == "format")]
        real += len(wrong) / max(len(called), 1)
        found = best_mean(posts.hour, posts.value)
        promised.append(found[1] - 1 if found else 0.0)
    return {
        "best_time": round(advised / count, 4), "factors": round(real / count, 4),
        "means_promise": round(float(np.median(promised)), 3),
    }  # fmt: skip


def _power(size: int, factor: float, count: int) -> dict[str, float]:
    """How often evenings that are `factor` times as good are found by so many posts, and what is promised."""
    found, gains = 0, []
    for posts in _worlds(worlds.better, count, count=size, factor=factor):
        slots = advise(_timed(posts), exchanges=199).slots
        mine = [one for one in slots if one.since == worlds.BEST[0]]
        found += bool(mine)
        gains += [one.gain - 1 for one in mine[:1]]
    promised = round(float(np.mean(gains)), 3) if gains else 0.0
    return {"posts": size, "factor": factor, "found": round(found / count, 3), "promised": promised}


def _content(count: int) -> dict[str, float]:
    """A form that gets 1.8 times as much: how often it is found, its size, how often the range holds it."""
    forms = []
    for posts in _worlds(worlds.content, count):
        forms += [one for one in weigh(posts).effects if (one.factor, one.level) == ("format", 1)]
    ratios = [one.ratio for one in forms if one.ratio is not None]
    held = [one.low <= 1.8 <= one.high for one in forms if one.low is not None and one.high is not None]
    return {
        "found": round(sum(one.verdict is Verdict.REAL for one in forms) / count, 3),
        "ratio": round(float(np.mean(ratios)), 3), "held": round(float(np.mean(held)), 3),
    }  # fmt: skip


def _text(figures: dict[str, Any]) -> str:
    empty = [
        [name, f"{one['best_time']:.1%}", f"{one['factors']:.1%}", f"{one['means_promise']:+.0%}"]
        for name, one in figures["empty"].items()
    ]
    power = [
        [f"{one['factor'] - 1:+.0%}", one["posts"], f"{one['found']:.0%}", f"{one['promised']:+.0%}"]
        for one in figures["power"]
    ]
    content = figures["content"]
    return "\n\n".join(
        [
            WORDS,
            table(["world", "a time is advised", "wrong of what is called real", "means promise"], empty),
            f"Stated: a time is advised for nothing in at most {FALSE_ALARMS:.0%} of worlds, and of what is "
            f"called real at most {WRONG:.0%} is not. {figures['worlds']} worlds of each kind.",
            "Where the evening is better, it is found so often; what is promised is against the account's "
            "own habit, in which there are evenings already:",
            table(["effect", "posts", "found", "promised"], power),
            f"The form that gets 1.8 times as much is found in {content['found']:.0%} of worlds, as "
            f"{content['ratio']:.2f} on average; the range of 8 cases of 10 held the truth in "
            f"{content['held']:.0%}.",
        ]
    )

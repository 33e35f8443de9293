"""The life of the practice network: how views, likes and followers grow. Pure, and the same every time.

Nothing ticks. Every number is a function of (seed, post, age), so a server that was off for an hour has
lived through that hour all the same, and a test gets the same numbers as the demo. The shares below are
invented for practice and stand for no real network.

Time: a post lives `pace` times faster than the clock on the wall. A post gathers about nine tenths of its
views in its first 24 hours of network time; at the pace of 144 that is ten minutes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

DEFAULT_PACE: Final = 144.0  # a network day in ten minutes
HOUR: Final = 3600.0
DAY: Final = 86400.0
AUDIENCE_OFFSET: Final = 3 * HOUR  # the simulated people live by Moscow time
Form = Literal["text", "image", "album", "video", "poll"]
FORM_PULL: Final[dict[str, float]] = {"text": 0.85, "image": 1.1, "album": 1.15, "video": 1.3, "poll": 1.2}
# Monday ... Sunday: how eagerly the simulated people read
WEEKDAY_PULL: Final = (0.98, 1.02, 1.05, 1.04, 0.95, 0.86, 0.9)
WAKING_SWING: Final = 0.7  # 0 = day and night alike; below 1, so that counters never fall
WAKING_PEAK: Final = 20.0  # o'clock


def unit(*words: object) -> float:
    """A number in [0, 1) that is always the same for the same words."""
    digest = hashlib.blake2b("\x1f".join(map(str, words)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def between(low: float, high: float, *words: object) -> float:
    """A number in [low, high) that is always the same for the same words."""
    return low + (high - low) * unit(*words)


@lru_cache(maxsize=8192)
def bell(*words: object) -> float:
    """Roughly normal with mean 0 and deviation 1 (sum of twelve), always the same for the same words."""
    return sum(unit(*words, index) for index in range(12)) - 6.0


def waking_hours(start_hour: float, hours: float) -> float:
    """`hours` of the clock, counted by how awake the audience is: the integral of a daily cosine wave."""
    turn = math.tau / 24
    swing = WAKING_SWING / turn
    return hours + swing * (
        math.sin(turn * (start_hour + hours - WAKING_PEAK)) - math.sin(turn * (start_hour - WAKING_PEAK))
    )


@dataclass(frozen=True, slots=True)
class PostLife:
    """One post as the simulated people see it. `created_at`: seconds since 1970; `audience`: followers then.

    `voters`: it has a poll; `clickable`: it carries a link.
    """

    seed: str
    audience: int
    created_at: float
    pace: float = DEFAULT_PACE
    form: Form = "text"
    clickable: bool = False
    voters: bool = False

    def share(self, now: float, hours: float) -> float:
        """Which part of everything that will ever come is there by `now`; `hours`: how sluggish it is."""
        age = max(0.0, now - self.created_at) * self.pace / HOUR
        start = ((self.created_at + AUDIENCE_OFFSET) % DAY) / HOUR
        return 1.0 - math.exp(-((waking_hours(start, age) / hours) ** 0.85))

    def pull(self) -> float:
        """How many people it could stir, whatever its form: audience, weekday and luck."""
        weekday = int((self.created_at + AUDIENCE_OFFSET) // DAY + 3) % 7  # 1 January 1970 was a Thursday
        luck = math.exp(0.4 * bell(self.seed, "luck"))
        return self.audience * 0.42 * WEEKDAY_PULL[weekday] * luck

    def numbers(self, now: float) -> dict[str, int]:
        """All counters as of `now` (seconds since 1970). None ever falls as time goes on."""
        final = self.pull() * FORM_PULL[self.form]  # views that it ends with
        views = final * self.share(now, 9.0)
        counters = {
            "views": views,
            "reach": final * 0.8 * self.share(now, 7.0),
            "likes": final * between(0.012, 0.045, self.seed, "likes") * self.share(now, 10.0),
            "comments": self._remarks_in_all() * self.share(now, 12.0),
            "reposts": final * between(0.0015, 0.007, self.seed, "reposts") * self.share(now, 14.0),
        }
        if self.clickable:
            counters["clicks"] = final * between(0.006, 0.028, self.seed, "clicks") * self.share(now, 10.0)
        if self.voters:
            counters["votes"] = final * between(0.04, 0.11, self.seed, "votes") * self.share(now, 9.0)
        whole = {name: int(value) for name, value in counters.items()}
        whole["reach"] = min(whole["reach"], whole["views"])
        return whole

    def follows(self, now: float) -> float:
        """How many new followers this post has brought by `now`."""
        return self.pull() * between(0.0008, 0.004, self.seed, "follows") * self.share(now, 12.0)

    def letters(self, now: float) -> Iterator[tuple[int, float]]:
        """(number, moment) of every private message that this post has brought by `now`, oldest first."""
        final = self._letters_in_all()
        for number in range(self.letter_count(now)):
            yield number, self._moment((number + 1) / final)

    def letter_count(self, now: float) -> int:
        """How many private messages this post has brought by `now`."""
        return int(self._letters_in_all() * self.share(now, 12.0))

    def remarks(self, now: float) -> Iterator[tuple[int, float]]:
        """(number, moment) of every comment that simulated people left by `now`, oldest first."""
        final = self._remarks_in_all()
        for number in range(int(final * self.share(now, 12.0))):
            yield number, self._moment((number + 1) / final)

    def _remarks_in_all(self) -> float:
        return self.pull() * FORM_PULL[self.form] * between(0.001, 0.006, self.seed, "comments")

    def _letters_in_all(self) -> float:
        rate = 0.0012 if self.clickable else 0.0005
        return self.pull() * rate * between(0.4, 1.6, self.seed, "letters")

    def _moment(self, share: float) -> float:
        """When the sluggish curve reached `share`, to the second, by bisection over sixty network days."""
        low, high = 0.0, 60 * DAY / self.pace
        while high - low > 1.0:
            middle = (low + high) / 2
            if self.share(self.created_at + middle, 12.0) < share:
                low = middle
            else:
                high = middle
        return self.created_at + high

    def poll_split(self, votes: int, options: int) -> list[int]:
        """The votes over the options: always the same taste, and every vote is somewhere."""
        weights = [between(0.2, 1.0, self.seed, "option", index) for index in range(options)]
        total = sum(weights)
        counts = [int(votes * weight / total) for weight in weights]
        counts[0] += votes - sum(counts)
        return counts


def followers_trend(seed: str, base: int, created_at: float, now: float) -> float:
    """Followers without those whom posts brought: a slow climb with days on which people leave."""
    days = max(0.0, now - created_at) / DAY
    climb = base * between(0.0004, 0.0016, seed, "climb") * days
    today, rest = divmod(days, 1.0)
    wave = (1 - rest) * bell(seed, "day", int(today)) + rest * bell(seed, "day", int(today) + 1)
    return base + climb + wave * base * 0.0012

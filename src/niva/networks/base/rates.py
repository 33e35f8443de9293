"""How often a network lets itself be called: data of `manifest.toml`, counted by the delivery engine.

One table per rate, like those of `limits.toml`: `value` = [count, seconds], `scope`, `source_url`,
`checked_on`, `confirmed`. What the network answers (429) always wins over what stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from niva.networks.base.errors import SCOPES, Scope

UNITS: Final = ("post", "file", "comment", "reading")


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` tokens in any `seconds`, for each holder of `scope`.

    `burst`: how many of them may go at once. Smaller than `count`: the rest is spread so thinly that no
    window of `seconds` ever holds more than `count` (the network punishes those who try). Equal: whatever
    the network would take goes at once, and a full bucket fills again within one window; then a window may
    hold up to twice `count` and the network's own answer does the rest. So a plan that keeps the limit is
    never held up.
    `post`, `file`, `comment`, `reading`: tokens that one post, each of its files, its first comment and one
    reading of numbers take. 0: that is not counted here.
    """

    name: str
    scope: Scope
    count: int
    seconds: float
    burst: int
    source_url: str
    checked_on: date
    confirmed: bool = True
    note: str = ""
    post: float = 0
    file: float = 0
    comment: float = 0
    reading: float = 0

    @property
    def step(self) -> float:
        """Seconds in which one token comes back."""
        spread = self.count - self.burst + 1 if self.burst < self.count else self.count
        return self.seconds / spread

    def cost(self, *, posts: int = 0, files: int = 0, comments: int = 0, readings: int = 0) -> float:
        """Tokens that so much work takes."""
        return posts * self.post + files * self.file + comments * self.comment + readings * self.reading


def load_rate(folder: str, name: str, table: Mapping[str, Any]) -> Rate:
    """Raises ValueError for a scope that nobody counts, a rate that allows nothing or counts nothing."""
    raw = dict(table)
    count, seconds = raw.pop("value")
    rate = Rate(
        name=name, count=int(count), seconds=float(seconds), burst=int(raw.pop("burst", count)), **raw
    )
    if rate.scope not in SCOPES:
        raise ValueError(f"{folder}: rate {name}: scope {rate.scope}")
    if not (0 < rate.burst <= rate.count and rate.seconds > 0):
        raise ValueError(f"{folder}: rate {name} allows nothing")
    if not any(getattr(rate, unit) for unit in UNITS):
        raise ValueError(f"{folder}: rate {name} counts nothing")
    return rate

"""A tree of effects whose parts add up to the whole to the last cent, whatever it is rounded to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from niva.numbers.spread import Verdict

REST = "rest"
"""The name of what is left over: known as a sum, its steps not."""


@dataclass(frozen=True, slots=True)
class Part:
    """One cause before rounding. `name`: the step or the segment; `before`, `after`: its own value at both
    ends (posts, reach per post), None where there is none; `known`: whether its steps are known."""

    name: str
    effect: float
    before: float | None = None
    after: float | None = None
    known: bool = True
    verdict: Verdict = Verdict.UNKNOWN
    children: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """One cause as it is shown: `effect` in units of the whole, rounded; the effects of `children` add up to
    it exactly. `share`: of the whole change, None where that is zero."""

    name: str
    effect: Decimal
    share: float | None
    before: float | None
    after: float | None
    known: bool
    verdict: Verdict
    children: tuple[Node, ...] = ()

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()


def total(name: str, before: float, after: float, verdict: Verdict, parts: Iterable[Part]) -> Part:
    """The root over its parts; what they do not tell is put into the remainder, which is always there."""
    told = list(parts)
    rest = next((one for one in told if one.name == REST), Part(REST, 0.0, known=False))
    others = [one for one in told if one is not rest]
    left = (after - before) - math.fsum(one.effect for one in others)
    if math.isclose(left, 0.0, abs_tol=1e-9 * max(abs(before), abs(after), 1e-300)):
        left = 0.0
    under = rest.children if math.isclose(math.fsum(one.effect for one in rest.children), left) else ()
    return Part(
        name, after - before, before, after, True, verdict,
        (*others, replace(rest, effect=left, children=under)),
    )  # fmt: skip


def scaled(part: Part, by: float) -> Part:
    """The same causes in other units: leads as money, money as cost of a lead."""
    return replace(part, effect=part.effect * by, children=tuple(scaled(one, by) for one in part.children))


def rounded(part: Part, places: int = 2) -> Node:
    """The tree in units of 10 ** -places. The root's effect is the difference of its rounded ends, as a
    reader who subtracts them gets it; below it the largest remainders are rounded up."""
    unit = Decimal(1).scaleb(-places)
    if part.before is not None and part.after is not None:
        whole = _steps(part.after, places) - _steps(part.before, places)
    else:
        whole = _steps(part.effect, places)
    return _settled(part, whole, whole, places, unit)


def _steps(value: float, places: int) -> int:
    return int((Decimal(repr(float(value))).scaleb(places)).to_integral_value("ROUND_HALF_EVEN"))


def _settled(part: Part, mine: int, whole: int, places: int, unit: Decimal) -> Node:
    own = largest_remainder([one.effect * 10**places for one in part.children], mine)
    children = tuple(
        _settled(one, steps, whole, places, unit) for one, steps in zip(part.children, own, strict=True)
    )
    return Node(
        part.name, mine * unit, mine / whole if whole else None, part.before, part.after, part.known,
        part.verdict, children,
    )  # fmt: skip


def largest_remainder(values: Sequence[float], whole: int) -> list[int]:
    """Whole numbers near to the values that add up to `whole`. Zero stays zero while anything else is not."""
    found = [math.floor(value) for value in values]
    order = sorted(range(len(values)), key=lambda place: found[place] - values[place])
    order = [place for place in order if values[place]] or order
    left = whole - sum(found)
    while left and order:
        step = 1 if left > 0 else -1
        for place in order if left > 0 else reversed(order):
            if not left:
                break
            found[place] += step
            left -= step
    return found

"""The parts of a change add up to it, whatever the numbers are; the formulas give the published figures."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niva.numbers.spread import Verdict
from niva.numbers.why import lmdi, mix
from niva.numbers.why.chain import Segment, Whole, explain, merged
from niva.numbers.why.rows import Daily, Rows, Span, per_unit, why
from niva.numbers.why.tree import Node, Part, largest_remainder, rounded, total

FACTOR = st.one_of(st.just(0.0), st.floats(1e-3, 1e6))
FACTORS = st.integers(1, 5).flatmap(
    lambda n: st.tuples(*(st.lists(FACTOR, min_size=n, max_size=n) for _ in range(2)))
)
# from_docs: https://rdrr.io/github/MatthewHeun/LMDIR/src/tests/testthat/test_lmdi.R - two segments of three
# factors in four years, the effects of each, and the cases of zero of Ang, Zhang, Choi (1998), table 2.
EFFECTS = [
    ((50.47438029, -25.23719014, 14.76280986), (19.31568569, 15.78206435, 24.90224996)),
    ((42.96021467, -56.79031473, 17.83010006), (0, 22.47128816, 32.52871184)),
    ((12.6549815, -39.30996299, 12.6549815), (41.35566084, 30.28867832, 41.35566084)),
]
SUMS = [
    (69.79006598, -9.455125793, 39.66505981),
    (42.96021467, -34.31902656, 50.3588119),
    (54.01064234, -9.021284671, 54.01064234),
]


def ask(*_where: object) -> Verdict:
    return Verdict.UNKNOWN


@pytest.mark.parametrize("year", range(3))
def test_the_published_example_comes_out(year: int) -> None:
    found = [lmdi.effects(a, b) for a, b in zip(_published(year), _published(year + 1), strict=True)]
    for mine, theirs in zip(found, EFFECTS[year], strict=True):
        assert mine == pytest.approx(theirs, abs=1e-7)
    assert [sum(column) for column in zip(*found, strict=True)] == pytest.approx(SUMS[year], abs=1e-7)


def _published(year: int) -> list[tuple[float, ...]]:
    rows = {0: [(1, 10, 2), (4, 5, 3)], 1: [(4, 5, 3), (5, 6, 4)], 2: [(8, 2, 4), (5, 7, 5)],
            3: [(10, 1, 5), (6, 8, 6)]}  # fmt: skip
    return [tuple(map(float, row)) for row in rows[year]]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((0, 10, 2), (4, 5, 3), (60, 0, 0)),
        ((4, 5, 3), (5, 6, 0), (0, 0, -60)),
        ((0, 5, 3), (5, 6, 0), (0, 0, 0)),
    ],
)
def test_the_published_limits_at_zero_come_out(
    before: tuple[float, ...], after: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    assert lmdi.effects(before, after) == expected


@given(FACTORS)
def test_effects_add_up_and_turn_around(ends: tuple[list[float], list[float]]) -> None:
    before, after = ends
    found = lmdi.effects(before, after)
    change = math.prod(after) - math.prod(before)
    largest = max(math.prod(after), math.prod(before), 1e-12)
    assert math.fsum(found) == pytest.approx(change, abs=1e-12 * largest)
    back = lmdi.effects(after, before)
    assert list(back) == pytest.approx([-one for one in found], rel=1e-6, abs=1e-9 * largest)


@given(FACTORS, st.floats(0.01, 100), st.randoms(use_true_random=False))
def test_effects_follow_the_scale_and_any_order(
    ends: tuple[list[float], list[float]], scale: float, random: object
) -> None:
    before, after = ends
    found = lmdi.effects(before, after)
    largest = max(math.prod(after), math.prod(before), 1e-12) * max(scale, 1)
    larger = lmdi.effects([before[0] * scale, *before[1:]], [after[0] * scale, *after[1:]])
    assert list(larger) == pytest.approx([one * scale for one in found], rel=1e-6, abs=1e-9 * largest)
    order = list(range(len(before)))
    random.shuffle(order)  # type: ignore[attr-defined]
    mixed = lmdi.effects([before[place] for place in order], [after[place] for place in order])
    assert list(mixed) == pytest.approx([found[place] for place in order], rel=1e-6, abs=1e-9 * largest)


def test_nothing_changed_is_zeros() -> None:
    assert lmdi.effects((3, 4, 5), (3, 4, 5)) == (0, 0, 0)


def test_what_appeared_goes_to_what_was_zero() -> None:
    assert lmdi.effects((0, math.nan, math.nan), (5, 100, 0.1)) == pytest.approx((50, 0, 0))


def test_a_negative_factor_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        lmdi.effects((1, -2), (1, 2))


SUM = st.one_of(st.just(0.0), st.floats(0.01, 1e5))
SIDE = st.dictionaries(st.sampled_from("abcd"), st.tuples(SUM, SUM), min_size=1)


@given(SIDE, SIDE)
def test_structure_and_rate_add_up_and_turn_around(before: mix.Sums, after: mix.Sums) -> None:
    found = mix.ratio_change(before, after)
    if found is None:
        assert not all(sum(bottom for _top, bottom in side.values()) for side in (before, after))
        return
    whole = math.fsum([*found.structure.values(), *found.rate.values(), found.rest])
    scale = max(abs(found.before), abs(found.after), *map(abs, found.rate.values()), 1e-9)
    assert whole == pytest.approx(found.change, abs=1e-9 * scale)
    back = mix.ratio_change(after, before)
    assert back is not None
    for name, effect in found.structure.items():
        assert back.structure[name] == pytest.approx(-effect, abs=1e-9 * scale)
        assert back.rate[name] == pytest.approx(-found.rate[name], abs=1e-9 * scale)


def test_a_ratio_may_fall_while_every_segment_rose() -> None:
    """By hand: shares 1/2, 1/2 -> 1/10, 9/10; rates 10 % and 2 % -> 11 % and 2.5 %. The whole: 6 % -> 3.35 %.
    Rates: 0.3 * 1 + 0.7 * 0.5 = +0.65 points; so the structure took 3.3."""
    found = mix.ratio_change({"a": (10, 100), "b": (2, 100)}, {"a": (11, 100), "b": (22.5, 900)})
    assert found is not None
    assert found.change == pytest.approx(-0.0265)
    assert sum(found.rate.values()) == pytest.approx(0.0065)
    assert sum(found.structure.values()) == pytest.approx(-0.033)
    assert found.structure["a"] < 0 and found.structure["b"] < 0, "both moved towards the poorer one"


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12), st.integers(0, 3))
def test_rounded_parts_add_up_to_the_last_cent(effects: list[float], places: int) -> None:
    tree = total(
        "x", 0.0, math.fsum(effects), Verdict.UNKNOWN, [Part(str(n), e) for n, e in enumerate(effects)]
    )
    _adds_up(rounded(tree, places))


def _adds_up(root: Node) -> None:
    for node in root.walk():
        if node.children:
            assert sum((child.effect for child in node.children), Decimal(0)) == node.effect


def test_zero_stays_zero_in_rounding() -> None:
    assert largest_remainder([0.4, 0.0, 0.6], 1) == [0, 0, 1]
    assert largest_remainder([-0.4, 0.0, -0.6], -1) == [0, 0, -1]


COUNT = st.one_of(st.just(math.nan), st.just(0.0), st.integers(1, 10_000).map(float))


@st.composite
def segments(draw: st.DrawFn) -> list[Segment]:
    found = []
    for name in draw(st.sets(st.sampled_from([(c, f) for c in "ab" for f in "xyz"]), min_size=1)):
        sides = []
        for _ in range(2):
            posts = draw(st.integers(0, 30))
            sides.append((float(posts), *((draw(COUNT), draw(COUNT)) if posts else (0.0, 0.0))))
        found.append(Segment(name, sides[0], sides[1]))
    return found


@settings(max_examples=150)
@given(segments())
def test_a_chain_over_segments_adds_up_with_whatever_is_missing(several: list[Segment]) -> None:
    tree = explain(("posts", "reach", "clicks"), several, ask).root
    known = [[one.before[-1] for one in several], [one.after[-1] for one in several]]
    sums = [math.fsum(value for value in side if not math.isnan(value)) for side in known]
    assert tree.effect == pytest.approx(sums[1] - sums[0], abs=1e-6)
    root = rounded(tree)
    assert root.effect == Decimal(int(sums[1] - sums[0]))
    _adds_up(root)


@settings(max_examples=150)
@given(segments(), st.integers(0, 300), st.integers(0, 300))
def test_leads_over_segments_add_up(several: list[Segment], before: int, after: int) -> None:
    tree = explain(("posts", "reach", "clicks"), several, ask, whole=Whole("leads", before, after)).root
    root = rounded(tree)
    assert root.effect == after - before
    assert [node.name for node in root.children][-1] == "rest"
    _adds_up(root)


def test_each_step_of_a_chain_is_told() -> None:
    """Posts halve, the rest stays: the whole fall is of posts. L(10, 20) * ln(1/2) = -10."""
    before, after = (20.0, 20_000.0, 400.0), (10.0, 10_000.0, 200.0)
    tree = explain(
        ("posts", "reach", "clicks"), [Segment(("vk",), before, after)], ask, whole=Whole("leads", 20, 10)
    )
    posts, reach, clicks, leads, rest = rounded(tree.root).children
    assert [int(one.effect) for one in (posts, reach, clicks, leads, rest)] == [-10, 0, 0, 0, 0]
    assert (posts.before, posts.after, reach.before, reach.after) == (20, 10, 1000, 1000)
    assert leads.before == pytest.approx(0.05)


def test_the_number_of_posts_is_told_apart_from_what_they_were_of() -> None:
    """As many posts as before, all of them now in the network that brings ten times less."""
    several = [Segment(("vk",), (10, 1000), (2, 200)), Segment(("tg",), (10, 100), (18, 180))]
    posts, mix, reach, rest = rounded(explain(("posts", "reach"), several, ask).root).children
    assert [int(one.effect) for one in (posts, reach, rest)] == [0, 0, 0]
    assert mix.effect == -720
    assert {one.name: (one.before, one.after) for one in mix.children} == {"vk": (10, 2), "tg": (10, 18)}


def test_posts_that_are_each_a_segment_are_put_together_until_steps_can_be_told() -> None:
    """Every rubric appears or vanishes, yet a post is simply seen by twice as many."""
    several = [
        *(Segment(("vk", f"r{n}", "photo"), (1, 100), (0, 0)) for n in range(5)),
        *(Segment(("vk", f"r{n}", "photo"), (0, 0), (1, 200)) for n in range(5, 10)),
        Segment(("vk", "r10", "photo"), (8, 800), (8, 1600)),
        Segment(("tg", "r1", "text"), (1, 50), (1, 60)),
    ]
    found = merged(several)
    assert [one.key for one in found] == [("tg",), ("vk", "r10", "photo"), ("vk", "…")]
    root = explain(("posts", "reach"), found, ask).root
    assert {one.name: round(one.effect) for one in root.children}["reach"] == 1310
    before = sum(one.before[1] for one in several)
    assert root.before == before, "nothing is lost by putting together"


def test_a_network_without_clicks_cuts_the_chain_and_is_named() -> None:
    several = [
        Segment(("vk",), (10, 1000, 50), (10, 1000, 100)),
        Segment(("max",), (10, 1000, math.nan), (5, 500, math.nan)),
    ]
    found = explain(("posts", "reach", "clicks"), several, ask)
    assert found.silent == (("max",),)
    assert found.root.effect == 50
    # Clicks are known, reach is not: posts are told, the rest is the remainder.
    blind = [Segment(("max",), (10, math.nan, 100), (20, math.nan, 400))]
    posts, reach, clicks, rest = rounded(explain(("posts", "reach", "clicks"), blind, ask).root).children
    assert posts.effect == rest.effect == 150
    assert reach.effect == clicks.effect == 0
    assert not rest.known


def test_numbers_that_began_to_be_given_are_no_growth_of_anything() -> None:
    several = [Segment(("tg",), (10, 1000, math.nan), (10, 1000, 70))]
    root = rounded(explain(("posts", "reach", "clicks"), several, ask).root)
    assert root.effect == 70
    assert [node.effect for node in root.children] == [0, 0, 0, 70]


def test_cost_of_a_unit_falls_by_units_and_by_money() -> None:
    found = explain(
        ("posts", "reach"), [Segment(("vk",), (10, 100), (20, 200))], ask, whole=Whole("leads", 10, 20)
    )
    tree = per_unit("cost", {"people": (5000, 5000), "ads": (5000, 9000)}, found)
    assert tree is not None
    root = rounded(tree)
    assert (root.before, root.after, root.effect) == (1000, 700, Decimal("-300.00"))
    money, leads, rest = root.children
    assert rest.effect == 0 and money.effect > 0 > leads.effect
    assert [node.effect for node in money.children] == [0, money.effect]
    _adds_up(root)
    assert per_unit("cost", {"ads": (0, 10)}, found) is None


def _world(seed: int, *, fewer: int, reach: float = 1.0) -> tuple[Rows, Daily]:
    """A year of a post a day with reach spread like life, clicks of 2 %; in the last 28 days every `fewer`-th
    post is left out and reach is so many times the usual."""
    dice = np.random.default_rng(seed)
    days = np.arange(364, dtype=float)
    kept = (days < 336) | (days % fewer != 0)
    views = np.exp(dice.normal(6.5, 0.4, 364)) * np.where(days >= 336, reach, 1.0)
    clicks = dice.poisson(views * 0.02)
    leads = dice.poisson(np.where(kept, clicks, 0) * 0.05).astype(float)
    keys = [("vk" if day % 2 else "tg",) for day in range(364)]
    rows = Rows(
        ("posts", "reach", "clicks"), [key for key, here in zip(keys, kept, strict=True) if here],
        days[kept], np.column_stack([views, clicks])[kept],
    )  # fmt: skip
    return rows, Daily("leads", 0, leads)


def test_noise_is_called_noise_and_a_lever_is_named() -> None:
    quiet = told = 0
    for seed in range(20):
        rows, leads = _world(seed, fewer=1000)
        root = why(rows, Span(308, 335), Span(336, 363), goal=leads).root
        quiet += sum(one.verdict is Verdict.REAL for one in root.children)
        rows, leads = _world(seed, fewer=2, reach=2.0)
        root = why(rows, Span(308, 335), Span(336, 363), goal=leads).root
        told += [one.verdict for one in root.children[:2]].count(Verdict.REAL)
        assert rounded(root).effect == sum(one.effect for one in rounded(root).children)
    assert quiet <= 4, "80 steps where nothing changed: hardly any is called real"
    assert told >= 34, "40 steps that changed: nearly all are called real"

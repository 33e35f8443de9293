"""Experiments: the lot, the number of posts, and that looking after every post invents no difference."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from niva.numbers.experiments import ALPHA, BLOCK, Arm, Stand, assign, judge, limits, needed, peeked, rho

WORLDS, BLOCKS = 1000, 200


def _blocks(seed: int, kind: str, effect: float = 0.0, sigma: float = 0.6) -> np.ndarray:
    """Differences of blocks of a thousand worlds: like bells, with a post of a thousand now and then, with a
    trend and a bad month, or counts so small that most are nothing."""
    dice = np.random.default_rng(seed)
    shape = (WORLDS, BLOCKS, BLOCK)
    logs = dice.normal(0, sigma, shape)
    if kind == "wild":
        logs = dice.standard_t(2, shape) * sigma
    if kind == "trend":
        logs += np.linspace(0, 2, BLOCKS * BLOCK).reshape(BLOCKS, BLOCK)
    if kind == "counts":
        logs = np.log(dice.poisson(0.4, shape) + 0.5)
    order = np.argsort(dice.random(shape), axis=2)  # the lot
    mixed = np.take_along_axis(logs, order, axis=2)
    half = BLOCK // 2
    return np.asarray(mixed[..., :half].mean(axis=2) - mixed[..., half:].mean(axis=2) + effect)


@pytest.mark.parametrize("kind", ["bells", "wild", "trend", "counts"])
def test_a_thousand_worlds_without_a_difference_seen_after_every_block(kind: str) -> None:
    called = peeked(_blocks(1, kind), rho(0.6))
    assert float((called < math.inf).mean()) <= ALPHA


def test_a_spread_that_was_guessed_wrong_finds_no_more_where_nothing_is() -> None:
    for guess in (0.05, 5.0):
        assert float((peeked(_blocks(2, "bells"), rho(guess)) < math.inf).mean()) <= ALPHA


def test_what_is_there_is_found_in_the_posts_that_were_promised() -> None:
    for effect in (0.3, 0.6):
        posts = needed(0.6, effect)
        assert posts is not None
        found = peeked(_blocks(3, "bells", math.log1p(effect)), rho(0.6)) <= posts * 2 / BLOCK
        assert 0.75 <= float(found.mean()) <= 0.92


def test_the_range_holds_the_truth_whenever_one_looks() -> None:
    truth = math.log(1.3)
    worlds = _blocks(4, "bells", truth)[:200, :40]
    missed = 0
    for world in worlds:
        ends = [limits(world[:count], rho(0.6)) for count in (2, 5, 10, 20, 40)]
        missed += any(not low <= truth <= high for low, high in ends)
    assert missed / len(worlds) <= ALPHA


def test_more_is_needed_for_less() -> None:
    found = [needed(0.6, effect) for effect in (1.0, 0.5, 0.3, 0.2)]
    assert all(one is not None for one in found)
    assert found == sorted(found, key=lambda one: one or 0)
    assert needed(1.2, 0.01) is None, "nobody waits for that"
    with pytest.raises(ValueError, match="above zero"):
        needed(0.0, 0.2)


@given(st.integers(1, 60), st.integers(0, 2**31))
def test_the_lot_is_even_in_every_block_and_the_same_for_a_seed(posts: int, seed: int) -> None:
    plan = assign(posts, seed)
    assert plan == assign(posts, seed)
    assert Counter(arm for _block, arm in plan) == {Arm.FIRST: posts, Arm.SECOND: posts}
    for block in {block for block, _arm in plan}:
        arms = [arm for mine, arm in plan if mine == block]
        assert arms.count(Arm.FIRST) == arms.count(Arm.SECOND)


def test_the_lot_favours_nobody() -> None:
    first = [assign(2, seed)[0][1] for seed in range(400)]
    assert 160 <= first.count(Arm.FIRST) <= 240


def test_a_verdict_names_the_better_way_and_its_range() -> None:
    dice = np.random.default_rng(5)
    blocks = [(np.exp(dice.normal(6.7, 0.3, 2)), np.exp(dice.normal(6.0, 0.3, 2))) for _ in range(20)]
    found = judge(blocks, rho(0.3))
    assert found.stand is Stand.FIRST and found.posts == (40, 40)
    assert found.low is not None and found.high is not None and found.ratio is not None
    assert 1 < found.low < math.exp(0.7) < found.high
    turned = judge([(b, a) for a, b in blocks], rho(0.3))
    assert turned.stand is Stand.SECOND and turned.ratio == pytest.approx(1 / found.ratio)


def test_little_says_nothing_and_the_end_without_a_difference_is_said() -> None:
    assert judge([], 1.0).stand is Stand.GOING
    assert judge([((100,), (90,))], 1.0).high is None, "one block refuses no effect at all"
    alike = [((100, 120), (110, 105)), ((90, 95), (99, 91))] * 8
    assert judge(alike, rho(0.3)).stand is Stand.GOING
    over = judge(alike, rho(0.3), over=True)
    assert over.stand is Stand.NONE and over.low is not None and over.low < 1


def test_posts_without_a_number_leave_their_block_out_when_nothing_remains() -> None:
    found = judge([((math.nan,), (5,)), ((7, -1), (6, 8))], 1.0)
    assert (found.blocks, found.posts) == (1, (1, 2))

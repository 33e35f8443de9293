"""What works: found where it is, at its size; not found where it is not, however many questions are asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from niva.numbers import worlds
from niva.numbers.factors import OTHERS, WRONG, Effect, weigh
from niva.numbers.levels import usable
from niva.numbers.spread import Verdict

COUNT = 120


def _effects(make, seed: int, **world) -> tuple[Effect, ...]:
    chance = np.random.default_rng([seed, 3])
    posts, _left_out = usable(worlds.described(make(chance, **world), chance))
    return weigh(posts).effects


def _one(effects: tuple[Effect, ...], factor: str, level: int) -> Effect:
    return next(one for one in effects if (one.factor, one.level) == (factor, level))


@pytest.mark.parametrize("name", ["nothing", "trend", "two", "paid"])
def test_where_nothing_works_nothing_is_called_real(name):
    wrong = sum(
        any(one.verdict is Verdict.REAL for one in _effects(worlds.WORLDS[name], seed))
        for seed in range(COUNT)
    )
    assert wrong / COUNT <= WRONG + 2 * (WRONG * (1 - WRONG) / COUNT) ** 0.5


def test_what_works_is_found_at_its_size_and_its_hour_is_not_praised_for_it():
    found = [_effects(worlds.content, seed) for seed in range(40)]
    forms = [_one(effects, "format", 1) for effects in found]
    assert all(one.verdict is Verdict.REAL for one in forms)
    assert np.mean([one.ratio for one in forms]) == pytest.approx(1.8, rel=0.05)
    held = np.mean([one.low <= 1.8 <= one.high for one in forms])
    assert held > 0.65
    praised = [
        any(one.factor == "hours" and one.verdict is Verdict.REAL for one in effects) for effects in found
    ]
    assert np.mean(praised) < 0.2


def test_paid_and_organic_are_apart():
    posts = worlds.paid(np.random.default_rng(1))
    organic, left_out = usable(posts)
    paid, others = usable(posts, paid=True)
    assert len(organic) + len(paid) == len(posts)
    assert left_out["paid"] == len(paid)
    assert others["organic"] == len(organic)
    assert weigh(organic).rests_on <= len(organic)


def test_a_form_that_only_went_out_in_one_rubric_cannot_be_told_from_it():
    posts, _left_out = usable(worlds.nothing(np.random.default_rng(2)))
    form = posts.content["format"]
    together = replace(posts, content={"format": form, "rubric": form.copy()})
    assert {one.verdict for one in weigh(together).effects} == {Verdict.UNKNOWN}


def test_rare_and_unknown_levels_are_not_judged():
    posts, _left_out = usable(worlds.nothing(np.random.default_rng(3)))
    codes = np.zeros(len(posts), dtype=np.int64)
    codes[20:80], codes[100:104], codes[110:115], codes[200:240] = 1, 2, 3, -1
    judged = weigh(replace(posts, content={"rubric": codes})).effects
    assert {one.level for one in judged} == {0, 1}
    assert OTHERS not in {one.level for one in judged}


def test_factors_can_be_taken_into_account_without_being_judged():
    chance = np.random.default_rng(4)
    posts, _left_out = usable(worlds.described(worlds.nothing(chance), chance))
    assert {one.factor for one in weigh(posts, asked=("format",)).effects} == {"format"}


def test_too_few_posts_say_nothing():
    posts, _left_out = usable(worlds.nothing(np.random.default_rng(5), count=30))
    works = weigh(posts)
    assert works.effects == ()
    assert works.rests_on <= 30

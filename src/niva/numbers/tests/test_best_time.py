"""The best time is found where it is, and refused where it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from niva.numbers import worlds
from niva.numbers.best_time import FALSE_ALARMS, Reason, advise
from niva.numbers.levels import Posts, above_level, usable, without_parts
from niva.numbers.walk import best_mean, told, walk

COUNT = 100


def _asked(make, worlds_asked: int = COUNT, **world):
    found = []
    for seed in range(worlds_asked):
        posts, _left_out = usable(make(np.random.default_rng(seed), **world))
        found.append(advise(posts, exchanges=199))
    return found


@pytest.mark.parametrize("name", sorted(worlds.WORLDS))
def test_where_no_hour_is_better_none_is_advised(name):
    """No oftener than promised, with two standard deviations of luck for so few worlds."""
    wrong = sum(bool(one.slots) for one in _asked(worlds.WORLDS[name])) / COUNT
    assert wrong <= FALSE_ALARMS + 2 * (FALSE_ALARMS * (1 - FALSE_ALARMS) / COUNT) ** 0.5


def test_means_by_hour_are_fooled_by_the_worlds_that_do_not_fool_us():
    posts, _left_out = usable(worlds.two(np.random.default_rng(0)))
    found = best_mean(posts.hour, posts.value)
    assert found is not None
    hour, factor = found
    assert hour < 6
    assert factor > 2


def test_a_better_evening_is_found_in_a_year_of_posts():
    found = _asked(worlds.better, 40, count=900, factor=1.3)
    evenings = [one for one in found if one.slots and all(slot.until > 15 for slot in one.slots)]
    assert len(evenings) >= 30
    best = [one.slots[0].gain for one in evenings]
    # A share of posts goes out in the evening already, so against the habit the gain is less than 1.3.
    assert 1.05 < np.mean(best) < 1.3


def test_what_is_promised_is_kept_on_the_past_unlike_by_the_means():
    ours, means = [], []
    for seed in range(12):
        posts, _left_out = usable(worlds.better(np.random.default_rng(seed), count=700, factor=1.5))
        record = walk(posts)
        if record.ours.realised is not None and record.ours.promised is not None:
            ours.append(np.log(record.ours.realised) - np.log(record.ours.promised))
        if record.means.realised is not None and record.means.promised is not None:
            means.append(np.log(record.means.realised) - np.log(record.means.promised))
    assert len(ours) >= 10
    assert abs(np.mean(ours)) < 0.1
    assert np.mean(means) < -0.2


def test_nothing_of_the_future_is_looked_at():
    posts, _left_out = usable(worlds.better(np.random.default_rng(1)))
    level = above_level(posts)
    half = len(posts) // 2
    other = replace(posts, value=np.r_[posts.value[:half], posts.value[half:] * 100])
    assert np.array_equal(level[:half], above_level(other)[:half], equal_nan=True)


def test_advice_that_did_not_come_true_is_not_repeated():
    posts, _left_out = usable(worlds.better(np.random.default_rng(2), count=900, factor=1.6))
    record = walk(posts).ours
    assert told(posts, record).slots
    refused = told(posts, replace(record, low=0.7, high=0.9))
    assert (refused.slots, refused.reason) == ((), Reason.BROKEN)


def test_too_few_posts_and_one_time_are_refused_with_the_reason():
    few, _left_out = usable(worlds.nothing(np.random.default_rng(3), count=30))
    assert advise(few).reason is Reason.FEW_POSTS
    posts, _left_out = usable(worlds.nothing(np.random.default_rng(4)))
    same = replace(posts, hour=np.full(len(posts), 12), weekday=np.full(len(posts), 3))
    assert advise(same).reason is Reason.ONE_TIME


def test_posts_left_out_are_counted_by_reason():
    posts = worlds.paid(np.random.default_rng(5), count=100)
    value = posts.value.copy()
    value[:3], value[3] = np.nan, -4
    paid = posts.paid.copy()
    paid[:4] = False
    _kept, left_out = usable(replace(posts, value=value, paid=paid))
    assert left_out == {"paid": int(paid.sum()), "no_value": 3, "negative": 1}


def test_parts_of_an_album_are_one_post():
    one = np.array([1.5, 1.5, 2.5])
    ints = np.array([1, 1, 1])
    posts = Posts(one, ints, ints, np.array([7.0, 9.0, 5.0]), ints, np.zeros(3, dtype=bool))
    kept, left_out = without_parts(posts)
    assert left_out == 1
    assert sorted(kept.value.tolist()) == [5.0, 9.0]

"""The simulated life: the same every time, never falling, and mostly over in ten minutes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import mean

from hypothesis import given, settings
from hypothesis import strategies as st

from niva.networks.practice.server.life import DAY, PostLife, followers_trend, waking_hours

BORN = 1_790_000_000.0
LIFE = PostLife("ferma:1001", 5000, BORN, clickable=True, voters=True)


def test_the_same_every_time() -> None:
    assert LIFE.numbers(BORN + 300) == PostLife(
        "ferma:1001", 5000, BORN, clickable=True, voters=True
    ).numbers(BORN + 300)
    assert LIFE.numbers(BORN + 300) != replace(LIFE, seed="ferma:1002").numbers(BORN + 300)


def test_numbers_are_what_they_were() -> None:
    """Fixed, so that a change of the formulas is made on purpose: demo history hangs on them."""
    assert LIFE.numbers(BORN) == dict.fromkeys(LIFE.numbers(BORN), 0)
    numbers = LIFE.numbers(BORN + DAY)
    assert 300 < numbers["views"] < 12000
    assert numbers["views"] > numbers["reach"] > numbers["likes"] > numbers["comments"] >= 0


@given(
    seed=st.text(max_size=8),
    born=st.floats(1.7e9, 1.9e9),
    ages=st.lists(st.floats(0, 60 * DAY), min_size=2, max_size=6),
    pace=st.sampled_from([1.0, 144.0, 5000.0]),
)
@settings(max_examples=60, deadline=None)
def test_counters_never_fall(seed: str, born: float, ages: list[float], pace: float) -> None:
    life = PostLife(seed, 3000, born, pace, clickable=True, voters=True)
    states = [life.numbers(born + age) for age in sorted(ages)]
    for earlier, later in pairwise(states):
        assert all(later[name] >= earlier[name] for name in earlier)
        assert later["reach"] <= later["views"]


def test_most_views_come_in_ten_minutes() -> None:
    lives = [replace(LIFE, seed=f"s{i}", created_at=BORN + i * 3600) for i in range(48)]
    shares = [life.numbers(life.created_at + 600)["views"] / life.numbers(life.created_at + 30 * DAY)["views"]
              for life in lives]  # fmt: skip
    assert 0.8 < mean(shares) < 0.97
    first = [life.numbers(life.created_at + 60)["views"] for life in lives]
    assert mean(first) > 20, "something is to be seen within a minute"


def test_history_lives_at_its_own_pace() -> None:
    slow = replace(LIFE, pace=1.0)
    for days in (0.1, 0.5, 1, 3):
        theirs, ours = slow.numbers(BORN + days * DAY), LIFE.numbers(BORN + days * DAY / 144)
        assert all(abs(theirs[name] - ours[name]) <= 1 for name in ours)


@given(start=st.floats(0, 24), hours=st.floats(0, 500), more=st.floats(0.001, 50))
@settings(max_examples=80, deadline=None)
def test_waking_hours_go_forward(start: float, hours: float, more: float) -> None:
    assert waking_hours(start, hours + more) > waking_hours(start, hours)


def test_followers_drift_both_ways_and_grow() -> None:
    days = [followers_trend("ferma", 5000, BORN, BORN + day * DAY) for day in range(90)]
    steps = [later - earlier for earlier, later in pairwise(days)]
    assert min(steps) < 0 < max(steps)
    assert days[-1] > days[0]
    assert max(map(abs, steps)) < 50, "no leaps"


def test_letters_come_one_by_one_and_keep_their_moment() -> None:
    life = replace(LIFE, audience=60_000)
    early, late = list(life.letters(BORN + 300)), list(life.letters(BORN + DAY))
    assert 0 < len(early) < len(late)
    assert late[: len(early)] == early
    moments = [moment for _, moment in late]
    assert moments == sorted(moments)
    assert all(moment <= BORN + 301 for _, moment in early)


def test_every_vote_is_somewhere() -> None:
    for votes in (0, 1, 7, 1234):
        split = LIFE.poll_split(votes, 4)
        assert sum(split) == votes and min(split) >= 0

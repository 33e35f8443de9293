"""The days of what is made of one source: apart, the main place first, never in the past."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from niva.domains.sources.spreading import OTHERS, SECOND, Ground, Wish, lay_out

NOW = datetime(2030, 3, 20, 9, 30, tzinfo=UTC)  # a change of clocks lies in these weeks
ZONES = {1: "Europe/Moscow", 2: "Europe/Berlin", 3: "Asia/Vladivostok"}
MOMENTS = [NOW + timedelta(hours=n) for n in range(-30, 24 * 30, 7)]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from([1, 2, 3]), st.integers(1, 5)), max_size=40),
    st.integers(2, 4),
    st.integers(1, 5),
    st.dictionaries(st.sampled_from([1, 2, 3]), st.lists(st.sampled_from(MOMENTS), unique=True)),
)
def test_whatever_is_wished_the_rules_hold(
    wished: list[tuple[int, int, int]], weeks: int, gap: int, slots: dict[int, list[datetime]]
) -> None:
    strengths = {idea: strength for idea, _place, strength in wished}
    wishes = [Wish(n, idea, place, strengths[idea]) for n, (idea, place, _s) in enumerate(wished)]
    ground = Ground(order=[2, 1, 3], zones=ZONES, slots=slots, taken={1: [(NOW + timedelta(days=4)).date()]})
    found = lay_out(wishes, ground, since=NOW, weeks=weeks, gap=gap)
    assert set(found) == {one.key for one in wishes}
    assert found == lay_out(list(reversed(wishes)), ground, since=NOW, weeks=weeks, gap=gap)
    days = defaultdict(list)
    for one in wishes:
        at = found[one.key]
        if at is None:
            continue
        assert NOW < at < NOW + timedelta(weeks=weeks)
        if one.community in slots:
            assert at in slots[one.community]
        days[one.community].append(at.astimezone(ZoneInfo(ZONES[one.community])).date())
    for place, several in days.items():
        several += [(NOW + timedelta(days=4)).date()] * (place == 1)
        assert all((b - a).days >= gap for a, b in pairwise(sorted(several)))
    for idea in strengths:
        mine = [one for one in wishes if one.idea == idea]
        mine.sort(key=lambda one: ([2, 1, 3].index(one.community), one.key))
        out = [(turn, found[one.key]) for turn, one in enumerate(mine) if found[one.key] is not None]
        for turn, at in out[1:]:
            assert at - out[0][1] >= (SECOND if turn == 1 else OTHERS * (turn - 1))


def test_ten_pieces_are_spread_over_three_weeks() -> None:
    wishes = [Wish(n, n // 2, 1 + n % 2, 5 - n // 3) for n in range(10)]
    found = lay_out(wishes, Ground([1, 2], ZONES), since=NOW, weeks=3)
    moments = sorted(at for at in found.values() if at)
    assert len(moments) == 10 and moments[-1] - moments[0] > timedelta(days=12)
    assert min(moments) == found[0]  # the strongest idea, in the main place
    assert max(b - a for a, b in pairwise(moments)) < timedelta(days=6)


def test_a_place_without_room_says_so() -> None:
    slots = {1: [NOW + timedelta(days=3)]}
    found = lay_out([Wish(0, 0, 1), Wish(1, 1, 1)], Ground([1], ZONES, slots), since=NOW)
    assert found == {0: NOW + timedelta(days=3), 1: None}

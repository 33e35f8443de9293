"""Shares with their ranges: Wilson's worked figures, honest at the ends; waits that are not over."""

from random import Random

import pytest

from niva.numbers.ratios import differ, share, waiting


def test_wilson_by_its_worked_figures():
    # 10 of 100 at 95 %: 0.0552 to 0.1744 (the usual example of textbooks, 1.96).
    found = share(10, 100, z=1.959964)
    assert found is not None
    assert found.low == pytest.approx(0.0552, abs=5e-5)
    assert found.high == pytest.approx(0.1744, abs=5e-5)


def test_few_cases_are_never_sure():
    none, all_of_three = share(0, 3), share(3, 3)
    assert none is not None
    assert none.low == 0
    assert none.high > 0.3
    assert all_of_three is not None
    assert all_of_three.low < 0.7
    assert all_of_three.high == pytest.approx(1)


@pytest.mark.parametrize(("top", "bottom"), [(None, 5), (5, None), (0, 0), (6, 5), (-1, 5)])
def test_no_part_of_a_whole_is_no_share(top, bottom):
    assert share(top, bottom) is None


def test_eight_ranges_of_ten_hold_the_truth():
    random, inside, tries = Random(7), 0, 2000
    for _ in range(tries):
        found = share(sum(random.random() < 0.12 for _ in range(60)), 60)
        assert found is not None
        inside += found.low <= 0.12 <= found.high
    assert 0.76 < inside / tries < 0.88


def test_only_what_chance_does_not_make_is_a_difference():
    assert differ(share(10, 100), share(30, 100)) == -1
    assert differ(share(30, 100), share(10, 100)) == 1
    assert differ(share(3, 10), share(4, 10)) == 0
    assert differ(share(0, 10), share(0, 10)) == 0
    assert differ(None, share(1, 10)) == 0


def test_chance_alone_is_called_a_difference_once_in_twenty():
    random, called, tries = Random(3), 0, 2000
    for _ in range(tries):
        one, other = (share(sum(random.random() < 0.2 for _ in range(150)), 150) for _ in "ab")
        called += differ(one, other) != 0
    assert called / tries < 0.065


def test_who_still_waits_is_counted_fairly():
    assert waiting([1, 2, 3], [], 0.5) is not None
    found = waiting([1, 2, 3], [], 0.5)
    assert found is not None
    assert (found.value, found.at_least) == (2, False)
    late = waiting([1, 2], [5, 6, 7], 0.9)
    assert late is not None
    assert (late.value, late.at_least) == (7, True)
    young = waiting([4, 5, 6], [0.1], 0.5)  # who has just come tells nothing of how long answers take
    assert young is not None
    assert (young.value, young.at_least) == (5, False)
    # Worked by hand: 1 of 5 answered at 2 (0.8), one leaves at 3, 1 of 3 at 4 (0.533), 1 of 2 at 5 (0.267).
    both = waiting([2, 4, 5], [3, 9], 0.7)
    assert both is not None
    assert (both.value, both.at_least) == (5, False)
    assert waiting([], [], 0.5) is None

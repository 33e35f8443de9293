"""What a client may write himself, and what goes back to those who answer for it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niva.domains.publishing.small_edit import changed, most, refused

LONG = "Берём рёбра от поросят семи месяцев: жира ровно столько, сколько нужно. " * 5


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (LONG, LONG.replace("ровно", "точно", 1), None),
        ("Мясо по 400 ₽", "Мясо по 450 ₽", "figures"),
        ("Пишите на a@b.example", "Пишите на c@b.example", "links"),
        ("Смотрите https://a.example/x", "Смотрите https://a.example/y", "links"),
        ("Скидка #лугов", "Скидка #лугово", "tags"),
        ("Спросите @kuzma", "Спросите @kuzmin", "tags"),
        ("Привет", "Здравствуйте, дорогие наши соседи и все", "too_much"),
        ("Привет", "  ", "empty"),
        (LONG, LONG.upper(), "too_much"),
        ("а" * 30_000, "а" * 30_000 + "б", "too_long"),
    ],
)
def test_the_border_of_a_small_edit(before, after, why):
    assert refused(before, after) == why


words = st.text(alphabet="абвгд еж\n", min_size=1, max_size=120)


@settings(max_examples=150, deadline=None)
@given(words, words)
def test_the_count_never_flatters(before, after):
    count = changed(before, after)
    assert (count == 0) == (before == after)
    assert count >= abs(len(before) - len(after))
    assert count <= len(before) + len(after)


@settings(max_examples=100, deadline=None)
@given(words, st.integers(0, 119), st.sampled_from("абв"))
def test_one_letter_is_always_small(before, at, letter):
    place = min(at, len(before) - 1)
    after = before[:place] + letter + before[place + 1 :]
    assert changed(before, after) <= 1 <= most(before)
    assert refused(before, after) in (None, "empty")

"""What a client may write himself, and what goes back to those who answer for it."""

import time

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
        ("Пишите на example.ru сегодня", "Пишите на example.com сегодня", "links"),
        ("Мы тут: t.me/lugi", "Мы тут: t.me/lugy", "links"),
        ("Привет соседям", "Привет lugi.ru", "links"),
        ("[Мы](tg://resolve?domain=lug)", "[Мы](tg://resolve?domain=lugi)", "links"),
        ("[Мы](/price) тут", "[Мы](/prices) тут", "links"),
        ("[lugi|Луга] ждут", "[lugu|Луга] ждут", "links"),
        ("Смотрите https://a.example/x", "Смотрите https://a.example/x.", None),
        ("Смотрите https://a.example сегодня", "Смотрите https://a.example, сегодня", None),
        ("Ждём.Приходите", "Ждём. Приходите", None),
        ("Ваш @kuzma. Ждём", "Ваш @kuzma, ждём", None),
        ("Мясо по 400 ₽", "Мясо по 400 $", "figures"),
        ("Скидка 10%", "Скидка 10‰", "figures"),
        ("½ литра", "¼ литра", "figures"),
        ("5 м² луга", "5 м³ луга", "figures"),
        ("Век Ⅷ", "Век Ⅸ", "figures"),
        ("№ ٣ в ряду", "№ ٤ в ряду", "figures"),
        ("Ночью -10 градусов", "Ночью 10 градусов", "figures"),
        ("👨‍👩‍👧 ждут", "👨‍👩‍👦 ждут", None),
        ("а" * 30_000, "а" * 30_000 + "б", "too_long"),
    ],
)
def test_the_border_of_a_small_edit(before, after, why):
    assert refused(before, after) == why


def plain(before: str, after: str) -> int:
    """The table of Levenshtein as it stands in textbooks."""
    row = list(range(len(after) + 1))
    for i, a in enumerate(before, 1):
        old, row = row, [i]
        for j, b in enumerate(after, 1):
            row.append(min(old[j] + 1, row[-1] + 1, old[j - 1] + (a != b)))
    return row[-1]


def test_the_longest_texts_hold_nobody_up():
    """One letter over and over is the worst for a search of likeness; a press holds the post meanwhile."""
    began = time.process_time()
    assert refused("а" * 19_000, "б" + "а" * 19_000 + "б") is None
    assert refused("рёбра и сало " * 1500, "сало и рёбра " * 1500) == "too_much"
    assert refused("a." * 9_000 + "x", "a." * 9_000 + "y") is None
    assert time.process_time() - began < 5


words = st.text(alphabet="абвгд еж\n", min_size=1, max_size=120)


@settings(max_examples=150, deadline=None)
@given(words, words)
def test_the_count_never_flatters(before, after):
    count = changed(before, after)
    assert (count == 0) == (before == after)
    assert count >= abs(len(before) - len(after))
    assert count == plain(before, after)


@settings(max_examples=100, deadline=None)
@given(words, st.integers(0, 119), st.sampled_from("абв"))
def test_one_letter_is_always_small(before, at, letter):
    place = min(at, len(before) - 1)
    after = before[:place] + letter + before[place + 1 :]
    assert changed(before, after) <= 1 <= most(before)
    assert refused(before, after) in (None, "empty")

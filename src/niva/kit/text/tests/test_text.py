"""Typography: what it sets, what it never touches, and that doing it twice is doing it once."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niva.kit.text import initials, money, number, percent, plain, span, typo

SENTENCES = st.text(
    alphabet=st.sampled_from(list("аяивсмЯВ abz0123456789№§%().,;:!?-–—«»„“₽<>/\"'\u00a0\u202f\n")),
    max_size=60,
)
LETTERS = st.text(max_size=80)


def letters_of(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


@given(SENTENCES | LETTERS)
def test_letters_and_digits_stay(text: str) -> None:
    assert letters_of(typo(text)) == letters_of(text)
    assert len(typo(text).split("\n")) == len(text.split("\n"))


@given(SENTENCES | LETTERS)
def test_twice_is_once(text: str) -> None:
    once = typo(text)
    assert typo(once) == once


@given(SENTENCES)
def test_other_languages_are_left_alone(text: str) -> None:
    assert typo(text, "en") == text


@pytest.mark.parametrize(
    ("given_", "set_"),
    [
        ("Войти в VK", "Войти в·VK"),
        ("и в саду", "и·в·саду"),
        ("Посты — план", "Посты·— план"),
        ("Посты - план", "Посты·— план"),
        ("17 ноября", "17·ноября"),
        ("№ 9", "№·9"),
        ("№9", "№·9"),
        ("2 МБ", "2·МБ"),
        ("38 600 ₽", "38_600_₽"),
        ("1 234 567", "1_234_567"),
        ("29-38", "29–38"),
        ("на -5", "на −5"),
        ("%(count)s строк", "%(count)s·строк"),
        ("в %(month)s", "в·%(month)s"),
    ],
)
def test_rules(given_: str, set_: str) -> None:
    assert typo(given_) == set_.replace("·", "\u00a0").replace("_", "\u202f")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-17",
        "555-35-35",
        "COVID-19",
        "30-му",
        "по-русски",
        '<a href="/a b/-5 ч">ч</a>',
        "в 2024 500",
        "v1.2-3",
    ],
)
def test_left_as_it_is(text: str) -> None:
    assert typo(text).replace("\u00a0", " ") == text


def test_plain_undoes_the_spaces() -> None:
    assert plain(typo("Войти в VK: −5 и 38 600 ₽")) == "Войти в VK: -5 и 38 600 ₽"


@pytest.mark.parametrize(
    ("value", "ru", "en"),
    [
        (1240, "1_240", "1,240"),
        (-12.5, "−12,5", "−12.5"),
        (0, "0", "0"),
        (Decimal("2.400"), "2,4", "2.4"),
        (0.005, "0,01", "0.01"),
        (1e15, "1_000_000_000_000_000", "1,000,000,000,000,000"),
        (None, "—", "—"),
    ],
)
def test_numbers(value: float | None, ru: str, en: str) -> None:
    assert number(value, "ru") == ru.replace("_", "\u202f")
    assert number(value, "en") == en


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_a_whole_number_reads_back(value: int) -> None:
    assert int(plain(number(value, "ru")).replace(" ", "")) == value
    assert int(plain(number(value, "en")).replace(",", "")) == value


def test_money_percent_span() -> None:
    assert money(38600) == "38\u202f600\u202f₽"
    assert money(Decimal("1240.50"), "RUB", "en") == "₽1,240.50"
    assert money(-5, "USD", "en") == "−$5"
    assert money(7, "SEK") == "7\u00a0SEK"
    assert money(None) == "—"
    assert percent(0.125, "ru", 1) == "12,5\u00a0%"
    assert percent(0.5, "en") == "50%"
    assert span(29, 38) == "29–38"
    assert span(3, 3) == "3"


def test_initials() -> None:
    assert [initials(name) for name in ("Сытый хутор", "Библиотека № 9", "Хвостоград", "★", "")] == [
        "СХ",
        "Б9",
        "ХВ",
        "?",
        "?",
    ]

"""Stems of one word that the stemmer leaves apart."""

from __future__ import annotations

import pytest

from niva.kit.text.fleeting import forms


@pytest.mark.parametrize(
    ("stem", "other"),
    [
        ("ребрышек", "ребрышк"),
        ("ребрышк", "ребрышек"),
        ("цветок", "цветк"),
        ("огурц", "огурец"),
        ("деньг", "денег"),
        ("денег", "деньг"),
        ("копейк", "копеек"),
        ("копеек", "копейк"),
    ],
)
def test_both_ways(stem: str, other: str) -> None:
    assert forms(stem)[0] == stem
    assert other in forms(stem)


@pytest.mark.parametrize("stem", ["post", "мяс", "2026", "колбас", "сад"])
def test_what_has_no_such_vowel_stays_alone(stem: str) -> None:
    assert forms(stem) == [stem]

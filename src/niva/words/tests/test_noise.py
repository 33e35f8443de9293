"""The sentence of a difference, in both languages."""

from __future__ import annotations

import numpy as np
import pytest
from django.utils import translation

from niva.kit.text import plain
from niva.numbers.spread import Difference, Verdict, between_groups
from niva.words import noise


def _difference(verdict: Verdict, low: float, high: float) -> Difference:
    return Difference(verdict, (low * high) ** 0.5, low, high, 1.18, 0.3, (20, 20), 0)


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (Verdict.NOISE, "до 18 %"),
        (Verdict.LEANING, "от +12 до +31 %"),
        (Verdict.REAL, "от +12 до +31 %"),
    ],
)
def test_each_verdict_has_its_sentence_in_russian(verdict, said):
    with translation.override("ru"):
        assert said in plain(noise.sentence(_difference(verdict, 1.12, 1.31), "ru"))


def test_large_factors_are_told_in_times_and_losses_with_their_sign():
    with translation.override("ru"):
        assert plain(noise.between(3.1, 5.0, "ru")) == "в 3,1–5 раз"
        assert plain(noise.more(1.12, 1.31, "ru")) == "на 12–31 % больше"
        assert plain(noise.more(0.7, 0.9, "ru")) == "на 10–30 % меньше"
        assert plain(noise.more(0.9, 1.1, "ru")) == "от -10 до +10 %"
        assert plain(noise.between(0.7, 0.9, "ru")) == "от -30 до -10 %"


def test_too_little_is_said():
    few = np.arange(3.0)
    with translation.override("ru"):
        assert "мало" in noise.sentence(between_groups(few, few), "ru").lower()

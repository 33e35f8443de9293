"""Texts that say the same: letters count, dress does not."""

import pytest

from niva.kit.text.likeness import ALIKE, alike, likeness, mark, words_of

TEXT = (
    "Сварили сыр из утреннего молока: головки по восемьсот граммов, привезём в субботу к девяти. "
    "Заказать можно здесь: https://zarya.example/cheese?utm_source=vk&utm_medium=post"
)


@pytest.mark.parametrize(
    "other",
    [
        TEXT.upper(),
        TEXT.replace("утреннего", "утреннего 🧀,"),
        TEXT.replace("привезём", "привезем"),
        TEXT.replace("utm_source=vk&utm_medium=post", "utm_source=telegram&fbclid=1"),
        TEXT.replace("?utm_source=vk&utm_medium=post", ""),
        TEXT.replace(". ", "\n\n"),
    ],
)
def test_dress_makes_no_other_text(other):
    assert mark(other) == mark(TEXT) != ""
    assert likeness(TEXT, other) == 1.0


def test_a_changed_word_is_near_a_changed_half_is_not():
    near = TEXT.replace("субботу", "пятницу")
    assert mark(near) != mark(TEXT)
    assert ALIKE <= likeness(TEXT, near) < 1.0
    words = TEXT.split()
    far = " ".join([*words[: len(words) // 2], "совсем о другом и другими словами сказано тут"])
    assert not alike(TEXT, far)


def test_another_page_behind_the_link_is_another_text():
    assert mark(TEXT) != mark(TEXT.replace("/cheese", "/milk"))
    assert mark(TEXT) != mark(TEXT.replace("?utm_source=vk", "?page=2"))


def test_without_words_nothing_is_alike():
    assert mark("🧀🧀 !!! ...") == ""
    assert likeness("", "") == likeness("🧀", "🧀") == 0.0
    assert words_of("http://[bad") == ["http", "bad"]


def test_short_texts_are_alike_only_as_a_whole():
    assert alike("Доброе утро!", "доброе утро")
    assert not alike("Доброе утро", "Доброе утро всем")

"""Length as a server counts it, and its HTML as text again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niva.networks.mastodon import NETWORK
from niva.networks.mastodon.tests.entities import to_html
from niva.networks.mastodon.text import comparable, counter, from_html


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Нива", 4),
        ("👨‍👩‍👧 и 🇷🇺", 5),
        ("https://example.org/" + "x" * 200, 23),
        ("http://a.ru", 23),
        ("см. https://example.org/a.", 4 + 23 + 1),
        ("(https://example.org)", 25),
        ("@alice@mastodon.example привет", len("@alice привет")),
        ("@alice и bob@example.org", len("@alice и bob@example.org")),
        ("без схемы example.org/abc", len("без схемы example.org/abc")),
    ],
)
def test_length(text: str, count: int):
    assert NETWORK.length(text) == count


def test_length_of_links_is_the_servers_own():
    assert counter(30)("https://example.org") == 30


@pytest.mark.parametrize(
    "text",
    [
        "Строка\nвторая\n\nабзац",
        'A & B <честно> "кавычки"',
        "https://example.org/очень/длинный/путь/к/странице?a=1&b=2 и ещё",
        "привет, @alice@mastodon.example и @bob",
        "@@a@a",
        "@a@b@c и .@d@e",
        "",
    ],
)
def test_html_comes_back_as_text(text: str):
    assert comparable(from_html(to_html(text))) == comparable(text)


@given(st.text(st.sampled_from("aя🌾 .,<>&\n#@"), max_size=60))
def test_comparable_survives_the_way_through_html(text: str):
    tidy = "\n\n".join(part.strip("\n") for part in text.split("\n\n") if part.strip())
    assert comparable(from_html(to_html(tidy))).split() == comparable(tidy).split()

"""Characters as X weighs them; the cases of the published library where it decides."""

from __future__ import annotations

import pytest

from niva.networks.x.text import as_written, comparable, length, links


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("a" * 280, 280),
        ("я" * 280, 280),
        ("漢字", 4),
        ("カ", 2),
        ("“quoted” — dash…", 16),  # general punctuation up to U+201F weighs 1, … (U+2026) 2, see next
        ("…", 2),
        ("e\u0301", 1),  # composed first: é
        ("🌾", 2),
        ("👩‍👩‍👧‍👦", 2),  # a family is one emoji
        ("👍🏽", 2),
        ("🇷🇺", 2),
        ("1️⃣", 2),
        ("©", 1),
        ("https://example.org/" + "x" * 99, 23),
        ("http://a.ru", 23),
        ("мёд https://honey.example.", 4 + 23 + 1),
        ("example.com", 23),
        ("example.com/path?x=1 y", 25),
        ("niva.ru", 7),  # a country's letters alone are no link
        ("niva.ru/x", 23),
        ("www.niva.ru", 23),
        ("t.co", 23),
        ("т.е. и т.д.", 11),
        ("file.txt", 8),
        ("me@example.com", 14),
    ],
)
def test_weights(text: str, weight: int):
    if text.startswith("“"):
        weight = sum(2 if sign == "…" else 1 for sign in text)
    assert length(text) == weight


def test_punctuation_of_the_sentence_is_no_part_of_a_link():
    text = "(см. https://a.example/b), и ещё"
    assert [text[start:end] for start, end in links(text)] == ["https://a.example/b"]


def test_what_x_does_to_a_text_is_undone():
    told = {
        "text": "A &amp; B &lt;c&gt; https://t.co/1 https://t.co/2",
        "entities": {
            "urls": [
                {
                    "url": "https://t.co/1",
                    "expanded_url": "https://honey.example",
                    "display_url": "honey.example",
                },
                {
                    "url": "https://t.co/2",
                    "expanded_url": "https://x.com/n/status/1/photo/1",
                    "media_key": "3_1",
                },
            ]
        },
    }
    assert as_written(told) == "A & B <c> https://honey.example"
    for name in ("note_post", "note_tweet"):
        assert as_written({"text": "short…", name: {"text": "the whole"}}) == "the whole"
    assert comparable(" a \n b  c") == comparable("a\nb c ")
    assert as_written({}) == ""

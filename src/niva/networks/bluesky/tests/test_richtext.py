"""Facets point into UTF-8 bytes; every slice must read as what it marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niva.networks.bluesky.richtext import facets, handles, length


def slices(text: str, dids: dict[str, str] | None = None) -> list[tuple[str, dict]]:
    raw = text.encode()
    return [
        (raw[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode(), one["features"][0])
        for one in facets(text, dids or {})
    ]


def test_link_after_cyrillic_and_emoji():
    text = "Жатва 🌾👨‍👩‍👧: https://example.org/жатва?a=1&b=2."
    assert slices(text) == [
        (
            "https://example.org/жатва?a=1&b=2",
            {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/жатва?a=1&b=2"},
        )
    ]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("(см. https://example.org/a)", "https://example.org/a"),
        ("https://ru.wikipedia.org/wiki/Рожь_(значения)", "https://ru.wikipedia.org/wiki/Рожь_(значения)"),
        ("«https://example.org/a»", "https://example.org/a"),
        ("https://example.org/a, и ещё", "https://example.org/a"),
        ("HTTPS://EXAMPLE.ORG!", "HTTPS://EXAMPLE.ORG"),
    ],
)
def test_link_ends_where_the_sentence_goes_on(text: str, address: str):
    assert [piece for piece, _ in slices(text)] == [address]


@pytest.mark.parametrize("text", ["https://", "отчёт.за.год", "mailto:a@example.org", "xhttps://example.org"])
def test_no_link(text: str):
    assert slices(text) == []


def test_tags_in_any_script():
    text = "#урожай2026 и #rye, но не #2026 и не a#b"
    assert [(piece, feature["tag"]) for piece, feature in slices(text)] == [
        ("#урожай2026", "урожай2026"),
        ("#rye", "rye"),
    ]


def test_tag_of_65_graphemes_is_plain_text():
    assert len(facets("#" + "я" * 64, {})) == 1
    assert facets("#" + "я" * 65, {}) == []


def test_fragment_of_an_address_is_no_tag():
    assert [feature["$type"] for _, feature in slices("https://example.org/ #a")] == [
        "app.bsky.richtext.facet#link",
        "app.bsky.richtext.facet#tag",
    ]
    assert len(slices("https://example.org/x(#a)")) == 1


def test_mention_only_with_an_account_behind_it():
    text = "Спасибо, @Alice.test и @nobody.test; почта bob@example.org"
    assert handles(text) == ["alice.test", "nobody.test"]
    assert slices(text, {"alice.test": "did:plc:1"}) == [
        ("@Alice.test", {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:1"})
    ]


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("Нива", 4), ("👨‍👩‍👧", 1), ("🇷🇺", 1), ("e\u0301", 1), ("a\r\nb", 3)]
)
def test_length_in_graphemes(text: str, count: int):
    assert length(text) == count


@given(
    st.text(st.sampled_from("aя🌾 .,#@:/()h\n\u0301") | st.characters(exclude_categories=["Cs"]), max_size=80)
)
def test_slices_never_overlap_nor_split_a_character(text: str):
    end = 0
    for one in facets(text + " https://example.org #tag", {}):
        index = one["index"]
        assert end <= index["byteStart"] < index["byteEnd"]
        (text + " https://example.org #tag").encode()[index["byteStart"] : index["byteEnd"]].decode()
        end = index["byteEnd"]

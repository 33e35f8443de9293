"""The cut of a long text: every piece fits, nothing is lost, and it breaks where one draws breath."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niva.kit.text.split import split


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("text", "most", "pieces"),
    [
        ("Коротко.", 20, ["Коротко."]),
        ("Первое дело. Второе дело. Третье.", 26, ["Первое дело. Второе дело.", "Третье."]),
        ("Абзац один. Ещё слово.\n\nАбзац два.", 30, ["Абзац один. Ещё слово.", "Абзац два."]),
        ("Он спросил: «Когда?» Никто не знал.", 24, ["Он спросил: «Когда?»", "Никто не знал."]),
        ("Роман А. С. Пушкина читают все, т. е. я.", 34, ["Роман А. С. Пушкина читают все,", "т. е. я."]),
        ("Просто слова без единой точки вовсе", 14, ["Просто слова", "без единой", "точки вовсе"]),
        ("а" * 25, 10, ["а" * 10, "а" * 10, "а" * 5]),
        (" \n ", 5, []),
    ],
)  # fmt: skip
def test_where_it_is_cut(text, most, pieces):
    assert split(text, most, len) == pieces


def test_a_weak_place_wins_over_a_piece_that_is_almost_empty():
    text = "Да. " + "очень длинное предложение без запятых " * 3
    first = split(text, 60, len)[0]
    assert len(first) > 30, "not the two letters before the first dot"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="аб .!?,\n»🌾é", max_size=300), st.integers(2, 60))
def test_every_piece_fits_and_no_letter_is_lost(text, most):
    pieces = split(text, most, utf16)
    assert all(piece.strip() == piece and piece and utf16(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_no_limit_no_text():
    with pytest.raises(ValueError, match="0"):
        split("текст", 0, len)

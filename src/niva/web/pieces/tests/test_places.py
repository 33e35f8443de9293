"""A text cut into runs: whatever stretches lie on it, nothing of the text is lost or moved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from niva.kit.text.anchor import Stretch
from niva.web.pieces.places import runs


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[tuple[int, Stretch]]]:
    text = draw(st.text("абв \n😀", max_size=30))
    place = st.integers(-1, 32)
    return text, [(n, Stretch(draw(place), draw(place))) for n in range(draw(st.integers(0, 4)))]


@given(marked())
def test_runs_are_the_text_and_each_stretch_is_where_it_was(case):
    text, stretches = case
    found = runs(text, stretches)
    assert "".join(run.text for run in found) == text
    for key, stretch in stretches:
        on = "".join(run.text for run in found if key in run.on)
        within = 0 <= stretch.start < stretch.end <= len(text)
        assert on == (text[stretch.start : stretch.end] if within else "")
        assert sum(key in run.first for run in found) == within

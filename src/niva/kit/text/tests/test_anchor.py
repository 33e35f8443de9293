"""A marked stretch survives edits around it, and is never found where it was not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niva.kit.text.anchor import Stretch, anchored, found

# Few letters make repetitions likely; what is typed later is of other letters, so it cannot make a twin.
OLD = st.text("ab \n", min_size=1, max_size=60)
NEW = st.text("xyz", max_size=5)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, int, int, str, list[int | None]]:
    """A text, a stretch of it, the text after some edits, and where each old letter stands in it now."""
    text = draw(OLD)
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    letters: list[tuple[str, int | None]] = [(one, n) for n, one in enumerate(text)]
    for _ in range(draw(st.integers(0, 3))):
        first = draw(st.integers(0, len(letters)))
        last = draw(st.integers(first, min(len(letters), first + 6)))
        # A mark where something was cut out: letters that were apart must not grow together into a twin.
        letters[first:last] = [(one, None) for one in "·" + draw(NEW)]
    now: list[int | None] = [None] * len(text)
    for place, (_letter, old) in enumerate(letters):
        if old is not None:
            now[old] = place
    return text, start, end, "".join(one for one, _old in letters), now


@given(edited())
def test_a_stretch_is_found_only_where_its_own_letters_stand(case):
    text, start, end, after, now = case
    place = found(after, anchored(text, start, end))
    if place is not None:
        assert after[place.start : place.end] == text[start:end]
        assert [*range(place.start, place.end)] == now[start:end]


@given(edited())
def test_what_stands_alone_is_found_whatever_happens_elsewhere(case):
    text, start, end, after, now = case
    kept = anchored(text, start, end)
    first, last = start - len(kept["before"]), end + len(kept["after"])
    window = now[first:last]
    whole = window[0] is not None and window == [*range(window[0], window[0] + len(window))]
    if kept["alone"] and whole:
        assert found(after, kept) == Stretch(now[start], now[end - 1] + 1)


def test_a_twin_is_not_taken_for_the_one_that_is_gone():
    text = "Цена выросла. Потом цена упала, и снова цена упала."
    second = text.rindex("цена упала")
    kept = anchored(text, second, second + len("цена упала"))
    assert found(text.replace(", и снова цена упала", ""), kept) is None
    assert found("Итак. " + text, kept) == Stretch(second + 6, second + 16)


def test_the_same_word_all_over_is_known_only_while_nothing_has_changed():
    text = "да " * 400
    kept = anchored(text, 600, 602)
    assert found(text, kept) == Stretch(600, 602)
    assert found("Нет. " + text, kept) is None


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 1), (0, 6)])
def test_a_stretch_outside_of_the_text_is_refused(start, end):
    with pytest.raises(ValueError, match="no stretch"):
        anchored("пять!", start, end)

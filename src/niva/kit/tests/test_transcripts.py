"""Transcripts: what is understood of good, bad and hostile files."""

from __future__ import annotations

import itertools
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niva.kit import transcripts
from niva.kit.transcripts import Cue, read

SRT = """1
00:00:01,000 --> 00:00:03,500
Анна: Почему мясо сохнет?

2
00:00:03,500 --> 00:00:07,000
Борис: Потому что его <i>режут</i> сразу.

3
100:00:00,000 --> 100:00:02,000
Анна: Понятно.
"""


def codes(data: str | bytes) -> list[tuple[int, str, bool]]:
    found = read(data.encode() if isinstance(data, str) else data)
    return [(note.line, note.code, note.kept) for note in found.notes]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_srt_is_read_in_every_usual_form(encoding: str, end: str) -> None:
    found = read(SRT.replace("\n", end).encode(encoding))
    assert found.kind == "srt" and not found.notes and found.timed
    assert found.cues[:2] == (
        Cue(1000, 3500, "Почему мясо сохнет?", "Анна"),
        Cue(3500, 7000, "Борис: Потому что его режут сразу.", ""),
    )
    assert found.cues[2].start == 360_000_000


def test_webvtt_keeps_speakers_and_passes_over_notes_and_styles() -> None:
    found = read(
        b"WEBVTT Kind: captions\n\nNOTE a remark\nof two lines\n\nSTYLE\n::cue {}\n\n"
        b"intro\n00:01.000 --> 00:02.500 align:start\n<v.loud Anna>Fish &amp; chips</v>\n"
    )
    assert found.kind == "vtt"
    assert found.cues == (Cue(1000, 2500, "Fish & chips", "Anna"),)
    assert not found.notes


def test_every_oddity_is_told_with_its_line() -> None:
    text = (
        "words before any time\n\n"
        "00:00:61,000 --> 00:01:05,000\nbad seconds\n\n"
        "00:00:09,000 --> 00:00:08,000\nbackwards\n\n"
        "-00:00:02,000 --> 00:00:04,000\nnegative\n\n"
        "00:00:10,000 --> 00:00:30,000\noverlaps\n"
        "00:00:20,000 --> 00:00:22,000\nnext without an empty line\n\n"
        "00:00:40,000 --> 00:00:41,000\n\n"
    )
    assert codes(text) == [
        (1, "no_time", False),
        (3, "bad_time", False),
        (6, "backwards", True),
        (9, "negative", True),
        (9, "unordered", True),
        (12, "overlap", True),
        (17, "empty", False),
    ]
    starts = [(cue.start, cue.end, cue.text) for cue in read(text.encode()).cues]
    assert starts[0] == (0, 4000, "negative")
    assert starts[2] == (10_000, 20_000, "overlaps")


def test_missing_numbers_and_a_number_that_was_said() -> None:
    found = read(b"00:00:01,0 --> 00:00:02,0\n42\n7\n\n2\n00:00:03,0 --> 00:00:04,0\nyes\n")
    assert [cue.text for cue in found.cues] == ["42 7", "yes"]


@pytest.mark.parametrize(
    "text",
    ["[00:05] Hello\n[01:10] there", "0:05\nHello\n1:10\nthere", "Anna 0:05\nHello\nBob 1:10\nthere"],
)
def test_plain_text_with_moments(text: str) -> None:
    found = read(text.encode())
    assert [(cue.start, cue.text) for cue in found.cues] == [(5000, "Hello"), (70_000, "there")]
    assert found.kind == "txt" and found.timed


def test_plain_text_without_moments_is_spread_over_the_recording() -> None:
    found = read("Раз два три.\nЧетыре.".encode())
    assert not found.timed
    spread = transcripts.spread(found.cues, 60_000)
    assert spread[0].start == 0 and spread[0].end == spread[1].start and spread[1].end == 60_000


def test_a_name_that_comes_once_is_only_words() -> None:
    assert read(b"00:01 --> 00:02\nNote: it is hot\n").cues[0].text == "Note: it is hot"


@given(st.binary(max_size=600))
def test_no_bytes_break_it(data: bytes) -> None:
    _sound(data)


LINES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["", "1", "WEBVTT", "NOTE", "-->", "00:00:01,000 --> 00:00:02,000", "0:5 --> x", "<v A>b"]
    ),
    st.builds(
        lambda *n: f"{n[0]:02}:{n[1]:02}:{n[2]:02},{n[3]} --> {n[4]:02}:{n[5]:02}:{n[6]:02}.{n[3]}",
        *[st.integers(-5, 120)] * 7,
    ),
)


@given(st.lists(LINES, max_size=25), st.sampled_from(["utf-8", "utf-16", "cp1251"]))
def test_no_mixture_of_lines_breaks_it(lines: list[str], encoding: str) -> None:
    _sound("\n".join(lines).encode(encoding, "replace"))


def _sound(data: bytes) -> None:
    found = read(data)
    for cue in found.cues:
        assert cue.text and cue.text == " ".join(cue.text.split())
        assert 0 <= cue.start <= transcripts.LONGEST
        assert cue.end > cue.start or not found.timed
    assert [cue.start for cue in found.cues] == sorted(cue.start for cue in found.cues)
    again = read(transcripts.as_srt(found.cues).encode()) if found.timed else found
    assert [cue.start for cue in again.cues] == [cue.start for cue in found.cues]
    for note in found.notes:
        assert 0 <= note.line <= data.count(b"\n") + data.count(b"\r") + 1


@given(
    st.lists(
        st.tuples(st.integers(1, 8000), st.integers(0, 3000), st.sampled_from(["a.", "b?"])), max_size=60
    )
)
def test_proposed_parts_are_all_of_it_in_order(steps: list[tuple[int, int, str]]) -> None:
    cues, at = [], 0
    for length, pause, text in steps:
        cues.append(Cue(at, at + length, text))
        at += length + pause
    parts = transcripts.propose(cues)
    assert [n for part in parts for n in range(part.first, part.last + 1)] == list(range(len(cues)))
    assert all(part.end - part.start <= transcripts.MOST for part in parts)


def test_a_question_after_half_a_minute_begins_a_part() -> None:
    cues = [Cue(n * 5000, n * 5000 + 5000, "И так." if n != 6 else "А почему?") for n in range(12)]
    assert [part.first for part in transcripts.propose(cues)] == [0, 6]


@given(st.integers(0, transcripts.LONGEST))
def test_a_moment_that_was_written_is_read_again(ms: int) -> None:
    assert transcripts.moment(transcripts.exactly(ms)) == ms


@pytest.mark.parametrize(
    "data",
    [
        b"a" + b" " * 300_000 + b"b",  # took hours: every way to share the blanks out was tried
        b"0:00" + b" " * 300_000 + b"b\n",
        b"a" + b"," * 300_000 + b"b",
        b"0:00 a\n" + b"b\n" * 50_000,
        b"0:00 --> 0:01\n" + b"<v " * 100_000,
    ],
)
def test_no_line_keeps_the_desk_busy(data: bytes) -> None:
    began = process_time()
    transcripts.read(data)
    assert process_time() - began < 2


def test_more_lines_than_are_kept_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcripts, "MOST_CUES", 50)
    monkeypatch.setattr(transcripts, "MOST_READ", 100)
    found = transcripts.read(b"b\n" * 110)
    assert len(found.cues) == 50
    assert "too_many" in {note.code for note in found.notes}


def test_a_paragraph_longer_than_a_cue_becomes_several() -> None:
    found = transcripts.read(b"word " * 1000)
    cues = transcripts.spread(found.cues, 60_000)
    assert [len(cue.text) <= transcripts.LONGEST_TEXT for cue in cues] == [True] * 3
    assert " ".join(cue.text for cue in cues) == ("word " * 1000).strip()
    assert cues[0].start == 0 and all(a.end <= b.start for a, b in itertools.pairwise(cues))

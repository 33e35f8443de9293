"""Transcripts as people bring them: SRT, WebVTT and plain text with or without time codes.

Nothing here raises, whatever the bytes are: what was understood comes as cues, and what was not comes as
notes, each with the number of its line and whether the line was mended or left out.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

LARGEST: Final = 5 * 1024 * 1024  # bytes that are read; hours of talk take less than one megabyte
MOST_CUES: Final = 50_000
MOST_READ: Final = 2 * MOST_CUES  # lines of speech that are looked at: some of them are no cues
MOST_NOTES: Final = 500
LONGEST_TEXT: Final = 2000  # characters of one cue
LONGEST_LED: Final = 200  # characters of a line that is a name and a moment, and nothing else
LONGEST: Final = 7 * 24 * 3600 * 1000  # milliseconds; a later moment is nonsense
SHORT: Final = 500  # milliseconds that a cue lasts whose end cannot be right
SPEAKING: Final = 15  # characters that are spoken in a second, where only text tells the length

_CODE: Final = r"(-?)\s*(?:(\d{1,6})\s*:\s*)?(\d{1,3})\s*:\s*(\d{1,2})(?:\s*[.,]\s*(\d{1,3}))?"
_ARROW: Final = re.compile(r"\s*-{1,3}\s*>+\s*")
_TIME: Final = re.compile(_CODE)
# "[00:12:03] words", "Anna 0:12", "0:12 - words", or the moment on a line of its own.
_LED: Final = re.compile(rf"^[\[(<\s]*{_CODE}[\])>]*(?:\s*[-–—:|]\s*|\s+|$)(.*)$")
_NAMED: Final = re.compile(rf"^([^\d:\[\]]{{1,60}}?)[\s,|]*[\[(]?{_CODE}[\])]?\s*:?\s*$")
_TAG: Final = re.compile(r"<[^<>\n]{0,200}>|\{\\[^{}\n]{0,100}\}")
_VOICE: Final = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>]{1,80})>", re.IGNORECASE)
_SPEAKER: Final = re.compile(r"^(?:[-–—]\s*)?([^\W\d_][^:!?.,\n]{0,38}[^\s:!?.,]|[^\W\d_]):\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Cue:
    """What was said from `start` to `end`, in milliseconds from the beginning of the recording."""

    start: int
    end: int
    text: str
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What was odd in a line (from 1). `kept`: it was mended; otherwise it is left out.

    `code`: bad_time, negative, backwards, overlap, unordered, no_time, empty, too_long, too_many,
    undecoded, too_large, guessed (times reckoned from the length of the text).
    """

    line: int
    code: str
    kept: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """`kind`: srt, vtt, txt; `timed`: the moments were told, not reckoned; `more`: notes not listed."""

    cues: tuple[Cue, ...]
    notes: tuple[Note, ...]
    kind: str
    encoding: str
    timed: bool
    more: int = 0


@dataclass(slots=True)
class _Raw:
    line: int
    start: int | None
    end: int | None
    text: str
    speaker: str = ""


def read(data: bytes) -> Transcript:
    """Whatever can be understood of the file. Never raises."""
    notes: list[Note] = []
    if len(data) > LARGEST:
        data = data[:LARGEST]
        notes.append(Note(0, "too_large", False))
    text, encoding = _decoded(data, notes)
    # Blanks in a row are one: the patterns below try every way to share them out among themselves, and a
    # line of ten thousand would keep the whole desk busy for minutes.
    text = re.sub(r"[^\S\r\n]{2,}", " ", text.replace("\x00", ""))
    lines = re.split(r"\r\n|\r|\n", text)
    if any(_ARROW.search(line) and _TIME.search(line) for line in lines):
        kind = "vtt" if lines[0].lstrip("\ufeff ").startswith("WEBVTT") else "srt"
        raw = list(islice(_arrowed(lines, notes), MOST_READ))
    else:
        kind = "txt"
        raw = list(islice(_led(lines), MOST_READ))
    timed = any(one.start is not None for one in raw)
    cues = _in_time(raw, notes) if timed else [Cue(0, 0, one.text, one.speaker) for one in raw if one.text]
    if len(cues) > MOST_CUES or len(raw) == MOST_READ:
        notes.append(Note(0, "too_many", False))
        cues = cues[:MOST_CUES]
    shown = sorted(notes, key=lambda note: note.line)[:MOST_NOTES]
    return Transcript(tuple(_spoken(cues)), tuple(shown), kind, encoding, timed, len(notes) - len(shown))


def _decoded(data: bytes, notes: list[Note]) -> tuple[str, str]:
    """Text by its byte order mark, else UTF-8, else the Cyrillic code page of Windows."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return _strictly(data[len(mark) :], name, notes)
    if len(data) > 3 and data[:400].count(0) > len(data[:400]) // 4:
        return _strictly(data, "utf-16-le" if data[1] == 0 or data[0] != 0 else "utf-16-be", notes)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        loose = data.decode("utf-8", "replace")
        if loose.count("\ufffd") * 50 < len(loose):  # a few bad bytes in a text that is UTF-8 otherwise
            notes.append(Note(0, "undecoded", True))
            return loose, "utf-8"
        return _strictly(data, "cp1251", notes)


def _strictly(data: bytes, name: str, notes: list[Note]) -> tuple[str, str]:
    try:
        return data.decode(name), name
    except UnicodeDecodeError:
        notes.append(Note(0, "undecoded", True))
        return data.decode(name, "replace"), name


def moment(text: str) -> int | None:
    """A time code as milliseconds: 1:02:03.4, 62:03, -0:01 (below 0). None where it is none."""
    found = _TIME.fullmatch(text.strip())
    return _value(found.groups()) if found else None


def _value(parts: Sequence[str | None]) -> int | None:
    sign, hours, minutes, seconds, rest = parts[:5]
    if int(seconds or 0) > 59 or (hours is not None and int(minutes or 0) > 59):
        return None
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    value = whole * 1000 + int((rest or "0").ljust(3, "0"))
    return -value if sign else value


def clock(ms: int) -> str:
    """0:07, 12:03, 1:02:03: as people write moments."""
    seconds = max(0, ms) // 1000
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def exactly(ms: int) -> str:
    """As `clock`, with the rest of the second where there is one: 12:03.25."""
    rest = f"{ms % 1000:03}".rstrip("0")
    return f"{clock(ms)}.{rest}" if rest else clock(ms)


def _arrowed(lines: Sequence[str], notes: list[Note]) -> Iterator[_Raw]:
    """Blocks of SRT and WebVTT: a line with an arrow, then text until an empty line or the next arrow."""
    number, passing = 0, False
    while number < len(lines):
        line = lines[number]
        number += 1
        bare = line.strip().lstrip("\ufeff")
        if not bare:
            passing = False
            continue
        arrow = _ARROW.search(line)
        if arrow is None or passing:
            block = bare.split(" ")[0].rstrip(":")
            passing = passing or block in ("NOTE", "STYLE", "REGION", "WEBVTT")
            nexts = lines[number] if number < len(lines) else ""
            if not passing and not bare.isdecimal() and not _ARROW.search(nexts):
                notes.append(Note(number, "no_time", False, bare[:80]))
            continue
        at = number
        said: list[str] = []
        while number < len(lines) and lines[number].strip() and not _starts(lines, number):
            said.append(lines[number])
            number += 1
        begin = _TIME.search(line[: arrow.start()])
        end = _TIME.search(line[arrow.end() :])
        text, speaker = _clean("\n".join(said))
        start = _value(begin.groups()) if begin else None
        if start is None:
            notes.append(Note(at, "bad_time", False, line.strip()[:80]))
            continue
        yield _Raw(at, start, _value(end.groups()) if end else None, text, speaker)


def _starts(lines: Sequence[str], number: int) -> bool:
    """Whether a cue begins here without an empty line before it: its arrow, or its number and the arrow."""
    if _is_arrow(lines[number]):
        return True
    return lines[number].strip().isdecimal() and number + 1 < len(lines) and _is_arrow(lines[number + 1])


def _is_arrow(line: str) -> bool:
    found = _ARROW.search(line)
    return bool(found and _TIME.search(line[: found.start()]))


def _led(lines: Sequence[str]) -> Iterator[_Raw]:
    """Plain text: a moment before the words or above them opens a cue; without any each paragraph is one."""
    open_one: _Raw | None = None
    for number, line in enumerate(lines, 1):
        bare = line.strip().lstrip("\ufeff")
        led = _LED.match(bare)
        named = None if led or len(bare) > LONGEST_LED else _NAMED.match(bare)
        if led or named:
            if open_one is not None:
                yield open_one
            groups = led.groups() if led else named.groups()[1:] if named else ()
            text, speaker = _clean(led.group(6) if led else "")
            speaker = named.group(1).strip() if named else speaker
            open_one = _Raw(number, _value(groups), None, text, speaker)
        elif open_one is not None and open_one.start is not None:
            if len(open_one.text) <= LONGEST_TEXT:  # the rest is cut off anyway
                open_one.text = " ".join(part for part in (open_one.text, _clean(bare)[0]) if part)
        elif bare:
            if open_one is not None:
                yield open_one
            text, speaker = _clean(bare)
            open_one = _Raw(number, None, None, text, speaker)
    if open_one is not None:
        yield open_one


def _clean(text: str) -> tuple[str, str]:
    """(words without marks, the speaker that a mark names)."""
    voice = _VOICE.search(text)
    plain = html.unescape(_TAG.sub("", text))
    plain = "".join(sign for sign in plain if sign.isprintable() or sign in "\n\t ")
    return " ".join(plain.split()), " ".join(voice.group(1).split()) if voice else ""


def _in_time(raw: Sequence[_Raw], notes: list[Note]) -> list[Cue]:
    """Cues in their order, each with an end after its beginning; what was odd is noted."""
    good: list[_Raw] = []
    for one in raw:
        if one.start is None or one.start > LONGEST:
            notes.append(Note(one.line, "no_time" if one.start is None else "bad_time", False, one.text[:80]))
        elif not one.text:
            notes.append(Note(one.line, "empty", False))
        else:
            if one.start < 0:
                notes.append(Note(one.line, "negative", True, one.text[:80]))
                one.start = 0
            if good and one.start < (good[-1].start or 0):
                notes.append(Note(one.line, "unordered", True, one.text[:80]))
            good.append(one)
    good.sort(key=lambda one: one.start or 0)
    found: list[Cue] = []
    for place, one in enumerate(good):
        start = one.start or 0
        following = (good[place + 1].start or 0) if place + 1 < len(good) else None
        found.append(_cue(one, start, following, notes))
    return found


def _cue(one: _Raw, start: int, following: int | None, notes: list[Note]) -> Cue:
    end = one.end
    if end is not None and (end <= start or end > LONGEST):
        notes.append(Note(one.line, "backwards", True, one.text[:80]))
        end = None
    if end is None:
        end = start + max(SHORT, len(one.text) * 1000 // SPEAKING)
        if following is not None and following > start:
            end = min(end, following)
    elif following is not None and following < end and following > start:
        notes.append(Note(one.line, "overlap", True, one.text[:80]))
        end = following
    text = one.text
    if len(text) > LONGEST_TEXT:
        notes.append(Note(one.line, "too_long", True, text[:80]))
        text = text[:LONGEST_TEXT]
    return Cue(start, end, text, one.speaker[:80])


def _spoken(cues: Iterable[Cue]) -> list[Cue]:
    """Names before a colon become speakers, where a name comes more than once; else they are just words."""
    several = list(cues)
    found = [_SPEAKER.match(cue.text) if not cue.speaker else None for cue in several]
    often = Counter(one.group(1) for one in found if one)
    return [
        replace(cue, speaker=one.group(1), text=cue.text[one.end() :])
        if one and often[one.group(1)] > 1
        else cue
        for cue, one in zip(several, found, strict=True)
    ]


def spread(cues: Sequence[Cue], duration: int) -> list[Cue]:
    """Moments for a text that has none, by the share of its letters. `duration`: milliseconds.

    A paragraph of more than LONGEST_TEXT letters becomes several cues.
    """
    parts = [
        replace(cue, text=part.strip())
        for cue in cues
        for at in range(0, len(cue.text), LONGEST_TEXT)
        if (part := cue.text[at : at + LONGEST_TEXT]).strip()
    ][:MOST_CUES]
    whole = sum(len(cue.text) + 1 for cue in parts) or 1
    found, before = [], 0
    for cue in parts:
        after = before + len(cue.text) + 1
        start, end = before * duration // whole, after * duration // whole
        found.append(replace(cue, start=start, end=max(end, start + 1)))
        before = after
    return found


def as_srt(cues: Iterable[Cue]) -> str:
    """The cues as SRT, to take them elsewhere."""
    blocks = []
    for number, cue in enumerate(cues, 1):
        said = f"{cue.speaker}: {cue.text}" if cue.speaker else cue.text
        blocks.append(f"{number}\n{_srt(cue.start)} --> {_srt(cue.end)}\n{said}\n")
    return "\n".join(blocks)


def _srt(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{rest:03}"


@dataclass(frozen=True, slots=True)
class Span:
    """A part that may stand alone: milliseconds, the numbers of its first and last cue."""

    start: int
    end: int
    first: int
    last: int


PAUSE: Final = 1200  # milliseconds of silence that may end a thought
LEAST: Final = 25_000  # milliseconds of a proposed part
MOST: Final = 90_000


def propose(cues: Sequence[Cue]) -> list[Span]:
    """Parts of 25 to 90 seconds that begin after a pause or with a question. A guess by signs, no reading."""
    found: list[Span] = []
    first = 0
    for place in range(1, len(cues) + 1):
        length = cues[place - 1].end - cues[first].start
        if place < len(cues):
            pause = cues[place].start - cues[place - 1].end >= PAUSE
            asks = cues[place].text.rstrip().endswith("?") and not cues[place - 1].text.rstrip().endswith("?")
            too_long = cues[place].end - cues[first].start > MOST
            if not (too_long or (length >= LEAST and (pause or asks))):
                continue
        found.append(Span(cues[first].start, cues[place - 1].end, first, place - 1))
        first = place
    return found

"""Words drawn into frames: two lines at most, white on a dark ground, inside what no player covers."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

LINES: Final = 2
ROOM: Final = 0.80  # of the width: at the right of upright videos players lay their buttons
FOOT: Final = 0.76  # of the height where the lowest line ends: below it players lay the description
SIZE: Final = 1 / 17  # of the width: the height of the letters
_LEAST_SIZE: Final = 14  # pixels below which nobody reads it
_PAGE: Final = 700  # milliseconds that a page stands at least, where its cue lasts that long


@dataclass(frozen=True, slots=True)
class Page:
    """What stands in the picture from `start` to `end`, milliseconds."""

    start: int
    end: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Masks of a page, of one size, to be laid at `left`, `top`: where it is dark, and where it is white."""

    left: int
    top: int
    ground: Image.Image
    letters: Image.Image


class Pen:
    """A typeface in one size. `fonts`: files that together hold all letters, the first that has one draws it.

    Raises OSError for a file that is no font.
    """

    def __init__(self, fonts: Sequence[Path], width: int, height: int) -> None:
        self.width, self.height = width, height
        self.size = max(_LEAST_SIZE, round(min(width, height) * SIZE))
        self._fonts = [_bold(path, self.size) for path in fonts]
        self._missing = [bytes(font.getmask("\uffff")) for font in self._fonts]
        self._font_of = lru_cache(maxsize=4096)(self._find)

    def _find(self, letter: str) -> int | None:
        for place, font in enumerate(self._fonts):
            if letter.isspace() or bytes(font.getmask(letter)) != self._missing[place]:
                return place
        return None

    def share_drawn(self, text: str) -> float:
        """Of the letters of a text, how many there is a shape for; 1.0 for a text without letters."""
        letters = [one for one in unicodedata.normalize("NFC", text) if one.isalpha()]
        return sum(self._font_of(one) is not None for one in letters) / len(letters) if letters else 1.0

    def runs(self, text: str) -> list[tuple[int, str]]:
        """The text as pieces of one font each; letters that no font has are left out."""
        found: list[tuple[int, str]] = []
        for letter in unicodedata.normalize("NFC", text):  # й may come as и and a mark: no font draws that
            place = self._font_of(letter)
            if place is None:
                continue
            if letter.isspace() and found:
                place = found[-1][0]
            if found and found[-1][0] == place:
                found[-1] = (place, found[-1][1] + letter)
            else:
                found.append((place, letter))
        return found

    def length(self, text: str) -> float:
        """Pixels."""
        return sum(self._fonts[place].getlength(piece) for place, piece in self.runs(text))

    def wrapped(self, text: str) -> list[str]:
        """Lines that fit into the room; a word that does not is cut."""
        room = self.width * ROOM
        lines: list[str] = []
        for word in text.split():
            joined = f"{lines[-1]} {word}" if lines else word
            if lines and self.length(joined) <= room:
                lines[-1] = joined
                continue
            while len(word) > 1 and self.length(word) > room:
                cut = max(1, int(len(word) * room / self.length(word)))
                lines.append(word[:cut])
                word = word[cut:]
            lines.append(word)
        return [line for line in lines if self.runs(line.strip())]

    def pages(self, start: int, end: int, text: str) -> list[Page]:
        """A cue as pages of two lines, each as long as its share of the letters."""
        lines = self.wrapped(text)
        if not lines or end <= start:
            return []
        most = max(1, (end - start) // _PAGE)
        groups = [tuple(lines[n : n + LINES]) for n in range(0, len(lines), LINES)][:most]
        letters = [sum(map(len, group)) for group in groups]
        found, at = [], start
        for place, group in enumerate(groups):
            until = start + (end - start) * sum(letters[: place + 1]) // sum(letters)
            found.append(Page(at, until, group))
            at = until
        return found

    def draw(self, lines: Sequence[str]) -> Drawn:
        """The lines with a ground of their own, even sizes and places, as the colours of H.264 want them."""
        step, edge = round(self.size * 1.28), round(self.size * 0.34)
        widths = [self.length(line) for line in lines]
        wide = min(self.width, _even(max(widths) + 2 * edge))
        tall = min(self.height, _even(step * len(lines) + edge))
        ground, letters = Image.new("L", (wide, tall)), Image.new("L", (wide, tall))
        ImageDraw.Draw(ground).rounded_rectangle((0, 0, wide - 1, tall - 1), radius=edge, fill=175)
        brush = ImageDraw.Draw(letters)
        for row, (line, length) in enumerate(zip(lines, widths, strict=True)):
            x, y = (wide - length) / 2, edge // 2 + row * step + self.size
            for place, piece in self.runs(line):
                brush.text((x, y), piece, fill=255, font=self._fonts[place], anchor="ls")
                x += self._fonts[place].getlength(piece)
        left = (self.width - wide) // 2 // 2 * 2
        top = max(0, int(self.height * FOOT - tall) // 2 * 2)
        return Drawn(left, top, ground, letters)


def _even(value: float) -> int:
    return (int(value) + 2) // 2 * 2


def _bold(path: Path, size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(path), size)
    try:
        axes = font.get_variation_axes()
    except OSError:  # a font of one weight
        return font
    font.set_variation_by_axes(
        [
            min(600, axis["maximum"] or 600) if axis["name"] == b"Weight" else axis["default"] or 0
            for axis in axes
        ]
    )
    return font

"""What can be told of a picture by measuring it: contrast, legibility when small, letters, skin, QR codes.

Pillow only. Every measure works on a copy of at most a few hundred pixels, so that a picture of 50 megapixels
takes no longer than its decoding. None of them understands a picture: they tell where a person should look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageFilter

# Below it nothing but a stain is seen: WCAG 2.2, 1.4.11, wants 3 : 1 for graphics that tell something.
ENOUGH_CONTRAST: Final = 3.0
# Half of what is drawn is gone in the small picture. Set by hand on lettered, drawn and photographed avatars.
ENOUGH_LEGIBLE: Final = 0.5
_SEEN: Final = 4  # how many times larger than the small picture the one is that it is held against
_TILE: Final = 8  # pixels of a side of the squares that are judged one by one
_NOTICED: Final = 6.0  # levels of 255: standard deviation below which a square is plain to the eye
_TEXT_SIDE: Final = 320
_QR_SIDE: Final = 400


def contrast(image: Image.Image) -> float:
    """How far the light parts stand off from the dark ones: 1.0 (one grey) to 21.0 (black and white).

    The picture is divided in two where its brightness differs most (Otsu); the ratio of the two means is the
    contrast ratio of WCAG 2.2 over relative luminance. 3 is the least for graphics, 4.5 for text.
    """
    histogram = _grey(image, 160).histogram()
    light, dark = _two_means(histogram)
    return (light + 0.05) / (dark + 0.05)


def legible_at(image: Image.Image, side: int = 40) -> float:
    """How much of what is drawn is still there in a circle of `side` pixels: 0.0 nothing to 1.0 all.

    The middle square is shrunk to `side` pixels, and each small square of it is held against the
    picture at four times that size: what share of its differences of brightness survived, weighed by how
    strong they are.
    What is fainter than 3 : 1 counts for less; a plain picture has nothing to be read: 0.0. Below 0.5 one
    should draw it simpler.
    """
    large = _grey(square(image), side * _SEEN, exact=True)
    small = large.resize((side, side), Image.Resampling.BOX).resize(large.size, Image.Resampling.BICUBIC)
    kept = weights = 0.0
    for before, after in zip(_tiles(large), _tiles(small), strict=True):
        mean = sum(before) / len(before)
        energy = sum((value - mean) ** 2 for value in before) / len(before)
        if energy < _NOTICED**2:
            continue
        lost = sum((a - b) ** 2 for a, b in zip(before, after, strict=True)) / len(before)
        weight = energy**0.5
        kept += weight * max(0.0, 1 - lost / energy)
        weights += weight
    if not weights:
        return 0.0
    return kept / weights * min(1.0, (contrast(square(image)) - 1) / (ENOUGH_CONTRAST - 1))


def lost_in_circle(image: Image.Image) -> float:
    """What share of the drawing lies in the corners that a round avatar cuts off: 0.0 to 1.0."""
    edges = square(image).convert("L").resize((96, 96)).filter(ImageFilter.FIND_EDGES).crop((1, 1, 95, 95))
    inside = outside = 0
    for place, value in enumerate(edges.tobytes()):
        x, y = place % 94 - 46.5, place // 94 - 46.5
        if value < 32:  # noise and gradients
            continue
        if x * x + y * y <= 47 * 47:
            inside += value
        else:
            outside += value
    return outside / (inside + outside) if inside + outside else 0.0


def lost_outside(image: Image.Image, width: float, height: float) -> float:
    """What share of the drawing lies outside the middle box of `width` x `height` (shares of the sides, over
    0 to 1): 0.0 to 1.0. An evenly drawn picture has 1 - width * height there."""
    edges = _on_white(image).convert("L").resize((162, 98)).filter(ImageFilter.FIND_EDGES)
    inside = outside = 0
    for place, value in enumerate(edges.crop((1, 1, 161, 97)).tobytes()):
        if value < 32:  # noise and gradients
            continue
        across, down = abs(place % 160 - 79.5) / 80, abs(place // 160 - 47.5) / 48
        if across <= width and down <= height:
            inside += value
        else:
            outside += value
    return outside / (inside + outside) if inside + outside else 0.0


@dataclass(frozen=True, slots=True)
class Marked:
    """A grid over the picture, `columns` to a row: which squares look like lettering, which like skin."""

    columns: int
    text: tuple[bool, ...]
    skin: tuple[bool, ...]

    @property
    def text_share(self) -> float:
        """0.0 to 1.0 of the picture's area."""
        return sum(self.text) / len(self.text)

    @property
    def skin_share(self) -> float:
        return sum(self.skin) / len(self.skin)


def marked(image: Image.Image) -> Marked:
    """Where lettering and skin may be, by squares of 8 pixels of the picture at 320 pixels.

    Lettering: three squares or more in a row, each of two tones with many sharp changes. Skin: the usual
    range of colour of skin of every shade in YCbCr, over most of a square. Both see rather too much.
    """
    small = _within(image.convert("RGB"), _TEXT_SIDE)
    width = max(_TILE, small.width // _TILE * _TILE)
    height = max(_TILE, small.height // _TILE * _TILE)
    small = small.resize((width, height))
    columns = width // _TILE
    letters = [_like_letters(tile) for tile in _tiles(small.convert("L"))]
    blue, red = small.convert("YCbCr").split()[1:]
    tones = zip(_tiles(blue), _tiles(red), strict=True)
    skin = [
        sum(77 <= b <= 127 and 135 <= r <= 173 for b, r in zip(cb, cr, strict=True)) > len(cb) // 2
        for cb, cr in tones
    ]
    return Marked(columns, tuple(_in_rows(letters, columns)), tuple(skin))


def has_qr(image: Image.Image) -> bool:
    """Whether the three corner marks of a QR code are seen: dark and light in the ratio 1 : 1 : 3 : 1 : 1
    across and down (ISO/IEC 18004, 5.3.3). Codes turned by some degrees are found; tiny ones are not."""
    small = _within(image.convert("L"), _QR_SIDE)
    middle = _threshold(small.histogram())
    rows = _lines([value < middle for value in small.tobytes()], small.width)
    found: dict[tuple[float, float, float], int] = {}
    for y, row in enumerate(rows):
        for x, unit in _finders(row):
            column = [one[int(x)] for one in rows]
            if any(abs(at - y) < 2 * unit and 0.5 < other / unit < 2 for at, other in _finders(column)):
                _gather(found, x, y, unit)
    # A mark is three modules thick in the middle: what is met in fewer rows is chance.
    return _three_corners(
        [mark for mark, rows_met in found.items() if rows_met >= max(2.0, mark[2] * 1.5)][:40]
    )


def square(image: Image.Image) -> Image.Image:
    """The middle square, on white where it is transparent."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    cut = image.crop((left, top, left + side, top + side))
    return _on_white(cut)


def _on_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("RGB")


def _within(image: Image.Image, side: int) -> Image.Image:
    """At most `side` pixels long; never enlarged."""
    scale = min(1.0, side / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX) if scale < 1 else image


def _grey(image: Image.Image, side: int, *, exact: bool = False) -> Image.Image:
    grey = _on_white(image).convert("L")
    return grey.resize((side, side), Image.Resampling.LANCZOS) if exact else _within(grey, side)


def _tiles(image: Image.Image) -> Iterator[Sequence[int]]:
    """The squares of a grey picture, row by row; an incomplete one at the edge is left out."""
    for top in range(0, image.height - _TILE + 1, _TILE):
        for left in range(0, image.width - _TILE + 1, _TILE):
            yield image.crop((left, top, left + _TILE, top + _TILE)).tobytes()


def _luminance(level: int) -> float:
    """Relative luminance of a grey of 0 to 255 (sRGB, as WCAG writes it)."""
    part = level / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _threshold(histogram: Sequence[int]) -> int:
    """The level that divides the picture where the two parts differ most (Otsu 1979)."""
    total, whole = sum(histogram), sum(level * count for level, count in enumerate(histogram))
    best, at, below, weight = -1.0, 0, 0, 0
    for level, count in enumerate(histogram):
        weight += count
        below += level * count
        if not weight or weight == total:
            continue
        apart = (whole / total * weight - below) ** 2 / (weight * (total - weight))
        if apart > best:
            best, at = apart, level + 1
    return at


def _two_means(histogram: Sequence[int]) -> tuple[float, float]:
    """Mean relative luminance of the light and of the dark part."""
    middle = _threshold(histogram)
    parts = []
    for levels in (range(middle, 256), range(middle)):
        count = sum(histogram[level] for level in levels)
        parts.append(sum(_luminance(level) * histogram[level] for level in levels) / count if count else None)
    light, dark = parts
    light = dark if light is None else light
    return light or 0.0, light or 0.0 if dark is None else dark


def _like_letters(tile: Sequence[int]) -> bool:
    """Two tones far apart, little between them, and many changes from one to the other."""
    low, high = min(tile), max(tile)
    if high - low < 90:
        return False
    third = (high - low) / 3
    between = sum(low + third < value < high - third for value in tile)
    sides = [value > (low + high) / 2 for value in tile]
    changes = sum(
        sides[place] != sides[place + 1] for place in range(len(tile) - 1) if (place + 1) % _TILE != 0
    )
    return changes >= _TILE and between < len(tile) * 0.4


def _in_rows(letters: Sequence[bool], columns: int) -> Iterator[bool]:
    """Only those that stand three or more in a row: words are wider than high."""
    for start in range(0, len(letters), columns):
        row = letters[start : start + columns]
        for place in range(len(row)):
            yield any(
                all(row[first : first + 3])
                for first in range(place - 2, place + 1)
                if first >= 0 and first + 3 <= len(row)
            )


def _lines(values: Sequence[bool], width: int) -> list[Sequence[bool]]:
    return [values[start : start + width] for start in range(0, len(values), width)]


def _finders(row: Sequence[bool]) -> Iterator[tuple[float, float]]:
    """(middle, size of one module) of every run dark-light-dark-light-dark as 1 : 1 : 3 : 1 : 1."""
    edges = [0, *(n for n in range(1, len(row)) if row[n] != row[n - 1]), len(row)]
    for n in range(len(edges) - 5):
        if not row[edges[n]]:
            continue
        runs = [edges[n + k + 1] - edges[n + k] for k in range(5)]
        unit = sum(runs) / 7
        near = (
            abs(run - unit * want) <= unit * max(0.6, want * 0.35)
            for run, want in zip(runs, _MARK, strict=True)
        )
        if unit >= 1.5 and all(near):
            yield (edges[n + 2] + edges[n + 3]) / 2, unit


_MARK: Final = (1, 1, 3, 1, 1)


def _gather(found: dict[tuple[float, float, float], int], x: float, y: float, unit: float) -> None:
    """The same mark is met in several rows: it is counted there."""
    for mark in found:
        if abs(x - mark[0]) < 4 * mark[2] and abs(y - mark[1]) < 4 * mark[2]:
            found[mark] += 1
            return
    found[(x, y, unit)] = 1


def _three_corners(found: Sequence[tuple[float, float, float]]) -> bool:
    """Three marks of one size with a right angle and equal legs at one of them."""
    for corner in found:
        for one in found:
            for other in found:
                if len({corner, one, other}) == 3 and _right_angle(corner, one, other):
                    return True
    return False


def _right_angle(
    corner: tuple[float, float, float], one: tuple[float, float, float], other: tuple[float, float, float]
) -> bool:
    ax, ay = one[0] - corner[0], one[1] - corner[1]
    bx, by = other[0] - corner[0], other[1] - corner[1]
    long, short = (ax * ax + ay * ay) ** 0.5, (bx * bx + by * by) ** 0.5
    units = sorted(mark[2] for mark in (corner, one, other))
    return (
        units[2] < 2 * units[0]
        and 0.75 < long / short < 1.33
        and long > 10 * units[0]
        and abs(ax * bx + ay * by) < 0.25 * long * short
    )

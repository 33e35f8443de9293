"""Which part of a picture is seen where its shape is not the wanted one: cut, or the whole with margins.

A cut keeps what draws the eye (edges, colour, skin) and takes away no lettering or skin where these can be
told apart (see `pictures_judged`): then, or when more than half would go, the whole picture stands on a
blurred ground of its own. A person's own focus point, or the wish for margins, wins over all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Final

from PIL import Image, ImageChops, ImageFilter, ImageStat

from niva.kit.pictures_judged import marked

LEAST_KEPT: Final = 0.5  # of the longer side: below it a cut leaves too little of the picture
MOST_MATTER_LOST: Final = 0.06  # share of the squares with lettering or skin that a cut may take away
_LOOKED_AT: Final = 96  # pixels of the longer side of the copy in which the eye's way is guessed
_EDGE, _COLOUR, _MATTER = 1.0, 0.35, 3.0  # what draws the eye, one against another
_MIDDLE: Final = 0.15  # how much the middle is preferred where nothing else decides
MOST_ZOOM: Final = 4.0
_EXTREME: Final = 4  # longer : shorter side beyond which no picture is cut to a usual shape


@dataclass(frozen=True, slots=True)
class Framing:
    """A person's decision about one picture. None and False: the desk decides.

    `focus`: the point that must stay, as shares of width and height from the upper left; `whole`: all of the
    picture, with margins; `zoom`: 1.0 the largest cut, 2.0 half as wide.
    """

    focus: tuple[float, float] | None = None
    whole: bool = False
    zoom: float = 1.0

    @classmethod
    def of(cls, kept: object) -> Framing:
        """From JSON as `kept` writes it; what does not read as a decision is none."""
        if not isinstance(kept, dict):
            return cls()
        try:
            x, y = (float(one) for one in kept["focus"])
            here = isfinite(x) and isfinite(y)
            focus = (min(1.0, max(0.0, x)), min(1.0, max(0.0, y))) if here else None
        except (KeyError, TypeError, ValueError):
            focus = None
        try:
            zoom = float(kept.get("zoom", 1))
        except (TypeError, ValueError):
            zoom = 1.0
        return cls(focus, bool(kept.get("whole")), min(MOST_ZOOM, max(1.0, zoom)) if isfinite(zoom) else 1.0)


Box = tuple[int, int, int, int]
AUTO: Final = Framing()


def shape(image: Image.Image, low: float | None, high: float | None, framing: Framing = AUTO) -> Image.Image:
    """The picture with a ratio (width : height) from `low` to `high`, None = unbounded."""
    wanted = wanted_ratio(image.width, image.height, low, high)
    if wanted is None:
        return image
    if framing.whole:
        return with_margins(image, wanted)
    box = window(image, wanted, framing)
    if framing.focus is None and not _harmless(image, box):
        return with_margins(image, wanted)
    return image.crop(box)


def wanted_ratio(width: int, height: int, low: float | None, high: float | None) -> float | None:
    """The nearest allowed ratio; None where it is allowed as it is, to the second decimal."""
    ratio = round(width / height, 2)
    if low is not None and ratio < round(low, 2):
        return low
    if high is not None and ratio > round(high, 2):
        return high
    return None


def window(image: Image.Image, ratio: float, framing: Framing = AUTO) -> Box:
    """The largest part of this ratio (smaller by `zoom`) around the focus, or where the eye goes."""
    width, height = _largest(image.width, image.height, ratio)
    width = max(1, round(width / framing.zoom))
    height = max(1, round(height / framing.zoom))
    if framing.focus is not None:
        x, y = framing.focus
        left = round(x * image.width - width / 2)
        top = round(y * image.height - height / 2)
    elif framing.zoom > 1:
        left, top = (image.width - width) // 2, (image.height - height) // 2
    else:
        left, top = _where_the_eye_goes(image, width, height)
    left = min(max(0, left), image.width - width)
    top = min(max(0, top), image.height - height)
    return left, top, left + width, top + height


def with_margins(image: Image.Image, ratio: float) -> Image.Image:
    """The whole picture in the middle of a ground of this ratio: its own, blurred and pale; white where it is
    transparent, its own plain colour where its rim has one."""
    width, height = max(image.width, round(image.height * ratio)), image.height
    if width == image.width:
        height = max(image.height, round(image.width / ratio))
    ground = _ground(image, width, height)
    place = ((width - image.width) // 2, (height - image.height) // 2)
    ground.paste(image, place, image.convert("RGBA") if "A" in image.getbands() else None)
    return ground


def _largest(width: int, height: int, ratio: float) -> tuple[int, int]:
    if width / height > ratio:
        return max(1, min(width, round(height * ratio))), height
    return width, max(1, min(height, round(width / ratio)))


def _ground(image: Image.Image, width: int, height: int) -> Image.Image:
    if "A" in image.getbands():
        return Image.new("RGB", (width, height), "white")
    colour = _plain_rim(image)
    if colour is not None:
        return Image.new("RGB", (width, height), colour)
    # A few pixels enlarged are as blurred as can be, and cost nothing for the largest picture.
    tiny = image.convert("RGB").resize((24, 24), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(2))
    pale = Image.blend(tiny, Image.new("RGB", tiny.size, "white"), 0.25)
    return pale.resize((width, height), Image.Resampling.BICUBIC)


def _plain_rim(image: Image.Image) -> tuple[int, int, int] | None:
    """The colour of the rim where it is one."""
    small = image.convert("RGB").resize((32, 32), Image.Resampling.BOX)
    rim = [small.crop(box) for box in ((0, 0, 32, 1), (0, 31, 32, 32), (0, 0, 1, 32), (31, 0, 32, 32))]
    means = [ImageStat.Stat(side) for side in rim]
    if any(max(side.stddev) > 6 for side in means):
        return None
    first = means[0].mean
    if any(abs(a - b) > 8 for side in means[1:] for a, b in zip(first, side.mean, strict=True)):
        return None
    red, green, blue = (round(value) for value in first)
    return red, green, blue


def _harmless(image: Image.Image, box: Box) -> bool:
    """Whether the cut leaves enough, and takes away hardly any lettering or skin."""
    kept = min((box[2] - box[0]) / image.width, (box[3] - box[1]) / image.height)
    if kept < LEAST_KEPT or max(image.size) / min(image.size) > _EXTREME:
        return False
    seen = marked(image)
    rows = len(seen.text) // seen.columns
    matter = lost = 0
    for place, (text, skin) in enumerate(zip(seen.text, seen.skin, strict=True)):
        if not text and not skin:
            continue
        x = (place % seen.columns + 0.5) / seen.columns * image.width
        y = (place // seen.columns + 0.5) / rows * image.height
        matter += 1
        lost += not (box[0] <= x < box[2] and box[1] <= y < box[3])
    # Less than three squares are chance.
    return matter < 3 or lost / matter <= MOST_MATTER_LOST


def _where_the_eye_goes(image: Image.Image, width: int, height: int) -> tuple[int, int]:
    """Left and top of the window that holds the most of what draws the eye; only one of them can differ."""
    energy = _energy(image)
    if width < image.width:
        sums = list(energy.resize((energy.width, 1), Image.Resampling.BOX).tobytes())
        return round(_best(sums, width / image.width) * image.width), 0
    sums = list(energy.resize((1, energy.height), Image.Resampling.BOX).tobytes())
    return 0, round(_best(sums, height / image.height) * image.height)


def _energy(image: Image.Image) -> Image.Image:
    """A small grey picture of what draws the eye."""
    scale = min(1.0, _LOOKED_AT / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.convert("RGB").resize(size, Image.Resampling.BOX)
    edges = small.convert("L").filter(ImageFilter.FIND_EDGES)
    # The filter draws the rim of the picture itself.
    inner = Image.new("L", size, 0)
    if min(size) > 2:
        inner.paste(edges.crop((1, 1, size[0] - 1, size[1] - 1)), (1, 1))
    colour = small.convert("HSV").getchannel("S")
    weighed = ImageChops.add(
        inner.point(lambda value: value * _EDGE / 4), colour.point(lambda value: value * _COLOUR / 4)
    )
    seen = marked(image)
    matter = Image.new("L", (seen.columns, len(seen.text) // seen.columns), 0)
    matter.putdata(
        [int(_MATTER * 50) if text or skin else 0 for text, skin in zip(seen.text, seen.skin, strict=True)]
    )
    return ImageChops.add(weighed, matter.resize(size, Image.Resampling.BILINEAR))


def _best(sums: list[int], share: float) -> float:
    """Where the window of this share begins, as a share: the most energy, the middle if equal."""
    length = len(sums)
    span = max(1, min(length, round(length * share)))
    total = sum(sums) or 1
    best, at = -1.0, 0
    for first in range(length - span + 1):
        away = abs(first + span / 2 - length / 2) / length
        worth = sum(sums[first : first + span]) / total - _MIDDLE * away
        if worth > best + 1e-9:
            best, at = worth, first
    return at / length

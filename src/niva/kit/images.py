"""Pictures: decoded with a guard against bombs, written anew, fitted into limits."""

from __future__ import annotations

import io
import os
import struct
import uuid
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from niva.kit.framing import AUTO, Framing, shape, wanted_ratio

# 50 megapixels decode to 150-200 MB; a phone's largest photo has about that. More is a bomb or a poster.
MOST_PIXELS: Final = 50_000_000
# All frames of an animation lie in memory while it is written anew, at up to 4 bytes a pixel: 320 MB here.
MOST_ANIMATED: Final = 80_000_000
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
_SUFFIX: Final = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif"}
MOVING: Final = ("GIF", "WEBP", "PNG")
SUFFIXES: Final = tuple(_SUFFIX.values())
_SAVE: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


class Broken(Exception):
    """The file cannot be taken. `code`: not_media, broken, too_many_pixels; `params` for the sentence."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Taken:
    """A file as it now lies with us. `poster`: a still of a video; duration in seconds."""

    path: Path
    kind: str
    mime: str
    width: int
    height: int
    duration: float | None = None
    poster: Path | None = None


@contextmanager
def decoding() -> Iterator[None]:
    """Whatever a damaged or wicked file makes a decoder raise becomes Broken; a full disk stays itself."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except UnidentifiedImageError as error:
        raise Broken("not_media") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Broken("too_many_pixels", width=0, height=0) from error
    except OSError as error:
        if error.errno is not None:  # of the system, not of a decoder
            raise
        raise Broken("broken") from error
    except (ArithmeticError, AttributeError, EOFError, LookupError, SyntaxError, TypeError, ValueError,
            struct.error, zlib.error) as error:  # fmt: skip
        raise Broken("broken") from error


def open_image(path: Path) -> Image.Image:
    """The decoded picture, upright. Raises Broken; never decodes more than MOST_PIXELS."""
    Image.init()  # without it Pillow knows only what it met before
    with decoding():
        image = Image.open(path, formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            raise Broken("too_many_pixels", width=image.width, height=image.height)
        image.load()
    return image


def plain(image: Image.Image) -> Image.Image:
    """The same colours in sRGB with 8 bits a channel: 16 bits are scaled, CMYK and wide gamuts converted.

    A profile that does not read is passed over: the numbers are then taken for sRGB, as browsers do.
    """
    if image.mode.startswith("I"):
        wide = image.convert("I")
        # 16-bit files use the whole range; some programs keep 8 bits in them.
        scale = 1 / 257 if cast(float, wide.getextrema()[1]) > 255 else 1.0
        return wide.point(lambda value: value * scale).convert("L")
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image.convert("RGB") if image.mode == "CMYK" else image
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    body = image.convert("RGB") if alpha is not None else image
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(body, own, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert("RGB") if image.mode == "CMYK" else image
    if turned is None:
        return image
    if alpha is not None:
        turned.putalpha(alpha)
    return turned


_SRGB: Final = ImageCms.createProfile("sRGB")


def take_in(source: Path, stem: Path) -> Taken:
    """Write the picture anew beside `stem` (suffix chosen by content) and tell what it is. Raises Broken.

    What moves (GIF, WebP, APNG) becomes a GIF with all its frames; everything else JPEG, or PNG where there
    is transparency, in sRGB with 8 bits a channel.
    """
    image = open_image(source)
    stem.parent.mkdir(parents=True, exist_ok=True)
    with decoding():
        if getattr(image, "is_animated", False) and image.format in MOVING:
            return _take_in_gif(image, stem)
        upright = plain(ImageOps.exif_transpose(image))
        mime = "image/png" if _transparent(upright) else "image/jpeg"
        path = stem.with_name(stem.name + _SUFFIX[mime])
        _write(upright, path, mime)
        return Taken(path, "image", mime, upright.width, upright.height)


def _take_in_gif(image: Image.Image, stem: Path) -> Taken:
    frames, lasts, pixels = [], [], 0
    for frame in ImageSequence.Iterator(image):
        pixels += frame.width * frame.height
        if pixels > MOST_ANIMATED:
            raise Broken("too_many_pixels", width=image.width, height=image.height)
        frames.append(frame.copy() if image.format == "GIF" else frame.convert("RGBA"))
        lasts.append(frame.info.get("duration", 100) or 100)
    path = stem.with_name(stem.name + ".gif")
    _atomically(
        path,
        lambda target: frames[0].save(
            target,
            "GIF",
            save_all=True,
            append_images=frames[1:],
            duration=lasts,
            loop=image.info.get("loop", 0),
            disposal=0 if image.format == "GIF" else 2,
        ),
    )
    return Taken(path, "animation", "image/gif", image.width, image.height, sum(lasts) / 1000)


def thumbnail(source: Path, stem: Path, side: int) -> Path:
    """A WebP that fits into a square of `side` pixels."""
    image = open_image(source)
    with decoding():
        image = ImageOps.exif_transpose(image).convert("RGBA")
        image.thumbnail((side, side))
    path = stem.with_name(stem.name + ".webp")
    path.parent.mkdir(parents=True, exist_ok=True)
    _atomically(path, lambda target: image.save(target, "WEBP", quality=80))
    return path


@dataclass(frozen=True, slots=True)
class Room:
    """What a picture must fit into. None = no such limit. Bytes, pixels; `low`, `high`: width : height.

    `least`: pixels that the shorter side needs.
    """

    size: int | None = None
    side: int | None = None
    sides_sum: int | None = None
    pixels: int | None = None
    mimes: tuple[str, ...] | None = None
    low: float | None = None
    high: float | None = None
    least: int | None = None


# A picture is enlarged to what a network wants as the least, but not to mush.
MOST_ENLARGED: Final = 2.0


def fit(source: Path, stem: Path, room: Room, framing: Framing = AUTO) -> Taken | None:
    """The picture made to fit, written as `stem`.<suffix>; None where it fits as it is.

    A ratio that is not taken is cut or given margins (see `framing`), then it is shrunk and encoded anew.
    What is far too small stays so, and the network's check says it.
    """
    image = open_image(source)
    mime = Image.MIME.get(image.format or "", "")
    if _fits(image, mime, source.stat().st_size, room):
        return None
    target_mime = mime if room.mimes is None or mime in room.mimes else _instead(image, room.mimes)
    with decoding():
        upright = shape(plain(ImageOps.exif_transpose(image)), room.low, room.high, framing)
    scale = min(1.0, _scale(upright, room))
    if room.least is not None and min(upright.size) * scale < room.least:
        scale = min(_scale(upright, room), MOST_ENLARGED, room.least / min(upright.size))
    stem.parent.mkdir(parents=True, exist_ok=True)
    while True:
        small = upright
        if scale != 1:
            small = upright.resize(_scaled(upright, scale, room), Image.Resampling.LANCZOS)
        for quality in (90, 82, 72, 60):
            if target_mime == "image/png" and room.size is not None and quality < 90:
                target_mime = _instead(image, room.mimes, heavy=True)
            path = stem.with_name(stem.name + _SUFFIX[target_mime])
            _write(small, path, target_mime, quality=quality)
            if room.size is None or path.stat().st_size <= room.size:
                return Taken(path, "image", target_mime, small.width, small.height)
        if min(small.size) <= max(16, room.least or 0):
            return Taken(path, "image", target_mime, small.width, small.height)
        scale *= 0.8


def _scaled(image: Image.Image, scale: float, room: Room) -> tuple[int, int]:
    """Whole pixels; upwards where a least side asks for it, else downwards."""
    up = scale > 1 or (room.least is not None and min(image.size) * scale <= room.least)
    width, height = (max(1, round(side * scale) if up else int(side * scale)) for side in image.size)
    return width, height


def _fits(image: Image.Image, mime: str, size: int, room: Room) -> bool:
    return (
        _scale(image, room) >= 1
        and (room.size is None or size <= room.size)
        and (room.mimes is None or mime in room.mimes)
        and (room.least is None or min(image.size) >= room.least)
        and wanted_ratio(image.width, image.height, room.low, room.high) is None
    )


def _scale(image: Image.Image, room: Room) -> float:
    """By what the sides may be multiplied at most; below 1 it is too large."""
    scale = float("inf")
    if room.side is not None:
        scale = min(scale, room.side / max(image.size))
    if room.sides_sum is not None:
        scale = min(scale, room.sides_sum / sum(image.size))
    if room.pixels is not None:
        scale = min(scale, (room.pixels / (image.width * image.height)) ** 0.5)
    return scale


def _instead(image: Image.Image, mimes: tuple[str, ...] | None, *, heavy: bool = False) -> str:
    """The format to turn to: PNG keeps transparency, unless the bytes do not allow it."""
    allowed = mimes or ("image/jpeg", "image/png")
    if not heavy and _transparent(image) and "image/png" in allowed:
        return "image/png"
    return "image/jpeg" if "image/jpeg" in allowed else next((m for m in allowed if m in _SAVE), "image/jpeg")


def _transparent(image: Image.Image) -> bool:
    if image.mode == "P":
        return "transparency" in image.info
    return image.mode in ("RGBA", "LA") and image.getextrema()[-1][0] < 255  # type: ignore[index]


def _write(image: Image.Image, path: Path, mime: str, *, quality: int = 90) -> None:
    """Encode without metadata; transparency goes onto white where the format has none."""
    if mime == "image/jpeg":
        if _transparent(image):
            white = Image.new("RGB", image.size, "white")
            white.paste(image, mask=image.convert("RGBA").getchannel("A"))
            image = white
        image = image.convert("RGB")
    elif image.mode not in ("RGB", "RGBA", "L", "P"):
        image = image.convert("RGBA")
    clean = Image.new(image.mode, image.size)
    clean.paste(image)
    if image.mode == "P" and (palette := image.getpalette()):
        clean.putpalette(palette)
        if "transparency" in image.info:
            clean.info["transparency"] = image.info["transparency"]
    options = {"quality": quality, "optimize": True} if mime != "image/png" else {"optimize": True}
    _atomically(path, lambda target: clean.save(target, _SAVE[mime], **options))


def _atomically(path: Path, write: object) -> None:
    """Write beside and rename, so that nobody ever reads half a picture."""
    buffer = io.BytesIO()
    write(buffer)  # type: ignore[operator]
    with beside(path) as target:
        target.write_bytes(buffer.getvalue())


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A name of its own to write to, which becomes `path` when all went well and nothing otherwise.

    The bytes are on the disk before the name is: after a power cut there is the whole file or none.
    """
    target = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        yield target
        _to_disk(target)
        target.replace(path)
        _to_disk(path.parent)
    finally:
        target.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

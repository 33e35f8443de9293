"""Videos: probed by really decoding a frame; what does not decode is no video, whatever it is called."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageFilter, ImageStat

from niva.kit.images import MOST_PIXELS, Broken, Taken, beside

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

_SUFFIX: Final = {
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "video/x-matroska": ".mkv",
}
# A container may name other files or addresses as its parts: none of them is opened. What the probe reads
# and analyses is bounded: 5 MB, 5 seconds of film.
_CLOSED: Final = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,gif",
    "probesize": "5000000",
    "analyzeduration": "5000000",
}
LONGEST: Final = 7 * 24 * 3600.0  # seconds; a file that claims more claims nonsense
_LOOK_AT: Final = (0.0, 0.12, 0.25, 0.4, 0.55, 0.7, 0.85)  # of the film, where a good still is looked for
_LOOK_SECONDS: Final = 4.0  # that all this looking may take
_MOST_DECODED: Final = 400  # frames between a place to jump to and the wanted one


@dataclass(frozen=True, slots=True)
class Probe:
    """What a video is. Upright pixels; seconds; frames and bits per second; "" and None where not told.

    `rotation`: degrees counter-clockwise that a player turns the stored frames by.
    """

    width: int
    height: int
    duration: float | None
    codec: str
    pixels: str
    audio: str
    fps: float | None
    bit_rate: int | None
    rotation: int


def looks_like(head: bytes) -> bool:
    """Whether the first bytes are those of a video container that we take: MP4/MOV, WebM/Matroska."""
    return (head[4:8] == b"ftyp" and head[8:12] not in (b"avif", b"heic", b"mif1")) or head[
        :4
    ] == b"\x1a\x45\xdf\xa3"


@contextmanager
def opened(source: Path) -> Iterator[InputContainer]:
    """The container with a video stream of bounded size. Whatever FFmpeg says becomes Broken."""
    # FFmpeg weighs 30 MB in every process that has it: it is loaded with the first video.
    import av
    import av.error

    try:
        with av.open(str(source), mode="r", options=_CLOSED) as container:
            if not container.streams.video:
                raise Broken("no_picture")
            coded = container.streams.video[0].codec_context
            if not coded.width or not coded.height or coded.width * coded.height > MOST_PIXELS:
                raise Broken("too_many_pixels", width=coded.width, height=coded.height)
            yield container
    except (
        av.error.FFmpegError, StopIteration, ArithmeticError, AttributeError, MemoryError, TypeError,
        ValueError,
    ) as error:  # fmt: skip
        raise Broken("broken") from error


def probe(source: Path) -> Probe:
    """Decode one frame and tell what the file is. Raises Broken."""
    with opened(source) as container:
        return _probe(container)[0]


def _probe(container: InputContainer) -> tuple[Probe, VideoFrame]:
    stream = container.streams.video[0]
    frame = next(container.decode(stream))
    if frame.width * frame.height > MOST_PIXELS:  # the stream may know better than the container
        raise Broken("too_many_pixels", width=frame.width, height=frame.height)
    rate = float(stream.average_rate or 0)
    sideways = abs(frame.rotation) in (90, 270)
    audio = container.streams.audio
    found = Probe(
        width=frame.height if sideways else frame.width,
        height=frame.width if sideways else frame.height,
        duration=_duration(container),
        codec=stream.codec_context.name,
        pixels=frame.format.name,
        audio=audio[0].codec_context.name if audio else "",
        fps=rate if 0 < rate <= 1000 else None,
        bit_rate=container.bit_rate or None,
        rotation=frame.rotation,
    )
    return found, frame


def _duration(container: InputContainer) -> float | None:
    """Seconds; None where the file says nothing or nonsense."""
    seconds = container.duration / 1_000_000 if container.duration else 0.0
    return seconds if 0 < seconds <= LONGEST else None


def take_in(source: Path, stem: Path) -> Taken:
    """Move the video beside `stem` and tell what it is, with a poster. Raises Broken."""
    with opened(source) as container:
        found, first = _probe(container)
        mime = _mime(container.format.name, source)
        poster = _best_still(container, first, found.duration)
    stem.parent.mkdir(parents=True, exist_ok=True)
    poster_path = stem.with_name(stem.name + ".poster.jpg")
    with beside(poster_path) as target:
        poster.save(target, "JPEG", quality=88)
    path = stem.with_name(stem.name + _SUFFIX[mime])
    with beside(path) as target:
        shutil.copyfile(source, target)
    return Taken(path, "video", mime, found.width, found.height, found.duration, poster_path)


def still(source: Path, seconds: float) -> Image.Image:
    """The upright frame that is seen at `seconds`, or the last one before the end. Raises Broken."""
    with opened(source) as container:
        stream = container.streams.video[0]
        frame = _frame_at(container, max(0.0, seconds), time.monotonic() + _LOOK_SECONDS)
        if frame is None:
            container.seek(0)
            frame = next(container.decode(stream))
        return upright(frame)


def upright(frame: VideoFrame) -> Image.Image:
    """The frame as a player shows it."""
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def _frame_at(container: InputContainer, seconds: float, until: float) -> VideoFrame | None:
    """The first frame at or after the moment, else the last one that there is; bounded in time."""
    stream = container.streams.video[0]
    base = float(stream.time_base or 0) or 1.0
    begin = float((stream.start_time or 0) * base)
    container.seek(int((seconds + begin) / base), stream=stream)
    last = None
    for count, frame in enumerate(container.decode(stream)):
        last = frame
        if frame.time is None or frame.time - begin >= seconds - 1e-3:
            break
        if count >= _MOST_DECODED or time.monotonic() > until:
            break
    return last


def _best_still(container: InputContainer, first: VideoFrame, duration: float | None) -> Image.Image:
    """Of some frames all over the film the one that shows most: neither black nor white, and sharp."""
    import av.error

    until = time.monotonic() + _LOOK_SECONDS
    best, worth = upright(first), 0.0
    worth = worth_of(best)
    for share in _LOOK_AT if duration else ():
        if time.monotonic() > until:
            break
        try:
            frame = _frame_at(container, share * (duration or 0), until)
        except (av.error.FFmpegError, StopIteration, ValueError):
            continue
        if frame is not None and (other := worth_of(picture := upright(frame))) > worth * 1.15:
            best, worth = picture, other
    return best


def worth_of(image: Image.Image) -> float:
    """How much a still shows: how sharp it is, 0.0 where it is nearly black, nearly white or of one tone."""
    small = image.convert("L").resize((128, 128), Image.Resampling.BILINEAR)
    light = ImageStat.Stat(small)
    if not 18 < light.mean[0] < 238 or light.stddev[0] < 8:
        return 0.0
    edges = small.filter(ImageFilter.FIND_EDGES).crop((2, 2, 126, 126))
    return float(ImageStat.Stat(edges).mean[0]) + light.stddev[0] / 8


def facts(found: Probe) -> dict[str, Any]:
    """What of a probe is worth keeping beside the file, as JSON."""
    return {
        "codec": found.codec,
        "pixels": found.pixels,
        "audio": found.audio,
        "fps": round(found.fps, 3) if found.fps else None,
        "bit_rate": found.bit_rate,
        "rotation": found.rotation,
    }


def _mime(container: str, source: Path) -> str:
    if "matroska" in container or "webm" in container:
        with source.open("rb") as file:
            return "video/webm" if b"webm" in file.read(4096) else "video/x-matroska"
    with source.open("rb") as file:
        brand = file.read(12)[8:12]
    return "video/quicktime" if brand == b"qt  " else "video/mp4"

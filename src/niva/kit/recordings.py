"""Recordings of talk, with a picture or only with sound: probed, and their sound taken out in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from niva.kit import child
from niva.kit.images import MOST_PIXELS, Broken
from niva.kit.videos import LONGEST

if TYPE_CHECKING:
    from av.container import InputContainer

SUFFIX: Final = {
    "video/mp4": ".mp4", "video/quicktime": ".mov", "video/webm": ".webm", "video/x-matroska": ".mkv",
    "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/ogg": ".ogg", "audio/wav": ".wav",
    "audio/flac": ".flac", "audio/webm": ".weba", "audio/aac": ".aac",
}  # fmt: skip
# A container may name other files or addresses as its parts: none of them is opened.
_CLOSED: Final = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,ogg,wav,flac,aac",
    "probesize": "5000000",
    "analyzeduration": "5000000",
}
_TRIES: Final = 60  # packets that may fail to decode until the recording counts as damaged


@dataclass(frozen=True, slots=True)
class Recording:
    """Upright pixels, 0 where there is no picture; seconds, None where the file does not tell."""

    mime: str
    width: int
    height: int
    duration: float | None
    has_sound: bool


@contextmanager
def opened(source: Path) -> Iterator[InputContainer]:
    """The container. Whatever FFmpeg says becomes Broken; a full disk stays itself."""
    import av
    import av.error

    try:
        with av.open(str(source), mode="r", options=_CLOSED) as container:
            yield container
    except (av.error.InvalidDataError, av.error.DecoderNotFoundError) as error:
        raise Broken("broken") from error
    except (
        av.error.FFmpegError, StopIteration, ArithmeticError, AttributeError, MemoryError, TypeError,
        ValueError,
    ) as error:  # fmt: skip
        if isinstance(error, OSError) and error.errno in (28, 122, 27):  # ENOSPC, EDQUOT, EFBIG
            raise
        raise Broken("broken") from error


def probe(source: Path) -> Recording:
    """Decode a little of it and tell what it is. Raises Broken: not_media, broken, too_many_pixels."""
    with opened(source) as container:
        pictures = [one for one in container.streams.video if not _is_cover(one)]
        sounds = container.streams.audio
        if not pictures and not sounds:
            raise Broken("not_media")
        width = height = 0
        if pictures:
            frame = _first(container, pictures[0])
            if frame.width * frame.height > MOST_PIXELS:
                raise Broken("too_many_pixels")
            width, height = frame.width, frame.height
            if abs(frame.rotation) in (90, 270):
                width, height = height, width
        else:
            _first(container, sounds[0])
        seconds = container.duration / 1_000_000 if container.duration else 0.0
        return Recording(
            _mime(container.format.name, source, bool(pictures)),
            width,
            height,
            seconds if 0 < seconds <= LONGEST else None,
            bool(sounds),
        )


def _is_cover(stream: Any) -> bool:
    """The picture of an album inside a sound file is no film."""
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.attached_pic)


def _first(container: InputContainer, stream: Any) -> Any:
    """The first frame that decodes."""
    import av.error

    for tries, packet in enumerate(container.demux(stream)):
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            frames = []
        if frames:
            return frames[0]
        if tries > _TRIES:
            break
    raise Broken("broken")


def _mime(container: str, source: Path, has_picture: bool) -> str:
    with source.open("rb") as file:
        head = file.read(4096)
    if "matroska" in container or "webm" in container:
        if not has_picture:
            return "audio/webm"
        return "video/webm" if b"webm" in head else "video/x-matroska"
    if "mov" in container or "mp4" in container:
        if not has_picture:
            return "audio/mp4"
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    return {"mp3": "audio/mpeg", "ogg": "audio/ogg", "wav": "audio/wav", "flac": "audio/flac"}.get(
        container, "audio/aac"
    )


async def take_sound(source: Path, target: Path, start: float, end: float) -> float:
    """`sound_piece` by a process of its own. Raises Broken: also too_slow."""
    job = {"source": str(source), "target": str(target), "start": start, "end": end}
    made = await child.ask(__name__, job, lambda share: None, most_seconds=600.0)
    return float(made["seconds"])


def sound_piece(source: Path, target: Path, start: float, end: float) -> float:
    """The sound from `start` to `end` (seconds) as small Ogg Opus, one channel. Returns seconds written.

    16 kHz and 32 kbit a second: what speech services hear with; ten minutes have 2.4 MB. Raises Broken.
    """
    import av

    written = 0
    with opened(source) as film:
        if not film.streams.audio:
            raise Broken("no_sound")
        stream = film.streams.audio[0]
        begin = (film.start_time or 0) / 1_000_000
        if start > 0:
            film.seek(int((start + begin) * 1_000_000))
        with av.open(str(target), "w", format="ogg") as out:
            voice = out.add_stream("libopus", rate=16_000, layout="mono")
            voice.bit_rate = 32_000
            turn = av.AudioResampler(format="s16", layout="mono", rate=16_000)
            for frame in _sounds(film, stream):
                at = (frame.time or 0.0) - begin
                if at < start - 0.05:
                    continue
                if at >= end:
                    break
                frame.pts = None
                for ready in turn.resample(frame):
                    written += ready.samples
                    for packet in voice.encode(ready):
                        out.mux(packet)
            for packet in voice.encode(None) if written else ():
                out.mux(packet)
    return written / 16_000


def _sounds(film: InputContainer, stream: Any) -> Iterator[Any]:
    import av.error

    bad = 0
    for packet in film.demux(stream):
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            bad += 1
            if bad > _TRIES:
                raise
            continue
        yield from frames


def _work(job: dict[str, Any], on_done: Callable[[float], object]) -> dict[str, Any]:
    return {"seconds": sound_piece(Path(job["source"]), Path(job["target"]), job["start"], job["end"])}


if __name__ == "__main__":
    child.answer(_work)

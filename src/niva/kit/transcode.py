"""Videos written anew as MP4 (H.264, AAC, index in front), within a network's bounds.

The work is done by a process of its own, see `kit.child`. What needs no new coding is only packed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from niva.kit import child
from niva.kit.framing import wanted_ratio
from niva.kit.images import Broken, beside
from niva.kit.videos import Probe, opened, probe

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.filter import Graph
    from av.video.stream import VideoStream

MOST_SECONDS: Final = 2 * 3600.0  # of work on one film
SILENT_FOR: Final = 120.0  # seconds without a sign of life until it is taken for dead
AUDIO_RATE: Final = 128_000  # bits per second
LEAST_RATE: Final = 200_000  # bits per second of picture below which nobody wants to look at it
_BITS_A_PIXEL: Final = 0.045  # below it H.264 falls apart into squares: then fewer pixels look better
_SPARE: Final = 0.94  # of the bytes that may be used: the rest is for packing and for what overshoots
_BAD_PACKETS: Final = 50  # that may fail to decode before the film counts as damaged


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the film must fit into. Pixels of the longer side, width : height, frames a second, bytes."""

    side: int = 1920
    low: float | None = None
    high: float | None = None
    fps: float | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """The film as it now lies at the target. Bytes, pixels, seconds."""

    size: int
    width: int
    height: int
    duration: float | None


async def convert(source: Path, target: Path, bounds: Bounds, on_done: Callable[[float], object]) -> Made:
    """Have it done by a process of its own. `on_done` hears the share that is done, 0.0 to 1.0.

    Raises Broken: broken, too_heavy (the bytes allow no picture worth looking at), too_slow.
    """
    job = {"source": str(source), "target": str(target), "bounds": asdict(bounds)}
    return Made(**await child.ask(__name__, job, on_done, most_seconds=MOST_SECONDS, silent_for=SILENT_FOR))


def transcode(source: Path, target: Path, bounds: Bounds, on_done: Callable[[float], object]) -> Made:
    """Do it here and now. Raises Broken. Nothing half written ever stands at `target`."""
    found = probe(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    if _only_packing(found, bounds, source):
        with beside(target) as path:
            _pack(source, path)
        return _made(target)
    rate = _rate(found, bounds)
    for _again in range(2):
        with beside(target) as path:
            _encode(source, path, found, bounds, rate, on_done)
        made = _made(target)
        if bounds.size is None or made.size <= bounds.size:
            return made
        rate = int((rate or 0) * 0.9 * bounds.size / made.size)
    target.unlink()
    raise Broken("too_heavy")


def _made(path: Path) -> Made:
    found = probe(path)
    return Made(path.stat().st_size, found.width, found.height, found.duration)


def _only_packing(found: Probe, bounds: Bounds, source: Path) -> bool:
    """H.264 and AAC of a fitting size, whatever the container: the streams stay as they are."""
    return (
        found.codec == "h264"
        and found.pixels == "yuv420p"
        and found.audio in ("", "aac")
        and not found.rotation
        and max(found.width, found.height) <= bounds.side
        and wanted_ratio(found.width, found.height, bounds.low, bounds.high) is None
        and (bounds.fps is None or (found.fps is not None and found.fps <= bounds.fps + 0.01))
        and (bounds.size is None or source.stat().st_size <= bounds.size * _SPARE)
    )


def _pack(source: Path, path: Path) -> None:
    import av

    with opened(source) as film, av.open(str(path), "w", format="mp4", options=_FRONT) as out:
        streams = [film.streams.video[0], *film.streams.audio[:1]]
        copies = {stream.index: out.add_stream_from_template(stream) for stream in streams}
        waiting: dict[int, list[Any]] = {}
        for packet in film.demux(streams):
            if not packet.size:
                continue
            index = packet.stream.index
            if packet.dts is None:  # Matroska tells no decoding times; before the first one they are reckoned
                waiting.setdefault(index, []).append(packet)
                continue
            early = waiting.pop(index, [])
            _reckon(early, packet.dts)
            for one in (*early, packet):
                one.stream = copies[index]
                out.mux(one)


def _reckon(early: list[Any], dts: int) -> None:
    """Decoding times backwards from the first known one, a frame's length apart."""
    for packet in reversed(early):
        dts -= max(1, packet.duration or 1)
        packet.dts = dts


_FRONT: Final = {"movflags": "+faststart"}


def _rate(found: Probe, bounds: Bounds) -> int | None:
    """Bits a second that the picture may take; None where bytes do not matter. Raises Broken("too_heavy")."""
    if bounds.size is None or found.duration is None:
        return None
    sound = AUDIO_RATE if found.audio else 0
    rate = int(bounds.size * 8 * _SPARE / max(found.duration, 1.0) - sound)
    if rate < LEAST_RATE:
        raise Broken("too_heavy")
    return rate


def size_of(found: Probe, bounds: Bounds, rate: int | None) -> tuple[int, int, int, int]:
    """(width, height) of the picture and of the ground that it stands on; even, as H.264 wants them."""
    ratio = wanted_ratio(found.width, found.height, bounds.low, bounds.high)
    width, height = float(found.width), float(found.height)
    ground = [width, height]
    if ratio is not None:
        ground = [max(width, height * ratio), height]
        if ground[0] == width:
            ground[1] = width / ratio
    scale = min(1.0, bounds.side / max(ground))
    if rate is not None:
        fps = min(found.fps or 30.0, bounds.fps or 60.0)
        scale = min(scale, max(0.25, (rate / (_BITS_A_PIXEL * fps * ground[0] * ground[1])) ** 0.5))
    sides = [max(16, round(side * scale / 2) * 2) for side in (width, height, *ground)]
    return sides[0], sides[1], max(sides[0], sides[2]), max(sides[1], sides[3])


def _encode(
    source: Path,
    path: Path,
    found: Probe,
    bounds: Bounds,
    rate: int | None,
    on_done: Callable[[float], object],
) -> None:
    import av

    with opened(source) as film, av.open(str(path), "w", format="mp4", options=_FRONT) as out:
        inner_w, inner_h, width, height = size_of(found, bounds, rate)
        fps = Fraction(min(found.fps or 30.0, bounds.fps or 60.0, 60.0)).limit_denominator(1001)
        fps = max(fps, Fraction(1))
        video = out.add_stream("libx264", rate=fps, options=_coding(rate))
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.codec_context.thread_count = 2
        graph = _picture_graph(film, found, (inner_w, inner_h, width, height), fps)
        sound = Sound(film, out) if found.audio else None
        shown = 0
        for kind, frame in _frames(film, found.audio != ""):
            if kind == "audio" and sound is not None:
                sound.take(frame)
                continue
            shown += 1
            graph.vpush(frame)
            _drain(graph, video, out)
            if found.duration and frame.time is not None:
                on_done(min(1.0, max(0.0, frame.time / found.duration)))
        if not shown:
            raise Broken("broken")
        graph.vpush(None)
        _drain(graph, video, out)
        for packet in video.encode(None):
            out.mux(packet)
        if sound is not None:
            sound.close()


def _coding(rate: int | None) -> dict[str, str]:
    options = {"preset": "veryfast", "crf": "21", "profile": "high"}
    if rate is not None:
        options |= {"maxrate": str(rate), "bufsize": str(rate * 2)}
    return options


def _frames(film: InputContainer, with_sound: bool) -> Iterator[tuple[str, Any]]:
    """Decoded frames from the first picture on, with times that begin at 0 and never go back."""
    import av.error

    streams: list[Any] = [film.streams.video[0]]
    if with_sound:
        streams.append(film.streams.audio[0])
    begin: float | None = None
    last: dict[str, int] = {}
    bad = 0
    for packet in film.demux(streams):
        try:
            frames: list[Any] = list(packet.decode())
        except av.error.FFmpegError:
            bad += 1
            if bad > _BAD_PACKETS:
                raise
            continue
        kind = packet.stream.type
        for frame in frames:
            if frame.time is None or frame.time_base is None:
                continue
            if begin is None:
                if kind == "audio":
                    continue
                begin = frame.time
            pts = round((frame.time - begin) / frame.time_base)
            if pts < 0 or pts <= last.get(kind, -1):
                continue
            last[kind] = frame.pts = pts
            yield kind, frame


def _picture_graph(
    film: InputContainer, found: Probe, sides: tuple[int, int, int, int], fps: Fraction
) -> Graph:
    """Upright, scaled, on its ground, at an even pace."""
    import av.filter

    graph = av.filter.Graph()
    inner_w, inner_h, width, height = sides
    steps = [("buffer", None), *_TURNS.get(found.rotation % 360, ())]
    steps.append(("scale", f"{inner_w}:{inner_h}"))
    if (inner_w, inner_h) != (width, height):
        steps.append(("pad", f"{width}:{height}:(ow-iw)/2:(oh-ih)/2:black"))
    steps += [("setsar", "1"), ("fps", f"{fps.numerator}/{fps.denominator}"), ("format", "yuv420p")]
    chain = [graph.add_buffer(template=film.streams.video[0])]
    chain += [graph.add(name, args or "") for name, args in steps[1:]]
    chain.append(graph.add("buffersink"))
    for one, other in pairwise(chain):
        one.link_to(other)
    graph.configure()
    return graph


# What a player would do with the stored frames, by degrees counter-clockwise.
_TURNS: Final[dict[int, tuple[tuple[str, str | None], ...]]] = {
    90: (("transpose", "cclock"),),
    180: (("hflip", None), ("vflip", None)),
    270: (("transpose", "clock"),),
}


def _drain(graph: Graph, video: VideoStream, out: OutputContainer) -> None:
    import av.error

    while True:
        try:
            frame = graph.vpull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        frame.pict_type = 0
        for packet in video.encode(frame):
            out.mux(packet)


class Sound:
    """AAC, stereo, 48 kHz, from the first picture on; gaps are filled with silence.

    `level`: how loud it is made, as the filter loudnorm wants it; "" leaves it as it came.
    """

    def __init__(self, film: InputContainer, out: OutputContainer, *, level: str = "") -> None:
        import av.filter

        self._out = out
        self._stream = out.add_stream("aac", rate=48_000, layout="stereo")
        self._stream.bit_rate = AUDIO_RATE
        self._graph = av.filter.Graph()
        chain = [
            self._graph.add_abuffer(template=film.streams.audio[0]),
            self._graph.add("aresample", "48000:async=1:first_pts=0"),
            # The filter of loudness works at 192 kHz and leaves it so.
            *([self._graph.add("loudnorm", level), self._graph.add("aresample", "48000")] if level else []),
            self._graph.add("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
            self._graph.add("asetnsamples", "n=1024:p=0"),
            self._graph.add("abuffersink"),
        ]
        for one, other in pairwise(chain):
            one.link_to(other)
        self._graph.configure()

    def take(self, frame: Any) -> None:
        import av.error

        self._graph.push(frame)
        while True:
            try:
                ready = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            for packet in self._stream.encode(ready):  # type: ignore[arg-type]
                self._out.mux(packet)

    def close(self) -> None:
        self.take(None)
        for packet in self._stream.encode(None):
            self._out.mux(packet)


def _work(job: dict[str, Any], on_done: Callable[[float], object]) -> dict[str, Any]:
    made = transcode(Path(job["source"]), Path(job["target"]), Bounds(**job["bounds"]), on_done)
    return asdict(made)


if __name__ == "__main__":
    child.answer(_work)

"""Clips cut from a recording: upright, with the words in the picture, exact to the frame.

`cut` has it done by a process of its own (see `kit.child`). Decoding begins at the key frame before the
place, so an hour's recording costs no more than the part that is wanted; nothing is held but a few frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from niva.kit import child, recordings
from niva.kit.images import Broken, beside
from niva.kit.recordings import opened
from niva.kit.subtitles import Drawn, Page, Pen
from niva.kit.transcode import Sound

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.filter import Graph
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

RATIO: Final = 9 / 16
WIDEST: Final = 1080  # pixels of the clip's width
NARROWEST: Final = 720  # a small recording is enlarged to it, so that its words can be read
LONGEST: Final = 600.0  # seconds of one clip
MOST_SECONDS: Final = 1500.0  # of work on one clip
MOST_FPS: Final = 60.0
LEAST_FPS: Final = (
    23.0  # what short videos are taken with: https://developers.facebook.com/docs/instagram-platform
)
USUAL_FPS: Final = 30.0  # of a recording that is slower, or gives a frame only when something moves
# EBU R 128 as short videos use it: loudness in LUFS, peaks in dBTP.
_LEVEL: Final = "I=-16:TP=-1.5:LRA=11"
_BAD_PACKETS: Final = 200
_LATE: Final = 0.7  # seconds after the wanted place at which a jump counts as having gone wrong
_READABLE: Final = 0.5  # of the letters; a name in another alphabet may be missing, a language may not
_STOOD: Final = 1.0  # seconds of sound without a new picture after which the one before counts as standing
_WHITE: Final = 235
_BLACK: Final = 16
_GREY: Final = 128


@dataclass(frozen=True, slots=True)
class Cut:
    """`start`, `end`: seconds of the recording; `focus`: what stays, a share of the width, None for the whole
    picture with margins; `cues`: (start, end, words) in milliseconds of the recording; `fonts`: files.
    """

    start: float
    end: float
    focus: float | None = 0.5
    cues: Sequence[tuple[int, int, str]] = ()
    fonts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """The clip as it lies at the target. Bytes, pixels, seconds."""

    size: int
    width: int
    height: int
    duration: float | None


async def cut(source: Path, target: Path, wanted: Cut, on_done: Callable[[float], object]) -> Made:
    """Have it cut by a process of its own. Raises Broken: no_picture, broken, outside (the recording ends
    before the place), no_font (words, but no file to draw them with),
    no_letters (the typeface has not the letters of most words), too_long, too_slow, no_room.
    """
    job = {"source": str(source), "target": str(target), "cut": asdict(wanted)}
    return Made(**await child.ask(__name__, job, on_done, most_seconds=MOST_SECONDS))


def make(source: Path, target: Path, wanted: Cut, on_done: Callable[[float], object]) -> Made:
    """Cut it here and now. Raises Broken. Nothing half written ever stands at `target`."""
    if not 0 <= wanted.start < wanted.end or wanted.end - wanted.start > LONGEST:
        raise Broken("too_long")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with beside(target) as path:
            try:
                _cut(source, path, wanted, on_done, jump=True)
            except _JumpedWrong:
                _cut(source, path, wanted, on_done, jump=False)
    except OSError as error:
        if error.errno in (28, 122, 27):  # ENOSPC, EDQUOT, EFBIG
            raise Broken("no_room") from error
        raise Broken("broken") from error
    found = recordings.probe(target)
    return Made(target.stat().st_size, found.width, found.height, found.duration)


class _JumpedWrong(Exception):
    """The index of the file leads past the place: then it has to be read from its beginning."""


def _cut(source: Path, path: Path, wanted: Cut, on_done: Callable[[float], object], *, jump: bool) -> None:
    import av

    with (
        opened(source) as film,
        av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out,
    ):
        if not film.streams.video:
            raise Broken("no_picture")
        if jump and wanted.start > 0:
            film.seek(int((wanted.start + _begin(film)) * 1_000_000))
        painter: _Painter | None = None
        sound = Sound(film, out, level=_LEVEL) if film.streams.audio else None
        heard = 0.0
        for kind, frame in _frames(film, wanted, on_done, jump=jump):
            if kind == "audio":
                heard = frame.time
                if sound is not None:
                    sound.take(frame)
                continue
            if kind == "end":
                heard = wanted.end - wanted.start
                continue
            if painter is None:
                painter = _Painter(film, out, frame, wanted, on_done)
            painter.take(frame)
        if painter is None:
            raise Broken("outside")
        painter.close(heard)
        if sound is not None:
            sound.close()


def _begin(film: InputContainer) -> float:
    """Seconds at which the recording's own clock starts."""
    return (film.start_time or 0) / 1_000_000


def _frames(
    film: InputContainer, wanted: Cut, on_done: Callable[[float], object], *, jump: bool
) -> Iterator[tuple[str, Any]]:
    """Decoded frames of the wanted part, with times that begin at 0 and never go back.

    A recording of a screen gives a frame only when something moves: the one before the part stands at its
    beginning, and "end" says that the last one stands until the part is over.
    """
    import av.error

    streams: list[Any] = [film.streams.video[0], *film.streams.audio[:1]]
    begin = _begin(film)
    open_kinds = {stream.type for stream in streams}
    last: dict[str, int] = {}
    looked = not jump or wanted.start <= 0
    before: Any = None
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
            at = frame.time - begin
            if kind == "video" and not looked:
                looked = True
                if at > wanted.start + _LATE:
                    raise _JumpedWrong
            if at >= wanted.end and kind == "video" and kind in open_kinds:
                if kind not in last and before is not None:
                    yield kind, _first(before, last)
                yield "end", frame
            if at >= wanted.end:
                open_kinds.discard(kind)
                break
            pts = round((at - wanted.start) / frame.time_base)
            if pts < 0 and kind == "video":
                before = frame
                on_done(0.0)
            if pts < 0 or pts <= last.get(kind, -1):
                continue
            late = kind == "audio" and at > wanted.start + _STOOD
            if pts > 0 and (late or kind == "video") and "video" not in last and before is not None:
                yield "video", _first(before, last)
            last[kind] = frame.pts = pts
            yield kind, frame
        if "video" not in open_kinds and (len(open_kinds) == 0 or _is_past(packet, begin, wanted.end)):
            return
    if "video" not in last and "video" in open_kinds and "audio" in last and before is not None:
        yield "video", _first(before, last)  # the picture has stood still since, and the sound went on


def _first(frame: Any, last: dict[str, int]) -> Any:
    """The picture that stood there already when the part begins."""
    frame.pts = last["video"] = frame.duration = 0
    return frame


def _is_past(packet: Any, begin: float, end: float) -> bool:
    """Sound may lag behind the picture in a file, but not for seconds."""
    if packet.pts is None or packet.time_base is None:
        return False
    return float(packet.pts * packet.time_base) - begin > end + 2.0


class _Painter:
    """The picture: upright, cut or with margins, at an even pace, with the words in it."""

    def __init__(
        self, film: InputContainer, out: OutputContainer, first: VideoFrame, wanted: Cut,
        on_done: Callable[[float], object],
    ) -> None:  # fmt: skip
        stream = film.streams.video[0]
        rate = float(stream.average_rate or stream.guessed_rate or USUAL_FPS)
        fps = Fraction(min(rate, MOST_FPS) if rate >= LEAST_FPS else USUAL_FPS).limit_denominator(1001)
        sideways = abs(first.rotation) in (90, 270)
        size = (first.height, first.width) if sideways else (first.width, first.height)
        self._out = out
        self.width, self.height, steps = shape(*size, wanted.focus)
        self._stream: VideoStream = out.add_stream(
            "libx264", rate=fps, options={"preset": "veryfast", "crf": "21", "profile": "high"}
        )
        self._stream.width, self._stream.height = self.width, self.height
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.thread_count = 2
        self._graph = _graph(stream, first.rotation, steps, fps)
        self._pages = _pages(wanted, self.width, self.height)
        self._pen = Pen([Path(one) for one in wanted.fonts], self.width, self.height) if self._pages else None
        self._start, self._length = wanted.start, wanted.end - wanted.start
        self._step, self._on_done = float(1 / fps), on_done
        self._last: VideoFrame | None = None
        self._drawn: tuple[tuple[str, ...], Drawn] | None = None

    def take(self, frame: VideoFrame | None) -> None:
        import av.error

        self._graph.vpush(frame)
        self._last = frame or self._last
        while True:
            try:
                ready = self._graph.vpull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            ready.pict_type = 0
            self._on_done(min(1.0, (ready.time or 0.0) / self._length))
            for packet in self._stream.encode(self._written(ready)):
                self._out.mux(packet)

    def close(self, until: float) -> None:
        """The last picture stands `until` then, seconds of the clip."""
        last = self._last
        if last is not None and last.time is not None and last.time_base is not None:
            pts = round((until - self._step) / last.time_base)
            if pts > (last.pts or 0) and until - last.time > 2 * self._step:
                last.pts, last.duration = pts, 0
                self.take(last)
        self.take(None)
        for packet in self._stream.encode(None):
            self._out.mux(packet)

    def _written(self, frame: VideoFrame) -> VideoFrame:
        """The frame with its words; without any it stays the same."""
        at = round(((frame.time or 0.0) + self._start) * 1000)
        while self._pages and self._pages[0].end <= at:
            self._pages.pop(0)
        if self._pen is None or not self._pages or self._pages[0].start > at:
            return frame
        lines = self._pages[0].lines
        if self._drawn is None or self._drawn[0] != lines:
            self._drawn = (lines, self._pen.draw(lines))
        return _burnt(frame, self._drawn[1])


def _pages(wanted: Cut, width: int, height: int) -> list[Page]:
    """All pages inside the part, in time. Raises Broken("no_font")."""
    cues = [one for one in wanted.cues if one[1] > wanted.start * 1000 and one[0] < wanted.end * 1000]
    if not cues:
        return []
    if not wanted.fonts:
        raise Broken("no_font")
    try:
        pen = Pen([Path(one) for one in wanted.fonts], width, height)
    except OSError as error:
        raise Broken("no_font") from error
    said = "".join(text for _start, _end, text in cues)
    if pen.share_drawn(said) < _READABLE:
        raise Broken("no_letters")
    return [page for start, end, text in sorted(cues) for page in pen.pages(start, end, text)]


def _burnt(frame: VideoFrame, drawn: Drawn) -> VideoFrame:
    """A copy of the frame with the masks laid on: the filter may give out the same bytes more than once."""
    from av import VideoFrame
    from PIL import Image

    made = VideoFrame(frame.width, frame.height, "yuv420p")
    made.pts, made.time_base = frame.pts, frame.time_base
    small = drawn.ground.resize((drawn.ground.width // 2, drawn.ground.height // 2))
    for place, (plane, target) in enumerate(zip(frame.planes, made.planes, strict=True)):
        rows = Image.frombuffer("L", (plane.line_size, plane.height), bytes(plane), "raw", "L", 0, 1)
        rows = rows.crop((0, 0, plane.width, plane.height))
        if place == 0:
            rows.paste(_BLACK, (drawn.left, drawn.top), drawn.ground)
            rows.paste(_WHITE, (drawn.left, drawn.top), drawn.letters)
        else:
            rows.paste(_GREY, (drawn.left // 2, drawn.top // 2), small)
        wide = Image.new("L", (target.line_size, target.height))
        wide.paste(rows, (0, 0))
        target.update(wide.tobytes())
    return made


def shape(width: int, height: int, focus: float | None) -> tuple[int, int, list[tuple[str, str]]]:
    """(width, height) of the clip and the filters that make it of an upright picture of that size."""
    if focus is None:
        inner = min(WIDEST, max(NARROWEST, width)) // 2 * 2
        tall = round(inner / RATIO / 2) * 2
        scaled = min(tall, max(2, round(height * inner / width / 2) * 2))
        across = inner if scaled < tall else max(2, min(inner, round(width * tall / height / 2) * 2))
        margins = ("pad", f"{inner}:{tall}:(ow-iw)/2:(oh-ih)/2:black")
        return inner, tall, [("scale", f"{across}:{scaled}"), margins]
    wide = min(width, max(2, round(height * RATIO)))
    tall = min(height, max(2, round(width / RATIO)))
    left = round((width - wide) * min(1.0, max(0.0, focus)))
    top = (height - tall) // 2
    outer = min(WIDEST, max(NARROWEST, wide)) // 2 * 2
    return (
        outer,
        round(outer / RATIO / 2) * 2,
        [("crop", f"{wide}:{tall}:{left}:{top}"), ("scale", f"{outer}:{round(outer / RATIO / 2) * 2}")],
    )


# What a player would do with the stored frames, by degrees counter-clockwise.
_TURNS: Final[dict[int, tuple[tuple[str, str], ...]]] = {
    90: (("transpose", "cclock"),),
    180: (("hflip", ""), ("vflip", "")),
    270: (("transpose", "clock"),),
}


def _graph(stream: Any, rotation: int, steps: list[tuple[str, str]], fps: Fraction) -> Graph:
    import av.filter

    graph = av.filter.Graph()
    even = [
        ("setsar", "1"),
        ("fps", f"{fps.numerator}/{fps.denominator}:start_time=0"),
        ("format", "yuv420p"),
    ]
    chain = [graph.add_buffer(template=stream)]
    chain += [graph.add(name, args) for name, args in (*_TURNS.get(rotation % 360, ()), *steps, *even)]
    chain.append(graph.add("buffersink"))
    for one, other in pairwise(chain):
        one.link_to(other)
    graph.configure()
    return graph


def _work(job: dict[str, Any], on_done: Callable[[float], object]) -> dict[str, Any]:
    wanted = job["cut"]
    wanted["cues"] = [(one[0], one[1], one[2]) for one in wanted["cues"]]
    return asdict(make(Path(job["source"]), Path(job["target"]), Cut(**wanted), on_done))


if __name__ == "__main__":
    child.answer(_work)

"""Clips: exact, upright, with words that are really in the picture; wicked recordings end in words."""

from __future__ import annotations

import asyncio
import itertools
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from niva.kit import clips, recordings, videos
from niva.kit.clips import Cut
from niva.kit.images import Broken
from niva.kit.subtitles import Pen
from niva.kit.tests.test_transcode import turned

FONTS = tuple(
    str(path)
    for path in sorted(
        (Path(clips.__file__).parents[1] / "web/static/dist/assets").glob("golos-text-*.woff2")
    )
)
needs_fonts = pytest.mark.skipif(not FONTS, reason="the front end is not built: no typeface to draw with")
WORDS = "Почему мясо сохнет? Because it is cut at once, 100 ₽"


def recording(
    path: Path, *, seconds: int = 6, size: tuple[int, int] = (160, 90), sound: bool = True, odd: bool = False
) -> Path:
    """Each second has a shade of its own at the left (40, 70, 100 …) and is black at the right.

    `odd`: every third frame is missing, as phones and screen recorders leave them out.
    """
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=10, options={"g": "30", "preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        voice = out.add_stream("aac", rate=16_000, layout="mono") if sound else None
        for n in range(seconds * 10):
            if odd and n % 3 == 2:
                continue
            picture = Image.new("RGB", size)
            picture.paste((40 + n // 10 * 30,) * 3, (0, 0, size[0] // 2, size[1]))
            frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = n, Fraction(1, 10)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for n in range(seconds * 16_000 // 1024 if voice else 0):
            beep = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            beep.planes[0].update(b"\0\0\0\x3e\0\0\0\xbe" * 512)  # ± 0.125
            beep.sample_rate, beep.pts = 16_000, n * 1024
            out.mux(voice.encode(beep))
        if voice is not None:
            out.mux(voice.encode(None))
    return path


def made(tmp_path: Path, source: Path, wanted: Cut) -> tuple[clips.Made, Path]:
    target = tmp_path / "out" / "clip.mp4"
    shares: list[float] = []
    result = clips.make(source, target, wanted, shares.append)
    assert shares == sorted(shares) and all(0 <= one <= 1 for one in shares)
    return result, target


def shade(path: Path, seconds: float) -> float:
    return ImageStat.Stat(videos.still(path, seconds).convert("L")).mean[0]


def test_the_cut_is_exact_and_upright_with_its_sound(tmp_path: Path) -> None:
    source = recording(tmp_path / "a.mp4")
    result, target = made(tmp_path, source, Cut(1.5, 4.0, focus=0.0))
    assert (result.width, result.height) == (720, 1280)
    assert result.duration == pytest.approx(2.5, abs=0.1)
    found = videos.probe(target)
    assert (found.codec, found.audio, found.pixels) == ("h264", "aac", "yuv420p")
    # The shade of second 1 lasts half a second, then come those of 2 and 3: the key frame at 0 is not seen.
    assert [round(shade(target, at) / 10) for at in (0.2, 0.8, 1.8)] == [7, 10, 13]
    head = target.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


def test_the_focus_decides_which_side_is_seen_and_whole_keeps_both(tmp_path: Path) -> None:
    source = recording(tmp_path / "a.mp4", seconds=2)
    assert shade(made(tmp_path, source, Cut(0, 1, focus=0.0))[1], 0.5) > 30
    assert shade(made(tmp_path, source, Cut(0, 1, focus=1.0))[1], 0.5) < 3
    whole = videos.still(made(tmp_path, source, Cut(0, 1, focus=None))[1], 0.5).convert("L")
    middle = whole.crop((0, 500, 720, 780))
    assert ImageStat.Stat(middle.crop((0, 0, 200, 280))).mean[0] > 30
    assert ImageStat.Stat(middle.crop((520, 0, 720, 280))).mean[0] < 3
    assert ImageStat.Stat(whole.crop((0, 0, 720, 200))).mean[0] < 3


@needs_fonts
def test_words_are_burnt_in_while_they_are_said_and_only_then(tmp_path: Path) -> None:
    source = recording(tmp_path / "a.mp4", sound=False)
    bare = made(tmp_path, source, Cut(1.0, 4.0))[1].rename(tmp_path / "bare.mp4")
    target = made(tmp_path, source, Cut(1.0, 4.0, cues=((2000, 3000, WORDS),), fonts=FONTS))[1]
    for at, written in ((0.5, False), (1.4, True), (2.6, False)):
        other = ImageChops.difference(
            videos.still(bare, at).convert("L"), videos.still(target, at).convert("L")
        )
        box = other.point(lambda value: 255 * (value > 60)).getbbox()
        assert (box is not None) == written, (at, box)
        if box is not None:
            # Inside the room that players leave free, two lines at most.
            assert box[0] >= 50 and box[2] <= 670 and box[1] >= 840 and box[3] <= 1280 * 0.77


@needs_fonts
def test_long_words_become_pages_of_two_lines_in_both_alphabets() -> None:
    pen = Pen([Path(one) for one in FONTS], 720, 1280)
    pages = pen.pages(0, 9000, f"{WORDS} " * 3 + "ы" * 90 + " 🥩")
    assert pages[0].start == 0 and pages[-1].end == 9000
    assert all(a.end == b.start for a, b in itertools.pairwise(pages))
    assert all(len(page.lines) <= 2 for page in pages)
    assert all(pen.length(line) <= 720 * 0.81 for page in pages for line in page.lines)
    assert pen.runs("мясо meat") == [(pen.runs("м")[0][0], "мясо "), (pen.runs("m")[0][0], "meat")]
    assert pen.runs("🥩") == [] and pen.pages(0, 900, "🥩") == []
    letters = pen.draw(pages[0].lines).letters
    assert letters.getbbox() is not None and letters.width % 2 == letters.height % 2 == 0


def test_a_turned_recording_stands_upright(tmp_path: Path) -> None:
    source = turned(recording(tmp_path / "a.mp4", seconds=2))
    assert recordings.probe(source).width == 90
    result, _target = made(tmp_path, source, Cut(0, 1))
    assert (result.width, result.height) == (720, 1280)


def test_frames_that_come_unevenly_keep_their_moments(tmp_path: Path) -> None:
    source = recording(tmp_path / "a.mp4", odd=True)
    result, target = made(tmp_path, source, Cut(2.0, 5.0, focus=0.0))
    assert result.duration == pytest.approx(3.0, abs=0.25)
    assert [round(shade(target, at) / 10) for at in (0.5, 1.5, 2.5)] == [10, 13, 16]


def test_what_is_outside_or_no_recording_is_said(tmp_path: Path) -> None:
    source = recording(tmp_path / "a.mp4", seconds=2)
    for wanted, code in (
        (Cut(30, 40), "outside"),
        (Cut(0, 700), "too_long"),
        (Cut(1, 1), "too_long"),
        (Cut(0, 1, cues=((0, 900, "words"),)), "no_font"),
    ):
        with pytest.raises(Broken) as raised:
            made(tmp_path, source, wanted)
        assert raised.value.code == code
    nothing = tmp_path / "b.mp4"
    nothing.write_bytes(b"not a film at all" * 99)
    with pytest.raises(Broken):
        made(tmp_path, nothing, Cut(0, 1))
    assert not list((tmp_path / "out").iterdir())


def test_a_recording_that_breaks_off_gives_what_there_is_or_words(tmp_path: Path) -> None:
    source = recording(tmp_path / "a.mkv")
    whole = source.read_bytes()
    source.write_bytes(whole[: len(whole) // 2])
    result, _target = made(tmp_path, source, Cut(0, 2))
    assert result.duration == pytest.approx(2.0, abs=0.2)
    with pytest.raises(Broken) as raised:
        made(tmp_path, source, Cut(5, 6))
    assert raised.value.code in ("outside", "broken")


def test_only_sound_is_a_recording_without_a_picture(tmp_path: Path) -> None:
    source = tmp_path / "a.ogg"
    length = recordings.sound_piece(recording(tmp_path / "a.mp4"), source, 1.0, 4.0)
    assert length == pytest.approx(3.0, abs=0.15)
    found = recordings.probe(source)
    assert (found.mime, found.width, found.has_sound) == ("audio/ogg", 0, True)
    assert found.duration == pytest.approx(3.0, abs=0.2)
    with pytest.raises(Broken) as raised:
        made(tmp_path, source, Cut(0, 1))
    assert raised.value.code == "no_picture"
    with pytest.raises(Broken) as raised:
        recordings.sound_piece(recording(tmp_path / "b.mp4", sound=False), source, 0, 1)
    assert raised.value.code == "no_sound"


def test_a_process_of_its_own_does_it_and_tells_why_not(tmp_path: Path) -> None:
    source = recording(tmp_path / "a.mp4", seconds=2)
    result = asyncio.run(clips.cut(source, tmp_path / "c.mp4", Cut(0.5, 1.5), lambda share: None))
    assert result.duration == pytest.approx(1.0, abs=0.1)
    with pytest.raises(Broken) as raised:
        asyncio.run(clips.cut(source, tmp_path / "d.mp4", Cut(9, 10), lambda share: None))
    assert raised.value.code == "outside"
    assert not (tmp_path / "d.mp4").exists()


def still_screen(path: Path) -> Path:
    """A screen that moves in the first second, stands from 1.0 to 8.0, and has sound for nine."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 160, 90, "yuv420p"
        voice = out.add_stream("aac", rate=16_000, layout="mono")
        for n in (*range(11), 80):
            picture = Image.new(
                "RGB", (160, 90), (60,) * 3 if n < 10 else (120,) * 3 if n < 80 else (200,) * 3
            )
            frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = n, Fraction(1, 10)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for n in range(9 * 16_000 // 1024):
            beep = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            beep.planes[0].update(b"\0\0\0\x3e\0\0\0\xbe" * 512)
            beep.sample_rate, beep.pts = 16_000, n * 1024
            out.mux(voice.encode(beep))
        out.mux(voice.encode(None))
    return path


@pytest.mark.parametrize(
    ("start", "end", "at", "level"),
    [(3.0, 6.0, 1.5, 120), (0.5, 4.5, 3.7, 120), (2.0, 8.5, 0.1, 120), (8.2, 8.8, 0.3, 200)],
)
def test_a_picture_that_stands_still_stands_in_the_clip(
    tmp_path: Path, start: float, end: float, at: float, level: int
) -> None:
    result, target = made(tmp_path, still_screen(tmp_path / "a.mp4"), Cut(start, end, None))
    with av.open(str(target)) as film:
        frames = [frame.time for frame in film.decode(video=0)]
        assert float(film.streams.video[0].average_rate or 0) == pytest.approx(30, abs=0.5)
    assert frames[0] == 0 and frames[-1] == pytest.approx(end - start, abs=0.15)
    with av.open(str(target)) as film:
        shown = next(frame for frame in film.decode(video=0) if (frame.time or 0) >= at).to_image()
    middle = shown.convert("L").getpixel((result.width // 2, result.height // 2))
    assert middle == pytest.approx(level, abs=8)


@needs_fonts
def test_letters_that_the_typeface_has_not_are_told_not_dropped(tmp_path: Path) -> None:
    source = recording(tmp_path / "a.mp4", seconds=2)
    with pytest.raises(Broken) as raised:
        made(tmp_path, source, Cut(0, 2, cues=[(0, 2000, "שלום עולם")], fonts=FONTS))
    assert raised.value.code == "no_letters"
    made(tmp_path, source, Cut(0, 2, cues=[(0, 2000, "\U0001f389 да, שלום, мясо сохнет")], fonts=FONTS))
    pen = Pen([Path(one) for one in FONTS], 720, 1280)
    apart, together = "и\u0306од", "йод"
    assert pen.runs(apart) == pen.runs(together) and pen.runs(together)[0][1] == together

"""Videos written anew: what comes out is what networks take, and wicked films end in words."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image, ImageDraw

from niva.kit import transcode, videos
from niva.kit.images import Broken
from niva.kit.transcode import Bounds

UPRIGHT = Bounds(side=320, low=0.5625, high=0.5625)


def film(
    path: Path,
    *,
    codec: str = "mpeg4",
    frames: int = 24,
    size: tuple[int, int] = (160, 120),
    sound: bool = True,
    first: int = 0,
    noise: bool = False,
) -> Path:
    """A second or two at 24 frames; the upper left corner is red, so that turns are seen."""
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=24)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = out.add_stream("aac", rate=44_100, layout="mono") if sound else None
        for n in range(frames):
            picture = (
                Image.effect_noise(size, 90).convert("RGB")
                if noise
                else Image.new("RGB", size, (40, n * 5, 90))
            )
            ImageDraw.Draw(picture).rectangle((0, 0, 40, 40), fill=(220, 0, 0))
            frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = n + first, Fraction(1, 24)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None:
            for n in range(frames * 44_100 // 24 // 1024):
                beep = av.AudioFrame(format="fltp", layout="mono", samples=1024)
                beep.planes[0].update(b"\0" * beep.planes[0].buffer_size)
                beep.sample_rate, beep.pts = 44_100, n * 1024
                out.mux(audio.encode(beep))
            out.mux(audio.encode(None))
    return path


def turned(path: Path) -> Path:
    """The same with a matrix in `tkhd` (ISO/IEC 14496-12, 8.3.2) that turns it clockwise by 90 degrees."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 20 + 8 + 8  # version 0: times and ids, reserved, layer to volume
    for place, value in enumerate((0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)):
        data[at + place * 4 : at + place * 4 + 4] = value.to_bytes(4, "big", signed=True)
    path.write_bytes(bytes(data))
    return path


def made(tmp_path: Path, source: Path, bounds: Bounds) -> tuple[transcode.Made, videos.Probe]:
    shares: list[float] = []
    result = transcode.transcode(source, tmp_path / "out" / "b.mp4", bounds, shares.append)
    assert all(0 <= one <= 1 for one in shares)
    return result, videos.probe(tmp_path / "out" / "b.mp4")


def test_any_codec_comes_out_as_h264_and_aac_with_the_index_in_front(tmp_path: Path) -> None:
    result, found = made(tmp_path, film(tmp_path / "a.mkv"), Bounds())
    assert (found.codec, found.audio, found.pixels) == ("h264", "aac", "yuv420p")
    assert (result.width, result.height) == (160, 120)
    assert result.duration == pytest.approx(1.0, abs=0.15)
    data = (tmp_path / "out" / "b.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_an_upright_form_gets_a_ground_and_nothing_is_cut(tmp_path: Path) -> None:
    result, _found = made(tmp_path, film(tmp_path / "a.mp4", sound=False), UPRIGHT)
    assert (result.width, result.height) == (160, 284)
    picture = videos.still(tmp_path / "out" / "b.mp4", 0.5)
    assert max(picture.getpixel((80, 5))) < 30
    assert picture.getpixel((10, 92))[0] > 150  # the red corner, below the margin


def test_a_film_on_its_side_is_put_upright(tmp_path: Path) -> None:
    source = turned(film(tmp_path / "a.mp4", sound=False))
    assert videos.take_in(source, tmp_path / "t").width == 120
    assert videos.still(source, 0).getpixel((115, 5))[0] > 150  # the corner has gone to the right
    result, found = made(tmp_path, source, Bounds())
    assert (result.width, result.height, found.rotation) == (120, 160, 0)
    assert videos.still(tmp_path / "out" / "b.mp4", 0).getpixel((115, 5))[0] > 150


def test_pixels_pace_and_bytes_are_bounded(tmp_path: Path) -> None:
    source = film(tmp_path / "a.mp4", size=(480, 360), frames=30, noise=True, sound=False)
    result, found = made(tmp_path, source, Bounds(side=320, fps=12, size=90_000))
    assert max(result.width, result.height) <= 320
    assert result.size <= 90_000
    assert found.fps == pytest.approx(12, abs=0.1)


def test_bytes_that_allow_no_picture_are_told(tmp_path: Path) -> None:
    with pytest.raises(Broken) as broken:
        made(tmp_path, film(tmp_path / "a.mp4"), Bounds(size=5_000))
    assert broken.value.code == "too_heavy"
    assert not list((tmp_path / "out").glob("*"))


def test_what_is_coded_right_is_only_packed_anew(tmp_path: Path) -> None:
    source = film(tmp_path / "a.mkv", codec="libx264")
    _result, found = made(tmp_path, source, Bounds())
    assert (found.codec, found.audio) == ("h264", "aac")

    def pictures(path: Path) -> list[int]:
        with av.open(str(path)) as one:
            return [packet.size for packet in one.demux(video=0) if packet.size]

    # The same packets; MP4 keeps the parameter sets elsewhere, so only the first may differ.
    assert pictures(source)[1:] == pictures(tmp_path / "out" / "b.mp4")[1:]


def test_times_that_begin_below_zero_or_late_begin_at_zero(tmp_path: Path) -> None:
    for first in (-12, 480):
        source = film(tmp_path / f"a{first}.mkv", first=first, sound=False)
        result, _found = made(tmp_path, source, Bounds(side=80))
        assert result.duration == pytest.approx(1.0, abs=0.2)


def test_a_moving_gif_becomes_a_film(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (41, 31), (n * 60, 0, 0)) for n in range(4)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=250)
    result, found = made(tmp_path, tmp_path / "a.gif", Bounds())
    assert (found.codec, result.width % 2, result.height % 2) == ("h264", 0, 0)


def test_one_frame_is_a_film(tmp_path: Path) -> None:
    assert made(tmp_path, film(tmp_path / "a.mp4", frames=1, sound=False), Bounds(side=80))[0].size > 0


def test_a_process_of_its_own_does_it_and_tells_how_far_it_is(tmp_path: Path) -> None:
    source = film(tmp_path / "a.mkv", frames=48)
    heard: list[float] = []
    result = asyncio.run(transcode.convert(source, tmp_path / "b.mp4", Bounds(side=80), heard.append))
    assert (result.width, result.height) == (80, 60)
    assert heard and max(heard) <= 1


def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x20ftypisom" + b"\0" * 300)
    with pytest.raises(Broken) as broken:
        asyncio.run(transcode.convert(tmp_path / "a.mp4", tmp_path / "b.mp4", Bounds(), print))
    assert broken.value.code == "broken"
    assert not (tmp_path / "b.mp4").exists()


# Stills


def test_the_still_that_is_chosen_is_not_black(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg4", rate=12)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        for n in range(36):
            picture = Image.new("RGB", (160, 120), "black")
            if 12 <= n < 30:
                ImageDraw.Draw(picture).ellipse((40, 20, 120, 100), fill="orange")
            out.mux(video.encode(av.VideoFrame.from_image(picture)))
        out.mux(video.encode(None))
    taken = videos.take_in(path, tmp_path / "b")
    assert taken.poster is not None
    assert videos.worth_of(Image.open(taken.poster)) > 0
    assert videos.worth_of(videos.still(path, 0)) == 0
    assert videos.still(path, 999).size == (160, 120)  # beyond the end: the last one

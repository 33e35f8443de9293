"""Videos: real ones are measured and get a poster; what only calls itself a video is refused."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from PIL import Image

from niva.kit import videos
from niva.kit.images import Broken


def film(path: Path, *, codec: str = "mpeg4", frames: int = 12, sound_only: bool = False) -> Path:
    with av.open(str(path), "w") as container:
        if sound_only:
            stream = container.add_stream("aac", rate=44_100)
            frame = av.AudioFrame(format="fltp", layout="stereo", samples=1024)
            for plane in frame.planes:
                plane.update(b"\0" * plane.buffer_size)
            frame.sample_rate = 44_100
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                container.mux(packet)
            return path
        stream = container.add_stream(codec, rate=12)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for n in range(frames):
            picture = Image.new("RGB", (160, 120), (n * 15, 90, 40))
            for packet in stream.encode(av.VideoFrame.from_image(picture)):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def test_a_film_is_measured_and_gets_a_poster(tmp_path: Path) -> None:
    source = film(tmp_path / "a.mp4")
    assert videos.looks_like(source.read_bytes()[:64])
    taken = videos.take_in(source, tmp_path / "out" / "b")
    assert (taken.kind, taken.mime, taken.width, taken.height) == ("video", "video/mp4", 160, 120)
    assert taken.duration == pytest.approx(1.0, abs=0.15)
    assert taken.poster is not None
    assert taken.poster.read_bytes()[:2] == b"\xff\xd8"


def test_the_kind_comes_from_the_bytes(tmp_path: Path) -> None:
    source = film(tmp_path / "a.mkv").rename(tmp_path / "a.mp4")
    assert videos.take_in(source, tmp_path / "b").mime == "video/x-matroska"


def test_only_sound_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(Broken) as broken:
        videos.take_in(film(tmp_path / "a.mp4", sound_only=True), tmp_path / "b")
    assert broken.value.code == "no_picture"


@pytest.mark.parametrize(
    "content",
    [b"\0\0\0\x20ftypisom" + b"\0" * 300, b"\x1a\x45\xdf\xa3 words", b"#EXTM3U\nhttp://127.0.0.1/x.ts"],
)
def test_what_only_looks_like_a_video_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(Broken):
        videos.take_in(tmp_path / "a.mp4", tmp_path / "b")
    assert not list(tmp_path.glob("b*"))


def test_a_cut_film_without_its_index_is_broken(tmp_path: Path) -> None:
    whole = film(tmp_path / "a.mp4").read_bytes()
    (tmp_path / "a.mp4").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(Broken):
        videos.take_in(tmp_path / "a.mp4", tmp_path / "b")

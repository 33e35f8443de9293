"""Files that were damaged or made to harm: every one is taken or refused as Broken, quickly and in bounds."""

from __future__ import annotations

import io
import random
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import pytest
from PIL import Image

from niva.kit import images, videos

LIVES = 1500  # damaged pictures, and a tenth as many videos


def _pictures() -> dict[str, bytes]:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    found = {}
    for kind, mode in (
        ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "I;16"), ("PNG", "LA"), ("JPEG", "RGB"), ("JPEG", "CMYK"),
        ("WEBP", "RGBA"), ("TIFF", "F"), ("TIFF", "LAB"), ("TIFF", "YCbCr"), ("BMP", "RGB"), ("GIF", "P"),
    ):  # fmt: skip
        to = io.BytesIO()
        more = {"exif": exif} if kind in ("PNG", "JPEG", "WEBP", "TIFF") else {}
        Image.new(mode, (40, 30)).save(to, kind, **more)
        found[f"{kind} {mode}"] = to.getvalue()
    to = io.BytesIO()
    first, *rest = (Image.new("RGB", (40, 30), (n * 9, 0, 0)) for n in range(9))
    first.save(to, "GIF", save_all=True, append_images=rest, duration=50)
    found["GIF moving"] = to.getvalue()
    return found


def _video(path: Path) -> bytes:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in range(5):
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 48), (shade * 40, 0, 0)))
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path.read_bytes()


def _damaged(data: bytes, dice: random.Random) -> bytes:
    if dice.random() < 0.3:
        return data[: dice.randrange(len(data))]
    hurt = bytearray(data)
    for _ in range(dice.choice([1, 2, 5, 20])):
        hurt[dice.randrange(len(hurt))] = dice.randrange(256)
    return bytes(hurt)


def test_damaged_pictures_are_taken_or_refused(tmp_path):
    dice, seeds, ends = random.Random(7), _pictures(), {"taken": 0, "refused": 0}
    source = tmp_path / "source"
    for _ in range(LIVES):
        source.write_bytes(_damaged(seeds[dice.choice(sorted(seeds))], dice))
        try:
            taken = images.take_in(source, tmp_path / "out" / "file")
            images.thumbnail(taken.path, tmp_path / "thumb" / "file", 480)
            ends["taken"] += 1
        except images.Broken:
            ends["refused"] += 1
    assert min(ends.values()) > LIVES / 10
    assert not list(tmp_path.rglob(".*")), "nothing half-made stays behind"


def test_damaged_videos_are_taken_or_refused(tmp_path):
    dice, data = random.Random(7), _video(tmp_path / "whole.mp4")
    source = tmp_path / "source"
    for _ in range(LIVES // 10):
        hurt = _damaged(data, dice)
        source.write_bytes(hurt)
        if not videos.looks_like(hurt[:64]):
            continue
        try:
            videos.take_in(source, tmp_path / "out" / "file")
        except images.Broken:
            continue
    source.write_bytes(data[: len(data) // 2])
    with pytest.raises(images.Broken):
        videos.take_in(source, tmp_path / "out" / "file")


def _png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rest = b"".join(chunk(kind, body) for kind, body in chunks)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + rest + chunk(b"IEND", b"")


def _many_frames(side: int, count: int) -> bytes:
    """A GIF of `count` frames, each a few bytes long."""
    to = io.BytesIO()
    first, second = (Image.new("P", (side, side), shade) for shade in (0, 1))
    first.save(to, "GIF", save_all=True, append_images=[second], duration=20)
    data = to.getvalue()
    start = data.index(b"\x21\xf9")
    frame = data[data.index(b"\x21\xf9", start + 1) : -1]
    return data[:start] + frame * count + b"\x3b"


@pytest.mark.parametrize(
    "data",
    [
        _png(30_000, 30_000, (b"IDAT", zlib.compress(b"\0" * 1000))),
        _png(2_000_000_000, 1, (b"IDAT", zlib.compress(b"\0" * 1000))),
        _png(10, 10, *[(b"zTXt", b"k\0\0" + zlib.compress(b"x" * 50_000_000))] * 3),
        _png(7_000, 7_000, (b"IDAT", zlib.compress(b"\0" * 1000))),
        _many_frames(1500, 10_000),
        b"#EXTM3U\nhttp://169.254.169.254/latest\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%!PS-Adobe\n",
        b"",
    ],
    ids=["square", "long", "text", "unfinished", "frames", "playlist", "svg", "postscript", "empty"],
)
def test_bombs_and_strangers_are_refused_at_once(tmp_path, data):
    source = tmp_path / "source"
    source.write_bytes(data)
    began = time.process_time()
    with pytest.raises(images.Broken):
        images.take_in(source, tmp_path / "out" / "file")
    assert time.process_time() - began < 8


def test_the_same_picture_from_many_hands_at_once(tmp_path):
    source = tmp_path / "source"
    Image.effect_noise((600, 400), 90).convert("RGB").save(source, "PNG")
    with ThreadPoolExecutor(8) as hands:
        made = list(hands.map(lambda _: images.take_in(source, tmp_path / "out" / "file"), range(24)))
    assert {one.path for one in made} == {tmp_path / "out" / "file.jpg"}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["file.jpg"]


def test_a_full_disk_is_no_broken_file_and_leaves_nothing_behind(tmp_path, monkeypatch):
    source = tmp_path / "source.png"
    Image.new("RGB", (40, 30)).save(source)

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        images.take_in(source, tmp_path / "out" / "file")
    assert not list((tmp_path / "out").iterdir())

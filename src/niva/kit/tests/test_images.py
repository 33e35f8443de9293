"""Pictures: what is taken, what is written anew, what is refused; fitting into every kind of limit."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from niva.kit import images
from niva.kit.images import Broken, Room


def noise(path: Path, size: tuple[int, int] = (600, 400), mode: str = "RGB", **extra: object) -> Path:
    image = Image.frombytes(mode, size, os.urandom(size[0] * size[1] * len(mode)))
    image.save(path, **extra)
    return path


def test_a_photo_becomes_a_jpeg_without_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    taken = images.take_in(noise(tmp_path / "a.jpg", exif=exif), tmp_path / "out" / "b")
    assert (taken.kind, taken.mime, taken.width, taken.height) == ("image", "image/jpeg", 600, 400)
    assert b"SecretCamera" not in taken.path.read_bytes()
    assert not Image.open(taken.path).getexif()


def test_a_photo_on_its_side_is_put_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    taken = images.take_in(noise(tmp_path / "a.jpg", exif=exif), tmp_path / "b")
    assert (taken.width, taken.height) == (400, 600)


def test_transparency_stays_where_there_is_some(tmp_path: Path) -> None:
    assert images.take_in(noise(tmp_path / "a.png", mode="RGBA"), tmp_path / "b").mime == "image/png"
    opaque = Image.new("RGBA", (40, 40), (10, 20, 30, 255))
    opaque.save(tmp_path / "c.png")
    assert images.take_in(tmp_path / "c.png", tmp_path / "d").mime == "image/jpeg"


def test_a_palette_keeps_its_colours_and_its_hole(tmp_path: Path) -> None:
    image = Image.new("P", (10, 10), 1)
    image.putpalette([0, 0, 0, 200, 30, 60] + [0] * 762)
    image.putpixel((0, 0), 0)
    image.save(tmp_path / "a.png", transparency=0)
    written = Image.open(images.take_in(tmp_path / "a.png", tmp_path / "b").path).convert("RGBA")
    assert written.getpixel((5, 5)) == (200, 30, 60, 255)
    assert written.getpixel((0, 0))[3] == 0


@pytest.mark.parametrize("mode", ["L", "CMYK", "1", "I;16", "LA"])
def test_every_colour_space_is_taken(tmp_path: Path, mode: str) -> None:
    ending = "jpg" if mode == "CMYK" else "png"
    Image.new(mode, (30, 20), 0).save(tmp_path / f"a.{ending}")
    taken = images.take_in(tmp_path / f"a.{ending}", tmp_path / "b")
    assert Image.open(taken.path).size == (30, 20)


def test_a_moving_gif_keeps_moving(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (40, 30), (n * 80, 0, 0)) for n in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=200)
    taken = images.take_in(tmp_path / "a.gif", tmp_path / "b")
    assert (taken.kind, taken.mime) == ("animation", "image/gif")
    assert taken.duration == pytest.approx(0.6)
    written = Image.open(taken.path)
    assert written.n_frames == 3
    assert written.info["duration"] == 200


def test_a_still_gif_becomes_a_picture(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), (9, 9, 9)).save(tmp_path / "a.gif")
    assert images.take_in(tmp_path / "a.gif", tmp_path / "b").kind == "image"


def test_more_pixels_than_allowed_are_never_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_PIXELS", 1000)
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    noise_file = tmp_path / "a.bmp"
    noise_file.write_bytes(_bmp(600, 400))
    with pytest.raises(Broken) as broken:
        images.open_image(noise_file)
    assert broken.value.code == "too_many_pixels"
    assert broken.value.params == {"width": 600, "height": 400}


def _bmp(width: int, height: int) -> bytes:
    header = b"BM" + (54).to_bytes(4, "little") + b"\0" * 4 + (54).to_bytes(4, "little")
    body = (40).to_bytes(4, "little") + width.to_bytes(4, "little") + height.to_bytes(4, "little")
    return header + body + b"\1\0\x18\0" + b"\0" * 24


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_media"),
        (b"words", "not_media"),
        (b"<svg/>", "not_media"),
        (b"%!PS-Adobe-3.0 EPSF", "not_media"),
    ],
)
def test_what_is_no_picture_is_told_apart(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(Broken) as broken:
        images.take_in(tmp_path / "a.jpg", tmp_path / "b")
    assert broken.value.code == code
    assert not (tmp_path / "b.jpg").exists()


def test_a_cut_file_is_broken(tmp_path: Path) -> None:
    whole = noise(tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Broken) as broken:
        images.take_in(tmp_path / "a.jpg", tmp_path / "b")
    assert broken.value.code == "broken"


# Fitting


def test_what_fits_is_left_alone(tmp_path: Path) -> None:
    path = noise(tmp_path / "a.jpg")
    assert images.fit(path, tmp_path / "b", Room(size=10_000_000, side=600, mimes=("image/jpeg",))) is None


@pytest.mark.parametrize(
    "room",
    [Room(side=300), Room(sides_sum=500), Room(pixels=60_000), Room(size=40_000), Room(size=9_000, side=200)],
)
def test_what_is_too_large_is_made_to_fit(tmp_path: Path, room: Room) -> None:
    taken = images.fit(noise(tmp_path / "a.jpg", quality=95), tmp_path / "b", room)
    assert taken is not None
    width, height = Image.open(taken.path).size
    assert (width, height) == (taken.width, taken.height)
    assert room.side is None or max(width, height) <= room.side
    assert room.sides_sum is None or width + height <= room.sides_sum
    assert room.pixels is None or width * height <= room.pixels
    assert room.size is None or taken.path.stat().st_size <= room.size
    assert width / height == pytest.approx(1.5, rel=0.03)


def test_a_format_that_is_not_taken_is_turned_into_one_that_is(tmp_path: Path) -> None:
    taken = images.fit(noise(tmp_path / "a.webp"), tmp_path / "b", Room(mimes=("image/jpeg", "image/png")))
    assert taken is not None
    assert taken.mime == "image/jpeg"


def test_a_heavy_png_with_transparency_becomes_a_jpeg_on_white(tmp_path: Path) -> None:
    path = noise(tmp_path / "a.png", mode="RGBA")
    taken = images.fit(path, tmp_path / "b", Room(size=60_000, mimes=("image/jpeg", "image/png")))
    assert taken is not None
    assert taken.mime == "image/jpeg"
    assert taken.path.stat().st_size <= 60_000


def test_a_limit_that_cannot_be_met_ends_all_the_same(tmp_path: Path) -> None:
    taken = images.fit(noise(tmp_path / "a.jpg"), tmp_path / "b", Room(size=10))
    assert taken is not None
    assert min(taken.width, taken.height) <= 16


def test_a_thumbnail_fits_its_square(tmp_path: Path) -> None:
    path = images.thumbnail(noise(tmp_path / "a.jpg"), tmp_path / "b", 120)
    assert Image.open(path).size == (120, 80)
    assert Image.open(io.BytesIO(path.read_bytes())).format == "WEBP"

"""Shapes: what is cut, what gets margins instead, and that a person's decision wins."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw, ImageFont

from niva.kit import images
from niva.kit.framing import Framing, shape, window, with_margins
from niva.kit.images import Room

SKIN = "#c58c6d"


def spotted(at: int, *, colour: str = "#d01030") -> Image.Image:
    """A wide plain picture with one striking thing whose middle is at `at` of 1200 pixels."""
    image = Image.new("RGB", (1200, 600), "#8090a0")
    ImageDraw.Draw(image).ellipse((at - 80, 220, at + 80, 380), fill=colour)
    return image


def has(image: Image.Image, colour: tuple[int, int, int]) -> bool:
    return colour in {one for _count, one in image.getcolors(1 << 24) or []}


@pytest.mark.parametrize("at", [100, 400, 1100])
def test_a_cut_keeps_what_strikes_the_eye(at: int) -> None:
    left, top, right, bottom = window(spotted(at), 1.0)
    assert (right - left, bottom - top, top) == (600, 600, 0)
    assert left <= at - 80 and at + 80 <= right


def test_a_plain_picture_is_cut_in_its_middle() -> None:
    assert window(Image.new("RGB", (1200, 600), "teal"), 1.0)[0] == pytest.approx(300, abs=15)


def test_no_face_is_cut_off() -> None:
    faces = Image.new("RGB", (1600, 600), "#204060")
    for at in (150, 1450):
        ImageDraw.Draw(faces).ellipse((at - 130, 170, at + 130, 430), fill=SKIN)
    square = shape(faces, 0.8, 1.0)
    assert square.size == (1600, 1600)  # the whole of it, with margins


def test_no_line_of_letters_is_cut() -> None:
    poster = Image.new("RGB", (1200, 700), "white")
    font = ImageFont.load_default(60)
    for y in (120, 300, 480):
        ImageDraw.Draw(poster).text((30, y), "Open house of clay and dance, 5 May", fill="black", font=font)
    assert shape(poster, 0.8, 1.0).size == (1200, 1200)


def test_a_focus_point_and_the_wish_for_margins_win() -> None:
    picture = spotted(1100)
    cut = shape(picture, 0.8, 1.0, Framing(focus=(0.0, 0.5)))
    assert cut.size == (600, 600)
    assert not has(cut, (0xD0, 0x10, 0x30))
    assert shape(picture, 0.8, 1.0, Framing(whole=True)).size == (1200, 1200)
    assert shape(picture, 0.8, 2.0, Framing(focus=(0.0, 0.5))) is picture  # nothing to be cut


def test_zoom_takes_a_smaller_part_around_the_focus() -> None:
    left, top, right, bottom = window(spotted(600), 1.0, Framing(focus=(0.5, 0.5), zoom=2.0))
    assert (left, top, right, bottom) == (450, 150, 750, 450)


@pytest.mark.parametrize(
    "kept", [None, [], {"focus": "x"}, {"focus": [1]}, {"zoom": "nan"}, {"focus": ["nan", 1]}]
)
def test_a_decision_that_does_not_read_is_none(kept: object) -> None:
    assert Framing.of(kept) == Framing()


def test_a_decision_is_held_within_the_picture() -> None:
    assert Framing.of({"focus": [7, -3], "whole": 1, "zoom": 99}) == Framing((1.0, 0.0), True, 4.0)


def test_margins_are_of_the_rim_s_colour_or_white_where_it_is_clear() -> None:
    assert with_margins(Image.new("RGB", (100, 50), (10, 200, 30)), 1.0).getpixel((50, 2)) == (10, 200, 30)
    clear = Image.new("RGBA", (100, 50), (0, 0, 0, 0))
    assert with_margins(clear, 1.0).getpixel((50, 25)) == (255, 255, 255)


# Through `fit`, as the networks' limits ask for it


@pytest.mark.parametrize("size", [(1, 1), (3000, 1), (1, 3000), (320, 2400), (4000, 1000), (900, 900)])
def test_every_shape_comes_to_a_ratio_that_is_taken(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.effect_noise(size, 60).convert("RGB").save(tmp_path / "a.png")
    room = Room(low=0.8, high=1.91, least=320, side=1440, size=200_000, mimes=("image/jpeg",))
    taken = images.fit(tmp_path / "a.png", tmp_path / "b", room)
    assert taken is not None
    assert 0.79 <= taken.width / taken.height <= 1.92 or size == (1, 1)
    assert max(taken.width, taken.height) <= 1440
    assert taken.path.stat().st_size <= 200_000


def test_what_is_a_little_too_small_is_enlarged_and_a_dot_is_not(tmp_path: Path) -> None:
    Image.new("RGB", (200, 200), "red").save(tmp_path / "a.png")
    taken = images.fit(tmp_path / "a.png", tmp_path / "b", Room(least=320))
    assert taken is not None
    assert (taken.width, taken.height) == (320, 320)
    Image.new("RGB", (1, 1), "red").save(tmp_path / "c.png")
    dot = images.fit(tmp_path / "c.png", tmp_path / "d", Room(least=320))
    assert dot is not None
    assert dot.width < 320


# Colours


def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path: Path) -> None:
    Image.new("I;16", (8, 8), 32768).save(tmp_path / "a.png")
    written = Image.open(images.take_in(tmp_path / "a.png", tmp_path / "b").path).convert("L")
    assert written.getpixel((4, 4)) == pytest.approx(127, abs=2)


def test_a_profile_is_applied_and_leaves(tmp_path: Path) -> None:
    """A linear-light profile (XYZ) makes the same numbers another colour."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (8, 8), (200, 40, 40)).save(tmp_path / "a.png", icc_profile=profile)
    written = Image.open(images.take_in(tmp_path / "a.png", tmp_path / "b").path)
    assert "icc_profile" not in written.info
    assert written.getpixel((4, 4)) == pytest.approx((200, 40, 40), abs=3)


def test_a_profile_that_does_not_read_stops_nothing(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), (200, 40, 40)).save(tmp_path / "a.png", icc_profile=b"nonsense")
    assert images.take_in(tmp_path / "a.png", tmp_path / "b").width == 8


def test_a_moving_webp_keeps_moving(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (40, 30), (n * 80, 0, 0)) for n in range(3)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=200)
    taken = images.take_in(tmp_path / "a.webp", tmp_path / "b")
    assert (taken.kind, taken.mime) == ("animation", "image/gif")
    assert taken.duration == pytest.approx(0.6)
    assert Image.open(taken.path).n_frames == 3

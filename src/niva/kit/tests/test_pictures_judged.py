"""What is measured of a picture, on pictures whose measures are known beforehand."""

from __future__ import annotations

import pytest
import qrcode
from PIL import Image, ImageDraw, ImageFont

from niva.kit.pictures_judged import (
    ENOUGH_CONTRAST,
    ENOUGH_LEGIBLE,
    contrast,
    has_qr,
    legible_at,
    lost_in_circle,
    lost_outside,
    marked,
)


def lettered(words: str, size: int, *, ground: str = "#123", ink: str = "white") -> Image.Image:
    image = Image.new("RGB", (800, 800), ground)
    font = ImageFont.load_default(size)
    ImageDraw.Draw(image).text((400, 400), words, fill=ink, anchor="mm", font=font)
    return image


def test_black_and_white_is_the_most_and_one_grey_the_least() -> None:
    halves = Image.new("L", (100, 100), 255)
    halves.paste(0, (0, 0, 50, 100))
    assert contrast(halves) == pytest.approx(21, abs=0.1)
    assert contrast(Image.new("L", (100, 100), 119)) == 1.0


def test_white_on_cream_is_too_pale() -> None:
    assert contrast(lettered("N", 600, ground="#f4f4d0")) < ENOUGH_CONTRAST
    assert contrast(lettered("N", 600)) > ENOUGH_CONTRAST


def test_one_large_letter_is_read_in_a_circle_of_40_pixels_and_small_print_is_not() -> None:
    large, print_ = legible_at(lettered("N", 600)), legible_at(lettered("Studio of clay and dance", 40))
    assert large > ENOUGH_LEGIBLE > print_
    assert legible_at(lettered("N", 600), side=100) > large


def test_a_plain_picture_tells_nothing() -> None:
    assert legible_at(Image.new("RGB", (300, 300), "red")) == 0.0
    assert lost_in_circle(Image.new("RGB", (300, 300), "red")) == 0.0


def test_what_stands_in_the_corners_is_lost_in_a_circle() -> None:
    corner = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(corner).rectangle((5, 5, 35, 35), fill="black")
    middle = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(middle).rectangle((150, 150, 250, 250), fill="black")
    assert lost_in_circle(corner) == 1.0
    assert lost_in_circle(middle) == 0.0


def test_lines_of_letters_are_found_and_a_smooth_picture_has_none() -> None:
    page = Image.new("RGB", (640, 640), "white")
    draw = ImageDraw.Draw(page)
    for y in range(20, 620, 40):
        draw.text((20, y), "An open house of clay and dance", fill="black", font=ImageFont.load_default(34))
    assert marked(page).text_share > 0.1
    assert marked(Image.linear_gradient("L").resize((640, 640))).text_share == 0


def test_a_face_coloured_patch_is_skin_and_a_sky_is_not() -> None:
    assert marked(Image.new("RGB", (100, 100), "#c58c6d")).skin_share == 1
    assert marked(Image.new("RGB", (100, 100), "#5588dd")).skin_share == 0


@pytest.mark.parametrize("turn", [0, 7])
def test_a_qr_code_is_seen_within_a_picture(turn: int) -> None:
    code = qrcode.make("https://example.org/some/where").get_image().convert("RGB")
    picture = Image.new("RGB", (1000, 1000), "#99bbdd")
    picture.paste(code.resize((400, 400)), (300, 300))
    assert has_qr(picture.rotate(turn))


def test_letters_and_chequers_are_no_qr_code() -> None:
    board = Image.new("RGB", (400, 400), "white")
    draw = ImageDraw.Draw(board)
    for n in range(64):
        if (n + n // 8) % 2:
            draw.rectangle((n % 8 * 50, n // 8 * 50, n % 8 * 50 + 49, n // 8 * 50 + 49), fill="black")
    assert not has_qr(board)
    assert not has_qr(lettered("Studio of clay", 100))


@pytest.mark.parametrize("size", [(1, 1), (50_000, 1), (1, 900)])
@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "I;16"])
def test_any_size_and_mode_is_measured(size: tuple[int, int], mode: str) -> None:
    image = Image.new(mode, size)
    assert 1.0 <= contrast(image) <= 21.0
    assert 0.0 <= legible_at(image) <= 1.0
    assert marked(image).text_share == 0
    assert not has_qr(image)


def test_what_lies_outside_the_middle_of_a_cover() -> None:
    def cover(x: int) -> Image.Image:
        image = Image.new("RGB", (1920, 768), "#123")
        ImageDraw.Draw(image).rectangle((x, 300, x + 200, 460), fill="white")
        return image

    assert lost_outside(cover(860), 0.6, 1.0) == 0.0
    assert lost_outside(cover(20), 0.6, 1.0) == 1.0
    assert lost_outside(Image.new("RGB", (1920, 768), "#123"), 0.6, 1.0) == 0.0

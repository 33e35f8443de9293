"""Small flat pictures for the demo's posts, drawn when the demo is made: nothing of it is anybody's work.

Drawn at twice the size and halved, which smooths the edges.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw, ImageOps

WIDTH, HEIGHT, TWICE = 960, 640, 2
Pen = ImageDraw.ImageDraw
Box = tuple[float, float, float, float]


def draw(name: str) -> bytes:
    """The picture as JPEG. Raises KeyError for a name that is not in PICTURES."""
    return _jpeg(_large(name).reduce(TWICE))


def avatar(name: str, side: int) -> bytes:
    """The middle square of the picture, `side` pixels wide, as JPEG."""
    return _jpeg(ImageOps.fit(_large(name), (side, side)))


def cover(name: str, width: int, height: int) -> bytes:
    """A strip of the picture in this size, as JPEG."""
    return _jpeg(ImageOps.fit(_large(name), (width, height), centering=(0.5, 0.6)))


def _large(name: str) -> Image.Image:
    ground, _, paint = PICTURES[name]
    image = Image.new("RGB", (WIDTH * TWICE, HEIGHT * TWICE), ground)
    paint(Scaled(ImageDraw.Draw(image)))
    return image


def _jpeg(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=88)
    return target.getvalue()


def alt(name: str) -> str:
    """What the picture shows, for those who do not see it."""
    return PICTURES[name][1]


class Scaled:
    """A pen in the coordinates of the small picture."""

    def __init__(self, pen: Pen) -> None:
        self.pen = pen

    def oval(self, x: float, y: float, rx: float, ry: float, fill: str) -> None:
        self.pen.ellipse([TWICE * v for v in (x - rx, y - ry, x + rx, y + ry)], fill=fill)

    def block(self, box: Box, fill: str, radius: float = 0) -> None:
        self.pen.rounded_rectangle([TWICE * v for v in box], radius * TWICE, fill=fill)

    def shape(self, points: list[tuple[float, float]], fill: str) -> None:
        self.pen.polygon([(TWICE * x, TWICE * y) for x, y in points], fill=fill)

    def line(self, points: list[tuple[float, float]], fill: str, width: float) -> None:
        flat = [(TWICE * x, TWICE * y) for x, y in points]
        self.pen.line(flat, fill=fill, width=round(width * TWICE), joint="curve")
        for x, y in (points[0], points[-1]):
            self.oval(x, y, width / 2, width / 2, fill)


def _jar(p: Scaled) -> None:
    p.block((0, 500, 960, 640), "#e0b878")
    p.oval(480, 540, 210, 22, "#c99a55")
    p.block((320, 190, 640, 540), "#f2c14e", 46)
    p.block((320, 190, 640, 300), "#f8dc9a", 46)
    p.block((320, 268, 640, 330), "#f2c14e")
    p.block((336, 128, 624, 204), "#8a5a2b", 16)
    p.block((390, 340, 570, 460), "#fff6e0", 12)
    p.oval(480, 400, 34, 26, "#e39b1f")
    for x in (468, 484, 500):
        p.line([(x, 380), (x, 420)], "#5b3a1a", 7)
    p.block((350, 230, 366, 500), "#fdebc0", 8)


def _hive(p: Scaled) -> None:
    p.block((0, 470, 960, 640), "#9cbf77")
    p.oval(170, 150, 70, 70, "#fff2c4")
    for left, tint in ((160, "#5f8fb3"), (390, "#e3b04b"), (620, "#c96f4a")):
        p.block((left, 280, left + 180, 500), tint, 8)
        p.block((left - 14, 250, left + 194, 290), "#6d4a2d", 8)
        p.block((left + 50, 440, left + 130, 456), "#3a2a1a", 8)
        p.block((left + 10, 500, left + 30, 530), "#6d4a2d")
        p.block((left + 150, 500, left + 170, 530), "#6d4a2d")
    for x, y in ((330, 180), (560, 140), (700, 200), (450, 215)):
        p.oval(x + 8, y - 12, 11, 7, "#ffffff")
        p.oval(x, y, 15, 10, "#e6a41c")
        p.line([(x, y - 8), (x, y + 8)], "#3a2a1a", 4)


def _comb(p: Scaled) -> None:
    for row in range(7):
        for column in range(9):
            x, y = 60 + column * 116 + (58 if row % 2 else 0), 40 + row * 100
            corners = [
                (x + 60 * math.sin(a * math.pi / 3), y - 60 * math.cos(a * math.pi / 3)) for a in range(6)
            ]
            p.shape(corners, "#c98a1e")
            inner = [(x + (cx - x) * 0.84, y + (cy - y) * 0.84) for cx, cy in corners]
            p.shape(inner, ("#f5c451", "#eeb02f", "#8c5a1a")[(row * 5 + column * 3) % 7 % 3])


def _spoon(p: Scaled) -> None:
    p.oval(480, 420, 360, 150, "#b9c9c2")
    p.oval(480, 400, 330, 130, "#fbfaf4")
    p.oval(480, 400, 230, 88, "#eeb02f")
    p.oval(440, 380, 90, 26, "#f8d787")
    p.line([(600, 380), (800, 110)], "#8a5a2b", 20)
    p.oval(590, 392, 42, 46, "#a86c35")
    for step in (-24, -8, 8, 24):
        p.line([(552, 392 + step), (628, 392 + step)], "#7d4c22", 5)


def _bench(p: Scaled) -> None:
    p.block((0, 450, 960, 640), "#b8cf93")
    p.oval(770, 190, 150, 140, "#7fa75f")
    p.oval(690, 240, 100, 95, "#90b56d")
    p.block((748, 280, 776, 470), "#7a5636", 8)
    for top in (300, 340, 380):
        p.block((170, top, 610, top + 26), "#b5793f", 8)
    p.block((150, 420, 630, 450), "#9c6431", 8)
    for left in (200, 556):
        p.block((left, 300, left + 18, 450), "#4c5a52", 6)
        p.block((left, 440, left + 18, 540), "#4c5a52", 6)
    p.oval(390, 552, 280, 16, "#9db87a")


def _leaf(p: Scaled) -> None:
    p.block((0, 520, 960, 640), "#a9895c")
    p.block((458, 250, 502, 540), "#6e4b2e", 10)
    crown = ((480, 180, 170), (350, 250, 120), (610, 250, 120), (480, 290, 130))
    for (x, y, r), tint in zip(crown, ("#d9772b", "#e6a03a", "#c95f2b", "#dd8b33"), strict=True):
        p.oval(x, y, r, r * 0.85, tint)
    for x, y in ((160, 470), (250, 540), (720, 560), (800, 480), (640, 590), (350, 590)):
        p.shape([(x, y - 18), (x + 26, y), (x, y + 18), (x - 26, y)], "#d9772b")


def _lamp(p: Scaled) -> None:
    p.block((0, 500, 960, 640), "#2e4057")
    p.oval(480, 520, 330, 60, "#f1d58a")
    for x, scale in ((480, 1.0), (820, 0.6), (150, 0.6)):
        top = 520 - 380 * scale
        p.oval(x, top, 110 * scale, 110 * scale, "#57719a")
        p.oval(x, top, 70 * scale, 70 * scale, "#c9b76f")
        p.oval(x, top, 40 * scale, 40 * scale, "#fff3c4")
        p.block((x - 8 * scale, top + 36 * scale, x + 8 * scale, 530), "#18222f", 4)
        p.block((x - 34 * scale, 520, x + 34 * scale, 540), "#18222f", 6)


def _dog(p: Scaled) -> None:
    p.shape([(250, 160), (370, 150), (300, 420)], "#8d5a34")
    p.shape([(710, 160), (590, 150), (660, 420)], "#8d5a34")
    p.oval(480, 330, 220, 230, "#c98b55")
    p.oval(480, 440, 150, 130, "#f4e0c6")
    p.oval(480, 390, 62, 46, "#2b211c")
    p.oval(462, 376, 16, 10, "#7c6a60")
    p.line([(480, 432), (480, 480)], "#2b211c", 8)
    p.line([(480, 480), (430, 500)], "#2b211c", 8)
    p.line([(480, 480), (530, 500)], "#2b211c", 8)
    for x in (390, 570):
        p.oval(x, 285, 26, 28, "#2b211c")
        p.oval(x + 8, 276, 8, 8, "#ffffff")


def _cat(p: Scaled) -> None:
    p.block((0, 470, 960, 640), "#d5c7e0")
    p.shape([(330, 300), (350, 110), (470, 230)], "#33313b")
    p.shape([(630, 300), (610, 110), (490, 230)], "#33313b")
    p.oval(480, 330, 190, 170, "#33313b")
    p.oval(480, 430, 110, 80, "#f7f4f0")
    for x in (405, 555):
        p.oval(x, 310, 34, 36, "#b8d66b")
        p.oval(x, 310, 10, 30, "#1b1a20")
    p.shape([(464, 385), (496, 385), (480, 405)], "#e08c93")
    for side in (-1, 1):
        for lift in (-16, 4, 24):
            p.line([(480 + side * 60, 415 + lift / 3), (480 + side * 250, 400 + lift * 1.5)], "#8d8a97", 4)


def _bowl(p: Scaled) -> None:
    p.block((0, 480, 960, 640), "#e6c9a8")
    p.oval(480, 330, 260, 70, "#8a5a3b")
    for x, y in ((360, 300), (430, 280), (520, 285), (600, 305), (480, 310), (400, 325), (560, 325)):
        p.oval(x, y, 38, 28, "#a9714b")
    p.shape([(210, 330), (750, 330), (690, 530), (270, 530)], "#4f7f8f")
    p.shape([(220, 330), (740, 330), (732, 360), (228, 360)], "#3d6876")
    p.oval(480, 460, 34, 28, "#f7f1e6")
    for x, y in ((436, 425), (464, 408), (496, 408), (524, 425)):
        p.oval(x, y, 14, 16, "#f7f1e6")


def _paper(p: Scaled) -> None:
    p.shape([(260, 120), (740, 90), (770, 560), (290, 590)], "#b9b3a6")
    p.shape([(240, 100), (720, 80), (745, 545), (265, 570)], "#fbf8f0")
    p.block((290, 140, 680, 190), "#2b3a4a", 6)
    p.block((300, 225, 480, 380), "#8fb0c4", 6)
    p.oval(350, 270, 24, 24, "#f6d77a")
    p.shape([(300, 380), (380, 300), (480, 380)], "#5e8a6b")
    for row in range(5):
        p.block((510, 230 + row * 34, 690 - (row % 3) * 24, 246 + row * 34), "#a8a497", 5)
    for row in range(4):
        p.block((305, 415 + row * 34, 690 - (row % 2) * 60, 431 + row * 34), "#a8a497", 5)


def _road(p: Scaled) -> None:
    p.block((0, 330, 960, 640), "#dfe7ea")
    p.shape([(400, 330), (560, 330), (900, 640), (60, 640)], "#4a5158")
    for top, half in ((350, 5), (410, 9), (490, 15), (590, 22)):
        p.shape([(480 - half, top), (480 + half, top), (480 + half * 1.5, top + half * 3),
                 (480 - half * 1.5, top + half * 3)], "#f3efe2")  # fmt: skip
    for x, height in ((90, 120), (200, 180), (700, 150), (820, 210)):
        p.block((x, 330 - height, x + 90, 340), "#8d9db0")
        for row in range(height // 50):
            p.block((x + 18, 345 - height + row * 48, x + 38, 365 - height + row * 48), "#f6dd93")
            p.block((x + 54, 345 - height + row * 48, x + 74, 365 - height + row * 48), "#6c7c90")
    p.block((560, 420, 690, 500), "#c9504a", 18)
    p.block((580, 432, 670, 464), "#cfe3ea", 8)
    p.oval(590, 502, 20, 20, "#22272c")
    p.oval(662, 502, 20, 20, "#22272c")


def _stage(p: Scaled) -> None:
    p.block((0, 500, 960, 640), "#6b4630")
    p.oval(480, 520, 240, 50, "#e9c46a")
    p.shape([(420, 0), (540, 0), (720, 520), (240, 520)], "#51406b")
    for left in range(0, 240, 60):
        p.block((left, 0, left + 40, 520), "#a83242")
        p.block((920 - left, 0, 960 - left, 520), "#a83242")
        p.block((left + 40, 0, left + 60, 520), "#8b2636")
        p.block((900 - left, 0, 920 - left, 520), "#8b2636")
    p.oval(480, 300, 40, 42, "#f2d3b3")
    p.shape([(430, 345), (530, 345), (570, 520), (390, 520)], "#243b55")
    for x in range(40, 960, 110):
        p.oval(x, 640, 62, 70, "#2a1d26")


PICTURES: Final[dict[str, tuple[str, str, Callable[[Scaled], None]]]] = {
    "jar": ("#f6e7c8", "Банка мёда с пчелой на этикетке", _jar),
    "hive": ("#cfe6ee", "Три улья на лугу, пчёлы", _hive),
    "comb": ("#8c5a1a", "Соты крупно", _comb),
    "spoon": ("#e6efe9", "Миска мёда и деревянная ложка", _spoon),
    "bench": ("#d8eaf0", "Скамейка в парке под деревом", _bench),
    "leaf": ("#dfe6ea", "Осеннее дерево, листья на земле", _leaf),
    "lamp": ("#3d5578", "Фонари вечером", _lamp),
    "dog": ("#cfe0d2", "Морда рыжей собаки, большой нос", _dog),
    "cat": ("#efe6f4", "Чёрно-белая кошка", _cat),
    "bowl": ("#f7ecdc", "Полная миска корма", _bowl),
    "paper": ("#d9e0dc", "Раскрытая газета", _paper),
    "road": ("#bcd3df", "Дорога в город, красная машина", _road),
    "stage": ("#372a4a", "Сцена с красным занавесом, человек в луче света", _stage),
}

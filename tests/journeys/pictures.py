"""Pictures to upload."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw


def picture(width: int = 1200, height: int = 900) -> bytes:
    """A JPEG of a field under the sky: large enough that the desk makes thumbnails of it."""
    drawn = Image.new("RGB", (width, height), (176, 208, 226))
    brush = ImageDraw.Draw(drawn)
    for row in range(height // 2, height):
        brush.line((0, row, width, row), fill=(200 - row * 60 // height, 160, 60))
    brush.ellipse((width * 0.72, height * 0.1, width * 0.84, height * 0.26), fill=(250, 210, 90))
    kept = io.BytesIO()
    drawn.save(kept, "JPEG", quality=80)
    return kept.getvalue()

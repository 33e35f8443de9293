"""OKLCH to sRGB and the contrast of WCAG 2.2, small enough to be read."""

from __future__ import annotations

import math
import re

Rgb = tuple[float, float, float]
_OKLCH = re.compile(r"oklch\(\s*([\d.]+)\s+([\d.]+)\s+([\d.]+)\s*\)")


def oklch(text: str) -> Rgb:
    """An opaque `oklch(L C H)` or `#fff` as linear-light sRGB, clipped to the gamut.

    Matrices: Björn Ottosson, "A perceptual color space for image processing" (2020).
    """
    if text.strip() in ("#fff", "white"):
        return (1.0, 1.0, 1.0)
    found = _OKLCH.fullmatch(text.strip())
    if not found:
        raise ValueError(f"not an opaque oklch colour: {text!r}")
    lightness, chroma, hue = (float(part) for part in found.groups())
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return tuple(min(max(part, 0.0), 1.0) for part in (red, green, blue))  # type: ignore[return-value]


def luminance(rgb: Rgb) -> float:
    """Relative luminance of linear-light sRGB (WCAG 2.2, "relative luminance")."""
    red, green, blue = rgb
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """The ratio of WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((luminance(oklch(first)), luminance(oklch(second))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)

"""What a post is to Dzen: an article with a title, a text and pictures. Pure."""

from __future__ import annotations

from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import Outgoing, Problem


def length(text: str) -> int:
    return len(text)


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The usual checks, public addresses of pictures, and a first picture that is wide enough."""
    checker = Checker(limits, length)
    checker.everything(out)
    checker.public_files(out)
    width = limits.value("cover_width_min")
    pictures = [file for file in out.media if file.kind == "image"]
    if width is not None and pictures and max(file.width for file in pictures) < width:
        checker.add("dzen_picture_narrow", "media", "cover_width_min", actual=pictures[0].width)
    if any(file.kind != "image" for file in out.media):
        checker.add("dzen_pictures_only", "media")
    return tuple(checker.problems)

"""What the drafts of Meta's networks have in common: stories and reels, and waiting for a file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from niva.networks.base.errors import Rejected, Temporary
from niva.networks.base.limits import Checker
from niva.networks.base.types import Outgoing

# Seconds between questions whether a file is ready: about two minutes in all, then it is left for later.
PAUSES: Final = (1, 2, 3, 5, 10, 15, 20, 30, 30)
pause = asyncio.sleep


def check_form(checker: Checker, out: Outgoing) -> None:
    """A story and a reel are one file each; a reel is a video; a story takes no comment and shows no text."""
    if out.form == "post":
        return
    if len(out.media) != 1:
        checker.add("form_one_file", "media", actual=len(out.media))
    elif out.form == "reel" and out.media[0].kind == "image":
        checker.add("reel_needs_video", "media:0")
    checker.form_takes(out, *(("text", "first_comment") if out.form == "reel" else ()))


def check_gifs(checker: Checker, out: Outgoing) -> None:
    """For networks that take no moving GIF: they would show one of its pictures, or refuse it."""
    for index, file in enumerate(out.media):
        if file.kind == "animation" and file.mime == "image/gif":
            checker.add("moving_gif_refused", f"media:{index}")


async def wait(ready: Callable[[], Awaitable[bool | None]]) -> None:
    """Ask until the network is through with a file. `ready`: None = it failed for good.

    Raises Temporary("media_processing") when it takes too long, Rejected("media_refused") when it failed.
    """
    for seconds in (0, *PAUSES):
        if seconds:
            await pause(seconds)
        found = await ready()
        if found is None:
            raise Rejected("media_refused", "the network could not use the file")
        if found:
            return
    raise Temporary("media_processing", "the network is still at work on the file", retry_after=60)


async def settled(state: Callable[[], Awaitable[str]]) -> str:
    """Ask until a container is FINISHED, PUBLISHED or EXPIRED; the word. ERROR is for `state` to raise."""
    word = ""

    async def through() -> bool:
        nonlocal word
        word = await state()
        return word in ("FINISHED", "PUBLISHED", "EXPIRED")

    await wait(through)
    return word

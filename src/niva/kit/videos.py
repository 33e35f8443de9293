"""Videos: probed by really decoding a frame; what does not decode is no video, whatever it is called."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from niva.kit.images import MOST_PIXELS, Broken, Taken, beside

_SUFFIX: Final = {
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "video/x-matroska": ".mkv",
}
# A container may name other files or addresses as its parts: none of them is opened.
_CLOSED: Final = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm",
}


def looks_like(head: bytes) -> bool:
    """Whether the first bytes are those of a video container that we take: MP4/MOV, WebM/Matroska."""
    return (head[4:8] == b"ftyp" and head[8:12] not in (b"avif", b"heic", b"mif1")) or head[
        :4
    ] == b"\x1a\x45\xdf\xa3"


def take_in(source: Path, stem: Path) -> Taken:
    """Move the video beside `stem` and tell what it is, with a poster. Raises Broken."""
    # FFmpeg weighs 30 MB in every process that has it: it is loaded with the first video.
    import av
    import av.error

    try:
        with av.open(str(source), mode="r", options=_CLOSED) as container:
            if not container.streams.video:
                raise Broken("no_picture")
            stream = container.streams.video[0]
            width, height = stream.codec_context.width, stream.codec_context.height
            if width * height > MOST_PIXELS or not width or not height:
                raise Broken("too_many_pixels", width=width, height=height)
            frame = next(container.decode(stream))
            if frame.width * frame.height > MOST_PIXELS:  # the stream may know better than the container
                raise Broken("too_many_pixels", width=frame.width, height=frame.height)
            duration = float(container.duration / av.time_base) if container.duration else None
            mime = _mime(container.format.name, source)
            poster = frame.to_image()  # type: ignore[no-untyped-call]
    except (
        av.error.FFmpegError, StopIteration, ArithmeticError, AttributeError, MemoryError, TypeError,
        ValueError,
    ) as error:  # fmt: skip
        raise Broken("broken") from error
    stem.parent.mkdir(parents=True, exist_ok=True)
    poster_path = stem.with_name(stem.name + ".poster.jpg")
    with beside(poster_path) as target:
        poster.save(target, "JPEG", quality=85)
    path = stem.with_name(stem.name + _SUFFIX[mime])
    with beside(path) as target:
        shutil.copyfile(source, target)
    return Taken(path, "video", mime, width, height, duration, poster_path)


def _mime(container: str, source: Path) -> str:
    if "matroska" in container or "webm" in container:
        with source.open("rb") as file:
            return "video/webm" if b"webm" in file.read(4096) else "video/x-matroska"
    with source.open("rb") as file:
        brand = file.read(12)[8:12]
    return "video/quicktime" if brand == b"qt  " else "video/mp4"

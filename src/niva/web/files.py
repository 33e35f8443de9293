"""Files out of the media folder: whole or by ranges, with headers that let nothing in them run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from niva.domains.people.errors import NotFound

CHUNK: Final = 256 * 1024
_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def give(
    request: HttpRequest, path: Path, mime: str, *, tag: str, cache: str, download: str = ""
) -> HttpResponse:
    """The file, or the part of it that is asked for. `tag`: changes with its content; `cache`: who may keep
    it, and for how long; `download`: the name to save it under, else it is shown. Raises NotFound.
    """
    if not path.is_file():
        raise NotFound("file")
    headers = {
        "ETag": f'"{tag}"',
        "Cache-Control": cache,
        "Content-Disposition": content_disposition_header(bool(download), download) or "inline",
    }
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return _dressed(HttpResponse(status=304), headers)
    size = path.stat().st_size
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or not any(asked.groups()):
        return _dressed(FileResponse(path.open("rb"), content_type=mime), headers)
    first, last = _bounds(asked[1], asked[2], size)
    if first > last:
        answer = HttpResponse(status=416)
        answer["Content-Range"] = f"bytes */{size}"
        return _dressed(answer, headers)
    partial = StreamingHttpResponse(_pieces(path, first, last), status=206, content_type=mime)
    partial["Content-Range"] = f"bytes {first}-{last}/{size}"
    partial["Content-Length"] = str(last - first + 1)
    return _dressed(partial, headers)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Both ends included (RFC 9110, section 14.1.2); an empty first means so many bytes from the end."""
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _pieces(path: Path, first: int, last: int) -> Iterator[bytes]:
    left = last - first + 1
    with path.open("rb") as source:
        source.seek(first)
        while left > 0 and (piece := source.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece


def _dressed(answer: HttpResponseBase, headers: dict[str, str]) -> HttpResponse:
    for name, value in headers.items():
        answer[name] = value
    answer["Accept-Ranges"] = "bytes"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return cast(HttpResponse, answer)  # to the doors an answer that is streamed is like any other

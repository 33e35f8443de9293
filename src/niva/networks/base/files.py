"""Files on their way out: what a file is recognised by, and the form that carries it."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import aiohttp

from niva.networks.base.errors import Rejected
from niva.networks.base.types import MediaFile

UPLOAD_RATE = 500_000  # bytes a second: slower than this we call an upload stuck


async def fingerprint(file: MediaFile) -> str:
    """SHA-256 of the content in hex, read beside the event loop. Rejected when the file cannot be read."""
    return await asyncio.to_thread(_fingerprint, file)


def _fingerprint(file: MediaFile) -> str:
    try:
        with file.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise Rejected("media_unreadable", file.path.name) from error


def upload_deadline(base: float, size: int) -> float:
    """Seconds to allow for a request that carries `size` bytes: the usual ones and those for the bytes."""
    return base + size / UPLOAD_RATE


@contextmanager
def form_with_files(fields: Mapping[str, str], files: Mapping[str, MediaFile]) -> Iterator[aiohttp.FormData]:
    """A multipart form of `fields` and `files`, streamed from the disk; the files are closed at the end.

    The names that files bear on people's disks stay here. Rejected when a file cannot be read.
    """
    with ExitStack() as stack:
        form = aiohttp.FormData()
        for name, value in fields.items():
            form.add_field(name, value)
        for index, (name, file) in enumerate(files.items()):
            try:
                stream = stack.enter_context(file.path.open("rb"))
            except OSError as error:
                raise Rejected("media_unreadable", file.path.name) from error
            ending = mimetypes.guess_extension(file.mime) or file.path.suffix
            form.add_field(name, stream, filename=f"file{index}{ending}", content_type=file.mime)
        yield form

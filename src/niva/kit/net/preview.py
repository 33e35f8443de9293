"""What a link leads to: title, description and picture of a page somebody gave us the address of.

Everything is bounded: bytes (also after unpacking), time in all, redirects; and every hop passes the guard.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

import aiohttp

from niva.kit.net.guard import Allowed, Blocked, blocked_by, check_url, guarded_connector
from niva.kit.net.markup import decode, describe

PAGE_BYTES: Final = 1024 * 1024  # of a page; what comes later cannot be its head
SECONDS: Final = 10.0
HOPS: Final = 5
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {
    "User-Agent": "Mozilla/5.0 (compatible; NivaPreview/1.0; link preview)",
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
    "Accept-Language": "ru,en;q=0.8",
    "Accept-Encoding": "identity",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """`url`: where the redirects ended; `image_url`: absolute http(s) or ""; texts are plain, not HTML."""

    url: str
    title: str = ""
    description: str = ""
    image_url: str = ""
    site_name: str = ""


class PreviewFailed(Exception):
    """`code`: "address_bad", "address_inside", "no_answer" (connection, time), "page_refused" (HTTP status in
    `detail`), "not_a_page", "not_an_image", "too_large" or "too_many_redirects"."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


async def fetch_preview(
    url: str,
    *,
    allowed: Allowed = (),
    seconds: float = SECONDS,
    connector: aiohttp.BaseConnector | None = None,
) -> Preview:
    """Read the page's head. Raises PreviewFailed. `allowed`: inner (host, port) pairs that may be called;
    `connector`: a guarded one to be used instead of an own (it is left open)."""
    async with _open(url, allowed, seconds, connector) as (final, reply):
        if reply.content_type not in ("text/html", "application/xhtml+xml"):
            raise PreviewFailed("not_a_page", reply.content_type)
        body = b"".join([piece async for piece in _pieces(reply, PAGE_BYTES)])[:PAGE_BYTES]
        charset = reply.charset or ""
    found = await asyncio.to_thread(lambda: describe(decode(body, charset)))
    base = urljoin(final, found.get("base", ""))
    image = _first(found, "og:image:secure_url", "og:image", "og:image:url", "twitter:image")
    return Preview(
        url=final,
        title=_first(found, "og:title", "twitter:title", "title")[:300],
        description=_first(found, "og:description", "twitter:description", "description")[:1000],
        image_url=_absolute(base, image, allowed),
        site_name=_first(found, "og:site_name", "application-name")[:100],
    )


async def download(
    url: str,
    target: Path,
    *,
    most: int,
    mimes: Collection[str] = ("image/jpeg", "image/png", "image/webp", "image/gif"),
    allowed: Allowed = (),
    seconds: float = SECONDS,
    connector: aiohttp.BaseConnector | None = None,
) -> str:
    """Save a file of at most `most` bytes and of one of these types, as stated by the server; its MIME type.

    Raises PreviewFailed and leaves no file then. What is inside must still be looked at.
    """
    async with _open(url, allowed, seconds, connector) as (_, reply):
        if reply.content_type not in mimes:
            raise PreviewFailed("not_an_image", reply.content_type)
        size = 0
        try:
            with target.open("wb") as file:  # small pieces: shorter than a hop to a thread
                async for piece in _pieces(reply, most + 1):
                    size += len(piece)
                    if size > most:
                        raise PreviewFailed("too_large", f"over {most} bytes")
                    file.write(piece)
        except BaseException:
            target.unlink(missing_ok=True)  # noqa: ASYNC240 (one call to the file system)
            raise
        return reply.content_type


@asynccontextmanager
async def _open(
    url: str, allowed: Allowed, seconds: float, connector: aiohttp.BaseConnector | None
) -> AsyncIterator[tuple[str, aiohttp.ClientResponse]]:
    """(final address, answer with status 200), redirects followed one by one through the guard."""
    try:
        async with (
            asyncio.timeout(seconds),
            aiohttp.ClientSession(
                connector=connector or guarded_connector(allowed, limit=4),
                connector_owner=connector is None,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                headers=_HEADERS,
            ) as session,
        ):
            for _ in range(HOPS + 1):
                check_url(url, allowed)
                async with session.get(url, allow_redirects=False) as reply:
                    onward = reply.headers.get("Location", "")
                    if reply.status in _MOVED and onward:
                        url = urljoin(url, onward)
                        continue
                    if reply.status != 200:
                        raise PreviewFailed("page_refused", str(reply.status))
                    yield url, reply
                    return
            raise PreviewFailed("too_many_redirects", f"over {HOPS}")
    except Blocked as error:
        raise PreviewFailed(error.code, str(error)) from error
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        if (blocked := blocked_by(error)) is not None:
            raise PreviewFailed(blocked.code, str(blocked)) from error
        raise PreviewFailed("no_answer", type(error).__name__) from error


async def _pieces(reply: aiohttp.ClientResponse, most: int) -> AsyncIterator[bytes]:
    """The unpacked body, ending soon after `most` bytes, never holding much more than one piece of it."""
    coding = reply.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip", "deflate", ""):
        raise PreviewFailed("not_a_page", f"packed as {coding[:20]}")
    unpack = zlib.decompressobj(wbits=47) if coding not in ("identity", "") else None
    given = 0
    async for raw in reply.content.iter_chunked(16384):
        piece = raw
        if unpack is not None:
            try:
                piece = unpack.decompress(raw, max(1, most - given))
            except zlib.error as error:
                raise PreviewFailed("not_a_page", "badly packed") from error
        given += len(piece)
        yield piece
        if given >= most:
            return


def _first(found: dict[str, str], *names: str) -> str:
    return next((found[name] for name in names if found.get(name)), "")


def _absolute(base: str, address: str, allowed: Allowed) -> str:
    """The picture's whole address, or "" where it is none that may be called."""
    if not address:
        return ""
    try:
        whole = urljoin(base, address)
        check_url(whole, allowed)
    except (ValueError, Blocked):
        return ""
    return whole

"""Does a link still lead somewhere? Asked with HEAD, and with GET where that is not understood.

Bounded in time, redirects and bytes (a body is never read), and every hop passes the guard.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urljoin

import aiohttp

from niva.kit.net.guard import Allowed, Blocked, blocked_by, check_url

SECONDS: Final = 8.0  # for one link with all its redirects
HOPS: Final = 5
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_DEAD: Final = frozenset({404, 410})
_HEADERS: Final = {"User-Agent": "Mozilla/5.0 (compatible; NivaLinks/1.0; link check)", "Accept": "*/*"}
State = Literal["alive", "dead", "unsure"]


@dataclass(frozen=True, slots=True)
class Led:
    """`state`: "dead" is certain (gone, no such server, leads round in a circle or inside), "unsure" is not
    (refused, out of order, too slow). `code`: "", "status", "address_bad", "address_inside", "no_server",
    "no_answer" or "too_many_redirects"; `status`: the last HTTP status, 0 without an answer."""

    state: State
    code: str = ""
    status: int = 0


async def where_it_leads(session: aiohttp.ClientSession, url: str, *, allowed: Allowed = ()) -> Led:
    """Never raises for what the other side does. `session`: one with a guarded connector that permits no
    more than `allowed`."""
    try:
        async with asyncio.timeout(SECONDS):
            return await _follow(session, url, allowed)
    except Blocked as error:
        return Led("dead", error.code)
    except aiohttp.ClientConnectorDNSError:
        return Led("dead", "no_server")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        if (blocked := blocked_by(error)) is not None:
            return Led("dead", blocked.code)
        return Led("unsure", "no_answer")


async def _follow(session: aiohttp.ClientSession, url: str, allowed: Allowed) -> Led:
    for _ in range(HOPS + 1):
        check_url(url, allowed)
        status, onward = await _ask(session, "HEAD", url)
        if status >= 400:  # many a server knows no HEAD, and says so in many ways
            status, onward = await _ask(session, "GET", url)
        if status in _MOVED and onward:
            url = urljoin(url, onward)
            continue
        if status < 400:
            return Led("alive", status=status)
        return Led("dead" if status in _DEAD else "unsure", "status", status)
    return Led("dead", "too_many_redirects")


async def _ask(session: aiohttp.ClientSession, method: str, url: str) -> tuple[int, str]:
    async with session.request(method, url, allow_redirects=False, headers=_HEADERS) as reply:
        return reply.status, reply.headers.get("Location", "")

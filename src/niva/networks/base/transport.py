"""The one way out: a thin layer over aiohttp that tries once and says honestly what became of it.

The rule that everything else hangs on: an error *before* the request could have reached the network is
`Temporary`; after that, a write is `OutcomeUnknown` and a read is `Temporary`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from yarl import URL

from niva.kit.net.guard import blocked_by
from niva.kit.redaction import hide
from niva.networks.base.errors import LeaseLost, NetworkError, OutcomeUnknown, Rejected, Temporary

LONGEST_PAUSE = timedelta(days=1)
MAX_REPLY_BYTES = 8 * 1024 * 1024  # no reply of these APIs comes near; more is nonsense or an attack


def redact(text: str) -> str:
    """The text with everything that looks like a token taken out; safe for logs and for the screen."""
    return hide(text)


def after(now: datetime, seconds: float) -> datetime:
    """The moment so many seconds from now, a day at most: whoever says more is not believed for longer."""
    return now + timedelta(seconds=min(seconds, LONGEST_PAUSE.total_seconds()))


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `data` is parsed JSON or None; `text` at most a megabyte of it, for the curious."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body[: 1024 * 1024].decode("utf-8", "replace")

    def json(self) -> Any:
        """The parsed body, or None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def retry_at(self, now: datetime) -> datetime | None:
        """The moment that Retry-After names, in seconds or as a date (RFC 9110, 10.2.3); None without one.

        At most LONGEST_PAUSE from now: a proxy that says more is not believed for longer at a time.
        """
        told = self.headers.get("Retry-After", "").strip()
        if told.isdecimal() and told.isascii():
            return now + timedelta(seconds=min(int(told[:9]), LONGEST_PAUSE.total_seconds()))
        try:
            moment = parsedate_to_datetime(told)
        except ValueError:
            return None
        return min(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now + LONGEST_PAUSE)


class Transport:
    """`session`: shared aiohttp session (its connector guards against inner hosts where that matters).

    `before_send` is awaited right before every request: the engine checks its lease and takes a token of
    the rate limit there; whatever it raises means that nothing was sent.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        before_send: Callable[[], Awaitable[None]] | None = None,
        deadline: float = 30.0,
    ) -> None:
        self.session = session
        # Left alone, aiohttp sends GET, PUT and DELETE a second time when a kept connection breaks: a write
        # would go out twice and nobody would know. Its own test client sets the same switch.
        session._retry_connection = False
        self.before_send = before_send
        self.deadline = deadline
        self.wrote = False

    def for_a_step(self) -> Transport:
        """The same way out for one step, which has written nothing yet."""
        fresh = copy.copy(self)
        fresh.wrote = False
        return fresh

    async def _may_send(self) -> None:
        """A lease that ends behind a write of the same step does not undo it: then it is no longer certain
        that nothing was sent."""
        if self.before_send is None:
            return
        try:
            await self.before_send()
        except LeaseLost as error:
            if self.wrote:
                raise OutcomeUnknown("connection_lost", "the lease ended behind a write") from error
            raise

    async def request(
        self,
        method: str,
        url: str | URL,
        *,
        writes: bool,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        form: Any = None,
        json_body: Any = None,
        data: Any = None,
        deadline: float | None = None,
    ) -> Reply:
        """One request, one try. `writes`: carrying it out twice would matter. `deadline`: seconds.
        `url`: a `URL(..., encoded=True)` goes out sign by sign, for networks that want a colon as %3A.

        Raises Temporary (certainly not sent, or a read that failed), OutcomeUnknown, or Rejected where the
        session's guard forbids the address. Every HTTP status is returned: the connector knows what its
        network means by it.
        """
        await self._may_send()
        self.wrote = self.wrote or writes
        payload = form if form is not None else data
        limit = aiohttp.ClientTimeout(total=deadline or self.deadline, sock_connect=10)
        try:
            async with self.session.request(
                method, url, headers=headers, params=params, data=payload, json=json_body,
                timeout=limit, allow_redirects=False,
            ) as response:  # fmt: skip
                body = await response.content.read(MAX_REPLY_BYTES + 1)
                while len(body) <= MAX_REPLY_BYTES and (more := await response.content.readany()):
                    body += more
                if len(body) > MAX_REPLY_BYTES:
                    raise unclear(writes, "reply_too_large", f"over {MAX_REPLY_BYTES} bytes")
                return Reply(response.status, response.headers.copy(), body)
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
            if (blocked := blocked_by(error)) is not None:
                raise Rejected(blocked.code, redact(str(blocked))) from error
            raise Temporary("cannot_connect", redact(str(error))) from error
        except aiohttp.ConnectionTimeoutError as error:
            raise Temporary("cannot_connect", "no connection within 10 s") from error
        except TimeoutError as error:
            raise unclear(writes, "no_answer", f"no answer within {deadline or self.deadline:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise unclear(writes, "connection_lost", redact(str(error))) from error


def unclear(writes: bool, code: str, detail: str = "") -> NetworkError:
    """The honest error for an answer that tells nothing: unknown for a write, temporary for a read."""
    return OutcomeUnknown(code, detail) if writes else Temporary(code, detail)

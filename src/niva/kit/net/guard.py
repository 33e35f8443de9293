"""Keeps calls to user-given addresses out of our own house (server-side request forgery).

Two walls. The resolver refuses names that lead inside. The socket factory looks once more at the very
address that is about to be connected, so neither a name that changes its answer in between nor an address
written as a number gets through. Redirects open connections through the same walls.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

# IPv6 prefixes that carry an IPv4 address in their last 32 bits: RFC 4291 2.5.5.2 (mapped), RFC 6052
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR: Final = IPv6Network("2002::/16")  # RFC 3056: bits 16-47
_TEREDO: Final = IPv6Network("2001::/32")  # RFC 4380: goes through whoever it likes
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")  # RFC 4291 2.4, what IANA has given out so far
_RELAYS: Final = IPv4Network("192.88.99.0/24")  # RFC 7526: former 6to4 relays
Allowed = Collection[tuple[str, int]]


class Blocked(OSError):
    """An address that may not be called. `code`: "address_bad" (no web address) or "address_inside"."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


def is_public(address: str) -> bool:
    """Whether an IP address (as text, with or without a zone) belongs to the open Internet."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return parsed.is_global and not parsed.is_multicast and parsed not in _RELAYS
    return _public_six(parsed)


def _public_six(address: IPv6Address) -> bool:
    if address in _MAPPED or address in _NAT64:
        return is_public(str(IPv4Address(int(address) & 0xFFFFFFFF)))
    if address in _SIX_TO_FOUR:
        return is_public(str(IPv4Address((int(address) >> 80) & 0xFFFFFFFF)))
    return address.is_global and address in _GLOBAL_UNICAST and address not in _TEREDO


def check_url(url: str, allowed: Allowed = ()) -> None:
    """Refuse what can be seen to be wrong without asking anybody. Raises Blocked.

    A name that passes may still lead inside: that is found out when it is called.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Blocked("address_bad", str(error)) from error
    if parts.scheme not in ("http", "https") or not host:
        raise Blocked("address_bad", "http or https and a host are wanted")
    if parts.username is not None or parts.password is not None:
        raise Blocked("address_bad", "no names and passwords in addresses")
    if any(char.isspace() or not char.isprintable() for char in url):
        raise Blocked("address_bad", "blanks in the address")
    if (host, port or {"http": 80, "https": 443}[parts.scheme]) in allowed:
        return
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        raise Blocked("address_inside", host)
    literal = host.replace(":", "").replace(".", "")
    if (":" in host or literal.isdecimal()) and not is_public(host):
        raise Blocked("address_inside", host)


class GuardedResolver(AbstractResolver):
    """Asks the system and hands on only public answers; `allowed` (host, port) pairs pass as they are."""

    def __init__(self, allowed: Allowed = (), *, inner: AbstractResolver | None = None) -> None:
        self.allowed = frozenset(allowed)
        self.trusted: set[tuple[str, int]] = set(self.allowed)
        self._inner = inner or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises Blocked when every answer lies inside, OSError when there is no answer."""
        answers = await self._inner.resolve(host, port, family)
        if (host, port) in self.allowed:
            self.trusted.update((answer["host"], port) for answer in answers)
            return answers
        public = [answer for answer in answers if is_public(answer["host"])]
        if answers and not public:
            raise Blocked("address_inside", host)
        return public

    def open_socket(self, address: tuple[Any, ...]) -> socket.socket:
        """The last look: a socket for exactly this address, or Blocked. `address`: as of getaddrinfo."""
        family, kind, protocol, _, target = address
        if not is_public(target[0]) and (target[0], target[1]) not in self.trusted:
            raise Blocked("address_inside", str(target[0]))
        return socket.socket(family, kind, protocol)

    async def close(self) -> None:
        await self._inner.close()


def guarded_connector(
    allowed: Allowed = (), *, inner: AbstractResolver | None = None, limit: int = 100
) -> aiohttp.TCPConnector:
    """A connector for sessions that call addresses given by people. Call it inside a running loop.

    `allowed`: (host, port) pairs that are ours and may be called all the same. `limit`: connections at once.
    A refusal reaches the caller as `aiohttp.ClientConnectorError`; `blocked_by` finds it in there.
    """
    resolver = GuardedResolver(allowed, inner=inner)
    return aiohttp.TCPConnector(resolver=resolver, socket_factory=resolver.open_socket, limit=limit)


def blocked_by(error: BaseException) -> Blocked | None:
    """The refusal of the guard behind an error of aiohttp, if that is what it was."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, Blocked):
            return seen
        seen = getattr(seen, "os_error", None) or seen.__cause__
    return None

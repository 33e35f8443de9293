"""Addresses from outside: a server that a person typed in, a place for files that a network names."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from niva.networks.base.errors import Rejected

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def server_address(written: str) -> str:
    """ "name.example", "https://name.example/@me" or "@me@name.example" as "https://name.example".

    Plain http is kept for loopback only: keys must not travel in the open. Raises ValueError for what is no
    address of a server.
    """
    text = written.strip()
    if "://" not in text:
        text = f"https://{text.rstrip('/').rpartition('@')[2]}"
    parts = urlsplit(text)
    host, port = parts.hostname, parts.port
    if not host or parts.scheme not in ("http", "https") or any(sign.isspace() for sign in host):
        raise ValueError(f"no address of a server: {written[:100]!r}")
    scheme = parts.scheme if host in _LOOPBACK else "https"
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" + (f":{port}" if port else "")


def upload_address(url: str, own: str = "") -> str:
    """The address that a network named for a file, when it may be followed: https to a named outer host.

    `own`: another API that the credential points to (a test server), which may have files sent to itself.
    Raises Rejected("upload_host_refused").
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if own and f"{parts.scheme}://{parts.netloc}" == own:
        return url
    if parts.scheme != "https" or parts.username or "." not in host or _is_number(host):
        raise Rejected("upload_host_refused", f"{parts.scheme}://{host}")
    return url


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

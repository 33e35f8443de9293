"""The address of a server that a person typed in, for networks that live on many servers."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

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

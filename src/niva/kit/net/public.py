"""Whether an address can be reached from the open Internet, as far as that is seen without asking anybody."""

from __future__ import annotations

from urllib.parse import urlsplit

from niva.kit.net.guard import Blocked, check_url


def is_outer_https(url: str) -> bool:
    """An https address on a named outer host: no loopback, no inner name, no bare word like "desk"."""
    try:
        check_url(url)
        parts = urlsplit(url)
    except (Blocked, ValueError):
        return False
    host = (parts.hostname or "").rstrip(".")
    return parts.scheme == "https" and "." in host and not host.endswith((".lan", ".home", ".test"))


def web_address(typed: str) -> str:
    """What a person typed or pasted as a web address, "https://" put before a bare one. Raises Blocked."""
    address = typed.strip()
    if "://" not in address:
        address = f"https://{address}"
    check_url(address)
    host = (urlsplit(address).hostname or "").rstrip(".")
    if "." not in host:
        raise Blocked("address_bad", "a host with a dot is wanted")
    return address

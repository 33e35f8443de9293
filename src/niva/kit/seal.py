"""Encryption of secrets at rest: Fernet (AES-128-CBC with HMAC-SHA256), keys rotatable.

The first key encrypts, every key decrypts. Keys come from the caller, so this module knows no settings.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealBroken(Exception):
    """The keys at hand do not open it: the key was lost or the row was tampered with."""


def seal(secrets: Mapping[str, Any], keys: Sequence[str]) -> bytes:
    """The mapping as an encrypted token."""
    return _box(keys).encrypt(json.dumps(dict(secrets)).encode())


def unseal(token: bytes, keys: Sequence[str]) -> dict[str, Any]:
    """The mapping back. Raises SealBroken."""
    try:
        opened = json.loads(_box(keys).decrypt(bytes(token)))
    except InvalidToken as error:
        raise SealBroken("none of the keys opens this") from error
    except ValueError as error:  # sealed by somebody else with our key
        raise SealBroken("it opens, and holds no mapping") from error
    if not isinstance(opened, dict):
        raise SealBroken("it opens, and holds no mapping")
    return opened


def reseal(token: bytes, keys: Sequence[str]) -> bytes:
    """The same secrets under the first key; for rotation."""
    try:
        return _box(keys).rotate(bytes(token))
    except InvalidToken as error:
        raise SealBroken("none of the keys opens this") from error


def mark(text: str, keys: Sequence[str]) -> str:
    """A short name for something secret: the same for the same text, and of no use without the first key."""
    return hmac.new(b"mark:" + keys[0].encode(), text.encode(), hashlib.sha256).hexdigest()[:20]


def _box(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])

"""Secrets that go into links and tokens: made once, shown once, kept only as a fingerprint."""

from __future__ import annotations

import hashlib
import secrets


def new_secret() -> str:
    """256 random bits in the characters of an address."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """What the database keeps. A plain hash is enough for 256 random bits: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()

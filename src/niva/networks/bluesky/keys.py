"""Record keys drawn from the step's idempotency key: the same step always writes the same record.

A key of a post must be a TID (https://atproto.com/specs/tid): 13 signs of a sortable base 32 that hold
53 bits of microseconds since 1970 and 10 bits of a clock's number.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

_SIGNS: Final = "234567abcdefghijklmnopqrstuvwxyz"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# A key that tells no time gets one within the year 2023, when the network opened: in the past for sure.
_YEAR_2023: Final = 1_672_531_200_000_000
_YEAR: Final = 365 * 86_400 * 1_000_000


def record_key(key: str) -> str:
    """The TID of a step. From a UUIDv7 it takes the time, so that posts sort as they went out."""
    moment = moment_of(key)
    digest = hashlib.sha256(key.encode()).digest()
    clock = int.from_bytes(digest[:2]) & 0x3FF
    if moment is None:
        micros = _YEAR_2023 + int.from_bytes(digest[2:10]) % _YEAR
    else:
        # A UUIDv7 knows milliseconds; the three digits below them keep apart what one millisecond made.
        micros = (moment - _EPOCH) // timedelta(microseconds=1) + int.from_bytes(digest[2:10]) % 1000
    number = (micros << 10) | clock
    return "".join(_SIGNS[(number >> shift) & 31] for shift in range(60, -1, -5))


def moment_of(key: str) -> datetime | None:
    """When a UUIDv7 was drawn (RFC 9562, section 5.7: 48 bits of milliseconds), None for any other key."""
    try:
        uuid = UUID(key)
    except ValueError:
        return None
    if uuid.version != 7:
        return None
    return _EPOCH + timedelta(milliseconds=uuid.int >> 80)

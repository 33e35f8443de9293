"""Record keys: valid, the same for the same step, sorted by time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4

from niva.networks.bluesky.keys import moment_of, record_key

# https://atproto.com/specs/tid
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
V7 = "0193a5e0-3c00-7abc-8def-0123456789ab"


def uuid7(millis: int, tail: str = "7abc-8def-0123456789ab") -> str:
    head = f"{millis:012x}"
    return f"{head[:8]}-{head[8:]}-{tail}"


def micros_of(tid: str) -> int:
    number = 0
    for sign in tid:
        number = number * 32 + "234567abcdefghijklmnopqrstuvwxyz".index(sign)
    return number >> 10


def test_same_key_gives_same_valid_tid():
    for key in (V7, str(uuid4()), "no uuid at all"):
        assert record_key(key) == record_key(key)
        assert TID.fullmatch(record_key(key)), key


def test_other_key_of_same_millisecond_gives_other_tid():
    keys = [uuid7(1_795_000_000_000, f"7{i:03x}-8def-0123456789ab") for i in range(500)]
    assert len({record_key(key) for key in keys}) == 500


def test_tid_carries_the_uuids_time():
    millis = 1_795_435_200_123
    assert micros_of(record_key(uuid7(millis))) // 1000 == millis
    assert moment_of(uuid7(millis)) == datetime.fromtimestamp(millis / 1000, UTC)


def test_tids_sort_as_the_posts_went_out():
    tids = [record_key(uuid7(1_795_000_000_000 + step * 250)) for step in range(20)]
    assert tids == sorted(tids)


def test_other_uuids_tell_no_time_and_land_in_the_past():
    key = str(uuid4())
    assert moment_of(key) is None
    assert datetime.fromtimestamp(micros_of(record_key(key)) / 1e6, UTC).year == 2023

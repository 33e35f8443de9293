"""Retry-After, in both of its forms, wherever it comes from: a proxy's words count as the network's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from niva.networks.base.transport import Reply

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ("40", timedelta(seconds=40)),
        (" 0 ", timedelta(0)),
        ("Mon, 23 Nov 2026 12:02:00 GMT", timedelta(minutes=2)),
        ("Mon, 23 Nov 2026 12:02:00 -0000", timedelta(minutes=2)),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("99999999999999999999", timedelta(days=1)),
        ("Fri, 23 Nov 2126 12:02:00 GMT", timedelta(days=1)),
        ("٤٠", None),
    ],
)
def test_the_moment_that_is_named(told: str, wait: timedelta | None) -> None:
    moment = Reply(429, {"Retry-After": told}, b"").retry_at(NOW)
    assert moment == (None if wait is None else NOW + wait)

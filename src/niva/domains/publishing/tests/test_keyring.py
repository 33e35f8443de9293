"""When keys are renewed before they are used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from niva.domains.publishing.delivery.keyring import RENEW_BEFORE, renewal_due
from niva.networks.base.types import Credential

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOON, LATER = NOW + RENEW_BEFORE - timedelta(seconds=1), NOW + RENEW_BEFORE + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("credential", "due"),
    [
        (Credential({"access_token": "a"}), False),
        (Credential({"access_token": "a"}, expires_at=SOON), True),
        (Credential({"access_token": "a"}, expires_at=LATER), False),
        (Credential({"refresh_token": "r"}, {"access_expires_at": SOON.isoformat()}), True),
        (Credential({"refresh_token": "r"}, {"access_expires_at": LATER.isoformat()}), False),
        (Credential({"refresh_token": "r"}, {"access_expires_at": LATER.isoformat()}, SOON), True),
        (
            Credential({"refresh_token": "r"}, {"access_expires_at": SOON.replace(tzinfo=None).isoformat()}),
            True,
        ),
        (Credential({"refresh_token": "r"}, {"access_expires_at": "soon"}), True),
        (Credential({"refresh_token": "r"}), True),
    ],
)
def test_renewal_is_due(credential: Credential, due: bool) -> None:
    assert renewal_due(credential, NOW) is due

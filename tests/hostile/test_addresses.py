"""Every way to write an inner address ends at the guard, whatever the text looked like."""

from __future__ import annotations

import pytest

from niva.flows.talk import guarded_session
from niva.kit.net.preview import PreviewFailed, fetch_preview
from niva.networks.base.errors import Rejected, Temporary
from niva.networks.base.transport import Transport

INNER = (
    "http://127.0.0.1:9/", "http://2130706433:9/", "http://0x7f000001:9/", "http://0177.0.0.1:9/",
    "http://127.1:9/", "http://[::1]:9/", "http://[::ffff:127.0.0.1]:9/", "http://0:9/",
    "http://localhost.:9/", "http://LOCALHOST:9/", "http://①②⑦.0.0.1:9/", "http://127。0。0。1:9/",
    "http://169.254.169.254/", "http://[64:ff9b::7f00:1]:9/", "http://[fe80::1%25lo]:9/", "http://10.0.0.1:9/",
)  # fmt: skip


@pytest.mark.parametrize("url", INNER)
async def test_no_inner_address_is_called(url):
    with pytest.raises(PreviewFailed) as refused:
        await fetch_preview(url, seconds=5)
    # a name that means nothing here is not called either
    assert refused.value.code in ("address_inside", "address_bad") or "DNS" in refused.value.detail
    async with guarded_session(2) as session:
        with pytest.raises((Rejected, Temporary)) as error:
            await Transport(session, deadline=5).request("GET", url, writes=False)
    assert error.value.code in ("address_inside", "address_bad", "cannot_connect")
    assert "refused" not in error.value.detail.lower(), "a connection was tried"

"""The one way out says honestly what became of a request (the common suite covers the rest)."""

from __future__ import annotations

import aiohttp
import pytest

from niva.kit.net.guard import guarded_connector
from niva.networks.base.errors import Rejected
from niva.networks.base.transport import Transport


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/?access_token=hidden", "http://localhost:9/"])
async def test_forbidden_address_is_final_not_temporary(url: str) -> None:
    async with aiohttp.ClientSession(connector=guarded_connector()) as session:
        with pytest.raises(Rejected) as caught:
            await Transport(session).request("POST", url, writes=True)
    assert caught.value.code == "address_inside"
    assert "hidden" not in str(caught.value)

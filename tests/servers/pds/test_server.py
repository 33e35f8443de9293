"""The real PDS as the tests use it: on loopback only, one's own, and gone afterwards."""

from __future__ import annotations

from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from tests.servers.pds import PdsUnavailable, RealPds, real_pds, shared_pds

LOOPBACK = "0100007F"  # 127.0.0.1 as /proc/net/tcp writes it


@pytest.fixture
def pds() -> RealPds:
    try:
        return shared_pds()
    except PdsUnavailable as reason:
        pytest.skip(f"the real Bluesky PDS cannot run here: {reason}")


def listeners(port: int) -> set[str]:
    """Addresses on which somebody listens at a port."""
    lines = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()
    ]
    ends = [words[1] for words in lines if words[3] == "0A"]
    return {end.split(":")[0] for end in ends if end.split(":")[1] == f"{port:04X}"}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="listeners are told by Linux only")
def test_listens_on_loopback_only(pds: RealPds):
    for url in (pds.url, pds.plc_url):
        assert listeners(int(url.rsplit(":", 1)[1])) == {LOOPBACK}


def test_accounts_are_separate(pds: RealPds):
    first, second = pds.create_account(), pds.create_account()
    assert first.did != second.did
    assert pds.records(first.did) == []
    with pytest.raises(HTTPError):
        pds.ask("com.atproto.server.getSession", token=pds.aged(pds.login(first)))


@pytest.mark.slow
def test_a_server_of_ones_own_ends_with_its_data(pds: RealPds):
    with real_pds() as own:
        assert own.url != pds.url
        where = own.url
        assert own.ask("com.atproto.server.describeServer")["availableUserDomains"]
    with pytest.raises(URLError):
        urlopen(f"{where}/xrpc/_health", timeout=5)
    assert not Path(f"/proc/{own.pid}").exists()

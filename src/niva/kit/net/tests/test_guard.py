"""No way inside: by address, by name, by a name that changes its mind, by a redirect."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from niva.kit.net.guard import Blocked, GuardedResolver, blocked_by, check_url, guarded_connector, is_public

INSIDE = (
    "127.0.0.1", "127.255.0.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.2.1", "198.18.0.1", "192.88.99.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2002:c0a8:101::1", "2001::1", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1",
    "ff02::1", "2001:db8::1", "100::1", "localhost", "", "1.2.3",
)  # fmt: skip
OUTSIDE = ("8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8",
           "64:ff9b::808:808", "2002:808:808::1")  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_inside(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_outside(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/", "address_inside"),
        ("http://[::1]:80/", "address_inside"),
        ("http://[::ffff:10.0.0.1]/", "address_inside"),
        ("http://2130706433/", "address_inside"),
        ("http://127.1/", "address_inside"),
        ("http://localhost:8000/x", "address_inside"),
        ("http://db.internal/", "address_inside"),
        ("http://printer.local/", "address_inside"),
        ("file:///etc/passwd", "address_bad"),
        ("gopher://example.org/", "address_bad"),
        ("javascript:alert(1)", "address_bad"),
        ("http:///x", "address_bad"),
        ("http://user:pass@example.org/", "address_bad"),
        ("http://example.org:99999/", "address_bad"),
        ("http://example.org/\n", "address_bad"),
        ("http://exam ple.org/", "address_bad"),
        ("http://[::1", "address_bad"),
        ("", "address_bad"),
    ],
)
def test_bad_addresses_are_seen_at_once(url: str, code: str) -> None:
    with pytest.raises(Blocked) as caught:
        check_url(url)
    assert caught.value.code == code


def test_good_addresses_pass() -> None:
    for url in (
        "https://example.org/a?b=c#d",
        "http://8.8.8.8:8080/",
        "https://пример.рф/путь",
        "https://x--1.org",
    ):
        check_url(url)
    check_url("http://127.0.0.1:8131/", allowed=[("127.0.0.1", 8131)])
    with pytest.raises(Blocked):
        check_url("http://127.0.0.1:8132/", allowed=[("127.0.0.1", 8131)])


class Telling(AbstractResolver):
    """A resolver that answers what it was told, one answer after the other."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        return None


class Careless(GuardedResolver):
    """The first wall taken away: as if the name had been public when it was asked."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return await self._inner.resolve(host, port, family)


@pytest.fixture
async def house() -> AsyncIterator[tuple[int, list[str]]]:
    """A server inside that notes every visit: (port, visits)."""
    visits: list[str] = []

    async def note(request: web.Request) -> web.Response:
        visits.append(request.path)
        if request.path == "/away":
            raise web.HTTPFound(f"http://localhost:{request.url.port}/secret")
        return web.Response(text="secret")

    app = web.Application()
    app.router.add_get("/{path:.*}", note)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1], visits
    await runner.cleanup()


async def refused(connector: aiohttp.BaseConnector, url: str) -> Blocked | None:
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await session.get(url)
    return blocked_by(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f000001"])
async def test_no_address_leads_inside(house: tuple[int, list[str]], host: str) -> None:
    port, visits = house
    error = await refused(guarded_connector(), f"http://{host}:{port}/secret")
    assert error is not None and error.code == "address_inside"
    assert visits == []


async def test_name_that_leads_inside(house: tuple[int, list[str]]) -> None:
    port, visits = house
    error = await refused(guarded_connector(inner=Telling("127.0.0.1")), f"http://example.org:{port}/secret")
    assert error is not None and visits == []


async def test_name_that_changed_its_mind_is_stopped_at_the_socket(house: tuple[int, list[str]]) -> None:
    port, visits = house
    resolver = Careless(inner=Telling("127.0.0.1"))
    connector = aiohttp.TCPConnector(resolver=resolver, socket_factory=resolver.open_socket)
    error = await refused(connector, f"http://example.org:{port}/secret")
    assert error is not None and visits == []


async def test_allowed_place_but_not_its_neighbours(house: tuple[int, list[str]]) -> None:
    port, visits = house
    async with aiohttp.ClientSession(connector=guarded_connector([("127.0.0.1", port)])) as session:
        async with session.get(f"http://127.0.0.1:{port}/hello") as reply:
            assert await reply.text() == "secret"
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(f"http://127.0.0.1:{port + 1 if port < 65535 else port - 1}/")
    assert visits == ["/hello"]


async def test_allowed_name(house: tuple[int, list[str]]) -> None:
    port, visits = house
    connector = guarded_connector([("practice.example", port)], inner=Telling("127.0.0.1"))
    async with aiohttp.ClientSession(connector=connector) as session:
        reply = await session.get(f"http://practice.example:{port}/hello")
        assert reply.status == 200
    assert visits == ["/hello"]


async def test_redirect_does_not_lead_inside(house: tuple[int, list[str]]) -> None:
    port, visits = house
    connector = guarded_connector([("front.example", port)], inner=Telling("127.0.0.1"))
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await session.get(f"http://front.example:{port}/away")
    assert blocked_by(caught.value) is not None
    assert visits == ["/away"]

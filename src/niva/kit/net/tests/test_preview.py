"""Link previews of good pages, of broken ones and of pages that mean harm."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from aiohttp import web

from niva.kit.net.markup import SLICE, decode, describe
from niva.kit.net.preview import PAGE_BYTES, Preview, PreviewFailed, download, fetch_preview

GOOD = """<!doctype html><html><head><meta charset="{charset}">
<!-- <meta property="og:title" content="Не тот"> -->
<script>var a = '<meta property="og:title" content="И не этот">'</script>
<title>Заголовок &amp; точка</title>
<META content="Жатва &quot;2026&quot;" PROPERTY=og:title>
<meta name='description' content='Как прошла
   жатва'>
<meta property="og:image" content="/p/1.jpg?a=1&amp;b=2"><meta property="og:site_name" content="Вестник">
</head><body><svg><title>Значок</title></svg></body></html>"""


class Site:
    """A server on loopback that answers by path; `url` and `allowed` are for the caller."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.visits: list[str] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def allowed(self) -> list[tuple[str, int]]:
        return [("127.0.0.1", self.port)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.visits.append(request.path)
        return await self.answers[request.path](request)

    def tell(self, path: str, **answer: Any) -> str:
        async def say(request: web.Request) -> web.Response:
            return web.Response(**answer)

        self.answers[path] = say
        return self.url + path

    def page(self, path: str, body: str | bytes, content_type: str = "text/html", **headers: str) -> str:
        raw = body.encode() if isinstance(body, str) else body
        named = {"Content-Type": content_type, **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.tell(path, body=raw, headers=named)

    def moved(self, path: str, to: str, status: int = 302) -> str:
        return self.tell(path, status=status, headers={"Location": to})


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    served = Site()
    app = web.Application()
    app.router.add_get("/{path:.*}", served.answer)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.port = runner.addresses[0][1]
    yield served
    await runner.cleanup()


async def failing(site: Site, url: str, **more: Any) -> str:
    with pytest.raises(PreviewFailed) as caught:
        await fetch_preview(url, allowed=site.allowed, **more)
    return caught.value.code


@pytest.mark.parametrize(
    ("charset", "content_type"),
    [
        ("utf-8", "text/html"),
        ("windows-1251", "text/html; charset=windows-1251"),
        ("windows-1251", "text/html"),
        ("koi8-r", 'text/html; charset="KOI8-R"'),
        ("utf-16", "text/html"),
    ],
)
async def test_good_page(site: Site, charset: str, content_type: str) -> None:
    url = site.page("/a/b", GOOD.format(charset=charset).encode(charset), content_type)
    assert await fetch_preview(url, allowed=site.allowed) == Preview(
        url=url,
        title='Жатва "2026"',
        description="Как прошла жатва",
        image_url=f"{site.url}/p/1.jpg?a=1&b=2",
        site_name="Вестник",
    )


async def test_page_without_anything(site: Site) -> None:
    url = site.page("/", "<title> Просто\n страница </title>")
    assert await fetch_preview(url, allowed=site.allowed) == Preview(url, "Просто страница")
    assert (await fetch_preview(site.page("/e", ""), allowed=site.allowed)).title == ""


async def test_packed_page(site: Site) -> None:
    body = gzip.compress(GOOD.format(charset="utf-8").encode())
    url = site.page("/", body, Content_Encoding="gzip")
    assert (await fetch_preview(url, allowed=site.allowed)).title == 'Жатва "2026"'


async def test_packing_bomb_is_cut(site: Site) -> None:
    bomb = gzip.compress(b"<title>x</title>" + b"\0" * 50_000_000, 9)
    assert len(bomb) < 300_000
    started = monotonic()
    preview = await fetch_preview(site.page("/", bomb, Content_Encoding="gzip"), allowed=site.allowed)
    assert preview.title == "x"
    assert monotonic() - started < 2
    assert await failing(site, site.page("/b", b"broken", Content_Encoding="gzip")) == "not_a_page"
    assert await failing(site, site.page("/c", b"broken", Content_Encoding="br")) == "not_a_page"


async def test_redirects_are_followed_and_bounded(site: Site) -> None:
    last = site.page("/last", "<title>Конец</title>")
    assert (await fetch_preview(site.moved("/first", "/last"), allowed=site.allowed)) == Preview(
        last, "Конец"
    )
    assert await failing(site, site.moved("/loop", "/loop")) == "too_many_redirects"


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("http://127.0.0.1:{other}/secret", "address_inside"),
        ("http://localhost:{port}/secret", "address_inside"),
        ("http://169.254.169.254/latest/meta-data/", "address_inside"),
        ("http://[::ffff:127.0.0.1]:{port}/secret", "address_inside"),
        ("file:///etc/passwd", "address_bad"),
        ("http://user:pass@example.org/", "address_bad"),
    ],
)
async def test_redirect_inside_is_refused(site: Site, to: str, code: str) -> None:
    site.page("/secret", "<title>secret</title>")
    target = to.format(port=site.port, other=site.port - 1)
    assert await failing(site, site.moved("/", target)) == code
    assert site.visits == ["/"]


async def test_our_own_house_is_not_previewed(site: Site) -> None:
    url = site.page("/secret", "<title>secret</title>")
    with pytest.raises(PreviewFailed) as caught:
        await fetch_preview(url)
    assert (caught.value.code, site.visits) == ("address_inside", [])


async def test_what_is_no_page(site: Site) -> None:
    assert await failing(site, site.page("/pdf", b"%PDF", "application/pdf")) == "not_a_page"
    gone = site.tell("/gone", status=404, text="<title>404</title>", content_type="text/html")
    assert await failing(site, gone) == "page_refused"
    assert await failing(site, "ftp://example.org/") == "address_bad"


async def test_slow_page_is_given_up(site: Site) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse(headers={"Content-Type": "text/html"})
        await reply.prepare(request)
        while True:
            await reply.write(b"<!--")
            await asyncio.sleep(0.05)

    site.answers["/"] = drip
    started = monotonic()
    assert await failing(site, f"{site.url}/", seconds=0.3) == "no_answer"
    assert monotonic() - started < 2


async def test_endless_page_is_cut(site: Site) -> None:
    sent = 0

    async def pour(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        reply = web.StreamResponse(headers={"Content-Type": "text/html"})
        await reply.prepare(request)
        await reply.write(b"<title>pour</title>")
        while True:
            await reply.write(b"x" * 65536)
            sent += 65536

    site.answers["/"] = pour
    assert (await fetch_preview(f"{site.url}/", allowed=site.allowed)).title == "pour"
    assert sent < PAGE_BYTES + 8 * 1024 * 1024  # what the kernel's buffers swallow besides


HOSTILE = [
    "<a ", "<!--", "<", "</", "<![CDATA[", "<a b='", "&", "<script>", "<!", "<?", "<a a=", "<meta ",
    "<meta content='", "<title>", "<svg>", "<meta name=a content=b>", "&#x", "<base href=", "</script",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_markup_takes_no_time(unit: str) -> None:
    page = unit * (PAGE_BYTES // len(unit))
    started = monotonic()
    describe(page)
    assert monotonic() - started < 1.5


@pytest.mark.parametrize("image", ["javascript:alert(1)", "data:image/png;base64,AAAA", "http://127.0.0.1/x.png",
                                   "http://[::1", "//localhost/x"])  # fmt: skip
async def test_bad_picture_addresses_are_dropped(site: Site, image: str) -> None:
    url = site.page("/", f'<title>t</title><meta property="og:image" content="{image}">')
    assert await fetch_preview(url, allowed=site.allowed) == Preview(url, "t")


async def test_base_moves_the_picture(site: Site) -> None:
    page = '<base href="https://cdn.example.org/x/"><meta property="og:image" content="1.jpg">'
    preview = await fetch_preview(site.page("/", page), allowed=site.allowed)
    assert preview.image_url == "https://cdn.example.org/x/1.jpg"


def test_markup_stays_text() -> None:
    found = describe('<meta property="og:title" content="&lt;script&gt;alert(1)&lt;/script&gt;">')
    assert found == {"og:title": "<script>alert(1)</script>"}
    assert describe(f"<title>{'я' * 2 * SLICE}")["title"].strip("я") == ""


def test_strange_charsets() -> None:
    text = "Привет, мир".encode("windows-1251")
    assert decode(text) == "Привет, мир"
    for stated in ("rot13", "unicode_escape", "zip", "no-such", "idna", "utf-7"):
        assert decode(text, stated) == "Привет, мир"
    assert decode("Привет".encode()[:-1]).startswith("Приве")


async def test_download(site: Site, tmp_path: Path) -> None:
    target = tmp_path / "picture"
    url = site.page("/p.png", b"\x89PNG" + b"0" * 996, "image/png")
    assert await download(url, target, most=1000, allowed=site.allowed) == "image/png"
    assert target.stat().st_size == 1000
    for address, most, code in ((url, 999, "too_large"), (site.page("/h", "<b>"), 999, "not_an_image")):
        with pytest.raises(PreviewFailed) as caught:
            await download(address, tmp_path / "other", most=most, allowed=site.allowed)
        assert caught.value.code == code
    assert not (tmp_path / "other").exists()

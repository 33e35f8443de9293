"""The first two minutes of a stranger: the address that `niva run` prints, and the demo agency behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.browsing import Watched, watched
from tests.journeys.running import RunningDesk

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


@pytest.fixture(scope="module")
def desk(browser: Browser, desks: list[RunningDesk]) -> RunningDesk:
    """With its demo, as it comes."""
    desks.append(RunningDesk("demo", NIVA_DEMO="1").start())
    return desks[-1]


def first(it: Watched, pattern: str) -> str:
    """The first address on the page that reads like this."""
    found = [link.get_attribute("href") or "" for link in it.page.locator("main a[href]").all()]
    return next(href for href in found if re.fullmatch(pattern, href))


def addresses(it: Watched) -> Iterator[tuple[str, str]]:
    """Names and addresses of the pages to look at: full of what the agency has done in six weeks."""
    it.page.goto("/clients/")
    client = first(it, r"/clients/\d+/")
    it.page.goto(f"{client}communities/")
    community = first(it, r"/communities/\d+/")
    it.page.goto("/posts/")
    post = first(it, r"/posts/\d+/(?:edit/)?").removesuffix("edit/")
    yield from {
        "today": "/", "plan": "/plan/?view=month", "plan-week": "/plan/?view=week",
        "plan-list": "/plan/?view=list", "posts": "/posts/", "post": post, "composer": f"{post}edit/",
        "clients": "/clients/", "client": client, "rows": f"{client}rows/", "community": community,
        "client-people": f"{client}people/", "people": "/people/", "audit": "/people/audit/",
    }.items()  # fmt: skip


@pytest.mark.parametrize(("width", "theme"), [("desk", "light"), ("phone", "dark")])
def test_the_printed_address_opens_a_living_agency(
    browser: Browser, desk: RunningDesk, width: str, theme: str
):
    origin = re.match(r"http://[^/]+", desk.url)
    assert origin
    with watched(browser, origin[0], language="ru", width=width, theme=theme) as it:
        it.page.goto(desk.url)
        expect(it.page.locator("h1")).to_contain_text(it.says("Today"))
        for name, path in addresses(it):
            it.page.goto(path)
            it.check(f"demo-{name}")
    assert desk.troubles() == []

"""The whole circle as a newcomer walks it, in a real Chromium on a desk started as a stranger starts it.

In Russian on a computer, in English on a phone; afterwards every main page is looked at in both widths and
both themes. The pictures lie in `shots/`.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys import walk
from tests.journeys.browsing import watched
from tests.journeys.running import RunningDesk
from tests.journeys.walk import ENGLISH, RUSSIAN, Story

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PRACTICE_MOST = 2000  # characters of a post in the practice network


@pytest.fixture(scope="module")
def two_desks(browser: Browser, desks: list[RunningDesk]) -> dict[str, RunningDesk]:
    """One for each language, started side by side: a desk has one first owner."""
    found = {language: RunningDesk(language) for language in ("ru", "en")}
    desks.extend(desk.start() for desk in found.values())
    return found


@pytest.mark.parametrize(
    ("story", "width", "theme"), [(RUSSIAN, "desk", "light"), (ENGLISH, "phone", "dark")], ids=["ru", "en"]
)
def test_the_whole_circle(
    story: Story, width: str, theme: str, browser: Browser, two_desks: dict[str, RunningDesk]
):
    desk = two_desks[story.language]
    with watched(browser, desk.url, language=story.language, width=width, theme=theme, own=story.own) as it:
        walk.sign_up(it, story)
        it.check("today-empty")
        client = walk.take_on_client(it, story)
        walk.set_goal(it, story, client)
        it.check("client-fresh")
        community = walk.add_community(it, story, client, "practice")
        it.check("connect")
        key = walk.practice_key(it, desk.practice_url, story.community)
        walk.connect_by_keys(it, {"access_token": key})
        it.press("Test")
        expect(it.page.locator("#keys .is-out")).to_contain_text(story.community)
        it.check("community-tested")

        post = walk.begin_post(it, client)
        walk.too_long_then_mended(it, story.text, PRACTICE_MOST)
        walk.add_picture(it, story.file, story.alt)
        it.check("composer")
        walk.schedule_for_tomorrow(it)
        it.check("post-scheduled")
        walk.move_to_now(it, story.text[:20])
        address = walk.wait_until_out(it, post)
        walk.write_fact(it, story, client)
        with watched(browser, desk.practice_url, language=story.language, width=width, theme=theme) as there:
            there.page.goto(address)
            expect(there.page.locator("article .text")).to_have_text(story.text)
            expect(there.page.locator("article img[alt]").last).to_have_attribute("alt", story.alt)
        walk.wait_for_numbers(it, post)
        it.page.goto(f"/clients/{client}/")
        expect(it.page.locator("section:has(#goal-name) .val")).to_contain_text("3")
        expect(it.page.locator("section:has(#goal-name) .val")).to_contain_text("40")
        it.page.goto("/")
        expect(it.page.locator("h1")).to_contain_text(it.says("Today"))
        signed_in = it.page.context.storage_state()
    pages = {
        "today": "/", "plan": "/plan/", "plan-week": "/plan/?view=week", "posts": "/posts/",
        "post": f"/posts/{post}/", "composer": f"/posts/{post}/edit/", "clients": "/clients/",
        "client": f"/clients/{client}/", "client-rows": f"/clients/{client}/rows/",
        "community": f"/communities/{community}/", "people": "/people/", "profile": "/profile/",
    }  # fmt: skip
    tour(browser, desk, story, signed_in, pages)
    assert desk.troubles() == []


def tour(browser: Browser, desk: RunningDesk, story: Story, signed_in: object, pages: dict[str, str]) -> None:
    """Every main page in both widths and both themes."""
    for width in ("desk", "phone"):
        with watched(
            browser, desk.url, language=story.language, width=width, own=story.own, state=signed_in
        ) as it:
            for name, path in pages.items():
                it.dress("light")
                it.page.goto(path)
                it.check(name)
                it.dress("dark")
                it.shoot(name)

"""The whole circle as a newcomer walks it, in a real Chromium on a desk started as a stranger starts it.

In Russian on a computer, in English on a phone; afterwards every main page is looked at in both widths. The
pictures lie in `shots/` when NIVA_SHOTS=1 asks for them.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys import walk
from tests.journeys.browsing import Watched, watched
from tests.journeys.running import RunningDesk
from tests.journeys.walk import ENGLISH, RUSSIAN, Story

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PRACTICE_MOST = 2000  # characters of a post in the practice network


@pytest.fixture(scope="module")
def two_desks(browser: Browser, desks: list[RunningDesk]) -> dict[str, RunningDesk]:
    """One for each language, started side by side: a desk has one first owner."""
    found = {language: RunningDesk(language, prepared=True) for language in ("ru", "en")}
    desks.extend(desk.start() for desk in found.values())
    return found


@pytest.mark.parametrize(
    ("story", "here", "there"),
    [
        pytest.param(RUSSIAN, ("desk", "dark"), ("phone", "light"), id="ru"),
        pytest.param(ENGLISH, ("phone", "dark"), ("desk", "light"), id="en", marks=pytest.mark.thorough),
    ],
)
def test_the_whole_circle(
    story: Story,
    here: tuple[str, str],
    there: tuple[str, str],
    browser: Browser,
    two_desks: dict[str, RunningDesk],
):
    """`here`: screen and theme one walks with; `there`: others that the pages are looked at with as well."""
    desk = two_desks[story.language]
    with person(browser, desk, story, here) as it:
        walk.sign_up(it, story)
        it.check("today-empty")
        it.check_focus()
        client = walk.take_on_client(it, story)
        walk.set_goal(it, story, client)
        it.check("client-fresh")
        community = walk.add_community(it, story, client, "practice")
        it.check("connect")
        key = walk.practice_key(it, story.community)
        walk.connect_by_keys(it, {"access_token": key})
        it.press("Test")
        expect(it.page.locator("#keys .is-out")).to_contain_text(story.community)
        it.check("community-tested")

        post = walk.begin_post(it, client)
        walk.too_long_then_mended(it, story.text, PRACTICE_MOST)
        walk.add_picture(it, story.file, story.alt)
        it.check("composer-before")
        walk.schedule_for_tomorrow(it)
        it.check("post-scheduled")
        walk.move_to_now(it, story.text[:20])
        address = walk.wait_until_out(it, post)
        see_it_there(it, address, story)
        walk.write_fact(it, story, client)

        pages = main_pages(client, community, post)
        with person(browser, desk, story, there, it.page.context.storage_state()) as other:
            for name, path in pages.items():
                other.page.goto(path)
                other.check(name)
        walk.wait_for_numbers(it, post)
        for name, path in pages.items():
            it.page.goto(path)
            it.check(name)
        it.page.goto(f"/clients/{client}/")
        figure = it.page.locator("section:has(#goal-name) .val")
        expect(figure).to_have_text(re.compile(r"\b3\b.*\b40\b"))
        it.page.goto("/")
        expect(it.page.locator("h1")).to_contain_text(it.says("Today"))
        expect(it.page.locator("main")).to_contain_text(story.text[:20])
    assert desk.troubles() == []


def person(
    browser: Browser, desk: RunningDesk, story: Story, look: tuple[str, str], state: object = None
) -> AbstractContextManager[Watched]:
    """The owner before his screen."""
    width, theme = look
    return watched(
        browser, desk.url, language=story.language, width=width, theme=theme, own=story.own, state=state
    )


def see_it_there(it: Watched, address: str, story: Story) -> None:
    """The link leads to the post's own page in the network, as everybody sees it."""
    browser = it.page.context.browser
    assert browser
    with watched(browser, address, language=it.language, width=it.width, theme=it.theme) as there:
        there.page.goto(address)
        expect(there.page.locator("article .text")).to_have_text(story.text)
        expect(there.page.locator("article .media img")).to_have_attribute("alt", story.alt)
        there.shoot("practice-post")


def main_pages(client: int, community: int, post: int) -> dict[str, str]:
    """Names and addresses of what one looks at every day."""
    return {
        "today": "/", "plan": "/plan/?view=month", "plan-week": "/plan/?view=week", "posts": "/posts/",
        "post": f"/posts/{post}/", "composer": f"/posts/{post}/edit/", "clients": "/clients/",
        "client": f"/clients/{client}/", "client-rows": f"/clients/{client}/rows/",
        "community": f"/communities/{community}/", "people": "/people/", "profile": "/profile/",
    }  # fmt: skip

"""The composer in a real browser: typing, tabs, files by mouse and keyboard, two editors, no connection."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from niva.domains.clients.factories import make_actor
from niva.domains.publishing.models import Post, Variant
from niva.domains.publishing.services import drafts
from niva.web.assets import built
from niva.web.posts.tests.conftest import Farm, picture

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
READY = "() => Boolean(customElements.get('niva-composer') && customElements.get('niva-upload'))"
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]


@pytest.fixture
def farm(transactional_db: None) -> Farm:
    return Farm()


@pytest.fixture
def page(farm: Farm, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Anya's browser on the post, everything that the page complains about collected."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright runs a loop of its own in this thread
    if not built("main.ts").startswith("/static/"):
        pytest.skip("the front end is not built: make front")
    session = farm.browser().cookies[settings.SESSION_COOKIE_NAME].value
    with sync_api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        context = chromium.new_context(viewport={"width": 1280, "height": 1000}, locale="en-GB")
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
        page.goto(f"{live_server.url}/posts/{farm.post.pk}/edit/")
        page.wait_for_function(READY)
        yield page
        chromium.close()


def text_of(farm: Farm) -> str:
    return Post.objects.get(pk=farm.post.pk).text


def test_typing_is_saved_and_checked(page: Any, farm: Farm) -> None:
    page.get_by_role("textbox", name="Common text").fill("Рёбрышки " * 40)
    expect(page.locator("[data-status]")).to_have_text(re.compile(r"saved \d"))
    expect(page.locator("#say-text")).to_contain_text("60 characters too many")
    expect(page.locator("#panel-common .backing .over")).to_have_count(1)
    expect(page.locator("#ready")).to_contain_text("4 of 5 ready")
    assert text_of(farm) == "Рёбрышки " * 40
    assert page.complaints == []


def test_a_text_of_its_own_by_keyboard(page: Any, farm: Farm) -> None:
    page.keyboard.press("Alt+5")
    own = page.get_by_role("textbox", name="Text for Bluesky")
    expect(own).to_be_focused()
    expect(own).to_have_value("Рёбрышки к выходным")
    own.fill("Только для Bluesky")
    expect(page.locator(".prev.bluesky .letters")).to_have_text("Только для Bluesky")
    variant = farm.variants["bluesky"]
    assert Variant.objects.get(pk=variant.pk).own_text == "Только для Bluesky"
    page.locator(f'input[name="own-{variant.pk}"]').uncheck()
    expect(own).to_have_value("Рёбрышки к выходным")
    expect(page.locator(".prev.bluesky .letters")).to_have_text("Рёбрышки к выходным")


def test_files_come_are_described_moved_and_taken_out(page: Any, farm: Farm) -> None:
    files = [
        {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": picture(300 + n * 50, 200)} for n in range(2)
    ]
    broken = {"name": "bad.jpg", "mimeType": "image/jpeg", "buffer": b"not a picture at all"}
    page.locator('niva-upload input[type="file"]').set_input_files([*files, broken])
    expect(page.locator("[data-file]")).to_have_count(2)
    expect(page.locator("[data-reason]")).to_contain_text("neither a picture nor a video")
    page.locator("[data-file] .input").first.fill("Поле")
    page.locator("[data-file] .input").first.press("Alt+ArrowDown")
    expect(page.locator("[data-file] .input").nth(1)).to_have_value("Поле")
    # The save of the upload itself may still be under way: the one with the words is waited for.
    expect(page.locator(".prev.vk .pics img").nth(1)).to_have_attribute("alt", "Поле")
    assert [item.alt for item in farm.post.media.order_by("position")] == ["", "Поле"]
    page.locator("[data-file] [data-remove]").first.click()
    expect(page.locator(".prev.vk .pics img")).to_have_count(1)
    assert farm.post.media.get().alt == "Поле"


def test_two_editors_lose_nothing(page: Any, farm: Farm) -> None:
    drafts.save(make_actor(farm.workspace), post_id=farm.post.pk, version=1, fields={"text": "Их слово"})
    page.get_by_role("textbox", name="Common text").fill("Моё слово")
    expect(page.locator("#conflict")).to_contain_text("Их слово")
    expect(page.locator("#conflict")).to_contain_text("Моё слово")
    assert text_of(farm) == "Их слово"
    page.get_by_role("button", name="Take mine").click()
    expect(page.locator("#conflict")).to_be_empty()
    expect(page.locator("[data-status]")).to_have_text(re.compile(r"^saved \d"))
    assert text_of(farm) == "Моё слово"


def test_without_a_connection_the_text_waits_and_then_goes(page: Any, farm: Farm) -> None:
    page.context.set_offline(True)
    page.get_by_role("textbox", name="Common text").fill("Написано в поезде")
    expect(page.locator("[data-status]")).to_contain_text("kept in this browser")
    page.context.set_offline(False)
    expect(page.locator("[data-status]")).to_have_text(re.compile(r"saved \d"), timeout=10_000)
    assert text_of(farm) == "Написано в поезде"


def test_ctrl_enter_schedules_and_asks_for_the_hour(page: Any, farm: Farm) -> None:
    page.get_by_role("textbox", name="Common text").press("Control+Enter")
    expect(page.locator("#say-at")).to_contain_text("Choose a day and an hour")
    page.locator('input[name="day"]').fill(f"{timezone.localdate() + dt.timedelta(days=2):%Y-%m-%d}")
    page.locator('input[name="at"]').fill("19:00")
    page.get_by_role("button", name="Schedule").click()
    expect(page).to_have_url(re.compile(rf"/posts/{farm.post.pk}/$"))
    expect(page.locator("#notes")).to_contain_text("Scheduled for 5 communities")


def test_a_phone_has_no_sideways_scroll(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("() => document.documentElement.clientWidth === 390")
    assert page.evaluate("document.documentElement.scrollWidth") == 390

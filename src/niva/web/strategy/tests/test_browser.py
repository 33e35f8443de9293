"""A step in a real browser: saved while it is typed, kept when the connection breaks, never overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from niva.domains.strategy.guided import Answer
from niva.web.assets import built
from niva.web.strategy.tests.conftest import Farm

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]


@pytest.fixture
def place(transactional_db: None, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """(page on the first step, its address)."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright runs a loop of its own in this thread
    if not built("main.ts").startswith("/static/"):
        pytest.skip("the front end is not built: make front")
    farm = Farm()
    session = farm.browser("mark").cookies[settings.SESSION_COOKIE_NAME].value
    with sync_api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        context = chromium.new_context(viewport={"width": 390, "height": 800}, locale="en-GB")
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        page = context.new_page()
        address = f"{live_server.url}/clients/{farm.client.pk}/strategy/step/task/"
        page.goto(address)
        page.wait_for_function("() => Boolean(customElements.get('niva-keep'))")
        yield page, address
        chromium.close()


def test_a_text_survives_a_broken_connection_and_another_writer(place: Any) -> None:
    page, address = place
    box = page.locator("#step-text")
    box.fill("Сорок заявок")
    expect(page.locator("#saved")).to_contain_text("Saved just now")
    assert Answer.objects.get().text == "Сорок заявок"

    page.context.set_offline(True)
    box.fill("Сорок заявок в месяц")
    expect(page.locator("#notes")).to_contain_text("There is no connection")
    page.context.set_offline(False)
    page.goto("about:blank")  # the page is left before anything was saved
    with page.expect_response(lambda reply: reply.request.method == "POST"):
        page.goto(address)
        expect(box).to_have_value("Сорок заявок в месяц")
    assert Answer.objects.get().text == "Сорок заявок в месяц"

    Answer.objects.update(text="Чужой текст", version=7)
    box.press_sequentially(" к маю")
    expect(page.locator("#saved")).to_contain_text("Чужой текст")
    with page.expect_response(lambda reply: reply.status == 409):  # typing on overwrites nothing either
        box.press_sequentially("!")
    assert Answer.objects.get().text == "Чужой текст"
    page.get_by_role("button", name="Put mine in its place").click()
    page.wait_for_url(lambda url: url != address)
    assert Answer.objects.get().text == "Сорок заявок в месяц к маю!"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

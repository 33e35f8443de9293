"""The condition in a real browser: a look that comes back by itself, an answer, on a phone's width too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from niva.domains.condition import services
from niva.domains.condition.factories import make_profile, make_seen
from niva.domains.condition.models import Answer, Cause
from niva.kit.jobs.testing import empty
from niva.web.assets import built

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
def page(house: Any, anya: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Anya's browser on a phone's width; what the page complains about is collected."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright runs a loop of its own in this thread
    if not built("main.ts").startswith("/static/"):
        pytest.skip("the front end is not built: make front")
    services.saw(house.community, make_seen(make_profile(messages_on=False)), cause=Cause.NIGHT)
    with sync_api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
        session = anya.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
        page.goto(f"{live_server.url}/communities/{house.community.pk}/condition/")
        yield page
        chromium.close()


def test_a_look_comes_back_by_itself(house: Any, page: Any) -> None:
    page.get_by_role("button", name="Check now").click()
    expect(page.locator("#looking")).to_contain_text("Asking the network")
    services.progress(house.community, "links", 3, 5)
    expect(page.locator("#looking")).to_contain_text("Following the links")
    services.saw(house.community, make_seen(), cause=Cause.HAND)
    expect(page.locator("#looking")).to_have_count(0)
    expect(page.locator("#condition")).to_contain_text("“People can write to the community”: in order")
    assert page.complaints == []
    empty()


def test_an_answer_changes_the_score_in_place(house: Any, page: Any) -> None:
    row = page.locator("#item-second_step")
    row.locator("summary").click()
    row.get_by_label("How is it?").select_option("not_applicable")
    row.get_by_role("button", name="Answer").click()
    expect(page.locator("#item-second_step")).to_contain_text("Say why it does not apply here")
    assert not Answer.objects.exists()
    row.get_by_label("How is it?").select_option("done")
    row.get_by_role("button", name="Answer").click()
    expect(page.locator("#condition")).to_contain_text("2 wait for an answer")
    assert Answer.objects.get().state == "done"
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, f"{width} px: wider than the phone"
    assert [one for one in page.complaints if "422" not in one] == []

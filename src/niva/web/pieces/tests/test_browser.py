"""Remarks in a real browser: words marked, a point by the keyboard, a name after an @, on a phone's width."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from niva.domains.editorial.factories import make_piece
from niva.domains.publishing.approving import Remark
from niva.domains.publishing.models import Asset, PostMedia
from niva.web.assets import built
from niva.web.clients.tests.conftest import anya, house

__all__ = ["anya", "house"]
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]
TEXT = "😀 Рёбрышки к выходным.\n\nЦена прежняя, и доставка прежняя."
MARK = """words => {
  const text = document.querySelector("[data-text]");
  const node = [...text.childNodes].find(one => one.textContent.includes(words));
  const range = document.createRange(), start = node.textContent.indexOf(words);
  range.setStart(node, start);
  range.setEnd(node, start + words.length);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


@pytest.fixture
def page(house: Any, anya: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Anya's browser on the page of a piece with one picture."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright runs a loop of its own in this thread
    if not built("main.ts").startswith("/static/"):
        pytest.skip("the front end is not built: make front")
    piece = make_piece(house.client)
    piece.post.text = TEXT
    piece.post.save()
    asset = Asset.objects.create(
        workspace=house.workspace, client=house.client, kind="image", mime="image/jpeg", name="снимок",
        path="originals/x.jpg", size=1, width=100, height=100, sha256="0" * 64,
    )  # fmt: skip
    PostMedia.objects.create(post=piece.post, asset=asset)
    with sync_api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
        session = anya.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        page = context.new_page()
        page.goto(f"{live_server.url}/pieces/{piece.pk}/")
        page.wait_for_function(
            "() => ['niva-remarks', 'niva-mentions'].every(one => !!customElements.get(one))"
        )
        yield page
        chromium.close()


def test_marked_words_and_a_name_become_a_remark_at_its_place(page: Any) -> None:
    page.evaluate(MARK, "доставка прежняя")
    page.get_by_role("button", name="Remark on this").click()
    box = page.get_by_label("What is to be changed")
    expect(box).to_be_focused()
    box.press_sequentially("@глеб")
    expect(page.locator(".names li")).to_have_text("Глеб Ильин")
    box.press("Enter")
    box.press_sequentially("она выросла")
    page.get_by_role("button", name="Write a remark").click()
    expect(page.locator(".marked mark")).to_have_text("доставка прежняя")
    remark = Remark.objects.get()
    assert remark.text == "@Глеб Ильин она выросла"
    # Counted in characters, though the smile before it takes two units in a browser.
    assert remark.place["start"] == TEXT.index("доставка прежняя")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, f"{width} px: wider than the phone"


def test_a_point_of_a_picture_is_chosen_by_the_keyboard(page: Any) -> None:
    pad = page.locator("[data-picture]")
    pad.focus()
    pad.press("ArrowLeft")
    pad.press("ArrowDown")
    pad.press("Enter")
    box = page.get_by_label("What is to be changed")
    expect(box).to_be_focused()
    box.press_sequentially("Срезано")
    page.get_by_role("button", name="Write a remark").click()
    expect(page.locator("a.pin")).to_have_text("1")
    place = Remark.objects.get().place
    assert (place["x"], place["y"]) == (0.46, 0.54)

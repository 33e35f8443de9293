"""The calendar's island in a real Chromium: what stays, what is closed, arrows, and taking a move back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.looks.stage import Asked, Stage
from tests.looks.test_islands import browser, drag, form, page, ready, stage  # noqa: F401 - fixtures as well

pytestmark = pytest.mark.browser
HTML = "text/html; charset=utf-8"


def month(*days: str, more: str = "") -> str:
    cells = "".join(
        f'<div class="day" data-date="2026-11-{n + 16}" tabindex="-1"{day}</div>'
        for n, day in enumerate(days)
    )
    return (
        f'<div id="plan">{more}<niva-calendar-drag data-url="/move" data-target="#plan" data-across="1"'
        f' data-down="2" data-failed="no connection"><div class="month plain">{cells}</div>'
        "</niva-calendar-drag></div>"
    )


EVENT = '><div class="ev" data-move="d7"><a class="ev-in" href="/post">19:00</a></div>'
UNDO = '<div class="toast" data-undo>Moved<button type="button" data-dismiss>Close</button></div>'


def test_what_is_out_says_why_it_stays(stage: Stage, page: Page) -> None:  # noqa: F811
    out = '><div class="ev" data-stays="It is out already."><a class="ev-in" href="/post">19:00</a></div>'
    stage.pages["/"] = month(out, ">", ">")
    page.goto(stage.url)
    drag(page, "2026-11-18")
    expect(page.get_by_role("alert")).to_have_text("It is out already.")
    expect(page.locator(".ghost")).to_have_count(0)
    assert stage.asked == []
    assert page.url == f"{stage.url}/", "the click after it must not open the post"


def test_a_closed_hour_says_why_and_asks_nobody(stage: Stage, page: Page) -> None:  # noqa: F811
    stage.pages["/"] = month(EVENT, ' data-closed="There is no such hour.">', ">")
    page.goto(stage.url)
    drag(page, "2026-11-17")
    expect(page.get_by_role("alert")).to_have_text("There is no such hour.")
    expect(page.locator('[data-date="2026-11-16"] .ev')).to_have_count(1)
    assert stage.asked == []


def test_the_answer_draws_the_plan_anew_and_can_be_closed(stage: Stage, page: Page) -> None:  # noqa: F811
    def answer(asked: Asked) -> tuple[int, str, str]:
        assert form(asked) == {"id": "d7", "date": "2026-11-18"}
        return 200, HTML, month(">", ">", EVENT, more=UNDO)

    stage.pages["/"] = month(EVENT, ">", ">")
    stage.answers["/move"] = answer
    page.goto(stage.url)
    drag(page, "2026-11-18")
    expect(page.locator('[data-date="2026-11-18"] .ev')).to_have_count(1)
    expect(page.locator("#plan")).to_have_count(1)
    page.locator("[data-dismiss]").click()
    expect(page.locator("[data-undo]")).to_have_count(0)


def test_arrows_go_over_the_days_and_enter_goes_in(stage: Stage, page: Page) -> None:  # noqa: F811
    stage.pages["/"] = month(">", EVENT, ">", ">")
    page.goto(stage.url)
    ready(page, "niva-calendar-drag")
    walk = {"ArrowRight": "16", "ArrowRight ": "17", "ArrowLeft": "16", "ArrowDown": "18", "ArrowUp": "16"}
    for key, day in walk.items():
        page.keyboard.press(key.strip())
        expect(page.locator(f'[data-date="2026-11-{day}"]')).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".ev-in")).to_be_focused()

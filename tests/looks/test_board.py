"""The board's island in a real Chromium: a drag that is taken, refused, asked about, and come too late."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.looks.stage import Asked, Stage
from tests.looks.test_islands import JSON, browser, form, page, stage  # noqa: F401 - fixtures as well

pytestmark = pytest.mark.browser
HTML = "text/html; charset=utf-8"
CARD = (
    '<article class="kard" draggable="true" data-id="7" data-seen="1"><h3><a href="/p">Холодец</a></h3>'
    "</article>"
)


def board(first: str = CARD, second: str = "", *, closed: str = "") -> str:
    columns = "".join(
        f'<section class="stage" data-to="{key}"{more}><header><h2>{key}</h2></header>'
        f'<div class="stage-body"><div class="kards">{cards}</div></div></section>'
        for key, cards, more in (("draft", first, ""), ("editing", second, closed))
    )
    return (
        '<div id="board"><niva-board class="board" data-move="/move/" data-query="client=4"'
        f' data-refresh="/board" data-failed="no connection">{columns}</niva-board></div>'
    )


def drag(page: Page) -> None:  # noqa: F811
    page.locator("niva-board:defined").wait_for()
    page.locator(".kard").drag_to(
        page.locator('[data-to="editing"] .stage-body'), target_position={"x": 40, "y": 60}
    )


def test_what_is_taken_draws_the_board_anew(stage: Stage, page: Page) -> None:  # noqa: F811
    def answer(asked: Asked) -> tuple[int, str, str]:
        assert form(asked) == {"to": "editing", "seen": "1"}
        return 200, HTML, board("", CARD.replace("Холодец", "Уже в редактуре"))

    stage.pages["/"] = board()
    stage.answers["/move/7/?client=4"] = answer
    page.goto(stage.url)
    drag(page)
    expect(page.locator('[data-to="editing"] .kard')).to_have_text("Уже в редактуре")


def test_what_is_refused_goes_back_and_the_form_of_the_reason_opens(stage: Stage, page: Page) -> None:  # noqa: F811
    stage.pages["/"] = board() + '<div id="dialog"></div>'
    said = {"error": "There is no text yet.", "ask": "/ask"}
    stage.answers["/move/7/?client=4"] = lambda asked: (422, JSON, json.dumps(said))
    stage.pages["/ask"] = "<dialog data-open><p>Why all the same</p></dialog>"
    page.goto(stage.url)
    drag(page)
    expect(page.get_by_role("alert")).to_have_text("There is no text yet.")
    expect(page.locator('[data-to="draft"] .kard')).to_have_count(1)
    expect(page.locator("dialog[open]")).to_be_visible()


def test_who_comes_second_sees_where_the_card_is(stage: Stage, page: Page) -> None:  # noqa: F811
    stage.pages["/"] = board()
    stage.answers["/move/7/?client=4"] = lambda asked: (409, JSON, json.dumps({"error": "It is in Visual."}))
    stage.answers["/board"] = lambda asked: (200, HTML, board("", ""))
    stage.pages["/board"] = board("", "")
    page.goto(stage.url)
    drag(page)
    expect(page.get_by_role("alert")).to_have_text("It is in Visual.")
    expect(page.locator(".kard")).to_have_count(0)


def test_a_column_that_takes_nothing_says_why_and_asks_nobody(stage: Stage, page: Page) -> None:  # noqa: F811
    stage.pages["/"] = board(closed=' data-closed="Look at one client."')
    page.goto(stage.url)
    drag(page)
    expect(page.get_by_role("alert")).to_have_text("Look at one client.")
    assert stage.asked == []

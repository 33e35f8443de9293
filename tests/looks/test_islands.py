"""The islands in a real Chromium, under the Content-Security-Policy of the desk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from niva.web.charts import over_time
from tests.looks.stage import DIST, Asked, Stage

pytestmark = pytest.mark.browser
JSON = "application/json"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("no Chromium on this machine: install Debian's chromium to run the browser tests")
    if not (DIST / "manifest.json").exists():
        pytest.skip("the front end is not built: `make build` builds it")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    stage.start()
    yield stage
    stage.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    page = context.new_page()
    page.set_default_timeout(8000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    yield page
    context.close()
    assert complaints == []


def form(asked: Asked) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(asked.body.decode(), keep_blank_values=True).items()}


def ready(page: Page, tag: str) -> None:
    """The island is loaded (`:defined` needs no eval, which the policy forbids to tests as well)."""
    expect(page.locator(f"{tag}:defined")).to_have_count(1)


MONTH = """<niva-calendar-drag data-url="/move" data-failed="no connection"><div class="month plain">
<div class="day" data-date="2026-11-17"><a class="ev is-scheduled" href="/post" data-move="7">19:00</a></div>
<div class="day" data-date="2026-11-18"></div><div class="day" data-date="2026-11-19" data-time="12:00"></div>
</div></niva-calendar-drag>"""


def drag(page: Page, to: str) -> None:
    ready(page, "niva-calendar-drag")
    start = page.locator(".ev").bounding_box()
    end = page.locator(f'[data-date="{to}"]').bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 10, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(end["x"] + 20, end["y"] + 40, steps=5)
    page.mouse.up()


def test_a_dragged_post_is_moved_by_the_server(stage: Stage, page: Page) -> None:
    stage.pages["/"] = MONTH
    stage.answers["/move"] = lambda asked: (200, JSON, "{}")
    page.goto(stage.url)
    with page.expect_response("**/move"):
        drag(page, "2026-11-19")
    assert form(stage.asked[0]) == {
        "id": "7",
        "date": "2026-11-19",
        "time": "12:00",
        "keep_minutes": "1",
    }
    assert stage.asked[0].headers["X-CSRFToken"] == "token"
    expect(page.locator('[data-date="2026-11-19"] .ev')).to_have_count(1)
    assert page.url == f"{stage.url}/", "the click after the drag must not open the post"


def test_a_refused_move_goes_back_and_tells_why(stage: Stage, page: Page) -> None:
    stage.pages["/"] = MONTH
    stage.answers["/move"] = lambda asked: (422, JSON, json.dumps({"error": "18 ноября уже прошло."}))
    page.goto(stage.url)
    drag(page, "2026-11-18")
    expect(page.get_by_role("alert")).to_have_text("18 ноября уже прошло.")
    expect(page.locator('[data-date="2026-11-17"] .ev')).to_have_count(1)


def test_escape_puts_a_held_post_back(stage: Stage, page: Page) -> None:
    stage.pages["/"] = MONTH
    page.goto(stage.url)
    ready(page, "niva-calendar-drag")
    box = page.locator(".ev").bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 20, steps=4)
    expect(page.locator(".ghost")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".ghost")).to_have_count(0)
    page.mouse.up()
    assert stage.asked == []


def test_a_finger_drags_after_a_long_press_only(stage: Stage, browser: Browser) -> None:
    stage.pages["/"] = MONTH
    stage.answers["/move"] = lambda asked: (200, JSON, "{}")
    context = browser.new_context(viewport={"width": 900, "height": 700}, has_touch=True)
    page = context.new_page()
    page.goto(stage.url)
    ready(page, "niva-calendar-drag")
    start, end = page.locator(".ev").bounding_box(), page.locator('[data-date="2026-11-18"]').bounding_box()
    assert start and end
    finger = context.new_cdp_session(page)

    def touch(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", start["x"] + 10, start["y"] + 8)
    expect(page.locator(".ghost")).to_have_count(1)
    touch("touchMove", start["x"] + 60, start["y"] + 30)
    touch("touchMove", end["x"] + 20, end["y"] + 40)
    with page.expect_response("**/move"):
        touch("touchEnd")
    assert form(stage.asked[0]) == {"id": "7", "date": "2026-11-18"}
    context.close()


def test_a_swipe_over_a_post_scrolls_and_moves_nothing(stage: Stage, browser: Browser) -> None:
    stage.pages["/"] = MONTH
    context = browser.new_context(viewport={"width": 900, "height": 700}, has_touch=True)
    page = context.new_page()
    page.goto(stage.url)
    ready(page, "niva-calendar-drag")
    box = page.locator(".ev").bounding_box()
    assert box
    finger = context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": box["x"] + 10, "y": box["y"] + 8}]),
        ("touchMove", [{"x": box["x"] + 10, "y": box["y"] + 60}]),
        ("touchEnd", []),
    ):
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page.locator(".ghost")).to_have_count(0)
    assert stage.asked == []
    context.close()


def test_on_a_phone_the_month_opens_at_today(stage: Stage, page: Page) -> None:
    days = "".join(
        f'<div class="day{" today" if n == 25 else ""}" data-date="2026-11-{n:02}"><time>{n}</time></div>'
        for n in range(1, 31)
    )
    stage.pages["/"] = f'<niva-calendar-drag><div class="month">{days}</div></niva-calendar-drag>'
    page.set_viewport_size({"width": 390, "height": 600})
    page.goto(stage.url)
    ready(page, "niva-calendar-drag")
    expect(page.locator(".today")).to_be_in_viewport()


COMPOSER = """<niva-composer data-url="/save" data-version="4" data-key="post-1" data-saving="saving"
 data-saved="saved {time}" data-offline="kept here" data-kept="brought back"><p data-status></p><form>
<div class="backed"><div class="backing"></div><textarea class="input" name="text">Хлеб</textarea></div>
</form>
</niva-composer>"""


def test_typing_saves_by_itself_and_marks_the_surplus(stage: Stage, page: Page) -> None:
    versions = iter(range(5, 20))
    stage.pages["/"] = COMPOSER
    stage.answers["/save"] = lambda asked: (
        200,
        JSON,
        json.dumps({"version": next(versions), "saved": "9:41", "over": {"text": 4}}),
    )
    page.goto(stage.url)
    ready(page, "niva-composer")
    area = page.locator("textarea")
    area.press("End")
    area.press_sequentially(" и соль", delay=20)
    expect(page.locator("[data-status]")).to_have_text("saved 9:41")
    assert form(stage.asked[-1]) == {"text": "Хлеб и соль", "version": str(len(stage.asked) + 3)}
    expect(page.locator(".backing .over")).to_have_text(" и соль")
    area.press_sequentially("!")
    expect(page.locator(".backing .over")).to_have_count(0)
    with page.expect_response("**/save"):
        pass
    assert form(stage.asked[-1])["text"] == "Хлеб и соль!"
    assert int(form(stage.asked[-1])["version"]) > 4


def test_text_survives_a_lost_connection_and_a_reload(stage: Stage, page: Page) -> None:
    stage.pages["/"] = COMPOSER
    stage.answers["/save"] = lambda asked: (200, JSON, json.dumps({"version": 5, "saved": "9:42"}))
    page.goto(stage.url)
    ready(page, "niva-composer")
    page.route("**/save", lambda route: route.abort())
    page.locator("textarea").fill("Не потеряйся")
    expect(page.locator("[data-status]")).to_have_text("kept here")
    page.reload()
    expect(page.locator("textarea")).to_have_value("Не потеряйся")
    page.unroute("**/save")
    page.locator("textarea").press("End")
    page.locator("textarea").press_sequentially(".")
    expect(page.locator("[data-status]")).to_have_text("saved 9:42")
    assert form(stage.asked[-1])["text"] == "Не потеряйся."


def test_a_conflict_stops_saving_and_shows_what_the_server_says(stage: Stage, page: Page) -> None:
    stage.pages["/"] = COMPOSER + '<div id="conflict"></div>'
    told = {"error": "Света сохранила раньше.", "html": {"#conflict": "<b>Редакция Светы</b>"}}
    stage.answers["/save"] = lambda asked: (409, JSON, json.dumps(told))
    page.goto(stage.url)
    ready(page, "niva-composer")
    page.locator("textarea").fill("Моё")
    expect(page.locator("[data-status]")).to_have_text("Света сохранила раньше.")
    expect(page.locator("#conflict b")).to_have_text("Редакция Светы")
    expect(page.locator("textarea")).to_have_value("Моё")


UPLOAD = """<niva-upload data-url="/media" data-max="1000" data-too-large="{name}: too large">
<label class="drop"><input type="file" multiple></label><ul data-list></ul>
<template><li><span data-name></span><progress></progress><span data-reason hidden></span></li></template>
</niva-upload><p id="got"></p>"""


def test_each_file_is_sent_or_refused_for_itself(stage: Stage, page: Page) -> None:
    def answer(asked: Asked) -> tuple[int, str, str]:
        if b"broken" in asked.body:
            return 422, JSON, json.dumps({"errors": {"file": ["Картинка повреждена."]}})
        return 200, JSON, json.dumps({"id": 3})

    stage.pages["/"] = UPLOAD
    stage.answers["/media"] = answer
    page.goto(stage.url)
    ready(page, "niva-upload")
    page.evaluate(
        "document.addEventListener('niva:uploaded', (e) => { document.querySelector('#got').textContent +="
        " e.detail.file + e.detail.answer.id; })"
    )
    page.locator("input").set_input_files(
        [
            {"name": "a.png", "mimeType": "image/png", "buffer": b"fine"},
            {"name": "b.png", "mimeType": "image/png", "buffer": b"broken"},
            {"name": "c.png", "mimeType": "image/png", "buffer": b"x" * 2000},
        ]
    )
    expect(page.locator("#got")).to_have_text("a.png3")
    expect(page.locator("[data-list] li")).to_have_count(2)
    expect(page.locator("[data-reason]", has_text="Картинка повреждена.")).to_be_visible()
    expect(page.locator("[data-reason]", has_text="c.png: too large")).to_be_visible()
    assert len(stage.asked) == 2, "the file that is too large is not sent at all"


KEYS = """<niva-keys><script type="application/json">{"plan": "/plan"}</script><dialog>list</dialog>
</niva-keys><ul><li class="todo"><a class="btn" href="/first">1</a></li>
<li class="todo"><a class="btn" href="/second">2</a></li></ul>
<textarea></textarea>"""


def test_keys_work_by_place_and_stay_out_of_fields(stage: Stage, page: Page) -> None:
    stage.pages |= {"/": KEYS, "/plan": "plan", "/second": "second"}
    page.goto(stage.url)
    ready(page, "niva-keys")
    page.locator("textarea").focus()
    page.keyboard.type("gp?")
    expect(page.locator("textarea")).to_have_value("gp?")
    page.evaluate("document.activeElement.blur()")
    for key, code in (("о", "KeyJ"), ("о", "KeyJ")):
        page.evaluate(
            "([key, code]) => document.dispatchEvent(new KeyboardEvent('keydown', {key, code}))",
            [key, code],
        )
    expect(page.locator(".at a")).to_have_text("2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/second")
    page.goto(stage.url)
    ready(page, "niva-keys")
    page.keyboard.press("Shift+Slash")
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    page.keyboard.press("KeyG")
    page.keyboard.press("KeyP")
    page.wait_for_url("**/plan")


def test_the_theme_is_chosen_and_remembered(stage: Stage, page: Page) -> None:
    stage.pages["/"] = '<niva-theme><button data-value="dark">dark</button></niva-theme>'
    page.goto(stage.url)
    ready(page, "niva-theme")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_text("dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}["niva_theme"] == "dark"
    expect(page.get_by_text("dark")).to_have_attribute("aria-pressed", "true")


def test_paper_is_light_whatever_the_theme(stage: Stage, page: Page) -> None:
    stage.pages["/"] = '<nav class="rail">menu</nav><p>words</p>'
    page.goto(stage.url)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    dark = page.evaluate("getComputedStyle(document.body).color")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") != dark
    expect(page.get_by_text("menu")).to_be_hidden()


def test_a_chart_is_drawn_in_russian_without_eval_and_has_a_table(stage: Stage, page: Page) -> None:
    days = [date(2026, 11, 1) + timedelta(days=n) for n in range(20)]
    spec = over_time([(day, 1000.0 * n) for n, day in enumerate(days)], value_title="Заявки", lead="19 000")
    stage.pages["/"] = (
        '<niva-chart data-label="Заявок больше" data-table="Таблицей" data-hide="Графиком">'
        f'<script type="application/json">{json.dumps(spec)}</script><div data-chart></div></niva-chart>'
    )
    page.goto(stage.url)
    drawn = page.get_by_role("img", name="Заявок больше")
    expect(drawn).to_be_visible()
    labels = drawn.locator("text").all_text_contents()
    assert any("нояб" in label for label in labels)
    assert any(label.replace("\u202f", " ") == "10 000" for label in labels)
    page.get_by_role("button", name="Таблицей").click()
    expect(page.locator("table tbody tr")).to_have_count(20)
    expect(page.locator("[data-chart]")).to_be_hidden()
    page.get_by_role("button", name="Графиком").click()
    wide = page.locator("niva-chart svg").get_attribute("width") or ""
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator("niva-chart svg")).not_to_have_attribute("width", wide)
    box = page.locator("niva-chart svg").bounding_box()
    assert box and box["width"] <= 390


def test_a_live_fragment_refreshes_and_stops(stage: Stage, page: Page) -> None:
    told = iter(["<b>1 из 2</b>", '<b class="done">2 из 2</b>', "<b>never</b>"])
    stage.pages["/"] = '<niva-live data-url="/part" data-every="10" data-until=".done">0 из 2</niva-live>'
    stage.answers["/part"] = lambda asked: (200, "text/html; charset=utf-8", next(told))
    page.clock.install()
    page.goto(stage.url)
    ready(page, "niva-live")
    page.clock.run_for(11_000)
    expect(page.locator("niva-live")).to_have_text("1 из 2")
    page.clock.run_for(11_000)
    expect(page.locator("niva-live")).to_have_text("2 из 2")
    page.clock.run_for(60_000)
    expect(page.locator("niva-live")).to_have_text("2 из 2")
    assert next(told) == "<b>never</b>"


def test_a_refusal_is_told_at_the_head_and_a_dialog_opens_by_itself(stage: Stage, page: Page) -> None:
    stage.pages["/"] = (
        '<button hx-post="/no" hx-target="#dialog">no</button>'
        '<button hx-get="/ask" hx-target="#dialog">ask</button>'
        '<div id="dialog"></div>'
    )
    stage.answers["/no"] = lambda asked: (
        403,
        "text/html; charset=utf-8",
        '<div class="note" data-failure><div>Ваша роль этого не позволяет.</div></div>',
    )
    stage.answers["/ask"] = lambda asked: (
        200,
        "text/html; charset=utf-8",
        "<dialog data-open><p>Отменить?</p><button data-close>Оставить</button></dialog>",
    )
    page.goto(stage.url)
    page.wait_for_load_state("networkidle")
    page.get_by_text("no", exact=True).click()
    expect(page.locator("#notes")).to_have_text("Ваша роль этого не позволяет.")
    page.get_by_text("ask").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator("#notes")).to_have_text("")
    page.get_by_text("Оставить").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

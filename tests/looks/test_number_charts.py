"""Charts of numbers in a real Chromium: drawn wide and narrow, taken away as picture, CSV and address."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import translation
from playwright.sync_api import Page, expect

from niva.web.number_charts import Ranged, against_usual, at_ages, multiples, ranged, ranks
from tests.looks.stage import Stage
from tests.looks.test_islands import browser, page, stage

__all__ = ["browser", "page", "stage"]
pytestmark = pytest.mark.browser
DAYS = [date(2026, 11, 1) + timedelta(days=n) for n in range(10)]
ROWS = [
    Ranged("Рецепты", 5.5, 4.5, 6.5, 20, few=False),
    Ranged("Очень длинное имя рубрики о том, как мы живём и работаем", 3.1, 2.9, 3.4, 30, few=False),
    Ranged("Голосование", 2.0, None, None, 3, few=True),
]


@pytest.fixture(autouse=True)
def russian() -> Iterator[None]:
    with translation.override("ru"):
        yield


def put(stage: Stage, spec: object, **more: str) -> None:
    words = {"table": "Таблицей", "hide": "Графиком", "csv": "CSV", "picture": "Картинкой", "link": "Ссылкой",
             "linked": "Скопировано", "source": "Ферма · 1–10 ноября", **more}  # fmt: skip
    said = " ".join(f'data-{name}="{value}"' for name, value in words.items())
    stage.pages["/"] = (
        f'<niva-toast></niva-toast><niva-chart id="days" data-label="Рецепты впереди" {said}>'
        "<p data-under>охват</p>"
        f'<script type="application/json">{json.dumps(spec)}</script><div data-chart></div></niva-chart>'
    )


def shown(page: Page) -> list[str]:
    drawn = page.get_by_role("img", name="Рецепты впереди")
    expect(drawn).to_be_visible()
    return [text for text in drawn.locator("text").all_text_contents() if text]


def test_groups_stand_with_ranges_and_few_posts_are_hollow(stage: Stage, page: Page) -> None:
    put(stage, ranged(ROWS, value_title="ERR, %"))
    page.goto(stage.url)
    assert "Рецепты" in shown(page)
    assert page.locator(".mark-rule.role-mark line").count() == 2  # the third has too few posts for a range
    dots = page.locator(".mark-symbol.role-mark path")
    fills = dots.evaluate_all("all => all.map(one => one.getAttribute('fill'))")
    assert len(fills) == 3 and fills[0] == fills[1] != fills[2]
    page.set_viewport_size({"width": 390, "height": 800})
    names = page.locator("niva-chart svg .mark-text.role-mark text")
    expect(names.first).to_be_visible()  # above their lines
    assert any(text.startswith("Очень длинное имя") for text in shown(page))
    box = page.locator("niva-chart svg").bounding_box()
    assert box and box["width"] <= 390
    page.get_by_role("button", name="Таблицей").press("Enter")
    expect(page.locator("table tbody tr")).to_have_count(3)
    assert page.locator("table tbody tr").nth(2).inner_text().split("\t")[2] == "—"


def test_a_picture_a_table_and_an_address_are_taken_away(stage: Stage, page: Page, tmp_path: Path) -> None:
    days = [(day, None if n == 4 else 1000.5 + n) for n, day in enumerate(DAYS)]
    put(stage, against_usual(days, usual=(900, 1000, 1100), value_title="Охват"),
        here="?since=2026-11-01&amp;until=2026-11-10")  # fmt: skip
    page.goto(stage.url + "/")
    shown(page)
    with page.expect_download() as waited:
        page.get_by_role("button", name="Картинкой").click()
    waited.value.save_as(tmp_path / "chart.png")
    head = (tmp_path / "chart.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n" and waited.value.suggested_filename == "days.png"
    width, height = struct.unpack(">II", head[16:24])
    assert width > 1500 and height > 400  # twice the pixels of the page, with the words around
    with page.expect_download() as waited:
        page.get_by_role("button", name="CSV").click()
    waited.value.save_as(tmp_path / "chart.csv")
    lines = (tmp_path / "chart.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 11 and lines[5].startswith("2026-11-05;;")
    assert lines[1].split(";")[1] in ("1000.5", "1000,5")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Ссылкой").click()
    expect(page.locator(".toast")).to_contain_text("Скопировано")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("/?since=2026-11-01&until=2026-11-10#days")


@pytest.mark.parametrize(
    "spec",
    [
        ranks([("Рецепты", 120.0), ("Акции", 0.0)], value_title="Переходы"),
        at_ages([(1, 10.0), (24, 90.0)], [(1, 5.0, 9.0, 14.0), (24, 50.0, 80.0, 130.0)], value_title="Охват",
                names={1: "1 час", 24: "1 день", 72: "3 дня"}),
        against_usual([(DAYS[0], 5.0)], usual=None, value_title="Охват"),
        ranged([], value_title="ERR"),
    ],
    ids=["ranks", "ages", "one day", "nothing"],
)  # fmt: skip
def test_every_kind_is_drawn(stage: Stage, page: Page, spec: dict[str, object]) -> None:
    put(stage, spec)
    page.goto(stage.url)
    shown(page)
    assert page.locator("niva-chart [data-tools] button").count() == 4


def test_small_multiples_share_one_scale() -> None:
    several = multiples(
        [("А", [(DAYS[0], 3.0)]), ("Б", [(DAYS[0], 90.0), (DAYS[1], None)])], value_title="Охват"
    )
    scales = [layer["encoding"]["y"]["scale"]["domain"] for _name, spec in several for layer in spec["layer"]]
    assert all(scale == [0, 90.0] for scale in scales)

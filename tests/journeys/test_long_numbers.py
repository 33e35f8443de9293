"""Numbers in forms that no database has: nobody's row, never a failure of the desk."""

from __future__ import annotations

import pytest

from tests.journeys.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("Наша команда", "OURS")


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 25, "-1", "٣", "\x00"], ids=repr)
def test_a_number_of_any_length_is_only_a_number_of_nobody(world: World, number: str):
    """Python itself refuses to read more than 4300 digits (sys.set_int_max_str_digits)."""
    browser, sheet = world.browser(), f"/plan/import/{world.plan_import.pk}/sheet/"
    for path, body in (
        (f"/tasks/{world.task.pk}/give/", {"to": number}),
        (f"/tasks/{world.task.pk}/edit/", {"version": number, "title": "x"}),
        (f"/clients/{world.client.pk}/held/", {"delivery": number, "do": "now"}),
        (sheet, {"sheet": number, "head": "1"}),
        (sheet, {"sheet": "0", "head": number}),
        ("/workspaces/switch/", {"workspace": number}),
    ):
        assert browser.post(path, body).status_code < 500, (path, list(body))
    assert browser.get("/board/more/", {"key": number, "stage": number}).status_code < 500


def test_json_nested_without_end_is_refused(world: World):
    browser, deep = world.browser(), "[" * 200_000
    cell = browser.post(f"/pieces/{world.piece.pk}/cell/unit/", {"value": "video", "seen": deep})
    assert cell.status_code == 404
    remark = browser.post(f"/pieces/{world.piece.pk}/remarks/", {"text": "x", "place": deep})
    assert remark.status_code in (302, 422)

"""Desks and browsers for the journeys. What failed tells the log of its desk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.running import RunningDesk

DIST = "src/niva/web/static/dist/manifest.json"
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip
_alive: list[RunningDesk] = []


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """One Chromium for a module; closed at its end, because Playwright's loop must not outlive it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("no Chromium on this machine: install Debian's chromium to run the journeys")
    if not (request.config.rootpath / DIST).exists():
        pytest.skip("the front end is not built: `make front` builds it")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def desks() -> Iterator[list[RunningDesk]]:
    """The desks of a module: whoever starts one puts it here, and it is ended."""
    yield _alive
    for desk in _alive:
        desk.ask_to_end()
    while _alive:
        _alive.pop().end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if report.failed:
        for desk in _alive:
            report.sections.append((f"the last words of the desk {desk.name}", desk.said()[-6000:]))
    return report  # type: ignore[return-value]

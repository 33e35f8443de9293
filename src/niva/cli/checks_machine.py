"""The doctor's looks at the machine and at the clone: Python, packages, clock, front end, browser."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from niva.cli.findings import Finding
from niva.cli.text import _

PACKAGE = Path(__file__).resolve().parent.parent
CLONE = PACKAGE.parent.parent
DIST = PACKAGE / "web" / "static" / "dist"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A commit of the desk is older than any honest clock that runs it.
WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)
FAR = datetime(2046, 1, 1, tzinfo=UTC)


def python() -> Iterator[Finding]:
    """The interpreter and its environment."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("fine", "Python", f"{version}, {sys.prefix}")
    if sys.prefix == sys.base_prefix:
        yield Finding(
            "note", "Python", _("no virtual environment: packages of other programs may get in the way.")
        )


def packages() -> Iterator[Finding]:
    """Are the installed packages the locked ones?"""
    lock = CLONE / "requirements" / "run.txt"
    if not lock.exists():
        yield Finding("note", _("Packages"), _("installed without a clone: nothing to compare with."))
        return
    wrong = list(_differences(lock.read_text(encoding="utf-8")))
    if not wrong:
        yield Finding("fine", _("Packages"), _("all as locked."))
        return
    told = {"list": ", ".join(wrong[:5]), "count": len(wrong)}
    yield Finding(
        "wrong",
        _("Packages"),
        _("%(count)s differ from requirements/run.txt: %(list)s.") % told,
        _("Run `make run`: it brings them back. If it does not, delete .venv first."),
    )


def _differences(lock: str) -> Iterator[str]:
    """`name have/want` of every locked package that is absent or of another version on this platform."""
    for line in lock.splitlines():
        found = re.match(r"([\w.-]+)==([\w.!+-]+)\s*(?:;\s*(.*?))?\s*\\?$", line)
        if not found or not _meant_for_us(found[3] or ""):
            continue
        name, want = found[1], found[2]
        try:
            have = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            have = "-"
        if have != want:
            yield f"{name} {have}/{want}"


def _meant_for_us(marker: str) -> bool:
    if not marker:
        return True
    from packaging.markers import Marker

    return Marker(marker).evaluate()


def clock() -> Iterator[Finding]:
    """A wrong clock publishes at the wrong hour and makes signatures of networks invalid."""
    now = datetime.now(UTC)
    if WRITTEN <= now <= FAR:
        yield Finding("fine", _("Clock"), now.strftime("%Y-%m-%d %H:%M UTC"))
    else:
        yield Finding(
            "wrong",
            _("Clock"),
            _("it says %(now)s, which cannot be. Posts would go out at a wrong hour.")
            % {"now": now.strftime("%Y-%m-%d %H:%M UTC")},
            _("Set the date of the machine, best by the network: sudo timedatectl set-ntp true"),
        )


def front_end() -> Iterator[Finding]:
    """Styles and scripts are built from frontend/."""
    if any(DIST.glob("*")):
        yield Finding("fine", _("Front end"), _("built."))
    else:
        yield Finding(
            "wrong", _("Front end"), _("not built: pages come without styles."), _("Run `make front`.")
        )


def browser() -> Iterator[Finding]:
    """Only the tests need one."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found:
        yield Finding("fine", _("Browser for tests"), found)
    else:
        yield Finding(
            "note",
            _("Browser for tests"),
            _("no Chromium: the tests in a browser are skipped; the desk itself needs none."),
            _("Debian, Ubuntu: sudo apt-get install chromium"),
        )

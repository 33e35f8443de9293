"""`niva doctor`: what is wrong with this installation, what that means and how to mend it."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator

from niva.cli import checks_home, checks_machine
from niva.cli.findings import Finding
from niva.cli.text import _, in_words
from niva.kit.postgres import PostgresError
from niva.kit.postgres.errors import gettext_noop

HELP = gettext_noop("tell what is wrong here and how to mend it")
CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    checks_machine.python,
    checks_machine.packages,
    checks_machine.clock,
    checks_home.folder,
    checks_home.secrets,
    checks_home.server,
    checks_home.port,
    checks_machine.front_end,
    checks_home.database,
    checks_machine.browser,
)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=_("for programs: one JSON object a line"))
    parser.set_defaults(call=run)


def run(options: argparse.Namespace) -> int:
    """Look at everything, change nothing. The exit status is 1 when something keeps the desk from working."""
    findings = list(examine())
    for finding in findings:
        print(json.dumps(finding.as_dict(), ensure_ascii=False) if options.json else finding.as_text())
    failed = sum(finding.level == "wrong" for finding in findings)
    if not options.json:
        told = {"count": failed}
        print("\n" + (_("To be mended: %(count)s.") % told if failed else _("Nothing stands in the way.")))
    return 1 if failed else 0


def examine() -> Iterator[Finding]:
    """Every finding in order; a check that fails itself is a finding too."""
    for check in CHECKS:
        try:
            yield from check()
        except PostgresError as error:
            yield Finding("wrong", _("Database"), in_words(error))
        except Exception as error:  # a doctor does not die of what he finds
            yield Finding("wrong", check.__name__, f"{type(error).__name__}: {error}")
    if os.environ.get("DATABASE_URL"):
        yield Finding("note", "DATABASE_URL", _("is set: the embedded database is not used."))

"""The command `niva`.

Every module of this package with a function `add(parser)` is a command of the module's name. `HELP` is its
line in the list (a msgid); `add` gives the parser its arguments and `parser.set_defaults(call=function)`,
where `function(options) -> int` is the exit status. What is heavy is imported inside functions.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

import niva.cli
from niva.cli.text import _, in_words
from niva.kit.postgres import PostgresError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.call(options) or 0)
    except PostgresError as error:
        print(in_words(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    # Its own words come from our catalogue as well: see text.ARGPARSE.
    argparse._ = _  # type: ignore[attr-defined]
    parser = argparse.ArgumentParser(
        prog="niva", description=_("One desk for the whole job of an SMM manager.")
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar=_("command"))
    for found in sorted(pkgutil.iter_modules(niva.cli.__path__), key=lambda module: module.name):
        if found.ispkg:
            continue
        module = importlib.import_module(f"niva.cli.{found.name}")
        if hasattr(module, "add"):
            line = _(module.HELP)
            module.add(commands.add_parser(found.name, help=line, description=line))
    return parser

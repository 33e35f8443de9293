"""`niva numbers`: the desk's engines on a plain table, without a database; the answer is JSON."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil

from niva.cli.text import _
from niva.kit.postgres.errors import gettext_noop

HELP = gettext_noop("ask best time, forecast, anomalies or a comparison of a CSV file; answers in JSON")


def add(parser: argparse.ArgumentParser) -> None:
    import niva.numbers.from_file as questions

    names = parser.add_subparsers(dest="question", required=True, metavar=_("question"))
    for found in sorted(pkgutil.iter_modules(questions.__path__), key=lambda module: module.name):
        question = importlib.import_module(f"niva.numbers.from_file.{found.name}")
        if hasattr(question, "answer"):
            line, columns = _(question.HELP), _(question.COLUMNS)
            asked = names.add_parser(
                found.name.replace("_", "-"), help=line, description=line, epilog=columns
            )
            asked.add_argument("file", metavar="FILE.csv", help=columns)
            question.add(asked)
            for argument in asked._actions:  # what the question calls its arguments are msgids
                argument.help = _(argument.help) if argument.help else None
            asked.set_defaults(call=run, answer=question.answer)


def run(options: argparse.Namespace) -> int:
    """Print the answer as one JSON object; 2 and the reason when the file cannot be used."""
    from niva.numbers.from_file.reading import Unreadable

    try:
        answer = options.answer(options)
    except Unreadable as error:
        print(json.dumps({"error": error.code, "about": error.about}, ensure_ascii=False))
        return 2
    print(json.dumps(answer, ensure_ascii=False, allow_nan=False))
    return 0

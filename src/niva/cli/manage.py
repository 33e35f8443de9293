"""`niva manage …`: Django's own commands, with the embedded database started for them when need be."""

from __future__ import annotations

import argparse

from niva.cli import environment
from niva.kit.postgres.errors import gettext_noop

HELP = gettext_noop("Django's own commands, for developers")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    parser.set_defaults(call=run)


def run(options: argparse.Namespace) -> int:
    """Hand the rest of the line to Django."""
    with environment.database():
        environment.django()
        from django.core.management import execute_from_command_line

        execute_from_command_line(["niva manage", *options.arguments])
    return 0

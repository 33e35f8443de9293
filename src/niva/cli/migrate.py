"""`niva migrate`: bring the database to the form this version expects."""

from __future__ import annotations

import argparse

from niva.cli import environment
from niva.cli.text import _
from niva.kit.postgres.errors import gettext_noop

HELP = gettext_noop("bring the database to the form of this version")


def add(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(call=run)


def run(options: argparse.Namespace) -> int:
    """Apply what is pending and say how much that was."""
    with environment.database():
        environment.django()
        count = apply()
    print(_("Steps applied to the database: %(count)s.") % {"count": count})
    return 0


def pending() -> list[str]:
    """The migrations that are not applied yet. Needs Django and a database."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{step.app_label}.{step.name}" for step, _backwards in plan]


def apply() -> int:
    """Apply the pending migrations; nothing but one look when there are none."""
    from django.core.management import call_command

    count = len(pending())
    if count:
        call_command("migrate", interactive=False, verbosity=0)
    return count

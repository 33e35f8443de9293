"""`niva metrics export|import|rebuild`: raw readings as files, and all sums anew."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from niva.cli import environment
from niva.cli.text import _
from niva.kit.postgres.errors import gettext_noop

HELP = gettext_noop("write old readings to Parquet files, bring them back, reckon all sums anew")


def add(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="verb", required=True)
    export = commands.add_parser("export", help=_("write a month of raw readings to a Parquet file"))
    export.add_argument("--month", required=True, type=_month, metavar="2026-05", help=_("which month (UTC)"))
    export.add_argument("--to", required=True, type=Path, metavar="DIR", help=_("the folder for the file"))
    export.add_argument("--drop", action="store_true", help=_("then take the month out of the database"))
    export.set_defaults(call=_with_database(_export))
    back = commands.add_parser("import", help=_("bring the readings of a file back into the database"))
    back.add_argument("file", type=Path, metavar="FILE.parquet")
    back.set_defaults(call=_with_database(_import))
    anew = commands.add_parser("rebuild", help=_("reckon newest values, days and posts anew from readings"))
    anew.set_defaults(call=_with_database(_rebuild))


def _month(text: str) -> date:
    return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007  a month has no clock


def _with_database(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """The command with Django and a database under it; its refusals are sentences, not traces."""

    def call(options: argparse.Namespace) -> int:
        with environment.database():
            environment.django()
            from django.utils import translation

            from niva.cli.text import language
            from niva.domains.metrics.archive import NotProven
            from niva.domains.metrics.rollups import MonthsAreAway
            from niva.kit.images import Broken

            with translation.override(language()):
                try:
                    return command(options)
                except LookupError:
                    said = _("There are no readings of this month in the database.")
                except NotProven:
                    said = _("The file does not hold what the database holds. Nothing was taken out.")
                except MonthsAreAway:
                    said = _("Some months were taken out. Bring their files back first: niva metrics import.")
                except Broken:
                    said = _("The file could not be worked with: it is broken, or is not one of readings.")
                except OSError as error:
                    said = f"{error.filename}: {error.strerror}"
            print(said, file=sys.stderr)
            return 1

    return call


def _export(options: argparse.Namespace) -> int:
    from niva.domains.metrics import archive

    row = archive.write(options.month, options.to)
    print(_("%(rows)d readings: %(file)s") % {"rows": row.rows, "file": row.file})
    if options.drop:
        archive.drop(options.month)
        print(_("The month was taken out of the database."))
    return 0


def _import(options: argparse.Namespace) -> int:
    from niva.domains.metrics import archive

    print(_("%(rows)d readings brought back.") % {"rows": archive.bring_back(options.file)})
    return 0


def _rebuild(options: argparse.Namespace) -> int:
    from niva.domains.metrics import rollups

    rollups.rebuild()
    print(_("All sums were reckoned anew."))
    return 0

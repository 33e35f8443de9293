"""`niva db`: the embedded database by hand: start, stop, status, shell, dump and load."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from niva.cli import environment
from niva.cli.text import _
from niva.kit.home import home
from niva.kit.postgres import Server, Status
from niva.kit.postgres.errors import gettext_noop

HELP = gettext_noop("the embedded database: start, stop, status, shell, dump, load")
STATES = {
    "absent": gettext_noop("The database has not been made yet: it appears with the first `make run`."),
    "stopped": gettext_noop("The database is stopped."),
    "running": gettext_noop("The database runs (process %(pid)s)."),
    "other_version": gettext_noop(
        "The data are of PostgreSQL %(major)s; the next start carries them over to the new version."
    ),
}


def add(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar=_("action"))
    for name, text in (
        ("start", _("start it and leave it running")),
        ("stop", _("stop it")),
        ("status", _("tell how it is; the exit status is 0 when it runs")),
        ("shell", _("open psql")),
    ):
        actions.add_parser(name, help=text, description=text)
    for name, text in (
        ("dump", _("save all data into a file")),
        ("load", _("put the data of such a file into an empty database")),
    ):
        actions.add_parser(name, help=text, description=text).add_argument("file", type=Path)
    parser.set_defaults(call=run)


def run(options: argparse.Namespace) -> int:
    """Do one action with the embedded server."""
    server = environment.embedded(home().make())
    if server is None:
        print(_("DATABASE_URL is set: the database is not ours to manage."), file=sys.stderr)
        return 2
    if options.action in ("dump", "load"):
        return _copy(server, options.action, options.file)
    return {"start": _start, "stop": _stop, "status": _status, "shell": _shell}[options.action](server)


def _start(server: Server) -> int:
    server.start()
    home().keep_database.touch()
    print(describe(server.status()))
    print(server.url())
    return 0


def _stop(server: Server) -> int:
    home().keep_database.unlink(missing_ok=True)
    server.stop()
    print(describe(server.status()))
    return 0


def _status(server: Server) -> int:
    status = server.status()
    print(describe(status))
    return 0 if status.state == "running" else 1


def _shell(server: Server) -> int:
    with environment.database():
        program = server.cluster().binaries.program("psql")
        return subprocess.run([program, os.environ["DATABASE_URL"]], check=False).returncode


def _copy(server: Server, action: str, file: Path) -> int:
    """Custom format of pg_dump: compressed, and read by every later version."""
    with environment.database():
        address = os.environ["DATABASE_URL"]
        programs = server.cluster().binaries
        command = [programs.program("pg_dump"), "-Fc", "-d", address, "-f", str(file)]
        if action == "load":
            command = [
                programs.program("pg_restore"),
                "--exit-on-error",
                "--single-transaction",
                "--no-owner",
            ]
            command += ["-d", address, str(file)]
        return subprocess.run(command, check=False).returncode


def describe(status: Status) -> str:
    """One sentence about the server."""
    return _(STATES[status.state]) % {"pid": status.pid, "major": status.data_major}

"""The doctor's looks at the home of the installation: folder, disk, secrets, database, port."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from niva.cli import db, environment, migrate
from niva.cli.findings import Finding
from niva.cli.text import _
from niva.kit import filelock, ports
from niva.kit.home import home, load_or_make_secrets

# Below the first a day of pictures fills the disk; below the second PostgreSQL itself is in danger.
LITTLE = 2_000_000_000
TOO_LITTLE = 200_000_000


def folder() -> Iterator[Finding]:
    """Is there a home, can it be written, is there room?"""
    root = home().root
    existing = next(path for path in (root, *root.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        yield Finding(
            "wrong",
            _("Home"),
            _("%(path)s cannot be written (%(reason)s): nothing can be kept.")
            % {"path": existing, "reason": error.strerror or error},
            _("Make the folder yours, or name another one: NIVA_HOME=/path/to/folder."),
        )
        return
    if existing != root:
        yield Finding("note", _("Home"), _("%(path)s appears with the first start.") % {"path": root})
    else:
        yield Finding("fine", _("Home"), str(root))
    yield _room(existing)


def _room(path: Path) -> Finding:
    free = shutil.disk_usage(path).free
    told = {"free": f"{free / 1e9:.1f}"}
    if free >= LITTLE:
        return Finding("fine", _("Disk"), _("%(free)s GB free.") % told)
    return Finding(
        "wrong" if free < TOO_LITTLE else "note",
        _("Disk"),
        _("only %(free)s GB free: uploads and the database need room.") % told,
        _("Free some space or move the home to another disk with NIVA_HOME."),
    )


def secrets() -> Iterator[Finding]:
    """Can they be read, and by nobody else?"""
    place = home()
    if not place.secrets_file.exists():
        return
    try:
        load_or_make_secrets(place)
    except (ValueError, OSError) as error:
        yield Finding(
            "wrong",
            _("Secrets"),
            str(error),
            _("Without this file stored access tokens of networks cannot be read. Restore it from a backup."),
        )
        return
    mode = place.secrets_file.stat().st_mode & 0o777
    if mode & 0o077:
        told = {"path": place.secrets_file, "mode": f"{mode:o}"}
        yield Finding(
            "wrong",
            _("Secrets"),
            _("other users of this machine can read %(path)s (mode %(mode)s).") % told,
            f"chmod 600 {place.secrets_file}",
        )
    else:
        yield Finding("fine", _("Secrets"), _("kept where only you read them."))


def server() -> Iterator[Finding]:
    """The embedded server: programs, data, process."""
    one = environment.embedded(home())
    if one is None:
        return
    status = one.status()
    version = one.programs_version()
    yield Finding("fine", "PostgreSQL", version)
    level = "note" if status.state in ("absent", "other_version") else "fine"
    yield Finding(level, _("Database"), db.describe(status))  # type: ignore[arg-type]


def port() -> Iterator[Finding]:
    """Will `niva run` get its port? It may be itself who has it."""
    wanted = environment.port()
    where = _running()
    if where:
        yield Finding("fine", _("Desk"), _("runs: %(where)s") % {"where": where})
        return
    try:
        ports.listen(environment.host(), wanted).close()
        yield Finding("fine", _("Port"), _("%(port)s is free.") % {"port": wanted})
    except ports.PortBusy as busy:
        told = {"port": wanted, "holder": busy.holder or _("another program")}
        yield Finding(
            "wrong",
            _("Port"),
            _("%(port)s is taken by %(holder)s.") % told,
            _("Stop it, or choose another port: NIVA_PORT=8140 make run."),
        )
    except OSError as error:
        yield Finding("wrong", _("Port"), f"{environment.host()}:{wanted}: {error.strerror or error}")


def _running() -> str:
    """What the running desk of this home wrote into its lock, or ""."""
    if not home().run_lock.exists():
        return ""
    try:
        with contextlib.suppress(OSError), filelock.hold(home().run_lock):
            pass
    except filelock.LockHeld as held:
        return held.note
    return ""


def database() -> Iterator[Finding]:
    """Does it answer, and is it of the form this version expects? A stopped embedded one is not started."""
    one = environment.embedded(home())
    if one is not None and one.status().state != "running":
        return
    if one is not None:
        os.environ["DATABASE_URL"] = one.url()
    try:
        environment.django()
        pending = migrate.pending()
        yield _form(pending)
    except Exception as error:  # whatever the driver or the settings say is the finding
        yield Finding(
            "wrong",
            _("Database"),
            _("it does not answer: %(reason)s") % {"reason": str(error).strip()},
            _("Look at DATABASE_URL and at the database server.")
            if one is None
            else _("Run `make run` again."),
        )
    finally:
        if one is not None:
            del os.environ["DATABASE_URL"]


def _form(pending: list[str]) -> Finding:
    if not pending:
        return Finding("fine", _("Data"), _("of the form this version expects."))
    told = {"count": len(pending), "list": ", ".join(pending[:5])}
    return Finding(
        "note",
        _("Data"),
        _("steps not applied yet: %(count)s (%(list)s).") % told,
        _("`make run` applies them; by hand: `niva migrate`."),
    )

"""The folder in which clients find a server's socket."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from niva.kit.postgres.cluster import PORT
from niva.kit.postgres.errors import PostgresError, gettext_noop

# The address of a Unix socket holds 108 bytes with the closing zero on Linux and 104 on macOS.
SOCKET_BYTES = 103


def client_folder(data: Path) -> Path:
    """The data directory, or a short link to it when its path does not fit. Raises `PostgresError`."""
    if _fits(data):
        return data
    link = _link(data)
    with contextlib.suppress(FileExistsError):
        link.symlink_to(data)
    if not link.is_symlink() or link.lstat().st_uid != os.geteuid() or link.readlink() != data:
        raise PostgresError(
            gettext_noop("%(link)s is in the way of the database socket. Delete it or move NIVA_HOME."),
            link=link,
        )
    return link


def forget(data: Path) -> None:
    """Remove the short link of a stopped server, if it had one."""
    if not _fits(data):
        _link(data).unlink(missing_ok=True)


def _fits(folder: Path) -> bool:
    """A comma would be read as two hosts by libpq and asyncpg."""
    path = os.fsencode(folder / f".s.PGSQL.{PORT}")
    return len(path) <= SOCKET_BYTES and b"," not in path


def _link(data: Path) -> Path:
    name = f"niva-{os.geteuid()}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    bases = [runtime] if runtime.is_absolute() and os.access(runtime, os.W_OK) else []
    bases += [Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108  (the owner of the link is checked)
    return next((base / name for base in bases if _fits(base / name)), bases[-1] / name)

"""Carrying data over from an older major version: dumped by the new programs, loaded into a new directory.

Dump and load rather than pg_upgrade: it also moves the data to the locale of the new directory, and the old
directory stays as it was, under another name, until a person deletes it.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from niva.kit.postgres import processes, sockets
from niva.kit.postgres.cluster import Cluster
from niva.kit.postgres.errors import PostgresError, gettext_noop
from niva.kit.postgres.settings import DURABLE

DRAFT = "data.new"
_OLD = "data.version-"


def data_major(data: Path) -> int | None:
    """The major version that wrote a data directory, or None when there is none."""
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except (OSError, ValueError):
        return None


def clear_drafts(root: Path) -> None:
    """Remove what an interrupted first start or upgrade left half-made."""
    draft = root / DRAFT
    if draft.exists():
        for pid in processes.leftovers(draft):
            processes.wait_until_gone(pid, 1.0)
        shutil.rmtree(draft)


def carry_over(*, root: Path, old: Cluster, new: Cluster, owner: str) -> Path:
    """Move every database of `old` into `new`, then let `new` take the old one's name.

    Returns where the old directory is kept. Raises `PostgresError`; the old directory is then as it was.
    """
    need = sum(path.stat().st_size for path in (old.data / "base").rglob("*") if path.is_file())
    free = shutil.disk_usage(root).free
    if free < 2 * need:
        raise PostgresError(
            gettext_noop(
                "Moving the data to the new PostgreSQL needs %(need)s MB free on the disk, there are "
                "%(free)s."
            ),
            need=2 * need // 1_000_000,
            free=free // 1_000_000,
        )
    new.initialise()
    old.sweep()
    old.launch(DURABLE)
    try:
        new.launch(DURABLE)
        try:
            _copy_all(old, new, owner)
        finally:
            new.stop()
    finally:
        old.stop()
        sockets.forget(new.data)
    kept = _free_name(root, f"{_OLD}{old.binaries.major}")
    old.data.rename(kept)
    new.data.rename(old.data)
    return kept


def _copy_all(old: Cluster, new: Cluster, owner: str) -> None:
    names = _query(old, new, "SELECT datname FROM pg_database WHERE NOT datistemplate", owner).splitlines()
    for name in names:
        if name != "postgres":
            _tool(new, "createdb", "-h", _client_path(new), "-U", owner, name)
        dump = new.log.parent / "upgrade.dump"
        try:
            _tool(new, "pg_dump", "-h", _client_path(old), "-U", owner, "-Fc", "-Z1", "-f", str(dump), name)
            _tool(
                new,
                "pg_restore",
                "-h",
                _client_path(new),
                "-U",
                owner,
                "--exit-on-error",
                "-d",
                name,
                str(dump),
            )
            _tool(new, "vacuumdb", "-h", _client_path(new), "-U", owner, "--analyze-only", "-q", name)
        finally:
            dump.unlink(missing_ok=True)


def _query(cluster: Cluster, tools: Cluster, statement: str, owner: str) -> str:
    return _tool(
        tools, "psql", "-h", _client_path(cluster), "-U", owner, "-d", "postgres", "-XAtc", statement
    )


def _client_path(cluster: Cluster) -> str:
    return str(sockets.client_folder(cluster.data))


def _tool(tools: Cluster, name: str, *arguments: str) -> str:
    answer = subprocess.run(
        [tools.binaries.program(name), *arguments],
        cwd=tools.data.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise PostgresError(
            gettext_noop(
                "Moving the data to the new PostgreSQL failed at %(step)s; the old data are "
                "untouched:\n%(log)s"
            ),
            step=name,
            log=answer.stderr.strip()[-2000:],
        )
    return answer.stdout


def _free_name(root: Path, base: str) -> Path:
    candidates = [root / base, *(root / f"{base}.{number}" for number in range(2, 100))]
    return next(path for path in candidates if not path.exists())

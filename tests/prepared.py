"""A database that is migrated once for a state of the migrations, and copied for whoever needs an empty one.

Making a data directory and forty migrations take ten seconds of a core; a copy takes a tenth of one. The
original lies in a cache folder (NIVA_CACHE, else ~/.cache/niva-tests) under the hash of everything that it
was made of. Where it cannot be made, tests go the long way and show the reason themselves.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from niva.kit import filelock
from niva.kit.postgres import FAST, PostgresError, Server

ROOT: Final = Path(__file__).resolve().parents[1]
MAKE_SECONDS: Final = 300
KEPT: Final = 4  # originals of other states of the tree


def plant(root: Path) -> bool:
    """Give the server of this folder, which must not exist yet, the migrated database `niva`; False when
    there is none to give."""
    original = _original()
    if original is None:
        return False
    owner = original.stat()
    root.mkdir(parents=True, mode=0o700)
    os.chown(root, owner.st_uid, owner.st_gid)
    _copy(original, root / "data")
    return True


def _original() -> Path | None:
    """The data directory to copy from, made by the first who asks; others wait for it."""
    cache = Path(os.environ.get("NIVA_CACHE") or Path.home() / ".cache" / "niva-tests")
    found = cache / f"database-{_mark()}"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with filelock.hold(cache / "database.lock", wait_seconds=MAKE_SECONDS):
            if not found.exists():
                _make(found)
                _forget_old(cache)
            os.utime(found)
    except (OSError, subprocess.SubprocessError, PostgresError, filelock.LockHeld) as reason:
        print(f"no prepared database, so every one is migrated anew: {reason}", file=sys.stderr)
        return None
    return found


def _mark() -> str:
    """Changes with every migration, with the packages that have their own, and with how a cluster is made."""
    files = [
        *(ROOT / "src" / "niva").rglob("migrations/*.py"),
        *(ROOT / "src" / "niva" / "kit" / "jobs").glob("*.py"),
        *(ROOT / "src" / "niva" / "kit" / "postgres").glob("*.py"),
        *(ROOT / "requirements").glob("*.txt"),
        ROOT / "src" / "niva" / "config" / "settings.py",
        Path(__file__),
    ]
    hashed = hashlib.sha256()
    for file in sorted(files):
        hashed.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return hashed.hexdigest()[:16]


def _make(target: Path) -> None:
    """A new cluster, migrated as `niva migrate` does it, stopped cleanly and put in its place whole."""
    with tempfile.TemporaryDirectory(prefix="niva-prepared-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder) / "postgres", settings=FAST, die_with_us=True)
        server.start()
        try:
            surroundings = {
                **os.environ,
                "DATABASE_URL": server.url(),
                "NIVA_HOME": str(Path(folder) / "home"),
                "PYTHONPATH": str(ROOT / "src"),
            }
            subprocess.run(
                [sys.executable, "-m", "niva", "migrate"],
                cwd=ROOT, env=surroundings, check=True, capture_output=True, timeout=MAKE_SECONDS,
            )  # fmt: skip
        finally:
            server.stop()
        draft = target.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        _copy(server.data, draft)
        draft.rename(target)


def _copy(source: Path, target: Path) -> None:
    """With owners and modes: as root the server runs under another account."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True, capture_output=True)


def _forget_old(cache: Path) -> None:
    ages = sorted((one.stat().st_mtime, one) for one in cache.glob("database-*") if one.is_dir())
    for _age, one in ages[:-KEPT]:
        shutil.rmtree(one, ignore_errors=True)

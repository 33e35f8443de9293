"""The home of one installation on this machine: its folders and its secrets.

`NIVA_HOME` moves it; otherwise it is where the platform keeps the data of programs.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from niva.kit.filelock import hold


@dataclass(frozen=True)
class Home:
    """Paths inside the home; none of them is made until it is needed."""

    root: Path

    @property
    def postgres(self) -> Path:
        """Everything of the embedded server."""
        return self.root / "postgres"

    @property
    def media(self) -> Path:
        """What people uploaded."""
        return self.root / "media"

    @property
    def readings(self) -> Path:
        """Months of raw readings that were taken out of the database, as Parquet files."""
        return self.root / "readings"

    @property
    def practice(self) -> Path:
        """What the practice network remembers."""
        return self.root / "practice.sqlite3"

    @property
    def secrets_file(self) -> Path:
        return self.root / "secrets.json"

    @property
    def run_lock(self) -> Path:
        """Held by the one `niva run` of this home."""
        return self.root / "run.lock"

    @property
    def keep_database(self) -> Path:
        """There while `niva db start` wants the server to outlive `niva run`."""
        return self.root / "keep-database"

    def make(self) -> Home:
        """Make the root folder, closed to other people when it is new. Raises OSError."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self


@dataclass(frozen=True)
class Secrets:
    """`secret_key` signs sessions; `token_keys` are Fernet keys, the first encrypts, all decrypt."""

    secret_key: str
    token_keys: list[str]


def home() -> Home:
    """The home that the environment names."""
    named = os.environ.get("NIVA_HOME", "").strip()
    return Home(Path(named).expanduser().absolute() if named else default_root())


def home_dir() -> Path:
    """The root folder of the home."""
    return home().root


def default_root() -> Path:
    """`~/.local/share/niva` (or `XDG_DATA_HOME`), on a Mac `~/Library/Application Support/niva`."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "niva"
    named = os.environ.get("XDG_DATA_HOME", "")
    base = Path(named) if named.startswith("/") else Path.home() / ".local" / "share"
    return base / "niva"


def load_or_make_secrets(place: Home | None = None) -> Secrets:
    """Read the secrets of this home; on the first call make them, in a file only its owner can read.

    Raises OSError when the home cannot be written and ValueError when the file is damaged: new keys in its
    place would make every stored token unreadable, so nothing is ever overwritten.
    """
    place = (place or home()).make()
    with hold(place.root / "secrets.lock", wait_seconds=10):
        if not place.secrets_file.exists():
            _write(place.secrets_file, _fresh())
        return _read(place.secrets_file)


def _fresh() -> Secrets:
    token_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return Secrets(secret_key=secrets.token_urlsafe(50), token_keys=[token_key])


def _write(path: Path, fresh: Secrets) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"secret_key": fresh.secret_key, "token_keys": fresh.token_keys}, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _read(path: Path) -> Secrets:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        found = Secrets(secret_key=stored["secret_key"], token_keys=list(stored["token_keys"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged; put its copy back from a backup") from error
    if len(found.secret_key) < 32 or not found.token_keys:
        raise ValueError(f"{path} is damaged; put its copy back from a backup")
    return found

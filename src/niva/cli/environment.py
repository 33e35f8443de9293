"""What every command stands on: the database in DATABASE_URL, and Django."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator

from niva.kit import filelock
from niva.kit.home import Home, home
from niva.kit.postgres import Server

SETTINGS = "niva.config.settings"
DEFAULT_PORT = 8130


def embedded(place: Home | None = None) -> Server | None:
    """The embedded server, or None when DATABASE_URL names another one."""
    if os.environ.get("DATABASE_URL"):
        return None
    return Server((place or home()).postgres)


@contextlib.contextmanager
def database() -> Iterator[None]:
    """A database for the time of one command: the embedded server is stopped again if we started it.

    It stays up when `niva run` has taken it over meanwhile. Raises `PostgresError`.
    """
    place = home().make()
    server = embedded(place)
    if server is None:
        yield
        return
    outcome = server.start()
    os.environ["DATABASE_URL"] = server.url()
    try:
        yield
    finally:
        del os.environ["DATABASE_URL"]
        if outcome != "adopted":
            with contextlib.suppress(filelock.LockHeld), filelock.hold(place.run_lock):
                server.stop()


def django() -> None:
    """Load Django with our settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django as framework

    # WhiteNoise looks for a folder of collected files; ours are served from where they are built.
    warnings.filterwarnings("ignore", message="No directory at", category=UserWarning)
    framework.setup()


def port() -> int:
    """NIVA_PORT, 8130 without it; ends the program with a plain sentence when it is not a port."""
    from niva.cli.text import _

    named = os.environ.get("NIVA_PORT", "").strip() or str(DEFAULT_PORT)
    if not named.isdigit() or int(named) > 65535:
        print(
            _("NIVA_PORT must be a number from 0 to 65535, not %(value)s.") % {"value": named},
            file=sys.stderr,
        )
        raise SystemExit(2)
    return int(named)


def host() -> str:
    """NIVA_HOST: the address to listen on, this machine alone without it."""
    return os.environ.get("NIVA_HOST", "").strip() or "127.0.0.1"

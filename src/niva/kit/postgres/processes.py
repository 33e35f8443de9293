"""Which processes serve a data directory: the truth about a server that outlived whoever started it.

`postmaster.pid` alone cannot be believed: after a power cut or `kill -9` it stays behind, and its number may
belong to a stranger by then. A PostgreSQL process always stands in its data directory, so where the system
shows working directories (Linux) that decides; elsewhere the name that `ps` tells does.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from pathlib import Path

PROC = Path("/proc")


def recorded_pid(data: Path) -> int | None:
    """The number in `postmaster.pid`, or None when there is no such file or it makes no sense."""
    try:
        first = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()[0]
        pid = int(first)
    except (OSError, ValueError, IndexError):
        return None
    return pid if pid > 1 else None


def is_ready(data: Path) -> bool:
    """Whether the server wrote that it takes connections (the eighth line of its pid file)."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def alive(pid: int) -> bool:
    """Whether a process of this number exists (a zombie does not count)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError, IndexError):
        return (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return True


def serves(pid: int, data: Path) -> bool:
    """Whether the live process `pid` is a PostgreSQL of this data directory."""
    if not alive(pid):
        return False
    if (PROC / "self").exists():
        return _stands_in(pid, data)
    answer = subprocess.run(
        ["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "postgres" in answer.stdout


def _stands_in(pid: int, data: Path) -> bool:
    try:
        same = (PROC / str(pid) / "cwd").samefile(data)
        name = (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return False
    return same and name.startswith("postgres")


def server_pid(data: Path) -> int | None:
    """The number of the living server of this directory, or None."""
    pid = recorded_pid(data)
    return pid if pid is not None and serves(pid, data) else None


def leftovers(data: Path) -> list[int]:
    """Every PostgreSQL process in the directory: children may outlive a killed server for a moment."""
    if not (PROC / "self").exists():
        return []
    return [
        int(entry.name)
        for entry in PROC.iterdir()
        if entry.name.isdigit() and _stands_in(int(entry.name), data)
    ]


def wait_until_gone(pid: int, seconds: float) -> bool:
    """Wait for the end of a process; reaps it when it is our own child."""
    limit = time.monotonic() + seconds
    while _not_reaped(pid) and alive(pid):
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


def _not_reaped(pid: int) -> bool:
    """Take the ending of our own child, if it ended; True while there is something to look at."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except ChildProcessError:
        return True

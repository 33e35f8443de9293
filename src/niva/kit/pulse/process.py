"""What a process takes of its machine: memory, time of the processor, open files, threads."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGE: Final = resource.getpagesize()
# Places in /proc/<pid>/stat after the name in brackets, see proc_pid_stat(5): fields 4, 14, 15, 20 and 24.
_PARENT, _USER, _SYSTEM, _THREADS, _RESIDENT = 1, 11, 12, 17, 21

Figures = dict[str, float]
_leader = 0


def figures_of(pid: int | None = None) -> Figures:
    """`memory_bytes`, `cpu_seconds`, `threads`, `open_files` of a process (None: this one).

    Where the system does not tell (no /proc), only what it tells of this process itself. Empty when the
    process is gone.
    """
    wanted = os.getpid() if pid is None else pid
    stat = _stat(wanted)
    if stat is None:
        return _own() if wanted == os.getpid() else {}
    found: Figures = {
        "memory_bytes": int(stat[_RESIDENT]) * _PAGE,
        "cpu_seconds": (int(stat[_USER]) + int(stat[_SYSTEM])) / _TICKS,
        "threads": int(stat[_THREADS]),
    }
    with contextlib.suppress(OSError):  # of another user's process
        found["open_files"] = len(os.listdir(_PROC / str(wanted) / "fd"))  # noqa: PTH208 - names only
    return found


def lead() -> None:
    """From now on the children of this process are of one kind: each may ask for its `siblings`."""
    global _leader
    _leader = os.getpid()


def siblings() -> list[int]:
    """The processes of one server: the children of whoever called `lead`, ourselves among them."""
    found = {os.getpid()}
    if _leader == os.getppid() and _PROC.is_dir():
        for entry in _PROC.iterdir():
            stat = _stat(int(entry.name)) if entry.name.isdigit() else None
            if stat is not None and stat[_PARENT] == str(_leader):
                found.add(int(entry.name))
    return sorted(found)


def _stat(pid: int) -> list[str] | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def _own() -> Figures:
    used = resource.getrusage(resource.RUSAGE_SELF)
    # ru_maxrss is in kilobytes, on a Mac in bytes; the highest so far, not the present.
    memory = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {
        "memory_bytes": memory,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "threads": threading.active_count(),
    }

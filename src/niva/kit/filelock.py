"""A lock between processes on one machine: held while a file stays open, so a crash always frees it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockHeld(Exception):
    """Somebody else holds the lock; `note` is what that holder wrote into the file."""

    def __init__(self, path: Path, note: str) -> None:
        self.path = path
        self.note = note
        super().__init__(f"{path} is held: {note or 'no note'}")


@contextmanager
def hold(path: Path, *, wait_seconds: float = 0.0, note: str = "") -> Iterator[int]:
    """Hold the lock for the block and yield its descriptor (a forked child closes it). Raises `LockHeld`."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, path, time.monotonic() + wait_seconds)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, note.encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, limit: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= limit:
                raise LockHeld(path, path.read_text(encoding="utf-8", errors="replace").strip()) from None
            time.sleep(0.05)

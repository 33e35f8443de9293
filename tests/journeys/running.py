"""The desk as a stranger starts it: `python -m niva run` in an empty home, on ports of its own."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import psycopg

from niva.kit import ports
from niva.kit.postgres import Server
from tests.prepared import plant

ROOT: Final = Path(__file__).resolve().parents[2]
START_SECONDS: Final = 120.0
T = TypeVar("T")


def until(what: str, found: Callable[[], T | None], seconds: float = 30.0) -> T:
    """Asks again and again until `found` tells something; fails with `what` when the time is up."""
    end = time.monotonic() + seconds
    while True:
        answer = found()
        if answer:
            return answer
        assert time.monotonic() < end, f"waited {seconds:.0f} s in vain: {what}"
        time.sleep(0.1)


class RunningDesk:
    """One `niva run` with pages, jobs, practice network and its embedded database.

    `start` returns at once, `url` waits until the desk is open. `prepared`: its database is migrated already,
    which is not what a stranger finds, but quick. `environment` goes beside what it has anyway.
    """

    def __init__(self, name: str, *, prepared: bool = False, **environment: str) -> None:
        self.name = name
        self.home = Path(tempfile.mkdtemp(prefix=f"niva-journey-{name}-"))
        self.practice_port = ports.free(0)
        self.log = self.home / "run.log"
        self._extra = environment
        self._url = ""
        if prepared:
            plant(self.home / "postgres")

    def start(self) -> RunningDesk:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name != "DATABASE_URL" and not name.startswith("NIVA_")
        }
        surroundings = {
            **inherited,
            "NIVA_HOME": str(self.home),
            "NIVA_PORT": "0",
            "NIVA_PRACTICE_PORT": str(self.practice_port),
            "NIVA_DEMO": "0",
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONUNBUFFERED": "1",
            "LC_ALL": "C.UTF-8",
            **self._extra,
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "niva", "run"],
                cwd=ROOT, env=surroundings, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        return self

    @property
    def url(self) -> str:
        """The address that it printed."""
        if not self._url:
            self._url = until(f"the desk {self.name} opens", self._opened, START_SECONDS)
        return self._url

    def _opened(self) -> str | None:
        said = self.said()
        assert self.process.poll() is None, f"the desk ended by itself:\n{said}"
        found = re.search(r"^    (http://\S+)\s*$", said, re.MULTILINE)
        return found[1] if found else None

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def troubles(self) -> list[str]:
        """Errors in the log: tracebacks and lines of level ERROR."""
        return [
            line for line in self.said().splitlines() if '"ERROR"' in line or line.startswith("Traceback")
        ]

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """One statement on the desk's own database, committed."""
        with psycopg.connect(Server(self.home / "postgres").url()) as connection:
            asked = connection.execute(statement, values)  # type: ignore[call-overload]
            return asked.fetchall() if asked.description else []

    def worker(self) -> int | None:
        """The process that runs the jobs: the one that the practice network listens in."""
        found = re.search(r"\(?(\d+)\)?$", ports.holder(self.practice_port))
        return int(found[1]) if found else None

    def kill_worker(self) -> int:
        """As power cuts do it. Returns the process that is no more."""
        pid = until("there is a worker", self.worker)
        assert pid in children(self.process.pid), "only processes of this desk may be killed"
        os.kill(pid, signal.SIGKILL)
        return pid

    def ask_to_end(self) -> None:
        """So that several desks end side by side."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Ask, wait, insist; then nothing of it remains, the database neither."""
        self.ask_to_end()
        if self.process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(40)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(20)
        Server(self.home / "postgres").stop(immediately=True)
        shutil.rmtree(self.home, ignore_errors=True)


def children(pid: int) -> set[int]:
    """Direct children and theirs, from /proc."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found |= {child} | children(child)
    return found


@contextlib.contextmanager
def running(desk: RunningDesk) -> Iterator[RunningDesk]:
    """Started, and ended whatever happens."""
    desk.start()
    try:
        yield desk
    finally:
        desk.end()

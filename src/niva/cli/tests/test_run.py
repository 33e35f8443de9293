"""The whole desk as a person starts it: `niva run` in its own home, over HTTP and by signals."""

from __future__ import annotations

import http.client
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from niva.kit import filelock
from niva.kit.postgres import Server, processes
from tests.prepared import plant
from tools.memory import pss, tree

pytestmark = [pytest.mark.thorough]
PROC = Path("/proc")


class Running:
    """A `niva run` in the background; `read_until` collects what it prints."""

    def __init__(self, home: Path, *arguments: str) -> None:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "NIVA_HOME": str(home),
            "NIVA_PORT": "0",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
        }
        self.home = home
        self.text = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "niva", "run", "--no-demo", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def read_until(self, words: str, seconds: float = 90) -> str:
        """What was printed up to and with `words`; fails when the program ends or time is up."""
        assert self.process.stdout
        limit = time.monotonic() + seconds
        while words not in self.text:
            left = limit - time.monotonic()
            readable, _, _ = select.select([self.process.stdout], [], [], max(0.0, left))
            piece = os.read(self.process.stdout.fileno(), 65536) if readable else b""
            assert piece, f"waited for {words!r}, saw:\n{self.text}"
            self.text += piece.decode(errors="replace")
        seen, _, self.text = self.text.partition(words)
        return seen + words

    def opened(self) -> tuple[str, int]:
        """Host and port of the printed address, once the desk is open."""
        found = re.search(
            r"http://([\w.]+):(\d+)", self.read_until("Ctrl+C") + self.read_until("\n\n    ") + self.line()
        )
        assert found
        return found[1], int(found[2])

    def line(self) -> str:
        return self.read_until("\n")

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture
def desk(request: pytest.FixtureRequest) -> Iterator[Running]:
    """One in an empty home where `empty` is asked for, else in one whose database is migrated already."""
    home = Path(tempfile.mkdtemp(prefix="niva-run-"))
    if "empty" not in request.keywords:
        plant(home / "postgres")
    one = Running(home)
    yield one
    if one.process.poll() is None:
        one.process.kill()
        one.process.communicate(timeout=20)
    Server(home / "postgres").stop(immediately=True)
    shutil.rmtree(home, ignore_errors=True)


def status(address: tuple[str, int], path: str = "/healthz") -> int:
    asked = http.client.HTTPConnection(*address, timeout=20)
    asked.request("GET", path)
    return asked.getresponse().status


def eventually(address: tuple[str, int], wanted: int, seconds: float = 40) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        try:
            if status(address) == wanted:
                return True
        except OSError:
            pass
        time.sleep(0.2)
    return False


def children(pid: int) -> list[int]:
    return [int(word) for word in (PROC / f"{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.empty
def test_one_command_opens_the_desk_and_ctrl_c_closes_all_of_it(desk: Running) -> None:
    address = desk.opened()
    assert status(address) == 200
    server = Server(desk.home / "postgres")
    database = server.status().pid
    assert database
    family = children(desk.process.pid)
    second = Running(desk.home)
    assert second.process.wait(30) == 1
    assert f"already runs for {desk.home}: http://" in second.read_until("\n")
    assert desk.end() == 0
    assert server.status().state == "stopped"
    assert not any(processes.alive(pid) for pid in family)


@pytest.mark.skipif(not PROC.exists(), reason="memory is told by /proc")
def test_the_desk_at_rest_weighs_less_than_250_mb(desk: Running) -> None:
    address = desk.opened()
    for _ in range(20):
        assert status(address) == 200
    family = tree(desk.process.pid)
    assert len(family) >= 5
    assert sum(pss(pid) for pid in family) < 250


@pytest.mark.skipif(not PROC.exists(), reason="processes are looked up in /proc")
def test_whatever_dies_comes_back(desk: Running) -> None:
    address = desk.opened()
    server = Server(desk.home / "postgres")
    database = server.status().pid
    assert database
    pages, jobs = [pid for pid in children(desk.process.pid) if pid != database]
    os.kill(jobs, signal.SIGKILL)
    assert "jobs" in desk.read_until("starts again")
    os.kill(pages, signal.SIGKILL)
    assert "pages" in desk.read_until("starts again")
    assert eventually(address, 200)
    os.kill(database, signal.SIGKILL)
    desk.read_until("The database is gone; starting it again")
    assert eventually(address, 200)
    assert server.status().pid != database
    assert desk.end() == 0


@pytest.mark.skipif(not PROC.exists(), reason="processes are looked up in /proc")
def test_a_killed_desk_leaves_a_database_that_the_next_one_adopts(desk: Running) -> None:
    desk.opened()
    server = Server(desk.home / "postgres")
    database = server.status().pid
    family = [pid for pid in children(desk.process.pid) if pid != database]
    desk.process.kill()
    desk.process.wait(20)
    assert all(processes.wait_until_gone(pid, 30) for pid in family)
    assert server.status().pid == database
    again = Running(desk.home)
    try:
        assert eventually(again.opened(), 200)
        assert server.status().pid == database
    finally:
        assert again.end() == 0
    assert server.status().state == "stopped"
    with filelock.hold(desk.home / "run.lock"):
        pass

"""A whole desk of real processes in a folder of its own, and what is done to them.

PostgreSQL, web, workers and the practice network are started as an administrator would start them, each in a
process group of its own, and started again when they end, as a supervisor does. Only the main thread starts
and kills: the children are told to die with the thread that made them.
"""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from niva.kit.postgres import DURABLE, PostgresError, Server
from niva.kit.postgres.processes import leftovers
from tools.torture.plan import Kill

ROOT: Final = Path(__file__).resolve().parent.parent.parent
DISK_MB: Final = 640
RESTART_PAUSE: Final = 0.4  # seconds before a process that ended is started again
SETTLED: Final = 2.0  # seconds after its start a process is worth killing
_PDEATHSIG: Final = 1


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Process:
    """One long-running program, kept alive. `name` is that of its log, too."""

    def __init__(self, name: str, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.name, self.command, self.environment = name, command, environment
        self.log = folder / f"{name}.log"
        self.running: subprocess.Popen[bytes] | None = None
        self.due = self.began = 0.0
        self.stopped_until = 0.0
        self.ended_by_itself = 0

    def keep(self) -> None:
        """Start it when it is not there; wake it when its stop is over."""
        now = time.monotonic()
        if self.running is not None and (code := self.running.poll()) is not None:
            self.ended_by_itself += 1
            say(f"  {self.name} ended by itself ({code}): {self.log.read_text(errors='replace')[-300:]}")
            self.running, self.due = None, now + RESTART_PAUSE
        if self.stopped_until and now >= self.stopped_until:
            self.go_on()
        if self.running is None and now >= self.due:
            self.began = now
            with self.log.open("ab") as log:
                self.running = subprocess.Popen(
                    self.command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, start_new_session=True, preexec_fn=_die_with_us,
                )  # fmt: skip

    @property
    def settled(self) -> bool:
        """It runs, has had the time to begin its work, and is not stopped."""
        return self.running is not None and not self.stopped_until and time.monotonic() - self.began > SETTLED

    def kill(self, pause: float = RESTART_PAUSE) -> bool:
        """`kill -9` of it and its children. False: it was not running."""
        if self.running is None or self.running.poll() is not None:
            return False
        self._signal(signal.SIGKILL)
        self.running.wait(20)
        self.running, self.due, self.stopped_until = None, time.monotonic() + pause, 0.0
        return True

    def stop(self, seconds: float) -> bool:
        """SIGSTOP now, SIGCONT after so many seconds. False: it was not running or is stopped already."""
        if self.running is None or self.running.poll() is not None or self.stopped_until:
            return False
        self._signal(signal.SIGSTOP)
        self.stopped_until = time.monotonic() + seconds
        return True

    def go_on(self) -> None:
        self.stopped_until = 0.0
        if self.running is not None:
            self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self.running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running.pid, number)


def _die_with_us() -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PDEATHSIG, int(signal.SIGKILL))


class Desk:
    """`folder`: everything of it; `disk`: what the desk writes, which may be a small disk of its own."""

    def __init__(self, folder: Path, disk: Path, *, workers: int, lease: int, small_disk: bool) -> None:
        self.folder, self.disk, self.small_disk = folder, disk, small_disk
        self.server = Server(
            disk / "postgres", settings={**DURABLE, "max_connections": "80"}, die_with_us=True
        )
        self.web_port, self.network_port = _free_ports(2)
        self.practice = folder / "network" / "practice.sqlite3"
        self.practice.parent.mkdir()
        self.environment = self._environment(lease)
        niva = [sys.executable, "-m", "niva"]
        network = [sys.executable, "-m", "niva.networks.practice.server", "--port", str(self.network_port)]
        self.network = self._process("network", [*network, "--data", str(self.practice)])
        self.web = self._process("web", [*niva, "web"])
        self.clock = folder / "clock"
        shifted = [sys.executable, "-m", "tools.torture.shifted", str(self.clock)]
        self.workers = [
            self._process(f"worker{n}", shifted if n == 0 else [*niva, "worker"]) for n in range(workers)
        ]
        self.clock_until = self.full_until = 0.0
        self.at_work: set[int] = set()  # pids of the workers that the database knows
        self.kills: Counter[str] = Counter()
        self.database_up = False
        self.database_tries = 0

    def _environment(self, lease: int) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NIVA_")}
        return {
            **kept,
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "DATABASE_URL": self.server.url(),
            "DJANGO_SETTINGS_MODULE": "niva.config.settings",
            "NIVA_HOME": str(self.disk / "home"),
            "NIVA_PORT": str(self.web_port),
            "NIVA_PRACTICE_URL": f"http://127.0.0.1:{self.network_port}",
            "NIVA_LEASE_SECONDS": str(lease),
            "NIVA_LOG_LEVEL": "WARNING",
        }

    def _process(self, name: str, command: list[str]) -> Process:
        return Process(name, command, self.folder, self.environment)

    # --- keeping everything alive ---

    def works(self, worker: Process) -> bool:
        """It has come up and is at the database: killing it means something."""
        return worker.settled and worker.running is not None and worker.running.pid in self.at_work

    @property
    def ours(self) -> list[Process]:
        return [self.web, *self.workers]

    def keep(self) -> None:
        """Whatever is down is started, whatever was done to last for a while ends."""
        now = time.monotonic()
        if self.full_until and now >= self.full_until:
            self._give_room()
        if self.clock_until and now >= self.clock_until:
            self._set_clock(0)
            self.clock_until = 0.0
        self.keep_database()
        for process in (self.network, *self.ours):
            process.keep()

    def keep_database(self) -> None:
        if not self.server.status().pid:
            self.database_up = False
        if self.database_up or self.full_until:
            return
        try:
            self.server.start()
            self.database_up = True
        except PostgresError as error:
            self.database_tries += 1
            if self.database_tries > 40:
                raise
            say(f"  the database does not start yet: {str(error)[:200]}")

    def web_answers(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=5)
        try:
            line.request("GET", "/healthz")
            return line.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()

    def calm(self) -> None:
        """No more trouble: everything goes on, clocks are right, there is room."""
        for process in self.ours:
            if process.stopped_until:
                process.go_on()
        self._set_clock(0)
        self.clock_until = 0.0
        if self.full_until:
            self._give_room()

    def end(self) -> None:
        for process in (*self.ours, self.network):
            process.kill()
        self._kill_database()

    # --- what is done to it ---

    def strike(self, kill: Kill) -> bool:
        """Do it now. False: whom it is meant for is not up in this moment."""
        named = self.workers[kill.victim % len(self.workers) :] + self.workers
        worker = next((one for one in named if self.works(one)), named[0])
        ready = self.works(worker)  # somebody is at work
        match kill.kind:
            case "worker":
                done = ready and worker.kill()
            case "web":
                done = self.web.settled and self.web.kill()
            case "database":
                done = ready and self._kill_database()
            case "everything":
                done = ready and self._kill_everything()
            case "stop":
                done = ready and worker.stop(kill.lasts)
            case "clock":
                done = self.works(self.workers[0]) and self._shift_clock(kill.jump, kill.lasts)
            case "full_disk":
                done = ready and self._fill(kill.lasts)
            case _:
                raise ValueError(kill.kind)
        self.kills[kill.kind] += done
        if done and kill.kind in ("database", "everything", "full_disk"):
            self.at_work.clear()  # until the database has told anew
        if done:
            say(f"  {kill.kind} {worker.name if kill.kind in ('worker', 'stop') else ''}")
        return done

    def _kill_everything(self) -> bool:
        """Database, web and workers within a few milliseconds, as when the power goes."""
        self._kill_database()
        for process in self.ours:
            process.kill(1.0)
        return True

    def _shift_clock(self, jump: int, lasts: float) -> bool:
        self._set_clock(jump)
        self.clock_until = time.monotonic() + lasts
        return True

    def _kill_database(self) -> bool:
        """The whole tree at once, as a power cut would; no process gets to write anything."""
        family = leftovers(self.server.data)
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in family:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        self.database_up = False
        return bool(family)

    def _set_clock(self, seconds: int) -> None:
        self.clock.write_text(str(seconds))

    def _fill(self, seconds: float) -> bool:
        """No room on the desk's disk; where it has none of its own, no file of the database may grow."""
        if self.full_until:
            return False
        self.full_until = time.monotonic() + seconds
        if self.small_disk:
            with (self.disk / "ballast").open("ab", buffering=0) as ballast, contextlib.suppress(OSError):
                while ballast.write(b"\0" * (1 << 20)):
                    pass
            return True
        return self._limit_files(16 * 1024)

    def _limit_files(self, most: int) -> bool:
        for pid in leftovers(self.server.data):
            with contextlib.suppress(OSError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
        return True

    def _give_room(self) -> None:
        self.full_until = 0.0
        if self.small_disk:
            (self.disk / "ballast").unlink(missing_ok=True)
        else:
            self._limit_files(resource.RLIM_INFINITY)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextlib.contextmanager
def place() -> Iterator[tuple[Path, Path, bool]]:
    """(folder, disk, whether the disk is a small one of its own); gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="niva-torture-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # as root the server runs as another user and must get in
        disk = folder / "disk"
        disk.mkdir()
        mounted = _mount(disk)
        try:
            yield folder, disk, mounted
        finally:
            if mounted:
                subprocess.run(["umount", "-l", str(disk)], check=False)


def _mount(disk: Path) -> bool:
    """A disk of DISK_MB in memory, where the system lets us."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=755", "niva-torture", str(disk)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False

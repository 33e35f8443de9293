"""One data directory: making it, and starting and stopping the server process that stands in it.

On Linux every program gets the directory as `/proc/self/cwd`: the process is put there before it changes its
user, so a home below a closed folder (root's, mode 700) needs no permission of anybody changed, and the
socket has a short name however deep the directory lies.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from niva.kit.postgres import processes
from niva.kit.postgres.account import Account
from niva.kit.postgres.binaries import Binaries
from niva.kit.postgres.errors import PostgresError, StartFailed, gettext_noop
from niva.kit.postgres.settings import as_arguments

OWNER = "niva"
PORT = 5432
START_SECONDS = 120.0
FAST_SECONDS = 30.0
IMMEDIATE_SECONDS = 10.0
_SELF = Path("/proc/self/cwd")
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Cluster:
    """A data directory with the programs and the account it is run with. `log` takes what the server says."""

    data: Path
    log: Path
    binaries: Binaries
    account: Account | None

    @property
    def _place(self) -> str:
        return str(_SELF) if _SELF.exists() else str(self.data)

    def initialise(self) -> None:
        """Make the data directory: UTF-8, Russian search by default. Raises `StartFailed`.

        The wheel has no ICU. The built-in C.UTF-8 of PostgreSQL 17+ knows the letters of every script (lower,
        upper, regular expressions) and needs no locale of the machine.
        """
        self.data.mkdir(mode=0o700)
        if self.account:
            os.chown(self.data, self.account.uid, self.account.gid)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if self.binaries.major < 17:
            locale = ["--locale-provider=libc", "--locale=C.UTF-8"]
        command = [self.binaries.program("initdb"), "-D", self._place, "-U", OWNER, "-E", "UTF8", *locale]
        # `trust` on a socket inside a directory of mode 700: the file system says who may come in.
        command += ["--text-search-config=russian", "-A", "trust", "--no-instructions", "--data-checksums"]
        answer = self._run(command)
        if answer.returncode:
            raise StartFailed(
                gettext_noop("PostgreSQL could not make its data directory %(path)s:\n%(log)s"),
                path=self.data,
                log=answer.stderr.strip()[-2000:],
            )

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        extra = self.account.popen_arguments() if self.account else {}
        return subprocess.run(
            command, cwd=self.data, env=_environment(), capture_output=True, text=True, check=False, **extra
        )

    def launch(self, settings: dict[str, str], *, die_with_us: bool = False) -> int:
        """Start the server, wait until it takes connections and return its number. Raises `StartFailed`."""
        command = [self.binaries.program("postgres"), "-D", self._place, "-p", str(PORT)]
        command += ["-c", "listen_addresses=", "-c", "unix_socket_directories=."]
        command += as_arguments(settings, self.binaries.major)
        extra = self.account.popen_arguments() if self.account else {}
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=self.data,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent() if die_with_us else None,
                **extra,
            )
        self._await(process)
        pid = process.pid
        # The server outlives this object on purpose: no warning about an unfinished child.
        process.returncode = 0
        return pid

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        limit = time.monotonic() + START_SECONDS
        while not (processes.is_ready(self.data) and processes.recorded_pid(self.data) == process.pid):
            if process.poll() is not None or time.monotonic() > limit:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGQUIT)
                raise StartFailed(
                    gettext_noop("PostgreSQL did not start. The end of its log %(path)s:\n%(log)s"),
                    path=self.log,
                    log=self.log_end(),
                )
            time.sleep(0.01)

    def log_end(self, characters: int = 2000) -> str:
        """The last lines the server wrote."""
        try:
            return self.log.read_text(encoding="utf-8", errors="replace")[-characters:].strip()
        except OSError:
            return ""

    def stop(self, *, immediately: bool = False) -> bool:
        """End the server, politely, then firmly, then by force. False when none was running."""
        pid = processes.server_pid(self.data)
        if pid is None:
            return False
        steps = [(signal.SIGINT, FAST_SECONDS), (signal.SIGQUIT, IMMEDIATE_SECONDS)]
        for number, seconds in steps[1:] if immediately else steps:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            if processes.wait_until_gone(pid, seconds):
                return True
        for left in {pid, *processes.leftovers(self.data)}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(left, signal.SIGKILL)
        if not processes.wait_until_gone(pid, IMMEDIATE_SECONDS):
            raise PostgresError(gettext_noop("The database server (process %(pid)s) does not end."), pid=pid)
        return True

    def sweep(self) -> None:
        """Clear away what a killed server left: its last children end first, then its pid files go."""
        limit = time.monotonic() + IMMEDIATE_SECONDS
        while left := processes.leftovers(self.data):
            if time.monotonic() > limit:
                for pid in left:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                limit += IMMEDIATE_SECONDS
            time.sleep(0.05)
        # The socket has a lock of its own, which holds the same number and is believed in the same way.
        for name in ("postmaster.pid", f".s.PGSQL.{PORT}.lock", f".s.PGSQL.{PORT}"):
            (self.data / name).unlink(missing_ok=True)


def _environment() -> dict[str, str]:
    """Nothing of the caller's PG* variables or locale may change the server."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {"PATH": "/usr/bin:/bin", **kept, "LC_ALL": "C"}


def _end_with_parent() -> Callable[[], None] | None:
    """For throwaway servers: a fast stop as soon as the process that started it is gone (Linux only)."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGQUIT))

    return ask

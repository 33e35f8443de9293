"""Several processes kept alive together: started, restarted with a growing pause, stopped as one.

The children are forked from a parent that has loaded the program already, so they share its memory.
The parent must have no threads and no open database connection when it forks.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

_PR_SET_PDEATHSIG = 1
STOPPING = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class Child:
    """One process: `run` is called in a fork of ours, its result is the exit status."""

    name: str
    run: Callable[[], int | None]


@dataclass(frozen=True)
class Timing:
    """Seconds. `pauses` before the first, second... restart; a child that lived `settled` starts over."""

    pauses: tuple[float, ...] = (0.5, 1, 2, 4, 8, 15, 30, 60)
    settled: float = 60.0
    grace: float = 30.0
    look: float = 2.0

    def pause(self, failures: int) -> float:
        """How long to wait after so many deaths in a row (1 or more)."""
        return self.pauses[min(failures, len(self.pauses)) - 1]


@dataclass
class _Place:
    """Where a child stands now: alive with a pid, or due to be started at a moment of the monotonic clock."""

    child: Child
    pid: int = 0
    started: float = 0.0
    due: float = 0.0
    failures: int = 0


@dataclass
class Supervisor:
    """`told(event, child, facts)` hears of `died` (status, pause) and `stopping`, in the parent."""

    children: Sequence[Child]
    told: Callable[[str, str, dict[str, float]], None]
    guards: Sequence[Callable[[], None]] = ()
    ready: Callable[[], bool] | None = None
    on_ready: Callable[[], None] | None = None
    timing: Timing = field(default_factory=Timing)

    def run(self) -> int:
        """Until SIGTERM or SIGINT (0), or until a child dies before everything was ready (1)."""
        places = [_Place(child) for child in self.children]
        gc.collect()
        gc.freeze()
        with _wake_up() as (pipe, stopping):
            waiting = self.ready
            guarded = time.monotonic()
            try:
                while not stopping:
                    if self._reap(places) and waiting:
                        return 1
                    self._start_due(places)
                    if waiting and waiting():
                        waiting = None
                        if self.on_ready:
                            self.on_ready()
                    if time.monotonic() - guarded >= self.timing.look:
                        for guard in self.guards:
                            guard()
                        guarded = time.monotonic()
                    _sleep(pipe, 0.1 if waiting else self._idle(places))
                return 0
            finally:
                self.told("stopping", "", {})
                self._stop(places)

    def _idle(self, places: list[_Place]) -> float:
        """Nothing to look at before the next start that is due or the next round of the guards."""
        waits = [place.due - time.monotonic() for place in places if not place.pid]
        return max(0.0, min([self.timing.look, *waits]))

    def _start_due(self, places: list[_Place]) -> None:
        for place in places:
            if not place.pid and place.due <= time.monotonic():
                place.pid = fork(place.child.run)
                place.started = time.monotonic()

    def _reap(self, places: list[_Place]) -> bool:
        """Notice the dead and set the moment of their return; True when somebody died."""
        anybody = False
        for place in places:
            status = _ended(place.pid) if place.pid else None
            if status is None:
                continue
            anybody = True
            lived = time.monotonic() - place.started
            place.failures = 1 if lived >= self.timing.settled else place.failures + 1
            pause = self.timing.pause(place.failures)
            place.pid, place.due = 0, time.monotonic() + pause
            self.told("died", place.child.name, {"status": status, "pause": pause})
        return anybody

    def _stop(self, places: list[_Place]) -> None:
        """Ask everybody at once, wait, then insist."""
        alive = [place.pid for place in places if place.pid]
        for number, seconds in ((signal.SIGTERM, self.timing.grace), (signal.SIGKILL, 5.0)):
            for pid in alive:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            limit = time.monotonic() + seconds
            while alive and time.monotonic() < limit:
                alive = [pid for pid in alive if _ended(pid) is None]
                time.sleep(0.02 if alive else 0)


def fork(run: Callable[[], int | None]) -> int:
    """Run a function in a child process and return its number; the child ends when its parent does."""
    parent = os.getpid()
    _flush()
    pid = os.fork()
    if not pid:
        _become(run, parent)
    return pid


def _become(run: Callable[[], int | None], parent: int) -> NoReturn:
    status = 1
    try:
        # A group of its own: Ctrl-C reaches the parent alone, which then stops everybody in order.
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in (*STOPPING, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        if sys.platform.startswith("linux"):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
        if os.getppid() == parent:
            status = run() or 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # the child reports and ends; nobody above it could handle anything
        traceback.print_exc()
    finally:
        _flush()
        os._exit(status)


def apart(work: Callable[[], str]) -> str:
    """Do some work in a child and return the text it gave: what it used of memory goes with it.

    Raises RuntimeError when it failed; its traceback is on stderr by then.
    """
    reader, writer = os.pipe()

    def report() -> int:
        os.close(reader)
        answer = work()
        with os.fdopen(writer, "w", encoding="utf-8") as pipe:
            pipe.write(answer)
        return 0

    pid = fork(report)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(pid, 0)
    if status:
        raise RuntimeError(f"the step ended with status {os.waitstatus_to_exitcode(status)}")
    return answer


def _ended(pid: int) -> int | None:
    """The exit status of a child that ended (negative: the signal), None while it lives."""
    try:
        found, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if found else None


@contextlib.contextmanager
def _wake_up() -> Iterator[tuple[int, list[int]]]:
    """A pipe that a signal writes to, and the list of the stopping signals that came."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    os.set_blocking(reader, False)
    stopping: list[int] = []
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, lambda n, _: stopping.append(n)) for number in STOPPING}
    handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
    try:
        yield reader, stopping
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        os.close(reader)
        os.close(writer)


def _sleep(pipe: int, seconds: float) -> None:
    readable, _, _ = select.select([pipe], [], [], seconds)
    if readable:
        with contextlib.suppress(BlockingIOError):
            os.read(pipe, 4096)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()

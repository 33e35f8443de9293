"""Heavy work on untrusted files, done by a process of its own: bounded in memory and time, of low priority.

What makes a decoder run wild takes nothing else along, and publishing goes on meanwhile. The module that
does the work is started as `python -m module`; it reads one job as JSON and answers with lines of JSON:
{"done": 0.4}, and at last {"made": {...}} or {"broken": code}.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from niva.kit.images import Broken

MOST_MEMORY: Final = 3 * 1024**3  # bytes of addresses; x264 at 1080p with two threads lives in a tenth
MOST_SECONDS: Final = 2 * 3600.0  # of work on one film
SILENT_FOR: Final = 120.0  # seconds without a sign of life until it is taken for dead


async def ask(
    module: str,
    job: dict[str, Any],
    on_done: Callable[[float], object],
    *,
    most_seconds: float = MOST_SECONDS,
    silent_for: float = SILENT_FOR,
) -> dict[str, Any]:
    """What the module makes of the job. `on_done` hears the share that is done, 0.0 to 1.0.

    Cancelled, it ends the process. Raises Broken: what the module says, broken (it died), too_slow.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "MALLOC_ARENA_MAX": "2"},
        limit=1024 * 1024,
    )
    try:
        async with asyncio.timeout(most_seconds):
            return await _listen(child, json.dumps(job).encode(), on_done, silent_for)
    except TimeoutError as error:
        raise Broken("too_slow") from error
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(signal.SIGKILL)
            await child.wait()


async def _listen(
    child: asyncio.subprocess.Process, job: bytes, on_done: Callable[[float], object], silent_for: float
) -> dict[str, Any]:
    assert child.stdin is not None and child.stdout is not None
    with contextlib.suppress(ConnectionError):
        child.stdin.write(job)
        await child.stdin.drain()
    child.stdin.close()
    while line := await asyncio.wait_for(child.stdout.readline(), silent_for):
        told = json.loads(line)
        if "made" in told:
            made: dict[str, Any] = told["made"]
            return made
        if "broken" in told:
            raise Broken(told["broken"])
        on_done(float(told["done"]))
    raise Broken("broken")  # it died: of memory, most likely


def answer(work: Callable[[dict[str, Any], Callable[[float], object]], dict[str, Any]]) -> None:
    """The other side: one job from standard input, done by `work(job, on_done)`."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    job = json.load(sys.stdin)
    said = 0.0

    def on_done(share: float) -> None:
        nonlocal said
        if time.monotonic() - said > 0.5:
            said = time.monotonic()
            _say(done=round(share, 3))

    try:
        made = work(job, on_done)
    except Broken as broken:
        _say(broken=broken.code)
    except MemoryError:
        _say(broken="broken")
    else:
        _say(made=made)


def _say(**told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()

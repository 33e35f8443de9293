"""Runs the practice network alone: `python -m niva.networks.practice.server --help`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from niva.networks.practice.server.app import DEFAULT_PORT, serve
from niva.networks.practice.server.life import DEFAULT_PACE


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m niva.networks.practice.server", description=__doc__)
    port = int(os.environ.get("NIVA_PRACTICE_PORT", DEFAULT_PORT))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port, help="default: NIVA_PRACTICE_PORT or 8131; 0 = any")
    parser.add_argument("--data", type=Path, default=Path("practice.sqlite3"), help="the SQLite file")
    parser.add_argument("--speed", type=float, default=DEFAULT_PACE, help="how much faster than the clock")
    return parser.parse_args()


async def run(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # not every system has signals in its event loop
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    secret = os.environ.get("NIVA_PRACTICE_SECRET", "")
    async with serve(options.data, options.host, options.port, options.speed, secret=secret) as serving:
        sys.stdout.write(f"{serving.url}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    try:
        asyncio.run(run(arguments()))
    except OSError as error:
        sys.exit(f"The practice network cannot start: {error}")

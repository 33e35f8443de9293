"""`niva worker` whose clock on the wall can be moved while it runs: `python -m tools.torture.shifted FILE`.

FILE holds the shift in seconds and is read ten times a second. Moves what this process takes for the time of
day (datetime, time.time); not the monotonic clocks, which do not jump in life either, and not the database's.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine


def follow(file: Path) -> None:
    clock = time_machine.travel(datetime.now(UTC), tick=True).start()
    shift = 0.0
    while True:
        with contextlib.suppress(OSError, ValueError):
            wanted = float(file.read_text())
            if wanted != shift:
                clock.shift(timedelta(seconds=wanted - shift))
                shift = wanted
        time.sleep(0.1)


if __name__ == "__main__":
    threading.Thread(target=follow, args=(Path(sys.argv[1]),), daemon=True).start()
    from niva.cli.main import main

    sys.exit(main(["worker"]))

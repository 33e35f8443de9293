"""How much memory the whole desk takes at rest: `make bench-memory`.

Starts `niva run` with the demo in a home of its own, opens the main pages once, waits until nothing moves,
and adds up the PSS (proportional set size: unshared pages whole, shared ones by their share) of every process
of the desk: supervisor, pages, jobs with the practice network, database. The last line is JSON. Linux only.
"""

from __future__ import annotations

import contextlib
import http.cookiejar
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LIMIT_MB = 250.0
START_SECONDS = 240
REST_SECONDS = float(os.environ.get("BENCH_REST", "20"))
PAGES = ("/", "/plan/", "/posts/", "/clients/", "/clients/1/", "/people/", "/posts/new/")
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Weight:
    """One process, in megabytes."""

    pid: int
    name: str
    pss: float
    anonymous: float


def main() -> int:
    if not sys.platform.startswith("linux"):
        print("The memory of processes can only be added up on Linux.", file=sys.stderr)
        return 2
    with (
        tempfile.TemporaryDirectory(prefix="niva-memory-") as folder,
        desk(Path(folder)) as (process, address),
    ):
        read_pages(address)
        time.sleep(REST_SECONDS)
        weights = sorted(weigh(process.pid), key=lambda one: -one.pss)
    for one in weights:
        print(f"{one.pss:7.1f} MB  {one.anonymous:7.1f} MB anonymous  {one.pid:>7}  {one.name}")
    total = sum(one.pss for one in weights)
    print(f"{total:7.1f} MB in all, {len(weights)} processes; the limit is {LIMIT_MB:g} MB")
    print(json.dumps({"pss_mb": round(total, 1), "limit_mb": LIMIT_MB, "processes": len(weights)}))
    return 0 if total < LIMIT_MB else 1


@contextlib.contextmanager
def desk(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running desk and the address that signs its owner in; stopped at the end."""
    environment = {**os.environ, "NIVA_HOME": str(home / "home"), "NIVA_PORT": "0"}
    environment.pop("DATABASE_URL", None)
    environment.pop("NIVA_DEMO", None)
    log = home / "run.log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "niva", "run"],
            cwd=ROOT,
            env=environment,
            stdout=sink,
            stderr=sink,
            text=True,
        )
    try:
        yield process, signed_in_address(process, log)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def signed_in_address(process: subprocess.Popen[str], log: Path) -> str:
    """Wait for the line with the address. Raises RuntimeError when the desk does not come up."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if found := re.search(r"http://\S+/enter/\S+", log.read_text()):
            return found[0]
        time.sleep(0.2)
    raise RuntimeError(f"the desk did not come up:\n{log.read_text()}")


def read_pages(address: str) -> None:
    """Sign in and open every main page once, as a person would."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    base = address.split("/enter/")[0]
    for url in (address, *(base + page for page in PAGES)):
        began = time.monotonic()
        with opener.open(url, timeout=60) as answer:
            size = len(answer.read())
        print(f"{(time.monotonic() - began) * 1000:6.0f} ms {size / 1024:7.1f} KB  {url.split('/enter/')[0]}")


def weigh(root: int) -> Iterator[Weight]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        with contextlib.suppress(OSError):  # it may have ended meanwhile
            yield _weight(pid)


def _weight(pid: int) -> Weight:
    place = Path("/proc") / str(pid)
    lines = (place / "smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {line.partition(":")[0]: int(line.split()[1]) for line in lines}
    command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    name = re.sub(r"^\S*/", "", command)[:48]
    return Weight(pid, name, kilobytes["Pss"] / 1024, kilobytes.get("Pss_Anon", 0) / 1024)


if __name__ == "__main__":
    raise SystemExit(main())

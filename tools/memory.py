"""What a running desk weighs: PSS of every process of it, in MB (Linux).

python tools/memory.py PID      the supervisor's number; the database is found by its data directory
"""

from __future__ import annotations

import sys
from pathlib import Path

PROC = Path("/proc")


def main(arguments: list[str]) -> int:
    """Print one line a process and the sum; 1 when the process is not there."""
    root = int(arguments[0])
    family = tree(root)
    if not family:
        print(f"no process {root}", file=sys.stderr)
        return 1
    total = 0.0
    for pid in family:
        weight = pss(pid)
        total += weight
        words = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        print(f"{weight:7.1f} MB  {pid:>7}  {words[:70].strip()}")
    print(f"{total:7.1f} MB  in all")
    return 0


def tree(root: int) -> list[int]:
    """The process and everything below it."""
    parents: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root] if (PROC / str(root)).exists() else []
    for pid in found:
        found += parents.get(pid, [])
    return found


def pss(pid: int) -> float:
    """Megabytes of one process, shared pages divided by the number that share them."""
    lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Everything `make check` looks at, one line a step; the words of a failed step are shown in full.

python tools/check.py            all steps
python tools/check.py lint types some of them
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from niva.kit.postgres import FAST, Server  # noqa: E402

PYTHON = sys.executable
BIN = Path(PYTHON).parent
MANAGE = [PYTHON, "manage.py"]
STEPS: list[tuple[str, list[str]]] = [
    ("lint", [str(BIN / "ruff"), "check", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("layers", [str(BIN / "lint-imports")]),
    ("system", [*MANAGE, "check", "--fail-level", "WARNING"]),
    ("migrations are complete", [*MANAGE, "makemigrations", "--check", "--dry-run"]),
    ("migrations apply", [*MANAGE, "migrate", "--verbosity", "0"]),
    ("front end types", [PYTHON, "tools/npm.py", "run", "check"]),
]
# Tools with a command `check` of their own.
TOOLS = ("messages", "docs", "openapi")


def main(wanted: list[str]) -> int:
    """Run the steps whose names hold one of the wanted words; 1 when any of them failed."""
    steps = [*STEPS, *((name, [PYTHON, f"tools/{name}.py", "check"]) for name in TOOLS if tool(name))]
    failed = []
    with throwaway_database() as environment:
        for name, command in steps:
            if wanted and not any(word in name for word in wanted):
                continue
            if not passes(name, command, environment):
                failed.append(name)
    print(f"\n{'Failed: ' + ', '.join(failed) if failed else 'All checks passed.'}")
    return 1 if failed else 0


def tool(name: str) -> bool:
    return (ROOT / "tools" / f"{name}.py").exists()


def passes(name: str, command: list[str], environment: dict[str, str]) -> bool:
    """Run one step and tell how it went."""
    began = time.monotonic()
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    good = answer.returncode == 0
    print(f"{'ok    ' if good else 'FAILED'} {time.monotonic() - began:5.1f} s  {name}", flush=True)
    if not good:
        print(answer.stdout + answer.stderr, flush=True)
    return good


@contextmanager
def throwaway_database() -> Iterator[dict[str, str]]:
    """An environment with an empty home and an empty PostgreSQL, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="niva-check-") as folder:
        server = Server(Path(folder) / "postgres", settings=FAST, die_with_us=True)
        server.start()
        try:
            yield {**os.environ, "DATABASE_URL": server.url(), "NIVA_HOME": str(Path(folder) / "home")}
        finally:
            server.stop(immediately=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

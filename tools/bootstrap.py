#!/usr/bin/env python3
"""Make this clone ready to run: environment, locked packages, front end, translations.

    python3 tools/bootstrap.py            what `make run` needs
    python3 tools/bootstrap.py --dev      what `make test` and `make check` need as well
    python3 tools/bootstrap.py --front    build the front end again
    python3 tools/bootstrap.py --lock     resolve the requirements anew and write requirements/*.txt

Nothing but the standard library is used, and the first lines run on an old Python 3 too, to say so in
plain words. Every step leaves a stamp of what it was made from, so that the second time nothing is done
twice.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STATE = ROOT / ".niva"
LOCKS = ROOT / "requirements"
FRONT = ROOT / "frontend"
DIST = ROOT / "src" / "niva" / "web" / "static" / "dist"
CATALOGUES = ROOT / "src" / "niva" / "locale"
OLDEST = (3, 11)
CANDIDATES = ("python3", "python3.14", "python3.13", "python3.12", "python3.11", "python")
LEVELS = {"run": ("run", "build", "bootstrap"), "dev": ("dev", "build", "bootstrap")}
LANGUAGES = [os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
RUSSIAN = next(filter(None, LANGUAGES), "").startswith("ru")
STARTED = time.monotonic()


def say(english: str, russian: str) -> None:
    """One line of progress with the seconds since the start."""
    print(f"[{time.monotonic() - STARTED:5.1f} s] {russian if RUSSIAN else english}", flush=True)


class Stop(Exception):
    """Something is missing that only a person can mend; the text says what and how."""

    def __init__(self, english: str, russian: str) -> None:
        super().__init__(russian if RUSSIAN else english)


def main() -> int:
    """Run the steps that are due; the result is the exit status."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    for flag in ("--dev", "--front", "--lock"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    try:
        use_a_new_enough_python()
        STATE.mkdir(exist_ok=True)
        with (STATE / "bootstrap.lock").open("w") as lock:
            wait_for(lock)
            make_environment()
            if options.lock:
                make_locks()
            install("dev" if options.dev else "run")
            write_launchers()
            build_front_end(again=options.front)
            compile_translations()
    except Stop as stop:
        print(f"\n{stop}\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def use_a_new_enough_python() -> None:
    """Go on with this interpreter, or start over with a newer one that is installed beside it."""
    if sys.version_info >= OLDEST:
        return
    for name in CANDIDATES:
        path = shutil.which(name)
        if path and probe(path) >= OLDEST:
            os.execv(path, [path, *sys.argv])
    have = ".".join(map(str, sys.version_info[:3]))
    raise Stop(
        f"Niva needs Python 3.11 or newer; here is {have}. Install a newer one beside it "
        "(Debian, Ubuntu: sudo apt-get install python3 python3-venv; macOS: brew install python@3.13) and "
        "repeat.",
        f"Ниве нужен Python 3.11 или новее, а здесь {have}. Поставьте рядом более новый "
        "(Debian, Ubuntu: sudo apt-get install python3 python3-venv; macOS: brew install python@3.13) и "
        "повторите.",
    )


def probe(path: str) -> tuple[int, ...]:
    """The version of an interpreter, (0,) when it does not run."""
    try:
        command = [path, "-c", "import sys; print(*sys.version_info[:2])"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
        return tuple(int(part) for part in answer.stdout.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return (0,)


def wait_for(lock: object) -> None:
    """One set-up at a time in one clone."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
    except BlockingIOError:
        say("Another set-up works in this folder; waiting for it", "В этой папке уже идёт установка, жду её")
        fcntl.flock(lock, fcntl.LOCK_EX)  # type: ignore[arg-type]


def make_environment() -> None:
    """The virtual environment in .venv; one whose Python has gone is made anew."""
    if PYTHON.exists() and (VENV / "bin" / "pip").exists() and probe(str(PYTHON)) >= OLDEST:
        return
    say("Making the Python environment in .venv", "Создаю окружение Python в .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    command = [sys.executable, "-m", "venv", str(VENV)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    said = (answer.stdout + answer.stderr).strip()
    if "ensurepip" in said or "No module named venv" in said:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise Stop(
            f"This Python has no venv module. Install it and repeat: sudo apt-get install {package}",
            f"В этом Python нет модуля venv. Поставьте его и повторите: sudo apt-get install {package}",
        )
    raise Stop(f"Could not make .venv:\n{said}", f"Не получилось создать .venv:\n{said}")


def install(wanted: str) -> None:
    """Bring .venv to the locked packages. An environment that has the developers' ones keeps them."""
    stamp_file = VENV / "niva-packages.json"
    before = read_json(stamp_file)
    level = "dev" if "dev" in (wanted, before.get("level")) else "run"
    files = [LOCKS / f"{name}.txt" for name in LEVELS[level]]
    stamp = {"level": level, "hash": digest(files), "python": venv_version()}
    if stamp == before:
        return
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        say("Installing the installer (uv)", "Ставлю установщик (uv)")
        step = ["-m", "pip", "install", "-q", "--require-hashes", "--only-binary", ":all:", "-r"]
        run_or_stop([PYTHON, *step, LOCKS / "bootstrap.txt"])
    count = sum(1 for line in files[0].read_text().splitlines() if "==" in line and not line.startswith(" "))
    say(f"Installing {count} packages, checked by hash", f"Ставлю {count} пакетов, сверяя контрольные суммы")
    command = [uv, "pip", "sync", "-q", "--require-hashes", "--only-binary", ":all:", "--python", PYTHON]
    run_or_stop([*command, *files])
    stamp_file.write_text(json.dumps(stamp))


def venv_version() -> str:
    """The version of Python that .venv was made with, as its own configuration tells it."""
    for line in (VENV / "pyvenv.cfg").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "version":
            return value.strip()
    return ".".join(map(str, probe(str(PYTHON))))


def run_or_stop(command: list[object]) -> None:
    """Run a step that needs the network; stop with its last words when it fails."""
    words = [str(part) for part in command]
    answer = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode == 0:
        return
    said = "\n".join((answer.stdout + answer.stderr).strip().splitlines()[-15:])
    raise Stop(
        f"This step failed: {command[0]}. The end of what it said:\n\n{said}\n\n"
        "If it could not reach the network, look at the connection or the proxy and repeat: "
        "what is loaded already is kept.",
        f"Не получилось: {command[0]}. Конец вывода:\n\n{said}\n\n"
        "Если не было связи, проверьте сеть или прокси и повторите: уже загруженное сохранится.",
    )


def write_launchers() -> None:
    """Let .venv's Python find the sources of this clone, and give it the command `niva`."""
    for packages in (VENV / "lib").glob("python3*/site-packages"):
        write_if_new(packages / "niva-tree.pth", f"{ROOT / 'src'}\n{ROOT}\n")
    launcher = VENV / "bin" / "niva"
    text = f"#!{PYTHON}\nimport sys\n\nfrom niva.cli.main import main\n\nsys.exit(main())\n"
    if len(str(PYTHON)) > 120 or " " in str(PYTHON):
        # The kernel takes neither long paths nor spaces in the first line of a script.
        text = f"#!/bin/sh\n'''exec' '{PYTHON}' \"$0\" \"$@\"\n'''\n" + text.split("\n", 1)[1]
    write_if_new(launcher, text)
    launcher.chmod(0o755)


def write_if_new(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def build_front_end(*, again: bool = False) -> None:
    """`npm ci` and `npm run build` with the Node of the wheel, when frontend/ has changed."""
    if not (FRONT / "package.json").exists():
        say(
            "No frontend/ in this clone; pages come without styles",
            "Папки frontend/ нет, страницы будут без стилей",
        )
        return
    stamp, stamp_file = digest(front_end_sources()), DIST / ".stamp"
    if not again and stamp_file.exists() and stamp_file.read_text() == stamp:
        return
    locks = [FRONT / "package.json", FRONT / "package-lock.json"]
    packages_stamp = FRONT / "node_modules" / ".niva-stamp"
    if not packages_stamp.exists() or packages_stamp.read_text() != digest(locks):
        say("Installing what the front end is built with", "Ставлю то, чем собирается интерфейс")
        run_or_stop([PYTHON, ROOT / "tools" / "npm.py", "ci", "--no-audit", "--no-fund"])
        packages_stamp.write_text(digest(locks))
    say("Building the front end", "Собираю интерфейс")
    run_or_stop([PYTHON, ROOT / "tools" / "npm.py", "run", "build"])
    DIST.mkdir(parents=True, exist_ok=True)
    stamp_file.write_text(stamp)


def front_end_sources() -> list[Path]:
    """Every file the bundle is made from, without walking through node_modules."""
    found: list[Path] = []
    for folder, below, names in os.walk(FRONT):
        below[:] = [name for name in below if name not in ("node_modules", "generated")]
        found += [Path(folder, name) for name in names]
    return [*found, *(ROOT / "src/niva/networks").glob("*/manifest.toml")]  # signs and their colours


def compile_translations() -> None:
    """django.po -> django.mo where a catalogue is newer than its compiled form."""
    catalogues = sorted(CATALOGUES.rglob("*.po"))
    tool = ROOT / "tools" / "messages.py"
    compiled = [path.with_suffix(".mo") for path in catalogues]
    stamp_file, stamp = STATE / "messages", digest([*catalogues, tool]) if tool.exists() else ""
    if not catalogues or not stamp:
        return
    if all(path.exists() for path in compiled) and stamp_file.exists() and stamp_file.read_text() == stamp:
        return
    say("Compiling translations", "Собираю переводы")
    run_or_stop([PYTHON, tool, "compile"])
    stamp_file.write_text(stamp)


def make_locks() -> None:
    """Resolve pyproject.toml into requirements/*.txt for every platform, with hashes."""
    targets: dict[str, list[str]] = {
        "run": ["pyproject.toml"],
        "dev": ["pyproject.toml", "--group", "dev"],
        "build": ["--group", "build"],
        "bootstrap": ["--group", "bootstrap"],
    }
    uv = VENV / "bin" / "uv"
    for name, what in targets.items():
        say(f"Resolving requirements/{name}.txt", f"Подбираю версии: requirements/{name}.txt")
        common = ["--universal", "--generate-hashes", "--no-header", "--python-version", "3.11", "-q"]
        run_or_stop([uv, "pip", "compile", *common, *what, "-o", f"requirements/{name}.txt"])


def digest(paths: list[Path]) -> str:
    """One hash of the names and the contents of files; a missing file counts as empty."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(path.read_bytes() if path.exists() else b"")
    return total.hexdigest()


def read_json(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


if __name__ == "__main__":
    sys.exit(main())

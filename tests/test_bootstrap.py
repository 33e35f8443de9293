"""The set-up of a clone when something is missing: plain words, a status that says so, nothing half-made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "tools" / "bootstrap.py"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of a clone as the set-up needs to begin with."""
    (tmp_path / "tools").mkdir()
    shutil.copy(TOOL, tmp_path / "tools")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def set_up(clone: Path, *, before: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the tool of that clone; `before` is Python that runs ahead of it in the same interpreter."""
    source = (
        f"{before}\nimport runpy\nrunpy.run_path({str(clone / 'tools/bootstrap.py')!r}, run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", source],
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_old_python_is_told_what_to_do(clone: Path) -> None:
    answer = set_up(clone, before="import sys; sys.version_info = (3, 8, 1)", PATH="/nowhere")
    assert answer.returncode == 1
    assert "needs Python 3.11 or newer; here is 3.8.1" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_an_old_python_hands_over_to_a_newer_one(clone: Path, tmp_path: Path) -> None:
    newer = tmp_path / "bin"
    newer.mkdir()
    (newer / "python3.13").write_text('#!/bin/sh\n[ "$1" = -c ] && echo 3 13 || echo "handed over to $1"\n')
    (newer / "python3.13").chmod(0o755)
    answer = set_up(clone, before="import sys; sys.version_info = (3, 8, 1)", PATH=str(newer))
    assert answer.stdout == f"handed over to {clone}/tools/bootstrap.py\n"


def test_a_python_without_venv_is_told_the_package(clone: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "venv"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("")
    (broken / "__main__.py").write_text("raise SystemExit('ensurepip is not available')")
    answer = set_up(clone, PYTHONPATH=str(broken.parent), LC_ALL="ru_RU.UTF-8")
    assert answer.returncode == 1
    assert f"sudo apt-get install python3.{sys.version_info[1]}-venv" in answer.stderr
    assert "нет модуля venv" in answer.stderr
    assert not (clone / ".venv").exists()


@pytest.mark.thorough
def test_without_a_network_it_says_so_and_tries_again_next_time(clone: Path) -> None:
    nowhere = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
    }
    for _ in range(2):
        answer = set_up(clone, **nowhere, PIP_NO_CACHE_DIR="1")
        assert answer.returncode == 1
        assert "look at the connection or the proxy and repeat" in answer.stderr
        assert not (clone / ".venv" / "niva-packages.json").exists()


def test_every_locked_package_has_a_hash_and_no_place(clone: Path) -> None:
    for lock in (clone / "requirements").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        pins = [line for line in text.splitlines() if "==" in line and not line.startswith((" ", "#"))]
        assert pins
        assert all(line.rstrip().endswith("\\") for line in pins), lock.name
        assert "://" not in text
        assert "--index" not in text

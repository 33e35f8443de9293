"""What stands in deploy/ fits the program: variables, commands, times, and what systemd says of the units."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from niva.cli.main import _parser as parser
from niva.flows.work import GRACE
from niva.kit.jobs.running import UNWIND_SECONDS

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = ("niva-web.service", "niva-worker@.service")
PROGRAM = "/opt/niva/.venv/bin/niva"
# Of other programs: PostgreSQL's image, and what Python and the shell read.
FOREIGN = {
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD",
    "PATH",
    "PYTHONUNBUFFERED",
    "PYTHONDONTWRITEBYTECODE",
}


def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def services() -> dict[str, dict[str, Any]]:
    return compose()["services"]


def unit(name: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
    read.optionxform = str
    read.read_string((DEPLOY / name).read_text())
    return read


def variables() -> set[str]:
    return set(tomllib.loads((ROOT / "tools" / "variables.toml").read_text()))


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))


def commands() -> list[list[str]]:
    """Every call of the desk that stands there, as arguments."""
    found = [one["command"][1:] for one in services().values() if one.get("command", [""])[0] == "niva"]
    lines = [line for name in UNITS for line in (DEPLOY / name).read_text().splitlines()]
    found += [
        shlex.split(line.split(PROGRAM, 1)[1])
        for line in lines
        if line.startswith("ExecStart") and PROGRAM in line
    ]
    found += [re.findall(r'"(\w+)"', line)[1:] for line in dockerfile() if line.startswith("CMD")]
    return found


def dockerfile() -> list[str]:
    return (DEPLOY / "Dockerfile").read_text().splitlines()


def test_every_command_is_one():
    assert len(commands()) >= 7
    for arguments in commands():
        parser().parse_args(arguments)  # ends the program on what it does not know


def test_every_variable_is_known():
    named = {name for one in services().values() for name in one.get("environment", {})}
    example = (DEPLOY / "niva.env.example").read_text()
    named |= set(re.findall(r"^#?([A-Z_]+)=", example, re.M))
    named |= set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))
    named |= {name for line in dockerfile() for name in re.findall(r"\b([A-Z_]{4,})=", line)}
    named |= {line.split("=")[0] for name in UNITS for line in [unit(name)["Service"]["Environment"]]}
    assert {"DATABASE_URL", "NIVA_HOME", "NIVA_METRICS_TOKEN"} <= named
    assert named <= variables() | FOREIGN


def test_a_worker_gets_the_time_that_it_asks_for():
    needed = GRACE + UNWIND_SECONDS
    assert seconds(services()["worker"]["stop_grace_period"]) > needed
    for name in UNITS:
        assert seconds(unit(name)["Service"]["TimeoutStopSec"]) > needed


def test_compose_stands_on_itself():
    """What a service names is there: volumes, services, files; and nothing runs before the migrations."""
    whole = compose()
    for name, one in whole["services"].items():
        for mount in one.get("volumes", []):
            assert mount.split(":")[0] in whole["volumes"], name
        assert set(one.get("depends_on", {})) <= set(whole["services"]), name
        if "build" in one:
            assert (DEPLOY / one["build"]["context"] / one["build"]["dockerfile"]).resolve().exists()
            assert one["volumes"] == ["home:/var/lib/niva"]
    for name in ("web", "worker"):
        assert services()[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services()["worker"]["deploy"]["replicas"] >= 2
    assert services()["web"]["ports"] == ["127.0.0.1:8130:8130"]


def test_the_image_is_made_of_what_is_there():
    copied = [
        shlex.split(line)[1:-1] for line in dockerfile() if line.startswith("COPY") and "--from" not in line
    ]
    ran = [part for line in dockerfile() for part in re.findall(r"tools/\w+\.py", line)]
    assert copied
    assert ran == ["tools/bootstrap.py"]
    for path in [*(one for several in copied for one in several), *ran]:
        assert (ROOT / path).exists(), path
    home = next(line for line in dockerfile() if line.startswith("VOLUME")).split()[1]
    assert services()["worker"]["environment"]["NIVA_HOME"] == home


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_units_and_finds_them_tight(name, tmp_path):
    copy = tmp_path / name
    copy.write_text((DEPLOY / name).read_text().replace(PROGRAM, "/bin/true"))
    read = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True)
    assert (read.returncode, read.stderr) == (0, "")
    # Its own measure goes from 0 (tight) to 10; 2 is far below what it calls "exposed".
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", copy]
    judged = subprocess.run(command, capture_output=True, text=True)
    assert judged.returncode == 0, judged.stdout[-300:]

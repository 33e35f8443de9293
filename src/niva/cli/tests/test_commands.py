"""Commands of the terminal, called as a person calls them: words on the screen and the exit status."""

from __future__ import annotations

import gettext
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polib
import psycopg
import pytest
import time_machine

from niva.cli import checks_machine, text
from niva.cli.db import STATES
from niva.cli.main import main
from niva.kit import filelock, ports
from niva.kit.home import Home, load_or_make_secrets
from niva.kit.postgres import Server


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """An empty home and an English terminal; the embedded server is stopped afterwards."""
    root = Path(tempfile.mkdtemp(prefix="niva-cli-"))
    monkeypatch.setenv("NIVA_HOME", str(root))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with ports.listen("127.0.0.1", 0) as taken:
        monkeypatch.setenv("NIVA_PORT", str(taken.getsockname()[1]))
    yield Home(root)
    Server(root / "postgres").stop(immediately=True)
    shutil.rmtree(root, ignore_errors=True)


def doctor(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit status and the last finding about each subject."""
    status = main(["doctor", "--json"])
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return status, {finding["subject"]: finding for finding in found}


def test_doctor_looks_at_an_empty_home_and_changes_nothing(
    place: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    _, found = doctor(capsys)
    assert found["PostgreSQL"]["text"].startswith("18.")
    assert found["Database"]["level"] == "note"
    assert "is free" in found["Port"]["text"]
    assert found["Clock"]["level"] == "fine"
    assert list(place.root.iterdir()) == []


def test_doctor_names_who_has_the_port(
    place: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ports.listen("127.0.0.1", 0) as taken:
        monkeypatch.setenv("NIVA_PORT", str(taken.getsockname()[1]))
        status, found = doctor(capsys)
    assert status == 1
    assert found["Port"]["level"] == "wrong"
    assert Path(sys.executable).name in found["Port"]["text"]
    assert "NIVA_PORT=" in found["Port"]["mend"]


def test_doctor_knows_a_running_desk(place: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with filelock.hold(place.run_lock, note="http://127.0.0.1:8130"):
        _, found = doctor(capsys)
    assert found["Desk"]["text"] == "runs: http://127.0.0.1:8130"


def test_doctor_sees_open_and_damaged_secrets(place: Home, capsys: pytest.CaptureFixture[str]) -> None:
    load_or_make_secrets(place)
    place.secrets_file.chmod(0o644)
    status, found = doctor(capsys)
    assert status == 1
    assert found["Secrets"]["mend"] == f"chmod 600 {place.secrets_file}"
    place.secrets_file.write_text("{")
    status, found = doctor(capsys)
    assert status == 1
    assert "damaged" in found["Secrets"]["text"]


def test_doctor_sees_a_home_that_cannot_be(
    place: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.root / "file").write_text("")
    monkeypatch.setenv("NIVA_HOME", str(place.root / "file" / "home"))
    status, found = doctor(capsys)
    assert status == 1
    assert found["Home"]["level"] == "wrong"
    assert "NIVA_HOME=" in found["Home"]["mend"]


def test_doctor_doubts_a_clock_of_the_past(place: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(datetime(2001, 1, 1, tzinfo=UTC)):
        status, found = doctor(capsys)
    assert status == 1
    assert "2001-01-01" in found["Clock"]["text"]


def test_doctor_compares_packages_with_the_locks(
    place: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "requirements").mkdir()
    lock = tmp_path / "requirements" / "run.txt"
    monkeypatch.setattr(checks_machine, "CLONE", tmp_path)
    lock.write_text('django==0.1 \\\n    --hash=sha256:00\nno-such-thing==1.0 ; sys_platform == "win32" \\\n')
    status, found = doctor(capsys)
    assert status == 1
    assert "django" in found["Packages"]["text"]
    assert "/0.1" in found["Packages"]["text"]
    assert "no-such-thing" not in found["Packages"]["text"]


def test_doctor_for_people_ends_with_a_verdict(place: Home, capsys: pytest.CaptureFixture[str]) -> None:
    place.secrets_file.write_text("{")
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "✗ Secrets" in said
    assert "To be mended: " in said


def test_database_by_hand(place: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "status"]) == 1
    assert "has not been made yet" in capsys.readouterr().out
    assert main(["db", "start"]) == 0
    assert place.keep_database.exists()
    assert main(["db", "status"]) == 0
    assert "runs" in capsys.readouterr().out
    assert main(["db", "stop"]) == 0
    assert not place.keep_database.exists()
    assert "stopped" in capsys.readouterr().out


def test_dump_and_load(place: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = Server(place.postgres)
    server.start()
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'всё на месте' AS note")
    assert main(["db", "dump", str(tmp_path / "desk.dump")]) == 0
    other = place.root / "other"
    monkeypatch.setenv("NIVA_HOME", str(other))
    assert main(["db", "load", str(tmp_path / "desk.dump")]) == 0
    copy = Server(other / "postgres")
    assert copy.status().state == "stopped"
    copy.start()
    try:
        with psycopg.connect(copy.url()) as connection:
            assert connection.execute("SELECT note FROM kept").fetchone() == ("всё на месте",)
    finally:
        copy.stop(immediately=True)


def test_another_database_is_not_ours_to_manage(
    place: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/niva")
    assert main(["db", "stop"]) == 2
    assert "DATABASE_URL" in capsys.readouterr().err


def test_run_says_who_has_the_port(
    place: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ports.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("NIVA_PORT", str(port))
        with pytest.raises(SystemExit) as ended:
            main(["run"])
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert f"Port {port} is taken by" in said
    assert "NIVA_PORT=8140" in said
    assert not place.postgres.exists()


@pytest.mark.parametrize("value", ["eighty", "-1", "65536", "80.5"])
def test_port_that_is_none(
    place: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("NIVA_PORT", value)
    with pytest.raises(SystemExit) as ended:
        main(["run"])
    assert ended.value.code == 2
    assert value in capsys.readouterr().err


def test_run_says_when_its_home_cannot_be(
    place: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.root / "file").write_text("")
    monkeypatch.setenv("NIVA_HOME", str(place.root / "file" / "home"))
    assert main(["run"]) == 1
    assert "NIVA_HOME=" in capsys.readouterr().err


def test_the_terminal_speaks_russian_when_asked(place: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the catalogue as it is in the sources; the compiled one may be older."""
    source = polib.pofile(str(text.LOCALE / "ru" / "LC_MESSAGES" / "django.po"))
    monkeypatch.setattr(
        text, "_catalogue", lambda code: gettext.GNUTranslations(io.BytesIO(source.to_binary()))
    )
    said = {message: text._(message) for message in (*text.ARGPARSE, *STATES.values())}
    assert not [message for message, russian in said.items() if message == russian]

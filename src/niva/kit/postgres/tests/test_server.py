"""The adapter against real servers: first start, crashes, odd paths, closed folders, older data."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from niva.kit import filelock
from niva.kit.postgres import DURABLE, FAST, Busy, NotWritable, Server, WrongVersion, processes
from niva.kit.postgres import binaries as binaries_module
from niva.kit.postgres import server as server_module
from niva.kit.postgres.account import can_reach, server_account
from niva.kit.postgres.binaries import WHEEL, Binaries, find
from tests.prepared import plant

pytestmark = pytest.mark.thorough

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change the user of the server")
as_person = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, unlike pytest's own, so that a test decides itself how long a path is."""
    made = Path(tempfile.mkdtemp(prefix="niva-pg-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def make(folder: Path) -> Iterator[Callable[..., Server]]:
    """Servers of this folder. `grown`: its data directory is there already, for tests that are not about
    making one (a copy takes a tenth of the time).
    """
    made: list[Server] = []

    def build(name: str = "postgres", *, grown: bool = False, **more: object) -> Server:
        if grown:
            plant(folder / name)
        made.append(Server(folder / name, **{"settings": FAST, **more}))  # type: ignore[arg-type]
        return made[-1]

    yield build
    for one in made:
        one.stop(immediately=True)


def ask(server: Server, statement: str) -> object:
    with psycopg.connect(server.url(), connect_timeout=5) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


def put(server: Server) -> None:
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept (note text)")
        connection.execute("INSERT INTO kept VALUES ('всё на месте')")


def test_first_start_knows_russian(make: Callable[..., Server]) -> None:
    server = make()
    assert server.status().state == "absent"
    assert server.start() == "started"
    assert server.status().state == "running"
    assert ask(server, "SELECT lower('ЁЖИК')") == "ёжик"
    assert ask(
        server, "SELECT to_tsvector('russian', 'новости заказчиков') @@ to_tsquery('russian', 'заказчику')"
    )
    assert ask(server, "SELECT array_agg(x ORDER BY x) FROM unnest(ARRAY['я', 'а', 'м']) x") == [
        "а",
        "м",
        "я",
    ]
    assert ask(server, "SHOW server_encoding") == "UTF8"


def test_listens_on_no_network(make: Callable[..., Server]) -> None:
    server = make(grown=True)
    server.start()
    assert ask(server, "SHOW listen_addresses") == ""


def test_start_twice_adopts_and_stop_stops(make: Callable[..., Server]) -> None:
    server = make(grown=True)
    server.start()
    pid = server.status().pid
    assert make().start() == "adopted"
    assert server.status().pid == pid
    assert server.stop()
    assert server.status().state == "stopped"
    assert not server.stop()


def test_data_survive_kill_9_of_the_server(make: Callable[..., Server]) -> None:
    server = make(grown=True, settings=DURABLE)
    server.start()
    put(server)
    pid = server.status().pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    assert processes.wait_until_gone(pid, 10)
    assert (server.data / "postmaster.pid").exists()
    assert server.start() == "started"
    assert ask(server, "SELECT note FROM kept") == "всё на месте"


def test_server_outlives_its_starter_and_is_adopted(make: Callable[..., Server]) -> None:
    server = make(grown=True)
    script = (
        "import os, sys; from pathlib import Path; from niva.kit.postgres import Server;"
        "Server(Path(sys.argv[1])).start(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(server.root)], check=False, timeout=60)
    pid = server.status().pid
    assert pid is not None
    assert server.start() == "adopted"
    assert server.status().pid == pid


def test_throwaway_server_ends_with_its_starter(make: Callable[..., Server]) -> None:
    server = make(grown=True)
    script = (
        "import os, sys; from pathlib import Path; from niva.kit.postgres import Server;"
        "s = Server(Path(sys.argv[1]), die_with_us=True); s.start(); print(s.status().pid, flush=True);"
        "os.kill(os.getpid(), 9)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, str(server.root)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert processes.wait_until_gone(int(answer.stdout), 10)


def test_pid_file_of_a_stranger_is_not_believed(make: Callable[..., Server]) -> None:
    server = make(grown=True)
    server.start()
    server.stop()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        pid_file = server.data / "postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{server.data}\n1\n5432\n.\n\n1 1\nready\n")
        assert server.status().state == "stopped"
        assert server.start() == "started"
        assert stranger.poll() is None
        server.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("text", ["", "nonsense\n", "-5\n", "1\n"])
def test_damaged_pid_file(make: Callable[..., Server], text: str) -> None:
    server = make(grown=True)
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text(text)
    assert server.start() == "started"


def test_half_made_directory_is_made_again(make: Callable[..., Server]) -> None:
    server = make()
    draft = server.root / "data.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    if account := server_account():
        os.chown(server.root, account.uid, account.gid)
    assert server.start() == "started"
    assert not draft.exists()


@pytest.mark.parametrize(
    "name", ["с пробелом и ёлкой/postgres", "a,b/postgres", "x" * 100 + "/" + "y" * 60, "quote'\"$HOME/%s"]
)
def test_odd_and_long_paths(make: Callable[..., Server], name: str) -> None:
    server = make(name)
    server.start()
    assert ask(server, "SELECT 1") == 1
    assert len(os.fsencode(server.url().split("host=")[1])) < 400
    server.stop()


def test_folder_that_is_not_ours_is_left_alone(make: Callable[..., Server]) -> None:
    server = make()
    (server.root / "data").mkdir(parents=True)
    (server.root / "data" / "diary.txt").write_text("моё")
    with pytest.raises(WrongVersion, match="not a PostgreSQL data directory"):
        server.start()
    assert (server.root / "data" / "diary.txt").read_text() == "моё"


def test_place_that_cannot_be_made(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(NotWritable, match="NIVA_HOME"):
        Server(folder / "file" / "postgres").start()


@as_person
def test_place_that_cannot_be_written(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(NotWritable, match="NIVA_HOME"):
        Server(closed / "postgres").start()


@as_root
def test_root_runs_it_as_nobody_and_opens_nothing(make: Callable[..., Server], folder: Path) -> None:
    folder.chmod(0o700)
    server = make("closed/postgres")
    (folder / "closed").mkdir(mode=0o700)
    server.start()
    pid = server.status().pid
    assert Path(f"/proc/{pid}").stat().st_uid == server_account().uid  # type: ignore[union-attr]
    for untouched in (folder, folder / "closed"):
        facts = untouched.stat()
        assert (facts.st_uid, facts.st_mode & 0o777) == (0, 0o700)
    assert server.data.stat().st_mode & 0o777 == 0o700
    assert ask(server, "SELECT to_tsvector('russian', 'посты')::text") == "'пост':1"


@as_root
def test_programs_out_of_reach_are_copied(
    make: Callable[..., Server], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    original = find()
    for name in (WHEEL, f"{WHEEL}.libs"):
        source = original.root.parent.with_name(name)
        shutil.copytree(
            source, closed / name, symlinks=True, ignore=shutil.ignore_patterns("*.a", "pginstall")
        )
    hidden = Binaries(closed / WHEEL / original.root.name, original.major)
    assert not can_reach(Path(hidden.program("postgres")), server_account())
    monkeypatch.setattr(binaries_module, "find", lambda major=18: hidden)
    monkeypatch.setattr(server_module, "CACHE", folder / "cache")

    folder.chmod(0o755)
    beside = make()
    beside.start()
    assert ask(beside, "SELECT 1") == 1
    assert beside.cluster().binaries.root.is_relative_to(beside.root)

    folder.chmod(0o711)
    (folder / "home").mkdir(mode=0o700)
    apart = make("home/postgres")
    apart.start()
    assert ask(apart, "SELECT 1") == 1
    assert apart.cluster().binaries.root.is_relative_to(folder / "cache")
    assert closed.stat().st_mode & 0o777 == 0o700


def test_older_data_are_carried_over(make: Callable[..., Server]) -> None:
    old = make(major=16)
    old.start()
    put(old)
    old.stop()
    new = make()
    assert new.status().state == "other_version"
    assert new.start() == "upgraded"
    assert ask(new, "SELECT note FROM kept") == "всё на месте"
    assert str(ask(new, "SHOW server_version")).startswith("18.")
    assert (new.root / "data.version-16" / "PG_VERSION").read_text().strip() == "16"
    assert new.start() == "adopted"


def test_data_of_a_future_version_are_refused(make: Callable[..., Server]) -> None:
    server = make(grown=True)
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("99\n")
    with pytest.raises(WrongVersion, match="PostgreSQL 99"):
        server.start()


def test_server_of_other_programs_is_replaced(make: Callable[..., Server]) -> None:
    server = make(grown=True)
    server.start()
    pid = server.status().pid
    (server.root / "programs").write_text("/somewhere/else\n18.1\n")
    assert server.start() == "started"
    assert server.status().pid != pid


def test_two_starters_do_not_fight(make: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    server = make()
    server.start()
    server.stop()
    script = (
        "import sys; from pathlib import Path; from niva.kit.postgres import Server;"
        "print(Server(Path(sys.argv[1])).start())"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", script, str(server.root)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = sorted(one.communicate(timeout=60)[0].strip() for one in both)
    assert said == ["adopted", "started"]

    monkeypatch.setattr(server_module, "LOCK_SECONDS", 0.1)
    with filelock.hold(server.root / "lock", note="4711"), pytest.raises(Busy, match="4711"):
        server.stop()


def test_log_is_kept_small(make: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    server = make(grown=True)
    server.start()
    server.stop()
    monkeypatch.setattr(server_module, "LOG_BYTES", 10)
    server.log.write_text("старые строки " * 5)
    server.start()
    assert "старые строки" in server.log.with_suffix(".log.1").read_text()
    assert "старые строки" not in server.log.read_text()

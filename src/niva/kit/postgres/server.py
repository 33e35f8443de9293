"""The embedded server of one home: start or adopt it, stop it, tell how it is, name its address."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from niva.kit import filelock
from niva.kit.postgres import binaries, processes, sockets, upgrade
from niva.kit.postgres.account import Account, server_account
from niva.kit.postgres.cluster import OWNER, Cluster
from niva.kit.postgres.errors import Busy, NotWritable, WrongVersion, gettext_noop
from niva.kit.postgres.settings import DURABLE

DATABASE = "niva"
LOG_BYTES = 5_000_000
LOCK_SECONDS = 180.0
CACHE = Path("/var/cache/niva")

Outcome = Literal["started", "adopted", "upgraded"]


@dataclass(frozen=True)
class Status:
    """How the server is: `absent` (no data yet), `stopped`, `running`, `other_version`."""

    state: Literal["absent", "stopped", "running", "other_version"]
    pid: int | None
    data_major: int | None


class Server:
    """The server whose whole world is `root`: data, socket, log, lock. Making one touches nothing."""

    def __init__(
        self,
        root: Path,
        *,
        settings: dict[str, str] | None = None,
        die_with_us: bool = False,
        major: int | None = None,
    ) -> None:
        self.root = Path(root).absolute()
        self.settings = settings or DURABLE
        self._die_with_us = die_with_us
        self._major = major or binaries.MAJOR

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    @cached_property
    def account(self) -> Account | None:
        """Under whom the server runs: whoever owns the data already, else nobody for root, else ourselves."""
        standard = server_account()
        if standard is None or not self.data.exists():
            return standard
        facts = self.data.stat()
        return Account(facts.st_uid, facts.st_gid) if facts.st_uid else standard

    def cluster(self, name: str = "data", major: int | None = None) -> Cluster:
        """A data directory of this server with programs its account can reach. Raises `BinariesMissing`."""
        programs = binaries.find(major or self._major)
        places = [self.root, CACHE, Path(tempfile.gettempdir()) / "niva-programs"]
        reachable = binaries.within_reach(programs, self.account, places)
        return Cluster(self.root / name, self.log, reachable, self.account)

    def start(self) -> Outcome:
        """Bring the server up and make sure the database is there; safe to call when it runs already.

        Raises a `PostgresError`: `NotWritable`, `BinariesMissing`, `WrongVersion`, `StartFailed` or `Busy`.
        """
        self._make_root()
        with self._alone():
            outcome = self._start()
        self.create_database(DATABASE)
        return outcome

    def _start(self) -> Outcome:
        cluster = self.cluster()
        outcome: Outcome = "started"
        if processes.server_pid(self.data):
            if self._current(cluster) and self._answers():
                return "adopted"
            cluster.stop()
        upgrade.clear_drafts(self.root)
        found = upgrade.data_major(self.data)
        if found is None:
            self._first(cluster)
        elif found != self._major:
            self._carry_over(found)
            outcome = "upgraded"
        cluster.sweep()
        self._rotate_log()
        cluster.launch(self.settings, die_with_us=self._die_with_us)
        self._note_programs(cluster)
        return outcome

    def _first(self, cluster: Cluster) -> None:
        """A new data directory appears whole or not at all."""
        if self.data.exists() and any(self.data.iterdir()):
            raise WrongVersion(
                gettext_noop(
                    "%(path)s holds something that is not a PostgreSQL data directory. Move it away."
                ),
                path=self.data,
            )
        draft = self.cluster(upgrade.DRAFT)
        draft.initialise()
        if self.data.exists():
            self.data.rmdir()
        draft.data.rename(cluster.data)

    def _carry_over(self, found: int) -> None:
        if found > self._major or found not in binaries.FOLDERS:
            raise WrongVersion(
                gettext_noop(
                    "The data in %(path)s were written by PostgreSQL %(found)s, this version of the desk "
                    "brings "
                    "%(ours)s and cannot read them. Start the version of the desk that wrote them, save the "
                    "data "
                    "with `niva db dump`, and load them here with `niva db load`."
                ),
                path=self.data,
                found=found,
                ours=self._major,
            )
        upgrade.carry_over(
            root=self.root, old=self.cluster("data", found), new=self.cluster(upgrade.DRAFT), owner=OWNER
        )

    def stop(self, *, immediately: bool = False) -> bool:
        """Stop the server (`immediately`: without a clean ending); False when it did not run."""
        if not self.data.exists():
            return False
        with self._alone():
            stopped = self.cluster().stop(immediately=immediately)
        if stopped:
            sockets.forget(self.data)
        return stopped

    def status(self) -> Status:
        """How things stand, without changing anything."""
        found = upgrade.data_major(self.data)
        pid = processes.server_pid(self.data)
        if found is None:
            return Status("absent", pid, None)
        if found != self._major:
            return Status("other_version", pid, found)
        return Status("running" if pid else "stopped", pid, found)

    def programs_version(self) -> str:
        """The version of the programs that would be started, like `18.4`. Raises `BinariesMissing`."""
        return binaries.find(self._major).version()

    def url(self, database: str = DATABASE) -> str:
        """The address for psycopg, asyncpg and Django: `postgresql://niva@/niva?host=/socket/folder`."""
        folder = quote(str(sockets.client_folder(self.data)), safe="/")
        return f"postgresql://{OWNER}@/{quote(database)}?host={folder}"

    def create_database(self, name: str) -> None:
        """Make a database unless it is there."""
        import psycopg
        from psycopg import errors, sql

        with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=10) as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if not there:
                with contextlib.suppress(errors.DuplicateDatabase):
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _answers(self) -> bool:
        """Whether a server that outlived its starter still takes connections."""
        import psycopg

        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=10):
                return True
        except psycopg.Error:
            return False

    def _current(self, cluster: Cluster) -> bool:
        """Whether the running server is of the programs we would start now."""
        try:
            noted = (self.root / "programs").read_text(encoding="utf-8")
        except OSError:
            return False
        return noted == self._programs(cluster) and Path(cluster.binaries.program("postgres")).exists()

    def _programs(self, cluster: Cluster) -> str:
        return f"{cluster.binaries.root}\n{cluster.binaries.version()}\n"

    def _note_programs(self, cluster: Cluster) -> None:
        (self.root / "programs").write_text(self._programs(cluster), encoding="utf-8")

    def _make_root(self) -> None:
        """Only a folder that we make ourselves is given to the server's account."""
        try:
            if not self.root.exists():
                self.root.mkdir(parents=True, mode=0o700)
                if self.account:
                    os.chown(self.root, self.account.uid, self.account.gid)
            writable = os.access(self.root, os.W_OK | os.X_OK)
        except OSError as error:
            raise self._not_writable(error.strerror or str(error)) from error
        if not writable:
            raise self._not_writable("permission denied")

    def _not_writable(self, reason: str) -> NotWritable:
        return NotWritable(
            gettext_noop(
                "The database has no place to write: %(path)s (%(reason)s). Make the folder yours, or name "
                "another one: NIVA_HOME=/path/to/folder."
            ),
            path=self.root,
            reason=reason,
        )

    def _rotate_log(self) -> None:
        with contextlib.suppress(OSError):
            if self.log.stat().st_size > LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with filelock.hold(self.root / "lock", wait_seconds=LOCK_SECONDS, note=str(os.getpid())):
                yield
        except filelock.LockHeld as held:
            raise Busy(
                gettext_noop(
                    "Another process (%(pid)s) has been starting or stopping the database for minutes."
                ),
                pid=held.note or "?",
            ) from held
        except PermissionError as error:
            raise self._not_writable(error.strerror or str(error)) from error

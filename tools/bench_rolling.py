"""A rolling restart under load: workers at an outside PostgreSQL, each stopped and started in its turn.

    make rolling
    python tools/bench_rolling.py [--seconds 60] [--rate 20] [--workers 2]

PostgreSQL is reached over TCP with a password, as on another machine; the practice network is a process of
its own, answers slowly, and its communities know neither keys nor search: a call that is broken off can only
end as "unknown", and a call made twice is a second post. While posts fall due all the time, the workers get
SIGTERM one after the other, must end with status 0 by themselves, and the next one waits for a sign of life
of its successor. The last line is one JSON object; the exit code is 1 when a post was lost, doubled or left
unclear, when a worker ended badly, or when lateness passes LATE_P99.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from niva.kit.postgres import DURABLE, Server  # noqa: E402

COMMUNITIES: Final = 12
CALL_SECONDS: Final = 0.3  # what the network takes for every call: there is always something on its way
LATE_P99: Final = 3.0  # seconds from a post's moment to its first call: a poll of 2 s, and starting processes
STOP_WITHIN: Final = 25.0  # seconds: the worker's own 20 and a little
FIRST_AFTER: Final = 3.0  # seconds until the first post is due
ROUNDS: Final = 2  # times that each worker is restarted at least
SPARE: Final = 4  # times the posts of a quick machine: so many are at hand for a slow one
REST: Final = 1.5  # seconds between the sign of life of one worker and the SIGTERM to the next


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=20, help="posts a second")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="niva-rolling-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # as root the server runs as another user and must get in
        with outside_database(folder) as url, practice_network(folder) as network:
            os.environ |= {
                "DATABASE_URL": url,
                "NIVA_HOME": str(folder / "home"),
                "NIVA_PRACTICE_URL": network,
                "NIVA_LOG_LEVEL": "WARNING",
                "DJANGO_SETTINGS_MODULE": "niva.config.settings",
                "PYTHONPATH": str(ROOT / "src"),
            }
            figures = Rolling(folder, options.workers).run(options.seconds * options.rate, options.rate)
    print(json.dumps(figures))
    return 0 if figures["ok"] else 1


class Outside(Server):
    """A server on a port of its own; its socket bears that number too."""

    def url(self, database: str = "niva") -> str:
        return f"{super().url(database)}&port={self.settings['port']}"


@contextlib.contextmanager
def outside_database(folder: Path) -> Iterator[str]:
    """A PostgreSQL that asks for a password on 127.0.0.1, with a user and a database of the desk's own.

    Its address, with signs in the password that an address must escape.
    """
    port, password = free_port(), f"p@ss/w:rd%{secrets.token_hex(8)}"
    settings = {**DURABLE, "listen_addresses": "127.0.0.1", "port": str(port), "max_connections": "60"}
    server = Outside(folder / "postgres", settings=settings, die_with_us=True)
    server.start()
    try:
        import psycopg
        from psycopg import sql

        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            role = sql.SQL("create role desk login password {}").format(sql.Literal(password))
            connection.execute(role)
            connection.execute("create database desk owner desk")
            rules = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
            (server.data / "pg_hba.conf").write_text(rules, encoding="utf-8")
            connection.execute("select pg_reload_conf()")
        url = f"postgresql://desk:{quote(password, safe='')}@127.0.0.1:{port}/desk"
        _expect_refusal(url.replace(quote(password, safe=""), "wrong"))
        yield url
    finally:
        server.stop(immediately=True)


def _expect_refusal(url: str) -> None:
    """The password counts; until the rules are read anew it does not."""
    import psycopg

    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return
        time.sleep(0.05)
    raise RuntimeError("the database lets anybody in")


@contextlib.contextmanager
def practice_network(folder: Path) -> Iterator[str]:
    """The practice network as a process of its own; its address."""
    command = [sys.executable, "-m", "niva.networks.practice.server", "--port", "0"]
    command += ["--data", str(folder / "practice.sqlite3")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        yield running.stdout.readline().strip()
    finally:
        running.kill()
        running.wait()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        found: int = one.getsockname()[1]
    return found


class Rolling:
    """One run: the field, the workers, the verdict."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder = folder
        self.count = workers
        self.workers: list[subprocess.Popen[bytes]] = []
        self.ends: Counter[int] = Counter()
        self.stops: list[float] = []
        self.planned = 0
        self.due = 0.0  # the moment of the last post, as time.monotonic tells

    def run(self, deliveries: int, rate: int) -> dict[str, Any]:
        """Everything; the figures of the last line."""
        say("preparing the field")
        subprocess.run([sys.executable, "-m", "niva", "migrate"], check=True, stdout=subprocess.DEVNULL)
        import django

        django.setup()
        self.plant(deliveries * SPARE)
        try:
            self.workers = [self.start() for _ in range(self.count)]
            self.until_alive([one.pid for one in self.workers])
            self.schedule(deliveries, rate)
            say(f"{deliveries} posts, {rate} a second, {self.count} workers")
            restarts = self.roll(rate)
            self.drain(self.due + 30)
            for number in range(self.count):
                self.stop(number)
        finally:
            for one in self.workers:
                one.kill()
        return self.verdict(restarts)

    # --- the field ------------------------------------------------------------------------------------

    def plant(self, deliveries: int) -> None:
        """Communities with their keys, and posts that wait for an hour."""
        from niva.domains.clients.factories import make_client, make_workspace
        from niva.domains.communities.factories import connect, make_community
        from niva.domains.publishing.delivery.content import fingerprint
        from niva.domains.publishing.models import Post, Revision, Variant
        from niva.networks.practice.server.faults import arm
        from niva.networks.practice.server.store import Store

        client = make_client(make_workspace())
        communities = []
        store = Store(self.folder / "practice.sqlite3")
        for number in range(COMMUNITIES):
            known = store.add_community(handle=f"c{number}", name=f"c{number}", flavour="neither")
            access, refresh = store.issue(known, expires_in=86_400)
            facts = {
                "api_base": os.environ["NIVA_PRACTICE_URL"],
                "handle": f"c{number}",
                "flavour": "neither",
            }
            tokens = {"access_token": access, "refresh_token": refresh}
            communities.append(connect(make_community(client, name=f"c{number}"), tokens, facts=facts))
        arm(store, "slow", count=None, delay=CALL_SECONDS)
        store.close()
        posts = Post.objects.bulk_create(
            Post(workspace_id=client.workspace_id, client=client, text=f"№{n:05}") for n in range(deliveries)
        )
        variants = Variant.objects.bulk_create(
            Variant(post=post, community=communities[n % COMMUNITIES]) for n, post in enumerate(posts)
        )
        contents = [{"text": one.post.text} for one in variants]
        Revision.objects.bulk_create(
            Revision(variant=one, number=1, content=content, sha256=fingerprint(content))
            for one, content in zip(variants, contents, strict=True)
        )

    def schedule(self, count: int, rate: int) -> None:
        """So many more deliveries, one after the other, right after those that are planned already."""
        from niva.domains.publishing.models import Delivery, Revision
        from niva.kit.pulse.queries import database_now

        self.due = max(self.due, time.monotonic() + FIRST_AFTER)
        begin = database_now() + timedelta(seconds=self.due - time.monotonic())
        rows = []
        revisions = Revision.objects.select_related("variant__post").order_by("pk")
        for n, revision in enumerate(revisions[self.planned : self.planned + count]):
            post, at = revision.variant.post, begin + timedelta(seconds=n / rate)
            rows.append(
                Delivery(
                    workspace_id=post.workspace_id, client_id=post.client_id, post=post, revision=revision,
                    community_id=revision.variant.community_id, variant=revision.variant, due_at=at,
                    wake_at=at,
                )
            )  # fmt: skip
        Delivery.objects.bulk_create(rows)
        self.planned += len(rows)
        self.due += len(rows) / rate

    # --- the workers ----------------------------------------------------------------------------------

    def start(self) -> subprocess.Popen[bytes]:
        log = (self.folder / "workers.log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "niva", "worker"], stdout=log, stderr=log, cwd=ROOT
            )

    def until_alive(self, pids: list[int]) -> None:
        """Wait for the first sign of life of these processes."""
        from niva.kit.pulse.models import Beat

        until = time.monotonic() + 60
        while Beat.objects.filter(pid__in=pids, ended_at=None).count() < len(pids):
            if time.monotonic() > until:
                raise TimeoutError((self.folder / "workers.log").read_text(errors="replace")[-2000:])
            time.sleep(0.05)

    def roll(self, rate: int) -> int:
        """Restart one after the other while posts fall due, each worker ROUNDS times at least.

        On a busy machine a start takes long: then more posts are planned. How many restarts there were.
        """
        restarts, spare = 0, self.planned * (SPARE - 1)
        while True:
            if time.monotonic() > self.due - 3 * REST:
                if restarts >= self.count * ROUNDS or spare <= 0:
                    return restarts
                self.schedule(rate * 10, rate)
                spare -= rate * 10
            time.sleep(REST)
            number = restarts % self.count
            self.stop(number)
            self.workers[number] = self.start()
            self.until_alive([self.workers[number].pid])
            restarts += 1

    def stop(self, number: int) -> None:
        """SIGTERM, and the seconds until it ended by itself."""
        worker, asked = self.workers[number], time.monotonic()
        worker.send_signal(signal.SIGTERM)
        try:
            self.ends[worker.wait(STOP_WITHIN)] += 1
        except subprocess.TimeoutExpired:
            worker.kill()
            self.ends[-worker.wait()] += 1
        self.stops.append(time.monotonic() - asked)

    def drain(self, until: float) -> None:
        """Until nothing is on its way any more."""
        from niva.domains.publishing.models import Delivery

        while Delivery.objects.filter(wake_at__isnull=False).exists() and time.monotonic() < until:
            time.sleep(0.1)

    # --- the verdict ----------------------------------------------------------------------------------

    def verdict(self, restarts: int) -> dict[str, Any]:
        """The network's books against the desk's."""
        from django.db.models import F, Min

        from niva.domains.publishing.models import Attempt, Delivery
        from niva.networks.practice.server.store import Store

        store = Store(self.folder / "practice.sqlite3")
        there = Counter(row[0] for row in store.db.execute("select text from posts"))
        store.close()
        wanted = set(Delivery.objects.values_list("revision__content__text", flat=True))
        states = Counter(Delivery.objects.values_list("state", flat=True))
        codes = Counter(Delivery.objects.exclude(code="").values_list("code", flat=True))
        first = Attempt.objects.filter(step="create").values("delivery_id").annotate(at=Min("started_at"))
        late = sorted(
            row["late"].total_seconds()
            for row in first.annotate(late=F("at") - F("delivery__due_at")).values("late")
        )
        figures: dict[str, Any] = {
            "deliveries": self.planned,
            "lost": len(wanted - set(there)),
            "doubled": sum(times > 1 for times in there.values()),
            "unclear": self.planned - states["published"],
            "states": dict(states),
            "codes": dict(codes),
            "more_than_one_try": Attempt.objects.filter(step="create", number__gt=1).count(),
            "lateness_p50_s": _share(late, 0.5),
            "lateness_p99_s": _share(late, 0.99),
            "restarts": restarts,
            "exit_status": {str(status): count for status, count in self.ends.items()},
            "slowest_stop_s": round(max(self.stops), 2),
            "workers": self.count,
            "load_1min": round(os.getloadavg()[0], 1),
            "cores": os.cpu_count(),
        }
        figures["ok"] = (
            not (figures["lost"] or figures["doubled"] or figures["unclear"])
            and set(self.ends) == {0}
            and restarts >= self.count * ROUNDS
            and figures["lateness_p99_s"] <= LATE_P99
        )
        return figures


def _share(values: list[float], share: float) -> float:
    return round(values[min(int(len(values) * share), len(values) - 1)], 3) if values else 0.0


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""A bench for the job engine on a throwaway PostgreSQL.

    python tools/bench_jobs.py [--seconds 300] [--rate 150] [--jobs 10000]

Scenes: throughput and lateness with 50,000 jobs put off to next week; `kill -9`; SIGSTOP past the
lease; a restart of PostgreSQL under load; a soak with twelve kinds while keyed jobs are moved and
cancelled. Talks over the server's own socket only. The last line printed is one JSON object with
every figure; the exit code is 1 when a job was lost or a promise broken.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from niva.kit.jobs.types import Handler, JobContext, Payload
from niva.kit.jobs.worker import Tuning, run_worker
from niva.kit.postgres import DURABLE, Server

# Twelve kinds: share of the stream, milliseconds of work, limit over all workers.
KINDS = [
    (20, 2, 0), (15, 5, 0), (12, 10, 0), (10, 20, 0), (8, 20, 0), (7, 40, 0),
    (6, 50, 0), (5, 100, 0), (2, 200, 5), (1.5, 300, 3), (0.5, 50, 1), (0.5, 500, 2),
]  # fmt: skip
RESCUE_LEASE = 5.0


def worker(dsn: str, diary: str, lease: float) -> None:
    """The process under test. Writes one line a run: word, number of the job, seconds late."""
    out = Path(diary).open("a", buffering=1)  # noqa: SIM115 - as long as the process

    async def timed(ctx: JobContext, payload: Payload, /) -> None:
        out.write(f"ran {payload['n']} {time.time() - payload['due']:.4f} {time.time():.3f}\n")
        await asyncio.sleep(payload["ms"] / 1000)

    async def guarded(ctx: JobContext, payload: Payload, /) -> None:
        out.write(f"began {payload['n']} 0 {time.time():.3f}\n")
        await asyncio.sleep(payload["ms"] / 1000)
        word = "acted" if await ctx.held() else "refrained"
        out.write(f"{word} {payload['n']} 0 {time.time():.3f}\n")

    handlers = {f"kind{i}": Handler(timed, limit=limit) for i, (_, _, limit) in enumerate(KINDS)}
    handlers |= {"plain": Handler(timed), "guarded": Handler(guarded)}
    asyncio.run(run_worker(dsn, handlers, tuning=Tuning(lease=lease, grace=10)))


class Bench:
    """One server, its queue, and the diary the workers write."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server
        self.numbers = iter(range(1, 10**9))
        self.scene = 0

    def sql(self, statement: str) -> tuple[Any, ...]:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone() if cursor.description else ()

    @contextlib.contextmanager
    def fresh(self) -> Iterator[None]:
        """An empty queue and diary for one scene."""
        self.scene += 1
        self.sql("TRUNCATE jobs_queue, jobs_log")
        yield

    def start(self, lease: float = 30.0) -> subprocess.Popen[bytes]:
        command = [sys.executable, __file__, "--worker", self.server.url(), str(self.diary), str(lease)]
        log = (self.folder / "workers.log").open("ab")
        process = subprocess.Popen(command, stderr=log)
        while not self.sql(
            f"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'niva-worker {process.pid}'"
        )[0]:
            time.sleep(0.01)
        return process

    @property
    def diary(self) -> Path:
        return self.folder / f"diary{self.scene}"

    def lines(self) -> list[tuple[str, int, float, float]]:
        if not self.diary.exists():
            return []
        parts = (line.split() for line in self.diary.read_text().splitlines())
        return [(part[0], int(part[1]), float(part[2]), float(part[3])) for part in parts if len(part) == 4]

    def wait_empty(self, seconds: float) -> int:
        """Wait until nothing is due or running; how many remain after that time."""
        until = time.monotonic() + seconds
        question = "SELECT count(*) FROM jobs_queue WHERE execute_after <= now() + interval '10 s'"
        while (left := self.sql(question)[0]) and time.monotonic() < until:
            time.sleep(0.05)
        return int(left)

    def put(self, kind: str, ms: float, after: float = 0.0, key: str | None = None) -> int:
        from niva.kit.jobs.django import enqueue

        number, due = next(self.numbers), time.time() + after
        payload = {"n": number, "due": due, "ms": ms}
        enqueue(kind, payload, at=datetime.fromtimestamp(due, UTC), key=key)
        return number


FILL = "INSERT INTO jobs_queue (entrypoint, payload, priority, execute_after, headers, status) "


def plan_a_week(bench: Bench, jobs: int) -> None:
    later = "now() + interval '1 day' + n * interval '10 s'"
    bench.sql(
        f"{FILL} SELECT 'plain', convert_to('{{}}', 'UTF8'), 0, {later}, '{{}}', 'queued' "
        f"FROM generate_series(1, {jobs}) n"
    )
    bench.sql("ANALYZE jobs_queue")


def throughput(bench: Bench, jobs: int) -> dict[str, Any]:
    """Empty jobs one worker runs in a second, without and with a week's plan of the same kind before them."""
    result = {}
    for name, planned in (("alone", 0), ("planned_50000", 50_000)):
        with bench.fresh():
            plan_a_week(bench, planned)
            body = "convert_to(json_build_object('n', n, 'due', 0, 'ms', 0)::text, 'UTF8')"
            bench.sql(
                f"{FILL} SELECT 'plain', {body}, 0, now(), '{{}}', 'queued' FROM generate_series(1, {jobs}) n"
            )
            process = bench.start()
            bench.wait_empty(120)
            finish(process)
            moments = sorted(line[3] for line in bench.lines())
            result[name] = round(len(moments) / (moments[-1] - moments[0]))
    return {"jobs_per_second": result}


def trickle(bench: Bench, seconds: float) -> dict[str, Any]:
    """Fifty jobs a second of two 20 ms calls each, with a week's plan of the same kind in the table."""
    with bench.fresh():
        plan_a_week(bench, 50_000)
        process = bench.start()
        before, begun, sent = database_cpu(bench), time.monotonic(), 0
        while (passed := time.monotonic() - begun) < seconds:
            while sent < passed * 50:
                bench.put("plain", 40)
                sent += 1
            time.sleep(0.005)
        bench.wait_empty(30)
        busy = database_cpu(bench) - before
        quiet, resting = database_cpu(bench), time.monotonic()
        time.sleep(10)
        rest = (database_cpu(bench) - quiet) / (time.monotonic() - resting)
        finish(process)
        late = sorted(line[2] * 1000 for line in bench.lines())
        return {
            "sent": sent, "ran": len(late), "late_ms": {"p50": at(late, 0.5), "p99": at(late, 0.99)},
            "database_cpu_share": round(busy / seconds, 3), "database_cpu_share_at_rest": round(rest, 4),
        }  # fmt: skip


def database_cpu(bench: Bench) -> float:
    """Seconds of processor that the worker's server process has used."""
    (pid,) = bench.sql("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'niva-worker %'")
    return cpu(pid)


def soak(bench: Bench, seconds: float, rate: float) -> dict[str, Any]:
    """A steady stream of twelve kinds, and beside it keyed jobs that are moved and cancelled."""
    with bench.fresh():
        process = bench.start()
        memory, peaks = [pss(process.pid)], Counter[str]()
        over = threading.Event()
        races = Races(bench, over)
        races.start()
        begun, sent = time.monotonic(), 0
        watched = begun
        while (passed := time.monotonic() - begun) < seconds:
            sent += stream(bench, int(passed * rate) - sent)
            if time.monotonic() - watched > 5:
                watched = time.monotonic()
                memory.append(pss(process.pid))
                measure(bench, peaks)
            time.sleep(0.01)
        over.set()
        races.join()
        left = bench.wait_empty(30)
        memory.append(pss(process.pid))
        (vacuums,) = bench.sql(
            "SELECT autovacuum_count FROM pg_stat_user_tables WHERE relname = 'jobs_queue'"
        )
        spent = cpu(process.pid)
        finish(process)
        ran = Counter(number for _, number, _, _ in bench.lines())
        late = sorted(line[2] * 1000 for line in bench.lines() if line[1] not in races.numbers)
        return {
            "seconds": round(seconds), "sent": sent, "ran": len(late), "left": left,
            "twice": sum(times > 1 for times in ran.values()),
            "late_ms": {"p50": at(late, 0.5), "p99": at(late, 0.99), "max": at(late, 1)},
            "worker_pss_mb": {"start": memory[0], "a_fifth": memory[len(memory) // 5], "end": memory[-1]},
            "worker_cpu_share": round(spent / (time.monotonic() - begun), 3),
            "queue_table_kb_peak": peaks["queue"], "log_table_kb_end": peaks["log"],
            "dead_rows_peak": peaks["dead"], "autovacuums": vacuums,
            "races": races.verdict(ran),
        }  # fmt: skip


def stream(bench: Bench, count: int) -> int:
    from django.db import transaction

    with transaction.atomic():
        for _ in range(max(count, 0)):
            kind = random.choices(range(len(KINDS)), [share for share, _, _ in KINDS])[0]
            bench.put(f"kind{kind}", KINDS[kind][1], random.choice([0, 0, random.uniform(0, 5)]))
    return max(count, 0)


def measure(bench: Bench, peaks: Counter[str]) -> None:
    queue, log, dead = bench.sql(
        "SELECT pg_total_relation_size('jobs_queue') / 1024, pg_total_relation_size('jobs_log') / 1024, "
        "(SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'jobs_queue')"
    )
    for name, value in (("queue", queue), ("log", log), ("dead", dead)):
        peaks[name] = max(peaks[name], value)


class Races(threading.Thread):
    """Puts off keyed jobs for the next instant and moves or cancels them just when they fall due."""

    def __init__(self, bench: Bench, over: threading.Event) -> None:
        super().__init__()
        self.bench, self.over = bench, over
        self.outcomes: dict[int, str] = {}
        self.numbers: set[int] = set()

    def run(self) -> None:
        from django.db import connection

        from niva.kit.jobs.django import cancel, reschedule

        for turn in range(10**9):
            if self.over.is_set():
                break
            key, after = f"race{turn}", random.uniform(0, 0.03)
            number = self.bench.put("plain", 5, after, key)
            self.numbers.add(number)
            time.sleep(after + random.uniform(-0.002, 0.006) if after > 0.002 else 0)
            if turn % 2:
                self.outcomes[number] = f"cancel {cancel(key)}"
            else:
                moved = reschedule(key, datetime.now(UTC) + timedelta(seconds=random.uniform(0, 1)))
                self.outcomes[number] = f"move {moved}"
        connection.close()

    def verdict(self, ran: Counter[int]) -> dict[str, Any]:
        """Cancelled as REMOVED must never have run; everything else exactly once."""
        broken = sum(
            ran[number] != (0 if outcome == "cancel removed" else 1)
            for number, outcome in self.outcomes.items()
        )
        return {"broken": broken, **Counter(self.outcomes.values())}


def killed(bench: Bench) -> dict[str, Any]:
    """`kill -9` of one of two workers with 40 jobs at work: how soon are they at work again, is any lost?"""
    with bench.fresh():
        victim = bench.start(RESCUE_LEASE)
        numbers = {bench.put("guarded", 1500) for _ in range(40)}
        until(lambda: len(bench.lines()) == 40)
        other = bench.start(RESCUE_LEASE)
        victim.kill()
        died = time.time()
        victim.wait()
        left = bench.wait_empty(60)
        finish(other)
        again = [moment - died for word, _, _, moment in bench.lines()[40:] if word == "began"]
        acted = {number for word, number, _, _ in bench.lines() if word == "acted"}
        return {
            "lease_s": RESCUE_LEASE, "lost": len(numbers - acted), "left": left, "taken_over": len(again),
            "after_s": {"first": round(min(again), 2), "last": round(max(again), 2)},
        }  # fmt: skip


def stopped(bench: Bench) -> dict[str, Any]:
    """SIGSTOP past the lease, then SIGCONT: does the sleeper act on what another has taken over?"""
    with bench.fresh():
        sleeper = bench.start(RESCUE_LEASE)
        numbers = {bench.put("guarded", 1500) for _ in range(40)}
        until(lambda: len(bench.lines()) == 40)
        sleeper.send_signal(signal.SIGSTOP)
        other = bench.start(RESCUE_LEASE)
        until(lambda: len(bench.lines()) == 80)
        sleeper.send_signal(signal.SIGCONT)
        left = bench.wait_empty(60)
        finish(sleeper)
        finish(other)
        words = Counter((word, number) for word, number, _, _ in bench.lines())
        acted = [words["acted", number] for number in numbers]
        return {
            "jobs": 40, "left": left, "lost": acted.count(0),
            "acted_twice": sum(times > 1 for times in acted),
            "refrained": sum(words["refrained", number] for number in numbers),
        }  # fmt: skip


def restarted(bench: Bench) -> dict[str, Any]:
    """PostgreSQL stops and starts again while jobs are at work and others fall due."""
    from django.db import connection

    with bench.fresh():
        process = bench.start()
        numbers = {bench.put("plain", 300, random.uniform(0, 6)) for _ in range(600)}
        time.sleep(2)
        connection.close()
        down = time.time()
        bench.server.stop()
        bench.server.start()
        up = time.time()
        left = bench.wait_empty(60)
        alive = process.poll() is None
        finish(process)
        ran = Counter(number for _, number, _, _ in bench.lines())
        first = min((moment for *_, moment in bench.lines() if moment > up), default=0.0)
        return {
            "jobs": 600, "worker_survived": alive, "left": left, "lost": len(numbers - ran.keys()),
            "twice": sum(times > 1 for times in ran.values()),
            "down_s": round(up - down, 2), "first_job_after_s": round(first - up, 2),
        }  # fmt: skip


def until(condition: Any) -> None:
    limit = time.monotonic() + 60
    while not condition():
        if time.monotonic() > limit:
            raise TimeoutError("the scene did not come about within a minute")
        time.sleep(0.02)


def finish(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    if process.wait(40) != 0:
        raise RuntimeError(f"a worker ended with {process.returncode}")


def pss(pid: int) -> float:
    """Megabytes, shared pages counted once."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise ValueError("no Pss in smaps_rollup")


def cpu(pid: int) -> float:
    """Seconds of processor the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def at(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)


def prepare(server: Server) -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(server.url())
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": parts["dbname"], "USER": parts["user"]}
    database["HOST"] = parts["host"]
    settings.configure(DATABASES={"default": database}, INSTALLED_APPS=["niva.kit.jobs"], USE_TZ=True)
    django.setup()
    call_command("migrate", verbosity=0)


def main() -> int:
    if sys.argv[1:2] == ["--worker"]:
        worker(sys.argv[2], sys.argv[3], float(sys.argv[4]))
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300, help="length of the soak")
    parser.add_argument("--rate", type=float, default=150, help="jobs per second in the soak")
    parser.add_argument("--jobs", type=int, default=10_000, help="jobs for the throughput")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="niva-bench-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101 - as root the server runs as another user and must get in
        server = Server(Path(folder) / "postgres", settings=DURABLE, die_with_us=True)
        server.start()
        try:
            prepare(server)
            bench = Bench(Path(folder), server)
            figures: dict[str, Any] = {}
            for scene in (
                lambda: ("throughput", throughput(bench, options.jobs)),
                lambda: ("trickle", trickle(bench, 10)),
                lambda: ("killed", killed(bench)),
                lambda: ("stopped", stopped(bench)),
                lambda: ("restarted", restarted(bench)),
                lambda: ("soak", soak(bench, options.seconds, options.rate)),
            ):
                name, result = scene()
                figures[name] = result
                print(name, json.dumps(result), file=sys.stderr, flush=True)
        finally:
            server.stop(immediately=True)
    print(json.dumps(figures))
    return verdict(figures)


def verdict(figures: dict[str, Any]) -> int:
    """0 when nothing was lost and no promise was broken."""
    soaked = figures["soak"]
    broken = soaked["sent"] - soaked["ran"] + soaked["left"] + soaked["twice"] + soaked["races"]["broken"]
    for scene in ("killed", "stopped", "restarted"):
        broken += figures[scene]["lost"] + figures[scene]["left"]
    broken += figures["stopped"]["acted_twice"] + (not figures["restarted"]["worker_survived"])
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""How fast the delivery engine is: as a ratio to a bare aiohttp loop with the same calls, in the same run.

    make bench
    PYTHONPATH=src:tools python -m bench [--planned 200000] [--finished 1000000] [--quick] [--profile FILE]

A delivery makes two calls of 20 ms (create, read back), 100 at once. Everything is real but the network: a
durable PostgreSQL, `niva worker` processes, the guarded HTTP session, leases, attempts, token buckets. The
last line is one JSON object with all figures; the exit code is 1 when a limit below is passed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from memory import pss

from bench.field import BURST, Field
from niva.kit.postgres import DURABLE, Server

ROOT: Final = Path(__file__).resolve().parent.parent.parent
RATIO: Final = 0.60  # of the bare loop, with one worker
LATE_P99: Final = 0.3  # seconds, at 50 a second
PLANNED_RATIO: Final = 0.8  # of the same burst with nothing planned
FINISHED_RATIO: Final = 1 / 1.2
RATE, STREAM_SECONDS = 50, 20


def cpu(pids: list[int]) -> float:
    """Seconds of processor that these processes have used; those that are gone count nothing."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


class Bench:
    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.network = subprocess.Popen(
            [sys.executable, "-m", "bench.network", "serve"], stdout=subprocess.PIPE, cwd=ROOT / "tools"
        )
        assert self.network.stdout is not None
        self.port = int(self.network.stdout.readline())
        self.field = Field(self.port)
        self.wrong: list[str] = []

    def bare(self, count: int = BURST) -> float:
        """Pairs of calls a second of the loop that does nothing else."""
        told = subprocess.check_output(
            [sys.executable, "-m", "bench.network", "bare", str(self.port), str(count)], cwd=ROOT / "tools"
        )
        self.figures()
        return float(json.loads(told)["per_second"])

    def figures(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/figures") as reply:
            told: dict[str, Any] = json.loads(reply.read())
        return told

    @contextlib.contextmanager
    def workers(self, count: int, profile: str = "") -> Iterator[list[int]]:
        """So many `niva worker`; gives their process ids once they listen."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "NIVA_INNER_HOSTS": f"127.0.0.1:{self.port}",
        }
        command = [
            sys.executable,
            *(["-m", "cProfile", "-o", profile] if profile else []),
            "-m",
            "niva",
            "worker",
        ]
        log = (self.folder / "workers.log").open("ab")
        running = [subprocess.Popen(command, env=environment, stderr=log, stdout=log) for _ in range(count)]
        try:
            listening = "select count(*) from pg_stat_activity where query ilike 'listen %niva_deliveries%'"
            until = time.monotonic() + 60
            while self.field.sql(listening)[0][0] < count:
                if time.monotonic() > until:
                    raise TimeoutError((self.folder / "workers.log").read_text()[-2000:])
                time.sleep(0.05)
            yield [one.pid for one in running]
        finally:
            for one in running:
                one.send_signal(signal.SIGTERM)
            for one in running:
                one.wait(60)

    def burst(self, workers: int, profile: str = "") -> dict[str, float]:
        """5,000 due at one moment: deliveries a second from that moment until the last is written down."""
        self.field.forget_burst()
        with self.workers(workers, profile) as pids:
            self._warm_up()
            due = self.field.burst(after=3.0)
            database = [
                row[0] for row in self.field.sql("select pid from pg_stat_activity where pid is not null")
            ]
            until = due + 120
            time.sleep(max(0.0, due - time.time()))
            before = cpu(pids), cpu(database)
            while self.field.left() and time.time() < until:
                time.sleep(0.05)
            seconds = time.time() - due
            worker_ms, database_ms = (
                round((cpu(those) - then) * 1000 / BURST, 3)
                for those, then in zip((pids, database), before, strict=True)
            )
            memory = max(pss(pid) for pid in pids)
        return {
            "per_second": round(self._arrived(BURST) / seconds),
            "worker_cpu_ms": worker_ms,
            "database_cpu_ms": database_ms,
            "worker_pss_mb": round(memory, 1),
        }

    def _warm_up(self) -> None:
        """A few hundred first: statements prepared, connections open, as in a worker that lives for weeks."""
        self.field.stream(300, 1000, after=0.2)
        until = time.monotonic() + 30
        while self.field.left() and time.monotonic() < until:
            time.sleep(0.05)
        self.figures()
        self.field.forget_burst()  # else its readings would fall into what is measured

    def stream(self) -> dict[str, float]:
        """50 a second: how long after its moment the first call of each reaches the network."""
        self.field.forget_burst()
        with self.workers(1):
            due = self.field.stream(RATE * STREAM_SECONDS, RATE, after=3.0)
            until = max(due.values()) + 30
            time.sleep(max(0.0, max(due.values()) - time.time()))
            while self.field.left() and time.time() < until:
                time.sleep(0.05)
        told = self.figures()
        late = sorted(at - due[text] for text, at in zip(told["texts"], told["moments"], strict=True))
        self._count(told["texts"], len(due))
        return {"p50_s": round(late[len(late) // 2], 4), "p99_s": round(late[int(len(late) * 0.99)], 4)}

    def _arrived(self, expected: int) -> int:
        texts = self.figures()["texts"]
        self._count(texts, expected)
        return len(set(texts))

    def _count(self, texts: list[str], expected: int) -> None:
        """A bench that loses or doubles measures nothing."""
        times = Counter(texts)
        lost, doubled = expected - len(times), sum(n > 1 for n in times.values())
        if lost or doubled:
            states = self.field.sql(
                "select state, code, detail, count(*) from publishing_delivery "
                "where occurrence > 1000000 group by 1, 2, 3"
            )
            self.wrong.append(f"lost {lost}, doubled {doubled}: {states}")

    def rounds(self, workers: int, times: int) -> dict[str, Any]:
        """Bursts and bare loops by turns; the middle of the ratios of neighbours."""
        ratios, bares, bursts = [], [], []
        for _ in range(times):
            bares.append(self.bare())
            bursts.append(self.burst(workers))
            ratios.append(bursts[-1]["per_second"] / bares[-1])
        middle = {name: statistics.median(one[name] for one in bursts) for name in bursts[0]}
        return {
            "ratio": round(statistics.median(ratios), 3),
            "bare_per_second": statistics.median(bares),
            **middle,
        }


def measure(bench: Bench, options: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"load_1min": round(os.getloadavg()[0], 1), "cores": os.cpu_count()}
    times = 1 if options.quick else 3

    def told(name: str, value: Any) -> Any:
        figures[name] = value
        print(f"{name}: {json.dumps(value)}", file=sys.stderr, flush=True)
        return value

    one = told("one_worker", bench.rounds(1, times))
    told("two_workers", bench.rounds(2, times))
    late = told("late_at_50_a_second", bench.stream())
    limits = [one["ratio"] >= RATIO, late["p99_s"] <= LATE_P99]
    if options.planned:
        bench.field.plan(options.planned)
        planned = told(f"planned_{options.planned}", bench.rounds(1, times))
        limits.append(planned["ratio"] >= one["ratio"] * PLANNED_RATIO)
    if options.finished:
        bench.field.finish(options.finished)
        finished = told(f"finished_{options.finished}", bench.rounds(1, times))
        late = told("late_then", bench.stream())
        limits += [finished["ratio"] >= one["ratio"] * FINISHED_RATIO, late["p99_s"] <= LATE_P99]
    figures["wrong"] = bench.wrong
    figures["ok"] = all(limits) and not bench.wrong
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--planned", type=int, default=200_000)
    parser.add_argument("--finished", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="each scene once, no big tables")
    parser.add_argument(
        "--profile", default="", help="one burst under cProfile, written here, and nothing else"
    )
    options = parser.parse_args()
    if options.quick:
        options.planned = options.finished = 0
    with tempfile.TemporaryDirectory(prefix="niva-bench-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder) / "postgres", settings=DURABLE, die_with_us=True)
        server.start()
        os.environ |= {"DATABASE_URL": server.url(), "NIVA_HOME": f"{folder}/home"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "niva.config.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        bench = Bench(Path(folder), server.url())
        try:
            if options.profile:
                print(json.dumps(bench.burst(1, options.profile)))
                return 0
            figures = measure(bench, options)
        finally:
            bench.network.kill()
            server.stop(immediately=True)
    print(json.dumps(figures))
    return 0 if figures["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())

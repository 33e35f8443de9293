"""Two years of 300 communities: how fast readings come in, and how fast numbers are shown.

    python -m bench_numbers [--readings 50000000] [--rounds 40] [--keep DIR]

Readings are made in an embedded PostgreSQL of its own with the settings of a desk: first the last year,
then the year before it, so every page is asked at half and at the whole history. Prints what it does; the
last line is one JSON object. `ok`: every page's p95 under 200 ms, the whole history no worse than 1.5 times
the half (where it takes over 20 ms: below that a clock measures its own noise), no page reads raw readings
from end to end. On a machine with more to do than it has cores a clock measures the neighbours: there
processor time is judged (`work_ms`: Python and its database backend), and `judged_by` says so.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from niva.kit.postgres import FAST, Server

T = TypeVar("T")
ALL: Final = 20_000_000
LIMIT_MS: Final = 200.0
WORSE: Final = 1.5
NOISE_MS: Final = 20.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--readings", type=int, default=50_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="where the base stays, and is taken from the next time")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="niva-bench-"))
    server = Server(folder / "postgres", settings={**FAST, "shared_buffers": "256MB"}, die_with_us=True)
    server.start()
    try:
        os.environ["DATABASE_URL"] = server.url()
        os.environ["NIVA_HOME"] = str(folder / "home")
        os.environ["DJANGO_SETTINGS_MODULE"] = "niva.config.settings"
        return bench(folder, options.readings, options.rounds)
    finally:
        server.stop(immediately=not options.keep)
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


def timed(what: str, work: Callable[[], T]) -> tuple[T, float]:
    """Says what it does and how long it took, in seconds."""
    print(f"{what} …", file=sys.stderr, flush=True)
    began = time.perf_counter()
    made = work()
    seconds = round(time.perf_counter() - began, 1)
    print(f"{what}: {seconds} s", file=sys.stderr, flush=True)
    return made, seconds


def bench(folder: Path, readings: int, rounds: int) -> int:
    """Makes the base (or takes the kept one), asks, judges."""
    from django.core.management import call_command

    from bench_numbers import asks, door, rival
    from niva.cli import environment, web

    environment.django()
    call_command("migrate", verbosity=0)
    web.application()
    kept = folder / "made.json"
    figures: dict[str, Any] = {"asked_for": readings, "rounds": rounds, "cores": os.cpu_count()}
    if kept.exists():
        figures |= json.loads(kept.read_text())
        actor, clients, browser = known()
        now = datetime.now(UTC)
    else:
        made, actor, clients, browser, now = fill(readings, rounds)
        figures |= made
        kept.write_text(json.dumps(made))
    figures["load_1min"] = round(os.getloadavg()[0], 1)
    whole = {"pages": asks.pages(browser, clients, rounds), "reads": asks.reads(actor, clients, rounds)}
    figures["whole"] = whole
    figures["reads_raw_from_end_to_end"] = asks.read_rows(actor, clients)
    figures["ingest"], _ = timed("through the door", lambda: door.measure(now))
    files = folder / "files"
    figures["export"], _ = timed("months to Parquet", lambda: rival.export(files))
    few = max(rounds // 4, 5)
    figures["duckdb"], _ = timed("the rival", lambda: rival.ask(files, clients, few))
    figures["times_of_duckdb"] = {
        name: round(one["p50_ms"] / figures["duckdb"][name]["p50_ms"], 3)
        for name, one in whole["reads"].items()
    }
    return judge(figures)


def known() -> tuple[Any, list[Any], Any]:
    """The people of a base that was kept."""
    from niva.domains.clients.models import Client
    from niva.domains.people.actor import Actor
    from niva.domains.people.models import Membership

    membership = Membership.objects.select_related("user", "workspace").order_by("pk")[0]
    actor = Actor(workspace=membership.workspace, user=membership.user, role=membership.role)
    return actor, list(Client.objects.order_by("pk")), browser_of(actor)


def browser_of(actor: Any) -> Any:
    from django.test import Client as Browser

    browser = Browser(headers={"host": "localhost"})
    browser.force_login(actor.user)
    return browser


def fill(readings: int, rounds: int) -> tuple[dict[str, Any], Any, list[Any], Any, datetime]:
    """The last year, pages at half the history, the year before it."""
    from django.db import connection

    from bench_numbers import asks, mass, world

    now = datetime.now(UTC).replace(microsecond=0)
    actor, clients, communities = world.people()
    browser = browser_of(actor)
    hours = 6 if readings >= ALL else 24  # in a small run the posts should not be crowded out
    of_communities = world.COMMUNITIES * 2 * 730 * 24 // hours
    count = max(int((readings - of_communities) / mass.per_post() / 2), world.COMMUNITIES)
    figures: dict[str, Any] = {"posts": count * 2, "readings": 0, "load_s": 0.0, "rollups_s": 0.0}
    with connection.cursor() as cursor:
        mass.prepare(cursor)
        for name, since in (("half", now - world.YEAR), ("whole", now - 2 * world.YEAR)):
            until = since + world.YEAR
            timed(f"posts, {name}", partial(world.posts, communities, count, since, until))
            rows, seconds = timed(f"readings, {name}", partial(mass.load, cursor, since, until, now, hours))
            figures["readings"] += rows
            figures["load_s"] += seconds
            timed("analyze", partial(cursor.execute, "vacuum analyze"))
            figures["rollups_s"] += timed(f"rollups, {name}", _rebuild)[1]
            timed("analyze", partial(cursor.execute, "vacuum analyze"))
            if name == "half":
                figures["half"] = {
                    "pages": asks.pages(browser, clients, rounds), "reads": asks.reads(actor, clients, rounds)
                }  # fmt: skip
    figures["load_per_s"] = round(figures["readings"] / figures["load_s"])
    return figures, actor, clients, browser, now - timedelta(minutes=1)


def _rebuild() -> None:
    from niva.domains.metrics import rollups

    rollups.rebuild()


def judge(figures: dict[str, Any]) -> int:
    """The verdict as the last line."""
    busy = figures["load_1min"] > (os.cpu_count() or 1)
    late, middle = ("work_ms", "work_ms") if busy else ("p95_ms", "p50_ms")
    slow, grown = {}, {}
    for kind in ("pages", "reads"):
        for name, one in figures["whole"][kind].items():
            if one[late] > LIMIT_MS:
                slow[f"{kind}:{name}"] = one[late]
            before = figures["half"][kind].get(name)
            if before and one[middle] > NOISE_MS and one[middle] > WORSE * before[middle]:
                grown[f"{kind}:{name}"] = round(one[middle] / before[middle], 2)
    figures |= {"judged_by": late, "slow": slow, "grown": grown}
    figures["ok"] = not slow and not grown and not figures["reads_raw_from_end_to_end"]
    print(json.dumps(figures))
    return 0 if figures["ok"] else 1


if __name__ == "__main__":
    raise SystemExit(main())

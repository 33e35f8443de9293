"""How long a full month takes: 3,000 posts of a workspace in a throwaway PostgreSQL, seen by Django's client.

    python tools/bench_plan.py [--posts 3000] [--rounds 40]

Every view (month, week, list; all clients and one) is asked for warm, one after the other; p50 and p95 are
milliseconds of the whole request (session, rights, queries, drawing), cpu is what Python itself worked of
them. The last line is one JSON object with all figures. The exit code is 1 when the month's p95 passes
LIMIT_MS or a view's queries pass MOST_QUERIES.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from niva.kit.postgres import FAST, Server

LIMIT_MS: Final = 150.0
MOST_QUERIES: Final = 20
CLIENTS: Final = 10
STATES: Final = ("queued", "published", "waiting", "needs_login", "rejected", "cancelled", "unknown")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="niva-bench-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder) / "postgres", settings=FAST, die_with_us=True)
        server.start()
        try:
            os.environ["DATABASE_URL"] = server.url()
            os.environ["NIVA_HOME"] = str(Path(folder) / "home")
            os.environ["DJANGO_SETTINGS_MODULE"] = "niva.config.settings"
            return bench(options.posts, options.rounds)
        finally:
            server.stop(immediately=True)


def bench(posts: int, rounds: int) -> int:
    """Makes the month, asks for it, prints what it cost."""
    from django.core.management import call_command

    from niva.cli import environment, web

    environment.django()
    call_command("migrate", verbosity=0)
    browser, client_id = make(posts)
    web.application()  # as the server does before its first page: everything loaded, the collector told
    # A wall clock on a busy machine measures its neighbours: the load stands beside the figures.
    load = {"load_1min": round(os.getloadavg()[0], 1), "cores": os.cpu_count()}
    figures: dict[str, Any] = {"posts": posts, "rounds": rounds, **load, "views": {}}
    for view in ("month", "week", "list"):
        for who, client in (("all", ""), ("one", str(client_id))):
            found = ask(browser, f"/plan/?view={view}&client={client}", rounds)
            figures["views"][f"{view}, {who}"] = found
            print(
                f"{view:6} {who:4} p50 {found['p50_ms']:6} ms  p95 {found['p95_ms']:6} ms  "
                f"cpu {found['cpu_p50_ms']:5} ms  {found['queries']} queries  {found['kb']} KB"
            )
    worst = max(figures["views"][f"month, {who}"]["p95_ms"] for who in ("all", "one"))
    asked = max(one["queries"] for one in figures["views"].values())
    figures["ok"] = worst <= LIMIT_MS and asked <= MOST_QUERIES
    print(json.dumps(figures))
    return 0 if figures["ok"] else 1


def make(posts: int) -> tuple[Any, int]:
    """A workspace with CLIENTS clients of three communities each, and `posts` deliveries of this month."""
    from django.test import Client as Browser
    from django.utils import timezone

    from niva.domains.clients.factories import make_client, make_person, make_workspace
    from niva.domains.communities.factories import make_community, make_slots

    workspace = make_workspace("Bench")
    person = make_person(workspace, time_zone="UTC")
    communities = []
    for n in range(CLIENTS):
        client = make_client(workspace, name=f"Client {n}", posts_per_week=5)
        for network in ("vk", "telegram", "bluesky"):
            community = make_community(client, network, name=f"{network} {n}")
            make_slots(community, (0, 2, 4), clock(12), clock(19))
            communities.append(community)
    first = timezone.now().astimezone(UTC).replace(day=1, hour=6, minute=0, second=0, microsecond=0)
    step = timedelta(days=28) / posts
    write([(communities[n % len(communities)], first + n * step, n) for n in range(posts)])
    browser = Browser(SERVER_NAME="127.0.0.1")
    browser.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser, communities[0].client_id


def write(rows: list[tuple[Any, datetime, int]]) -> None:
    """One post with one delivery for each row, in four statements."""
    from niva.domains.publishing.models import Delivery, Post, Revision, Variant

    posts = Post.objects.bulk_create(
        Post(
            workspace_id=community.workspace_id,
            client_id=community.client_id,
            title=f"Post {n}" if n % 3 else "",
            text=f"Post {n} " + "of a usual length, " * 40,
            planned_at=at,
        )
        for community, at, n in rows
    )
    variants = Variant.objects.bulk_create(
        Variant(post=post, community=community) for post, (community, _, _) in zip(posts, rows, strict=True)
    )
    revisions = Revision.objects.bulk_create(
        Revision(variant=variant, number=1, content={"text": post.text, "media": []}, sha256="0" * 64)
        for variant, post in zip(variants, posts, strict=True)
    )
    Delivery.objects.bulk_create(
        Delivery(
            workspace_id=community.workspace_id,
            client_id=community.client_id,
            community=community,
            post=variant.post,
            variant=variant,
            revision=revision,
            due_at=at,
            state=STATES[n % len(STATES)],
        )
        for variant, revision, (community, at, n) in zip(variants, revisions, rows, strict=True)
    )


def ask(browser: Any, url: str, rounds: int) -> dict[str, float | int]:
    """Milliseconds of `rounds` warm requests, and how many queries one of them makes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _ in range(3):
        browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(url)
    asked = len(queries)
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    times, cpu = [], []
    for _ in range(rounds):
        began, worked = time.perf_counter(), time.process_time()
        browser.get(url)
        times.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
    return {
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
        "cpu_p50_ms": round(statistics.median(cpu), 1),
        "queries": asked,
        "kb": len(answer.content) // 1024,
    }


if __name__ == "__main__":
    raise SystemExit(main())

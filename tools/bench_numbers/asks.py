"""What is asked: the real pages through Django's client, and the figures that stand on them."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from bench_board import ticks

PAGES: Final = {
    "client_page": "client",
    "client_numbers": "client_numbers",
    "heat_map": "client_best_time",
    "why_tree": "client_why",
    "what_works": "client_works",
}
"""Name in the report -> name of the address; each takes a client."""


def spent(work: Sequence[Callable[[], object]]) -> dict[str, float]:
    """Milliseconds by the clock (the middle, the 95th of the hundred), and of processor time (the mean): that
    of Python and of the desk's database backend."""
    backend = _backend()
    before, began_cpu = ticks(backend), time.process_time()
    times = []
    for one in work:
        began = time.perf_counter()
        one()
        times.append((time.perf_counter() - began) * 1000)
    python = (time.process_time() - began_cpu) * 1000
    database = (ticks(backend) - before) * 1000 / os.sysconf("SC_CLK_TCK")
    return {
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
        "work_ms": round((python + database) / len(times), 1),
    }


def _backend() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return int(cursor.fetchone()[0])


def pages(browser: Any, clients: Sequence[Any], rounds: int) -> dict[str, dict[str, float]]:
    """Every page for one client after the other; an address that does not stand is left out and said."""
    from django.urls import NoReverseMatch, reverse

    found: dict[str, dict[str, float]] = {}
    for name, address in PAGES.items():
        try:
            urls = [reverse(address, args=[clients[n % len(clients)].pk]) for n in range(rounds)]
        except NoReverseMatch:
            continue
        answer = browser.get(urls[0])
        if answer.status_code != 200:
            raise RuntimeError(f"{urls[0]} answered {answer.status_code}")
        found[name] = spent([partial(browser.get, url) for url in urls])
    return found


def reads(actor: Any, clients: Sequence[Any], rounds: int) -> dict[str, dict[str, float]]:
    """The same questions as the rival is asked, to the figures layer."""
    return {
        name: spent([partial(ask, actor, clients[n % len(clients)]) for n in range(rounds)])
        for name, ask in QUESTIONS.items()
    }


def _period(days: int, back: int = 0) -> Any:
    from datetime import timedelta

    from django.utils import timezone

    from niva.domains.metrics.periods import Period

    until = timezone.localdate() - timedelta(days=back)
    return Period(until - timedelta(days=days - 1), until)


def _scope(client: Any) -> Any:
    from niva.domains.metrics.figures import Scope

    return Scope(client_id=client.pk)


def _heat(actor: Any, client: Any) -> object:
    from django.db.models import Count, Sum

    from niva.domains.metrics.figures import posts_in

    rows = posts_in(actor, _scope(client), _period(365)).filter(publication__at_ages__age=72)
    return list(
        rows.order_by()
        .values("weekday", "hour")
        .annotate(n=Count("pk"), views=Sum("publication__at_ages__views"))
    )


def _top(actor: Any, client: Any) -> object:
    from niva.domains.metrics.figures import posts_in

    return list(
        posts_in(actor, _scope(client), _period(90)).order_by("-views").values("pk", "views", "likes")[:20]
    )


def _months(actor: Any, client: Any) -> object:
    from niva.domains.metrics.figures import figures

    words, scope = ["views", "likes"], _scope(client)
    return [
        figures(actor, words, scope, _period(30, back), by="community", basis="gained") for back in (0, 30)
    ]


def _why(actor: Any, client: Any) -> object:
    from niva.domains.metrics.figures import figures

    words, scope = ["publications", "views", "likes"], _scope(client)
    return [
        figures(actor, words, scope, _period(30, back), by=by)
        for back in (0, 30)
        for by in ("community", "format")
    ]


def _client(actor: Any, client: Any) -> object:
    from niva.domains.metrics.figures import figures

    return figures(actor, ["views", "likes"], _scope(client), _period(90), by="day", basis="gained")


QUESTIONS: Final[dict[str, Callable[[Any, Any], object]]] = {
    "client_page": _client,
    "heat_map": _heat,
    "top_posts": _top,
    "month_over_month": _months,
    "why_tree": _why,
}


def read_rows(actor: Any, clients: Sequence[Any]) -> list[str]:
    """The questions whose plans read raw readings from end to end: must be none."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    found = []
    for name, ask in QUESTIONS.items():
        with CaptureQueriesContext(connection) as asked:
            ask(actor, clients[0])
        for query in list(asked):
            if not query["sql"].upper().startswith("SELECT"):
                continue
            with connection.cursor() as cursor:
                cursor.execute("explain " + query["sql"].replace("%", "%%"))
                if any("Seq Scan on metrics_reading" in row[0] for row in cursor.fetchall()):
                    found.append(name)
    return found

"""`GET /metrics`: the engine's figures in the format of Prometheus.

For whoever has NIVA_METRICS_TOKEN as a bearer token, and for programs on this machine. To everybody else the
address is not there. Labels are networks, states and kinds of jobs; never a client, a post or a person.
"""

from __future__ import annotations

import hmac
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from niva.domains.people.errors import NotFound
from niva.flows import health as flow
from niva.flows.health import Health
from niva.kit.jobs.queries import KindLoad
from niva.kit.pulse import process
from niva.web.people.doors import from_this_machine

LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
# Our figure of a process → the name and the unit that Prometheus' own clients give it.
WHO: Final = ("kind", "host", "pid")
PROCESS: Final = {
    "memory_bytes": ("niva_process_resident_memory_bytes", "Memory that the process holds."),
    "threads": ("niva_process_threads", "Threads."),
    "open_files": ("niva_process_open_fds", "Open files and connections."),
    "loop_late_seconds": (
        "niva_process_loop_late_seconds",
        "How late the last beat was: the loop was busy so long.",
    ),
    "clock_off": ("niva_process_clock_ahead_seconds", "The machine's clock minus the database's."),
}


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """All figures at this moment. Raises NotFound for whoever may not ask."""
    if not may_ask(request):
        raise NotFound("metrics")
    registry = CollectorRegistry()
    registry.register(_Engine())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def may_ask(request: HttpRequest) -> bool:
    """The token, or a program on this machine that speaks to us directly.

    Behind a proxy every caller seems to be on this machine. So nearness counts only where no proxy is known
    of and the caller names us by a local name, which a proxy for the public does not.
    """
    token = os.environ.get("NIVA_METRICS_TOKEN", "")
    scheme, _, told = request.headers.get("Authorization", "").partition(" ")
    if token and scheme.lower() == "bearer" and hmac.compare_digest(told.strip().encode(), token.encode()):
        return True
    behind_proxy = settings.HTTPS or settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0
    host = request.get_host()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return not behind_proxy and name in LOCAL_NAMES and from_this_machine(request)


class _Engine(Collector):
    """Asked once for one answer; the registry lives no longer than the request."""

    def collect(self) -> Iterable[Metric]:
        it = flow.health(history=False)
        yield from _deliveries(it)
        yield from _jobs(it)
        yield from _house(it)
        yield from _processes(it)

    def describe(self) -> Iterable[Metric]:
        return ()  # otherwise registering would ask the database once more


def _one(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=value)


def _many(
    name: str, says: str, labels: tuple[str, ...], rows: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(name, says, labels=labels)
    for values, amount in rows:
        family.add_metric(values, amount)
    return family


def _deliveries(it: Health) -> Iterator[Metric]:
    states = it.queue.states
    yield _many(
        "niva_deliveries",
        "Deliveries that are not at an end, by state.",
        ("state",),
        (((state,), count) for state, count in states.items()),
    )
    yield _one("niva_deliveries_due", "Deliveries whose hour has come and that nobody holds.", it.queue.due)
    yield _one("niva_delivery_lag_seconds", "How late the oldest due delivery is.", it.queue.late_seconds)
    yield _one("niva_deliveries_stuck", "Held by a worker past the end of its lease.", it.queue.stuck)
    yield _many(
        "niva_attempts_last_hour",
        "How the attempts of the last hour ended, by network.",
        ("network", "outcome"),
        (
            ((network, outcome), count)
            for network, outcomes in it.attempts.ended.items()
            for outcome, count in outcomes.items()
        ),
    )
    span = (it.now - it.attempts.since).total_seconds()
    yield _one("niva_attempts_span_seconds", "The time in which those attempts were counted.", span)


def _jobs(it: Health) -> Iterator[Metric]:
    kinds: dict[str, Callable[[KindLoad], int]] = {
        "due": lambda one: one.due,
        "waiting": lambda one: one.waiting,
        "running": lambda one: one.running,
        "dead": lambda one: one.dead,
    }
    yield _many(
        "niva_jobs",
        "Jobs by kind: due, waiting for a later hour, running, given up.",
        ("kind", "state"),
        (((one.kind, name), count(one)) for one in it.kinds for name, count in kinds.items()),
    )
    yield _one("niva_job_lag_seconds", "How late the oldest due job is.", it.load.lateness.total_seconds())


def _house(it: Health) -> Iterator[Metric]:
    yield _one("niva_workers", "Workers that gave a sign of life within 45 s.", len(it.alive))
    yield _one("niva_communities_need_login", "Communities whose network asks to sign in.", it.needs_login)
    yield _one("niva_keys_end_within_week", "Communities whose keys end within 7 days.", it.keys_end)
    yield _one("niva_disk_free_bytes", "Room left on the disk of NIVA_HOME.", it.room.free)
    yield _one("niva_disk_size_bytes", "Size of the disk of NIVA_HOME.", it.room.total)
    troubles = {alarm.trouble for alarm in flow.alarms(it)}
    yield _many(
        "niva_alarm",
        "1: this alarm stands on the page of the engine's health.",
        ("alarm",),
        (((trouble.value,), float(trouble in troubles)) for trouble in flow.Trouble),
    )


def _processes(it: Health) -> Iterator[Metric]:
    """Workers as they last told of themselves; the web processes of this machine as the system tells."""
    host = socket.gethostname()
    told: list[tuple[tuple[str, str, str], Mapping[str, float]]] = [
        (("worker", one.host, str(one.pid)), {"started_at": one.started_at.timestamp(), **one.figures})
        for one in it.alive
    ]
    told += [(("web", host, str(pid)), process.figures_of(pid)) for pid in process.siblings()]
    own = (("web", host, str(os.getpid())), {"clock_off": it.clock_off})
    spent = CounterMetricFamily("niva_process_cpu_seconds", "Time of the processor.", labels=WHO)
    for who, figures in told:
        if "cpu_seconds" in figures:
            spent.add_metric(who, figures["cpu_seconds"])
    yield spent
    for figure, (name, says) in PROCESS.items():
        rows = [(who, figures[figure]) for who, figures in (*told, own) if figure in figures]
        yield _many(name, says, WHO, rows)
    begun = [(who, figures["started_at"]) for who, figures in told if "started_at" in figures]
    yield _many("niva_worker_start_time_seconds", "When the worker began.", WHO, begun)
    versions = [((one.version, one.host, str(one.pid)), 1.0) for one in it.alive]
    yield _many("niva_worker_version", "Always 1.", ("version", "host", "pid"), versions)

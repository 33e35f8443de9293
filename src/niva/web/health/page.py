"""`/health/`: how the engine is, for the keeper of the installation. To everybody else it is not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import NotFound
from niva.domains.people.keeper import demand_keeper
from niva.domains.publishing.states import Outcome
from niva.flows import health as flow
from niva.flows.health import Health, Tight
from niva.kit.jobs import queries as jobs
from niva.kit.jobs.types import JobId
from niva.kit.pulse.queries import Living
from niva.web.charts import lateness
from niva.web.health import sentences
from niva.web.people.doors import signed_in

STEP: Final = timedelta(minutes=10)
"""The width of one point of the chart: the worst minute of it is drawn."""


@require_safe
@never_cache
@signed_in
def health(request: HttpRequest) -> HttpResponse:
    """The page; it looks again every 15 seconds."""
    return _shown(request, "health/page.html")


@require_safe
@never_cache
@signed_in
def now(request: HttpRequest) -> HttpResponse:
    """Only what changes."""
    return _shown(request, "health/now.html")


def _shown(request: HttpRequest, template: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    demand_keeper(actor)
    return render(request, template, context(flow.health()))


@require_POST
@signed_in
def again(request: HttpRequest, job: int) -> HttpResponse:
    """A job that was given up gets all its tries again."""
    dead = _dead(request, job)
    if jobs.revive(dead.id):
        record(request.actor, "job.revived", request.actor.workspace, kind=dead.kind, job=dead.id)  # type: ignore[attr-defined]
        messages.info(request, _("The job is tried again from now on."))
    else:
        messages.info(request, _("Nothing to do: the same job waits already."))
    return redirect("health")


@require_POST
@signed_in
def discard(request: HttpRequest, job: int) -> HttpResponse:
    """A job that was given up leaves the list for good."""
    dead = _dead(request, job)
    jobs.discard(dead.id)
    record(request.actor, "job.discarded", request.actor.workspace, kind=dead.kind, job=dead.id)  # type: ignore[attr-defined]
    messages.info(request, _("The job is off the list. Nothing else was changed."))
    return redirect("health")


def _dead(request: HttpRequest, job: int) -> jobs.DeadJob:
    demand_keeper(request.actor)  # type: ignore[attr-defined]
    found = jobs.dead_job(JobId(job)) if job < 2**63 else None
    if found is None:
        raise NotFound("job")
    return found


def _chart(it: Health) -> dict[str, Any] | None:
    if len(it.minutes) < sentences.FEW_MINUTES:
        return None
    return lateness(list(_points(it.minutes, it.now)), value_title=_("Seconds late"))


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """A network's attempts, in the order of the columns; None: not one ended so."""

    network: str
    counts: list[int | None]


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """`memory`: megabytes; `alive`: how long, in words."""

    worker: Living
    alive: str
    memory: float | None


@dataclass(frozen=True, slots=True)
class TightRow:
    limit: Tight
    whose: str


def context(it: Health) -> dict[str, Any]:
    """Everything the templates show."""
    alarms = flow.alarms(it)
    columns = [one for one in Outcome if any(one in ended for ended in it.attempts.ended.values())]
    columns.sort(key=list(sentences.OUTCOMES).index)
    return {
        "it": it,
        "title": sentences.headline(alarms),
        "alarms": [sentences.say(alarm) for alarm in alarms],
        "late": sentences.how_long(it.queue.late_seconds),
        "finding": sentences.lag_finding(it),
        "unseen": sentences.unseen_finding(it),
        "chart": _chart(it),
        "states": [(state, it.queue.states[state]) for state in sentences.SHOWN_STATES],
        "outcomes": [sentences.OUTCOMES[one] for one in columns],
        "networks": [
            NetworkRow(network, [ended.get(one) for one in columns])
            for network, ended in sorted(it.attempts.ended.items())
        ],
        "span": sentences.how_long((it.now - it.attempts.since).total_seconds()),
        "workers": [_worker(one, it.now) for one in it.workers],
        "kinds": [(sentences.KINDS.get(one.kind, one.kind), one) for one in it.kinds],
        "dead": [(sentences.KINDS.get(one.kind, one.kind), one) for one in it.dead],
        "more_dead": it.load.dead - len(it.dead),
        "tight": [TightRow(one, str(sentences.SCOPES.get(one.scope, one.scope))) for one in it.tight],
        "job_lag": sentences.how_long(it.load.lateness.total_seconds()),
    }


def _worker(one: Living, now: datetime) -> WorkerRow:
    memory = one.figures.get("memory_bytes")
    lived = sentences.how_long((now - one.started_at).total_seconds())
    return WorkerRow(one, lived, None if memory is None else memory / 1e6)


def _points(
    minutes: Sequence[tuple[datetime, float, int]], now: datetime
) -> Iterator[tuple[datetime, float | None]]:
    """The worst of every ten minutes of the last day; None where nobody looked. Nothing at all: no points."""
    if not minutes:
        return
    worst: dict[int, float] = {}
    for minute, late, _due in minutes:
        slot = int(minute.timestamp() // STEP.total_seconds())
        worst[slot] = max(worst.get(slot, 0.0), late)
    last = int(now.timestamp() // STEP.total_seconds())
    for slot in range(min(worst), last + 1):
        at = datetime.fromtimestamp(slot * STEP.total_seconds(), now.tzinfo)
        yield at, worst.get(slot)

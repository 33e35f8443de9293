"""The desk keeps score of its own forecasts: it says them at fixed moments and settles them by counting.

Said on the first days of a month: where each measure of a client will stand at its end; of every open goal,
where it will end. A goal that opened within the month is foretold again once seven of its days are over. What
was said is never changed. It is settled by the very query that the pages use; where that cannot tell (the
goal was closed or counts otherwise now, the network began to count otherwise, days were not read), the
forecast is void, with the reason, and counts neither way.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from niva.domains.advice import queries as advice
from niva.domains.advice.models import Advice, AdviceKind, Verdict
from niva.domains.advice.services import in_range, say, settle
from niva.domains.clients.models import Client, Goal
from niva.domains.clients.progress import MIN_DAYS, Stage
from niva.domains.clients.queries import today_of
from niva.domains.metrics.dictionary import measure, measures
from niva.domains.metrics.models import Daily
from niva.domains.metrics.periods import Period
from niva.domains.people.actor import machine
from niva.flows.foreseeing import ODDS, came_of, months_ahead, words_of
from niva.flows.goal_fact import Standing, standings

EVERY: Final = timedelta(hours=6)
SAID_UNTIL: Final = 3
"""The day of the month until which a desk that slept on the first still says the month's forecast."""
OPENED_WITHIN: Final = timedelta(days=14)
SETTLED_AFTER: Final = timedelta(days=2)
"""Days that the networks get for late readings before a month is settled."""
READ: Final = 0.8
"""The share of days that must have been read for a month to be told."""
_log = logging.getLogger("niva.foretelling")


def round_of_all(now: datetime | None = None) -> tuple[int, int]:
    """Say what is to be said and settle what is due, everywhere: how many were said, how many settled. One
    client that fails stops no other."""
    now = now or timezone.now()
    said = settled = 0
    rows = Client.objects.filter(archived_at__isnull=True).select_related("workspace").order_by("pk")
    for client in rows.iterator(chunk_size=200):
        try:
            said += say_all(client, today_of(client), now)
        except Exception:
            _log.exception("the forecast of client %s could not be said", client.pk)
    for row in advice.due(now.date(), kind=AdviceKind.FORECAST):
        try:
            settled += settle_one(row, now)
        except Exception:
            _log.exception("forecast %s could not be settled", row.pk)
    return said, settled


def say_all(client: Client, today: date, now: datetime) -> int:
    """What is to be said of one client on the morning of his `today`. Returns how many were new."""
    goals = list(Goal.objects.filter(client=client, closed_at__isnull=True).select_related("client"))
    return _say_measures(client, goals, today, now) + _say_goals(client, goals, today, now)


def _say_measures(client: Client, goals: list[Goal], today: date, now: datetime) -> int:
    if today.day > SAID_UNTIL:
        return 0
    main = next((goal for goal in goals if goal.is_main), None)
    keys = {f"forecast:{word}:{today:%Y-%m}": word for word in words_of(main)}
    for key in Advice.objects.filter(client=client, key__in=keys).values_list("key", flat=True):
        del keys[key]
    said = 0
    for one in months_ahead(machine(client.workspace), client, tuple(keys.values()), today):
        if one.expected is None:
            continue
        say(
            client=client, kind=AdviceKind.FORECAST, key=f"forecast:{one.word}:{today:%Y-%m}",
            figure=one.word, due_on=one.month.until + SETTLED_AFTER, now=now, odds=ODDS,
            expected=round(one.expected, 2), low=round(one.low or 0.0, 2), high=round(one.high or 0.0, 2),
            about={
                "since": one.month.since.isoformat(), "until": one.month.until.isoformat(),
                "version": measure(one.word).version,
            },
        )  # fmt: skip
        said += 1
    return said


def _say_goals(client: Client, goals: list[Goal], today: date, now: datetime) -> int:
    keys = {key: goal for goal in goals if (key := _key_of(goal, today))}
    for key in Advice.objects.filter(client=client, key__in=keys).values_list("key", flat=True):
        del keys[key]
    stand = standings(keys.values()) if keys else {}
    return sum(_say_goal(key, stand[goal.pk], now) for key, goal in keys.items())


def _key_of(goal: Goal, today: date) -> str:
    """Under which key a goal is foretold today; empty: not today."""
    ripe = goal.starts_on + timedelta(days=MIN_DAYS)
    if ripe <= today < ripe + OPENED_WITHIN:
        return f"forecast:goal:{goal.pk}:open"
    return f"forecast:goal:{goal.pk}:{today:%Y-%m}" if today.day <= SAID_UNTIL and today > ripe else ""


def _say_goal(key: str, found: Standing, now: datetime) -> int:
    goal, seen = found.goal, found.progress
    if seen.stage is not Stage.RUNNING or seen.expected is None or seen.reached:
        return 0
    low, high = float(seen.expected.low), float(seen.expected.high)
    say(
        client=goal.client, kind=AdviceKind.FORECAST, key=key, figure=f"goal:{goal.pk}",
        due_on=goal.deadline + SETTLED_AFTER, now=now, odds=ODDS, low=low, high=high,
        expected=(low + high) / 2,
        about={
            "name": goal.figure, "since": goal.starts_on.isoformat(), "until": goal.deadline.isoformat(),
            "plan": float(goal.plan), "fact": float(seen.fact or 0), "counts": _counts(goal),
            "units": [goal.unit_one, goal.unit_few, goal.unit_many],
        },
    )  # fmt: skip
    return 1


def _counts(goal: Goal) -> list[str]:
    """By what a goal is counted: when this changes, what was foretold is of another thing."""
    return [
        goal.counting, goal.metric, goal.leads_from, goal.starts_on.isoformat(), goal.deadline.isoformat()
    ]  # fmt: skip


# Settled


def settle_one(row: Advice, now: datetime) -> int:
    """One forecast whose day has come. Returns 1 when it was settled now."""
    came, why = _of_goal(row) if row.figure.startswith("goal:") else _of_measure(row)
    verdict = Verdict.VOID if came is None else in_range(row, came)
    return int(settle(advice_id=row.pk, verdict=verdict, now=now, came=came, why=why))


def _of_goal(row: Advice) -> tuple[float | None, str]:
    goal = Goal.objects.select_related("client").filter(pk=int(row.figure.partition(":")[2])).first()
    if goal is None:
        return None, "goal_gone"
    if goal.closed_at is not None and goal.closed_at.date() <= goal.deadline:
        return None, "goal_closed"
    if _counts(goal) != row.about.get("counts"):
        return None, "changed"
    fact = standings([goal])[goal.pk].progress.fact
    return (None, "no_readings") if fact is None else (float(fact), "")


def _of_measure(row: Advice) -> tuple[float | None, str]:
    period = Period(date.fromisoformat(row.about["since"]), date.fromisoformat(row.about["until"]))
    found = measures().get(row.figure)
    if found is None or found.version != row.about.get("version"):
        return None, "changed"
    anew = Q(metric__in=found.parts, day__range=(period.since, period.until), anew=True)
    if Daily.objects.filter(anew, community__client_id=row.client_id).exists():
        return None, "counts_anew"
    came, read = came_of(machine(row.workspace), row.client, row.figure, period)
    if came is None:
        return None, "no_readings"
    return (came, "") if read >= READ * period.days else (None, "not_read")

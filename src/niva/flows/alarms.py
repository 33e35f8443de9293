"""Alarms of the desk: what lay out of the ordinary in the last days, said once, with what may have caused it.

A few times a day the engine of anomalies judges every daily series of a client by its own past. The threshold
is made from a budget: BUDGET false alarms a month and client, however many series it has. What was said is
never changed. A person says what it was worth (it mattered, its cause was known, it was false); what nobody
answers within ANSWERED_WITHIN is void and counts neither way.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone

from niva.domains.advice import queries as advice
from niva.domains.advice.models import Advice, AdviceKind, Verdict
from niva.domains.advice.services import say, settle
from niva.domains.clients import access
from niva.domains.clients.models import Client, ClientRole
from niva.domains.clients.queries import today_of
from niva.domains.communities.models import Community
from niva.domains.notices.services import tell
from niva.domains.people.actor import Actor, machine
from niva.domains.people.audit import record
from niva.domains.people.models import Membership, User, WorkspaceRole
from niva.flows.alarm_causes import EXPLAIN_A_RISE, causes_of
from niva.flows.alarm_series import Series, series_of

if TYPE_CHECKING:
    from niva.numbers.anomalies import Episode

EVERY: Final = timedelta(hours=6)
BUDGET: Final = 1.0
"""False alarms that a client's series may raise in a month, all together."""
MONTH: Final = 30
FRESH: Final = 3
"""Days back from today that are still said: a night's sleep loses nothing, and an old story is no alarm."""
QUIET: Final = timedelta(days=7)
ANSWERED_WITHIN: Final = timedelta(days=60)
ANSWERS: Final = {"mattered": Verdict.HIT, "known": Verdict.HIT, "false": Verdict.MISS}
"""What a person says: it mattered; it was really so, but its cause was known before; there was nothing."""
USUAL: Final = 28
"""Days before it whose middle is told as the usual: of all weekdays alike, so that anybody can check it."""
_log = logging.getLogger("niva.alarms")


def round_of_all(now: datetime | None = None) -> tuple[int, int]:
    """Say what is new and void what nobody answered, everywhere: how many were said, how many voided. One
    client that fails stops no other."""
    now = now or timezone.now()
    said = 0
    rows = Client.objects.filter(archived_at__isnull=True).select_related("workspace").order_by("pk")
    for client in rows.iterator(chunk_size=200):
        try:
            said += len(say_all(client, today_of(client), now))
        except Exception:
            _log.exception("alarms of client %s could not be said", client.pk)
    voided = sum(
        settle(advice_id=row.pk, verdict=Verdict.VOID, now=now, why="nobody_said")
        for row in advice.due(now.date(), kind=AdviceKind.ALARM)
    )
    return said, voided


def threshold_for(series: int) -> tuple[float, float]:
    """The threshold at which this many daily series raise BUDGET false alarms in a month; and the points of
    1,000 that this is."""
    from niva.numbers.anomalies import threshold_of

    per_thousand = min(1000 * BUDGET / (max(series, 1) * MONTH), 100.0)
    return threshold_of(per_thousand), per_thousand


def say_all(client: Client, today: date, now: datetime) -> list[Advice]:
    """What is out of the ordinary on the days before the client's `today` (which is not over), written down
    once. Returns what was new; those who work there are told."""
    from niva.numbers.anomalies import episodes

    communities = list(
        Community.objects.filter(client=client, archived_at__isnull=True).select_related("workspace")
    )
    watched = [
        (series, scored)
        for series in series_of(client, today - timedelta(days=1), communities)
        if (scored := series.scored()) is not None
    ]
    threshold, _of_points = threshold_for(len(watched))
    found = []
    for series, scored in watched:
        for one in episodes(scored, threshold):
            fresh = series.days[one.start] >= today - timedelta(days=FRESH)
            if fresh and not _said_lately(client, series, series.days[one.start]):
                found.append(_say(client, series, one, now, watched=len(watched)))
    if found:
        _tell(client, len(found))
    return found


def _said_lately(client: Client, series: Series, day: date) -> bool:
    """The same story told twice is noise, even when late readings have moved its first day."""
    rows = Advice.objects.filter(client=client, community=series.community, kind=AdviceKind.ALARM)
    since = (day - QUIET).isoformat()
    return rows.filter(figure=series.word, about__day__gt=since).exists()


def _say(client: Client, series: Series, one: Episode, now: datetime, *, watched: int) -> Advice:
    day = series.days[one.peak]
    earlier, up = series.values[: one.peak], one.direction == "up"
    causes = causes_of(client, series, day, one.direction)
    about: dict[str, Any] = {
        "day": day.isoformat(), "since": series.days[one.start].isoformat(),
        "value": one.value, "direction": one.direction, "score": round(one.score, 2),
        "never": one.value > max(earlier) if up else one.value < min(earlier),
        "once_in_days": one.once_in, "days_known": one.peak, "watched": watched, "budget": BUDGET,
        "causes": causes,
        # The cheat detector on ourselves: people who came for no reason that the desk knows.
        "unexplained": up and not any(cause["code"] in EXPLAIN_A_RISE for cause in causes),
    }  # fmt: skip
    if series.goal is not None:
        about["name"] = series.goal.figure
    place = f"community:{series.community.pk}:" if series.community else ""
    return say(
        client=client, community=series.community, kind=AdviceKind.ALARM, figure=series.word,
        key=f"alarm:{place}{series.word}:{day}", due_on=day + ANSWERED_WITHIN, now=now,
        expected=round(median(earlier[-USUAL:]), 2), about=about,
    )  # fmt: skip


def _tell(client: Client, count: int) -> None:
    tell(
        machine(client.workspace),
        users=who_works(client),
        kind="alarm_raised",
        url=f"/clients/{client.pk}/alarms/",
        client=client,
        key=f"alarm_raised:{client.pk}",
        client_name=client.name,
        count=count,
    )


def who_works(client: Client) -> list[User]:
    """Those who work at this client; where it has none, the owners of the workspace."""
    at_work = [role for role, can in access.CAPABILITIES.items() if "work" in can]
    rows = ClientRole.objects.filter(client=client, role__in=at_work).select_related("membership__user")
    if found := [row.membership.user for row in rows]:
        return found
    owners = Membership.objects.filter(workspace_id=client.workspace_id, role=WorkspaceRole.OWNER)
    return [row.user for row in owners.select_related("user")]


@transaction.atomic
def answer(actor: Actor, *, client_id: int, alarm_id: int, word: str, now: datetime | None = None) -> bool:
    """A person says what an alarm was worth: a word of ANSWERS. False when somebody said it before.

    Raises NotFound, Forbidden; KeyError for another word.
    """
    rows = Advice.objects.filter(kind=AdviceKind.ALARM, client_id=client_id)
    row = access.get(actor, rows, alarm_id, can="work")
    done = settle(
        advice_id=row.pk, verdict=ANSWERS[word], now=now or timezone.now(), why=word, by=actor.name[:150]
    )
    if done:
        record(actor, "alarm.answered", row.client, alarm=row.pk, answer=word)
    return done

"""An experiment is planned by lot, fed with posts that went out, and closed once, for ever."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.advice import services as advice
from niva.domains.advice.models import Advice, AdviceKind, Verdict
from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.experiments import queries
from niva.domains.experiments.models import Assignment, Experiment, MeasureOf, Stand, State
from niva.domains.metrics.models import AGES
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.publishing.models import Publication
from niva.kit.local_time import nearest

MOST_EACH: Final = 400
EFFECTS: Final = (0.1, 0.2, 0.3, 0.5, 1.0)
NEAR: Final = timedelta(minutes=90)
"""A post that went out so near to its slot is taken as the one of that slot."""


@transaction.atomic
def plan(
    actor: Actor,
    *,
    community_id: int,
    question: str,
    first: str,
    second: str,
    measure: str,
    age: int,
    effect: float,
    posts_each: int,
    seed: int | None = None,
) -> Experiment:
    """Plan one, by lot: it runs from now on. Raises NotFound, Forbidden, Invalid (fields as named here)."""
    community = access.get(actor, Community.objects.select_related("client"), community_id, can="write")
    _checked(community, question, first, second, measure, age, effect, posts_each)
    spread = queries.spread_of(community, measure, age)
    now = timezone.now()
    row = Experiment.objects.create(
        workspace_id=community.workspace_id, client=community.client, community=community,
        question=question.strip(), first=first.strip(), second=second.strip(), measure=measure, age=age,
        effect=effect, posts_each=posts_each, sigma=spread.sigma, own_spread=spread.own,
        seed=secrets.randbits(31) if seed is None else seed, created_by=actor.user, created_at=now,
    )  # fmt: skip
    last = _draw(row, now)
    advice.say(
        client=community.client, community=community, kind=AdviceKind.EXPERIMENT, key=_key(row),
        figure=measure, now=now, expected=1 + effect,
        due_on=(last or now + timedelta(days=posts_each * 2)).date() + timedelta(hours=age),
        about={"question": row.question, "first": row.first, "second": row.second},
    )  # fmt: skip
    record(actor, "experiment.planned", row, posts_each=posts_each, effect=effect)
    return row


def _key(row: Experiment) -> str:
    return f"experiment:{row.pk}"


def _checked(
    community: Community, question: str, first: str, second: str, measure: str, age: int, effect: float,
    posts_each: int,
) -> None:  # fmt: skip
    wrong: dict[str, list[str]] = {}
    if not question.strip():
        wrong["question"] = [_("Write what you want to know.")]
    if not first.strip():
        wrong["first"] = [_("Name the first way.")]
    if not second.strip() or first.strip() == second.strip():
        wrong["second"] = [_("Name a second way, another one than the first.")]
    if measure not in MeasureOf.values:
        wrong["measure"] = [_("Choose what the posts are compared by.")]
    if age not in AGES:
        wrong["age"] = [_("Choose the age at which posts are compared.")]
    if not 0 < effect <= 10:
        wrong["effect"] = [_("Choose how large a difference is worth knowing.")]
    if not 2 <= posts_each <= MOST_EACH:
        wrong["posts_each"] = [_("From 2 to %(most)d posts of each way.") % {"most": MOST_EACH}]
    running = Experiment.objects.filter(community=community, state=State.RUNNING)
    if running.exists():
        wrong[""] = [
            _("An experiment runs here already. Two at once would spoil each other: close that one first.")
        ]
    if wrong:
        raise Invalid(wrong)


def _draw(row: Experiment, now: datetime) -> datetime | None:
    """The plan as rows; the moment of its last post, None without slots."""
    from niva.numbers.experiments import assign

    drawn = assign(row.posts_each, row.seed)
    moments = list(islice(_coming(row.community, now), len(drawn)))
    Assignment.objects.bulk_create(
        Assignment(
            experiment=row, number=number + 1, block=block, way=str(arm),
            due_at=moments[number] if number < len(moments) else None,
        )
        for number, (block, arm) in enumerate(drawn)
    )  # fmt: skip
    return moments[-1] if moments else None


def _coming(community: Community, now: datetime) -> Iterator[datetime]:
    """The moments of the community's slots from tomorrow on; none where there are no slots."""
    slots = list(community.slots.all())
    if not slots:
        return
    day: date = now.astimezone(ZoneInfo(community.time_zone)).date()
    while True:
        day += timedelta(days=1)
        for slot in slots:
            if slot.weekday == day.weekday():
                yield nearest(day, slot.at, community.time_zone)


@transaction.atomic
def take(actor: Actor, *, experiment_id: int, number: int, publication_id: int | None) -> Assignment:
    """Say which post was the one of this line; None takes it off. Raises NotFound, Forbidden, Invalid,
    Conflict when the experiment is closed."""
    row = _open(actor, experiment_id)
    line = row.assignments.select_for_update().filter(number=number).first()
    if line is None:
        raise Invalid.one("number", _("There is no such line in the plan."))
    publication = None
    if publication_id is not None:
        publication = access.get(actor, Publication.objects.filter(community=row.community), publication_id)
        if row.assignments.filter(publication=publication).exclude(pk=line.pk).exists():
            raise Invalid.one("publication", _("This post stands at another line already."))
    line.publication = publication
    line.save(update_fields=["publication"])
    record(actor, "experiment.post_taken", row, number=number, publication=publication_id)
    return line


@transaction.atomic
def match(actor: Actor, *, experiment_id: int) -> int:
    """Give every line without a post the one that went out nearest to its slot, if within an hour and a
    half; returns how many. Raises NotFound, Forbidden, Conflict."""
    row = _open(actor, experiment_id)
    free = list(queries.free_posts(row))
    found = 0
    for line in row.assignments.select_for_update().filter(publication=None, due_at__isnull=False):
        due = line.due_at
        near = [post for post in free if due is not None and abs(post.published_at - due) <= NEAR]
        if not near or due is None:
            continue
        best = min(near, key=lambda post: abs(post.published_at - due))
        free.remove(best)
        line.publication = best
        line.save(update_fields=["publication"])
        found += 1
    if found:
        record(actor, "experiment.posts_matched", row, posts=found)
    return found


@transaction.atomic
def close(actor: Actor, *, experiment_id: int, words: str = "") -> Experiment:
    """Write down what came out, and end it: with a verdict where one can be told or all posts are read,
    else it is stopped before its end. `words`: what was said to people, kept. Raises Conflict when closed."""
    row = _open(actor, experiment_id)
    now = timezone.now()
    result = queries.result_of(row)
    told = str(result.stand) in Stand.values
    row.state = State.ENDED if told else State.STOPPED
    row.stand = Stand(str(result.stand)) if told else ""
    row.ratio, row.low, row.high, row.words = result.ratio, result.low, result.high, words[:600]
    row.closed_at, row.closed_by = now, actor.user
    row.save()
    verdict = Verdict.VOID if not told else Verdict.MISS if row.stand == Stand.NONE else Verdict.HIT
    said = Advice.objects.get(client_id=row.client_id, key=_key(row))
    advice.settle(
        advice_id=said.pk, verdict=verdict, now=now, came=row.ratio, by=str(actor.user),
        why="" if told else "stopped",
    )  # fmt: skip
    record(actor, "experiment.closed", row, state=row.state, stand=row.stand)
    return row


def _open(actor: Actor, experiment_id: int) -> Experiment:
    rows = Experiment.objects.select_for_update(of=("self",)).select_related("community")
    row = access.get(actor, rows, experiment_id, can="write")
    if row.state != State.RUNNING:
        raise Conflict(_("This experiment is closed: what came out is kept as it was."), row)
    return row

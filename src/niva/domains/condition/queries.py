"""Named reads of how communities stand, through the one door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.condition import checklists
from niva.domains.condition.models import Answer, Check, Condition, Finding
from niva.domains.condition.states import IN_ORDER, URGENCY, State
from niva.domains.people.actor import Actor
from niva.networks.base.checklist import Item


@dataclass(frozen=True, slots=True)
class Line:
    """One item as it stands, with what a person said of it."""

    item: Item
    finding: Finding
    answer: Answer | None = None

    @property
    def in_order(self) -> bool:
        return State(self.finding.state) in IN_ORDER


@dataclass(frozen=True, slots=True)
class Standing:
    """`todo`: what is not in order, the most harmful first; `rest`: what is, and what does not apply."""

    row: Condition | None
    todo: list[Line] = field(default_factory=list)
    rest: list[Line] = field(default_factory=list)


def condition(actor: Actor, community: Community) -> Condition | None:
    """The standing of one community in short; None while nobody has looked."""
    return access.visible(actor, Condition.objects.filter(community=community)).first()


def conditions_of_client(actor: Actor, client_id: int) -> list[Condition]:
    """Those of a client's communities that are not in the archive."""
    rows = Condition.objects.filter(client_id=client_id, community__archived_at__isnull=True)
    return list(access.visible(actor, rows).order_by("community_id"))


def standing(actor: Actor, community: Community) -> Standing:
    """How one community stands. Items that the checklist has no more are left out."""
    row = condition(actor, community)
    answers = {
        one.item: one
        for one in access.visible(
            actor, Answer.objects.filter(community=community).select_related("answered_by")
        )
    }
    items = {item.code: item for item in checklists.items_of(community.network)}
    order = {code: place for place, code in enumerate(items)}
    findings = access.visible(actor, Finding.objects.filter(community=community))
    lines = [Line(items[one.item], one, answers.get(one.item)) for one in findings if one.item in items]
    todo = [one for one in lines if not one.in_order and one.finding.state != State.NOT_APPLICABLE]
    rest = [one for one in lines if one not in todo]
    return Standing(
        row,
        todo=sorted(todo, key=lambda one: (*_urgency(one.finding), order[one.item.code])),
        rest=sorted(rest, key=lambda one: (not one.in_order, order[one.item.code])),
    )


def _urgency(finding: Finding) -> tuple[bool, int, int]:
    return (not finding.required, URGENCY.index(State(finding.state)), -finding.weight)


def history(actor: Actor, community: Community, *, limit: int = 20) -> list[Check]:
    """The latest checks that changed something or failed, the newest first."""
    rows = access.visible(actor, Check.objects.filter(community=community).select_related("by"))
    return list(rows.exclude(changed=[], code="").order_by("-at")[:limit])


def checks(actor: Actor, community: Community) -> QuerySet[Check]:
    """All checks of a community, for the API."""
    return access.visible(actor, Check.objects.filter(community=community).select_related("by"))


def score_by_day(
    actor: Actor, community: Community, *, now: datetime, days: int = 90
) -> list[tuple[date, int, int]]:
    """(day in the community's own zone, done, required) of the last check of each day."""
    zone = ZoneInfo(community.time_zone)
    rows = access.visible(
        actor, Check.objects.filter(community=community, at__gte=now - timedelta(days=days))
    )
    found: dict[date, tuple[int, int]] = {}
    for at, done, required in rows.order_by("at").values_list("at", "done", "required"):
        found[at.astimezone(zone).date()] = (done, required)
    return [(day, *both) for day, both in found.items()]


@dataclass(frozen=True, slots=True)
class Row:
    """One item over several communities; None where a community has no such item."""

    item: Item
    findings: Sequence[Finding | None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`standings`: by community, None where nobody has looked yet."""

    communities: Sequence[Community]
    standings: Sequence[Condition | None]
    rows: Sequence[Row]


def compare(actor: Actor, *, client_id: int) -> Comparison:
    """All communities of a client beside each other, item by item. Three queries."""
    communities = list(
        access.visible(
            actor, Community.objects.filter(client_id=client_id, archived_at__isnull=True)
        ).order_by("network", "name", "id")
    )
    ids = [one.pk for one in communities]
    standings = {
        row.community_id: row for row in access.visible(actor, Condition.objects.filter(community_id__in=ids))
    }
    findings = {
        (row.community_id, row.item): row
        for row in access.visible(actor, Finding.objects.filter(community_id__in=ids))
    }
    items: dict[str, Item] = {}
    for community in communities:
        for item in checklists.items_of(community.network):
            items.setdefault(item.code, item)
    rows = [
        Row(item, [findings.get((pk, code)) for pk in ids])
        for code, item in items.items()
        if any((pk, code) in findings for pk in ids)
    ]
    return Comparison(communities, [standings.get(pk) for pk in ids], rows)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A community where something required is broken (`first`: the most harmful item), `due` answers are too
    old, or so many follow it that it will soon have to stand in the register (`soon`)."""

    community: Community
    broken: int
    first: str
    due: int
    soon: bool = False


def alarms(actor: Actor, *, limit: int = 30) -> list[Alarm]:
    """Where somebody must do something, for the first page. One query where all is well, else three."""
    bad = Q(state=State.BROKEN, required=True)
    old, near = Q(said="answer_old"), Q(said="register_soon")
    rows = access.visible(
        actor,
        Finding.objects.filter(
            bad | old | near, community__archived_at__isnull=True, client__archived_at__isnull=True
        ),
    )
    counted = {
        one["community_id"]: one
        for one in rows.values("community_id").annotate(
            broken=Count("id", filter=bad), due=Count("id", filter=old), near=Count("id", filter=near)
        )
    }
    if not counted:
        return []
    first = dict(rows.filter(bad).order_by("weight", "-since").values_list("community_id", "item"))
    communities = access.visible(
        actor, Community.objects.filter(pk__in=counted).select_related("client")
    ).order_by("client__name", "name")[:limit]
    return [
        Alarm(one, found["broken"], first.get(one.pk, ""), found["due"], soon=bool(found["near"]))
        for one in communities
        if (found := counted[one.pk])
    ]

"""A lead comes in, by whatever door: once by its key, traced to its post, known again by his contact.

The rule of doubles: a contact that comes again within `double_days` of coming before is the same lead. He is
counted once, at his first coming; the later ones are kept, shown, and lead to the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, Goal
from niva.domains.communities.models import Community
from niva.domains.leads import sealing
from niva.domains.leads.models import ClientSays, Door, FunnelTerms, Lead, LeadStep, Source
from niva.domains.leads.sealing import Person
from niva.domains.leads.states import NOT_LEADS, RANKS, Reason, Status
from niva.domains.leads.utm import Marks
from niva.domains.metrics.models import PostNumbers
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.people.models import User
from niva.domains.publishing.models import Publication

OLDEST: Final = timedelta(days=366 * 10)
AHEAD: Final = timedelta(days=1)  # clocks of senders
MOST_ALIKE: Final = 500  # comings of one contact that are compared
LARGEST: Final = Decimal("1e11")


@dataclass(frozen=True, slots=True)
class Consent:
    """`given` None: nobody wrote it down. `words`: what he said yes to, `url`: where."""

    given: bool | None = None
    words: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Came:
    """What a door understood. `link`: of the post that brought him, where somebody told it."""

    source: str
    person: Person
    came_at: datetime | None = None
    marks: Marks = field(default_factory=Marks)
    how_heard: str = ""
    key: str = ""
    consent: Consent = field(default_factory=Consent)
    status: str = Status.NEW
    reason: str = ""
    amount: Decimal | None = None
    margin: Decimal | None = None
    goal_id: int | None = None
    publication_id: int | None = None
    link: str = ""
    door: Door | None = None
    owner: User | None = None
    client_says: str = ClientSays.NOTHING
    first_answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """`fresh` False: this key was taken in before, nothing has changed."""

    lead: Lead
    fresh: bool


@transaction.atomic
def take(actor: Actor, *, client_id: int, came: Came) -> Taken:
    """One lead into the list. Raises NotFound, Forbidden, Invalid (field -> sentences)."""
    # One at a time for a client: two comings of one person in the same second are told apart.
    client = access.get(actor, Client.objects.select_for_update(no_key=True), client_id, can="work")
    before = Lead.objects.filter(client=client, key__in=list(sealing.keys_of(came.key))).first()
    if before is not None:
        return Taken(before, False)
    person = sealing.tidy(came.person)
    now = timezone.now()
    came_at = came.came_at or now
    check(client, came, person, came_at, now)
    lead = _row(client, came, person, came_at, now)
    lead.created_by = actor.user
    try:
        with transaction.atomic():
            lead.save()
    except IntegrityError:
        return Taken(Lead.objects.get(client=client, key=came.key), False)
    LeadStep.objects.create(lead=lead, by=actor.name[:200], what="came", now=lead.status, at=now)
    settle_doubles(client, sealing.marks_to_find(person))
    lead.refresh_from_db(fields=["counts", "double_of"])
    record(actor, "lead.came", lead, source=lead.source)
    return Taken(lead, True)


@transaction.atomic
def take_many(actor: Actor, *, client_id: int, many: Sequence[Came]) -> int:
    """Leads of a table in a few queries (more only for those with a trace): those whose key was taken in
    before
    are left out. Returns how many are new; one line in the trail. Raises as `take`, then nothing is
    written."""
    client = access.get(actor, Client.objects.select_for_update(no_key=True), client_id, can="work")
    keys = [key for came in many for key in sealing.keys_of(came.key)]
    there = set(Lead.objects.filter(client=client, key__in=keys).values_list("key", flat=True))
    now, rows = timezone.now(), []
    for came in many:
        if there.intersection(sealing.keys_of(came.key)):
            continue
        person, came_at = sealing.tidy(came.person), came.came_at or now
        check(client, came, person, came_at, now)
        row = _row(client, came, person, came_at, now)
        row.created_by = actor.user
        rows.append(row)
    Lead.objects.bulk_create(rows, batch_size=200)
    LeadStep.objects.bulk_create(
        [LeadStep(lead=row, by=actor.name[:200], what="came", now=row.status, at=now) for row in rows],
        batch_size=500,
    )
    if rows:
        settle_doubles(client)
        record(actor, "leads.imported", client, rows=len(rows))
    return len(rows)


def check(client: Client, came: Came, person: Person, came_at: datetime, now: datetime) -> None:
    """Raises Invalid with all that is wrong, field by field."""
    errors: dict[str, list[str]] = {}
    if person.says_nothing:
        errors[""] = [_("There is nobody in it: give a contact, a name, or what was written.")]
    if came_at > now + AHEAD:
        errors["came_at"] = [_("This moment has not come yet.")]
    elif came_at < now - OLDEST:
        errors["came_at"] = [_("This is more than ten years ago. Check the year.")]
    if came.source not in Source.values:
        errors["source"] = [_("Choose where he comes from.")]
    if came.status not in Status.values:
        errors["status"] = [_("Choose how far it is.")]
    if came.status == Status.REFUSED and came.reason not in Reason.values:
        errors["reason"] = [_("Say why nothing came of it.")]
    if came.client_says not in ClientSays.values:
        errors["client_says"] = [_("Choose what the client says.")]
    for name in ("amount", "margin"):
        value = getattr(came, name)
        least = -LARGEST if name == "margin" else Decimal(0)
        if value is not None and not (value.is_finite() and least <= value < LARGEST):
            errors[name] = [_("A sum of money, zero or more. Leave it empty when it is not known.")]
    if came.goal_id is not None and not Goal.objects.filter(client=client, pk=came.goal_id).exists():
        errors["goal_id"] = [_("This client has no such goal.")]
    if len(came.key) > 120:
        errors["key"] = [_("Too long: %(most)d characters at most.") % {"most": 120}]
    if errors:
        raise Invalid(errors)


def _row(client: Client, came: Came, person: Person, came_at: datetime, now: datetime) -> Lead:
    publication, community = trace(client, came.marks, publication_id=came.publication_id, link=came.link)
    answered = came.first_answered_at
    said = came.client_says != ClientSays.NOTHING
    return Lead(
        workspace_id=client.workspace_id, client=client, goal_id=came.goal_id, community=community,
        publication=publication, door=came.door, came_at=came_at, source=came.source,
        **utm_fields(came.marks), how_heard=came.how_heard.replace("\x00", "").strip()[:240],
        sealed=sealing.sealed(person), marks=sealing.marks_of(person),
        consent_given=came.consent.given, consent_words=came.consent.words[:600],
        consent_at=came_at if came.consent.given is not None else None, consent_url=came.consent.url[:300],
        status=came.status, reason=came.reason if came.status == Status.REFUSED else "",
        furthest=RANKS.get(came.status, 0), counts=came.reason not in NOT_LEADS,
        paid=paid_by(came.marks, publication), amount=came.amount, margin=came.margin,
        currency=client.currency, owner=came.owner or (came.door.owner if came.door else None),
        first_answered_at=answered, client_says=came.client_says, client_said_at=now if said else None,
        key=came.key,
    )  # fmt: skip


def utm_fields(marks: Marks) -> dict[str, Any]:
    return {
        "utm_source": marks.source, "utm_medium": marks.medium, "utm_campaign": marks.campaign,
        "utm_content": marks.content, "utm_term": marks.term, "utm_raw": dict(marks.raw or {}),
        "utm_unknown": list(marks.unknown),
    }  # fmt: skip


def trace(
    client: Client, marks: Marks, *, publication_id: int | None = None, link: str = ""
) -> tuple[Publication | None, Community | None]:
    """What brought him: the publication that was named, that has the link, or that the marks name.

    A post that is out in several communities is told apart by the community in its mark, else by the
    network of
    the source; where neither decides, nobody is guessed.
    """
    rows = Publication.objects.filter(client=client).select_related("community").order_by("id")
    found: Iterable[Publication] = ()
    if publication_id is not None:
        found = rows.filter(pk=publication_id)
    elif link.strip():
        found = rows.filter(url=link.strip()[:500])
    elif marks.post is not None:
        found = rows.filter(post_id=marks.post[0])
        if marks.post[1] is not None:
            found = found.filter(community_id=marks.post[1])
        elif marks.network:
            found = found.filter(community__network=marks.network)
    several = list(found[:2])  # type: ignore[index]
    if len(several) == 1:
        return several[0], several[0].community
    return None, _community(client, marks)


def _community(client: Client, marks: Marks) -> Community | None:
    """The client's only community on the network that the source names."""
    if not marks.network:
        return None
    rows = Community.objects.filter(client=client, network=marks.network, archived_at__isnull=True)
    several = list(rows[:2])
    return several[0] if len(several) == 1 else None


def paid_by(marks: Marks, publication: Publication | None) -> bool | None:
    """Whether somebody paid for what brought him: the medium tells, else the post does; else nobody knows."""
    if marks.paid is not None:
        return marks.paid
    if publication is None:
        return None
    told = PostNumbers.objects.filter(publication=publication).values_list("paid", flat=True).first()
    return bool(told) if told is not None else None


def terms_of(client: Client | int) -> FunnelTerms:
    """What was agreed about leads; the defaults, unsaved, where nothing was."""
    pk = client if isinstance(client, int) else client.pk
    return FunnelTerms.objects.filter(client_id=pk).first() or FunnelTerms(client_id=pk)


def settle_doubles(client: Client, marks: Iterable[str] | None = None) -> int:
    """Who of these contacts (None: of all) is whose double, anew; returns how many rows have changed."""
    rows = Lead.objects.filter(client=client).exclude(marks=[])
    if marks is not None:
        wanted = list(marks)
        if not wanted:
            return 0
        rows = rows.filter(marks__overlap=wanted).order_by("-came_at", "-id")[:MOST_ALIKE]
    within = timedelta(days=terms_of(client).double_days)
    last: dict[str, tuple[datetime, int]] = {}  # mark -> when he came last, and the first of his comings
    changed: list[Lead] = []
    for lead in sorted(rows, key=lambda one: (one.came_at, one.pk)):
        real = lead.reason not in NOT_LEADS
        near = [last[one] for one in lead.marks if one in last and lead.came_at - last[one][0] <= within]
        first = min(near, key=lambda one: one[1])[1] if near and real and not lead.apart else None
        if real:
            last |= dict.fromkeys(lead.marks, (lead.came_at, first or lead.pk))
        counts = real and first is None
        if (lead.double_of_id, lead.counts) != (first, counts):
            lead.double_of_id, lead.counts = first, counts
            changed.append(lead)
    Lead.objects.bulk_update(changed, ["double_of", "counts"], batch_size=500)
    return len(changed)

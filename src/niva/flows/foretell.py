"""The death of keys foretold: which planned posts will not leave, because what ends when.

Keys that the desk renews by itself are not named, unless the renewal fails. Keys that a network may revoke
without a word are tried once a day by a cheap call, so that a dead one is found before its post is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.communities import keys
from niva.domains.communities.models import Community, CommunityState
from niva.domains.communities.models import Credential as Keys
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.repeating import Series
from niva.domains.publishing.states import State
from niva.flows.talk import Line, later
from niva.kit.jobs.django import enqueue_many, in_thread
from niva.networks.base.errors import NeedsLogin, NetworkError
from niva.networks.base.network import Call
from niva.networks.base.types import Account, Credential
from niva.networks.registry import all_networks, get_network

Why = Literal["needs_login", "keys", "renewal", "app"]

FORETOLD: Final = timedelta(days=14)  # said on the first page
SOON: Final = timedelta(days=7)
BURNS: Final = timedelta(days=1)
# Keys that renew themselves are renewed at the daily call at the latest; so long after their end it fails.
RENEWAL_FAILS: Final = timedelta(hours=36)
MOST: Final = 50  # communities with an end that are counted for at once
TRIED_EVERY: Final = timedelta(days=1)
AT_A_TIME: Final = 200
SPREAD: Final = timedelta(minutes=8)  # over which those due at once are tried
WILL_LEAVE: Final = (State.QUEUED, State.WAITING)


@dataclass(frozen=True, slots=True)
class Ending:
    """When a community can no longer publish, and why. `at` may have passed.

    `why`: "needs_login" (the network said so), "keys" (their known end), "renewal" (they should have been
    renewed and were not), "app" (what the developer app behind them is good for ends).
    """

    at: datetime
    why: Why


@dataclass(frozen=True, slots=True)
class Foretold:
    """`posts`: planned ones due after the end, the first of them at `first`; `series`: repeats beyond it."""

    community: Community
    ending: Ending
    posts: int = 0
    first: datetime | None = None
    series: int = 0

    def urgency(self, now: datetime) -> Literal["burns", "soon", "later"]:
        if self.ending.at - now <= BURNS:
            return "burns"
        return "soon" if self.ending.at - now <= SOON else "later"


def ending_of(community: Community, now: datetime) -> Ending | None:
    """From a community with `credential__app` at hand; None: nothing is known to end."""
    if community.by_hand:
        return None
    if community.state == CommunityState.NEEDS_LOGIN:
        return Ending(now, "needs_login")
    row = getattr(community, "credential", None)
    if row is None:
        return None
    found = [one for one in _ends(row, now) if one is not None]
    return min(found, key=lambda one: one.at, default=None)


def _ends(row: Keys, now: datetime) -> Iterable[Ending | None]:
    if row.facts.get("renews"):
        yield _ending(_moment(row.facts, "renewal_ends_at"), "keys")
        told = [end for end in (row.expires_at, _moment(row.facts, "access_expires_at")) if end]
        if told and min(told) < now - RENEWAL_FAILS:
            yield Ending(min(told), "renewal")
    else:
        yield _ending(row.expires_at, "keys")
    if row.app is not None:
        yield _ending(_moment(row.app.facts, "secret_expires_at"), "app")


def _ending(at: datetime | None, why: Why) -> Ending | None:
    return None if at is None else Ending(at, why)


def _moment(facts: Mapping[str, Any], name: str) -> datetime | None:
    """A moment that a network told (ISO 8601); None where it told nothing that can be read."""
    try:
        found = datetime.fromisoformat(str(facts[name]))
    except (KeyError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _with_ends(rows: QuerySet[Community]) -> QuerySet[Community]:
    """Only those of which an end may be known; most communities have none."""
    return rows.filter(
        Q(state=CommunityState.NEEDS_LOGIN)
        | Q(credential__expires_at__isnull=False)
        | Q(credential__facts__has_any_keys=["renewal_ends_at", "access_expires_at"])
        | Q(credential__app__facts__has_key="secret_expires_at"),
        archived_at__isnull=True,
        by_hand=False,  # its posts leave by people's hands, whatever becomes of the keys
    ).select_related("client", "credential__app")


def endings(actor: Actor, now: datetime) -> dict[int, Ending]:
    """By community: when it can no longer publish, for all that the person sees. One query."""
    rows = _with_ends(access.visible(actor, Community.objects.all()))
    found = ((row.pk, ending_of(row, now)) for row in rows)
    return {pk: ending for pk, ending in found if ending is not None}


def foretell(actor: Actor, now: datetime, *, community_id: int | None = None) -> list[Foretold]:
    """What ends within FORETOLD, the first end first, with the posts that it takes along. Three queries.

    With `community_id`, that one only, however far its end.
    """
    rows = access.visible(actor, Community.objects.all())
    if community_id is not None:
        rows = rows.filter(pk=community_id)
    ends = [(row, ending) for row in _with_ends(rows) if (ending := ending_of(row, now)) is not None]
    if community_id is None:
        ends = [one for one in ends if one[1].at < now + FORETOLD]
    ends = sorted(ends, key=lambda one: (one[1].at, one[0].pk))[:MOST]
    if not ends:
        return []
    posts, series = _posts(actor, ends), _series(actor, ends)
    found = []
    for row, ending in ends:
        count, first = posts.get(row.pk, (0, None))
        found.append(Foretold(row, ending, count, first, series.get(row.pk, 0)))
    return found


def _posts(actor: Actor, ends: Iterable[tuple[Community, Ending]]) -> dict[int, tuple[int, datetime]]:
    after = Q()
    for row, ending in ends:
        after |= Q(community_id=row.pk, due_at__gt=ending.at)
    rows = Delivery.objects.filter(after, state__in=WILL_LEAVE, post__deleted_at__isnull=True)
    counted = (
        access.visible(actor, rows).values_list("community_id").annotate(n=Count("id"), first=Min("due_at"))
    )
    return {pk: (n, first) for pk, n, first in counted}


def _series(actor: Actor, ends: Iterable[tuple[Community, Ending]]) -> dict[int, int]:
    after = Q()
    for row, ending in ends:
        after |= Q(post__variants__community_id=row.pk, ends_on__gt=ending.at.date())
    counted = (
        access.visible(actor, Series.objects.filter(after, ended_at__isnull=True))
        .values_list("post__variants__community_id")
        .annotate(n=Count("id", distinct=True))
    )
    return dict(counted)


def dooms(ending: Ending | None, at: datetime, state: str) -> bool:
    """Whether a post planned for `at` will not leave, by this end. Drafts are meant as planned."""
    return ending is not None and state in (*WILL_LEAVE, "draft") and at > ending.at


# Tried once a day


def hand_out_tries() -> int:
    """Have every connected community's keys tried that were not for a day; returns how many."""
    now = timezone.now()
    rows = Keys.objects.filter(
        Q(checked_at__isnull=True) | Q(checked_at__lt=now - TRIED_EVERY),
        community__state=CommunityState.CONNECTED,
        community__archived_at__isnull=True,
    ).order_by("checked_at")
    due = list(rows.values_list("community_id", flat=True)[:AT_A_TIME])
    tries = [
        ({"community": pk}, now + SPREAD * place / max(len(due), 1), f"try_keys:{pk}")
        for place, pk in enumerate(due)
    ]
    enqueue_many("try_keys", tries, priority=-1)
    return len(due)


async def try_keys(line: Line, *, community_id: int) -> None:
    """Ask whose keys these are. Dead ones are written down; a silent network is asked the next time."""
    found = await in_thread(_untried, community_id)
    if found is None:
        return
    community, version = found
    network = get_network(community.network)

    async def ask(call: Call) -> tuple[Account, Credential]:
        return await network.account(call), call.credential

    try:
        told = await line.reading(community.pk, network, ask)
    except NeedsLogin as error:
        await in_thread(keys.mark_needs_login, community, error.code, version=version)
        return
    except NetworkError:
        return
    if isinstance(told, datetime):
        raise later(told, "limit")
    await in_thread(_alive, community, *told)


def _untried(community_id: int) -> tuple[Community, int] | None:
    row = (
        Keys.objects.select_related("community")
        .filter(community_id=community_id, community__state=CommunityState.CONNECTED)
        .first()
    )
    if row is None or row.community.network not in all_networks():
        return None
    return row.community, row.version


def _alive(community: Community, account: Account, used: Credential) -> None:
    """The keys are good. Those that were renewed for the question have a newer version."""
    current, _app, version = keys.load_versioned(community.pk)
    facts = {**current.facts, **account.facts}
    kept = Credential(current.secrets, facts, account.expires_at or current.expires_at)
    if current.secrets == used.secrets:
        keys.confirm(community, version, kept, account.lacks)

"""Really out: later looks at a publication, at once, five minutes after it went out and a day after.

They are planned together with the readings (`flows.follow`), so no death of a worker forgets them. A post
that is missed burns, and is looked for a few times more: networks make mistakes, people undo theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.communities.keys import mark_needs_login
from niva.domains.communities.models import CommunityState
from niva.domains.metrics import services as metrics
from niva.domains.metrics.models import Subject
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.publishing.delivery.content import to_outgoing
from niva.domains.publishing.delivery.outcomes import sight_of
from niva.domains.publishing.models import Publication
from niva.domains.publishing.services.chains import broke_off
from niva.domains.publishing.services.sight import is_gone, was_seen
from niva.flows.talk import Line, at_once, later
from niva.flows.whole import whole_of
from niva.kit.jobs.django import enqueue_many, in_thread
from niva.networks.base.errors import Gone, NeedsLogin, NetworkError, Rejected
from niva.networks.base.network import Call, Network
from niva.networks.base.thread import parts_there
from niva.networks.base.types import Remote, Seen
from niva.networks.registry import get_network

# After it went out (see `flows.follow`). The first matters where the look right after sending failed.
LOOKS: Final = (timedelta(seconds=20), timedelta(minutes=5), timedelta(days=1))
# After it was missed.
LOOKS_FOR_MISSED: Final = (timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))
AFTER_SILENCE: Final = timedelta(minutes=10)
WITHOUT_KEYS: Final = timedelta(hours=6)
# Networks show a new post a little later in places: so young, and never seen, it is not missed yet.
SETTLES: Final = timedelta(minutes=3)
SOON: Final = timedelta(seconds=45)
# A network that has been silent for so long is not asked about this post any more.
GIVES_UP: Final = timedelta(days=7)


async def look(line: Line, *, publication_id: int) -> None:
    """Read one publication back and write down what was found. A silent network is asked again later."""
    publication = await in_thread(_publication, publication_id)
    if publication is None:
        return
    network = get_network(publication.community.network)

    there = await in_thread(whole_of, publication)

    async def ask(call: Call) -> Seen:
        return await network.read_back(call, there)

    try:
        seen = await line.reading(publication.community_id, network, ask)
    except Gone:
        await _missing(publication)
        return
    except Rejected:
        await in_thread(was_seen, publication.pk, sight=Publication.Sight.UNTOLD)
        return
    except NeedsLogin as error:
        if publication.community.state == CommunityState.CONNECTED:
            await in_thread(mark_needs_login, publication.community, error.code)
        _again(publication, WITHOUT_KEYS, error.code)
        return
    except NetworkError as error:
        _again(publication, AFTER_SILENCE, error.code)
        return
    if isinstance(seen, datetime):
        raise later(seen, "limit")
    if seen.alive:
        await in_thread(_note_down, publication, there, seen)
    else:
        await _missing(publication)


def look_now(actor: Actor, *, publication_id: int) -> Publication:
    """The same while a person waits. Raises NotFound, Forbidden, Invalid and the errors of networks."""
    rows = Publication.objects.select_related("community", "revision")
    publication = access.get(actor, rows, publication_id, can="publish")
    if publication.removed_by_us:
        raise Invalid.one("", _("It is not there any more."))
    if publication.extra.get("said_by_person"):
        raise Invalid.one(
            "", _("Its address was entered by hand, so the desk cannot look. Open it yourself.")
        )

    there = whole_of(publication)

    async def ask(network: Network, call: Call) -> Seen:
        return await network.read_back(call, there)

    try:
        seen = at_once(publication.community, ask)
    except Gone:
        seen = Seen(alive=False)
    if seen.alive:
        _note_down(publication, there, seen)
    else:
        missed(publication.pk)
    publication.refresh_from_db()
    return publication


@transaction.atomic
def _note_down(publication: Publication, there: Remote, seen: Seen) -> None:
    """How it stands: its text where that is another one, the parts of its chain that are not there."""
    out = to_outgoing(publication.revision.content, Path(settings.MEDIA_ROOT))
    reads_alike = sight_of(replace(seen, missing=()), out) == Publication.Sight.ALIVE
    text = "" if reads_alike else seen.text or ""
    seen_there(publication.pk, sight=sight_of(seen, out), text=text, missing=seen.missing)
    if len(parts_there(there)) < len(out.thread):
        broke_off(publication.delivery_id)


def remote_of(publication: Publication) -> Remote:
    return Remote(publication.remote_id, publication.url, publication.extra)


def _again(publication: Publication, after: timedelta, why: str) -> None:
    """Nothing was learned. Raises RetryLater, unless nothing has been for days."""
    now = timezone.now()
    if now - publication.published_at < GIVES_UP:
        raise later(now + after, why)


async def _missing(publication: Publication) -> None:
    never_seen = publication.sight == Publication.Sight.UNSEEN
    if never_seen and timezone.now() - publication.published_at < SETTLES:
        raise later(timezone.now() + SOON, "not_there_yet")
    await in_thread(missed, publication.pk)


@transaction.atomic
def missed(publication_id: int) -> None:
    """It is not there, and nobody here took it down: a fire, and it will be looked for a few times more."""
    if is_gone(publication_id):
        now = timezone.now()
        looks = [
            ({"publication": publication_id}, now + after, f"look:{publication_id}:missed:{number}")
            for number, after in enumerate(LOOKS_FOR_MISSED)
        ]
        enqueue_many("look", looks, priority=-1)
    metrics.stop_watching(subject=Subject.PUBLICATION, subject_id=publication_id, reason="gone")


@transaction.atomic
def seen_there(publication_id: int, *, sight: str, text: str = "", missing: Sequence[int] = ()) -> None:
    """It stands there. One that had been missed is back: its numbers are read again."""
    back = Publication.objects.filter(
        pk=publication_id, sight=Publication.Sight.REMOVED, removed_by_us=False
    ).exists()
    was_seen(publication_id, sight=sight, text=text, missing=missing)
    if back:
        metrics.watch_again(subject=Subject.PUBLICATION, subject_id=publication_id, at=timezone.now())


def _publication(publication_id: int) -> Publication | None:
    """None: there is nothing to look for (any more)."""
    found = (
        Publication.objects.select_related("community", "revision")
        .filter(pk=publication_id)
        .exclude(sight=Publication.Sight.REMOVED, removed_by_us=True)
        .first()
    )
    # Of what a person said is out only the address is known: nothing to ask the network by.
    return None if found is None or found.extra.get("said_by_person") else found

"""Changing and taking down what is out, while the person waits for the network's answer."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.delivery.content import fingerprint
from niva.domains.publishing.models import Delivery, Post, Publication
from niva.domains.publishing.services import gate
from niva.domains.publishing.services.fitting import limits_of
from niva.domains.publishing.services.freeze import Check, check, freeze
from niva.domains.publishing.services.schedule import renew
from niva.domains.publishing.services.sight import is_gone
from niva.domains.publishing.states import OUT, State
from niva.flows.talk import at_once
from niva.flows.whole import whole_of
from niva.networks.base.errors import Gone, NetworkError, Rejected
from niva.networks.base.network import Call, Network
from niva.networks.base.types import Outgoing, Remote
from niva.networks.registry import get_network

# Nothing of these is out or will go out by itself.
LEFT_OUT: Final = frozenset({State.CANCELLED, State.REJECTED, State.REMOVED})


def take_down(actor: Actor, *, publication_id: int) -> Publication:
    """Delete it at the network. Raises the errors of networks; what is gone already counts as done."""
    publication = _mine(actor, publication_id)
    _must_be_reachable(publication)

    there = whole_of(publication)

    async def ask(network: Network, call: Call) -> None:
        await network.delete(call, there)

    with contextlib.suppress(Gone):
        at_once(publication.community, ask)
    is_gone(publication.pk, by=actor)
    publication.refresh_from_db()
    return publication


class Unchanged(Invalid):
    """The publication reads as its variant stands already."""


def edit_published(actor: Actor, *, publication_id: int) -> Publication:
    """Make the publication read as its variant stands now.

    What is out is the client's face: another text of it needs his approval like the first one. Raises
    Unchanged, NotApproved, Invalid (a limit, or somebody removed it there) or the errors of networks
    (`edit_unsupported`, `edit_too_late`, …).
    """
    publication = _mine(actor, publication_id)
    _must_be_reachable(publication)
    variant = publication.delivery.variant
    checked = check(variant)
    if checked.errors:
        raise Invalid.one("text", _("The new text does not fit this network. Mend it first."))
    if fingerprint(checked.content) == publication.revision.sha256:
        raise Unchanged.one("", _("Nothing has changed since it went out."))
    gate.demand(variant.post, [checked])
    with transaction.atomic():
        revision = freeze(actor, checked)
    _must_be_editable(publication, checked)
    out: Outgoing = checked.out
    there = whole_of(publication)

    async def ask(network: Network, call: Call) -> Remote:
        return await network.edit(call, there, out)

    try:
        remote = at_once(publication.community, ask)
    except Gone as error:
        is_gone(publication.pk)  # not by us: it burns until somebody has seen it
        raise Invalid.one("", _("It is not there any more: somebody removed it in the network.")) from error
    with transaction.atomic():
        publication.revision = revision
        publication.remote_id, publication.url = remote.id, remote.url or publication.url
        publication.extra = {**publication.extra, **remote.extra}
        publication.edited_at = publication.seen_at = timezone.now()
        publication.sight, publication.seen_text = Publication.Sight.ALIVE, ""
        publication.save()
        record(actor, "publication.edited", publication, revision=revision.number)
    return publication


@dataclass(frozen=True, slots=True)
class Corrected:
    """What came of one community. `how`: "edited" (the network shows the new text), "scheduled" (it will go
    out so), "same" (it read so already) or "failed", then with `sentences` or a network's `error`."""

    community: Community
    how: Literal["edited", "scheduled", "same", "failed"]
    sentences: tuple[str, ...] = ()
    error: NetworkError | None = None


def correct_everywhere(actor: Actor, *, post_id: int) -> list[Corrected]:
    """The post as it reads now, in every community where it is out or will go out.

    Each community by itself: one that cannot be corrected stops none of the others. Drafts, cancelled and
    refused ones are left out: they go out as they read when they are scheduled.
    """
    post = access.get(actor, Post.objects.filter(deleted_at__isnull=True), post_id, can="publish")
    latest: dict[int, Delivery] = {}
    rows = Delivery.objects.filter(post=post).select_related("community", "publication")
    for delivery in rows.order_by("community__network", "community__name", "occurrence"):
        latest[delivery.variant_id] = delivery
    found = [_correct(actor, delivery) for delivery in latest.values() if delivery.state not in LEFT_OUT]
    if not found:
        raise Invalid.one("", _("It is neither out nor scheduled anywhere, so there is nothing to correct."))
    return found


def _correct(actor: Actor, delivery: Delivery) -> Corrected:
    publication = getattr(delivery, "publication", None)
    try:
        if delivery.state in OUT and publication is not None:
            edit_published(actor, publication_id=publication.pk)
            return Corrected(delivery.community, "edited")
        renewed = renew(actor, delivery_id=delivery.pk)
        return Corrected(delivery.community, "scheduled" if renewed else "same")
    except Unchanged:
        return Corrected(delivery.community, "same")
    except Invalid as error:
        said = tuple(error.sentences)
        return Corrected(delivery.community, "failed", said)
    except NetworkError as error:
        return Corrected(delivery.community, "failed", error=error)


def _must_be_editable(publication: Publication, checked: Check) -> None:
    """Raises Rejected where the network lets nothing be changed (any more), Invalid for more parts."""
    if "edit" not in checked.abilities:
        raise Rejected("edit_unsupported")
    network = get_network(publication.community.network)
    seconds = limits_of(publication.community, network).value("edit_seconds")
    if seconds is not None and timezone.now() - publication.published_at > timedelta(seconds=seconds):
        raise Rejected("edit_too_late")
    if len(checked.out.thread) != len(publication.revision.content.get("thread", ())):
        sentence = _("A chain that is out keeps its number of posts. Take it down and publish it anew.")
        raise Invalid.one("own_thread", sentence)


def _mine(actor: Actor, publication_id: int) -> Publication:
    rows = Publication.objects.select_related(
        "revision",
        "community__credential",
        "delivery__variant__post",
        "delivery__variant__community__credential",
    )
    return access.get(actor, rows, publication_id, can="publish")


def _must_be_reachable(publication: Publication) -> None:
    if publication.sight == Publication.Sight.REMOVED:
        raise Invalid.one("", _("It is not there any more."))
    if publication.extra.get("said_by_person"):
        raise Invalid.one(
            "", _("Its address was entered by hand, so the desk cannot change it. Do it at the network.")
        )

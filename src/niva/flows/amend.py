"""Changing and taking down what is out, while the person waits for the network's answer."""

from __future__ import annotations

import contextlib

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Publication
from niva.domains.publishing.services.freeze import check, freeze
from niva.domains.publishing.services.sight import is_gone
from niva.flows.look_again import remote_of
from niva.flows.talk import at_once
from niva.networks.base.errors import Gone
from niva.networks.base.network import Call, Network
from niva.networks.base.types import Outgoing, Remote


def take_down(actor: Actor, *, publication_id: int) -> Publication:
    """Delete it at the network. Raises the errors of networks; what is gone already counts as done."""
    publication = _mine(actor, publication_id)
    _must_be_reachable(publication)

    async def ask(network: Network, call: Call) -> None:
        await network.delete(call, remote_of(publication))

    with contextlib.suppress(Gone):
        at_once(publication.community, ask)
    is_gone(publication.pk, by=actor)
    publication.refresh_from_db()
    return publication


def edit_published(actor: Actor, *, publication_id: int) -> Publication:
    """Make the publication read as its variant stands now.

    Raises Invalid (a limit, or nothing changed) or the errors of networks (`edit_unsupported`, too late, …).
    """
    publication = _mine(actor, publication_id)
    _must_be_reachable(publication)
    variant = publication.delivery.variant
    checked = check(variant)
    if checked.errors:
        raise Invalid.one("text", _("The new text does not fit this network. Mend it first."))
    with transaction.atomic():
        revision = freeze(actor, checked)
    if revision.pk == publication.revision_id:
        raise Invalid.one("", _("Nothing has changed since it went out."))
    out: Outgoing = checked.out

    async def ask(network: Network, call: Call) -> Remote:
        return await network.edit(call, remote_of(publication), out)

    remote = at_once(publication.community, ask)
    with transaction.atomic():
        publication.revision = revision
        publication.remote_id, publication.url = remote.id, remote.url or publication.url
        publication.extra = {**publication.extra, **remote.extra}
        publication.edited_at = publication.seen_at = timezone.now()
        publication.sight, publication.seen_text = Publication.Sight.ALIVE, ""
        publication.save()
        record(actor, "publication.edited", publication, revision=revision.number)
    return publication


def _mine(actor: Actor, publication_id: int) -> Publication:
    rows = Publication.objects.select_related(
        "community__credential", "delivery__variant__post", "delivery__variant__community__credential"
    )
    return access.get(actor, rows, publication_id, can="publish")


def _must_be_reachable(publication: Publication) -> None:
    if publication.sight == Publication.Sight.REMOVED:
        raise Invalid.one("", _("It is not there any more."))
    if publication.extra.get("said_by_person"):
        raise Invalid.one(
            "", _("Its address was entered by hand, so the desk cannot change it. Do it at the network.")
        )

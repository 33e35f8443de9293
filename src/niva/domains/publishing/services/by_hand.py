"""What people publish themselves: a held delivery with the code `BY_HAND` is their task.

Two answers end it: it is out, with the link as proof, or it is not, with the reason. Both lock the delivery's
row, so of two people who press at once one answers and the other is told what was answered.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Attempt, Delivery, Publication
from niva.domains.publishing.services.schedule import in_doubt
from niva.domains.publishing.states import BY_HAND, NOT_BY_HAND, OUT, Outcome, State
from niva.kit.net.guard import Blocked
from niva.kit.net.public import web_address

LONGEST_URL: Final = 500
LONGEST_REASON: Final = 300
# Before its hour, at it, and after it: whatever waits for people or could still be done by them.
DOABLE: Final = frozenset({State.QUEUED, State.HELD})


def is_task(delivery: Delivery) -> bool:
    """Whether people are to publish it (or may already)."""
    if delivery.state == State.HELD and delivery.code == BY_HAND:
        return True
    return delivery.community.by_hand and delivery.state in DOABLE


@transaction.atomic
def it_is_out(actor: Actor, *, delivery_id: int, url: str, no_link: bool = False) -> Publication:
    """It was published by hand; `url` proves it, `no_link` says that the place gives none.

    Told twice alike it is told once. Raises NotFound, Forbidden, Invalid("url" or "").
    """
    address = "" if no_link and not url.strip() else proof(url)
    delivery = _locked(actor, delivery_id)
    there = Publication.objects.filter(delivery=delivery).first()
    if there is not None and delivery.state in OUT:
        if there.url == address:
            return there
        raise Invalid.one("", _("Somebody has answered already. Reload the page to see how."))
    if not is_task(delivery) or in_doubt(delivery):
        raise Invalid.one("", _("Somebody has answered already. Reload the page to see how."))
    remote_id = address[:300] or f"hand:{delivery.pk}"
    _must_be_new(delivery, remote_id)
    moment = timezone.now()
    publication = Publication.objects.create(
        workspace_id=delivery.workspace_id,
        client_id=delivery.client_id,
        community_id=delivery.community_id,
        delivery=delivery,
        post_id=delivery.post_id,
        revision_id=delivery.revision_id,
        remote_id=remote_id,
        url=address,
        # Nobody can be asked about it: no numbers are read and nobody looks, see `flows.follow`.
        extra={"said_by_person": True, "by_hand": True},
        sight=Publication.Sight.UNTOLD,
        published_at=moment,
    )
    _write_attempt(delivery, publication, moment)
    _end(delivery, State.PUBLISHED)
    record(actor, "delivery.done_by_hand", delivery, url=address)
    return publication


@transaction.atomic
def it_is_not_out(actor: Actor, *, delivery_id: int, reason: str) -> Delivery:
    """People did not publish it, because of `reason`. Raises NotFound, Forbidden, Invalid("reason" or "")."""
    said = " ".join(reason.split())
    if not said:
        raise Invalid.one("reason", _("Say in a few words why, so that the plan stays honest."))
    delivery = _locked(actor, delivery_id)
    if delivery.state == State.CANCELLED and delivery.code == NOT_BY_HAND:
        return delivery
    if not is_task(delivery) or in_doubt(delivery):
        raise Invalid.one("", _("Somebody has answered already. Reload the page to see how."))
    _end(delivery, State.CANCELLED, NOT_BY_HAND, said[:LONGEST_REASON])
    record(actor, "delivery.not_done_by_hand", delivery, reason=said[:LONGEST_REASON])
    return delivery


@transaction.atomic
def put_link(actor: Actor, *, publication_id: int, url: str) -> Publication:
    """The link of what is out, given later or corrected: of what people published, or a network imported.

    Raises NotFound, Forbidden, Invalid("url" or "").
    """
    address = proof(url)
    rows = Publication.objects.select_for_update(of=("self",), no_key=True).select_related("delivery")
    publication = access.get(actor, rows, publication_id, can="publish")
    if publication.delivery.state not in OUT or not takes_link(publication):
        raise Invalid.one("", _("The network itself told this link, so it is not changed by hand."))
    if publication.url == address:
        return publication
    before, publication.url = publication.url, address
    if publication.extra.get("by_hand"):  # its address is all that names it
        _must_be_new(publication.delivery, address[:300])
        publication.remote_id = address[:300]
    publication.extra = {**publication.extra, "link_by_person": True}
    publication.save(update_fields=["url", "remote_id", "extra"])
    record(actor, "publication.link_put", publication, before=before, after=address)
    return publication


def takes_link(publication: Publication) -> bool:
    """Whether a person may put its link in: nobody else told one."""
    extra = publication.extra
    return bool(extra.get("by_hand") or extra.get("link_by_person")) or not publication.url


def proof(typed: str) -> str:
    """A typed link as a web address that can be opened. Raises Invalid("url")."""
    try:
        address = web_address(typed)
    except Blocked as blocked:
        raise Invalid.one("url", _("Paste the link of the post as it stands in the browser.")) from blocked
    if len(address) > LONGEST_URL:
        raise Invalid.one("url", _("The link is longer than %(most)d characters.") % {"most": LONGEST_URL})
    return address


def _locked(actor: Actor, delivery_id: int) -> Delivery:
    rows = Delivery.objects.select_for_update(of=("self",), no_key=True).select_related("community")
    return access.get(actor, rows, delivery_id, can="publish")


def _must_be_new(delivery: Delivery, remote_id: str) -> None:
    others = Publication.objects.filter(community_id=delivery.community_id, remote_id=remote_id)
    if others.exclude(delivery=delivery).exists():
        raise Invalid.one("url", _("This is the link of another post of this community."))


def _write_attempt(delivery: Delivery, publication: Publication, at: datetime) -> None:
    """The step counts as done, so that no engine ever begins it."""
    number = delivery.attempts.filter(step="create").count() + 1
    Attempt.objects.create(
        delivery=delivery, step="create", number=number, key=uuid.uuid4(), revision_id=delivery.revision_id,
        outcome=Outcome.DONE, code=BY_HAND, started_at=at, finished_at=at,
        result={"id": publication.remote_id, "url": publication.url},
    )  # fmt: skip


def _end(delivery: Delivery, state: State, code: str = "", detail: str = "") -> None:
    delivery.state, delivery.state_at = state, timezone.now()
    delivery.code, delivery.detail = code, detail
    delivery.wake_at = delivery.lease = delivery.lease_until = delivery.acknowledged_at = None
    delivery.save()

"""A chain of posts that broke off after its beginning was out: told, and sent on when a person says so."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.delivery.decide import unclear
from niva.domains.publishing.models import Attempt, Delivery
from niva.domains.publishing.services.schedule import wake
from niva.domains.publishing.states import Outcome, State
from niva.networks.base.thread import number_of

BROKEN = "thread_broken"


def broke_off(delivery_id: int) -> bool:
    """Say of a delivery that is out that the rest of its chain is not. False: it says something already."""
    rows = Delivery.objects.filter(pk=delivery_id, state=State.PUBLISHED, code="")
    return bool(rows.update(code=BROKEN))


def stands_open(delivery: Delivery) -> Attempt | None:
    """The part of which nobody knows whether it is out, where there is one: a person looks first."""
    parts = [one for one in delivery.attempts.all() if number_of(one.step) is not None]
    for step in {one.step for one in parts}:
        if doubts := unclear([one for one in parts if one.step == step]):
            return doubts[-1]
    return None


@transaction.atomic
def send_the_rest(actor: Actor, *, delivery_id: int, looked: bool = False) -> Delivery:
    """Go on where the chain broke off. Nothing that is out is sent again.

    `looked`: a person looked at the network, and the part that nobody was sure of is not there. Raises
    Invalid when the chain is whole or has been taken down, or when somebody must look first.
    """
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("client")
    delivery = access.get(actor, rows, delivery_id, can="publish")
    if delivery.state != State.PUBLISHED or delivery.code != BROKEN:
        raise Invalid.one("", _("There is nothing left to send. Reload the page to see how it stands."))
    if delivery.client.stopped_at is not None:
        raise Invalid.one("", _("Publishing is stopped for this client."))
    open_part = stands_open(delivery)
    if open_part is not None:
        if not looked:
            raise Invalid.one("", _("Look at the network first whether the next part is there."))
        delivery.attempts.filter(step=open_part.step, outcome__in=[Outcome.OPEN, Outcome.UNKNOWN]).update(
            outcome=Outcome.ABSENT, code="said_by_person", finished_at=timezone.now()
        )
    now = timezone.now()
    delivery.state, delivery.state_at, delivery.code, delivery.detail = State.ACCEPTED, now, "", ""
    delivery.wake_at, delivery.tries = now, 0
    delivery.lease = delivery.lease_until = delivery.acknowledged_at = None
    delivery.save()
    wake(delivery)
    record(actor, "delivery.sent_on", delivery)
    return delivery

"""What a stopped client does to his posts: everything that is to go out is held, and let go again.

Called by `niva.flows.stop` in the transaction that sets or clears the client's flag, so whoever schedules
sees both or neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from niva.domains.publishing.models import Attempt, Delivery
from niva.domains.publishing.services.schedule import hold, queue, wake
from niva.domains.publishing.states import Outcome, State

# What would go out by itself sooner or later. A refused post would not, and one that may be out already stays
# "unknown": the desk goes on looking for it. What a worker holds right now is refused at the fence.
HOLDABLE: Final = (State.QUEUED, State.WAITING, State.NEEDS_LOGIN)


@dataclass(frozen=True, slots=True)
class LetGo:
    """`queued`: leave at their hours; `missed`: their hour passed meanwhile; `looked`: are looked up."""

    queued: int
    missed: list[int]
    looked: int


def going(client_id: int) -> QuerySet[Delivery, Delivery]:
    """What a stop would hold, the nearest hour first. Ask for the client first."""
    doubt = Attempt.objects.filter(
        delivery=OuterRef("pk"), step="create", outcome__in=(Outcome.OPEN, Outcome.UNKNOWN)
    )
    return Delivery.objects.filter(
        ~Exists(doubt), client_id=client_id, state__in=HOLDABLE, post__deleted_at__isnull=True
    ).order_by("due_at", "pk")


def hold_all(client_id: int) -> int:
    """Hold everything of a client that is to go out. Returns how many. His row is locked by the caller."""
    rows = going(client_id).select_for_update(of=("self",), no_key=True).order_by("pk")
    found = list(rows.values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=found).update(
        state=State.HELD, state_at=timezone.now(), code="client_stopped", detail="", wake_at=None,
        lease=None, lease_until=None, acknowledged_at=None,
    )  # fmt: skip
    return len(found)


def let_go(client_id: int) -> LetGo:
    """Put back what the stop held. What is past its hour stays held and says so: a person decides.

    His row is locked by the caller and is not stopped any more.
    """
    now, queued, missed = timezone.now(), 0, []
    stopped = Delivery.objects.select_for_update(of=("self",), no_key=True).filter(
        client_id=client_id, code="client_stopped"
    )
    for delivery in stopped.filter(state=State.HELD).order_by("pk"):
        if delivery.due_at > now:
            queue(delivery, stopped=False)
            wake(delivery)
            queued += 1
        else:
            hold(delivery, "stop_ended")
            missed.append(delivery.pk)
    looked = 0
    for delivery in stopped.filter(state=State.UNKNOWN, wake_at__isnull=True).order_by("pk"):
        delivery.wake_at, delivery.code = now, ""
        delivery.save(update_fields=["wake_at", "code"])
        wake(delivery)
        looked += 1
    return LetGo(queued, missed, looked)

"""How a post stands with its client, for the pages on which it is written."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Subquery

from niva.domains.clients import access
from niva.domains.clients.models import Client, Terms
from niva.domains.people.actor import Actor
from niva.domains.publishing.approving import YES, Approval, Decision
from niva.domains.publishing.models import Post


@dataclass(frozen=True, slots=True)
class Standing:
    """`kind`: needed, waits, approved, void, returned; `row`: the last word about it."""

    kind: str
    row: Approval | None


def standing_of(actor: Actor, post: Post) -> Standing | None:
    """None where nobody has to be asked and nobody was. One query, two where somebody was asked."""
    asked = Approval.objects.filter(post=post).exclude(decision=Decision.WITHDRAWN)
    found = (
        access.visible(actor, Client.objects.filter(pk=post.client_id))
        .annotate(
            needed=Exists(Terms.objects.filter(client=OuterRef("pk"), needed=True)),
            last=Subquery(asked.order_by("-pk").values("pk")[:1]),
        )
        .values_list("needed", "last")
        .first()
    )
    needed, last = found or (False, None)
    if last is None:
        return Standing("needed", None) if needed else None
    row = asked.get(pk=last)
    if row.voided_at is not None:
        return Standing("void", row)
    if row.decision in YES:
        return Standing("approved", row)
    return Standing("waits" if row.decision == Decision.OPEN else "returned", row)

"""The gate: nothing is bound to a delivery that the client has not approved as it reads, where he must.

It trusts nobody's word that something is approved: it compares the SHA-256 of what would go out with those of
the decisions that stand. One query, whether or not the client has terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Q, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from niva.domains.clients.models import Terms
from niva.domains.people.errors import Invalid
from niva.domains.publishing.approving import YES, ApprovedRevision
from niva.domains.publishing.delivery.content import fingerprint
from niva.domains.publishing.models import Post, Revision
from niva.domains.publishing.repeating import Occurrence, Series
from niva.domains.publishing.services.freeze import Check

FIELD = "approval"


class NotApproved(Invalid):
    """The client must approve it first; the errors name the field `approval`."""


def demand(post: Post, checks: Iterable[Check]) -> None:
    """Raises NotApproved unless all of these may go out as they read now."""
    _compare(post, [(one.variant.community_id, fingerprint(one.content)) for one in checks])


def demand_content(post: Post, community_id: int, content: Mapping[str, Any]) -> None:
    """The same for one community's content, before it is frozen."""
    _compare(post, [(community_id, fingerprint(content))])


def demand_revision(post: Post, community_id: int, revision: Revision) -> None:
    """The same for a revision that was frozen before and is to be let out again."""
    _compare(post, [(community_id, revision.sha256)])


def _compare(post: Post, wanted: list[tuple[int, str]]) -> None:
    approved = _approved(post)
    if approved is None or all(f"{place}:{sha}" in approved for place, sha in wanted):
        return
    raise NotApproved.one(
        FIELD,
        _("The client has not approved this post as it reads now. Ask for approval first."),
    )


def _approved(post: Post) -> frozenset[str] | None:
    """ "community:sha256" of what may go out; None where the client has to approve nothing.

    A post stands on decisions about itself, about the evergreen that it shows again, and about the pattern of
    its series (or of the series which that one goes on), for as long as it reads the same.
    """
    copies = Occurrence.objects.filter(post=post)
    rows = ApprovedRevision.objects.filter(
        Q(approval__post__in=[one for one in (post.pk, post.again_of_id) if one])
        | Q(approval__post__in=copies.values("series__post"))
        | Q(approval__post__in=copies.values("series__after__post"))
        | Q(approval__post__in=Series.objects.filter(post=post).values("after__post")),
        approval__voided_at__isnull=True,
        approval__decision__in=YES,
    )
    keys = Concat(Cast("community_id", TextField()), Value(":"), "sha256", output_field=TextField())
    found = (
        Terms.objects.filter(client_id=post.client_id, needed=True)
        .annotate(approved=ArraySubquery(rows.order_by().annotate(key=keys).values("key")))
        .values_list("approved", flat=True)
        .first()
    )
    return None if found is None else frozenset(found)

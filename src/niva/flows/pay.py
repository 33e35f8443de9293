"""Pay, as it crosses domains: a sheet is closed or paid, its person is told; what became of his posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import transaction

from niva.domains.clients import access
from niva.domains.metrics.queries import post_numbers
from niva.domains.notices.services import tell
from niva.domains.pay.models import PaySheet
from niva.domains.pay.rules import month_of
from niva.domains.pay.services import sheets
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Publication


@transaction.atomic
def close(
    actor: Actor, *, person_id: int, month: date, currency: str, whys: Mapping[int, tuple[str, str]], url: str
) -> PaySheet:
    """Close a month and tell its person. `url`: where he sees it. Raises as `sheets.close`."""
    sheet = sheets.close(actor, person_id=person_id, month=month, currency=currency, whys=whys)
    _tell(actor, sheet, "pay_closed", url)
    return sheet


@transaction.atomic
def mark_paid(actor: Actor, *, sheet_id: int, url: str) -> PaySheet:
    """Mark a sheet as paid and tell its person, once. Raises as `sheets.mark_paid`."""
    sheet, fresh = sheets.mark_paid(actor, sheet_id=sheet_id)
    if fresh:
        _tell(actor, sheet, "pay_paid", url)
    return sheet


def _tell(actor: Actor, sheet: PaySheet, kind: str, url: str) -> None:
    tell(
        actor,
        users=[sheet.person],
        kind=kind,
        url=url,
        key=f"{kind}:{sheet.pk}",
        month=f"{sheet.month:%m.%Y}",
        total=str(sheet.total),
        currency=sheet.currency,
    )


@dataclass(frozen=True, slots=True)
class Yourself:
    """What became of a person's posts of a month: for himself, no part of any pay.

    `err`: (likes + comments + reposts + saves) / reach of the posts whose reach is known, a ratio of sums;
    None: no reach is known. Votes are left out: they inflate it.
    """

    posts: int
    views: float | None
    reach: float | None
    err: float | None


REACTIONS: Final = ("likes", "comments", "reposts", "saves")
MOST_POSTS: Final = 300


def for_yourself(actor: Actor, *, person_id: int, month: date) -> Yourself:
    """Reach and reactions of what he wrote and what came out in the month, as far as networks tell."""
    span = month_of(month)
    rows = Publication.objects.filter(
        post__piece__author_id=person_id, published_at__date__range=(span.first, span.last)
    )
    found = list(
        access.visible(actor, rows).order_by("-published_at").values_list("pk", "post_id")[:MOST_POSTS]
    )
    numbers = post_numbers(actor, [pk for pk, _post in found]) if found else {}
    values = [one.values for one in numbers.values()]
    views = [one["views"] for one in values if "views" in one]
    reached = [one for one in values if one.get("reach")]
    reach = sum(one["reach"] for one in reached)
    reactions = sum(one.get(name, 0) for one in reached for name in REACTIONS)
    return Yourself(
        posts=len({post for _pk, post in found}),
        views=sum(views) if views else None,
        reach=reach if reached else None,
        err=reactions / reach if reached else None,
    )

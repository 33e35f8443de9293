"""The scatter: one piece for several networks, each with its own first line and its own hour.

People follow a client in more than one network; what leaves everywhere at once in equal form they meet as one
and the same thing again and again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Post, Variant
from niva.domains.publishing.services import drafts
from niva.domains.publishing.states import STILL_OURS
from niva.flows import queue
from niva.flows.alike import text_of

STEPS: Final = (15, 30, 60)  # minutes between one network and the next
USUAL: Final = 30
SLOTS: Final = 0  # instead of a step: the next free slots of the rubric


@dataclass(frozen=True, slots=True)
class Throw:
    """One network's share: the first line (to be changed), what stands under it, and the hour proposed."""

    variant: Variant
    hook: str
    rest: str
    at: datetime | None


def propose(actor: Actor, post: Post, *, step: int = USUAL) -> list[Throw]:
    """Every community that may still be changed, the first at the post's own hour and each next one later."""
    variants = [one for one in post.variants.all() if one.community.archived_at is None and _is_ours(one)]
    base = post.planned_at if post.planned_at and post.planned_at > timezone.now() else None
    slots: Mapping[int, datetime | None] = {}
    if step == SLOTS:
        slots = {one.variant.pk: one.at for one in queue.foresee(actor, post)}
    found = []
    for n, variant in enumerate(variants):
        hook, rest = cut(text_of(variant, post))
        at = slots.get(variant.pk) if step == SLOTS else base and base + timedelta(minutes=step * n)
        found.append(Throw(variant, hook, rest, at))
    return found


def _is_ours(variant: Variant) -> bool:
    return all(one.state in STILL_OURS for one in variant.deliveries.all())


def cut(text: str) -> tuple[str, str]:
    """(the first line, everything after it with its line ends)."""
    line, end, rest = text.partition("\n")
    return line, end + rest


def throw(
    actor: Actor,
    *,
    post_id: int,
    version: int,
    chosen: Sequence[tuple[int, str, datetime | None]],
) -> drafts.Saved:
    """Give the variants (id, first line, hour) their own texts and hours in one save.

    A line that is the common one again takes its own text away. Raises Conflict, Invalid, NotFound.
    """
    post = drafts.alive(actor, post_id)
    variants = {one.pk: one for one in post.variants.all()}
    own: dict[int, dict[str, object]] = {}
    for variant_id, hook, at in chosen:
        variant = variants.get(variant_id)
        if variant is None:
            continue
        _old, rest = cut(text_of(variant, post))
        text = hook + rest
        own[variant_id] = {"own_text": None if text == post.text else text, "planned_at": at}
    hours = [at for _pk, _hook, at in chosen if at is not None]
    fields = {"planned_at": min(hours)} if hours else {}
    return drafts.save(actor, post_id=post_id, version=version, fields=fields, variants=own)

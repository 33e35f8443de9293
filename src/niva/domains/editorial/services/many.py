"""Many pieces at once, for tables: the same rows that `pieces.propose` makes, in five statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.editorial.models import Piece, Stage, Stay
from niva.domains.editorial.planning import Facet
from niva.domains.editorial.services.office import responsible_for
from niva.domains.people.actor import Actor
from niva.domains.people.models import User
from niva.domains.publishing.models import Post, Variant


@dataclass(frozen=True, slots=True)
class Draft:
    """`post` and `piece`: fields of the models, checked by the caller; `detail`: of the matrix, or ""."""

    stage: Stage
    post: Mapping[str, Any]
    piece: Mapping[str, Any] = field(default_factory=dict)
    community_ids: Sequence[int] = ()
    detail: str = ""


@transaction.atomic
def make_many(actor: Actor, *, client: Client, drafts: Sequence[Draft]) -> list[Post]:
    """Posts with their pieces, stays and variants, in the order given. Raises Forbidden.

    The caller has checked the values against the client and writes one line of the trail for all.
    """
    access.demand(actor, "write", client_id=client.pk)
    now = timezone.now()
    common = {"workspace_id": client.workspace_id, "client_id": client.pk}
    posts = Post.objects.bulk_create(
        Post(**common, created_by=actor.user, updated_by=actor.user, **draft.post) for draft in drafts
    )
    asked: dict[tuple[int, int | None, int | None], User | None] = {}
    pieces = []
    for post, draft in zip(posts, drafts, strict=True):
        piece = Piece(**common, post=post, stage=draft.stage, entered_at=now, **draft.piece)
        who = (draft.stage.pk, piece.author_id, piece.designer_id)
        if who not in asked:
            asked[who] = responsible_for(draft.stage, piece) or actor.user
        piece.responsible = asked[who]
        pieces.append(piece)
    Piece.objects.bulk_create(pieces)
    Stay.objects.bulk_create(
        Stay(**common, piece=one, stage=one.stage, responsible=one.responsible, entered_at=now)
        for one in pieces
    )
    Variant.objects.bulk_create(
        Variant(post=post, community_id=community_id)
        for post, draft in zip(posts, drafts, strict=True)
        for community_id in draft.community_ids
    )
    Facet.objects.bulk_create(
        Facet(piece=piece, client=client, detail=draft.detail)
        for piece, draft in zip(pieces, drafts, strict=True)
        if draft.detail
    )
    return posts

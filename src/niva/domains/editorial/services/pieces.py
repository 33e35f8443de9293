"""Pieces: every post gets one; an idea is a post that has nothing but a title yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, ClientRole, Role
from niva.domains.editorial.models import Piece, Stage, Stay
from niva.domains.editorial.services.office import responsible_for, stages_of
from niva.domains.editorial.states import StageKind, Unit
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.people.models import Membership, User
from niva.domains.publishing.models import Post
from niva.domains.publishing.services import drafts

# What may be written of a piece; the rest of it has verbs of its own.
FIELDS: Final = frozenset(
    {"unit", "audience", "key_message", "hook", "call", "origin", "urgent", "author_id", "designer_id"}
)


@transaction.atomic
def adopt(post: Post, *, kind: str = StageKind.DRAFT) -> Piece:
    """The piece of a post that has none yet: in the stage of that kind, with who wrote it as its author.

    Where the client has put that stage away, the first one stands in for it.
    """
    stages = stages_of(post.client)
    stage = next((one for one in stages if one.kind == kind), stages[0])
    now = timezone.now()
    piece, fresh = Piece.objects.get_or_create(
        post=post,
        defaults={
            "workspace_id": post.workspace_id,
            "client_id": post.client_id,
            "stage": stage,
            "author": post.created_by,
            "responsible": post.created_by,
            "entered_at": now,
        },
    )
    if fresh:
        Stay.objects.create(
            workspace_id=piece.workspace_id,
            client_id=piece.client_id,
            piece=piece,
            stage=stage,
            responsible=piece.responsible,
            entered_at=now,
        )
    return piece


@transaction.atomic
def propose(
    actor: Actor, *, client_id: int, title: str, community_ids: Sequence[int] | None = None, **fields: Any
) -> Piece:
    """An idea: a piece in the first stage, anybody's who works there. Raises NotFound, Forbidden, Invalid.

    `fields`: some of FIELDS, and of a post `text`, `goal_id`, `rubric_id`, `planned_at`. Without communities
    none are chosen yet.
    """
    access.demand(actor, "work", client_id=client_id)
    if not title.strip():
        raise Invalid.one("title", _("Say in a few words what the piece is about."))
    own = {name: fields.pop(name) for name in list(fields) if name in FIELDS}
    post = drafts.create(actor, client_id=client_id, community_ids=community_ids or (), title=title, **fields)
    if not community_ids:
        post.variants.all().delete()
    piece = Piece.objects.select_for_update(of=("self",)).get(post=post)
    stage = stages_of(post.client)[0]
    if piece.stage_id != stage.pk:
        _stand(piece, stage)
    _write(piece, own)
    piece.author_id = own.get("author_id")  # who has the idea does not have to write it
    piece.responsible = responsible_for(stage, piece) or actor.user
    piece.save()
    piece.stays.filter(left_at__isnull=True).update(responsible=piece.responsible)
    record(actor, "piece.proposed", piece)
    return piece


@transaction.atomic
def write(actor: Actor, *, piece_id: int, **fields: Any) -> Piece:
    """Fill in what is asked of a piece: some of FIELDS. Raises NotFound, Forbidden, Invalid."""
    piece = access.get(
        actor, Piece.objects.select_for_update(of=("self",), no_key=True), piece_id, can="write"
    )
    before = {name: getattr(piece, name) for name in fields}
    _write(piece, fields)
    changed = sorted(name for name in fields if before[name] != getattr(piece, name))
    if changed:
        piece.save()
        record(actor, "piece.changed", piece, changed=changed)
    return piece


def _write(piece: Piece, fields: dict[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    for name, value in fields.items():
        if name not in FIELDS:
            raise TypeError(f"a piece has no field {name}")
        longest = getattr(Piece._meta.get_field(name.removesuffix("_id")), "max_length", None)
        if isinstance(value, str) and longest and len(value) > longest:
            errors[name] = [_("Too long: %(most)d characters at most.") % {"most": longest}]
        setattr(piece, name, value)
    if piece.unit not in Unit.values:
        errors["unit"] = [_("Choose what kind of piece it is.")]
    for name in ("author_id", "designer_id"):
        if fields.get(name) is not None and not works_at(piece.client_id, piece.workspace_id, fields[name]):
            errors[name] = [_("This person does not work for this client.")]
    if errors:
        raise Invalid(errors)


def works_at(client_id: int, workspace_id: int, user_id: int) -> bool:
    """Whether a person has a role at the client, or acts everywhere in the workspace."""
    return people_of(client_id, workspace_id).filter(pk=user_id).exists()


def people_of(client_id: int, workspace_id: int) -> QuerySet[User]:
    """Who works for a client: its roles but the client's own, and who acts everywhere in the workspace."""
    return _people(workspace_id, ClientRole.objects.filter(client_id=client_id))


def colleagues(actor: Actor, *, can: str = "work") -> QuerySet[User]:
    """Who works for any of the clients at which the actor may `can`, and himself: the people of a list over
    several clients. Customers are none of them, nor is who works where the actor sees nothing.
    """
    mine = access.visible(actor, Client.objects.all(), can=can)
    rows = _people(actor.workspace.pk, ClientRole.objects.filter(client__in=mine))
    return rows | User.objects.filter(pk=actor.user.pk).distinct() if actor.user else rows


def _people(workspace_id: int, roles: QuerySet[ClientRole]) -> QuerySet[User]:
    rows = Membership.objects.filter(workspace_id=workspace_id)
    everywhere = rows.filter(role__in=["owner", "manager"])
    here = rows.filter(client_roles__in=roles.exclude(role=Role.CLIENT))
    return User.objects.filter(memberships__in=everywhere | here).distinct().order_by("name", "pk")


def _stand(piece: Piece, stage: Stage) -> None:
    """Put a piece that has only just been made into another stage, as if it had begun there."""
    piece.stage = stage
    piece.stays.update(stage=stage)

"""A remark, and who has to learn of it: who has the piece, who wrote it, who is called by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse

from niva.domains.editorial.models import Piece
from niva.domains.editorial.services.tasks import called_in
from niva.domains.notices.services import tell
from niva.domains.people.actor import Actor, machine
from niva.domains.people.models import User
from niva.domains.publishing.approving import Approval, Remark
from niva.domains.publishing.models import Post, Revision
from niva.domains.publishing.services import remarks


@transaction.atomic
def add(
    actor: Actor | None,
    *,
    post: Post,
    text: str,
    place: Mapping[str, Any] | None = None,
    inside: bool = True,
    author_name: str = "",
    approval: Approval | None = None,
    revision: Revision | None = None,
) -> Remark:
    """As `remarks.add`, and the people of the piece are told. Raises Forbidden, Invalid."""
    remark = remarks.add(
        actor,
        post=post,
        text=text,
        place=place,
        inside=inside,
        author_name=author_name,
        approval=approval,
        revision=revision,
    )
    _tell(actor, remark, post)
    return remark


@transaction.atomic
def answer(
    actor: Actor | None, *, remark: Remark, text: str, inside: bool | None = None, author_name: str = ""
) -> Remark:
    """As `remarks.answer`, and who made the remark is told, too. Raises Forbidden, Invalid."""
    row = remarks.answer(actor, remark=remark, text=text, inside=inside, author_name=author_name)
    _tell(actor, row, remark.post)
    return row


def _tell(actor: Actor | None, remark: Remark, post: Post) -> None:
    piece = Piece.objects.filter(post=post).select_related("responsible", "author", "designer").first()
    if piece is None:
        return
    who = actor or machine(remark.workspace)
    url = reverse("piece", args=[piece.pk]) + f"#remark-{remark.parent_id or remark.pk}"
    facts: dict[str, Any] = {"title": str(post), "words": remark.text[:200], "author": remark.author_name}
    called = called_in(remark.text, remark.client) if actor is not None else []
    tell(who, users=called, kind="mentioned", url=url, client=remark.client, **facts)
    people: list[User | None] = [piece.responsible, piece.author]
    if remark.place.get("kind") == "media":
        people.append(piece.designer)
    if remark.parent is not None and (remark.inside or not _is_client(remark.parent)):
        people.append(remark.parent.author)
    others = [one for one in people if one is not None and one not in called]
    tell(who, users=others, kind="remark_added", url=url, client=remark.client, **facts)


def _is_client(remark: Remark) -> bool:
    """Whether the remark is of a person whose role is the client's: the newsroom is not his to visit."""
    return (
        remark.author_id is not None
        and remark.client.roles.filter(membership__user=remark.author_id, role="client").exists()
    )

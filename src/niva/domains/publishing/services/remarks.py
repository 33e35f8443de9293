"""Remarks at the very place: of those who work on a post, and of the client by his link.

Only rows are made here; who is told of it is the flow's business (`flows/remarking.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.people.actor import Actor, machine
from niva.domains.people.audit import record
from niva.domains.people.errors import Forbidden, Invalid
from niva.domains.publishing import places
from niva.domains.publishing.approving import Approval, Remark
from niva.domains.publishing.models import Post, Revision

LONGEST: Final = 4000  # characters, as the column has them


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
    """Write a remark on a post that the caller has got through a door. `place`: see `places.checked`.

    `actor` None: the client by his link, whose secret the caller has checked; he gives his name and is never
    among ourselves. `revision`: the exact text that he looked at. Raises Forbidden, Invalid.
    """
    who = _let_in(actor, post.client_id, inside=inside)
    remark = Remark.objects.create(
        workspace_id=post.workspace_id,
        client_id=post.client_id,
        post=post,
        approval=approval,
        revision=revision,
        inside=inside,
        text=_said(text),
        place=places.checked(post, place or {}, revision=revision),
        author=who.user if who else None,
        author_name=_name(who, author_name),
    )
    _write_down(who, "remark.added", remark)
    return remark


@transaction.atomic
def answer(
    actor: Actor | None, *, remark: Remark, text: str, inside: bool | None = None, author_name: str = ""
) -> Remark:
    """Answer a remark that the caller has got through a door; an answer to an answer hangs beside it.

    What is said among ourselves is answered there; a client's remark may be talked over inside, too.
    Raises Forbidden, Invalid.
    """
    root = remark if remark.parent is None else remark.parent
    kept_inside = root.inside or bool(inside)
    who = _let_in(actor, root.client_id, inside=kept_inside)
    row = Remark.objects.create(
        workspace_id=root.workspace_id,
        client_id=root.client_id,
        post_id=root.post_id,
        approval_id=root.approval_id,
        parent=root,
        inside=kept_inside,
        text=_said(text),
        author=who.user if who else None,
        author_name=_name(who, author_name),
    )
    _write_down(who, "remark.answered", row)
    return row


@transaction.atomic
def resolve(actor: Actor, *, remark_id: int) -> Remark:
    """It is settled. Whoever writes at the client, or made the remark. Done twice it stays with the first.

    Raises NotFound, Forbidden, Invalid (an answer is settled with what it answers).
    """
    remark = _own_or_writing(actor, remark_id)
    if remark.resolved_at is None:
        remark.resolved_at, remark.resolved_by = timezone.now(), actor.user
        remark.save(update_fields=["resolved_at", "resolved_by"])
        record(actor, "remark.resolved", remark)
    return remark


@transaction.atomic
def reopen(actor: Actor, *, remark_id: int) -> Remark:
    """It is not settled after all. Raises NotFound, Forbidden, Invalid."""
    remark = _own_or_writing(actor, remark_id)
    if remark.resolved_at is not None:
        remark.resolved_at = remark.resolved_by = None
        remark.save(update_fields=["resolved_at", "resolved_by"])
        record(actor, "remark.reopened", remark)
    return remark


def seen_by(actor: Actor, remark_id: int) -> Remark:
    """One remark as far as this person may read it. Raises NotFound, Forbidden."""
    remark = access.get(actor, Remark.objects.select_related("post__client", "parent"), remark_id)
    if remark.inside:
        access.demand(actor, "work", client_id=remark.client_id)
    return remark


def _own_or_writing(actor: Actor, remark_id: int) -> Remark:
    rows = Remark.objects.select_for_update(of=("self",), no_key=True).select_related("post")
    remark = access.get(actor, rows, remark_id, can="work")
    if remark.author_id is None or actor.user is None or remark.author_id != actor.user.pk:
        access.demand(actor, "write", client_id=remark.client_id)
    if remark.parent_id is not None:
        raise Invalid.one("", _("An answer is settled together with the remark above it."))
    return remark


def _let_in(actor: Actor | None, client_id: int, *, inside: bool) -> Actor | None:
    if actor is None:
        if inside:
            raise Forbidden("work")
        return None
    if inside or not access.may(actor, "approve", client_id=client_id):
        access.demand(actor, "work", client_id=client_id)
    return actor


def _name(actor: Actor | None, given: str) -> str:
    return (actor.name if actor else given.strip() or _("the client"))[:120]


def _said(text: str) -> str:
    text = text.strip().replace("\x00", "")
    if not text:
        raise Invalid.one("text", _("Write what is to be changed."))
    if len(text) > LONGEST:
        raise Invalid.one("text", _("Too long: %(most)d characters at most.") % {"most": LONGEST})
    return text


def _write_down(actor: Actor | None, verb: str, remark: Remark) -> None:
    """A line in the trail; of somebody without an account by the name that he gave."""
    details = {"post": remark.post_id, "inside": remark.inside}
    if actor is None:
        record(machine(remark.workspace), verb, remark, said_by=remark.author_name, **details)
    else:
        record(actor, verb, remark, **details)

"""What becomes of a machine's proposal: put into the post, accepted, rejected, each by a person."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.editorial.assisting import Proposal, Verdict
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.publishing.models import Post
from niva.domains.publishing.services import drafts

MOST_COMPARED: Final = 300  # unaccepted proposals of a client whose words are looked for
WHERE: Final = ("start", "end", "instead")
ROW: Final = 6  # words in a row by which a mended sentence is known again
SHORTEST: Final = 12  # characters of a line by which words are known again


def proposals(actor: Actor, *, post_id: int) -> QuerySet[Proposal]:
    """Of one post, and those of others whose unaccepted words stand in it; the newest first."""
    post = access.get(actor, Post.objects.all(), post_id, can="work")
    brought = [one.pk for one in _waiting(actor, post) if one.post_id != post.pk]
    rows = Proposal.objects.filter(Q(post=post) | Q(pk__in=brought))
    return rows.select_related("asked_by", "decided_by")


def marked(actor: Actor, *, post: Post) -> int:
    """How many proposals in the post's text nobody has accepted yet."""
    return len(_waiting(actor, post))


def _waiting(actor: Actor, post: Post) -> list[Proposal]:
    """Words of a machine that nobody has accepted: put into this post, or come along from another one.

    A copy of a post, a repeat of it, or a paragraph carried over by hand takes the mark with it.
    """
    rows = Proposal.objects.filter(client_id=post.client_id, verdict=Verdict.WAITING, put_in=True)
    seen = access.visible(actor, rows).order_by("-asked_at", "-pk")[:MOST_COMPARED]
    return [one for one in seen if one.post_id == post.pk or _stands_in(one, post.text)]


@transaction.atomic
def put_in(actor: Actor, *, proposal_id: int, text: str, where: str, version: int) -> Proposal:
    """Take its words (as the person trimmed them) into the post, which carries the mark from now on.

    `version`: of the post, as the person saw it. Raises NotFound, Forbidden, Invalid, Conflict.
    """
    proposal = _mine(actor, proposal_id)
    if where not in WHERE:
        raise Invalid.one("where", _("Choose where the words go."))
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise Invalid.one("text", _("There is nothing to put in."))
    if proposal.verdict == Verdict.REJECTED:
        raise Conflict(_("This proposal was rejected. Ask for another one."))
    old = proposal.post.text.strip()
    parts = {"start": (text, old), "end": (old, text), "instead": (text,)}[where]
    new = "\n\n".join(part for part in parts if part)
    drafts.save(actor, post_id=proposal.post_id, version=version, fields={"text": new})
    if not proposal.put_in:
        proposal.put_in = True
        proposal.save(update_fields=["put_in"])
    record(actor, "proposal.put_in", proposal, where=where)
    return proposal


def accept(actor: Actor, *, proposal_id: int) -> Proposal:
    """A person has read it and answers for it: the mark goes. Twice is the same as once."""
    return _decide(actor, proposal_id, Verdict.ACCEPTED)


def reject(actor: Actor, *, proposal_id: int) -> Proposal:
    """Not wanted. Raises Conflict while its words still stand in the post: there they need the mark."""
    return _decide(actor, proposal_id, Verdict.REJECTED)


@transaction.atomic
def _decide(actor: Actor, proposal_id: int, verdict: Verdict) -> Proposal:
    proposal = _mine(actor, proposal_id)
    if proposal.verdict == verdict:
        return proposal
    if proposal.verdict != Verdict.WAITING:
        raise Conflict(_("Somebody has decided on this proposal meanwhile. Reload the page."))
    if verdict == Verdict.REJECTED and proposal.put_in and _stands_anywhere(proposal):
        raise Conflict(_("Its words still stand in the post. Take them out first, or accept them."))
    proposal.verdict, proposal.decided_by, proposal.decided_at = verdict, actor.user, timezone.now()
    proposal.save(update_fields=["verdict", "decided_by", "decided_at"])
    record(actor, f"proposal.{verdict.value}", proposal)
    return proposal


def _mine(actor: Actor, proposal_id: int) -> Proposal:
    rows = Proposal.objects.select_for_update(of=("self",), no_key=True).select_related("post")
    return access.get(actor, rows, proposal_id, can="write")


def _stands_in(proposal: Proposal, text: str) -> bool:
    """Whether a line of it is found in the text, however it is broken there; or some words in a row of it.

    A few letters alone prove nothing, unless they are a line of the text.
    """
    own = {_plain(line) for line in text.splitlines()} - {""}
    whole, sent = _plain(text), _plain(proposal.asked)
    for line in (_plain(line) for line in proposal.text.splitlines()):
        if line in sent:  # a person's own words came back
            continue
        if line and (line in own or (len(line) >= SHORTEST and line in whole)):
            return True
        words = line.split()
        rows = (" ".join(words[n : n + ROW]) for n in range(len(words) - ROW + 1))
        if any(f" {row} " in f" {whole} " and row not in sent for row in rows):
            return True
    return False


def _stands_anywhere(proposal: Proposal) -> bool:
    """In its own post, or in one that was written after it: a copy, a repeat."""
    if _stands_in(proposal, proposal.post.text):
        return True
    later = Post.objects.filter(
        client_id=proposal.client_id, deleted_at__isnull=True, created_at__gte=proposal.asked_at
    ).order_by("-created_at")
    return any(_stands_in(proposal, text) for text in later.values_list("text", flat=True)[:MOST_COMPARED])


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())

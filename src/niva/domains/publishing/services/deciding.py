"""The decision itself: by the link, by a client with an account, told to somebody of ours, or by silence.

Whoever presses first has decided: the post's row is the queue. A decision is taken on what was asked and on
nothing else; where the post reads otherwise by now, nothing is decided and the client is told (Conflict).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.clients import access
from niva.domains.clients.models import Silence
from niva.domains.clients.services import terms as contract
from niva.domains.people.actor import Actor, machine
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.domains.people.secrets import fingerprint as token_hash
from niva.domains.publishing.approving import Approval, Decision, KnownBy
from niva.domains.publishing.models import Asset, Post
from niva.domains.publishing.services import remarks as talk
from niva.domains.publishing.services import schedule
from niva.domains.publishing.services.approving import hold_open, reads_as_asked, variants_at_work
from niva.domains.publishing.services.freeze import check, freeze
from niva.domains.publishing.small_edit import Why, refused
from niva.domains.publishing.states import STILL_OURS, State

Verdict = Literal["approve", "edit", "return"]
VERDICTS: Final = frozenset({"approve", "edit", "return"})
LONGEST_SECRET: Final = 100
MOST_REMARKS: Final = 40  # of one return
COMMON: Final = "common"
_NOT_SMALL: Final[dict[Why, str | Promise]] = {
    "empty": gettext_lazy("The text would be empty. Return the post instead and say why."),
    "too_long": gettext_lazy("The text is too long to be edited here. Return the post with a remark."),
    "links": gettext_lazy("Links and addresses are changed by those who answer for them. Return the post."),
    "tags": gettext_lazy("Tags and mentions are changed by those who answer for them. Return the post."),
    "figures": gettext_lazy("Figures (prices, dates, numbers) are checked by people. Return the post."),
    "too_much": gettext_lazy(
        "This is more than a small edit: over a tenth of the text. Return the post with this as your remark."
    ),
}


class Gone(Exception):
    """The right secret, but nothing to decide any more. `why`: "expired" or "withdrawn"."""

    def __init__(self, why: str, approval: Approval) -> None:
        super().__init__(why)
        self.why, self.approval = why, approval


@dataclass(frozen=True, slots=True)
class Said:
    """One remark of a return: its words and its place, see `publishing/places.py`; {} = the whole."""

    text: str
    place: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client pressed and typed. `edits`: box → its text, see `boxes`; `origin`: from where."""

    verdict: str
    name: str
    note: str = ""
    edits: Mapping[str, str] = field(default_factory=dict)
    remarks: Sequence[Said] = ()
    origin: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Box:
    """One text that may be edited: the common one, or a community's own."""

    key: str
    text: str
    names: tuple[str, ...]


def by_secret(secret: str) -> Approval:
    """The request behind a link, whatever became of it. Raises NotFound for a wrong or a replaced secret."""
    if not secret or len(secret) > LONGEST_SECRET:
        raise NotFound("approval")
    rows = Approval.objects.select_related("client", "post__client", "workspace", "asked_by")
    found = rows.filter(token_hash=token_hash(secret)).first()
    if found is None:
        raise NotFound("approval")
    return found


def must_be_open(approval: Approval, *, by_link: bool = True) -> None:
    """Raises Gone unless somebody still waits for this decision, or may still read how it was decided.

    Only a link expires: who signs in needs none. After that it shows nothing, decided or not: it may lie in
    an old letter that others read by now.
    """
    if approval.decision in (Decision.WITHDRAWN, Decision.WAIVED):
        raise Gone("withdrawn", approval)
    put_away = approval.post.deleted_at is not None or approval.client.archived_at is not None
    if approval.decision == Decision.OPEN and put_away:
        raise Gone("withdrawn", approval)
    if by_link and approval.expires_at <= timezone.now():
        raise Gone("expired", approval)


@transaction.atomic
def opened(approval: Approval) -> None:
    """The link was looked at for the first time."""
    if approval.opened_at is None and approval.decision == Decision.OPEN:
        approval.opened_at = timezone.now()
        Approval.objects.filter(pk=approval.pk, opened_at__isnull=True).update(opened_at=approval.opened_at)


@transaction.atomic
def by_link(secret: str, *, answer: Answer) -> Approval:
    """The client decides by his link. Raises NotFound, Gone, Invalid, and Conflict when somebody has decided
    meanwhile or the post reads otherwise by now."""
    seen = by_secret(secret)
    must_be_open(seen)
    approval = _held(seen)
    if approval.token_hash != seen.token_hash:
        raise NotFound("approval")  # renewed since: this link is dead
    must_be_open(approval)
    return _decide(machine(approval.workspace), approval, answer)


@transaction.atomic
def by_account(actor: Actor, *, approval_id: int, answer: Answer) -> Approval:
    """A person with the role client decides. Raises NotFound, Forbidden, Gone, Invalid, Conflict.

    Who acts for the whole workspace is not the client: he writes down what he was told.
    """
    seen = _mine(actor, approval_id, can="approve")
    must_be_open(seen, by_link=False)
    approval = _held(seen)
    must_be_open(approval, by_link=False)
    approval.decided_by = actor.user
    named = Answer(answer.verdict, actor.name, answer.note, answer.edits, answer.remarks, answer.origin)
    return _decide(actor, approval, named)


@transaction.atomic
def write_down(
    actor: Actor,
    *,
    approval_id: int,
    verdict: str,
    name: str,
    known_by: str,
    quote: str,
    proof_id: int | None = None,
) -> Approval:
    """What the client said elsewhere, with his words; it never looks like a click of his own.

    Raises NotFound, Forbidden ("manage"), Invalid, Conflict.
    """
    seen = _mine(actor, approval_id, can="manage")
    if known_by not in KnownBy.values:
        raise Invalid.one("known_by", _("Say how you know it."))
    if verdict not in ("approve", "return"):
        raise Invalid.one("verdict", _("Choose what the client decided."))
    if len(" ".join(quote.split())) < 3:
        raise Invalid.one("quote", _("Quote his words: they are all that proves the decision."))
    if proof_id is not None:
        access.get(actor, Asset.objects.filter(client_id=seen.client_id), proof_id)
    if seen.post.deleted_at is not None or seen.client.archived_at is not None:
        raise Invalid.one("", _("The post was put away, so nothing is decided on it."))
    approval = _held(seen)
    approval.known_by, approval.proof_id, approval.decided_by = known_by, proof_id, actor.user
    remarks = [Said(quote)] if verdict == "return" else []
    return _decide(actor, approval, Answer(verdict, name, quote, remarks=remarks), said_elsewhere=True)


@transaction.atomic
def by_silence(approval_id: int, *, now: datetime) -> Approval | None:
    """The machine's decision where the contract gives silence a meaning; None where it has none (yet).

    The clause must have stood there on the day of asking and stand there, word for word, today; the client's
    working days must be over, also on the urgent route; and the post must read as it was asked.
    """
    seen = Approval.objects.select_related("client", "post__client", "workspace").get(pk=approval_id)
    terms = contract.terms_of(seen.client)
    if terms.silence != Silence.CONSENT or not seen.clause or seen.clause != terms.clause:
        return None
    # Of both the later: terms that were shortened since never turn silence into consent sooner.
    agreed = seen.silent_until or seen.due_at
    if max(seen.due_at, agreed, contract.working_term(terms, seen.asked_at)) > now:
        return None
    try:
        approval = _held(seen)
    except Conflict:
        return None
    gone = approval.post.deleted_at is not None or approval.client.archived_at is not None
    if gone or approval.voided_at is not None or not reads_as_asked(approval):
        return None
    approval.decision, approval.decided_at, approval.decided_as = Decision.SILENCE, now, ""
    approval.save(update_fields=["decision", "decided_at", "decided_as"])
    record(machine(approval.workspace), "approval.silence", approval, round=approval.round)
    return approval


def boxes(approval: Approval) -> list[Box]:
    """The texts of the request that may be edited on the spot. Chains are not: their parts hang together."""
    common: list[str] = []
    found: list[Box] = []
    for variant in variants_at_work(approval.post):
        if variant.own_thread:
            continue
        if variant.own_text is None:
            common.append(variant.community.name)
        else:
            found.append(Box(str(variant.pk), variant.own_text, (variant.community.name,)))
    if common and approval.post.text.strip():
        found.insert(0, Box(COMMON, approval.post.text, tuple(common)))
    return [one for one in found if one.text.strip()]


def _mine(actor: Actor, approval_id: int, *, can: str) -> Approval:
    rows = Approval.objects.select_related("client", "post__client", "workspace")
    return access.get(actor, rows, approval_id, can=can)


def _held(seen: Approval) -> Approval:
    try:
        return hold_open(seen)
    except Invalid as error:
        raise Conflict(_("This was decided a moment ago. Below is how."), seen) from error


def _decide(actor: Actor, approval: Approval, answer: Answer, *, said_elsewhere: bool = False) -> Approval:
    name = " ".join(answer.name.replace("\x00", "").split())[:120]
    if not name:
        raise Invalid.one("name", _("Say who decides: the name stands beside the decision."))
    if answer.verdict not in VERDICTS:
        raise Invalid.one("", _("Choose what you decide."))
    if len(answer.note) > 2000:
        raise Invalid.one("note", _("Too long: %(most)d characters at most.") % {"most": 2000})
    if approval.voided_at is not None or not reads_as_asked(approval):
        raise Conflict(
            _("The post has changed since it was sent, so nothing is decided. Below is how it reads now."),
            approval,
        )
    approval.note = answer.note.replace("\x00", "").strip()
    approval.decided_as, approval.decided_at = name, timezone.now()
    approval.origin = {key: str(value)[:300] for key, value in answer.origin.items()}
    verb = "approval.written_down" if said_elsewhere else "approval.decided"
    match answer.verdict:
        case "approve":
            approval.decision = Decision.APPROVED
        case "edit":
            approval.decision = Decision.EDITED if _edit(actor, approval, answer.edits) else Decision.APPROVED
        case _:
            approval.decision = Decision.RETURNED
            _remark(actor if approval.decided_by_id else None, approval, answer.remarks, name)
            _take_back(approval.post)
    approval.save()
    record(actor, verb, approval, decision=approval.decision, by=name, known_by=approval.known_by)
    return approval


def _edit(actor: Actor, approval: Approval, edits: Mapping[str, str]) -> bool:
    """Put the client's own words into the post and bind the decision to them. False: he changed nothing."""
    post = approval.post
    wanted = {
        one.key: edits[one.key].replace("\r\n", "\n").replace("\x00", "")
        for one in boxes(approval)
        if one.key in edits
    }
    before = {one.key: one.text for one in boxes(approval)}
    changed = {key: text for key, text in wanted.items() if text != before[key]}
    if not changed:
        return False
    errors = {
        f"edit-{key}": [str(_NOT_SMALL[why])]
        for key, text in changed.items()
        if (why := refused(before[key], text)) is not None
    }
    if errors:
        raise Invalid(errors)
    _put(post, changed)
    bound = {row.variant_id: row for row in approval.revisions.all()}
    for variant in variants_at_work(post):
        checked = check(variant)
        if checked.errors:
            raise Invalid.one(
                "", _("With this edit it does not fit %(name)s any more.") % {"name": variant.community.name}
            )
        revision, row = freeze(actor, checked), bound[variant.pk]
        if revision.sha256 == row.sha256:
            continue
        row.asked, row.asked_sha256 = row.content, row.sha256
        row.revision, row.sha256, row.content = revision, revision.sha256, revision.content
        row.save()
    return True


def _put(post: Post, changed: Mapping[str, str]) -> None:
    """Not through `drafts.save`: that one makes void whatever was asked, and this is its answer."""
    if COMMON in changed:
        post.text = changed[COMMON]
    post.version += 1
    post.updated_by, post.updated_at = None, timezone.now()
    post.save(update_fields=["text", "version", "updated_by", "updated_at"])
    for variant in variants_at_work(post):
        if str(variant.pk) in changed:
            variant.own_text = changed[str(variant.pk)]
            variant.save(update_fields=["own_text"])


def _remark(actor: Actor | None, approval: Approval, said: Sequence[Said], name: str) -> None:
    told = [one for one in said if one.text.strip()]
    if not told:
        raise Invalid.one("remark", _("Say what is to be changed: without it nobody knows what to do."))
    if len(told) > MOST_REMARKS:
        raise Invalid.one("remark", _("At most %(most)d remarks at once.") % {"most": MOST_REMARKS})
    for one in told:
        talk.add(
            actor,
            post=approval.post,
            text=one.text,
            place=one.place,
            inside=False,
            author_name=name,
            approval=approval,
        )


def _take_back(post: Post) -> None:
    """What of the post still waits for its hour (an earlier text that had been approved) stays here."""
    desk = machine(post.workspace)
    waiting = post.deliveries.filter(state__in=STILL_OURS).exclude(state=State.CANCELLED)
    for delivery in waiting.order_by("pk"):
        try:
            with transaction.atomic():
                schedule.cancel(desk, delivery_id=delivery.pk)
        except Invalid:
            continue  # on its way, or nobody knows: it cannot be taken back, its page says so

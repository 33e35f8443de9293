"""Asking for a client's decision: exact revisions, one open request a post, a link whose secret is not kept.

A decision is about the hashes of what was asked. `look` compares them with what the post says now and makes
void what is about something else; the gate never relies on it, see `gate.py`.

Order of locks: post, then approval.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Silence
from niva.domains.clients.services import terms as contract
from niva.domains.people.actor import Actor, machine
from niva.domains.people.audit import record
from niva.domains.people.errors import Forbidden, Invalid
from niva.domains.people.secrets import fingerprint as token_hash
from niva.domains.publishing.approving import ANSWERS, YES, Approval, ApprovedRevision, Decision
from niva.domains.publishing.delivery.content import fingerprint
from niva.domains.publishing.models import Post, Variant
from niva.domains.publishing.services.freeze import Check, check, content_of, freeze
from niva.networks.registry import all_networks

# A link outlives its term at least by this: who is late still finds the page.
AFTER_TERM: Final = timedelta(days=1)
LONGEST: Final = {"message": 1000, "reason": 2000}  # characters, as wide as the columns
# Sent with `approval` when a later edit has made it void; the flow above tells those who work on it.
voided: Final = Signal()


def alive() -> QuerySet[Post]:
    """Where a look for a post begins whose row is then held; callers hand it to access.get."""
    rows = Post.objects.filter(deleted_at__isnull=True).select_related("client", "workspace")
    return rows.select_for_update(of=("self",), no_key=True)


def may_ask(actor: Actor, client_id: int) -> bool:
    """Who writes prepares; what goes to the client in our name is sent by whoever leads or publishes."""
    return any(access.may(actor, one, client_id=client_id) for one in ("edit", "publish"))


@transaction.atomic
def ask(
    actor: Actor,
    *,
    post_id: int,
    message: str = "",
    urgent: bool = False,
    approver_name: str = "",
    approver_email: str = "",
) -> tuple[Approval, str]:
    """Ask the client about the post exactly as it reads now. Returns the request and the secret of its link.

    Raises NotFound, Forbidden ("edit"), and Invalid: nothing to show, something a network would refuse, asked
    already, approved already.
    """
    post = access.get(actor, alive(), post_id, can="write")
    if not may_ask(actor, post.client_id):
        raise Forbidden("edit")
    terms = contract.terms_of(post.client)
    name = (approver_name or terms.approver_name).strip()[:120]
    email = (approver_email or terms.approver_email).strip().lower()
    _must_be_askable(post, name, email, message)
    checks = _sound(post)
    _must_be_news(post, checks)
    now = timezone.now()
    due = contract.due(terms, now, urgent=urgent)
    approval = Approval(
        workspace_id=post.workspace_id, client=post.client, post=post, round=next_round(post), urgent=urgent,
        message=message.replace("\x00", "").strip(), approver_name=name, approver_email=email,
        asked_by=actor.user, asked_at=now,
        due_at=due, expires_at=max(now + timedelta(days=terms.link_days), due + AFTER_TERM),
        # As it was agreed on the day of asking: terms that change later never turn silence into consent.
        clause=terms.clause if terms.silence == Silence.CONSENT else "",
        silent_until=contract.working_term(terms, now),
    )  # fmt: skip
    secret = _new_link(approval)
    approval.save()
    _bind(actor, approval, checks)
    record(actor, "approval.asked", approval, round=approval.round, due=due.isoformat())
    return approval, secret


def _must_be_askable(post: Post, name: str, email: str, message: str) -> None:
    errors: dict[str, list[str]] = {}
    if post.client.archived_at is not None:
        errors[""] = [_("This client is in the archive. Take it back from there first.")]
    if not name:
        errors["approver_name"] = [_("Say who decides.")]
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            errors["approver_email"] = list(error.messages)
    if len(message) > LONGEST["message"]:
        errors["message"] = [_("Too long: %(most)d characters at most.") % {"most": LONGEST["message"]}]
    if errors:
        raise Invalid(errors)


def variants_at_work(post: Post) -> list[Variant]:
    """The post's variants of communities at work, with all that their content is made of."""
    rows = post.variants.filter(community__archived_at__isnull=True).order_by("pk")
    found = list(rows.select_related("community__credential"))
    for variant in found:
        variant.post = post
    return found


def _sound(post: Post) -> list[Check]:
    """What would go out, nothing of it refused by a network. Raises Invalid."""
    checks = [check(one) for one in variants_at_work(post)]
    if not checks:
        raise Invalid.one("", _("Choose at least one community: the client decides on what people will see."))
    broken = [one.variant.community.name for one in checks if one.errors]
    if broken:
        raise Invalid.one(
            "",
            _("Mend it first: as it is, it would not go out to %(names)s.")
            % {"names": ", ".join(dict.fromkeys(broken))},
        )
    return checks


def _must_be_news(post: Post, checks: Sequence[Check]) -> None:
    """Raises Invalid while the same words wait or are approved; what waits for other words is withdrawn."""
    wanted = {one.variant.pk: fingerprint(one.content) for one in checks}
    for approval in standing(post).select_for_update(of=("self",), no_key=True):
        if approval.voided_at is None and _bound(approval) == wanted:
            if approval.decision == Decision.OPEN:
                raise Invalid.one(
                    "", _("The client has been asked already, and these very words wait for him.")
                )
            raise Invalid.one("", _("These very words are approved already."))
        if approval.decision == Decision.OPEN:
            _end(approval, Decision.WITHDRAWN)


def standing(post: Post) -> QuerySet[Approval]:
    """Requests that wait and decisions that let it out, also those that an edit has made void."""
    return Approval.objects.filter(post=post, decision__in=(Decision.OPEN, *YES))


def next_round(post: Post) -> int:
    """Rounds are what the client answered, by himself or by a silence that the contract gives a meaning."""
    return Approval.objects.filter(post=post, decision__in=ANSWERS).count() + 1


def _bind(actor: Actor, approval: Approval, checks: Iterable[Check]) -> None:
    for one in checks:
        revision, community = freeze(actor, one), one.variant.community
        ApprovedRevision.objects.create(
            approval=approval, variant=one.variant, revision=revision, community=community,
            community_name=community.name, network=community.network, sha256=revision.sha256,
            content=revision.content,
        )  # fmt: skip


def _bound(approval: Approval) -> dict[int | None, str]:
    """Variant → hash, of communities that are still at work."""
    rows = approval.revisions.exclude(community__archived_at__isnull=False)
    return dict(rows.values_list("variant_id", "sha256"))


def reads_as_asked(approval: Approval) -> bool:
    """Whether the post says now, everywhere, exactly what the request is about."""
    return _bound(approval) == prints(approval.post)


def prints(post: Post) -> dict[int, str]:
    """Variant → hash of what it would send now."""
    networks = all_networks()
    return {
        one.pk: fingerprint(content_of(one, networks.get(one.community.network)))
        for one in variants_at_work(post)
    }


def look(actor: Actor, post: Post) -> list[Approval]:
    """Make void whatever stands on other words than the post has now. Returns what became void.

    Called with every save of a post, within its transaction; costs one query where nothing was asked. An open
    request stays on record as void, so that its link can say so; asking again ends it. The decision is bound
    to hashes: when the very words come back before anybody was asked anew (a letter typed and taken out, and
    the composer had saved in between), the newest one stands again.
    """
    rows = list(standing(post).select_related("client").order_by("pk"))
    if not rows:
        return []
    newest = Approval.objects.filter(post=post).order_by("-pk").values_list("pk", flat=True).first()
    now, found = prints(post), []
    for approval in rows:
        approval.post, bound = post, _bound(approval)
        if approval.voided_at is None and bound != now:
            _void(actor, approval, _why(bound, now))
            found.append(approval)
        elif approval.voided_at is not None and bound == now and approval.pk == newest:
            approval.voided_at, approval.void_reason = None, ""
            approval.save(update_fields=["voided_at", "void_reason"])
            record(actor, "approval.stands_again", approval, round=approval.round)
    return found


def _void(actor: Actor, approval: Approval, reason: str) -> None:
    approval.voided_at, approval.void_reason = timezone.now(), reason
    approval.save(update_fields=["voided_at", "void_reason"])
    record(actor, "approval.voided", approval, round=approval.round)
    voided.send(Approval, approval=approval, actor=actor)


def _why(asked: dict[int | None, str], now: dict[int, str]) -> str:
    if set(asked) != set(now):
        return _("The communities that it goes to have changed since.")
    return _("Its text, files, link or poll have changed since.")


# The link


def _new_link(approval: Approval) -> str:
    """Another secret; the link before it opens nothing any more."""
    approval.link_nonce = secrets.token_hex(16)
    secret = secret_of(approval)
    approval.token_hash = token_hash(secret)
    return secret


def secret_of(approval: Approval) -> str:
    """The secret (32 bytes) of the present link, made again from a nonce and the installation's own key.

    Nothing of it lies in the database, so a stolen copy of that opens no link; a reminder can still carry it.
    """
    made = hmac.new(settings.SECRET_KEY.encode(), b"approval:" + approval.link_nonce.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made.digest()).decode().rstrip("=")


def is_current(approval: Approval) -> bool:
    """Whether `secret_of` still opens it: not after the installation's key was changed."""
    return hmac.compare_digest(approval.token_hash, token_hash(secret_of(approval)))


@transaction.atomic
def renew_link(actor: Actor, *, approval_id: int) -> tuple[Approval, str]:
    """A new link; the old one dies. Raises NotFound, Forbidden, Invalid when nothing waits any more."""
    approval = open_one(actor, approval_id)
    secret = _new_link(approval)
    terms = contract.terms_of(approval.client)
    approval.expires_at = max(timezone.now() + timedelta(days=terms.link_days), approval.due_at + AFTER_TERM)
    approval.save(update_fields=["link_nonce", "token_hash", "expires_at"])
    record(actor, "approval.link_renewed", approval)
    return approval, secret


@transaction.atomic
def withdraw(actor: Actor, *, approval_id: int) -> Approval:
    """It is not asked any more. Raises NotFound, Forbidden, Invalid."""
    approval = open_one(actor, approval_id)
    _end(approval, Decision.WITHDRAWN, by=actor)
    record(actor, "approval.withdrawn", approval)
    return approval


def open_one(actor: Actor, approval_id: int) -> Approval:
    """A request that waits, its post and itself held. Raises NotFound, Forbidden ("edit"), Invalid."""
    rows = Approval.objects.select_related("client", "post", "workspace")
    seen = access.get(actor, rows, approval_id)
    if not may_ask(actor, seen.client_id):
        raise Forbidden("edit")
    return hold_open(seen)


def hold_open(seen: Approval) -> Approval:
    """The same request with its post locked before it. Raises Invalid when it was decided meanwhile."""
    Post.objects.select_for_update(no_key=True).get(pk=seen.post_id)
    rows = Approval.objects.select_related("client", "post__client", "workspace")
    approval = rows.select_for_update(of=("self",), no_key=True).get(pk=seen.pk)
    if approval.decision != Decision.OPEN:
        raise Invalid.one("", _("This was decided meanwhile. Reload the page to see how."))
    return approval


def _end(
    approval: Approval, decision: Decision, *, by: Actor | None = None, at: datetime | None = None
) -> None:
    approval.decision, approval.decided_at = decision, at or timezone.now()
    approval.decided_by = by.user if by else None
    approval.decided_as = (by.name if by else "")[:120]
    approval.save(update_fields=["decision", "decided_at", "decided_by", "decided_as"])


@transaction.atomic
def waive(actor: Actor, *, post_id: int, reason: str) -> Approval:
    """Let it out without the client, with the reason in the evidence. Raises NotFound, Forbidden ("manage"),
    Invalid."""
    post = access.get(actor, alive(), post_id, can="manage")
    said = " ".join(reason.replace("\x00", "").split())
    if len(said) < 10:
        raise Invalid.one("reason", _("Say why in a sentence: it stands in the evidence beside your name."))
    if len(said) > LONGEST["reason"]:
        raise Invalid.one("reason", _("Too long: %(most)d characters at most.") % {"most": LONGEST["reason"]})
    checks, now = _sound(post), timezone.now()
    wanted = {one.variant.pk: fingerprint(one.content) for one in checks}
    for one in standing(post).select_for_update(of=("self",), no_key=True):
        if one.decision in YES and one.voided_at is None and _bound(one) == wanted:
            raise Invalid.one("", _("These very words are approved already."))
        if one.decision == Decision.OPEN:
            _end(one, Decision.WITHDRAWN, by=actor)
    approval = Approval(
        workspace_id=post.workspace_id, client=post.client, post=post, round=next_round(post),
        approver_name=actor.name[:120], asked_by=actor.user, asked_at=now, due_at=now, expires_at=now,
        decision=Decision.WAIVED, decided_at=now, decided_by=actor.user, decided_as=actor.name[:120],
        note=said,
    )  # fmt: skip
    _new_link(approval)
    approval.save()
    _bind(actor, approval, checks)
    record(actor, "approval.waived", approval, reason=said[:300])
    return approval


def look_as_machine(post: Post) -> list[Approval]:
    """`look` for the periodic job: whoever changed the post past the services is found out all the same."""
    return look(machine(post.workspace), post)

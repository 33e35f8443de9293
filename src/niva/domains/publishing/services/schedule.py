"""Scheduling, moving, taking back, and the two decisions that only a person can make.

Scheduling is one transaction: revision frozen, delivery written (unique per variant and occurrence), job
deferred. A delivery's row is locked before it is changed, so a worker and a person never both win.

Order of locks: post, client, delivery. All of them NO KEY: a worker that writes down what it did names the
post and the client, and must not wait for a person who waits for its delivery.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.services.stopping import is_stopped
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor, machine
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.delivery.decide import unclear
from niva.domains.publishing.delivery.statements import CHANNEL
from niva.domains.publishing.models import Attempt, Delivery, Post, Publication, Variant
from niva.domains.publishing.repeating import Series
from niva.domains.publishing.services import gate
from niva.domains.publishing.services.freeze import Check, check, freeze
from niva.domains.publishing.states import STILL_OURS, Outcome, State, may_go
from niva.kit.jobs.django import notify

# "Now" may take a person a moment to press; earlier than this is the past.
GRACE: Final = timedelta(minutes=2)
SOON: Final = timedelta(seconds=5)
FARTHEST: Final = timedelta(days=366 * 2)


@dataclass(slots=True)
class Scheduled:
    """What came of it: deliveries that will go out, and variants that stay behind with their problems."""

    deliveries: list[Delivery] = field(default_factory=list)
    behind: list[Check] = field(default_factory=list)

    @property
    def is_held(self) -> bool:
        """Publishing is stopped for this client: all of it waits for people's word."""
        return any(one.state == State.HELD for one in self.deliveries)


@transaction.atomic
def schedule(
    actor: Actor, *, post_id: int, at: datetime | None = None, variants: Iterable[int] | None = None
) -> Scheduled:
    """Give the post's variants (or those named) their hour. `at` None: now.

    Variants with errors stay behind, the others go; those of a stopped client are held. Raises Invalid when
    the hour cannot be or nothing is left to send, NotApproved when the client must approve it first.
    """
    # The post's row is the queue of those who schedule it: two at once never make two deliveries.
    posts = Post.objects.filter(deleted_at__isnull=True).select_for_update(of=("self",), no_key=True)
    post = access.get(actor, posts, post_id, can="publish")
    if Series.objects.filter(post=post, ended_at__isnull=True).exists():
        raise Invalid.one("at", _("This post repeats: its repeats go out, the pattern itself does not."))
    due = valid_hour(at)
    chosen = _variants(post, variants)
    stopped = is_stopped(post.client_id)
    checks = [check(variant) for variant in chosen]
    result = Scheduled(behind=[one for one in checks if one.errors])
    sound = [one for one in checks if not one.errors]
    gate.demand(post, sound)
    for checked in sound:
        variant = checked.variant
        own_hour = at is not None and variant.planned_at is not None
        hour = valid_hour(variant.planned_at) if own_hour else due
        delivery = _put(actor, variant, checked, hour, stopped=stopped)
        if delivery is not None:
            result.deliveries.append(delivery)
    if not result.deliveries and not result.behind:
        raise Invalid.one("variants", _("Nothing to send: every community has this post already."))
    if result.deliveries:
        Post.objects.filter(pk=post.pk).update(planned_at=due)
        record(actor, "post.scheduled", post, due=due.isoformat(), deliveries=len(result.deliveries))
    return result


def valid_hour(at: datetime | None) -> datetime:
    """The hour as a moment that can be kept. Raises Invalid for the past and for the absurdly far."""
    now = timezone.now()
    if at is None:
        return now
    if at < now - GRACE:
        raise Invalid.one("at", _("This hour has passed. Choose a later one, or publish now."))
    if at > now + FARTHEST:
        raise Invalid.one("at", _("This is more than two years ahead. Check the year."))
    return max(at, now)


def _variants(post: Post, wanted: Iterable[int] | None) -> list[Variant]:
    rows = post.variants.select_related("post", "community__credential").filter(
        community__archived_at__isnull=True
    )
    if wanted is not None:
        rows = rows.filter(pk__in=list(wanted))
    chosen = list(rows)
    if not chosen:
        raise Invalid.one("variants", _("Choose at least one community to publish to."))
    return chosen


def _put(actor: Actor, variant: Variant, checked: Check, due: datetime, *, stopped: bool) -> Delivery | None:
    """Make or move the one delivery of this variant. None when it is on its way or out."""
    old = (
        Delivery.objects.select_for_update(no_key=True)
        .filter(variant=variant)
        .order_by("-occurrence")
        .first()
    )
    if old is not None and old.state == State.REMOVED:
        occurrence = old.occurrence + 1  # taken down and wanted again: a publication of its own
        old = None
    else:
        occurrence = 0
    if old is not None and (old.state not in STILL_OURS or in_doubt(old)):
        return None
    revision = freeze(actor, checked)
    if old is None:
        delivery = Delivery.objects.create(
            workspace_id=variant.post.workspace_id,
            client_id=variant.post.client_id,
            community=variant.community,
            post=variant.post,
            variant=variant,
            revision=revision,
            occurrence=occurrence,
            due_at=due,
            wake_at=None if stopped else due,
            state=State.HELD if stopped else State.QUEUED,
            code="client_stopped" if stopped else "",
            created_by=actor.user,
        )
    else:
        delivery = old
        delivery.revision = revision
        delivery.due_at = due
        queue(delivery, stopped=stopped)
    wake(delivery)
    return delivery


def queue(delivery: Delivery, *, stopped: bool) -> None:
    """Back to the queue at its due hour, failures forgotten; held instead while its client is `stopped`."""
    if delivery.state != State.QUEUED and not may_go(delivery.state, State.QUEUED):
        raise Invalid.one("", _("It is on its way already and cannot be changed."))
    delivery.state = State.HELD if stopped else State.QUEUED
    delivery.state_at = timezone.now()
    delivery.wake_at = None if stopped else delivery.due_at
    delivery.tries = 0
    delivery.code, delivery.detail = "client_stopped" if stopped else "", ""
    delivery.lease = delivery.lease_until = delivery.acknowledged_at = None
    delivery.save()
    _forget_uploads(delivery)


def _forget_uploads(delivery: Delivery) -> None:
    """The content may have changed and networks keep unused uploads only for a while: upload it all anew."""
    uploads = delivery.attempts.filter(outcome=Outcome.DONE, step__startswith="upload")
    uploads.update(outcome=Outcome.ABSENT, code="stale")


def in_doubt(delivery: Delivery) -> bool:
    """Whether an earlier attempt may have put it out there, whatever the state is called."""
    return bool(unclear(delivery.attempts.filter(step="create")))


def _must_not_be_in_doubt(delivery: Delivery) -> None:
    if in_doubt(delivery):
        raise Invalid.one(
            "", _("It may be out already. Connect the community; the desk looks, then you decide.")
        )


def wake(delivery: Delivery) -> None:
    """Tell the workers, when the transaction is through, of what is due sooner than they look anyway."""
    if delivery.wake_at is not None and delivery.wake_at <= timezone.now() + SOON:
        notify(CHANNEL)


def _locked(actor: Actor, delivery_id: int, *, can: str = "publish") -> Delivery:
    return access.get(
        actor, Delivery.objects.select_for_update(of=("self",), no_key=True), delivery_id, can=can
    )


@transaction.atomic
def reschedule(actor: Actor, *, delivery_id: int, at: datetime | None) -> Delivery:
    """Another hour for what has not left yet; None: now. Raises Invalid when it is on its way or out.

    What waits for its hour anyway keeps it or another: the client decides on the words, not on the hour. What
    was taken back, refused or held is let out anew, so it passes the gate anew (NotApproved).
    """
    seen = access.get(actor, Delivery.objects.all(), delivery_id, can="publish")
    Post.objects.select_for_update(no_key=True).get(pk=seen.post_id)  # posts before deliveries, as everywhere
    stopped = is_stopped(seen.client_id)
    delivery = _locked(actor, delivery_id)
    if delivery.state not in STILL_OURS:
        raise Invalid.one("at", _("It is on its way or out already, so its hour cannot be changed."))
    _must_not_be_in_doubt(delivery)
    if delivery.state in (State.CANCELLED, State.REJECTED, State.HELD):
        gate.demand_revision(delivery.post, delivery.community_id, delivery.revision)
    before = delivery.due_at
    delivery.due_at = valid_hour(at)
    queue(delivery, stopped=stopped)
    wake(delivery)
    _follow(delivery)
    record(actor, "delivery.moved", delivery, before=before.isoformat(), after=delivery.due_at.isoformat())
    return delivery


@transaction.atomic
def renew(actor: Actor, *, delivery_id: int) -> bool:
    """What the post says now goes out instead of what was scheduled; hour and state stay. False: the same.

    Raises Invalid when it is on its way or out, and when the new text does not fit; NotApproved.
    """
    seen = access.get(actor, Delivery.objects.all(), delivery_id, can="publish")
    Post.objects.select_for_update(no_key=True).get(pk=seen.post_id)
    stopped = is_stopped(seen.client_id)
    delivery = _locked(actor, delivery_id)
    if delivery.state not in STILL_OURS:
        raise Invalid.one("", _("It is on its way already and cannot be changed."))
    _must_not_be_in_doubt(delivery)
    checked = check(delivery.variant)
    if checked.errors:
        raise Invalid.one("text", _("The new text does not fit this network. Mend it first."))
    gate.demand(delivery.post, [checked])
    revision = freeze(actor, checked)
    if revision.pk == delivery.revision_id:
        return False
    delivery.revision = revision
    if delivery.state in (State.QUEUED, State.WAITING):
        queue(delivery, stopped=stopped)
        wake(delivery)
    else:
        delivery.save(update_fields=["revision"])
        _forget_uploads(delivery)
    record(actor, "delivery.corrected", delivery, revision=revision.number)
    return True


def _follow(delivery: Delivery) -> None:
    """The post's own hour follows, unless something else of it still leaves at the old one.

    An hour of the variant's own follows in any case, or the next scheduling would bring the old one back.
    """
    Variant.objects.filter(pk=delivery.variant_id, planned_at__isnull=False).update(
        planned_at=delivery.due_at
    )
    post = delivery.post
    others = post.deliveries.filter(state__in=STILL_OURS).exclude(state=State.CANCELLED)
    others = others.exclude(due_at=delivery.due_at)
    unsent = post.variants.filter(deliveries__isnull=True, planned_at__isnull=True)
    if not others.exists() and not unsent.exists():
        Post.objects.filter(pk=post.pk).update(planned_at=delivery.due_at)


@transaction.atomic
def cancel(actor: Actor, *, delivery_id: int) -> Delivery:
    """Take it back before it goes out. Raises Invalid when it is too late."""
    delivery = _locked(actor, delivery_id)
    if delivery.state == State.CANCELLED:
        return delivery
    if delivery.state not in STILL_OURS:
        raise Invalid.one("", _("Too late to cancel: it is on its way or out. You can take it down instead."))
    _must_not_be_in_doubt(delivery)
    delivery.state = State.CANCELLED
    delivery.state_at = timezone.now()
    delivery.wake_at = delivery.lease = delivery.lease_until = None
    delivery.save()
    record(actor, "delivery.cancelled", delivery)
    return delivery


@transaction.atomic
def let_be(actor: Actor, *, delivery_id: int) -> Delivery:
    """A person saw it and wants nothing done: it no longer burns. Raises Invalid while it is unsettled."""
    delivery = _locked(actor, delivery_id)
    if delivery.state not in (State.REJECTED, State.REMOVED, State.NEEDS_LOGIN):
        raise Invalid.one("", _("This is not settled yet, so it cannot be let be."))
    delivery.acknowledged_at = timezone.now()
    delivery.save(update_fields=["acknowledged_at"])
    record(actor, "delivery.let_be", delivery)
    return delivery


@transaction.atomic
def say_it_is_out(actor: Actor, *, delivery_id: int, url: str) -> Publication:
    """A person looked: the post of an unknown delivery is there. Raises Invalid without its address."""
    delivery = _locked(actor, delivery_id)
    attempt = _unclear(delivery)
    if not url.startswith(("https://", "http://")):
        raise Invalid.one("url", _("Paste the address of the post as it stands in the browser."))
    known = Publication.objects.filter(community_id=delivery.community_id, remote_id=url[:300])
    if known.exclude(delivery=delivery).exists():
        raise Invalid.one("url", _("This is the address of another post of this community."))
    now = timezone.now()
    publication, fresh = Publication.objects.get_or_create(
        delivery=delivery,
        defaults={
            "workspace_id": delivery.workspace_id,
            "client_id": delivery.client_id,
            "community_id": delivery.community_id,
            "post_id": delivery.post_id,
            "revision_id": delivery.revision_id,
            "remote_id": url[:300],
            "url": url[:500],
            "extra": {"said_by_person": True},
            "sight": Publication.Sight.ALIVE,
            "published_at": attempt.started_at,
            "seen_at": now,
        },
    )
    attempt.outcome, attempt.code, attempt.finished_at = Outcome.DONE, "said_by_person", now
    attempt.result = {"id": publication.remote_id, "url": url}
    attempt.save()
    _end(delivery, State.PUBLISHED)
    record(actor, "delivery.said_out", delivery, url=url, fresh=fresh)
    return publication


@transaction.atomic
def say_it_is_not_out(actor: Actor, *, delivery_id: int, send_again: bool) -> Delivery:
    """A person looked: it is not there. Sent again now (held, when its client is stopped), or cancelled."""
    stopped = is_stopped(access.get(actor, Delivery.objects.all(), delivery_id, can="publish").client_id)
    delivery = _locked(actor, delivery_id)
    attempt = _unclear(delivery)
    attempt.outcome, attempt.code, attempt.finished_at = Outcome.ABSENT, "said_by_person", timezone.now()
    attempt.save()
    if send_again:
        delivery.due_at = timezone.now()
        queue(delivery, stopped=stopped)
        wake(delivery)
    else:
        _end(delivery, State.CANCELLED)
    record(actor, "delivery.said_absent", delivery, send_again=send_again)
    return delivery


def _unclear(delivery: Delivery) -> Attempt:
    """The attempt that a person is asked about. Raises Invalid when nobody is asked (any more)."""
    attempt = delivery.attempts.filter(outcome__in=[Outcome.UNKNOWN, Outcome.OPEN]).last()
    busy = delivery.lease_until is not None and delivery.lease_until > timezone.now()
    if delivery.state != State.UNKNOWN or attempt is None or busy:
        raise Invalid.one("", _("This is settled already. Reload the page to see how."))
    return attempt


def _end(delivery: Delivery, state: State) -> None:
    delivery.state, delivery.state_at = state, timezone.now()
    delivery.wake_at = delivery.lease = delivery.lease_until = None
    delivery.code = delivery.detail = ""
    delivery.save()


def _question(delivery: Delivery, *, wake: bool) -> None:
    """Back among the unclear ones: `wake` it to be looked up, or ask a person."""
    delivery.state, delivery.state_at = State.UNKNOWN, timezone.now()
    delivery.wake_at = timezone.now() if wake else None
    delivery.code, delivery.detail = "" if wake else "ask_person", ""
    delivery.lease = delivery.lease_until = delivery.acknowledged_at = None
    delivery.save()


@transaction.atomic
def resume_after_login(community_id: int) -> tuple[int, int]:
    """The community is connected again: send what is still timely. Returns (sent again, left to people).

    Timely is what is no later than the community allows; the rest is held until a person gives the word.
    What is in doubt is looked up, whatever the hour.
    """
    community = Community.objects.get(pk=community_id)
    late = timedelta(minutes=community.late_minutes)
    stopped = is_stopped(community.client_id)
    rows = Delivery.objects.select_for_update(of=("self",), no_key=True).filter(community_id=community_id)
    resumed = left = 0
    for delivery in rows.filter(state=State.NEEDS_LOGIN).select_related("workspace").order_by("pk"):
        timely = timezone.now() - delivery.due_at <= late
        if in_doubt(delivery):  # looked up first; it must not look like something that may be taken back
            _question(delivery, wake=timely)
        elif timely:
            queue(delivery, stopped=stopped)
        else:
            hold(delivery, "client_stopped" if stopped else "too_late")
        wake(delivery)
        if not timely or delivery.state == State.HELD:
            left += 1
            continue
        record(machine(delivery.workspace), "delivery.resumed", delivery)
        resumed += 1
    return resumed, left


def hold(delivery: Delivery, code: str) -> None:
    """Nothing of it goes out until a person gives the word. The row is locked by the caller."""
    delivery.state, delivery.state_at = State.HELD, timezone.now()
    delivery.code, delivery.detail = code, ""
    delivery.wake_at = delivery.lease = delivery.lease_until = delivery.acknowledged_at = None
    delivery.save()

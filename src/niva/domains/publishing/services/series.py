"""A post that goes out again by a rule: begin, skip one, change one, change all that follow, end.

One occurrence is changed like any post: it is one. `unroll` makes the posts; here people decide.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.models import Delivery, Post
from niva.domains.publishing.repeating import Occurrence, Series
from niva.domains.publishing.rules import BadRule, Rule, hour_on
from niva.domains.publishing.services import approving, gate, schedule
from niva.domains.publishing.services.drafts import duplicate
from niva.domains.publishing.services.freeze import check
from niva.domains.publishing.services.pattern import pour, print_of
from niva.domains.publishing.services.unroll import (
    AT_ONCE,
    days_in,
    is_touched,
    make,
    rule_of,
    take_back,
    unroll,
)
from niva.domains.publishing.states import STILL_OURS, State

BAD: Final[dict[str, str | Promise]] = {
    "every": gettext_lazy("Every 1 to 52: no more and no less."),
    "no_weekday": gettext_lazy("Choose at least one day of the week."),
    "no_day": gettext_lazy("Not one day fits this rule before its end. Choose a later end or other days."),
    "end_missing": gettext_lazy("Say when it ends: on a day, or after so many times."),
    "too_long": gettext_lazy("Repeats last a year at most. Choose an earlier end; you may go on later."),
    "too_many": gettext_lazy("Between 1 and 366 times."),
}


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a new pattern did: `changed` posts ahead read as it does now, `kept` have words of their own."""

    changed: int
    kept: int


@transaction.atomic
def start(actor: Actor, *, post_id: int, rule: Rule) -> Series:
    """Let a post go out again by a rule. It becomes the pattern; the first days are made at once.

    A post that is scheduled or out already stays what it is, and a copy of it becomes the pattern; where its
    hour is one of the rule's, it counts as that day. Raises NotFound, Forbidden, Invalid.
    """
    alive = Post.objects.filter(deleted_at__isnull=True).select_related("client")
    post = access.get(actor, alive.select_for_update(of=("self",), no_key=True), post_id, can="publish")
    if Series.objects.filter(post=post, ended_at__isnull=True).exists():
        raise Invalid.one("", _("It repeats already. Change its rule instead."))
    if Occurrence.objects.filter(post=post, series__ended_at__isnull=True).exists():
        raise Invalid.one("", _("It is one of a series itself. Change the rule of that series instead."))
    _must_fit(post, rule)
    is_free = not post.deliveries.exists() and not Series.objects.filter(post=post).exists()
    pattern = post if is_free else duplicate(actor, post, again_of=post)
    series = _begin(actor, pattern, rule)
    if is_free:
        post.planned_at = None
        post.version += 1
        post.save(update_fields=["planned_at", "version"])
        post.variants.update(planned_at=None)
    else:
        _adopt(series, post)
    record(actor, "series.started", series, rule=rule.text)
    unroll(series.pk, ahead=AT_ONCE)
    return series


def _begin(actor: Actor, pattern: Post, rule: Rule, *, after: Series | None = None) -> Series:
    return Series.objects.create(
        workspace_id=pattern.workspace_id, client_id=pattern.client_id, post=pattern, rule=rule.text,
        starts_on=rule.starts_on, ends_on=rule.days[-1], at=rule.at, after=after, created_by=actor.user,
    )  # fmt: skip


def _must_fit(post: Post, rule: Rule) -> None:
    """Raises Invalid for a rule that cannot be, a first hour that has passed, a post that goes nowhere."""
    try:
        rule.check()
    except BadRule as bad:
        raise Invalid.one(bad.field, str(BAD[bad.code])) from bad
    zones = post.variants.filter(community__archived_at__isnull=True).values_list("community__time_zone")
    if not zones:
        raise Invalid.one("", _("Choose at least one community to publish to."))
    if any(hour_on(rule.days[0], rule.at, zone).at <= timezone.now() for (zone,) in zones):
        raise Invalid.one("starts_on", _("The first hour has passed. Begin with a later day."))


def _adopt(series: Series, post: Post) -> None:
    """What is scheduled for one of the days already is that day's occurrence, or it would go out twice."""
    waiting = post.deliveries.filter(state__in=STILL_OURS).exclude(state=State.CANCELLED)
    dues = list(waiting.values_list("due_at", flat=True))
    for day in days_in(series):
        if hour_on(day, series.at, series.client.time_zone).at in dues:
            Occurrence.objects.create(series=series, day=day, post=post, print=print_of(post))
            return


def mine(actor: Actor, series_id: int, *, can: str = "publish", lock: bool = True) -> Series:
    """The series, locked before its posts. Raises NotFound, Forbidden."""
    rows = Series.objects.select_related("post__client", "client", "workspace")
    return access.get(
        actor, rows.select_for_update(of=("self",), no_key=True) if lock else rows, series_id, can=can
    )


def _open(actor: Actor, series_id: int) -> Series:
    series = mine(actor, series_id)
    if series.ended_at is not None:
        raise Invalid.one("", _("These repeats have ended. Nothing more goes out by them."))
    return series


def _day(series: Series, day: date) -> Occurrence | None:
    """The occurrence of a day if it is made or skipped. Raises NotFound for a day that the rule lacks."""
    if day not in days_in(series):
        raise NotFound("occurrence")
    return Occurrence.objects.select_related("post", "series").filter(series=series, day=day).first()


@transaction.atomic
def skip(actor: Actor, *, series_id: int, day: date) -> None:
    """This day passes without it. Raises NotFound, Forbidden, and Invalid when it is on its way or out."""
    series = _open(actor, series_id)
    occurrence = _day(series, day) or Occurrence.objects.create(series=series, day=day)
    if occurrence.skipped_at is not None:
        return
    if occurrence.post is not None and not take_back(actor, occurrence.post):
        raise Invalid.one("", _("Too late to skip it: it is on its way or out."))
    occurrence.skipped_at = timezone.now()
    occurrence.save(update_fields=["skipped_at"])
    record(actor, "series.skipped", series, day=day.isoformat())


@transaction.atomic
def bring_back(actor: Actor, *, series_id: int, day: date) -> None:
    """A skipped day comes round after all, as the pattern says now. Raises NotFound, Forbidden, Invalid."""
    series = _open(actor, series_id)
    occurrence = _day(series, day)
    if occurrence is None or occurrence.skipped_at is None:
        return
    if hour_on(day, series.at, series.client.time_zone).at <= timezone.now():
        raise Invalid.one("", _("This hour has passed. Choose a later one, or publish now."))
    occurrence.delete()
    make(series, day)
    record(actor, "series.brought_back", series, day=day.isoformat())


@transaction.atomic
def make_now(actor: Actor, *, series_id: int, day: date) -> Post:
    """The post of a day that was only foreseen, so that it can be given another text or hour."""
    series = _open(actor, series_id)
    occurrence = _day(series, day)
    if occurrence is None:
        occurrence = make(series, day)
    if occurrence.post is None or occurrence.post.deleted_at is not None:
        raise Invalid.one("", _("This day is skipped. Bring it back first."))
    return occurrence.post


@transaction.atomic
def renew(actor: Actor, *, series_id: int) -> Renewed:
    """What is ahead reads as the pattern does now. Posts with words of their own stay as people left them.

    Raises NotFound, Forbidden, Invalid, NotApproved for a pattern whose words the client has not approved.
    """
    series = _open(actor, series_id)
    places = series.post.variants.filter(community__archived_at__isnull=True)
    gate.demand(series.post, map(check, places.select_related("post", "community__credential")))
    changed = kept = 0
    for occurrence in _ahead(series):
        assert occurrence.post is not None
        # The row may have gone out while we waited for it: what is no longer ours is not touched.
        rows = Post.objects.select_for_update(of=("self",), no_key=True).select_related("client")
        post = rows.get(pk=occurrence.post.pk)
        if print_of(post) != occurrence.print:
            kept += 1
            continue
        _pour_into(actor, post, series.post)
        occurrence.print = print_of(post)
        occurrence.save(update_fields=["print"])
        changed += 1
    record(actor, "series.renewed", series, changed=changed, kept=kept)
    return Renewed(changed, kept)


def _pour_into(actor: Actor, post: Post, pattern: Post) -> None:
    """The pattern's words, each delivery at the hour it has; one that a person cancelled stays cancelled."""
    hours = {one.variant_id: one for one in post.deliveries.all()}
    for variant in pour(actor, post, pattern):
        if (gone := hours.get(variant.pk)) is not None:
            schedule.cancel(actor, delivery_id=gone.pk)
            del hours[variant.pk]
        else:
            variant.delete()
    approving.look(actor, post)
    if post.planned_at is None:
        return
    for variant in post.variants.all():
        delivery = hours.get(variant.pk)
        if delivery is not None and (delivery.state == State.CANCELLED or delivery.state not in STILL_OURS):
            continue
        due = delivery.due_at if delivery is not None else variant.planned_at or post.planned_at
        own = None if due == post.planned_at else due
        if variant.planned_at != own:
            variant.planned_at = own
            variant.save(update_fields=["planned_at"])
        if due > timezone.now():
            kept = post.planned_at
            with contextlib.suppress(Invalid):  # a worker has just taken it: it goes out as it was
                schedule.schedule(actor, post_id=post.pk, at=due, variants=[variant.pk])
            Post.objects.filter(pk=post.pk).update(planned_at=kept)


def _ahead(series: Series, since: date | None = None) -> list[Occurrence]:
    """Made days from `since` (else from today) on whose posts are there and of which nothing has left."""
    rows = series.occurrences.filter(post__isnull=False, post__deleted_at__isnull=True)
    rows = rows.filter(day__gte=since or timezone.now().date()).select_related("post", "series")
    left = Delivery.objects.exclude(state__in=STILL_OURS).values("post")
    return list(rows.exclude(post__in=left.filter(post__occurrence__series=series)))


@transaction.atomic
def end(actor: Actor, *, series_id: int) -> int:
    """No more repeats; what is made and has not left is taken back. Returns how many posts."""
    series = mine(actor, series_id)
    if series.ended_at is not None:
        return 0
    back = sum(take_back(actor, one.post) for one in _ahead(series) if one.post is not None)
    series.ended_at = timezone.now()
    series.save(update_fields=["ended_at"])
    record(actor, "series.ended", series, taken_back=back)
    return back


@transaction.atomic
def change_following(
    actor: Actor, *, series_id: int, day: date, rule: Rule, words_of_day: bool = False
) -> Series:
    """From `day` on by another rule, hour or text; what was before stays. Returns the series that goes on.

    Posts of following days with words or an hour of their own, and skipped days, go along where the new rule
    has their day, and else stay as posts that stand alone. `words_of_day`: the pattern of what follows is the
    text that this one day was given. Raises NotFound, Forbidden, Invalid.
    """
    old = _open(actor, series_id)
    chosen = _day(old, day)
    if rule.starts_on < day:
        raise Invalid.one("starts_on", _("It goes on from the chosen day: begin with it or later."))
    _must_fit(old.post, rule)
    words = chosen.post if words_of_day and chosen is not None and chosen.post is not None else old.post
    new = _begin(actor, duplicate(actor, words), rule, after=old)
    _hand_over(actor, old, new, day, set(rule.days), spare=chosen if words_of_day else None)
    _cut(old, day)
    record(actor, "series.changed", new, rule=rule.text, day=day.isoformat())
    unroll(new.pk, ahead=AT_ONCE)
    return new


def _hand_over(
    actor: Actor, old: Series, new: Series, day: date, days: set[date], *, spare: Occurrence | None
) -> None:
    """Of what the old series made from `day` on: people's own goes along, the rest is taken back.

    Whatever stays (words of its own, skipped, out already) and is a day of the new rule too is that day's
    occurrence from now on, so that nothing is made for it a second time.
    """
    for occurrence in _ahead(old, day):
        assert occurrence.post is not None
        own = is_touched(occurrence) and (spare is None or occurrence.pk != spare.pk)
        if not own and take_back(actor, occurrence.post):
            occurrence.delete()
    old.occurrences.filter(day__gte=day, day__in=days).update(series=new)


def _cut(old: Series, day: date) -> None:
    """The old rule ends before `day`."""
    before = [one for one in days_in(old) if one < day]
    if not before:
        old.ended_at = timezone.now()
        old.save(update_fields=["ended_at"])
        return
    old.rule, old.ends_on = rule_of(old).ending(before[-1]).text, before[-1]
    old.save(update_fields=["rule", "ends_on"])


def first_ahead(series: Series, now: datetime) -> date | None:
    """The nearest day of the series whose hour is still to come."""
    zone = series.client.time_zone
    return next((day for day in days_in(series) if hour_on(day, series.at, zone).at > now), None)

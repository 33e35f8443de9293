"""Making the occurrences of a series into posts with deliveries, each once, some weeks ahead."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from niva.domains.people.actor import Actor, machine
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Post, Variant
from niva.domains.publishing.repeating import Occurrence, Series
from niva.domains.publishing.rules import Rule, days_of, hour_on, parse
from niva.domains.publishing.services import schedule
from niva.domains.publishing.services.drafts import duplicate
from niva.domains.publishing.services.pattern import print_of
from niva.domains.publishing.states import State

AHEAD: Final = timedelta(days=35)  # so far ahead the occurrences are posts; beyond they are only foreseen
# In the request that begins a series; the periodic job makes the rest of AHEAD.
AT_ONCE: Final = timedelta(days=8)


def rule_of(series: Series) -> Rule:
    """The series' rule as a person chose it."""
    return parse(series.rule, series.starts_on, series.at)


def days_in(series: Series) -> list[date]:
    """All days of the series, also those that were skipped."""
    return days_of(series.rule, series.starts_on)


def due_series(now: datetime) -> list[int]:
    """Series that may still have something to make: one index range, whatever has ended."""
    rows = Series.objects.filter(
        ended_at__isnull=True,
        ends_on__gte=now.date() - AHEAD,
        starts_on__lte=now.date() + AHEAD + timedelta(days=1),
        client__archived_at__isnull=True,
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def unroll(series_id: int, *, ahead: timedelta = AHEAD) -> int:
    """Make what is missing up to `ahead` from now. Returns how many posts were made.

    Any number of times, from any number of workers: the series' row is the queue, and the unique (series,
    day) the fence behind it. A day whose hour has passed unmade (the desk was off for weeks) becomes a draft
    that the plan shows as missed: it is neither sent late nor lost from sight.
    """
    series = locked(series_id)
    if series is None or series.client.archived_at is not None:
        return 0
    last = (timezone.now() + ahead).astimezone(ZoneInfo(series.client.time_zone)).date()
    made = set(series.occurrences.values_list("day", flat=True))
    missing = [day for day in days_in(series) if day <= last and day not in made]
    for day in missing:
        make(series, day)
    return len(missing)


def locked(series_id: int) -> Series | None:
    """The series for as long as the transaction lasts; None when it has ended. Others wait for it here."""
    return (
        Series.objects.select_for_update(of=("self",), no_key=True)
        .select_related("post__client", "client", "workspace")
        .filter(pk=series_id, ended_at__isnull=True)
        .first()
    )


def make(series: Series, day: date) -> Occurrence:
    """The post of one day, scheduled wherever its hour is ahead. The series is locked by the caller.

    What a network would refuse stays behind as a draft with its hour, as when a person schedules.
    """
    occurrence = Occurrence.objects.create(series=series, day=day)
    desk = machine(series.workspace)
    post = duplicate(
        desk,
        series.post,
        planned_at=hour_on(day, series.at, series.client.time_zone).at,
        created_by=series.created_by,
        updated_by=series.created_by,
    )
    ahead = _give_hours(post, series, day)
    occurrence.post, occurrence.print = post, print_of(post)
    occurrence.save(update_fields=["post", "print"])
    if ahead:
        # Who has no hour of his own leaves at the post's; when that has passed, all that are ahead have one.
        at = post.planned_at if post.planned_at in ahead.values() else min(ahead.values())
        with contextlib.suppress(Invalid):  # no community at work: it stands in the plan as a draft
            schedule.schedule(desk, post_id=post.pk, at=at, variants=list(ahead))
            Post.objects.filter(pk=post.pk).update(planned_at=post.planned_at)
    return occurrence


def _give_hours(post: Post, series: Series, day: date) -> dict[int, datetime]:
    """Each community's own wall clock. Returns the variants whose hour is ahead, with it."""
    now, ahead = timezone.now(), {}
    for variant in post.variants.select_related("community"):
        at = hour_of(series, variant, day)
        if at != post.planned_at:
            Variant.objects.filter(pk=variant.pk).update(planned_at=at)
        if at > now:
            ahead[variant.pk] = at
    return ahead


def hour_of(series: Series, variant: Variant, day: date) -> datetime:
    """When the occurrence of a day is due in one community."""
    return hour_on(day, series.at, variant.community.time_zone).at


def is_touched(occurrence: Occurrence) -> bool:
    """Whether a person has given this one a text, files, communities or an hour of its own."""
    post = occurrence.post
    if post is None:
        return False
    if print_of(post) != occurrence.print:
        return True
    variants = {one.pk: one for one in post.variants.select_related("community")}
    return any(
        one.due_at != hour_of(occurrence.series, variants[one.variant_id], occurrence.day)
        for one in post.deliveries.all()
    )


def take_back(actor: Actor, post: Post) -> bool:
    """Cancel what has not left and put the post away. False: some of it is out or on its way, and stays."""
    left = True
    for delivery in post.deliveries.all():
        if delivery.state == State.CANCELLED:
            continue
        try:
            with transaction.atomic():
                schedule.cancel(actor, delivery_id=delivery.pk)
        except Invalid:
            left = False
    if left:
        Post.objects.filter(pk=post.pk).update(deleted_at=timezone.now())
    return left

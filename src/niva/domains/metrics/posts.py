"""The numbers of posts: one row for each publication, with all that pages group it by.

The row is made when a publication is first followed or read; the desk's worker makes those that are missing.
From then on the database keeps it: rubric, removal and the community's clock by triggers, counters at ingest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from niva.domains.clients import access
from niva.domains.metrics.models import AGES, Format, PostNumbers
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.publishing.models import Publication

AT_A_TIME: Final = 500
CLIP_SECONDS: Final = 180.0
"""An upright video up to three minutes is a clip: YouTube shows such as Shorts, and VK Clips, Reels and
TikTok take no shorter bound. support.google.com/youtube/answer/15424877"""
_LINK: Final = re.compile(r"https?://|\bt\.me/|\bvk\.com/", re.IGNORECASE)


def format_of(content: Mapping[str, Any]) -> Format:
    """The form of a post by the content of its revision (see publishing.delivery.content)."""
    if told := content.get("brought_as"):
        return Format(told)
    said = str((content.get("options") or {}).get("form") or "")
    media = content.get("media") or ()
    videos = [one for one in media if one.get("kind") in ("video", "animation")]
    if said == "story":
        return Format.STORY
    if said == "reel" or (len(videos) == 1 and _is_clip(videos[0])):
        return Format.CLIP
    if content.get("poll"):
        return Format.POLL
    if content.get("thread"):
        return Format.THREAD
    if videos:
        return Format.VIDEO
    if media:
        return Format.ALBUM if len(media) > 1 else Format.PHOTO
    return Format.LINK if has_link(content) else Format.TEXT


def _is_clip(video: Mapping[str, Any]) -> bool:
    upright = float(video.get("height") or 0) > float(video.get("width") or 0)
    seconds = video.get("duration")
    return video.get("kind") == "video" and upright and seconds is not None and seconds <= CLIP_SECONDS


def has_link(content: Mapping[str, Any]) -> bool:
    """Whether it leads somewhere: by a card, or by an address in its text or first comment."""
    words = f"{content.get('text', '')}\n{content.get('first_comment', '')}"
    return bool(content.get("link")) or bool(_LINK.search(words))


def length_of(content: Mapping[str, Any]) -> int:
    """Characters of the post itself and of the posts that follow it as a chain."""
    parts = content.get("thread") or ()
    return len(content.get("text", "")) + sum(len(one.get("text", "")) for one in parts)


def make(publication_ids: Iterable[int]) -> int:
    """Make the rows of these publications where there is none, with all that was read; returns how many."""
    ids = list(publication_ids)
    rows = (
        Publication.objects.filter(pk__in=ids, numbers__isnull=True)
        .select_related("community", "revision", "post")
        .order_by("pk")
    )
    made = [row_of(one) for one in rows]
    if made:
        with transaction.atomic():
            PostNumbers.objects.bulk_create(made, ignore_conflicts=True)
            refresh([row.publication_id for row in made])
    return len(made)


def row_of(publication: Publication) -> PostNumbers:
    """The row without its counters, not saved."""
    content = publication.revision.content
    local = publication.published_at.astimezone(ZoneInfo(publication.community.time_zone))
    return PostNumbers(
        publication=publication,
        workspace_id=publication.workspace_id,
        client_id=publication.client_id,
        community_id=publication.community_id,
        rubric_id=publication.post.rubric_id,
        format=format_of(content),
        removed=publication.sight == Publication.Sight.REMOVED,
        published_at=publication.published_at,
        day=local.date(),
        weekday=local.isoweekday(),
        hour=local.hour,
        length=length_of(content),
        files=len(content.get("media") or ()),
        with_link=has_link(content),
    )


# Where a raw month of a post's first weeks is away, what was reckoned from it stays.
_FORGET: Final = """
delete from metrics_postatage a using metrics_postnumbers n
where a.publication_id = any(%s) and n.publication_id = a.publication_id and not exists (
    select from metrics_archived m where m.dropped_at is not null
        and m.month >= date_trunc('month', n.published_at at time zone 'UTC')::date
        and m.month <= n.published_at + interval '60 days')
"""


def refresh(publication_ids: Sequence[int], *, changed: bool = False) -> None:
    """Reckon counters and ages of these posts anew, from the newest values and the raw readings.

    `changed`: not only new readings came, earlier ones are others; an age may have lost what it stood on.
    """
    with connection.cursor() as cursor:
        if changed:
            cursor.execute(_FORGET, [list(publication_ids)])
        cursor.execute("select metrics_post_newest(%s)", [list(publication_ids)])
        cursor.execute("select metrics_post_ages(%s, %s)", [list(publication_ids), list(AGES)])


def fill(at_most: int = AT_A_TIME) -> int:
    """Make the next rows that are missing, the newest posts first; returns how many, 0 when none is."""
    missing = Publication.objects.filter(numbers__isnull=True).order_by("-pk")
    return make(missing.values_list("pk", flat=True)[:at_most])


@transaction.atomic
def set_paid(actor: Actor, *, publication_id: int, paid: bool) -> PostNumbers:
    """Somebody paid for its being shown, or nobody did. Raises NotFound, Forbidden."""
    publication = access.get(actor, Publication.objects.all(), publication_id, can="write")
    make([publication.pk])
    row = PostNumbers.objects.select_for_update().get(publication=publication)
    if row.paid != paid:
        row.paid = paid
        row.save(update_fields=["paid"])
        record(actor, "publication.paid_told", publication, paid=paid)
    return row

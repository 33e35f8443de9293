"""Posts from before the desk come in with their numbers: shown first, written on a yes, taken back whole.

Each becomes a publication like any other, so pages, best time and search know it. Nobody reads it from the
network and nobody is paid for it: the desk did not make it. What was counted by the day of the file is where
its numbers stood then, no growth of that day (`Source.HISTORY`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.metrics import posts
from niva.domains.metrics.history import HistoryImport
from niva.domains.metrics.models import Source, Subject
from niva.domains.metrics.typed import Brought, bring
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Delivery, Post, Publication, Revision, Variant
from niva.domains.publishing.states import State
from niva.flows import history_rows, number_tables
from niva.flows.history_rows import Choices, Found, PastPost
from niva.flows.numbers_in import plain
from niva.kit import sheets

MOST_POSTS: Final = 5000  # of one file: some seconds in one transaction


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file says. `heads`: of its columns; `asks_day`: 5/6/2026 could be either, so a person says."""

    heads: list[str]
    examples: list[list[str]]
    choices: Choices
    found: Found
    asks_day: bool


def begin(actor: Actor, *, community_id: int, data: bytes, name: str) -> HistoryImport:
    """Keep the file's best sheet and guess its columns. Raises NotFound, Forbidden, Invalid("file")."""
    community = access.get(actor, Community.objects.all(), community_id, can="write")
    rows = number_tables.rows_of(data, lambda head: bool(history_rows.field_of(head)))
    if len(rows) < 2:
        raise Invalid.one("file", _("The table is empty."))
    if len(rows) > MOST_POSTS + 1:
        raise Invalid.one("file", _("The table has more than 5,000 rows. Halve it and import both parts."))
    cells = [list(row) for _line, row in rows]
    columns = history_rows.guess(cells)
    first = history_rows.day_first_in(cells, columns)
    today = timezone.now().astimezone(ZoneInfo(community.time_zone)).date()
    choices = {"columns": {str(place): word for place, word in columns.items()},
               "zone": community.time_zone, "day_first": first is not False,
               "as_of": today.isoformat()}  # fmt: skip
    return HistoryImport.objects.create(
        workspace_id=community.workspace_id, client_id=community.client_id, community=community,
        name=name[:200], choices=choices, created_by=actor.user,
        table=zlib.compress(json.dumps(rows, ensure_ascii=False).encode(), 3),
    )  # fmt: skip


def get(actor: Actor, pk: int, *, lock: bool = False) -> HistoryImport:
    """One file. Raises NotFound, Forbidden."""
    rows = HistoryImport.objects.select_related("community__client")
    return access.get(actor, rows.select_for_update(of=("self",)) if lock else rows, pk, can="write")


def choose(actor: Actor, *, pk: int, columns: Mapping[int, str], zone: str, day_first: bool,
           as_of: dt.date) -> HistoryImport:  # fmt: skip
    """Read the file otherwise; nothing is written. Raises Invalid("columns", "zone", "as_of")."""
    row = get(actor, pk)
    errors: dict[str, list[str]] = {}
    words = [word for word in columns.values() if word]
    if unknown := set(words) - set(history_rows.FIELDS):
        errors["columns"] = [_("This field is not known: %(name)s.") % {"name": ", ".join(sorted(unknown))}]
    elif len(words) != len(set(words)):
        errors["columns"] = [_("Two columns are the same field. Leave one of them out.")]
    if zone not in available_timezones():
        errors["zone"] = [_("This time zone is not known.")]
    if as_of > timezone.now().date() + dt.timedelta(days=1):
        errors["as_of"] = [_("This day has not come yet.")]
    if errors:
        raise Invalid(errors)
    row.choices = {"columns": {str(place): word for place, word in columns.items() if word}, "zone": zone,
                   "day_first": day_first, "as_of": as_of.isoformat()}  # fmt: skip
    row.save(update_fields=["choices"])
    return row


def preview(row: HistoryImport) -> Preview:
    """What would come in. The row came through `get`."""
    rows = _rows(row)
    cells = [list(one) for _line, one in rows]
    choices = _choices(row)
    known = {
        plain(one.url or one.remote_id): one.pk
        for one in Publication.objects.filter(community_id=row.community_id).only("url", "remote_id")
    }
    found = history_rows.understand(rows, choices, known, plain, timezone.now())
    heads = [sheets.text(cell) for cell in cells[0]]
    examples = [[sheets.text(one[n]) for one in cells[1:4] if n < len(one)] for n in range(len(heads))]
    days = [place for place, word in choices.columns.items() if word == "published"]
    slashed = any("/" in text for place in days for text in examples[place])
    asks = slashed and history_rows.day_first_in(cells, choices.columns) is None
    return Preview(heads, examples, choices, found, asks)


def _rows(row: HistoryImport) -> list[tuple[int, list[Any]]]:
    if row.table is None:
        return []
    return [(line, cells) for line, cells in json.loads(zlib.decompress(bytes(row.table)))]


def _choices(row: HistoryImport) -> Choices:
    told = row.choices
    columns = {int(place): word for place, word in told["columns"].items()}
    return Choices(columns, told["zone"], told["day_first"], dt.date.fromisoformat(told["as_of"]))


@transaction.atomic
def bring_in(actor: Actor, *, pk: int) -> HistoryImport:
    """Write what `preview` showed. A second time changes nothing. Raises NotFound, Forbidden, Invalid("")."""
    row = get(actor, pk, lock=True)
    if row.state != HistoryImport.State.SHOWN:
        return row
    seen = preview(row)
    if not seen.found.posts:
        raise Invalid.one("", _("There is nothing in the file that could be brought in."))
    fresh = [one for one in seen.found.posts if one.publication_id is None]
    made = _make(row, fresh)
    known = [(one.publication_id, one) for one in seen.found.posts if one.publication_id is not None]
    new = list(zip((one.pk for one in made), fresh, strict=True))
    day, now = seen.choices.as_of, timezone.now()
    row.numbers = bring(row.community, _values(new, day), source=Source.HISTORY, now=now)
    row.numbers += bring(row.community, _values(known, day), source=Source.IMPORT, now=now)
    row.state, row.made, row.table, row.brought_at = HistoryImport.State.BROUGHT, len(made), None, now
    row.save()
    record(actor, "history.brought", row.community, posts=row.made, numbers=row.numbers)
    return row


def _values(rows: Sequence[tuple[int, PastPost]], day: dt.date) -> list[Brought]:
    return [
        Brought(Subject.PUBLICATION, pk, metric, value, max(day, one.at.date()))
        for pk, one in rows
        for metric, value in one.values.items()
    ]


def _make(row: HistoryImport, past: Sequence[PastPost]) -> list[Publication]:
    """The rows of posts that went out without the desk, in bulk, in their order."""
    community = row.community
    whose: dict[str, Any] = {"workspace_id": row.workspace_id, "client_id": row.client_id}
    made_posts = Post.objects.bulk_create(
        [
            Post(text=one.text, planned_at=one.at, created_at=one.at, updated_at=one.at, **whose)
            for one in past
        ]
    )
    variants = Variant.objects.bulk_create([Variant(post=post, community=community) for post in made_posts])
    revisions = Revision.objects.bulk_create(
        [_revision(variant, one) for variant, one in zip(variants, past, strict=True)]
    )
    deliveries = Delivery.objects.bulk_create(
        [
            Delivery(variant=variant, post=variant.post, community=community, revision=revision,
                     due_at=one.at, state=State.PUBLISHED, **whose)
            for variant, revision, one in zip(variants, revisions, past, strict=True)
        ]
    )  # fmt: skip
    publications = Publication.objects.bulk_create(
        [
            Publication(
                delivery=delivery, post=delivery.post, community=community, revision=delivery.revision,
                url=one.link, remote_id=plain(one.link)[:300] if one.link else _mark(row, one),
                # As of a place kept by hand: the desk has only its address, so nobody asks the network.
                extra={"said_by_person": True, "history": row.pk}, published_at=one.at,
                sight=Publication.Sight.UNTOLD, followed_at=timezone.now(), **whose,
            )
            for delivery, one in zip(deliveries, past, strict=True)
        ]
    )  # fmt: skip
    posts.make([one.pk for one in publications])
    return publications


def _revision(variant: Variant, one: PastPost) -> Revision:
    content = {"text": one.text, "media": [], "options": {}, "brought_as": one.format}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return Revision(variant=variant, number=1, content=content, sha256=digest, created_at=one.at)


def _mark(row: HistoryImport, one: PastPost) -> str:
    """What tells a post without a link from the others of its community: its moment and its words."""
    return "history:" + hashlib.sha256(f"{one.at.isoformat()}|{one.text}".encode()).hexdigest()[:40]


@transaction.atomic
def take_back(actor: Actor, *, pk: int) -> HistoryImport:
    """Everything that this file made is gone again; a file that was only shown is forgotten."""
    row = get(actor, pk, lock=True)
    mine = Publication.objects.filter(community_id=row.community_id, extra__history=row.pk)
    post_ids = list(mine.values_list("post_id", flat=True))
    mine.delete()
    Delivery.objects.filter(post_id__in=post_ids).delete()
    Revision.objects.filter(variant__post_id__in=post_ids).delete()
    Post.objects.filter(pk__in=post_ids).delete()
    if row.state == HistoryImport.State.BROUGHT:
        record(actor, "history.taken_back", row.community, posts=len(post_ids))
    row.state, row.table = HistoryImport.State.BACK, None
    row.save(update_fields=["state", "table"])
    return row

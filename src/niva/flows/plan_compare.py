"""What stands in the plan beside what a table says of it: new, changed, as it is, or not to be changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from niva.domains.clients.models import Client
from niva.domains.editorial.models import Piece
from niva.domains.editorial.planning import Verdict
from niva.domains.editorial.states import StageKind
from niva.domains.publishing.models import Delivery, Post, Variant
from niva.domains.publishing.states import State
from niva.flows.plan_check import Found, Reader, tidy
from niva.flows.plan_columns import fields

# What is wrong with the row as a whole; without the cell it means nothing.
WHOLE: Final = frozenset(
    {"no_title", "twice", "number_twice", "no_such_post", "fixed", "put_away", "no_rights"}
)
# Stages that a piece reaches by what happens to it, never by a word in a table.
BY_ITSELF: Final = (StageKind.SCHEDULED, StageKind.PUBLISHED, StageKind.DISTRIBUTION, StageKind.REVIEW)
OF_PIECE: Final = ("audience", "key_message", "hook", "call", "origin")


def standing(client: Client, post_ids: Iterable[int]) -> dict[int, Post]:
    """The posts of the client by their numbers, with all that a row may say of them. Four queries."""
    shown = Variant.objects.filter(community__archived_at__isnull=True)
    rows = (
        Post.objects.filter(client=client, pk__in=set(post_ids))
        .select_related("piece__stage", "piece__facet")
        .prefetch_related(Prefetch("variants", shown))
    )
    return {post.pk: post for post in rows}


def fixed(post_ids: Iterable[int]) -> set[int]:
    """Those of the posts that are scheduled or out: a table does not change them."""
    rows = Delivery.objects.filter(post_id__in=set(post_ids)).exclude(state=State.CANCELLED)
    return set(rows.values_list("post_id", flat=True))


def current(post: Post, zone: str) -> dict[str, Any]:
    """What the post says now, as `Found.values` has it."""
    piece: Piece = post.piece
    facet = getattr(piece, "facet", None)
    said: dict[str, Any] = {
        "title": tidy(post.title),
        "text": tidy(post.text),
        "link": tidy(post.link_url),
        "rubric": post.rubric_id,
        "goal": post.goal_id,
        "communities": sorted(variant.community_id for variant in post.variants.all()),
        "unit": piece.unit,
        "author": piece.author_id,
        "designer": piece.designer_id,
        "urgent": piece.urgent,
        "detail": facet.detail if facet else None,
        **{
            name: tidy(getattr(piece, name)) for name in ("audience", "key_message", "hook", "call", "origin")
        },
    }
    if post.planned_at is not None:
        local = post.planned_at.astimezone(ZoneInfo(zone))
        said |= {"day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}
    return said


def differs(values: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The fields that the row says otherwise. An empty cell says nothing: it never empties a post.

    The stage is for new ones only: cards are moved on the board, where the next person is told.
    """
    names = [name for name in fields() if name != "stage"]
    found = [name for name in names if name in values and values[name] != now.get(name)]
    return [*found, "rubric"] if "new_rubric" in values and "rubric" not in found else found


def stood(changes: Iterable[str], now: Mapping[str, Any]) -> dict[str, Any]:
    """What is there of these fields; the day and its hour go together."""
    names = set(changes)
    return {name: now.get(name) for name in (names | {"day", "time"} if names & {"day", "time"} else names)}


def judge(reader: Reader, rows: Sequence[Found], owned: Mapping[str, int]) -> None:
    """Compare with what is there. `owned`: key -> post that a row of this key has made before."""
    for row in rows:
        row.post_id = row.post_id or owned.get(row.key)
    numbers = {row.post_id for row in rows if row.post_id}
    posts, unchangeable = standing(reader.client, numbers), fixed(numbers)
    for row in rows:
        if row.post_id is not None:
            _compare(reader, row, posts.get(row.post_id), unchangeable, made=row.key in owned)
        else:
            _stage_of_new(reader, row)
            _working(reader, row, row.values)
        if any(one["code"] in WHOLE for one in row.wrong) or (row.wrong and not reader.lenient):
            row.verdict = Verdict.REFUSED


def _compare(reader: Reader, row: Found, post: Post | None, unchangeable: set[int], *, made: bool) -> None:
    if post is None or post.deleted_at is not None:
        row.bad("id", "put_away" if made or post is not None else "no_such_post", str(row.post_id))
        row.post_id = None
        return
    if post.pk in reader.spoken_of:  # a row copied with its number: which of the two is meant nobody knows
        row.bad("id", "number_twice", str(post.pk))
        return
    reader.spoken_of.add(post.pk)
    now = current(post, reader.client.time_zone)
    for name, called in reader.called.items():  # of two of one name the post's own is meant
        if name in row.values and called.get(now[name], "") == called.get(row.values[name]):
            row.values[name] = now[name]
    row.changes = differs(row.values, now)
    _working(reader, row, row.changes)
    row.changes = [name for name in row.changes if name in row.values or name == "rubric"]
    row.before = stood(row.changes, now)
    row.verdict = Verdict.CHANGED if row.changes else Verdict.SAME
    if row.changes and post.pk in unchangeable:
        row.bad("id", "fixed")


def _working(reader: Reader, row: Found, names: Iterable[str]) -> None:
    """Who has left does not get anything new."""
    for name in ("author", "designer"):
        if name in names and row.values.get(name) not in reader.working:
            row.bad(name, f"no_{name}")
            row.values.pop(name, None)


def _stage_of_new(reader: Reader, row: Found) -> None:
    stage = next((one for one in reader.stages.values() if one.pk == row.values.get("stage")), None)
    if stage is not None and stage.kind in BY_ITSELF:
        row.bad("stage", "stage_by_itself", str(stage))
        del row.values["stage"]

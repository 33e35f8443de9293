"""What was decided about cuts and covers, as forms carry it, and what is shown of videos under way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.publishing.converting import ConversionState
from niva.domains.publishing.models import Asset, Post
from niva.domains.publishing.services import fitting
from niva.words import describe

MOST_COVERS: Final = 30  # of the client's latest pictures, offered as covers


@dataclass(frozen=True, slots=True)
class Row:
    """One video being written anew, with words where it could not be."""

    asset: Asset
    state: str
    progress: int
    words: Any


def read_framing(data: QueryDict, asset: int) -> dict[str, Any] | None:
    """What the form says of one file; None where its boxes were not on the page."""
    if f"framing-{asset}" not in data:
        return None
    found: dict[str, Any] = {}
    x, comma, y = data.get(f"focus-{asset}", "").partition(",")
    if comma:
        found["focus"] = [x, y]
    if data.get(f"whole-{asset}"):
        found["whole"] = True
    how = data.get(f"cover-{asset}", "")
    if how == "at":
        found["cover_at"] = data.get(f"cover-at-{asset}", "")
    elif how.isascii() and how.isdecimal() and len(how) < 19:
        found["cover"] = how
    return fitting.clean_framing(found)


def covers_of(actor: Actor, post: Post) -> list[Asset]:
    """Pictures that may stand for a video: the client's latest."""
    rows = access.visible(actor, Asset.objects.filter(client=post.client, kind="image"))
    return list(rows.order_by("-created_at")[:MOST_COVERS])


def converting_context(post: Post) -> dict[str, Any]:
    """Empty where nothing of the post is a video."""
    if all(item.asset.kind == "image" for item in post.media.all()):
        return {"converting": [], "is_converting": False}
    rows = [
        Row(row.asset, row.state, row.progress, describe(f"video_{row.code}", {}) if row.code else None)
        for row in fitting.under_way(post)
    ]
    return {"converting": rows, "is_converting": any(row.state != ConversionState.FAILED for row in rows)}

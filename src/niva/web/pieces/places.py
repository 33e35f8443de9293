"""Where remarks stand on a page: runs of a text, points of pictures, and places to choose by the keyboard."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.publishing.approving import Remark
from niva.domains.publishing.models import Asset, Post, opening
from niva.domains.publishing.places import stands, text_of
from niva.kit.text.anchor import Stretch

# The nine parts of a picture, as one names them: (x, y) of the middle of each.
PARTS: Final[tuple[tuple[str | Promise, float, float], ...]] = (
    (gettext_lazy("upper left"), 1 / 6, 1 / 6),
    (gettext_lazy("above"), 1 / 2, 1 / 6),
    (gettext_lazy("upper right"), 5 / 6, 1 / 6),
    (gettext_lazy("on the left"), 1 / 6, 1 / 2),
    (gettext_lazy("in the middle"), 1 / 2, 1 / 2),
    (gettext_lazy("on the right"), 5 / 6, 1 / 2),
    (gettext_lazy("lower left"), 1 / 6, 5 / 6),
    (gettext_lazy("below"), 1 / 2, 5 / 6),
    (gettext_lazy("lower right"), 5 / 6, 5 / 6),
)
MOST_PARAGRAPHS: Final = 60


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a text and the numbers of the remarks that stand on it; `first`: those that begin here."""

    text: str
    on: tuple[int, ...] = ()
    first: tuple[int, ...] = ()


@dataclass(slots=True)
class Written:
    """One text of the post. `variant`: None for the common one; `name`: whose own words they are."""

    variant: int | None
    name: str
    network: str
    runs: list[Run]


@dataclass(slots=True)
class Pin:
    """A remark's point of a picture, in hundredths from the upper left; `at`: second of a video."""

    remark: int
    number: int
    left: float
    top: float
    at: float | None


@dataclass(slots=True)
class Picture:
    asset: Asset
    alt: str
    number: int
    pins: list[Pin] = field(default_factory=list)


@dataclass(slots=True)
class Thread:
    """A remark with its number on the page, its answers, and what is left of its place."""

    remark: Remark
    number: int
    answers: list[Remark]
    quote: str = ""
    gone: bool = False
    picture: int | None = None


def runs(text: str, stretches: Iterable[tuple[int, Stretch]]) -> list[Run]:
    """The text cut where remarks begin and end; joined together it is the text. Stretches may lie across."""
    found = [(key, one) for key, one in stretches if 0 <= one.start < one.end <= len(text)]
    borders = sorted({0, len(text), *(one.start for _k, one in found), *(one.end for _k, one in found)})
    parts = []
    for start, end in pairwise(borders):
        on = tuple(key for key, one in found if one.start < end and start < one.end)
        first = tuple(key for key, one in found if one.start == start)
        parts.append(Run(text[start:end], on, first))
    return parts


@dataclass(slots=True)
class Looked:
    """A post with its remarks laid over it."""

    texts: list[Written]
    pictures: list[Picture]
    open: list[Thread]
    settled: list[Thread]


def looked(post: Post, remarks: list[Remark]) -> Looked:
    """Texts, pictures and threads of a post; no queries beyond what is loaded."""
    threads = _threads(post, remarks)
    live = [one for one in threads if one.remark.resolved_at is None]
    texts = [_written(post, None, "", "", live)]
    for variant in post.variants.all():
        if variant.own_text is not None:
            texts.append(_written(post, variant.pk, variant.community.name, variant.community.network, live))
    return Looked(
        texts=texts,
        pictures=_pictures(post, live),
        open=live,
        settled=[one for one in threads if one.remark.resolved_at is not None],
    )


def _threads(post: Post, remarks: list[Remark]) -> list[Thread]:
    answers: dict[int, list[Remark]] = {}
    for one in remarks:
        if one.parent_id is not None:
            answers.setdefault(one.parent_id, []).append(one)
    pictures = {item.asset_id: n for n, item in enumerate(post.media.all(), 1)}
    found = []
    for number, one in enumerate((one for one in remarks if one.parent_id is None), 1):
        one.post = post
        thread = Thread(one, number, answers.get(one.pk, []))
        if one.place.get("kind") == "text":
            thread.quote = one.place["quote"]
            thread.gone = stands(one) is None
        elif one.place.get("kind") == "media":
            thread.picture = pictures.get(one.place["asset"])
            thread.gone = thread.picture is None
        found.append(thread)
    return found


def _written(post: Post, variant: int | None, name: str, network: str, threads: list[Thread]) -> Written:
    own = {one.pk for one in post.variants.all() if one.own_text is not None}
    here = []
    for thread in threads:
        place = thread.remark.place
        if thread.gone or place.get("kind") != "text":
            continue
        # A remark on a variant that has the common text stands in the common text.
        of = place["variant"] if place["variant"] in own else None
        stretch = stands(thread.remark)
        if of == variant and stretch is not None:
            here.append((thread.number, stretch))
    return Written(variant, name, network, runs(text_of(post, variant), here))


def _pictures(post: Post, threads: list[Thread]) -> list[Picture]:
    found = []
    for number, item in enumerate(post.media.all(), 1):
        picture = Picture(item.asset, item.alt or item.asset.alt, number)
        for thread in threads:
            place = thread.remark.place
            if place.get("kind") == "media" and place["asset"] == item.asset_id:
                pin = Pin(
                    thread.remark.pk,
                    thread.number,
                    round(place["x"] * 100, 2),
                    round(place["y"] * 100, 2),
                    place.get("at"),
                )
                picture.pins.append(pin)
        found.append(picture)
    return found


def choices(post: Post) -> list[tuple[str, Any]]:
    """Places for a select: (JSON of the place, words); pictures are groups of nine parts each."""
    found: list[tuple[str, Any]] = [("", _("the whole post"))]
    for variant in [None, *(one for one in post.variants.all() if one.own_text is not None)]:
        name = f"{variant.community.name}: " if variant is not None else ""
        found += [
            (json.dumps(place, ensure_ascii=False), f"{name}“{opening(words, 50)}”")
            for place, words in _paragraphs(post, variant.pk if variant is not None else None)
        ]
    for number, item in enumerate(post.media.all(), 1):
        parts = [
            (
                json.dumps({"kind": "media", "asset": item.asset_id, "x": round(x, 4), "y": round(y, 4)}),
                str(word),
            )
            for word, x, y in PARTS
        ]
        found.append((_("picture %(n)d") % {"n": number}, parts))
    return found


def _paragraphs(post: Post, variant: int | None) -> Iterator[tuple[dict[str, Any], str]]:
    text = text_of(post, variant)
    start = count = 0
    for line in text.split("\n"):
        if line.strip() and count < MOST_PARAGRAPHS:
            count += 1
            yield {"kind": "text", "variant": variant, "start": start, "end": start + len(line)}, line
        start += len(line) + 1

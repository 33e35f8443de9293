"""What people will see in each network: the parts of a post in the order and the folds of the network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.urls import reverse

from niva.domains.publishing.models import Asset
from niva.domains.publishing.services.freeze import chosen_files
from niva.kit.text import initials
from niva.networks.base.types import MediaFile
from niva.web.posts.checks import Line

# Links, tags and mentions are coloured by every network; nothing else is changed in the text.
_MARKED: Final = re.compile(r"https?://[^\s<>\"]+|(?<!\w)[#@][\w.]+", re.UNICODE)
# After how many lines of about 46 letters a feed on a phone folds the text. Seen in the networks' own feeds,
# stated by none of them; 0 = never folded.
_FOLDS: Final = {"vk": 9, "telegram": 0, "mastodon": 20, "bluesky": 0, "practice": 12}
_LETTERS: Final = 46
MOST_SHOWN: Final = 6000  # letters of a preview; nobody reads more in a column


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: `kind` is "", "mark" (a link, a tag) or "over" (what is too much)."""

    text: str
    kind: str = ""


@dataclass(slots=True)
class Preview:
    """One network's card. `card`: the link's title, words, host and picture, where one is drawn."""

    line: Line
    initials: str
    handle: str
    pieces: list[Piece]
    folded: bool
    cut: bool
    pictures: list[tuple[Asset, str, str]] = field(default_factory=list)
    rest: int = 0
    card: dict[str, Any] | None = None
    poll: dict[str, Any] | None = None
    comment: str = ""
    chain: list[list[Piece]] = field(default_factory=list)
    at: datetime | None = None

    @property
    def network(self) -> str:
        return self.line.network

    @property
    def grid(self) -> str:
        return f"n{min(len(self.pictures), 4)}"


def previews_of(lines: list[Line], at: datetime | None) -> list[Preview]:
    """The broken ones first: they are what one looks for."""
    found = [_preview(line, at) for line in lines]
    return sorted(found, key=lambda one: (one.line.look != "rejected",))


def _preview(line: Line, at: datetime | None) -> Preview:
    community, out = line.variant.community, line.check.out
    text = out.text + _added(line)
    over_at = line.over_at
    pictures = _pictures(line)
    return Preview(
        line=line,
        initials=initials(community.name),
        handle=_handle(community.url),
        pieces=list(_pieces(text[:MOST_SHOWN], over_at)),
        folded=_is_long(text, line.network),
        cut=len(text) > MOST_SHOWN,
        pictures=pictures[:4],
        rest=max(0, len(pictures) - 4),
        card=_card(line),
        poll=line.check.content.get("poll"),
        comment=out.first_comment if "first_comment" in line.check.abilities else "",
        chain=[list(_pieces(part.text[:MOST_SHOWN], _over(line, part.text))) for part in out.thread],
        at=line.variant.planned_at or at,
    )


def _over(line: Line, text: str) -> int | None:
    """Where the surplus of a further post begins."""
    too_long = (one for one in line.check.problems if one.code == "text_too_long")
    for problem in too_long:
        _thread, _colon, number = problem.where.partition(":")
        if number and line.check.out.thread[int(number) - 2].text == text:
            return problem.over_at
    return None


def _pieces(text: str, over_at: int | None) -> Iterator[Piece]:
    within = text if over_at is None else text[:over_at]
    place = 0
    for found in _MARKED.finditer(within):
        if found.start() > place:
            yield Piece(within[place : found.start()])
        yield Piece(found[0], "mark")
        place = found.end()
    if place < len(within):
        yield Piece(within[place:])
    if over_at is not None and over_at < len(text):
        yield Piece(text[over_at:], "over")


def _is_long(text: str, network: str) -> bool:
    fold = _FOLDS.get(network, 12)
    rows = sum(max(1, -(-len(row) // _LETTERS)) for row in text.split("\n"))
    return bool(fold) and rows > fold


def _pictures(line: Line) -> list[tuple[Asset, str, str]]:
    """The files that go to this community, with their words and the address of their picture, in its order.

    What its network makes of a file is shown: the cut, the margins, the cover of a video.
    """
    found = []
    for item, sent in zip(chosen_files(line.variant), line.check.out.media, strict=True):
        asset = item.asset
        shown = sent.cover if asset.kind == "video" else sent
        address = reverse("asset_thumb", args=[asset.pk])
        if shown is not None and _other_shape(shown, asset):
            address = reverse("asset_fitted", args=[asset.pk, line.variant.pk]) + f"?{shown.path.stem[-12:]}"
        found.append((asset, item.alt or asset.alt, address))
    return found


def _other_shape(shown: MediaFile, asset: Asset) -> bool:
    """Another ratio, or another still than the one that the thumbnail was made of."""
    if asset.kind == "video":
        return str(asset.facts.get("poster", "")).rpartition("/")[2] != shown.path.name
    return abs(shown.width / shown.height - asset.width / asset.height) > 0.01


def _added(line: Line) -> str:
    """The address where the network draws no card and the desk writes it under the text."""
    out = line.check.out
    if out.link is None or out.link.url in out.text:
        return ""
    bare = line.network == "mastodon" or (line.network == "bluesky" and bool(out.media))
    if line.network == "telegram" and not out.text and not out.media:
        return out.link.url
    return ("\n\n" if out.text else "") + out.link.url if bare else ""


def _card(line: Line) -> dict[str, Any] | None:
    """The link's card. Beside pictures only VK and the practice network keep one."""
    out = line.check.out
    if out.link is None or (out.media and line.network not in ("vk", "practice")):
        return None
    image = line.variant.post.link_card.get("image") or {}
    return {
        "title": out.link.title or out.link.url,
        "words": out.link.description,
        "host": (urlsplit(out.link.url).hostname or out.link.url).removeprefix("www."),
        "asset": image.get("asset"),
    }


def _handle(url: str) -> str:
    """@name@server or the last part of the address: what stands under the name."""
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rsplit("/", 1)[-1]
    return f"@{last.lstrip('@')}" if last else (parts.hostname or "")

"""Our post as a record of app.bsky.feed.post, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from niva.networks.base.errors import Rejected
from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, MediaFile, Outgoing, Problem
from niva.networks.bluesky import richtext
from niva.networks.bluesky.client import POSTS

CARD = "upload:card"
# lexicon app.bsky.embed.external#external, thumb: maxSize
CARD_IMAGE_BYTES: Final = 1_000_000


def appended(out: Outgoing) -> str:
    """What is added to the text: an address for which no card is left, because pictures take its place."""
    if out.link is None or not out.media or out.link.url in out.text:
        return ""
    return f"\n\n{out.link.url}" if out.text else out.link.url


def body(out: Outgoing) -> str:
    """The text as it goes out."""
    return out.text + appended(out)


def card_image(out: Outgoing) -> MediaFile | None:
    """The card's picture, where there is a card and the picture is light enough for it."""
    if out.link is None or out.media or out.link.image is None:
        return None
    return out.link.image if out.link.image.size <= CARD_IMAGE_BYTES else None


def uploads(out: Outgoing) -> dict[str, MediaFile]:
    """The files to be sent ahead, by the names of their steps."""
    files = {f"upload:{index}": file for index, file in enumerate(out.media)}
    picture = card_image(out)
    return {**files, CARD: picture} if picture is not None else files


def length(text: str) -> int:
    """Graphemes, as the lexicon counts them."""
    return richtext.length(text)


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The common checks on the text as it goes out, and what only Bluesky does."""
    checker = Checker(limits, richtext.length)
    checker.everything(replace(out, text=body(out)))
    for index, file in enumerate(out.media):
        if file.kind == "animation" and file.mime == "image/gif":
            checker.warn("gif_will_not_move", f"media:{index}")
            most = limits.value("image_bytes_max")
            if most is not None and file.size > most:
                checker.add("media_too_heavy", f"media:{index}", "image_bytes_max", actual=file.size)
    if out.link and out.link.image and not out.media and card_image(out) is None:
        checker.warn("card_image_too_heavy", "link", limit=CARD_IMAGE_BYTES, actual=out.link.image.size)
    return tuple(checker.problems)


def record(
    out: Outgoing, blobs: Mapping[str, JSON], dids: Mapping[str, str], created_at: datetime
) -> dict[str, Any]:
    """The post itself. `blobs`: what the uploads gave, by the names of their steps."""
    made = _words(body(out), dids, created_at, out.options)
    embed = _embed(out, blobs)
    return {**made, "embed": embed} if embed else made


@dataclass(frozen=True, slots=True)
class Line:
    """Where an answer stands: the post that all began with and the one that it answers, as uri and cid."""

    root: Mapping[str, str]
    parent: Mapping[str, str]


def reply(
    text: str, line: Line, dids: Mapping[str, str], created_at: datetime, options: Mapping[str, Any]
) -> dict[str, Any]:
    """An answer to one's own post: the first comment, or the next part of a chain."""
    made = _words(text, dids, created_at, options)
    return {**made, "reply": {"root": dict(line.root), "parent": dict(line.parent)}}


def _words(
    text: str, dids: Mapping[str, str], created_at: datetime, options: Mapping[str, Any]
) -> dict[str, Any]:
    made: dict[str, Any] = {"$type": POSTS, "text": text, "createdAt": timestamp(created_at)}
    if facets := richtext.facets(text, dids):
        made["facets"] = facets
    if language := options.get("language"):
        made["langs"] = [str(language)]
    return made


def timestamp(moment: datetime) -> str:
    """UTC to the millisecond with a Z, the form that https://atproto.com/specs/lexicon#datetime prefers."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _embed(out: Outgoing, blobs: Mapping[str, JSON]) -> dict[str, Any] | None:
    """Pictures, or one video, or the link's card: a post has room for one of them."""
    if out.media and (out.media[0].kind == "image" or out.media[0].mime == "image/gif"):
        pictures = [
            {"alt": file.alt, "image": _blob(blobs, f"upload:{index}"), **_ratio(file)}
            for index, file in enumerate(out.media)
        ]
        return {"$type": "app.bsky.embed.images", "images": pictures}
    if out.media:
        film = out.media[0]
        made = {"$type": "app.bsky.embed.video", "video": _blob(blobs, "upload:0"), **_ratio(film)}
        if film.alt:
            made["alt"] = film.alt
        if film.kind == "animation":
            made["presentation"] = "gif"
        return made
    if out.link is None:
        return None
    card = {
        "uri": out.link.url,
        "title": out.link.title or out.link.url,
        "description": out.link.description,
    }
    if card_image(out) is not None:
        card["thumb"] = _blob(blobs, CARD)
    return {"$type": "app.bsky.embed.external", "external": card}


def _blob(blobs: Mapping[str, JSON], name: str) -> Any:
    if name not in blobs:
        raise Rejected("media_refused", f"{name} was never uploaded")
    return dict(blobs[name])


def _ratio(file: MediaFile) -> dict[str, Any]:
    if file.width < 1 or file.height < 1:
        return {}
    return {"aspectRatio": {"width": file.width, "height": file.height}}


# --- theirs to ours -------------------------------------------------------------------------------------


def page(did: str, rkey: str) -> str:
    """The address that a person can open."""
    return f"https://bsky.app/profile/{did}/post/{rkey}"


def parts(uri: str) -> tuple[str, str, str]:
    """(did, collection, record key) of an at:// address. Rejected("post_gone") for what is none."""
    pieces = uri.removeprefix("at://").split("/")
    if not uri.startswith("at://") or len(pieces) != 3 or not all(pieces):
        raise Rejected("refused", f"no address of a record: {uri[:100]}")
    return pieces[0], pieces[1], pieces[2]


def media_count(value: Mapping[str, Any]) -> int:
    """Pictures and videos of a record; a card is none."""
    embed = value.get("embed")
    embed = embed if isinstance(embed, dict) else {}
    return len(embed.get("images") or ()) + (1 if embed.get("video") else 0)

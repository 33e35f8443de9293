"""The content of a revision (JSON) and the network's `Outgoing`, both ways.

Pure but for file paths and the public addresses of files, which are signed anew each time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from niva.domains.publishing.delivery.public import address_of
from niva.networks.base.types import LinkCard, MediaFile, Outgoing, Part, Poll


def to_outgoing(content: Mapping[str, Any], media_root: Path) -> Outgoing:
    """The revision as a network takes it. Paths in the content are relative to `media_root`."""
    link = content.get("link")
    poll = content.get("poll")
    return Outgoing(
        text=content.get("text", ""),
        media=tuple(_file(item, media_root) for item in content.get("media", ())),
        link=LinkCard(
            url=link["url"],
            title=link.get("title", ""),
            description=link.get("description", ""),
            image=_file(link["image"], media_root) if link.get("image") else None,
        )
        if link
        else None,
        poll=Poll(
            question=poll["question"],
            options=tuple(poll["options"]),
            multiple=bool(poll.get("multiple")),
            anonymous=bool(poll.get("anonymous", True)),
            closes_in=poll.get("closes_in"),
        )
        if poll
        else None,
        first_comment=content.get("first_comment", ""),
        options=content.get("options", {}),
        thread=tuple(Part(one["text"]) for one in content.get("thread", ())),
    )


def fingerprint(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON: what a decision is bound to."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _file(item: Mapping[str, Any], media_root: Path) -> MediaFile:
    return MediaFile(
        path=media_root / item["path"],
        kind=item["kind"],
        mime=item["mime"],
        size=item["size"],
        width=item["width"],
        height=item["height"],
        alt=item.get("alt", ""),
        duration=item.get("duration"),
        url=address_of(item["path"], item["mime"]),
        cover=_file(item["cover"], media_root) if item.get("cover") else None,
    )


def from_file(file: MediaFile, media_root: Path) -> dict[str, Any]:
    """The JSON of one fitted file, as `to_outgoing` reads it back."""
    item = {
        "path": str(file.path.relative_to(media_root)),
        "kind": file.kind,
        "mime": file.mime,
        "size": file.size,
        "width": file.width,
        "height": file.height,
        "alt": file.alt,
        "duration": file.duration,
    }
    if file.cover is not None:  # only then, so that the marks of all other revisions stay what they were
        item["cover"] = from_file(file.cover, media_root)
    return item

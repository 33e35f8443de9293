"""What a task by hand offers to copy and to download, out of the revision that was scheduled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from niva.domains.publishing.models import Delivery
from niva.networks.registry import all_networks
from niva.web.posts.options import label_of
from niva.words.amounts import size


@dataclass(frozen=True, slots=True)
class Piece:
    """One text to copy. `name`: of the element on the page."""

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class FileToTake:
    """One file to download. `says`: its size in pixels and bytes; `alt`: its description, to copy."""

    number: int
    name: str
    kind: str
    says: str
    alt: str


def pieces_of(delivery: Delivery) -> list[Piece]:
    """Title and other options first, then the text, then what goes under it."""
    content = delivery.revision.content
    found = [*_options(delivery, content), *_texts(content)]
    return [Piece(f"piece-{n}", label, text) for n, (label, text) in enumerate(found) if text]


def _options(delivery: Delivery, content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    network = all_networks().get(delivery.community.network)
    russian = (get_language() or "ru").startswith("ru")
    for option in network.manifest.options if network else ():
        value = content.get("options", {}).get(option.name)
        words = {one: word_ru if russian else word for one, word, word_ru in option.choices}
        if value is True:
            yield label_of(option), _("yes")
        elif value:
            yield label_of(option), words.get(str(value), str(value))


def _texts(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    text, link = str(content.get("text", "")), content.get("link") or {}
    address = str(link.get("url", ""))
    yield _("Text"), text
    if address and address not in text:
        yield _("Link"), address
    for number, part in enumerate(content.get("thread", ()), 2):
        yield _("Post %(n)s of the chain") % {"n": number}, str(part.get("text", ""))
    if poll := content.get("poll"):
        yield _("Poll"), "\n".join([str(poll["question"]), *map(str, poll["options"])])
    yield _("First comment"), str(content.get("first_comment", ""))


def files_of(delivery: Delivery) -> list[FileToTake]:
    language = get_language() or "ru"
    found = []
    for number, item in enumerate(delivery.revision.content.get("media", ())):
        says = f"{item['width']}×{item['height']}, {size(item['size'], language)}"
        found.append(
            FileToTake(number, download_name(delivery, number), item["kind"], says, item.get("alt", ""))
        )
    return found


def download_name(delivery: Delivery, number: int) -> str:
    """A name that tells the post and the place of the file in it, and that every disk takes."""
    item = delivery.revision.content["media"][number]
    return f"post-{delivery.post_id}-{number + 1}{PurePosixPath(item['path']).suffix}"

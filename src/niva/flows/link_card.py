"""What a post's link leads to: read from the page, its picture taken in, both kept with the post."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Post
from niva.domains.publishing.services import drafts, media
from niva.kit.net import preview
from niva.kit.net.guard import Allowed

LARGEST_PICTURE: Final = 10 * 1024 * 1024  # bytes; cards are drawn some hundred pixels wide
IN_ALL: Final = 12.0  # seconds for the page and its picture: somebody is waiting


def read(actor: Actor, *, post_id: int, allowed: Allowed = ()) -> bool:
    """Read the page behind the post's link and keep its card. False: the link was changed meanwhile.

    Raises PreviewFailed when the page cannot be read; a picture that cannot be taken is left out silently,
    the card is good without it.
    """
    post = access.get(actor, Post.objects.filter(deleted_at__isnull=True), post_id, can="write")
    with tempfile.TemporaryDirectory(prefix="niva-card-") as folder:
        found, picture = asyncio.run(_fetch(post.link_url, Path(folder) / "picture", allowed))
        card: dict[str, Any] = {"title": found.title, "description": found.description}
        if picture is not None:
            card["image"] = _taken(actor, post, picture)
    kept = {name: value for name, value in card.items() if value}
    return drafts.set_link_card(actor, post_id=post.pk, url=post.link_url, card=kept)


async def _fetch(url: str, target: Path, allowed: Allowed) -> tuple[preview.Preview, Path | None]:
    found = await preview.fetch_preview(url, allowed=allowed, seconds=IN_ALL * 2 / 3)
    if not found.image_url:
        return found, None
    try:
        await preview.download(
            found.image_url, target, most=LARGEST_PICTURE, allowed=allowed, seconds=IN_ALL / 3
        )
    except preview.PreviewFailed:
        return found, None
    return found, target


def _taken(actor: Actor, post: Post, picture: Path) -> dict[str, Any] | None:
    """The picture as one of our own files; None when it is none that can be taken."""
    with picture.open("rb") as file:
        upload = UploadedFile(file=file, name="link", size=picture.stat().st_size)
        try:
            asset = media.upload(actor, client_id=post.client_id, file=upload)
        except Invalid:
            return None
    return media.card_image(asset) if asset.kind == "image" else None

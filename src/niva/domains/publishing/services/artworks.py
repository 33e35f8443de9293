"""The workshop of avatars and covers: taken in, framed, vouched for, rendered for each network, packed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.artwork import Artwork, ArtworkKind, ArtworkUse, Rights
from niva.domains.publishing.models import Asset
from niva.domains.publishing.services import media
from niva.domains.publishing.services.fitting import mark_of
from niva.kit import images
from niva.kit.framing import Framing, window, with_margins
from niva.networks.base.limits import Limits
from niva.networks.base.types import MediaFile
from niva.networks.registry import all_networks

# Where a network names no size: enough for every screen that shows a circle of 200 points threefold.
USUAL_SIDE: Final = 800
USUAL_COVER: Final = 2.5  # width : height, between the widest and the highest of the networks
# Where a network names no bytes.
USUAL_BYTES: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class Size:
    """What one network wants of an avatar or a cover. Pixels, bytes; `sure`: its source is confirmed.

    `safe`: the part in the middle that every screen shows; `least`: of the shorter side or (width, height).
    """

    network: str
    width: int
    height: int
    least: tuple[int, int] | None
    safe: tuple[int, int] | None
    bytes: int
    mimes: tuple[str, ...]
    sure: bool
    told: bool


def size_of(network: str, kind: str, limits: Limits) -> Size | None:
    """From the network's limits; None where it has no cover that anybody knows the size of."""
    mimes = tuple(limits.value(f"{kind}_mimes") or ("image/jpeg", "image/png"))
    heavy = limits.value(f"{kind}_bytes_max") or USUAL_BYTES
    if kind == ArtworkKind.AVATAR:
        best = limits.get("avatar_side_best") or limits.get("avatar_side_min")
        side = max(int(best.value), int(limits.value("avatar_side_min", 0))) if best else USUAL_SIDE
        least = limits.value("avatar_side_min")
        return Size(
            network, side, side, (least, least) if least else None, None, heavy, mimes,
            best.confirmed if best else False, best is not None,
        )  # fmt: skip
    width, height = (
        limits.get(f"cover_{one}_best") or limits.get(f"cover_{one}_min") for one in ("width", "height")
    )
    if width is None or height is None:
        return None
    safe = (limits.value("cover_safe_width"), limits.value("cover_safe_height"))
    small = (limits.value("cover_width_min"), limits.value("cover_height_min"))
    return Size(
        network, int(width.value), int(height.value),
        (small[0], small[1]) if all(small) else None, (safe[0], safe[1]) if all(safe) else None,
        heavy, mimes, width.confirmed and height.confirmed, True,
    )  # fmt: skip


def sizes(kind: str, networks: list[str] | None = None) -> list[Size]:
    """Of these networks, or of all; a network without covers is left out."""
    found = []
    for name, network in sorted(all_networks().items()):
        if networks is None or name in networks:
            size = size_of(name, kind, network.limits)
            if size is not None:
                found.append(size)
    return found


@transaction.atomic
def add(actor: Actor, *, client_id: int, kind: str, file: UploadedFile[Any]) -> Artwork:
    """Take a picture in. Raises Invalid("file"), NotFound, Forbidden."""
    if kind not in ArtworkKind.values:
        raise Invalid.one("kind", _("Choose: avatar or cover."))
    asset = media.upload(actor, client_id=client_id, file=file)
    if asset.kind != "image":
        raise Invalid.one("file", _("An avatar or a cover is a still picture. Take JPEG, PNG or WebP."))
    artwork = Artwork.objects.create(
        workspace=actor.workspace,
        client_id=client_id,
        asset=asset,
        kind=kind,
        framing={"focus": _proposed(asset, kind)},
        created_by=actor.user,
    )
    record(actor, "artwork.added", artwork, kind=kind)
    return artwork


def _proposed(asset: Asset, kind: str) -> list[float]:
    """Where the eye goes, as the focus to begin with: what is shown and what is written are one cut then."""
    image = images.open_image(Path(settings.MEDIA_ROOT) / (asset.thumb or asset.path))
    left, top, right, bottom = window(image, 1.0 if kind == ArtworkKind.AVATAR else USUAL_COVER)
    return [round((left + right) / 2 / image.width, 3), round((top + bottom) / 2 / image.height, 3)]


@transaction.atomic
def change(
    actor: Actor,
    *,
    artwork_id: int,
    framing: Mapping[str, Any],
    rights: str,
    rights_note: str,
    faces_agree: bool,
) -> Artwork:
    """How it is framed and whose it is. Raises Invalid, NotFound, Forbidden."""
    artwork = access.get(actor, Artwork.objects.select_for_update(), artwork_id, can="write")
    if rights not in Rights.values:
        raise Invalid.one("rights", _("Choose one of the list."))
    read = Framing.of(dict(framing))
    artwork.framing = {"zoom": round(read.zoom, 2), "whole": read.whole}
    if read.focus is not None:
        artwork.framing["focus"] = list(read.focus)
    artwork.rights, artwork.rights_note, artwork.faces_agree = rights, rights_note[:500], faces_agree
    artwork.save()
    record(actor, "artwork.changed", artwork, rights=rights)
    return artwork


def noted(actor: Actor, artwork: Artwork, community: Community, code: str = "") -> ArtworkUse:
    """It was put there, or the network said why not."""
    use = ArtworkUse.objects.create(
        workspace=actor.workspace,
        client_id=artwork.client_id,
        artwork=artwork,
        community=community,
        code=code,
        by=actor.user,
    )
    verb = "artwork.refused" if code else "artwork.set"
    record(actor, verb, artwork, kind=artwork.kind, community=community.name, code=code)
    return use


def rendered(artwork: Artwork, size: Size) -> MediaFile:
    """The artwork in the size that a network wants, made once. Raises images.Broken."""
    root = Path(settings.MEDIA_ROOT)
    framing = Framing.of(artwork.framing)
    stem = root / "artwork" / f"{artwork.asset.sha256}-{mark_of((framing, size))}"
    made = next((p for end in images.SUFFIXES if (p := stem.with_name(stem.name + end)).exists()), None)
    if made is None:
        picture = framed(images.open_image(root / artwork.asset.path), size.width / size.height, framing)
        made = _written(picture, size, stem)
    return MediaFile(kind="image", **media.measured(made))


def framed(image: Image.Image, ratio: float, framing: Framing) -> Image.Image:
    """Cut around the focus (the middle where none is set), or whole on a ground."""
    if framing.whole:
        return with_margins(image, ratio)
    framing = framing if framing.focus is not None else replace(framing, focus=(0.5, 0.5))
    return image.crop(window(image, ratio, framing))


def _written(picture: Image.Image, size: Size, stem: Path) -> Path:
    """Never enlarged beyond twice its pixels; as heavy as the network allows."""
    scale = min(1.0, 2 * picture.width / size.width)
    wanted = (max(1, round(size.width * scale)), max(1, round(size.height * scale)))
    picture = picture.resize(wanted, Image.Resampling.LANCZOS)
    stem.parent.mkdir(parents=True, exist_ok=True)
    draft = stem.with_name(f"{stem.name}-draft.png")
    with images.beside(draft) as target:
        picture.save(target, "PNG")
    try:
        taken = images.fit(draft, stem, images.Room(size=size.bytes, mimes=("image/jpeg",)))
    finally:
        draft.unlink(missing_ok=True)
    assert taken is not None  # a PNG never fits a room of JPEG
    return taken.path


def packed(actor: Actor, artwork: Artwork) -> bytes:
    """A ZIP with every size, named by network, and a list of what each is."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as pack:
        lines = []
        for size in sizes(artwork.kind):
            file = rendered(artwork, size)
            name = f"{size.network}-{artwork.kind}-{file.width}x{file.height}{file.path.suffix}"
            pack.write(file.path, name)
            lines.append(name)
        pack.writestr("sizes.txt", "\n".join(lines) + "\n")
    record(actor, "artwork.exported", artwork, kind=artwork.kind)
    return buffer.getvalue()

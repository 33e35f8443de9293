"""A post's files as networks take them: pictures at once, videos by a job, covers, and what is not ready.

What a file becomes hangs on its bytes, the limits, the form of the post and what a person decided about it;
the name of the result holds the hash of all of these, so everything is made once and found again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast

from django.conf import settings
from django.utils import timezone

from niva.domains.communities.models import Community
from niva.domains.publishing.converting import Conversion, ConversionState
from niva.domains.publishing.models import Asset, Post, PostMedia, Variant
from niva.domains.publishing.services.media import measured
from niva.kit import images, videos
from niva.kit.framing import Framing, wanted_ratio
from niva.kit.jobs.django import enqueue
from niva.kit.transcode import Bounds, Made
from niva.networks.base.limits import Limits
from niva.networks.base.network import Network
from niva.networks.base.types import FORMS, Credential, Form, MediaFile, Problem
from niva.networks.registry import all_networks

# Covers go where thumbnails go; the tightest known is YouTube's: 2 MB, JPEG (see its thumbnails.set).
COVER_ROOM: Final = images.Room(size=2_000_000, side=1920, mimes=("image/jpeg",))
# A conversion without a sign of life for so long is handed to a worker again.
LOST_AFTER: Final = timedelta(minutes=10)
# Problems of an original that its conversion mends.
MENDED: Final = frozenset(
    {"media_format", "media_too_heavy", "media_too_narrow", "media_too_wide", "image_too_large"}
)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The file as it would go out, and why it cannot yet or never will."""

    file: MediaFile
    problem: Problem | None = None


def limits_of(community: Community, network: Network) -> Limits:
    """The limits of this very account, as far as the network told them when it was last tested."""
    credential = getattr(community, "credential", None)
    facts = credential.facts if credential is not None else {}
    return network.limits_for(Credential(facts=facts))


def form_of(options: Mapping[str, Any]) -> Form:
    said = options.get("form")
    return cast(Form, said) if said in FORMS else "post"


def fitted(
    asset: Asset,
    limits: Limits,
    *,
    alt: str = "",
    form: Form = "post",
    framing: Mapping[str, Any] | None = None,
) -> Fitted:
    """The file for a network with these limits. Pictures are made here; of videos only what is done is found.

    What cannot be mended (a video that is too long) stays, and `Network.check` says so.
    """
    if asset.kind == "image":
        return Fitted(_picture(asset, limits, alt, form, framing or {}))
    bounds = bounds_of(asset, limits, form)
    cover = _cover(asset, framing or {})
    original = replace(_original(asset, alt), cover=cover)
    if bounds is None:
        return Fitted(original)
    found = _conversion(asset, bounds)
    if found is None or found.state != ConversionState.DONE:
        return Fitted(original, _not_ready(found))
    made = {**found.result, "path": Path(settings.MEDIA_ROOT) / found.result["path"]}
    return Fitted(replace(original, kind="video", mime="video/mp4", **made))


def clean_framing(given: Mapping[str, Any]) -> dict[str, Any]:
    """A person's decision about a file as it is kept; what does not read as one is dropped.

    {"focus": [x, y], "whole": true} of a picture, {"cover_at": seconds} or {"cover": asset id} of a video.
    """
    read = Framing.of(dict(given))
    found: dict[str, Any] = {}
    if read.whole:
        found["whole"] = True
    elif read.focus is not None:
        found["focus"] = [round(read.focus[0], 3), round(read.focus[1], 3)]
    try:
        if given.get("cover"):
            found["cover"] = int(given["cover"])
        elif given.get("cover_at") not in (None, ""):
            at = float(given["cover_at"])
            if 0 <= at < videos.LONGEST:
                found["cover_at"] = round(at, 2)
    except (TypeError, ValueError, OverflowError):
        pass
    return found


def order(post: Post) -> None:
    """Have every video of the post written anew where a network of its asks for it. Twice is once."""
    items = [item for item in post.media.select_related("asset") if item.asset.kind != "image"]
    if not items:
        return
    variants = post.variants.filter(community__archived_at__isnull=True)
    for variant in variants.select_related("community__credential"):
        network = all_networks().get(variant.community.network)
        if network is None:
            continue
        limits, form = limits_of(variant.community, network), form_of(variant.options)
        for item in items:
            bounds = bounds_of(item.asset, limits, form)
            if bounds is not None and (variant.own_media is None or item.asset_id in variant.own_media):
                _order(item.asset, bounds)


def _order(asset: Asset, bounds: Bounds) -> None:
    row, fresh = Conversion.objects.get_or_create(
        asset=asset, mark=mark_of(bounds), defaults={"bounds": asdict(bounds)}
    )
    lost = row.state in (ConversionState.WAITING, ConversionState.WORKING)
    if fresh or (lost and row.touched_at < timezone.now() - LOST_AFTER):
        Conversion.objects.filter(pk=row.pk).update(touched_at=timezone.now())
        enqueue("convert", {"conversion": row.pk}, key=f"convert:{row.pk}", priority=-1)


def under_way(post: Post) -> list[Conversion]:
    """What is being made of the post's videos, or could not be."""
    rows = Conversion.objects.filter(asset__in=post.media.values("asset"))
    return list(rows.exclude(state=ConversionState.DONE).select_related("asset").order_by("pk"))


def target_of(row: Conversion) -> Path:
    """Where the result lies; the same for the same bytes and bounds."""
    return Path(settings.MEDIA_ROOT) / "fitted" / f"{row.asset.sha256}-{row.mark}.mp4"


def finish(conversion_id: int, made: Made) -> None:
    row = Conversion.objects.select_related("asset").get(pk=conversion_id)
    row.result = asdict(made) | {"path": str(target_of(row).relative_to(settings.MEDIA_ROOT))}
    row.state, row.progress, row.code, row.touched_at = ConversionState.DONE, 100, "", timezone.now()
    row.save()


def mark_of(what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()[:12]


def room_of(limits: Limits, form: Form = "post") -> images.Room:
    """A network's limits of pictures as the kit understands them; a story has a shape of its own."""
    mimes, longest = limits.value("image_mimes"), limits.value("image_ratio_max")
    low, high = (_of_form(limits, form, "image", end) for end in ("ratio_from", "ratio_to"))
    return images.Room(
        size=limits.value("image_bytes_max"),
        side=limits.value("image_side_max"),
        sides_sum=limits.value("image_sides_sum_max"),
        pixels=limits.value("image_pixels_max"),
        mimes=tuple(mimes) if mimes else None,
        low=low if low is not None else (1 / longest if longest else None),
        high=high if high is not None else longest,
        least=limits.value("image_side_min"),
    )


def bounds_of(asset: Asset, limits: Limits, form: Form = "post") -> Bounds | None:
    """What a video must be brought into; None where it goes as it is, or no bounds would help.

    A film that is longer than the network takes is left alone: no other coding makes it shorter.
    """
    if asset.kind == "animation":
        return _moving_bounds(limits)
    longest = _of_form(limits, form, "video", "seconds_max")
    if longest is not None and asset.duration is not None and asset.duration > longest:
        return None
    size = _of_form(limits, form, "video", "bytes_max")
    low, high = (_of_form(limits, form, "video", end) for end in ("ratio_from", "ratio_to"))
    side, fps = limits.value("video_side_max"), limits.value("video_fps_max")
    mimes, codecs = limits.value("video_mimes"), limits.value("video_codecs")
    if mimes is not None and "video/mp4" not in mimes:
        return None  # nothing that the desk writes would be taken
    told = asset.facts.get("fps")
    needed = (
        (mimes is not None and asset.mime not in mimes)
        or (codecs is not None and "codec" in asset.facts and asset.facts["codec"] not in codecs)
        or (side is not None and max(asset.width, asset.height) > side)
        or (size is not None and asset.size > size)
        or (fps is not None and told is not None and told > fps + 0.01)
        or wanted_ratio(asset.width, asset.height, low, high) is not None
    )
    return Bounds(side=side or LARGEST_SIDE, low=low, high=high, fps=fps, size=size) if needed else None


LARGEST_SIDE: Final = 1920  # pixels; nobody's feed shows more, and H.264 beyond it plays on few phones


def _moving_bounds(limits: Limits) -> Bounds | None:
    """A GIF becomes a film where the network names its formats and GIF is not among them."""
    pictures, films = limits.value("image_mimes"), limits.value("video_mimes")
    if pictures is None or films is None or "image/gif" in (*pictures, *films) or "video/mp4" not in films:
        return None
    if limits.value("animation_bytes_max") is not None:
        return None  # it has a way of its own for them
    return Bounds(side=limits.value("video_side_max") or LARGEST_SIDE)


def _of_form(limits: Limits, form: Form, kind: str, ending: str) -> Any:
    """The value for this form, where the network has one of its own."""
    own = f"{form}_{ending}"
    return limits.value(own) if form != "post" and limits.get(own) else limits.value(f"{kind}_{ending}")


def _conversion(asset: Asset, bounds: Bounds) -> Conversion | None:
    """One of the same bytes is as good, whoever of the workspace uploaded it."""
    rows = Conversion.objects.filter(
        asset__sha256=asset.sha256, asset__workspace_id=asset.workspace_id, mark=mark_of(bounds)
    )
    found = list(rows)
    return next((row for row in found if row.state == ConversionState.DONE), found[0] if found else None)


def _not_ready(row: Conversion | None) -> Problem:
    if row is not None and row.state == ConversionState.FAILED:
        return Problem(f"video_{row.code}", "media")
    return Problem("video_converting", "media", params={"percent": row.progress if row else 0})


def _original(asset: Asset, alt: str) -> MediaFile:
    return MediaFile(
        path=Path(settings.MEDIA_ROOT) / asset.path,
        kind=asset.kind,  # type: ignore[arg-type]
        mime=asset.mime,
        size=asset.size,
        width=asset.width,
        height=asset.height,
        alt=alt,
        duration=asset.duration,
    )


def _picture(asset: Asset, limits: Limits, alt: str, form: Form, kept: Mapping[str, Any]) -> MediaFile:
    original, room = _original(asset, alt), room_of(limits, form)
    if _fits(original, room):
        return original
    framing = Framing.of(dict(kept))
    if wanted_ratio(asset.width, asset.height, room.low, room.high) is None:
        framing = Framing()  # nothing is cut, so nobody's wish changes the result
    return _made_once(asset.sha256, original, room, framing)


def _made_once(sha256: str, original: MediaFile, room: images.Room, framing: Framing) -> MediaFile:
    name = f"{sha256}-{mark_of((room, framing))}"
    stem = Path(settings.MEDIA_ROOT) / "fitted" / name
    candidates = (stem.with_name(stem.name + suffix) for suffix in images.SUFFIXES)
    made = next((path for path in candidates if path.exists()), None)
    if made is None:
        taken = images.fit(original.path, stem, room, framing)
        if taken is None:
            return original
        made = taken.path
    return replace(original, **measured(made))


def _cover(asset: Asset, kept: Mapping[str, Any]) -> MediaFile | None:
    """The still that stands for the video: an own picture, the chosen moment, or the best that was found."""
    if asset.kind != "video":
        return None
    pictures = Asset.objects.filter(client_id=asset.client_id, kind="image")
    if kept.get("cover") and (own := pictures.filter(pk=kept["cover"]).first()) is not None:
        return _made_once(own.sha256, _original(own, ""), COVER_ROOM, Framing())
    if kept.get("cover_at") is not None:
        return _still(asset, float(kept["cover_at"]))
    poster = asset.facts.get("poster")
    path = Path(settings.MEDIA_ROOT) / str(poster)
    return _as_cover(path) if poster and path.is_file() else None


def _still(asset: Asset, seconds: float) -> MediaFile | None:
    path = still_path(asset, seconds)
    return _as_cover(path) if path is not None else None


def still_path(asset: Asset, seconds: float) -> Path | None:
    """A frame of the video as a JPEG, made once; None where the film does not show one."""
    root = Path(settings.MEDIA_ROOT)
    path = root / "covers" / f"{asset.sha256}-{round(seconds * 1000)}.jpg"
    if not path.is_file():
        try:
            image = videos.still(root / asset.path, seconds)
        except images.Broken:
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        with images.beside(path) as target:
            image.convert("RGB").save(target, "JPEG", quality=90)
    return path


def _as_cover(path: Path) -> MediaFile:
    return MediaFile(kind="image", **measured(path))


def _fits(file: MediaFile, room: images.Room) -> bool:
    """Judged by the row alone, without opening the file."""
    return (
        (room.size is None or file.size <= room.size)
        and (room.side is None or max(file.width, file.height) <= room.side)
        and (room.sides_sum is None or file.width + file.height <= room.sides_sum)
        and (room.pixels is None or file.width * file.height <= room.pixels)
        and (room.mimes is None or file.mime in room.mimes)
        and (room.least is None or min(file.width, file.height) >= room.least)
        and wanted_ratio(file.width, file.height, room.low, room.high) is None
    )


def item_for(variant: Variant, item: PostMedia) -> Fitted:
    """One file of a post as it goes to one community."""
    network = all_networks().get(variant.community.network)
    limits = limits_of(variant.community, network) if network is not None else Limits({})
    alt = item.alt or item.asset.alt
    return fitted(item.asset, limits, alt=alt, form=form_of(variant.options), framing=item.framing)

"""What the chosen networks want of pictures, videos and texts: straight from their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from niva.domains.editorial.models import Piece
from niva.domains.publishing.models import Variant
from niva.domains.publishing.services.fitting import form_of, limits_of
from niva.networks.registry import all_networks

# Names of limits (see networks.base.limits.LIMIT_NAMES), by what they are about.
TEXT: Final = ("text_max", "caption_max")
PICTURES: Final = (
    "images_max", "media_max", "image_side_min", "image_side_max", "image_ratio_from", "image_ratio_to",
    "image_ratio_max", "image_bytes_max",
)  # fmt: skip
VIDEOS: Final = (
    "video_seconds_min", "video_seconds_max", "video_side_min", "video_side_max", "video_ratio_from",
    "video_ratio_to", "video_bytes_max",
)  # fmt: skip
_OF_FORM: Final = {
    "story": ("story_media_max", "story_seconds_max", "story_side_max", "story_ratio_from",
              "story_ratio_to", "story_image_bytes_max", "story_bytes_max"),
    "reel": ("reel_media_max", "reel_seconds_min", "reel_seconds_max", "reel_ratio_from", "reel_ratio_to",
             "reel_bytes_max"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sizes:
    """One network in one form ("post", "story", "reel"): (name of the limit, its value), in order.

    Values: characters, pixels, bytes, seconds; ratios are width / height.
    """

    network: str
    form: str
    limits: tuple[tuple[str, Any], ...]


def sizes_of(piece: Piece | None) -> list[Sizes]:
    """The networks of the piece's communities, each form of each once. Two queries."""
    if piece is None:
        return []
    rows = Variant.objects.filter(post_id=piece.post_id, community__archived_at__isnull=True)
    found: dict[tuple[str, str], Sizes] = {}
    for variant in rows.select_related("community__credential"):
        network = all_networks().get(variant.community.network)
        form = form_of(variant.options)
        key = (variant.community.network, form)
        if network is None or key in found:
            continue
        limits = limits_of(variant.community, network)
        names = (*TEXT, *_OF_FORM.get(form, (*PICTURES, *VIDEOS)))
        values = tuple((name, limits.value(name)) for name in names if limits.value(name) is not None)
        found[key] = Sizes(*key, values)
    return list(found.values())

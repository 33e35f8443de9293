"""Avatar and cover against the network's limits, and what measuring can tell of them. Pure.

The measures understand no picture. They are set so that they speak rarely: an avatar that is called
illegible has lost more than half of what is drawn on it (`legible_at` under 0.5), corners count from a third
of the drawing, a cover's edges when they are drawn more densely than its middle. None of them is required.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from niva.domains.condition.rules.base import OK, Ground, Verdict, broken, spared, unknown
from niva.domains.condition.seen import Seen, Shown
from niva.kit.pictures_judged import ENOUGH_CONTRAST, ENOUGH_LEGIBLE
from niva.networks.base.profile import Picture

CIRCLE: Final = 40  # pixels: an avatar beside a comment
SQUARE_WITHIN: Final = 0.02  # of the longer side
RATIO_WITHIN: Final = 0.05  # of the wanted ratio: what is cut then, nobody misses
CORNERS_MOST: Final = 1 / 3  # of the drawing; evenly drawn pictures have 1 - pi/4 = 0.21 there


def avatar_set(seen: Seen, ground: Ground) -> Verdict | None:
    return _there(seen.profile.avatar, "avatar_missing")


def cover_set(seen: Seen, ground: Ground) -> Verdict | None:
    return _there(seen.profile.cover, "cover_missing")


def _there(picture: Picture | None, said: str) -> Verdict | None:
    if picture is None:
        return None
    return OK if picture.url else broken(said)


def avatar_size(seen: Seen, ground: Ground) -> Verdict | None:
    if (verdict := _unseen(seen.profile.avatar, seen.avatar, sizes_do=True)) is not None:
        return verdict
    limit = ground.limits.get("avatar_side_min") or ground.limits.get("avatar_side_best")
    if limit is None:
        return spared("no_limit")
    width, height = _size(seen.profile.avatar, seen.avatar)
    if min(width, height) >= limit.value:
        return OK
    return broken("avatar_small", sure=limit.confirmed, width=width, height=height, limit=limit.value)


def avatar_square(seen: Seen, ground: Ground) -> Verdict | None:
    if (verdict := _unseen(seen.profile.avatar, seen.avatar, sizes_do=True)) is not None:
        return verdict
    width, height = _size(seen.profile.avatar, seen.avatar)
    if abs(width - height) <= SQUARE_WITHIN * max(width, height):
        return OK
    return broken("avatar_not_square", width=width, height=height)


def avatar_legible(seen: Seen, ground: Ground) -> Verdict | None:
    def judge(shown: Shown) -> Verdict:
        return OK if shown.legible >= ENOUGH_LEGIBLE else broken("avatar_illegible", share=shown.legible)

    return _measured(seen, judge)


def avatar_contrast(seen: Seen, ground: Ground) -> Verdict | None:
    def judge(shown: Shown) -> Verdict:
        enough = shown.contrast >= ENOUGH_CONTRAST
        return OK if enough else broken("avatar_pale", actual=shown.contrast, limit=ENOUGH_CONTRAST)

    return _measured(seen, judge)


def avatar_corners(seen: Seen, ground: Ground) -> Verdict | None:
    def judge(shown: Shown) -> Verdict:
        return OK if shown.corners <= CORNERS_MOST else broken("avatar_cut", share=shown.corners)

    return _measured(seen, judge)


def cover_size(seen: Seen, ground: Ground) -> Verdict | None:
    if (verdict := _unseen(seen.profile.cover, seen.cover, sizes_do=True)) is not None:
        return verdict
    across = ground.limits.get("cover_width_min") or ground.limits.get("cover_width_best")
    down = ground.limits.get("cover_height_min") or ground.limits.get("cover_height_best")
    if across is None or down is None:
        return spared("no_limit")
    width, height = _size(seen.profile.cover, seen.cover)
    if width >= across.value and height >= down.value:
        return OK
    sure = across.confirmed and down.confirmed
    wanted = {"limit_width": across.value, "limit_height": down.value}
    return broken("cover_small", sure=sure, width=width, height=height, **wanted)


def cover_ratio(seen: Seen, ground: Ground) -> Verdict | None:
    if (verdict := _unseen(seen.profile.cover, seen.cover, sizes_do=True)) is not None:
        return verdict
    across, down = ground.limits.get("cover_width_best"), ground.limits.get("cover_height_best")
    if across is None or down is None:
        return spared("no_limit")
    width, height = _size(seen.profile.cover, seen.cover)
    wanted = across.value / down.value
    if abs(width / height - wanted) <= RATIO_WITHIN * wanted:
        return OK
    sure = across.confirmed and down.confirmed
    best = {"limit_width": across.value, "limit_height": down.value}
    return broken("cover_proportions", sure=sure, width=width, height=height, **best)


def cover_safe(seen: Seen, ground: Ground) -> Verdict | None:
    if (verdict := _unseen(seen.profile.cover, seen.cover)) is not None:
        return verdict
    box = safe_box(ground)
    if box is None or seen.cover is None or seen.cover.outside is None:
        return spared("no_safe_area")
    evenly = 1 - box[0] * box[1]
    return OK if seen.cover.outside <= evenly else broken("cover_edges", share=seen.cover.outside)


def safe_box(ground: Ground) -> tuple[float, float] | None:
    """The network's safe area of a cover as shares of its width and height; None where none is known."""
    names = ("cover_safe_width", "cover_safe_height", "cover_width_best", "cover_height_best")
    told = [ground.limits.value(name) for name in names]
    if any(one is None for one in told) or told[2] <= 0 or told[3] <= 0:
        return None
    box = (min(1.0, told[0] / told[2]), min(1.0, told[1] / told[3]))
    return None if box == (1.0, 1.0) else box


def _measured(seen: Seen, judge: Callable[[Shown], Verdict]) -> Verdict:
    if (verdict := _unseen(seen.profile.avatar, seen.avatar)) is not None:
        return verdict
    shown = seen.avatar
    if shown is None or min(shown.width, shown.height) < CIRCLE:
        return unknown("picture_tiny", limit=CIRCLE)
    return judge(shown)


def _size(picture: Picture | None, shown: Shown | None) -> tuple[int, int]:
    """What was measured; else what the network says."""
    if shown is not None and not shown.code:
        return max(1, shown.width), max(1, shown.height)
    assert picture is not None
    return max(1, picture.width or 0), max(1, picture.height or 0)


_UNSEEN: Final = {
    "not_a_picture": "picture_not_picture",
    "address_inside": "picture_inside",
    "unreachable": "picture_unreachable",
}


def _unseen(picture: Picture | None, shown: Shown | None, *, sizes_do: bool = False) -> Verdict | None:
    """Why this picture cannot be judged; None when it can. `sizes_do`: the sizes that the network tells are
    enough."""
    if picture is None or not picture.url:
        return spared("no_picture")
    if shown is not None and shown.code == "too_many_pixels":
        return broken("picture_too_large") if sizes_do else unknown("picture_too_large")
    if shown is not None and not shown.code:
        return None
    if sizes_do and picture.width and picture.height:
        return None
    return unknown(_UNSEEN.get(shown.code if shown else "", "picture_unreachable"))

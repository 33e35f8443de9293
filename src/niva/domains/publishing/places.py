"""The place of a remark: a stretch of a text or a point of a picture, checked when made, found later."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niva.domains.people.errors import Invalid
from niva.domains.publishing.approving import Remark
from niva.domains.publishing.models import Post, Revision, Variant
from niva.kit.text.anchor import Stretch, anchored, found

FIELD: Final = "place"


def text_of(post: Post, variant_id: int | None = None, revision: Revision | None = None) -> str:
    """The text that a place is meant in: of an immutable revision, of a variant with words of its own, or the
    common one."""
    if revision is not None:
        return str(revision.content.get("text", ""))
    variant = _variant(post, variant_id)
    return post.text if variant is None or variant.own_text is None else variant.own_text


def checked(post: Post, place: Mapping[str, Any], *, revision: Revision | None = None) -> dict[str, Any]:
    """The place as it is kept; {} is the whole. Raises Invalid("place") for one that is not in this post.

    Of a text `{"kind": "text", "start", "end", "quote"?, "variant"?}`; without start and end the quote must
    stand there once. Of a picture `{"kind": "media", "asset", "x", "y", "at"?}`, x and y from 0 to 1.
    """
    match place.get("kind", ""):
        case "":
            return {}
        case "text":
            return _in_text(post, place, revision)
        case "media":
            return _in_media(post, place)
    raise _nowhere()


def stands(remark: Remark) -> Stretch | None:
    """Where a remark on a text stands in the post's text of today; None when the words are gone.

    The post is to be loaded with its variants: no query is made for each remark.
    """
    place = remark.place
    if place.get("kind") != "text":
        return None
    return found(text_of(remark.post, place["variant"]), place)


def _in_text(post: Post, place: Mapping[str, Any], revision: Revision | None) -> dict[str, Any]:
    variant = _whole_number(place.get("variant"))
    if variant is not None and _variant(post, variant) is None:
        raise _nowhere()
    text = text_of(post, variant, revision)
    quote = place.get("quote", "")
    if not isinstance(quote, str):
        raise _nowhere()
    start, end = _whole_number(place.get("start")), _whole_number(place.get("end"))
    if start is None or end is None or (quote and text[max(0, start) : max(0, end)] != quote):
        start, end = _by_quote(text, quote)
    try:
        return {"kind": "text", "variant": variant, **anchored(text, start, end)}
    except ValueError as error:
        raise _nowhere() from error


def _by_quote(text: str, quote: str) -> tuple[int, int]:
    """The one place where the words stand: typed by hand, or marked in a text that has changed meanwhile."""
    quote = quote.strip()
    times = text.count(quote) if quote else 0
    if times == 0:
        raise Invalid.one(FIELD, _("These words do not stand in the text. Copy them as they are now."))
    if times > 1:
        raise Invalid.one(
            FIELD,
            ngettext(
                "These words stand in the text %(n)d times. Take a longer stretch.",
                "These words stand in the text %(n)d times. Take a longer stretch.",
                times,
            )
            % {"n": times},
        )
    start = text.index(quote)
    return start, start + len(quote)


def _in_media(post: Post, place: Mapping[str, Any]) -> dict[str, Any]:
    number = _whole_number(place.get("asset"))
    item = next((one for one in post.media.select_related("asset") if one.asset_id == number), None)
    if item is None:
        raise Invalid.one(FIELD, _("This picture is no longer in the post. Reload the page."))
    x, y = _share(place.get("x")), _share(place.get("y"))
    kept: dict[str, Any] = {"kind": "media", "asset": number, "x": x, "y": y}
    if place.get("at") not in (None, ""):
        at = _number(place["at"])
        if not 0 <= at <= (item.asset.duration or 0.0):
            raise Invalid.one(FIELD, _("The video has no such second."))
        kept["at"] = round(at, 1)
    return kept


def _variant(post: Post, number: int | None) -> Variant | None:
    return next((one for one in post.variants.all() if one.pk == number), None)


def _share(value: Any) -> float:
    number = _number(value)
    if not 0 <= number <= 1:
        raise _nowhere()
    return round(number, 4)


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise _nowhere() from error
    if not math.isfinite(number):
        raise _nowhere()
    return number


def _whole_number(value: Any) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise _nowhere()
    return value


def _nowhere() -> Invalid:
    return Invalid.one(FIELD, _("This place is not in the post. Mark it anew."))

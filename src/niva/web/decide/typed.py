"""What the client types: an edit, or remarks at paragraphs and pictures. Plain forms, nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from niva.domains.publishing.approving import Approval
from niva.domains.publishing.models import Asset
from niva.domains.publishing.services import deciding
from niva.domains.publishing.services.deciding import COMMON, Answer, Box, Said
from niva.domains.publishing.small_edit import most

MODES: Final = ("approve", "edit", "return")
MOST_PARAGRAPHS: Final = 80
_PARAGRAPH: Final = re.compile(r"[^\n]+")
# Where in a picture, without a script: nine fields of it, as fractions of width and height.
ZONES: Final = (
    ("", _("the whole picture")),
    ("0.17 0.17", _("top left")),
    ("0.5 0.17", _("top middle")),
    ("0.83 0.17", _("top right")),
    ("0.17 0.5", _("left")),
    ("0.5 0.5", _("in the middle")),
    ("0.83 0.5", _("right")),
    ("0.17 0.83", _("bottom left")),
    ("0.5 0.83", _("bottom middle")),
    ("0.83 0.83", _("bottom right")),
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A paragraph that may be remarked on: the name of its box, its words, what was typed."""

    name: str
    quote: str
    start: int
    end: int
    variant: int | None
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    asset: Asset
    name: str
    typed: str
    zone: str


def form_of(request: HttpRequest, approval: Approval) -> dict[str, Any]:
    """The form in the mode that was chosen, with all that was typed before."""
    data: Mapping[str, str] = request.POST if request.method == "POST" else {}
    mode = data.get("verdict") or request.GET.get("do", "")
    found = deciding.boxes(approval)
    return {
        "mode": mode if mode in MODES else "approve",
        "name": data.get("name", approval.approver_name),
        "whole": data.get("remark", ""),
        "boxes": [
            {"box": one, "text": data.get(f"edit-{one.key}", one.text), "most": most(one.text)}
            for one in found
        ],
        "spots": [(box, spots(box, data)) for box in found],
        "pictures": pictures(approval, data),
        "zones": ZONES,
    }


def spots(box: Box, data: Mapping[str, str]) -> list[Spot]:
    """The paragraphs of one text."""
    variant = None if box.key == COMMON else int(box.key)
    made: list[Spot] = []
    for number, one in enumerate(_PARAGRAPH.finditer(box.text)):
        if one[0].strip() and len(made) < MOST_PARAGRAPHS:
            name = f"at-{box.key}-{number}"
            made.append(Spot(name, one[0], one.start(), one.end(), variant, data.get(name, "")))
    return made


def pictures(approval: Approval, data: Mapping[str, str]) -> list[Picture]:
    found = []
    for item in approval.post.media.select_related("asset"):
        name = f"pic-{item.asset_id}"
        found.append(Picture(item.asset, name, data.get(name, ""), data.get(f"{name}-zone", "")))
    return found


def read(data: QueryDict, approval: Approval, *, origin: Mapping[str, str]) -> Answer:
    """What was pressed and typed; whether it can be is the service's business."""
    found = deciding.boxes(approval)
    edits = {one.key: data.get(f"edit-{one.key}", "") for one in found if f"edit-{one.key}" in data}
    said = [Said(data.get("remark", ""))]
    for box in found:
        for spot in spots(box, data):
            place = {"kind": "text", "start": spot.start, "end": spot.end, "quote": spot.quote}
            said.append(Said(spot.typed, {**place, "variant": spot.variant}))
    for picture in pictures(approval, data):
        x, _space, y = (picture.zone if picture.zone in dict(ZONES) else "").partition(" ")
        place = {"kind": "media", "asset": picture.asset.pk, "x": float(x), "y": float(y)} if x else {}
        text = picture.typed if x or not picture.typed.strip() else f"{picture.asset.name}: {picture.typed}"
        said.append(Said(text, place))
    return Answer(
        verdict=data.get("verdict", ""),
        name=data.get("name", ""),
        edits=edits,
        remarks=[one for one in said if one.text.strip()],
        origin=origin,
    )

"""What the pages of the workshop show: sizes and places, what measuring says of a picture, its history."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.communities.queries import of_client
from niva.domains.people.actor import Actor
from niva.domains.publishing.artwork import Artwork, ArtworkKind, ArtworkUse, Rights
from niva.domains.publishing.services import artworks
from niva.domains.publishing.services.artworks import Size
from niva.flows.artwork import may_be_set
from niva.kit import images, pictures_judged
from niva.kit.framing import Framing
from niva.web.looks import network_name
from niva.words import describe

MOST_TEXT: Final = 0.12  # of an avatar's area; more is a leaflet
MOST_LOST: Final = 1 / 3  # of the drawing in the corners that a circle cuts off

# What gets avatars and covers banned and no machine can tell for sure: a person goes through it.
BANNED: Final[tuple[str | Promise, ...]] = (
    gettext_lazy("somebody else's logo, trade mark or photo without permission"),
    gettext_lazy("the logo of a network, or anything that looks as if the network itself had made it"),
    gettext_lazy("state arms and flags, or a mark that makes the community look official"),
    gettext_lazy("a telephone number, an address or a QR code on the avatar"),
    gettext_lazy("nakedness, violence, drugs, hate symbols, counterfeit goods"),
    gettext_lazy("in Russia: the logos of Instagram and Facebook, whose owner is banned there"),
)


@dataclass(frozen=True, slots=True)
class Remark:
    """`look`: a state's name for colour and icon."""

    look: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """A community where the artwork may stand, with the size that its network wants."""

    community: Community
    size: Size | None
    can_set: bool
    last: ArtworkUse | None
    refused: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One network's cover as a frame: its ratio, and its safe part as shares of the sides."""

    name: str
    size: Size

    @property
    def ratio(self) -> float:
        return round(self.size.width / self.size.height, 4)

    @property
    def safe_width(self) -> float:
        return round(self.size.safe[0] / self.size.width, 4) if self.size.safe else 0

    @property
    def safe_height(self) -> float:
        return round(self.size.safe[1] / self.size.height, 4) if self.size.safe else 0


def listing(actor: Actor, client: Client) -> dict[str, Any]:
    """The client's artworks, the newest first, with where each was put last."""
    rows = access.visible(actor, Artwork.objects.filter(client=client))
    found = list(rows.select_related("asset", "created_by").order_by("-created_at"))
    uses = access.visible(actor, ArtworkUse.objects.filter(client=client, code=""))
    standing: dict[int, dict[int, Community]] = {}
    for use in reversed(list(uses.select_related("community")[:500])):
        standing.setdefault(use.artwork_id, {})[use.community_id] = use.community
    return {
        "artworks": [(row, list(standing.get(row.pk, {}).values())) for row in found],
        "kinds": ArtworkKind.choices,
    }


def page(actor: Actor, artwork: Artwork) -> dict[str, Any]:
    """One artwork: frames, remarks, places, history."""
    uses = list(artwork.uses.select_related("community", "by")[:50])
    sizes = artworks.sizes(artwork.kind)
    framing = Framing.of(artwork.framing)
    return {
        "artwork": artwork,
        "is_avatar": artwork.kind == ArtworkKind.AVATAR,
        "point": ",".join(str(one) for one in framing.focus) if framing.focus else "",
        "framing": framing,
        "remarks": remarks(artwork, framing),
        "banned": BANNED,
        "rights": Rights.choices,
        "places": _places(actor, artwork, uses),
        "shapes": [Shape(network_name(one.network), one) for one in sizes],
        "uses": [(use, _why(use)) for use in uses],
    }


def _places(actor: Actor, artwork: Artwork, uses: list[ArtworkUse]) -> list[Place]:
    last: dict[int, ArtworkUse] = {}
    for use in uses:
        last.setdefault(use.community_id, use)
    wanted = {size.network: size for size in artworks.sizes(artwork.kind)}
    return [
        Place(
            community,
            wanted.get(community.network),
            may_be_set(community, artwork.kind),
            last.get(community.pk),
            _why(last.get(community.pk)),
        )
        for community in of_client(actor, artwork.client_id)
    ]


def _why(use: ArtworkUse | None) -> str:
    """What the network said against it, in words."""
    return str(describe(use.code, {}).what) if use and use.code else ""


def remarks(artwork: Artwork, framing: Framing) -> list[Remark]:
    """What measuring says, the bad first. Judged on the thumbnail: what is not seen there is seen nowhere."""
    asset = artwork.asset
    found = list(_small(artwork))
    try:
        picture = images.open_image(Path(settings.MEDIA_ROOT) / (asset.thumb or asset.path))
    except (images.Broken, OSError):
        return [Remark("rejected", _("The picture cannot be read any more. Upload it again."))]
    if artwork.kind == ArtworkKind.AVATAR:
        found += _of_avatar(artworks.framed(picture, 1.0, framing), framing)
    elif pictures_judged.has_qr(picture):
        found.append(
            Remark("waiting", _("There seems to be a QR code. Some networks take such covers down."))
        )
    if not artwork.rights:
        found.append(
            Remark(
                "waiting",
                _("It is not said whose picture it is. Say it below: without it nothing is put up."),
            )
        )
    if not artwork.faces_agree and pictures_judged.marked(picture).skin_share > 0.1:
        found.append(
            Remark("waiting", _("There may be people in it. Ask them, and tick below that they agree."))
        )
    return found or [Remark("published", _("Nothing that can be measured speaks against it."))]


def _small(artwork: Artwork) -> list[Remark]:
    asset, short = artwork.asset, []
    for size in artworks.sizes(artwork.kind):
        if size.least and (asset.width < size.least[0] or asset.height < size.least[1]):
            short.append(f"{network_name(size.network)} ({size.least[0]}×{size.least[1]})")
    if not short:
        return []
    words = _("With %(width)s×%(height)s pixels it is too small for: %(networks)s.")
    return [
        Remark(
            "rejected", words % {"width": asset.width, "height": asset.height, "networks": ", ".join(short)}
        )
    ]


def _of_avatar(picture: Image.Image, framing: Framing) -> list[Remark]:
    found = []
    if pictures_judged.has_qr(picture):
        found.append(Remark("rejected", _("There seems to be a QR code: networks take such avatars down.")))
    if pictures_judged.contrast(picture) < pictures_judged.ENOUGH_CONTRAST:
        found.append(Remark("waiting", _("Light and dark hardly differ: the avatar looks like a stain.")))
    if pictures_judged.legible_at(picture) < pictures_judged.ENOUGH_LEGIBLE:
        found.append(
            Remark(
                "waiting",
                _("In a circle of 40 pixels most of it cannot be made out. Draw it simpler or zoom in."),
            )
        )
    if pictures_judged.lost_in_circle(picture) > MOST_LOST:
        found.append(
            Remark(
                "waiting",
                _("The circle cuts off much of what is drawn. Move it to the middle or leave margins."),
            )
        )
    if pictures_judged.marked(picture).text_share > MOST_TEXT:
        found.append(Remark("waiting", _("There is much lettering on it: nobody reads it on an avatar.")))
    return found

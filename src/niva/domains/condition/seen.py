"""What was seen of a community at one moment, and how it is kept as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final, Literal

from niva.networks.base.profile import FIELDS, Picture, Pinned, Profile

MOST_TEXT: Final = 20_000  # characters of one field; no network's is longer


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that the desk fetched and looked at. Sizes in pixels.

    `code`: "" = it was measured; else why not: "too_many_pixels", "not_a_picture", "address_inside",
    "unreachable". For the measures see `niva.kit.pictures_judged`; `outside`: share of the drawing outside
    the network's safe area, None where no such area is known.
    """

    code: str = ""
    width: int = 0
    height: int = 0
    legible: float = 0.0
    contrast: float = 1.0
    corners: float = 0.0
    outside: float | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the community and where it led; `state` and `code` as of `niva.kit.net.links.Led`."""

    url: str
    state: Literal["alive", "dead", "unsure"]
    code: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """`reads`: the fields of `profile` that could be told at all; what is not among them a person is asked.

    `avatar`, `cover`: None where there is no picture to fetch.
    """

    profile: Profile
    reads: frozenset[str]
    avatar: Shown | None = None
    cover: Shown | None = None
    links: tuple[Link, ...] = field(default=())


_MOMENTS: Final = ("last_post_at",)
_LISTS: Final = ("links", "contacts", "menu")


def pack(seen: Seen) -> dict[str, Any]:
    """As JSON. What only one network has (`Profile.more`) is left out: nobody judges it."""
    profile: dict[str, Any] = {}
    for name in sorted(FIELDS):
        value = getattr(seen.profile, name)
        if value is not None:
            profile[name] = _packed(value)
    return {
        "profile": profile,
        "reads": sorted(seen.reads),
        "avatar": asdict(seen.avatar) if seen.avatar else None,
        "cover": asdict(seen.cover) if seen.cover else None,
        "links": [asdict(link) for link in seen.links],
    }


def _packed(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Picture):
        # The address is not kept: some networks put a key of theirs into it.
        return {"url": "set" if value.url else "", "width": value.width, "height": value.height}
    if isinstance(value, Pinned):
        at = value.at.isoformat() if value.at else None
        return {"id": value.id, "url": value.url, "text": value.text[:MOST_TEXT], "at": at}
    if isinstance(value, tuple):
        return [str(one)[:MOST_TEXT] for one in value]
    return value[:MOST_TEXT] if isinstance(value, str) else value


def unpack(data: Mapping[str, Any]) -> Seen:
    """What `pack` made, also by an older version of the desk: fields that are no more are left out."""
    told = {name: value for name, value in data.get("profile", {}).items() if name in FIELDS}
    for name in _LISTS:
        if name in told:
            told[name] = tuple(told[name])
    for name in _MOMENTS:
        if name in told:
            told[name] = datetime.fromisoformat(told[name])
    for name in ("avatar", "cover"):
        if name in told:
            told[name] = Picture(**told[name])
    if "pinned" in told:
        at = told["pinned"]["at"]
        told["pinned"] = Pinned(**{**told["pinned"], "at": datetime.fromisoformat(at) if at else None})
    return Seen(
        profile=Profile(**told),
        reads=frozenset(data.get("reads", ())) & FIELDS,
        avatar=_shown(data.get("avatar")),
        cover=_shown(data.get("cover")),
        links=tuple(Link(**link) for link in data.get("links", ())),
    )


def _shown(data: Mapping[str, Any] | None) -> Shown | None:
    known = {one.name for one in fields(Shown)}
    return Shown(**{name: value for name, value in data.items() if name in known}) if data else None


def changed(seen: Seen, changes: Mapping[str, Any]) -> Seen:
    """The same with fields of the profile written anew; for what a network was just told."""
    plain = {name: value for name, value in changes.items() if name in FIELDS and name in seen.reads}
    return replace(seen, profile=replace(seen.profile, **plain))

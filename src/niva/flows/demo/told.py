"""What `data/*.toml` tells, typed. Pure: reads files, touches nothing else."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).parent / "data"
CLIENTS: Final = ("medunov", "parki", "nos", "vechera")


@dataclass(frozen=True, slots=True)
class ToldPost:
    """A post as written. `to`: keys of communities; `number`: minutes, hours, slots or the
    weekday, by its list.
    """

    title: str
    text: str
    rubric: str
    to: tuple[str, ...]
    picture: str = ""
    link: Mapping[str, str] | None = None
    poll: Mapping[str, Any] | None = None
    comment: str = ""
    number: int = 0
    draft: bool = False


@dataclass(frozen=True, slots=True)
class ToldFire:
    """A post that did not go out as planned. `kind`: unknown, needs_login or rejected."""

    post: ToldPost
    kind: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ToldProfile:
    """How a page is set. `told`: fields as the practice network takes them, {site} standing for the address
    of its own website there; `avatar`, `cover`: (name of the picture, its sizes in pixels), () for none;
    `pinned`: a post of `old` days, else the first one that went out, else (False) none; `said`: what people
    answered of what no network tells.
    """

    told: Mapping[str, Any]
    avatar: tuple[Any, ...]
    cover: tuple[Any, ...]
    pinned: bool
    old: Mapping[str, Any] | None
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ToldHand:
    """A place that people keep by hand, and what they are to publish there now."""

    name: str
    url: str
    task: str
    post: ToldPost


@dataclass(frozen=True, slots=True)
class ToldCommunity:
    """`slots`: (weekday, hour, note); `revoked`: its keys were taken back on the network's side."""

    key: str
    handle: str
    name: str
    about: str
    task: str
    flavour: str
    followers: int
    slots: tuple[tuple[int, dt.time, str], ...]
    revoked: bool
    profile: ToldProfile


@dataclass(frozen=True, slots=True)
class ToldClient:
    """One client with everything that is told of it. `out`: history, oldest first."""

    key: str
    site: str
    about: Mapping[str, Any]
    goal: Mapping[str, Any]
    communities: tuple[ToldCommunity, ...]
    costs: tuple[Mapping[str, Any], ...]
    facts: tuple[Mapping[str, Any], ...]
    out: tuple[ToldPost, ...]
    today: tuple[ToldPost, ...]
    soon: tuple[ToldPost, ...]
    ahead: tuple[ToldPost, ...]
    drafts: tuple[ToldPost, ...]
    weekly: ToldPost | None
    fires: tuple[ToldFire, ...]
    hand: ToldHand | None

    def posts(self) -> tuple[ToldPost, ...]:
        """Every post of the client, whatever becomes of it."""
        return (
            *self.out, *self.today, *self.soon, *self.ahead, *self.drafts,
            *(fire.post for fire in self.fires), *((self.weekly,) if self.weekly else ()),
            *((self.hand.post,) if self.hand else ()),
        )  # fmt: skip


def agency() -> dict[str, Any]:
    """Name, time zone and people of the agency."""
    return _read("agency")


def clients() -> tuple[ToldClient, ...]:
    return tuple(_client(_read(name)) for name in CLIENTS)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def _client(raw: dict[str, Any]) -> ToldClient:
    about = dict(raw["client"])
    return ToldClient(
        key=about.pop("key"),
        site=about.pop("site"),
        about=about,
        goal=raw["goal"],
        communities=tuple(_community(row) for row in raw["communities"]),
        costs=tuple(raw.get("costs", ())),
        facts=tuple(raw.get("facts", ())),
        out=tuple(_post(row) for row in raw["out"]),
        today=tuple(_post(row, "ago") for row in raw.get("today", ())),
        soon=tuple(_post(row, "minutes") for row in raw.get("soon", ())),
        ahead=tuple(_post(row, "skip") for row in raw.get("ahead", ())),
        drafts=tuple(_post(row, "hours") for row in raw.get("draft", ())),
        weekly=_post(raw["weekly"], "weekday") if "weekly" in raw else None,
        fires=tuple(
            ToldFire(_post(row, "ago"), row["kind"], row["code"], row["detail"])
            for row in raw.get("fires", ())
        ),
        hand=_hand(raw["hand"]) if "hand" in raw else None,
    )


def _hand(row: Mapping[str, Any]) -> ToldHand:
    return ToldHand(row["name"], row["url"], row["task"], _post(row["post"], "ago"))


def _profile(row: Mapping[str, Any]) -> ToldProfile:
    known = {"avatar", "cover", "pinned", "old", "said"}
    return ToldProfile(
        told={name: value for name, value in row.items() if name not in known},
        avatar=tuple(row.get("avatar", ())),
        cover=tuple(row.get("cover", ())),
        pinned=row.get("pinned", True),
        old=row.get("old"),
        said=row.get("said", {}),
    )


def _community(row: Mapping[str, Any]) -> ToldCommunity:
    return ToldCommunity(
        key=row["key"],
        handle=row["handle"],
        name=row["name"],
        about=row["about"],
        task=row["task"],
        flavour=row["flavour"],
        followers=row["followers"],
        slots=tuple((day, dt.time.fromisoformat(at), note) for day, at, note in row["slots"]),
        revoked=row.get("revoked", False),
        profile=_profile(row["profile"]),
    )


def _post(row: Mapping[str, Any], number: str = "") -> ToldPost:
    return ToldPost(
        title=row["title"],
        text=row["text"].strip(),
        rubric=row["rubric"],
        to=tuple(row["to"]),
        picture=row.get("picture", ""),
        link=row.get("link"),
        poll=row.get("poll"),
        comment=row.get("comment", ""),
        number=row.get(number, 0),
        draft=row.get("draft", False),
    )

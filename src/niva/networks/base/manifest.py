"""What a network says of itself in `manifest.toml`: read once, checked at start."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

from niva.networks.base.metrics import METRICS
from niva.networks.base.profile import FIELDS
from niva.networks.base.rates import Rate, load_rate

# What a network may be able to do. "text": a post of text alone; "mentions": posts of others that name the
# community; "profile": its own settings are read, "profile_write": changed.
ABILITIES: Final = (
    "text", "image", "album", "video", "animation", "link", "poll", "story", "reel", "first_comment",
    "thread", "edit", "delete", "read_back", "look_up", "own_key", "post_numbers", "community_numbers",
    "comments", "comment_answer", "messages", "message_answer", "mentions", "profile", "profile_write",
)  # fmt: skip


PLAIN_COLOUR: Final = "oklch(0.450 0.018 132)"  # of a network that names none


@dataclass(frozen=True, slots=True)
class Field:
    """One box of the form in which a community is connected by hand.

    `secret` boxes are encrypted and never shown again. `kind` is the HTML type ("text", "url", "password"),
    or "choice" with `choices`: value, English, Russian.
    """

    name: str
    label: str
    label_ru: str
    help: str = ""
    help_ru: str = ""
    secret: bool = False
    required: bool = True
    kind: str = "text"
    placeholder: str = ""
    default: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a post may say to this network alone: `Outgoing.options[name]`.

    `kind`: "choice" (`choices`: value, English, Russian; "" = the account's own habit), "text" or "check".
    `choices_from`: the fact of the credential that holds further choices, as [[value, name], ...], learned
    by the test button (boards, sections). `required`: no post goes out without it. The option "form" is
    known to all: see `Form`.
    """

    name: str
    label: str
    label_ru: str
    kind: Literal["choice", "text", "check"] = "text"
    help: str = ""
    help_ru: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()
    choices_from: str = ""
    required: bool = False


# Why an ability is absent: no call of the public API does it; the call is there but only for those whom the
# network lets in by name (partners, a review that takes a company); it is there and Niva does not use it yet.
Reason = Literal["not_given", "by_invitation", "not_done"]


@dataclass(frozen=True, slots=True)
class Missing:
    """An ability that is absent, with the reason, in words (`note`), and where it can be read up."""

    why: Reason
    note: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class AccountOf:
    """What tells one account from another: names of `Credential.facts`, of `Credential.secrets`."""

    facts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """`name`: the folder's name; `colour`: the ground of its 18 px sign under white, `oklch(L C H)`;
    `icon`: what stands on it, a name of the icon set, "" = the first letter; `abilities`: words of ABILITIES.
    Every other word stands in `absent` with its reason.

    `connect`: by keys typed in, by OAuth, by hand (no API: the desk makes the task and takes the link as
    proof), by a feed (the network imports an RSS feed of the desk).
    `tells`: words of `niva.networks.base.metrics` that its API can tell, given every right; `lacks`: why it
    does not tell the others, as codes, where that is more than "not_offered".
    `reads`, `writes`: fields of `niva.networks.base.profile.Profile` that its API tells and changes.

    `rates`: how often it lets itself be called (see `niva.networks.base.rates`); the engine counts ahead.
    `account`: whose limits keys fall under, so that communities with the same keys share them: `facts` that
    name the account, else the first of these `secrets`. `server`: the fact that names the server,
    for networks of many.
    `pace`: how many times faster than life it runs (1 everywhere but on the practice network).
    `calls`: which key each call wants, for networks with several kinds of tokens (documentation, shown).
    """

    name: str
    title: str
    title_ru: str
    colour: str
    icon: str
    api_version: str
    checked_on: date
    docs: tuple[str, ...]
    connect: tuple[Literal["keys", "oauth", "hand", "feed"], ...]
    fields: tuple[Field, ...]
    app_fields: tuple[Field, ...]
    scopes: tuple[str, ...]
    abilities: frozenset[str]
    rates: tuple[Rate, ...]
    calls: dict[str, str]
    folder: Path
    pace: float = 1.0
    options: tuple[Option, ...] = ()
    account: AccountOf = AccountOf()
    server: str = ""
    absent: Mapping[str, Missing] = field(default_factory=dict)
    tells: frozenset[str] = frozenset()
    lacks: Mapping[str, str] = field(default_factory=dict)
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()

    def guide(self, language: str) -> str:
        """The person's guide to connecting it, as Markdown, in Russian or else in English."""
        name = "README.ru.md" if language.startswith("ru") else "README.md"
        return (self.folder / name).read_text(encoding="utf-8")


def load_manifest(folder: Path) -> Manifest:
    """Read `manifest.toml` of a network's folder.

    Raises KeyError for a missing key, ValueError where abilities and reasons for their absence are not all
    of ABILITIES exactly once, or a field of a profile is unknown.
    """
    raw: dict[str, Any] = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
    abilities = frozenset(raw.get("abilities", ()))
    absent = {word: Missing(**table) for word, table in raw.get("absent", {}).items()}
    if wrong := (abilities | absent.keys()) ^ set(ABILITIES) | (abilities & absent.keys()):
        raise ValueError(f"{folder.name}: unknown, forgotten or doubled abilities {sorted(wrong)}")
    numbers = raw.get("numbers", {})
    tells, lacks = frozenset(numbers.get("tells", ())), dict(numbers.get("lacks", {}))
    if unknown := ((tells | lacks.keys()) - METRICS) | (tells & lacks.keys()):
        raise ValueError(f"{folder.name}: unknown or doubled words of numbers {sorted(unknown)}")
    profile = {kind: frozenset(raw.get("profile", {}).get(kind, ())) for kind in ("reads", "writes")}
    if unknown := (profile["reads"] | profile["writes"]) - FIELDS:
        raise ValueError(f"{folder.name}: unknown fields of a profile {sorted(unknown)}")
    return Manifest(
        name=folder.name,
        title=raw["title"],
        title_ru=raw.get("title_ru", raw["title"]),
        colour=raw.get("colour", PLAIN_COLOUR),
        icon=raw.get("icon", ""),
        api_version=raw["api_version"],
        checked_on=raw["checked_on"],
        docs=tuple(raw["docs"]),
        connect=tuple(raw["connect"]),
        fields=tuple(_field(table) for table in raw.get("fields", ())),
        app_fields=tuple(_field(table) for table in raw.get("app_fields", ())),
        scopes=tuple(raw.get("scopes", ())),
        abilities=abilities,
        rates=tuple(load_rate(folder.name, name, table) for name, table in raw.get("rates", {}).items()),
        calls=dict(raw.get("calls", {})),
        folder=folder,
        pace=float(raw.get("pace", 1.0)),
        options=tuple(_option(table) for table in raw.get("options", ())),
        account=AccountOf(**{kind: tuple(names) for kind, names in raw.get("account", {}).items()}),
        server=raw.get("server", ""),
        absent=absent,
        tells=tells,
        lacks=lacks,
        **profile,
    )


def _field(table: dict[str, Any]) -> Field:
    return Field(**{**table, "choices": _choices(table)})


def _option(table: dict[str, Any]) -> Option:
    return Option(**{**table, "choices": _choices(table)})


def _choices(table: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    return tuple((str(value), str(word), str(word_ru)) for value, word, word_ru in table.get("choices", ()))

"""What a community must have to be technically in order: lists as data, one common and one a network.

`base/checklist.toml` holds what every network has; the `checklist.toml` of a network's folder adds items of
its own, changes what is said of a common one (naming its code and only what differs), or takes it away
(`absent = true`) where the network has no such thing. A new network touches its own folder only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from niva.networks.base.profile import FIELDS

RECHECK_DAYS: Final = 90
Part = Literal["look", "words", "talk", "people", "trust"]
PARTS: Final = ("look", "words", "talk", "people", "trust")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a launch checklist. Texts state what is right, in English and in Russian.

    `code`: stable, unique on its network. `part`: where it stands on the page. `fields`: what the judgement
    needs of `Profile`; where the network tells none of them, or there are none, a person is asked.
    `ask` False: of no use as a question, so where the network does not tell it, the item is not there.
    `required`: counts in the score. `weight`: 3 harms most, 1 least; puts the list of what to do in order.
    `recheck_days`: for so long a person's answer is believed. `source_url` "" = the trade's custom.
    """

    code: str
    part: Part
    title: str
    title_ru: str
    why: str
    why_ru: str
    how: str
    how_ru: str
    checked_on: date
    fields: tuple[str, ...] = ()
    required: bool = False
    weight: int = 1
    ask: bool = True
    source_url: str = ""
    recheck_days: int = RECHECK_DAYS

    def words(self, language: str) -> tuple[str, str, str]:
        """(title, why, how) in Russian or else in English."""
        if language.startswith("ru"):
            return self.title_ru, self.why_ru, self.how_ru
        return self.title, self.why, self.how


def load_checklist(folder: Path) -> tuple[Item, ...]:
    """All items of the network in `folder`: the common ones as it changes them, then its own.

    Raises ValueError where a table says what nobody understands or forgets what an item must say.
    """
    path = folder / "checklist.toml"
    own: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    tables = {code: {**table, **own.get(code, {})} for code, table in common().items()}
    tables |= {code: table for code, table in own.items() if code not in tables}
    items = [_item(folder.name, code, table) for code, table in tables.items() if not table.get("absent")]
    return tuple(sorted(items, key=lambda one: PARTS.index(one.part)))


@cache
def common() -> Mapping[str, Mapping[str, Any]]:
    """The items that every network has, as tables by code."""
    path = Path(__file__).with_name("checklist.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


_KNOWN: Final = frozenset(one.name for one in fields_of(Item)) | {"absent"}


def _item(network: str, code: str, table: Mapping[str, Any]) -> Item:
    where = f"{network}, checklist, {code}"
    if unknown := table.keys() - _KNOWN:
        raise ValueError(f"{where}: unknown {sorted(unknown)}")
    try:
        item = Item(code=code, **{**table, "fields": tuple(table.get("fields", ()))})
    except TypeError as error:
        raise ValueError(f"{where}: {error}") from error
    if strange := set(item.fields) - FIELDS:
        raise ValueError(f"{where}: unknown fields of a profile {sorted(strange)}")
    if item.part not in PARTS or item.weight not in (1, 2, 3) or item.recheck_days < 1:
        raise ValueError(f"{where}: part, weight or recheck_days")
    if not (item.ask or item.fields):
        raise ValueError(f"{where}: neither told nor asked")
    return item

"""Costs of advertising from a file that a cabinet exported: first shown, then written, each row once.

A row is known by its day, campaign, group and advertisement: rows of one file that have all four alike are
added up. What is there already with the same sum is left alone; with another sum the difference becomes a row
of its own. The first look writes nothing.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.core import signing
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from niva.domains.clients import access, queries
from niva.domains.clients.models import Client, Cost, CostKind, Known
from niva.domains.clients.services.money import open_day
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.kit import sheets, tables

KEY: Final = "ads:"
MOST_ROWS: Final = 5000
HEAD_WITHIN: Final = 12  # lines above the head: a title, the days, the account
SALT: Final = "niva.costs"
HOURS: Final = 24  # how long a shown file waits for "yes"
_MICROS: Final = Decimal(1_000_000)


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    THERE = "there"
    DIFFERS = "differs"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Line:
    """One cost of the file. `line`: its first line there; `rows`: how many of its lines it adds up; `adds`:
    what is written now; `why`: a code for a bad one: day, future, amount, currency."""

    line: int
    day: date | None
    amount: Decimal | None
    campaign: str
    key: str
    rows: int = 1
    fate: Fate = Fate.NEW
    adds: Decimal = Decimal(0)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file would bring. `columns`: meaning -> the file's own name; `micros`: its sums look like
    millionths; `token`: hand it back to write exactly this."""

    lines: tuple[Line, ...]
    columns: Mapping[str, str]
    micros: bool
    cut: bool
    token: str

    def of(self, fate: str) -> list[Line]:
        return [one for one in self.lines if one.fate == fate]

    @property
    def adds(self) -> Decimal:
        return sum((one.adds for one in self.lines), Decimal(0))


@cache
def columns() -> dict[str, tuple[str, ...]]:
    raw = tomllib.loads((Path(__file__).parent / "money_columns.toml").read_text(encoding="utf-8"))
    return {meaning: tuple(row["names"]) for meaning, row in raw.items()}


def look(
    actor: Actor, *, client_id: int, data: bytes, name: str, source: str, micros: bool | None = None
) -> Look:
    """Read a file and say what it would bring; nothing is written. `source`: the cabinet it is from, a part
    of what rows are known by. `micros`: sums are millionths (None: judge by the sums).

    Raises NotFound, Forbidden, Invalid (no table in it, no column of days or sums).
    """
    client = access.get(actor, Client.objects.all(), client_id, can="goals")
    try:
        found = _read(data, name)
    except sheets.NotASheet as error:
        raise Invalid.one("file", _NOT_READ.get(error.code, _NOT_READ["broken"])()) from error
    head, places, sheet = _head(found)
    sums = [_sum(_cell(row, places["amount"])) for _, row in sheet.rows[head + 1 :]]
    small = _looks_micros([one for one in sums if one]) if micros is None else micros
    lines = _lines(client, sheet.rows[head + 1 :], places, source, small)
    lines = _fates(client, lines)
    names = {meaning: sheets.text(sheet.rows[head][1][place]) for meaning, place in places.items()}
    return Look(tuple(lines), names, small, sheet.cut, _token(client, source, lines))


def _read(data: bytes, name: str) -> list[sheets.Sheet]:
    """The sheets; of a text with a title above its head (as Direct has it) what stands below the title."""
    try:
        found = sheets.read(data, name)
    except sheets.NotASheet as error:
        if error.code != "broken" or not sheets.is_text(data):
            raise
        lines = tables.decoded(data).lstrip("\ufeff").splitlines()
        for above in range(1, min(HEAD_WITHIN, len(lines))):
            try:
                found = sheets.read("\n".join(lines[above:]).encode(), name)
                break
            except sheets.NotASheet:
                continue
        else:
            raise
    return [sheet for sheet in found if sheet.rows]


_NOT_READ: Final = {
    "empty": lambda: _("There is nothing in this file."),
    "password": lambda: _("This file is locked with a password. Save it without one."),
    "too_large": lambda: _("This file is too large: 20 MB at most."),
    "broken": lambda: _("This is no table that can be read. Save it as XLSX or CSV and try again."),
}


def _head(found: Sequence[sheets.Sheet]) -> tuple[int, dict[str, int], sheets.Sheet]:
    """The row of names: the first that has a day and a sum."""
    for sheet in found:
        for index, (_line, cells) in enumerate(sheet.rows[:HEAD_WITHIN]):
            places = _places([sheets.text(cell) for cell in cells])
            if {"day", "amount"} <= places.keys():
                return index, places, sheet
    raise Invalid.one(
        "file",
        _("No columns with a day and a sum were found. Call them “Date” and “Cost” in the first row."),
    )


def _places(names: Sequence[str]) -> dict[str, int]:
    """Meaning -> place. A whole name first, then one that begins so: «Расход (руб.), с НДС»."""
    plain = [re.sub(r"[\s_]+", " ", name).strip().lower() for name in names]
    found: dict[str, int] = {}
    for meaning, known in columns().items():
        if meaning == "totals":
            continue
        whole = [plain.index(name) for name in known if name in plain]
        begins = [
            n for name in known for n, one in enumerate(plain) if re.match(re.escape(name) + r"\b", one)
        ]
        free = [n for n in (*whole, *begins) if n not in found.values()]
        if free:
            found[meaning] = free[0]
    return found


def _cell(cells: Sequence[Any], place: int | None) -> Any:
    return cells[place] if place is not None and place < len(cells) else ""


def _sum(cell: Any) -> Decimal | None:
    found = sheets.value(cell)
    if isinstance(found, bool):
        return None
    if isinstance(found, (int, float)):
        try:
            return Decimal(str(found))
        except InvalidOperation:
            return None
    text = re.sub(r"[^\d.,+\-\s\u00a0\u202f]", "", sheets.text(cell)).strip()
    number = tables.number_of(text)
    return None if number is None else Decimal(str(number))


def _looks_micros(sums: Sequence[Decimal]) -> bool:
    """Millionths are whole, and the smallest of them is a hundredth of money: ten thousand."""
    return (
        bool(sums)
        and all(one == one.to_integral_value() and abs(one) >= 10_000 for one in sums)
        and (all(one % 10_000 == 0 for one in sums) and max(sums) >= _MICROS)
    )


def _day(cell: Any) -> date | None:
    found = sheets.value(cell)
    if isinstance(found, datetime):
        return found.date()
    if isinstance(found, date):
        return found
    told = tables.day_of(sheets.text(cell))
    return told[0] if told else None


def _lines(
    client: Client, rows: Sequence[tuple[int, Sequence[Any]]], places: Mapping[str, int], source: str,
    micros: bool,
) -> list[Line]:  # fmt: skip
    today = queries.today_of(client)
    found: dict[str, Line] = {}
    bad: list[Line] = []
    for number, cells in rows:
        words = {
            name: sheets.text(_cell(cells, places.get(name)))
            for name in ("campaign", "group", "ad", "currency")
        }
        first = next((sheets.text(cell) for cell in cells if sheets.text(cell)), "").lower()
        if first.startswith(columns()["totals"]):
            continue
        day, amount = _day(_cell(cells, places["day"])), _sum(_cell(cells, places["amount"]))
        if amount == 0:
            continue
        why = _wrong(client, day, amount, words["currency"], today)
        if why or day is None or amount is None:
            bad.append(Line(number, day, amount, words["campaign"], "", fate=Fate.BAD, why=why))
            continue
        amount = amount / _MICROS if micros else amount
        told = "\0".join((source, str(day), words["campaign"], words["group"], words["ad"]))
        key = KEY + hashlib.sha256(told.encode()).hexdigest()[:24]
        before = found.get(key)
        found[key] = (
            replace(before, amount=(before.amount or Decimal(0)) + amount, rows=before.rows + 1)
            if before
            else Line(number, day, amount, words["campaign"][:200], key)
        )
    if len(found) > MOST_ROWS:
        raise Invalid.one(
            "file", _("More than %(most)d rows: bring it month by month.") % {"most": MOST_ROWS}
        )
    cents = Decimal("0.01")
    return [replace(one, amount=(one.amount or Decimal(0)).quantize(cents)) for one in found.values()] + bad


def _wrong(client: Client, day: date | None, amount: Decimal | None, currency: str, today: date) -> str:
    if day is None:
        return "day"
    if day > today:
        return "future"
    if amount is None or amount < 0 or amount >= Decimal("1e15"):
        return "amount"
    if currency and currency.strip().upper()[:3] not in _same_money(client.currency):
        return "currency"
    return ""


def _same_money(currency: str) -> tuple[str, ...]:
    """As cabinets write it: a code, a word cut to three letters, a sign."""
    roubles = ("RUB", "RUR", "РУБ", "₽")  # cyrillic: as Russian cabinets cut the word
    return {"RUB": roubles, "USD": ("USD", "$"), "EUR": ("EUR", "€")}.get(currency, (currency,))


def _fates(client: Client, lines: Sequence[Line]) -> list[Line]:
    """Against what is there: the sum of a key with the rows that mended it."""
    wanted = [one.key for one in lines if one.key]
    there: dict[str, Decimal] = {}
    rows = (
        Cost.objects.filter(client=client, key__startswith=KEY).values_list("key").annotate(s=Sum("amount"))
    )
    for key, total in rows:
        base = ":".join(key.split(":")[:2])
        there[base] = there.get(base, Decimal(0)) + total
    found = []
    for one in lines:
        if one.fate == Fate.BAD or one.amount is None:
            found.append(one)
        elif one.key not in there or one.key not in wanted:
            found.append(replace(one, adds=one.amount))
        elif there[one.key] == one.amount:
            found.append(replace(one, fate=Fate.THERE))
        else:
            found.append(replace(one, fate=Fate.DIFFERS, adds=one.amount - there[one.key]))
    return found


def _token(client: Client, source: str, lines: Sequence[Line]) -> str:
    rows = [[str(one.day), str(one.amount), one.campaign, one.key] for one in lines if one.fate != Fate.BAD]
    return signing.dumps({"client": client.pk, "source": source, "rows": rows}, salt=SALT, compress=True)


@transaction.atomic
def write(actor: Actor, *, client_id: int, token: str) -> tuple[int, Decimal]:
    """Write what was shown: rows and their sum. What came in meanwhile is told apart again, so pressing twice
    adds nothing. Raises NotFound, Forbidden, Invalid (shown too long ago)."""
    client = access.get(actor, Client.objects.select_for_update(), client_id, can="goals")
    try:
        told = signing.loads(token, salt=SALT, max_age=HOURS * 3600)
    except signing.BadSignature as error:
        raise Invalid.one("file", _("This file was shown too long ago. Bring it again.")) from error
    if told["client"] != client.pk:
        raise Invalid.one("file", _("This file was shown too long ago. Bring it again."))
    lines = [
        Line(0, date.fromisoformat(day), Decimal(amount), campaign, key)
        for day, amount, campaign, key in told["rows"]
    ]
    total, made = Decimal(0), 0
    for one in _fates(client, lines):
        if one.fate == Fate.THERE or not one.adds or one.day is None:
            continue
        _put(actor, client, one, told["source"])
        total, made = total + one.adds, made + 1
    if made:
        record(actor, "costs.imported", client, rows=made, amount=str(total), source=told["source"])
    return made, total


def _put(actor: Actor, client: Client, one: Line, source: str) -> None:
    assert one.day is not None
    turn = Cost.objects.filter(client=client, key__startswith=one.key).count()
    note = f"{source}: {one.campaign}" if one.campaign else source
    if turn:
        note = _("%(note)s, the sum in the file has changed") % {"note": note}
    Cost.objects.create(
        workspace_id=client.workspace_id, client=client, spent_on=open_day(client, one.day),
        amount=one.adds, kind=CostKind.ADS, known=Known.COUNTED, note=note[:300],
        origin=one.campaign[:200], key=f"{one.key}:{turn + 1}" if turn else one.key, created_by=actor.user,
    )  # fmt: skip

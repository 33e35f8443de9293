"""A table of leads: shown as understood first, written when a person says yes. CSV and workbooks alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.leads import sealing
from niva.domains.leads.models import Lead, Source
from niva.domains.leads.services import taking
from niva.domains.leads.services.taking import Came
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.flows.lead_fields import HEADS, place_of, understand
from niva.kit import sheets
from niva.kit.seal import mark
from niva.kit.sheets import NotASheet

MOST_ROWS: Final = 1000
LONGEST: Final = 1_500_000  # characters of the table as text
Stand = Literal["new", "same", "double"]


@dataclass(frozen=True, slots=True)
class Row:
    """One understood line. `stand`: new; the same was taken in before; a contact that came shortly before."""

    line: int
    came: Came
    stand: Stand
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowError:
    line: int
    what: str


@dataclass(slots=True)
class Preview:
    """`text`: the table, to be sent back with the yes; `ignored`: heads that have no place of their own:
    their
    cells are kept beside the lead in their own words."""

    text: str
    columns: list[str]
    ignored: list[str]
    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    def count(self, stand: Stand) -> int:
        return sum(1 for row in self.rows if row.stand == stand)

    @property
    def writes(self) -> int:
        return self.count("new") + self.count("double")


def text_of(data: bytes, name: str) -> str:
    """The first sheet of a workbook or CSV as text of one form. Raises Invalid("file")."""
    try:
        found = next((one for one in sheets.read(data, name) if one.rows and not one.hidden), None)
    except NotASheet as error:
        raise Invalid.one("file", _no_table(error.code)) from error
    if found is None:
        raise Invalid.one("file", _no_table("empty"))
    written = io.StringIO()
    table = csv.writer(written, delimiter=";", lineterminator="\n")
    for line, cells in found.rows[: MOST_ROWS + 2]:
        table.writerow([line, *(sheets.text(cell).replace("\r", " ").replace("\n", " ") for cell in cells)])
    return written.getvalue()


def understand_table(actor: Actor, *, client_id: int, text: str) -> Preview:
    """What the table says; nothing is written. Raises NotFound, Forbidden, Invalid("file")."""
    client = access.get(actor, Client.objects.all(), client_id, can="work")
    if len(text) > LONGEST:
        raise Invalid.one("file", _no_table("too_large"))
    lines = _lines(text)
    if len(lines) < 2:
        raise Invalid.one("file", _no_table("empty"))
    (_number, head), *rows = lines
    places = [place_of(cell) for cell in head]
    if not {"phone", "email", "messenger", "name", "text"} & set(places):
        raise Invalid.one("file", _no_table("head"))
    if len(rows) > MOST_ROWS:
        raise Invalid.one("file", _("The table has more than 1,000 rows. Halve it and import both parts."))
    known = [cell for cell, place in zip(head, places, strict=True) if place]
    ignored = [cell for cell, place in zip(head, places, strict=True) if cell and not place]
    preview = Preview(text, known, ignored)
    for number, cells in rows:
        _read(client, preview, number, dict(zip(head, cells, strict=False)), dated="came_at" in places)
    _compare(client, preview)
    return preview


def _lines(text: str) -> list[tuple[int, list[str]]]:
    found = []
    for cells in csv.reader(io.StringIO(text), delimiter=";"):
        if cells and cells[0].isdigit() and any(cells[1:]):
            found.append((int(cells[0]), [cell.strip() for cell in cells[1:]]))
    return found


def _read(client: Client, preview: Preview, number: int, fields: dict[str, str], *, dated: bool) -> None:
    found = understand(fields, source=Source.CSV, zone=client.time_zone)
    came, now = found.came, timezone.now()
    if dated and came.came_at is None:
        what = _("There is no day in it that can be read. Write 23.11.2026.")
        preview.errors.append(RowError(number, what))
        return
    unread = [name for name in found.unread if place_of(name) in ("amount", "margin", "status")]
    if unread:
        what = ", ".join(f"{name}: “{fields[name][:40]}”" for name in unread)
        preview.errors.append(RowError(number, _("This cannot be read: %(what)s.") % {"what": what}))
        return
    told = "|".join(f"{name}={value}" for name, value in sorted(fields.items()) if value)
    key = f"csv:{came.key}" if came.key else f"csv:{mark(told, settings.TOKEN_KEYS)}"
    came = replace(came, key=key)
    try:
        taking.check(client, came, sealing.tidy(came.person), came.came_at or now, now)
    except Invalid as error:
        preview.errors.append(RowError(number, error.sentence))
        return
    if any(row.came.key == key for row in preview.rows):
        preview.errors.append(RowError(number, _("The same line stands in the table above.")))
        return
    preview.rows.append(Row(number, came, "new", tuple(found.unread)))


def _compare(client: Client, preview: Preview) -> None:
    """Which rows were taken in before, and whose contact came shortly before: two queries."""
    keys = {key: row.came.key for row in preview.rows for key in sealing.keys_of(row.came.key)}
    there = {
        keys[key]
        for key in Lead.objects.filter(client=client, key__in=list(keys)).values_list("key", flat=True)
    }
    marks = [sealing.marks_to_find(row.came.person) for row in preview.rows]
    wanted = list({one for several in marks for one in several})
    seen: dict[str, list[datetime]] = {}
    if wanted:
        rows = Lead.objects.filter(client=client, marks__overlap=wanted).values_list("marks", "came_at")
        for several, came_at in rows:
            for one in several:
                seen.setdefault(one, []).append(came_at)
    within, now = timedelta(days=taking.terms_of(client).double_days), timezone.now()
    judged: list[Row] = []
    for row, own in sorted(zip(preview.rows, marks, strict=True), key=lambda one: one[0].came.came_at or now):
        at = row.came.came_at or now
        again = any(timedelta() <= at - before <= within for one in own for before in seen.get(one, ()))
        stand: Stand = "same" if row.came.key in there else "double" if again else "new"
        for one in own:
            seen.setdefault(one, []).append(at)
        judged.append(replace(row, stand=stand))
    preview.rows = sorted(judged, key=lambda row: row.line)


def take_in(actor: Actor, *, client_id: int, text: str) -> int:
    """Write what `understand_table` showed; returns how many leads are new. Raises like it."""
    preview = understand_table(actor, client_id=client_id, text=text)
    many = [row.came for row in preview.rows if row.stand != "same"]
    return taking.take_many(actor, client_id=client_id, many=many)


def heads(russian: bool) -> Sequence[str]:
    """The columns of a template."""
    wanted = ("came_at", "name", "phone", "email", "text", "status", "amount", "margin", "how_heard", "link")
    names = [HEADS[name] if russian else name for name in wanted]
    return [*names, "utm_source", "utm_medium", "utm_campaign", "utm_content"]


def _no_table(code: str) -> str:
    return {
        "empty": _("The table is empty."),
        "password": _("The workbook is locked with a password. Save it without one."),
        "too_large": _("The table is too large. Halve it and import both parts."),
        "head": _(
            "The first line must name the columns: a name or a phone at least. Take the template and "
            "fill it in."
        ),
    }.get(code, _("This is no table that can be read. Save it as XLSX or CSV and try again."))

"""Numbers that people bring for a community and its posts: typed in, or imported from a table.

A table is understood first, without writing anything; written is only what a person has seen and confirmed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.metrics.models import Source, Subject
from niva.domains.metrics.typed import Brought, Standing, bring, standing
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Publication
from niva.flows import number_tables
from niva.kit import sheets
from niva.kit.tables import NotATable, day_of, number_of, read
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS

LARGEST: Final = sheets.LARGEST  # bytes of a file
MOST_ROWS: Final = 5000
OLDEST: Final = timedelta(days=366 * 10)
LARGEST_VALUE: Final = 10.0**12

# Column -> {ru: its head in Russian, begins: how heads that mean it begin}, see the file.
COLUMNS: Final[Mapping[str, Mapping[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("columns.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class RowError:
    """`line`: of the file; `what`: what is wrong, in words."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Row:
    """One understood line: what it is of (None = the community itself) and its values by metric."""

    line: int
    day: date
    publication: Publication | None
    values: Mapping[str, float]
    standing: Mapping[str, Standing] = field(default_factory=dict)


@dataclass(slots=True)
class Preview:
    """What a table says. `columns`: metric names in their order; `ignored`: heads that nobody understands."""

    text: str
    columns: list[str]
    ignored: list[str]
    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    def count(self, what: Standing) -> int:
        """How many values are "new", the "same", or other than before ("changes")."""
        return sum(list(row.standing.values()).count(what) for row in self.rows)

    @property
    def writes(self) -> int:
        return self.count("new") + self.count("changes")


def text_of(data: bytes) -> str:
    """The text of an uploaded table, of a workbook too. Raises Invalid("file")."""
    return number_tables.text_of(data, lambda head: bool(_column(head)))


def heads(russian: bool) -> dict[str, str]:
    """Column -> its head in a template."""
    return {name: words["ru"] if russian else name for name, words in COLUMNS.items()}


def understand(actor: Actor, *, community_id: int, text: str) -> Preview:
    """What the table says of the community and its posts; nothing is written.

    Raises NotFound, Forbidden, Invalid("file") for what is no table of numbers at all.
    """
    community = access.get(actor, Community.objects.all(), community_id, can="write")
    try:
        table = read(text)
    except NotATable as error:
        raise Invalid.one("file", _no_table(error.code)) from error
    (_line, head), *lines = table.rows
    columns = [_column(cell) for cell in head]
    metrics = [one for one in columns if one not in ("", "day", "link")]
    if not metrics or "day" not in columns:
        raise Invalid.one("file", _no_table("head"))
    if len(lines) > MOST_ROWS:
        raise Invalid.one("file", _("The table has more than 5,000 rows. Halve it and import both parts."))
    ignored = [cell for cell, column in zip(head, columns, strict=True) if not column and cell]
    preview = Preview(text, list(dict.fromkeys(metrics)), ignored)
    reader = _Reader(community, columns, dict(zip(columns, head, strict=True)))
    for number, cells in lines:
        found = reader.row(number, cells)
        if isinstance(found, Row):
            preview.rows.append(found)
        elif found is not None:
            preview.errors.append(found)
    _compare(community, preview)
    return preview


def take_in(actor: Actor, *, community_id: int, text: str) -> int:
    """Write what `understand` showed; returns how many values were new or changed. Raises like it."""
    preview = understand(actor, community_id=community_id, text=text)
    community = access.get(actor, Community.objects.all(), community_id, can="write")
    values = [one for row in preview.rows for one in _brought(community, row)]
    with transaction.atomic():
        changed = bring(community, values, source=Source.IMPORT, now=timezone.now())
        if changed:
            record(actor, "numbers.imported", community, rows=len(preview.rows), changed=changed)
    return changed


def type_in(
    actor: Actor,
    *,
    community_id: int,
    values: Mapping[str, float],
    day: date,
    publication_id: int | None = None,
) -> int:
    """Numbers of one day, of the community or of one of its posts; returns how many are new or changed.

    Raises NotFound, Forbidden, Invalid ("day", a metric's name, or "" when there is nothing).
    """
    community = access.get(actor, Community.objects.all(), community_id, can="write")
    publication = None
    if publication_id is not None:
        rows = Publication.objects.filter(community=community)
        publication = access.get(actor, rows, publication_id, can="write")
    known = COMMUNITY_METRICS if publication is None else POST_METRICS
    errors = {name: [_wrong_value()] for name, value in values.items() if not 0 <= value <= LARGEST_VALUE}
    errors |= {name: [_("This number is not known here.")] for name in values if name not in known}
    if sentence := _wrong_day(community, publication, day):
        errors["day"] = [sentence]
    if not values:
        errors[""] = [_("Type in at least one number.")]
    if errors:
        raise Invalid(errors)
    row = Row(0, day, publication, values)
    with transaction.atomic():
        changed = bring(community, _brought(community, row), source=Source.HAND, now=timezone.now())
        if changed:
            record(actor, "numbers.typed", publication or community, what=", ".join(sorted(values)))
    return changed


def _brought(community: Community, row: Row) -> list[Brought]:
    subject = Subject.COMMUNITY if row.publication is None else Subject.PUBLICATION
    subject_id = community.pk if row.publication is None else row.publication.pk
    return [Brought(subject, subject_id, metric, value, row.day) for metric, value in row.values.items()]


def _compare(community: Community, preview: Preview) -> None:
    each = [(row, one) for row in preview.rows for one in _brought(community, row)]
    stands: dict[int, dict[str, Standing]] = {}
    for (row, one), stand in zip(each, standing(community, [one for _row, one in each]), strict=True):
        stands.setdefault(row.line, {})[one.metric] = stand
    preview.rows = [
        Row(row.line, row.day, row.publication, row.values, stands.get(row.line, {})) for row in preview.rows
    ]


class _Reader:
    """Reads the lines of one table against the posts of one community. `heads`: as the table calls them."""

    def __init__(self, community: Community, columns: Sequence[str], heads: Mapping[str, str]) -> None:
        self.community, self.columns, self.heads = community, columns, heads
        rows = Publication.objects.filter(community=community).select_related("post")
        self.posts = {plain(one.url or one.remote_id): one for one in rows}
        self.seen: set[tuple[date, int | None]] = set()

    def row(self, line: int, cells: Sequence[str]) -> Row | RowError | None:
        """None for a line without numbers: a form that was left empty there."""
        named = dict(zip(self.columns, cells, strict=False))  # of two columns with one meaning the last
        values, wrong = {}, ""
        for metric, cell in self._numbers(cells):
            value = number_of(cell)
            if value is None or not 0 <= value <= LARGEST_VALUE:
                wrong = wrong or _("“%(cell)s” is no number that can be counted.") % {"cell": cell[:40]}
            else:
                values[metric] = value
        if not values and not wrong:
            return None
        day = day_of(named.get("day", ""))
        if day is None:
            return RowError(line, _("“%(cell)s” is no day. Write 23.11.2026 or 2026-11-23.")
                            % {"cell": named.get("day", "")[:40]})  # fmt: skip
        link = named.get("link", "")
        publication = self.posts.get(plain(link)) if link else None
        if link and publication is None:
            return RowError(
                line, _("No post of this community has the link %(link)s.") % {"link": link[:120]}
            )
        wrong = wrong or self._misplaced(values, publication) or self._wrong_day(day[0], publication)
        if wrong:
            return RowError(line, wrong)
        return Row(line, day[0], publication, values)

    def _numbers(self, cells: Sequence[str]) -> Iterator[tuple[str, str]]:
        for column, cell in zip(self.columns, cells, strict=False):
            if column not in ("", "day", "link") and cell not in ("", "-", "–", "—"):
                yield column, cell

    def _misplaced(self, values: Mapping[str, float], publication: Publication | None) -> str:
        known = COMMUNITY_METRICS if publication is None else POST_METRICS
        if not (strange := [metric for metric in values if metric not in known]):
            return ""
        names = {"what": ", ".join(self.heads[metric] for metric in strange)}
        if publication is None:
            return _("These numbers are of a post, and the line has no link: %(what)s.") % names
        return _("These numbers are of the community, not of a post: %(what)s.") % names

    def _wrong_day(self, day: date, publication: Publication | None) -> str:
        key = (day, publication.pk if publication else None)
        if key in self.seen:
            return _("This day stands in the table twice. Leave one of the two lines.")
        self.seen.add(key)
        return _wrong_day(self.community, publication, day)


def _wrong_day(community: Community, publication: Publication | None, day: date) -> str:
    zone = ZoneInfo(community.time_zone)
    today = timezone.now().astimezone(zone).date()
    if day > today:
        return _("This day has not come yet.")
    if day < today - OLDEST:
        return _("This day is more than ten years ago. Check the year.")
    if publication is not None and day < _local_day(publication.published_at, zone):
        return _("On this day the post was not out yet.")
    return ""


def _local_day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _wrong_value() -> str:
    return _("Zero or more, as the network shows it.")


def _column(head: str) -> str:
    """The metric (or "day", "link") that a head names, or ""."""
    text = " ".join(head.lower().split())
    for name in (*POST_METRICS, *COMMUNITY_METRICS):
        if text == name:
            return name
    # The longer beginning wins: “posts” is no link of a post.
    matches = [
        (len(begin), name)
        for name, words in COLUMNS.items()
        for begin in words["begins"]
        if text.startswith(begin)
    ]
    return max(matches)[1] if matches else ""


def plain(link: str) -> str:
    """A link without what does not tell one post from another: scheme, www, m., the last slash."""
    address = link.strip()
    parts = urlsplit(address if "://" in address else f"https://{address}")
    host = parts.netloc.lower().removeprefix("www.").removeprefix("m.")
    query = "" if "utm_" in parts.query else parts.query
    return f"{host}{parts.path.rstrip('/')}{'?' + query if query else ''}"


def _no_table(code: str) -> str:
    return {
        "empty": _("The table is empty."),
        "one_column": _("Only one column is to be seen. Save the table as CSV, with ; or , between columns."),
    }.get(
        code,
        _(
            "The first line must name the columns: a day and at least one number, for example "
            "“date; followers”. Download the template and fill it in."
        ),
    )

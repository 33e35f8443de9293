"""A content plan goes out as a table: the same columns that come in, so that it comes back unchanged."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.services.pieces import people_of
from niva.domains.editorial.states import Unit
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.people.models import User
from niva.domains.publishing.models import Post, Publication, Variant
from niva.domains.strategy.details import details_of
from niva.domains.strategy.models import Rubric
from niva.flows.plan_columns import fields
from niva.kit import sheets
from niva.kit.local_time import day_bounds

MOST: Final = 10_000  # rows
LONGEST_RANGE: Final = 366 * 2  # days


@transaction.atomic
def export(
    actor: Actor, *, client_id: int, first: dt.date, last: dt.date, undated: bool = False, form: str = "xlsx"
) -> bytes:
    """The pieces of these days (both included, the client's clock), and with `undated` those without a day.

    `form`: "xlsx" or "csv". Raises NotFound, Forbidden, Invalid.
    """
    client = access.get(actor, Client.objects.all(), client_id, can="work")
    if last < first or (last - first).days > LONGEST_RANGE:
        raise Invalid.one("last", _("The range ends before it begins, or is longer than two years."))
    rows = list(_rows(actor, client, first, last, undated=undated)[: MOST + 1])
    if len(rows) > MOST:
        raise Invalid.one("last", _("These days have more than 10,000 pieces. Take a shorter range."))
    record(actor, "plan.exported", client, rows=len(rows), first=f"{first}", last=f"{last}")
    cells = _Cells(client)
    table = [cells.row(post) for post in rows]
    return _csv(table) if form == "csv" else _xlsx(client, table)


def _rows(actor: Actor, client: Client, first: dt.date, last: dt.date, *, undated: bool) -> QuerySet[Post]:
    since, until = day_bounds(first, last, client.time_zone)
    wanted = Q(planned_at__gte=since, planned_at__lt=until)
    if undated:
        wanted |= Q(planned_at__isnull=True)
    rows = Post.objects.filter(wanted, client=client, deleted_at__isnull=True, piece__isnull=False)
    out = Publication.objects.exclude(url="").order_by("pk")
    return (
        access.visible(actor, rows)
        .select_related("piece__stage", "piece__facet", "piece__author", "piece__designer", "rubric", "goal")
        .prefetch_related(
            Prefetch("variants", Variant.objects.select_related("community")),
            Prefetch("publications", out),
        )
        .order_by("planned_at", "pk")
    )


class _Cells:
    """A post as the cells of its row, in the order of the columns."""

    def __init__(self, client: Client) -> None:
        self.place = ZoneInfo(client.time_zone)
        rows = Community.objects.filter(client=client, archived_at__isnull=True)
        names = [(one.pk, one.network, one.name) for one in rows]
        plain = [name.casefold() for _pk, _network, name in names]
        # Two of one name are told apart by their network.
        self.names = {
            pk: name if plain.count(name.casefold()) == 1 else f"{network}: {name}"
            for pk, network, name in names
        }
        people = User.objects.filter(memberships__workspace_id=client.workspace_id).values_list("pk", "name")
        names_of_people = Counter(name.casefold() for _pk, name in people)
        self.alike = {pk for pk, name in people if names_of_people[name.casefold()] > 1}
        self.details = {one.code: one.said for one in details_of(client)}

    def row(self, post: Post) -> list[Any]:
        piece: Piece = post.piece
        local = post.planned_at.astimezone(self.place) if post.planned_at else None
        facet = getattr(piece, "facet", None)
        places = [
            self.names[one.community_id] for one in post.variants.all() if one.community_id in self.names
        ]
        said: Mapping[str, Any] = {
            "id": post.pk,
            "day": local.date() if local else None,
            "time": local.time().replace(second=0, microsecond=0) if local else None,
            "communities": "\n".join(places),
            "rubric": post.rubric.name if post.rubric else "",
            "goal": post.goal.figure if post.goal else "",
            "title": post.title,
            "text": post.text,
            "link": post.link_url,
            "unit": str(Unit(piece.unit).label),
            "author": self._person(piece.author),
            "designer": self._person(piece.designer),
            "stage": str(piece.stage),
            "urgent": _("yes") if piece.urgent else "",
            "detail": self.details.get(facet.detail, "") if facet else "",
            "published": "\n".join(one.url for one in post.publications.all()),
            **{name: getattr(piece, name) for name in ("audience", "key_message", "hook", "call", "origin")},
        }
        return [said[code] for code in codes()]

    def _person(self, user: User | None) -> str:
        """The name, or the e-mail where two have one name."""
        if user is None:
            return ""
        return user.email if user.pk in self.alike or not user.name else user.name


def codes() -> list[str]:
    """The columns that are written out, in their order."""
    return [code for code, one in fields().items() if not one.in_only]


def heads() -> list[str]:
    russian = (get_language() or "ru").startswith("ru")
    return [fields()[code].head_ru if russian else fields()[code].head for code in codes()]


def _csv(table: Sequence[Sequence[Any]]) -> bytes:
    """Semicolons and the mark that tells Excel it is UTF-8; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(heads())
    for row in table:
        writer.writerow([sheets.harmless(_said(cell)) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _said(cell: Any) -> str:
    if isinstance(cell, dt.date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, dt.time):
        return f"{cell:%H:%M}"
    return "" if cell is None else str(cell)


def _xlsx(client: Client, table: Sequence[Sequence[Any]]) -> bytes:
    choices = {
        "rubric": [one.name for one in Rubric.objects.filter(client=client, archived_at__isnull=True)],
        "author": [str(one) for one in people_of(client.pk, client.workspace_id)],
        "stage": [str(one) for one in stages_of(client)],
        "unit": [str(one.label) for one in Unit],
    }
    choices["designer"] = choices["author"]
    columns = [
        sheets.Column(head, fields()[code].kind, fields()[code].width, choices.get(code, ()))
        for code, head in zip(codes(), heads(), strict=True)
    ]
    return sheets.write(_("Plan"), columns, table, (_("How to read"), _notes(client)))


def _notes(client: Client) -> list[str]:
    return [
        _("The content plan of “%(client)s”.") % {"client": client.name},
        _("Days and hours are by the client's clock: %(zone)s.") % {"zone": client.time_zone},
        _("The first column is the number of the piece. Leave it as it is: by it a changed row finds its "
          "piece when the table comes back. A new row has no number."),
        _("An empty cell changes nothing when the table comes back; it never empties a piece."),
        _("The stage is only shown: cards are moved on the board. In a new row it says where to begin."),
        _("Several communities stand in one cell, each on a line of its own."),
    ]  # fmt: skip


def wrong_rows(
    named: Sequence[str], rows: Sequence[tuple[int, Sequence[str], str]], *, sheet: str, line: str, what: str
) -> bytes:
    """Rows as they came, with their line before and what is wrong behind. `named`: the heads of the file."""
    width = max((len(cells) for _line, cells, _what in rows), default=0)
    heads = [*named, *[""] * (width - len(named))][: max(width, len(named))]
    columns = [
        sheets.Column(line, "number", 7),
        *(sheets.Column(head, width=22) for head in heads),
        sheets.Column(what, width=60),
    ]
    table = [[number, *cells, *[""] * (len(heads) - len(cells)), said] for number, cells, said in rows]
    return sheets.write(sheet, columns, table)

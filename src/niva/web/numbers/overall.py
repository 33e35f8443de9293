"""Communities or clients side by side: this period beside the one before, as a page and as a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, cast
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from niva.domains.clients.models import KeyTask
from niva.domains.clients.queries import clients
from niva.domains.communities.models import Community
from niva.domains.metrics import figures as law
from niva.domains.metrics.days import days_of_communities
from niva.domains.metrics.dictionary import measure
from niva.domains.metrics.figures import Figure, Scope, figures
from niva.domains.metrics.periods import Period
from niva.domains.people.actor import Actor
from niva.domains.people.errors import NotFound
from niva.flows.figures_seen import basis_of
from niva.kit import sheets
from niva.kit.text import NBSP, number
from niva.web.clients.listing import actor_of
from niva.web.looks import network_name
from niva.web.number_charts import ranks
from niva.web.numbers.asking import Asked, asked, days_of
from niva.web.numbers.downloads import download, form_of
from niva.web.numbers.page import ChartView, source_of
from niva.web.numbers.words import (
    VERDICTS,
    Silences,
    absent_of,
    days_words,
    digits_of,
    missing_of,
    name_of,
    value_of,
)
from niva.web.people.doors import signed_in

COLUMNS: Final = ("reach", "clicks", "engagement", "er_reach", "publications", "followers")
KEPT: Final = ("by", "client", "network", "task", "sort")
PER_PAGE: Final = 25
By = Literal["community", "client"]
Pairs = dict[tuple[int, str], tuple[Figure, Figure | None]]


@dataclass(frozen=True, slots=True)
class Cell:
    """One measure of one row. `why`: the reason where there is no value. `verdict` only in the column that
    the table is sorted by."""

    name: str
    value: str
    unit: str
    was: str
    why: str
    note: str
    verdict: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A community or a client."""

    pk: int
    name: str
    network: str
    under: str
    url: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What the table is narrowed to and how it is sorted: `sort` is a measure, "-" turns it round."""

    by: By
    client: str
    network: str
    task: str
    sort: str

    @property
    def word(self) -> str:
        return self.sort.removeprefix("-")


@signed_in
@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """All clients: `by` says whether a row is a community or a client."""
    actor = actor_of(request)
    said = asked(request, timezone.localdate(), keep=KEPT)
    filters = _filters(request)
    mine = list(clients(actor))
    if filters.client and filters.client not in {str(one.pk) for one in mine}:
        raise NotFound("client")
    everywhere = list(law.communities_in(actor, Scope()).select_related("client").order_by("name", "pk"))
    places = [one for one in everywhere if _wanted(one, filters)]
    scope = Scope(community_ids=tuple(one.pk for one in places))
    found = _pairs(actor, scope, said.period, filters.by) if places else {}
    rows = _sorted(_rows(places, filters.by, said), found, filters)
    silent = law.silences(actor, scope) if places else {}
    if (form := form_of(request)) is not None:
        return _file(form, rows, found, said, silent)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    judged = _judged(actor, places, [row.pk for row in page], found, filters, said.period)
    context = {
        "ranks": _ranks(page.object_list, found, filters, said),
        "asked": said, "days": days_words(said.period), "before_days": days_words(said.period.before()),
        "page": page, "heads": [_head(word, filters, said) for word in COLUMNS], "filters": filters,
        "rows": [(row, [_cell(found, row, word, silent, judged) for word in COLUMNS]) for row in page],
        "clients": mine, "networks": _networks(everywhere), "tasks": KeyTask.choices,
        "files": [(form, f"{said.fixed}&{urlencode({'form': form})}") for form in ("csv", "xlsx")],
    }  # fmt: skip
    return render(request, "numbers/overall.html", context)


def _filters(request: HttpRequest) -> Filters:
    by: By = "client" if request.GET.get("by") == "client" else "community"
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") not in COLUMNS:
        sort = COLUMNS[0]
    client, network, task = (request.GET.get(name, "")[:20] for name in ("client", "network", "task"))
    return Filters(by, client, network, task, sort)


def _wanted(one: Community, filters: Filters) -> bool:
    return (
        (not filters.client or str(one.client_id) == filters.client)
        and (not filters.network or one.network == filters.network)
        and (not filters.task or one.task == filters.task)
    )


def _networks(places: Iterable[Community]) -> list[tuple[str, str]]:
    return sorted({(one.network, network_name(one.network)) for one in places}, key=lambda pair: pair[1])


def _rows(places: Sequence[Community], by: By, said: Asked) -> list[Row]:
    days = "?" + urlencode([("period", said.code)] if said.code != "free" else days_of(said.period))
    if by == "community":
        return [
            Row(one.pk, one.name, one.network, one.client.name,
                reverse("community_numbers", args=[one.pk]) + days)
            for one in places
        ]  # fmt: skip
    owners = {one.client_id: one.client for one in places}
    counts = [one.client_id for one in places]
    return [
        Row(pk, client.name, "", _("communities: %(n)s") % {"n": counts.count(pk)},
            reverse("client_numbers", args=[pk]) + days)
        for pk, client in owners.items()
    ]  # fmt: skip


def _pairs(actor: Actor, scope: Scope, period: Period, by: By) -> Pairs:
    """Every figure of every row beside the one of the period before."""
    found: Pairs = {}
    bases: tuple[law.Basis, ...] = ("gained", "posts")
    for basis in bases:
        words = [word for word in COLUMNS if basis_of(word) == basis]
        now, before = (
            figures(actor, words, scope, days, by=by, basis=basis) for days in (period, period.before())
        )
        earlier = {(one.key, one.measure): one for one in before}
        found |= {
            (cast(int, one.key), one.measure): (one, earlier.get((one.key, one.measure))) for one in now
        }
    return found


def _sorted(rows: list[Row], found: Pairs, filters: Filters) -> list[Row]:
    """By the chosen measure; rows without a value are always last."""

    def place(row: Row) -> tuple[bool, float, str]:
        pair = found.get((row.pk, filters.word))
        value = pair[0].value if pair else None
        turned = value if filters.sort.startswith("-") else -(value or 0.0)
        return value is None, turned or 0.0, row.name.casefold()

    return sorted(rows, key=place)


def _judged(
    actor: Actor,
    places: Sequence[Community],
    shown: Sequence[int],
    found: Pairs,
    filters: Filters,
    period: Period,
) -> dict[tuple[int, str], tuple[str, str]]:
    """The verdict on the column that the table is sorted by: word and direction, by row and measure."""
    from niva.flows import figures_judged

    word = filters.word
    if basis_of(word) != "gained" or not shown:
        return {}
    owner = {one.pk: one.pk if filters.by == "community" else one.client_id for one in places}
    inside = tuple(pk for pk, key in owner.items() if key in set(shown))
    usual = period.benchmark()
    series: dict[int, dict[date, float]] = {}
    for community, figure in days_of_communities(
        actor, [word], Scope(community_ids=inside), Period(usual.since, period.until)
    ):
        days = series.setdefault(owner[community.pk], {})
        day = cast(date, figure.key)
        days[day] = days.get(day, 0.0) + (figure.value or 0.0)
    told = {}
    for key in shown:
        pair = found.get((key, word))
        if pair is None or pair[0].value is None or key not in series:
            continue
        around, verdict = figures_judged.of_days(pair[0], series[key], period, usual)
        higher = around is not None and pair[0].value > around.typical
        said = str(VERDICTS.get((str(verdict), higher), ""))
        told[key, word] = (said, "" if str(verdict) != "real" else "up" if higher else "down")
    return told


def _cell(
    found: Pairs, row: Row, word: str, silent: Silences, judged: dict[tuple[int, str], tuple[str, str]]
) -> Cell:
    one = measure(word)
    now, before = found.get((row.pk, word), (None, None))
    if now is None or now.value is None:
        if word == "publications":
            return Cell(name_of(one), "0", "", "", "", "")  # the desk itself sends them, so none is none
        return Cell(name_of(one), "—", "", "", absent_of(one, _silent_of(silent, row)), "")
    verdict, direction = judged.get((row.pk, word), ("", ""))
    was = _change(now, before)
    note = missing_of(now, one)
    return Cell(name_of(one), value_of(one, now.value), one.unit, was, "", note, verdict, direction)


def _silent_of(silent: Silences, row: Row) -> Silences:
    """The reasons of this row's own communities."""
    return {
        metric: own
        for metric, pairs in silent.items()
        if (own := [pair for pair in pairs if row.pk in (pair[0].pk if row.network else pair[0].client_id,)])
    }


def _change(now: Figure, before: Figure | None) -> str:
    """What it was, and by how much it changed where that can be said."""
    if before is None or before.value is None:
        return ""
    one = measure(now.measure)
    was = value_of(one, before.value)
    if one.kind == "level" or before.value <= 0 or now.value is None:
        return _("was %(was)s") % {"was": was}
    share = round((now.value / before.value - 1) * 100)
    sign = "+" if share > 0 else "\u2212" if share < 0 else ""
    percent = f"{sign}{number(abs(share), get_language() or 'ru')}{NBSP}%"
    return _("was %(was)s, %(percent)s") % {"was": was, "percent": percent}


def _head(word: str, filters: Filters, said: Asked) -> dict[str, Any]:
    """The head of a column as a link that sorts by it; pressed again it turns the order round."""
    on = filters.word == word
    turned = f"-{word}" if filters.sort == word else word
    kept = [pair for pair in said.kept if pair[0] != "sort"]
    period = days_of(said.period) if said.code == "free" else [("period", said.code)]
    order = ("ascending" if filters.sort.startswith("-") else "descending") if on else ""
    return {
        "name": name_of(measure(word)), "order": order,
        "query": "?" + urlencode([*period, *kept, ("sort", turned)]),
    }  # fmt: skip


def _ranks(rows: Iterable[Row], found: Pairs, filters: Filters, said: Asked) -> ChartView | None:
    """The column that the table is sorted by, as bars; None under two rows or with a loss among them."""
    one = measure(filters.word)
    pairs = [(row.name, found.get((row.pk, one.word))) for row in rows]
    known = [(name, pair[0].value) for name, pair in pairs if pair and pair[0].value is not None]
    if len(known) < 2 or min(value for _name, value in known) < 0:
        return None
    name = name_of(one) + (f", {one.unit}" if one.unit else "")
    most = max(known, key=lambda pair: pair[1])
    return ChartView(
        id="ranks",
        spec=ranks(known, value_title=name, digits=digits_of(one, most[1])),
        finding=_("%(name)s: the most is with “%(first)s”") % {"name": name_of(one), "first": most[0]},
        under=_("%(measure)s, %(days)s; those without a number are not drawn")
        % {"measure": name, "days": days_words(said.period)},
        source=source_of(_("All clients"), said),
        here=said.fixed,
    )


def _file(form: str, rows: Sequence[Row], found: Pairs, said: Asked, silent: Silences) -> HttpResponse:
    """The whole table; a number that is not known is an empty cell, with its reason in the last column."""
    columns = [sheets.Column(_("Name"), width=30), sheets.Column(_("Network"), width=14),
               sheets.Column(_("Belongs to"), width=24)]  # fmt: skip
    for word in COLUMNS:
        one = measure(word)
        name = name_of(one) + (f", {one.unit}" if one.unit else "")
        columns += [sheets.Column(name, "number", 16),
                    sheets.Column(_("%(name)s, before") % {"name": name}, "number", 16)]  # fmt: skip
    columns.append(sheets.Column(_("Why a number is missing"), width=60))
    table = []
    for row in rows:
        cells: list[Any] = [row.name, network_name(row.network) if row.network else "", row.under]
        whys = []
        for word in COLUMNS:
            now, before = found.get((row.pk, word), (None, None))
            none: float | None = 0.0 if word == "publications" else None
            cells += [now.value if now else none, before.value if before else none]
            if cells[-2] is None:
                one = measure(word)
                whys.append(f"{name_of(one)}: {absent_of(one, _silent_of(silent, row))}")
        table.append([*cells, " ".join(whys)])
    notes = [
        _("Numbers of %(days)s; the period before: %(before)s.")
        % {"days": days_words(said.period), "before": days_words(said.period.before())},
        _("Shares are sums over sums, never means of shares. An empty cell is not known; it is not zero."),
    ]
    return download(form, "numbers", _("Numbers"), columns, table, (_("How to read"), notes))

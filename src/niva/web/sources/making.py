"""From fragments to pieces: the matrix, then one line a piece with its day, then the board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from niva.domains.clients.models import Goal
from niva.domains.communities.models import Community
from niva.domains.editorial.services.pieces import people_of
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.sources import matrix, queries
from niva.domains.sources.models import Fragment, Source
from niva.flows import repackage
from niva.flows.repackage import Line, Work
from niva.kit.transcripts import clock
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.sources.forms import LineForm, SpreadForm

MOST_FRAGMENTS: Final = 12  # at once: more cells than that nobody looks over
_PREFIX: Final = "line"


@dataclass(slots=True)
class Shown:
    """One line as the page has it."""

    form: LineForm
    row: matrix.Row
    community: Community
    fragment: Fragment | None
    warnings: list[str]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest, source_id: int) -> HttpResponse:
    """GET: the matrix. POST do=choose: lines with days; do=look: days anew; do=make: pieces on the board."""
    actor = actor_of(request)
    source = queries.source(actor, source_id, can="write")
    if request.method != "POST":
        return _matrix(request, actor, source, _fragments(source, request.GET))
    doing = request.POST.get("do", "")
    spread = _spread(actor, source, request.POST if doing in ("look", "make") else None)
    lines = _chosen(actor, source, request.POST) if doing == "choose" else None
    if lines is not None and not lines:
        messages.error(request, _("Tick at least one piece."))
        return _matrix(request, actor, source, _fragments(source, request.POST))
    forms = _forms(actor, source, request.POST, lines)
    places = {one.pk: one for one in repackage.communities(actor, source)}
    if doing == "make" and spread.is_valid() and all(one.is_valid() for one in forms):
        lines = [_line(one, places) for one in forms]
        work = Work(spread.cleaned_data["assignee"], spread.cleaned_data["audience"])
        try:
            made = repackage.make(actor, source_id=source_id, lines=lines, work=work)
        except Invalid as error:
            _show(error, forms, spread)
        else:
            told = ngettext("%(n)s piece is on the board.", "%(n)s pieces are on the board.", len(made))
            messages.success(request, told % {"n": len(made)})
            return redirect("source", source_id)
    if doing == "look" and spread.is_valid() and all(one.is_valid() for one in forms):
        lines = [_line(one, places) for one in forms]
        repackage.lay_out(
            actor, source, lines, weeks=spread.cleaned_data["weeks"], gap=spread.cleaned_data["gap"]
        )
        forms = _forms(actor, source, request.POST, lines)
    return _lines(request, actor, source, forms, spread)


def _fragments(source: Source, sent: QueryDict) -> list[Fragment]:
    numbers = [one for one in sent.getlist("fragment") if one.isdecimal() and len(one) < 19]
    return list(source.fragments.filter(pk__in=numbers[:MOST_FRAGMENTS]).order_by("start", "pk"))


def _matrix(request: HttpRequest, actor: Actor, source: Source, fragments: list[Fragment]) -> HttpResponse:
    communities = repackage.communities(actor, source)
    parts: list[Fragment | None] = [*fragments] if fragments else [None]
    context = {
        "source": source,
        "client": source.client,
        "communities": communities,
        "parts": [
            {"fragment": one, "span": _span(one), "rows": repackage.offers(actor, source, one)}
            for one in parts
        ],
    }
    return render(request, "sources/matrix.html", context)


def _span(fragment: Fragment | None) -> str:
    if fragment is None or fragment.start is None:
        return ""
    return f"{clock(fragment.start)}–{clock(fragment.end or 0)}"


def _chosen(actor: Actor, source: Source, sent: QueryDict) -> list[Line]:
    """The ticked cells, with days. A cell is "fragment:row:community", the fragment 0 for the whole."""
    fragments = {one.pk: one for one in source.fragments.all()}
    places = {one.pk: one for one in repackage.communities(actor, source)}
    found = []
    for cell in dict.fromkeys(sent.getlist("cell")):
        parts = cell.split(":")
        if len(parts) != 3 or not all(one.isdecimal() and len(one) < 19 for one in (parts[0], parts[2])):
            continue
        fragment, row, place = (
            fragments.get(int(parts[0])),
            matrix.rows().get(parts[1]),
            places.get(int(parts[2])),
        )
        if row is None or place is None or (parts[0] != "0" and fragment is None):
            continue
        hook = fragment.theme if fragment else source.title
        found.append(Line(row.code, place.pk, fragment.pk if fragment else None, hook=hook))
    found = found[: repackage.MOST]
    repackage.lay_out(actor, source, found)
    return found


def _forms(actor: Actor, source: Source, sent: QueryDict, lines: Sequence[Line] | None) -> list[LineForm]:
    """Bound to what was sent; with `lines` to these (fresh ones, or the same with other days)."""
    goals = [("", "—"), *((one.pk, str(one)) for one in _goals(source))]
    zones = {one.pk: ZoneInfo(one.time_zone) for one in repackage.communities(actor, source)}
    if lines is None:
        count = sent.get("count", "0")
        number = min(int(count), repackage.MOST) if count.isdecimal() and len(count) < 4 else 0
        forms = [LineForm(sent, prefix=f"{_PREFIX}-{n}") for n in range(number)]
    else:
        forms = [LineForm(_sent(line, zones), prefix=_PREFIX) for line in lines]
        for n, form in enumerate(forms):
            form.data = {f"{_PREFIX}-{n}-{name.split('-', 1)[1]}": value for name, value in form.data.items()}
            form.prefix = f"{_PREFIX}-{n}"
    for form in forms:
        form.fields["goal"].choices = goals  # type: ignore[attr-defined]
    return [
        one
        for one in forms
        if _place_of(one) in zones and one.data.get(one.add_prefix("row")) in matrix.rows()
    ]


def _sent(line: Line, zones: dict[int, ZoneInfo]) -> dict[str, Any]:
    at = line.at.astimezone(zones[line.community_id]) if line.at else None
    values = {
        "row": line.row, "community": line.community_id, "fragment": line.fragment_id or "", "aim": line.aim,
        "goal": line.goal_id or "", "hook": line.hook, "call": line.call,
        "at": f"{at:%Y-%m-%dT%H:%M}" if at else "",
    }  # fmt: skip
    return {f"{_PREFIX}-{name}": value for name, value in values.items()}


def _place_of(form: LineForm) -> int:
    number = str(form.data.get(form.add_prefix("community"), ""))
    return int(number) if number.isdecimal() and len(number) < 19 else 0


def _goals(source: Source) -> list[Goal]:
    return list(source.client.goals.filter(closed_at__isnull=True))


def _line(form: LineForm, places: dict[int, Community]) -> Line:
    """What a valid form says; its hour is by the clock of the community."""
    data = form.cleaned_data
    zone = ZoneInfo(places[data["community"]].time_zone)
    at = data["at"]
    return Line(
        data["row"], data["community"], data["fragment"], aim=data["aim"], hook=data["hook"],
        call=data["call"],
        goal_id=data["goal"], at=timezone.make_naive(at).replace(tzinfo=zone) if at else None,
    )  # fmt: skip


def _spread(actor: Actor, source: Source, sent: QueryDict | None) -> SpreadForm:
    form = SpreadForm(sent)
    people = people_of(source.client_id, source.workspace_id)
    form.fields["assignee"].choices = [  # type: ignore[attr-defined]
        ("", _("nobody: only days")), *((one.pk, str(one)) for one in people)
    ]  # fmt: skip
    return form


def _show(error: Invalid, forms: list[LineForm], spread: SpreadForm) -> None:
    """Sentences at their boxes: "3-hook" is the hook of the fourth line."""
    for name, sentences in error.errors.items():
        number, _dash, field = name.partition("-")
        if number.isdecimal() and int(number) < len(forms):
            forms[int(number)].add_error(field, sentences)
        else:
            spread.add_error(name if name in spread.fields else None, sentences)


def _lines(
    request: HttpRequest, actor: Actor, source: Source, forms: list[LineForm], spread: SpreadForm
) -> HttpResponse:
    fragments = {one.pk: one for one in source.fragments.all()}
    places = {one.pk: one for one in repackage.communities(actor, source)}
    plain = [
        Line("", 0, None, hook=str(one.data.get(one.add_prefix("hook"), "")),
             call=str(one.data.get(one.add_prefix("call"), "")))
        for one in forms
    ]  # fmt: skip
    repackage.look_over(plain)
    shown = []
    for form, line in zip(forms, plain, strict=True):
        number = str(form.data.get(form.add_prefix("fragment"), ""))
        fragment = fragments.get(int(number)) if number.isdecimal() and len(number) < 19 else None
        row = matrix.rows()[str(form.data.get(form.add_prefix("row")))]
        shown.append(Shown(form, row, places[_place_of(form)], fragment, line.warnings))
    bad = spread.is_bound and bool(spread.errors or any(one.errors for one in forms))
    context = {
        "source": source,
        "client": source.client,
        "lines": [(one, _span(one.fragment)) for one in shown],
        "spread": spread,
        "nowhere": sum(not one.form.data.get(one.form.add_prefix("at")) for one in shown),
        "minutes": sum(one.row.minutes for one in shown) / 60,
    }
    return render(request, "sources/lines.html", context, status=422 if bad else 200)

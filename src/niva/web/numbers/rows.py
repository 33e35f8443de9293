"""The rows that a figure was counted from: posts with their sums, or days of communities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.metrics.days import days_of_communities
from niva.domains.metrics.dictionary import Measure, measures
from niva.domains.metrics.figures import Basis, Figure, Scope, figures, posts_in
from niva.domains.metrics.models import AGES
from niva.domains.people.errors import NotFound
from niva.domains.strategy.models import Rubric
from niva.flows.figures_seen import basis_of, parts_posts
from niva.kit import sheets
from niva.kit.text import number
from niva.web.clients.listing import actor_of
from niva.web.dictionary.formulas import formula_of
from niva.web.numbers.asking import Asked, asked
from niva.web.numbers.downloads import download, form_of
from niva.web.numbers.mine import own
from niva.web.numbers.words import days_words, name_of, value_of
from niva.web.people.doors import signed_in

PER_PAGE: Final = 50
KEPT: Final = ("measure", "basis", "age", "client", "community", "rubric", "mine")


@dataclass(frozen=True, slots=True)
class Line:
    """A row: a post, or a day of a community. Numbers None: not known, so it is not in the figure."""

    day: date
    community: Community
    post: Any
    figure: Figure


@dataclass(frozen=True, slots=True)
class Question:
    """What a figure asks: see `figures`."""

    one: Measure
    scope: Scope
    basis: Basis
    age: int | None


@signed_in
@require_safe
def number_rows(request: HttpRequest) -> HttpResponse:
    """The rows of one figure, and with `form` the same as a file."""
    actor = actor_of(request)
    said = asked(request, timezone.localdate(), keep=KEPT)
    question = _question(request)
    one, basis = question.one, question.basis
    whole = figures(actor, [one.word], question.scope, said.period, basis=basis, age=question.age)[0]
    lines = _posts(request, question, said) if basis == "posts" else _days(request, question, said)
    title = name_of(one, question.age)
    if (form := form_of(request)) is not None:
        return download(
            form, f"{one.word}-rows", title, _columns(one, basis), [_cells(x, one) for x in lines]
        )
    page = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": said, "days": days_words(said.period), "before_days": days_words(said.period.before()),
        "page": page, "rows": [(line, _shown(line, one)) for line in page], "name": title, "one": one,
        "whole": whole, "value": value_of(one, whole.value), "basis": basis, "formula": formula_of(one),
        "ratio": bool(one.bottom), "form_query": said.fixed, "whose": whose(request),
    }  # fmt: skip
    return render(request, "numbers/rows.html", context)


def _question(request: HttpRequest) -> Question:
    """What the address asks for. Raises NotFound for what is nobody's or not his to see."""
    one = measures().get(request.GET.get("measure", "reach"))
    if one is None or not one.countable:
        raise NotFound("measure")
    scope = scope_of(request)
    natural = "posts" if parts_posts(scope) else basis_of(one.word)
    basis = cast(Basis, request.GET.get("basis") or natural)
    fits = basis == "posts" or not (parts_posts(scope) or "posts_out" in (*one.top, one.bottom))
    if basis not in ("posts", "gained") or not fits or (basis == "posts" and one.of == "community"):
        raise NotFound("basis")
    age = request.GET.get("age", "")
    if age and (age not in map(str, AGES) or basis == "gained"):
        raise NotFound("age")
    return Question(one, scope, basis, int(age) if age else None)


def scope_of(request: HttpRequest) -> Scope:
    """Whose numbers an address asks for; each number in it goes through the one door."""
    actor = actor_of(request)
    if request.GET.get("mine"):
        return own(actor)
    client = request.GET.get("client") or None
    client_id = access.get(actor, Client.objects.all(), client).pk if client else None
    places = [
        access.get(actor, Community.objects.all(), pk).pk for pk in request.GET.getlist("community") if pk
    ]
    rubrics: list[int | None] = []
    for pk in request.GET.getlist("rubric"):
        rubrics.append(access.get(actor, Rubric.objects.all(), pk).pk if pk != "0" else None)
    return Scope(client_id=client_id, community_ids=tuple(places), rubric_ids=tuple(rubrics))


def whose(request: HttpRequest) -> list[tuple[str, str]]:
    """Names and pages of those whose rows these are."""
    actor, scope = actor_of(request), scope_of(request)
    if scope.post_ids is not None:
        return [(_("For myself"), reverse("my_numbers"))]
    found: list[tuple[str, str]] = []
    if scope.client_id is not None:
        client = access.get(actor, Client.objects.all(), scope.client_id)
        found.append((client.name, reverse("client_numbers", args=[client.pk])))
    places = access.visible(actor, Community.objects.filter(pk__in=scope.community_ids))
    found += [(one.name, reverse("community_numbers", args=[one.pk])) for one in places[:3]]
    rubrics = access.visible(actor, Rubric.objects.filter(pk__in=[pk for pk in scope.rubric_ids if pk]))
    return found + [(one.name, "") for one in rubrics]


def _posts(request: HttpRequest, question: Question, said: Asked) -> list[Line]:
    """The newest first."""
    actor, one = actor_of(request), question.one
    found = figures(actor, [one.word], question.scope, said.period, by="publication", age=question.age)
    of = {row.key: row for row in found}
    rows = posts_in(actor, question.scope, said.period).select_related("publication__post", "community")
    return [
        Line(row.day, row.community, row.publication.post, of[row.pk])
        for row in rows.order_by("-published_at", "-pk")
        if row.pk in of
    ]


def _days(request: HttpRequest, question: Question, said: Asked) -> list[Line]:
    actor, one = actor_of(request), question.one
    found = days_of_communities(actor, [one.word], question.scope, said.period)
    return [Line(cast(date, figure.key), community, None, figure) for community, figure in found]


def _shown(line: Line, one: Measure) -> dict[str, str]:
    figure = line.figure
    counts = {"top": figure.top, "bottom": figure.bottom}
    language = get_language() or "ru"
    shown = {name: number(value, language, 0) for name, value in counts.items()}
    return shown | {"value": value_of(one, figure.value)}


def _columns(one: Measure, basis: Basis) -> list[sheets.Column]:
    heads = [sheets.Column(_("Day"), "day", 12), sheets.Column(_("Community"), width=26)]
    if basis == "posts":
        heads += [sheets.Column(_("Post"), width=44), sheets.Column(_("Address"), width=32)]
    heads.append(sheets.Column(name_of(one), "number", 16))
    if one.bottom:
        heads += [sheets.Column(_("Above the line"), "number", 16),
                  sheets.Column(_("Below the line"), "number", 16)]  # fmt: skip
    return heads


def _cells(line: Line, one: Measure) -> list[Any]:
    cells: list[Any] = [line.day, line.community.name]
    if line.post is not None:
        cells += [str(line.post), f"/posts/{line.post.pk}/"]
    cells.append(line.figure.value)
    if one.bottom:
        cells += [line.figure.top, line.figure.bottom]
    return cells

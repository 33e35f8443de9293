"""The figures of the pages, and the dictionary of measures. One law: the values are those that pages show."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import Field

from niva.api.common import Id, Moment, actor_of
from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.metrics import figures as law
from niva.domains.metrics.dictionary import Kind, Measure, Of, measures
from niva.domains.metrics.figures import Basis, By, CannotBeParted, Figure, Scope
from niva.domains.metrics.models import AGES, Format
from niva.domains.metrics.periods import Period
from niva.domains.people.errors import Invalid
from niva.domains.strategy.models import Rubric
from niva.flows.figures_seen import basis_of, parts_posts
from niva.words import describe

router = Router()
Silences = dict[str, list[tuple[Community, str]]]
LONGEST = 731  # days


class MeasureOut(Schema):
    """`kind`: count (posts' counters, summed), level (how many at a moment; a period tells its change), ratio
    (the sum of `top` over the sum of `bottom`, times `per`), money (counted from the ledger, not here).
    `basis`: on which the pages show it. `also`: names that others use. Texts by language, ru and en."""

    word: str
    kind: Kind
    of: Of
    top: list[str]
    bottom: str
    per: float
    unit: str
    version: int
    basis: Basis | None
    name: dict[str, str]
    plain: dict[str, str]
    also: list[str]


class ReasonOut(Schema):
    """Why a community does not give one of the network's words that the figure is made of."""

    community_id: int
    metric: str
    code: str
    says: str


class FigureOut(Schema):
    """`value` null: nobody counted it, which is not zero. `rests_on` posts or communities are in it,
    `missing` of the scope are not. `rows`: the page with the rows it was counted from."""

    measure: str
    key: int | str | bool | date | None
    value: float | None
    top: float | None
    bottom: float | None
    basis: Basis
    age: int | None
    rests_on: int
    missing: int
    reasons: list[ReasonOut]
    read_at: Moment | None
    version: int
    rows: str


class FiguresOut(Schema):
    """The days are those of the communities' own clocks, both included."""

    since: date
    until: date
    by: str
    items: list[FigureOut]


class Asked(Schema):
    """`measures`: words of `/measures`, all of them in one answer. `by`: parted by what. `basis`: "posts" is
    what the posts that went out in the period have collected, "gained" what came in its days; without it each
    measure has its own, the one of the pages. `age`: posts at so many hours, with "posts"."""

    measures: list[str] = Field(min_length=1, max_length=20)
    since: date
    until: date
    client_id: Id | None = None
    community_id: list[Id] = Field(default_factory=list, max_length=200)
    rubric_id: list[Id] = Field(default_factory=list, max_length=200)
    format: list[Format] = Field(default_factory=list, max_length=20)
    paid: bool | None = None
    by: By = ""
    basis: Literal["posts", "gained"] | None = None
    age: int | None = None


@router.get("/measures", response=list[MeasureOut], summary="The dictionary of measures")
def list_measures(request: HttpRequest) -> list[MeasureOut]:
    actor_of(request)
    return [_measure(one) for one in measures().values()]


def _measure(one: Measure) -> MeasureOut:
    return MeasureOut(
        word=one.word, kind=one.kind, of=one.of, top=list(one.top), bottom=one.bottom, per=one.per,
        unit=one.unit, version=one.version, basis=basis_of(one.word) if one.countable else None,
        name=dict(one.name), plain=dict(one.plain), also=list(one.also),
    )  # fmt: skip


@router.get("/figures", response=FiguresOut, summary="Figures of a period")
def list_figures(request: HttpRequest, asked: Annotated[Asked, Query()]) -> FiguresOut:
    actor = actor_of(request)
    period = _period(asked)
    scope = _scope(request, asked)
    silent = law.silences(actor, scope)
    found: list[FigureOut] = []
    for basis, words in _by_basis(asked, scope).items():
        age = asked.age if basis == "posts" else None
        try:
            rows = law.figures(actor, words, scope, period, by=asked.by, basis=basis, age=age)
        except CannotBeParted as error:
            raise Invalid.one("by", f"This cannot be answered on the basis “{basis}”: {error}.") from error
        found += [_figure(one, basis, age, asked, silent) for one in rows]
    place = {word: at for at, word in enumerate(asked.measures)}
    found.sort(key=lambda one: (one.key is None, one.key or 0, place[one.measure]))
    return FiguresOut(since=period.since, until=period.until, by=asked.by, items=found)


def _period(asked: Asked) -> Period:
    try:
        period = Period(asked.since, asked.until)
    except ValueError as error:
        raise Invalid.one("until", "The period ends before it begins.") from error
    if period.days > LONGEST:
        raise Invalid.one("until", f"A period has at most {LONGEST} days.")
    return period


def _scope(request: HttpRequest, asked: Asked) -> Scope:
    """Every number goes through the one door. Raises NotFound."""
    actor = actor_of(request)
    if asked.age is not None and asked.age not in AGES:
        raise Invalid.one("age", f"One of {', '.join(map(str, AGES))} hours.")
    if asked.client_id is not None:
        access.get(actor, Client.objects.all(), asked.client_id)
    for pk in asked.community_id:
        access.get(actor, Community.objects.all(), pk)
    for pk in asked.rubric_id:
        access.get(actor, Rubric.objects.all(), pk)
    return Scope(
        client_id=asked.client_id,
        community_ids=tuple(asked.community_id),
        rubric_ids=tuple(asked.rubric_id),
        formats=tuple(str(one.value) for one in asked.format),
        paid=asked.paid,
    )


def _by_basis(asked: Asked, scope: Scope) -> dict[Basis, list[str]]:
    """The measures by the basis each is counted on."""
    known = measures()
    unknown = [word for word in asked.measures if word not in known or not known[word].countable]
    if unknown:
        raise Invalid.one("measures", f"Not a measure that can be asked for here: {', '.join(unknown)}.")
    of_posts = parts_posts(scope) or asked.by in law.OF_POSTS or asked.age is not None
    found: dict[Basis, list[str]] = {}
    for word in dict.fromkeys(asked.measures):
        basis: Basis = asked.basis or ("posts" if of_posts else basis_of(word))
        found.setdefault(basis, []).append(word)
    return found


def _figure(one: Figure, basis: Basis, age: int | None, asked: Asked, silent: Silences) -> FigureOut:
    key = one.key if isinstance(one.key, int | str | date) else None
    return FigureOut(
        measure=one.measure, key=key, value=one.value, top=one.top, bottom=one.bottom, basis=basis, age=age,
        rests_on=one.rests_on, missing=one.missing,
        reasons=_reasons(one, asked, silent) if one.missing else [],
        read_at=one.read_at, version=one.version, rows=_rows(one, basis, age, asked),
    )  # fmt: skip


def _reasons(one: Figure, asked: Asked, silent: Silences) -> list[ReasonOut]:
    parts = measures()[one.measure].parts
    return [
        ReasonOut(community_id=community.pk, metric=metric, code=code, says=str(describe(code)))
        for metric in sorted(parts & silent.keys())
        for community, code in silent[metric]
        if (asked.by != "community" or community.pk == one.key)
        and (asked.by != "client" or community.client_id == one.key)
    ]


def _rows(one: Figure, basis: Basis, age: int | None, asked: Asked) -> str:
    """The address of the rows of the whole scope, or of the one community, client or rubric of `by`; empty
    where no page narrows them so far."""
    if asked.format or asked.paid is not None:
        return ""
    said: list[tuple[str, object]] = [("measure", one.measure), ("basis", basis)]
    said += [("since", asked.since), ("until", asked.until)] + ([("age", age)] if age else [])
    narrowed = asked.by in ("client", "community", "rubric")
    if asked.client_id is not None and asked.by != "client":
        said.append(("client", asked.client_id))
    said += [("community", pk) for pk in asked.community_id if asked.by != "community"]
    said += [("rubric", pk) for pk in asked.rubric_id if asked.by != "rubric"]
    if narrowed:
        said.append((asked.by, one.key or 0))
    elif asked.by:
        return ""
    return f"{reverse('number_rows')}?{urlencode(said)}"

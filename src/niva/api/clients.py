"""Clients, their goals, the rows a goal is counted from, and costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from niva.api.common import After, Limit, Moment, Page, actor_of, page_of
from niva.domains.clients import access, queries
from niva.domains.clients.models import Client, Cost, Goal, GoalFact
from niva.domains.clients.services import clients, goals, rows
from niva.domains.people.actor import Actor
from niva.flows import goal_fact, stop
from niva.flows.money import price_of

router = Router()
goals_router = Router()
Money = Decimal


class ClientIn(Schema):
    name: str
    kind: Literal["business", "government", "ngo", "media", "person"]
    key_task: str
    about: str = ""
    time_zone: str = "Europe/Moscow"
    currency: str = "RUB"
    posts_per_week: int | None = None


class ClientPatch(Schema):
    name: str | None = None
    kind: str | None = None
    key_task: str | None = None
    about: str | None = None
    time_zone: str | None = None
    currency: str | None = None
    posts_per_week: int | None = None


class ClientOut(Schema):
    id: int
    name: str
    kind: str
    key_task: str
    about: str
    time_zone: str
    currency: str
    posts_per_week: int | None
    archived: bool
    stopped_at: Moment | None
    stopped_reason: str


class StopIn(Schema):
    reason: str = Field(max_length=240, description="Shown to the whole team.")


class StopOut(Schema):
    held: int


class GoOnIn(Schema):
    past: Literal["now", "spread", "hold"] = Field(
        description="What is past its hour: sent now, spread over free slots and hours, or left held."
    )


class GoOnOut(Schema):
    """`queued` leave at their hours; of the `missed` ones `decided` were given a new hour."""

    queued: int
    missed: int
    decided: int


class GoalIn(Schema):
    figure: str
    unit_one: str
    unit_few: str = ""
    unit_many: str
    plan: Decimal
    starts_on: date
    deadline: date
    price_limit: Decimal | None = None
    counting: Literal["rows", "publications", "metric", "leads"] = "rows"
    metric: str = ""
    leads_from: Literal["new", "qualified", "sold"] = Field(
        "new", description="With counting “leads”: how far along a lead must be to count."
    )
    supports: list[str] = Field(default_factory=list)
    instead: bool = Field(False, description="Close the open main goal first.")


class GoalOut(Schema):
    """`fact` null: nothing was counted yet, which is not zero."""

    id: int
    client_id: int
    figure: str
    plan: Decimal
    fact: Decimal | None
    starts_on: date
    deadline: date
    price_limit: Decimal | None
    unit_cost: Decimal | None
    unit_cost_low: Decimal | None = Field(description="With `high`: where it is in 8 cases out of 10.")
    unit_cost_high: Decimal | None = Field(description="None beside a `low`: dearer than that.")
    counting: str
    metric: str
    leads_from: str
    open: bool


class FactIn(Schema):
    happened_on: date
    amount: Decimal = Decimal(1)
    known: Literal["counted", "estimated", "said"] = "counted"
    note: str = ""
    origin: str = ""
    key: str = Field("", description="Your own id of the row: sent twice, it is kept once.")


class FactOut(Schema):
    id: int
    happened_on: date
    amount: Decimal
    known: str
    note: str
    origin: str
    key: str


class CostIn(Schema):
    spent_on: date
    amount: Decimal
    kind: Literal["fee", "people", "ads", "placements", "tools", "other"]
    known: Literal["counted", "estimated", "said"] = "counted"
    note: str = ""
    origin: str = Field("", max_length=200, description="`publication:12`, or a campaign's name.")
    payer: Literal["", "client", "us"] = Field("", description="Empty: as the contract says.")
    currency: str = Field("", max_length=3, description="Where it is not the client's own.")
    paid_amount: Decimal | None = Field(None, description="In that currency; `amount` is then by the rate.")
    rate: Decimal | None = Field(None, description="The client's money for one unit. None: sum not known.")
    rate_source: str = Field("", max_length=200)


class CostOut(Schema):
    id: int
    spent_on: date
    amount: Decimal
    kind: str
    known: str
    note: str
    origin: str
    payer: str
    currency: str
    paid_amount: Decimal | None
    rate: Decimal | None
    rate_source: str


def _client(row: Client) -> ClientOut:
    return ClientOut(archived=row.archived_at is not None, **_fields(row, ClientOut, {"archived"}))


def _fields(row: Any, schema: type[Schema], without: set[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in schema.model_fields if name not in without}


def _goal(actor: Actor, row: Goal) -> GoalOut:
    standing = goal_fact.standing(row)
    cost = price_of(actor, standing)
    return GoalOut(
        fact=standing.progress.fact,
        unit_cost=cost.each,
        unit_cost_low=cost.low,
        unit_cost_high=cost.high,
        open=row.closed_at is None,
        **_fields(row, GoalOut, {"fact", "unit_cost", "unit_cost_low", "unit_cost_high", "open"}),
    )


def _fact(row: GoalFact) -> FactOut:
    return FactOut(**_fields(row, FactOut, set()))


def _cost(row: Cost) -> CostOut:
    return CostOut(**_fields(row, CostOut, set()))


@router.get("", response=Page[ClientOut], summary="Clients")
def list_clients(request: HttpRequest, after: After, limit: Limit) -> Page[ClientOut]:
    return page_of(access.visible(actor_of(request), Client.objects.all()), after, limit, _client)


@router.post("", response={201: ClientOut}, summary="A new client")
def create_client(request: HttpRequest, payload: ClientIn) -> Status[ClientOut]:
    return Status(201, _client(clients.create(actor=actor_of(request), values=payload.dict())))


@router.get("/{int:client_id}", response=ClientOut, summary="One client")
def get_client(request: HttpRequest, client_id: int) -> ClientOut:
    return _client(queries.client(actor_of(request), client_id))


@router.patch("/{int:client_id}", response=ClientOut, summary="Change a client")
def change_client(request: HttpRequest, client_id: int, payload: ClientPatch) -> ClientOut:
    given = payload.dict(exclude_unset=True)
    values = {name: one for name, one in given.items() if one is not None or name == "posts_per_week"}
    return _client(clients.change(actor=actor_of(request), client_id=client_id, values=values))


@router.post("/{int:client_id}/stop", response=StopOut, summary="Stop publishing for a client")
def stop_client(request: HttpRequest, client_id: int, payload: StopIn) -> StopOut:
    return StopOut(held=stop.stop(actor_of(request), client_id=client_id, reason=payload.reason))


@router.post("/{int:client_id}/go-on", response=GoOnOut, summary="Let publishing go on")
def let_client_go_on(request: HttpRequest, client_id: int, payload: GoOnIn) -> GoOnOut:
    went = stop.go_on(actor_of(request), client_id=client_id, past=payload.past)
    return GoOnOut(queued=went.queued, missed=went.missed, decided=went.decided.done)


@router.get("/{int:client_id}/goals", response=list[GoalOut], summary="Its goals with plan, fact and price")
def list_goals(request: HttpRequest, client_id: int) -> list[GoalOut]:
    actor = actor_of(request)
    client = queries.client(actor, client_id)
    return [_goal(actor, row) for row in Goal.objects.filter(client=client).order_by("-starts_on", "-pk")]


@router.post("/{int:client_id}/goals", response={201: GoalOut}, summary="Open a goal")
def open_goal(request: HttpRequest, client_id: int, payload: GoalIn) -> Status[GoalOut]:
    values = payload.dict(exclude={"instead"})
    row = goals.open_goal(
        actor=actor_of(request), client_id=client_id, values=values, instead=payload.instead
    )
    return Status(201, _goal(actor_of(request), row))


@router.get("/{int:client_id}/costs", response=Page[CostOut], summary="What was spent")
def list_costs(request: HttpRequest, client_id: int, after: After, limit: Limit) -> Page[CostOut]:
    actor = actor_of(request)
    client = queries.client(actor, client_id)
    return page_of(queries.costs(actor, client.pk), after, limit, _cost)


@router.post("/{int:client_id}/costs", response={201: CostOut}, summary="Write down a cost")
def add_cost(request: HttpRequest, client_id: int, payload: CostIn) -> Status[CostOut]:
    row = rows.add_cost(actor=actor_of(request), client_id=client_id, values=payload.dict())
    return Status(201, _cost(row))


@goals_router.get("/{int:goal_id}/facts", response=Page[FactOut], summary="The rows of a goal's fact")
def list_facts(request: HttpRequest, goal_id: int, after: After, limit: Limit) -> Page[FactOut]:
    goal = access.get(actor_of(request), Goal.objects.all(), goal_id)
    return page_of(GoalFact.objects.filter(goal=goal), after, limit, _fact)


@goals_router.post("/{int:goal_id}/facts", response={201: FactOut}, summary="Add a row: a lead, a day's sum")
def add_fact(request: HttpRequest, goal_id: int, payload: FactIn) -> Status[FactOut]:
    row = rows.add_fact(actor=actor_of(request), goal_id=goal_id, **payload.dict())
    return Status(201, _fact(row))

"""The agency, its people, and the four clients with their goals, rows and communities."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.models import Client, ClientRole, Cost, Counting, Goal, GoalFact, Known
from niva.domains.communities import keys
from niva.domains.communities.models import Community, Slot
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.models import Membership, User, Workspace
from niva.flows.demo import told
from niva.flows.demo.hours import HISTORY, goal_days
from niva.flows.demo.told import ToldClient, ToldCommunity, ToldHand
from niva.networks.base.types import Credential
from niva.networks.practice.client import base_url
from niva.networks.practice.server.store import Community as Page
from niva.networks.practice.server.store import Store

AGE = HISTORY + dt.timedelta(days=180)  # how long the pages have been there


@dataclass(slots=True)
class Agency:
    """The workspace and everybody in it, by the keys of `agency.toml`."""

    workspace: Workspace
    users: dict[str, User]

    def actor(self, key: str) -> Actor:
        found = access.actor_for(self.users[key], self.workspace.pk)
        assert found is not None, key
        return found


@dataclass(slots=True)
class Place:
    """A community on both sides: in the desk and on the practice network."""

    community: Community
    page: Page
    told: ToldCommunity


@dataclass(slots=True)
class Made:
    """A client as it now stands, with the people who write for it."""

    told: ToldClient
    client: Client
    goal: Goal
    places: dict[str, Place]
    owner: Actor
    authors: list[User] = field(default_factory=list)
    hand: Community | None = None

    def community(self, key: str) -> Community:
        """By its key; "hand" is the place that people keep."""
        if key == "hand":
            assert self.hand is not None
            return self.hand
        return self.places[key].community

    @property
    def main(self) -> Place:
        return next(iter(self.places.values()))


def make_agency(now: dt.datetime) -> Agency:
    raw = told.agency()
    began = now - AGE
    workspace = Workspace.objects.create(
        name=raw["name"], time_zone=raw["time_zone"], is_demo=True, created_at=began
    )
    users = {}
    for row in raw["people"]:
        user = User.objects.create_user(
            row["email"], name=row["name"], time_zone=raw["time_zone"], date_joined=began
        )
        Membership.objects.create(user=user, workspace=workspace, role=row["role"], joined_at=began)
        users[row["key"]] = user
    return Agency(workspace, users)


def make_client(agency: Agency, one: ToldClient, store: Store, now: dt.datetime) -> Made:
    """The client with its roles, goal, money and connected communities."""
    owner = agency.actor("anya")
    today = now.astimezone(ZoneInfo(one.about["time_zone"])).date()
    about = dict(one.about)
    silences = [
        {"what": row["what"], "why": row["why"], "since": str(today - dt.timedelta(days=row["ago"]))}
        for row in about.pop("not_measured", ())
    ]
    client = Client.objects.create(
        workspace=agency.workspace, not_measured=silences, created_at=now - AGE, **about
    )
    record(owner, "client.created", client, kind=client.kind, key_task=client.key_task)
    authors = _give_roles(agency, client, one.key) or [agency.users["anya"]]
    goal = _goal(client, one, today)
    _money(client, one, today, agency.users["timur"])
    _facts(goal, one, today, agency.users["timur"])
    places = {row.key: _place(client, row, store, now) for row in one.communities}
    return Made(one, client, goal, places, owner, authors, _hand(client, one.hand) if one.hand else None)


def _give_roles(agency: Agency, client: Client, key: str) -> list[User]:
    """Returns those who write: authors, editors and community managers."""
    writers = []
    for row in told.agency()["people"]:
        role = row.get("at", {}).get(key)
        if role is None:
            continue
        user = agency.users[row["key"]]
        membership = Membership.objects.get(user=user, workspace=agency.workspace)
        ClientRole.objects.create(client=client, membership=membership, role=role)
        if role in ("author", "editor", "community_manager"):
            writers.append(user)
    return writers


def _goal(client: Client, one: ToldClient, today: dt.date) -> Goal:
    first, last = goal_days(today)
    raw = one.goal
    singular, few, many = raw["unit"]
    return Goal.objects.create(
        workspace_id=client.workspace_id,
        client=client,
        figure=raw["figure"],
        unit_one=singular,
        unit_few=few,
        unit_many=many,
        plan=Decimal(raw["plan"]),
        starts_on=first,
        deadline=last,
        price_limit=Decimal(raw["price_limit"]) if "price_limit" in raw else None,
        counting=raw["counting"],
        metric=raw.get("metric", ""),
        supports=list(raw["supports"]),
    )


def _money(client: Client, one: ToldClient, today: dt.date, who: User) -> None:
    Cost.objects.bulk_create(
        Cost(
            workspace_id=client.workspace_id,
            client=client,
            spent_on=today - dt.timedelta(days=row["ago"]),
            amount=Decimal(row["amount"]),
            kind=row["kind"],
            known=row.get("known", Known.COUNTED),
            note=row["note"],
            created_by=who,
        )
        for row in one.costs
    )


def _facts(goal: Goal, one: ToldClient, today: dt.date, who: User) -> None:
    """Rows of the goal's days; a row from before the goal began belongs to an earlier one. Where the goal
    counts
    leads, they come as leads."""
    if goal.counting == Counting.LEADS:
        return
    rows = [(today - dt.timedelta(days=row["ago"]), row) for row in one.facts]
    GoalFact.objects.bulk_create(
        GoalFact(
            workspace_id=goal.workspace_id,
            client_id=goal.client_id,
            goal=goal,
            happened_on=day,
            amount=Decimal(row.get("amount", 1)),
            known=row.get("known", Known.COUNTED),
            note=row["note"],
            created_by=who,
        )
        for day, row in rows
        if day >= goal.starts_on
    )


def _place(client: Client, row: ToldCommunity, store: Store, now: dt.datetime) -> Place:
    """A page on the practice network, and the same community in the desk with keys to it."""
    page = store.add_community(
        handle=row.handle,
        name=row.name,
        about=row.about,
        flavour=row.flavour,  # type: ignore[arg-type]
        followers=row.followers,
        created_at=(now - AGE).timestamp(),
    )
    access_token, _refresh = store.issue(page)
    community = Community.objects.create(
        workspace_id=client.workspace_id,
        client=client,
        network="practice",
        name=row.name,
        task=row.task,
        time_zone=client.time_zone,
        remote_id=row.handle,
        url=f"{base_url({})}/c/{row.handle}",
        created_at=now - AGE,
    )
    facts = {"handle": row.handle, "flavour": row.flavour}
    keys.store(community, Credential(secrets={"access_token": access_token}, facts=facts), ())
    Slot.objects.bulk_create(
        Slot(community=community, weekday=day, at=at, note=note) for day, at, note in row.slots
    )
    return Place(community, page, row)


def _hand(client: Client, row: ToldHand) -> Community:
    """A place of which the desk knows nothing but its address: people publish there."""
    return Community.objects.create(
        workspace_id=client.workspace_id,
        client=client,
        network="elsewhere",
        name=row.name,
        task=row.task,
        time_zone=client.time_zone,
        by_hand=True,
        url=row.url,
        created_at=client.created_at,
    )


def now_exact() -> dt.datetime:
    """Now, to the second: what is written twice must read the same."""
    return timezone.now().replace(microsecond=0)

"""Makers of rows with sensible defaults, shared by tests and the demo. Nothing here checks who may."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from django.utils import timezone

from niva.domains.clients.kinds import Fundraiser, Promise, Volunteer
from niva.domains.clients.models import (
    Client,
    ClientKind,
    ClientRole,
    Cost,
    CostKind,
    Goal,
    GoalFact,
    KeyTask,
    Role,
)
from niva.domains.people.actor import Actor
from niva.domains.people.models import Membership, User, Workspace, WorkspaceRole

_serial = itertools.count(1)


def make_workspace(name: str = "Межа", **extra: Any) -> Workspace:
    return Workspace.objects.create(name=name, **extra)


def make_person(
    workspace: Workspace, role: str = WorkspaceRole.OWNER, *, name: str = "Аня Ветрова", **extra: Any
) -> User:
    """A person who is already a member. The address is unique by itself."""
    extra.setdefault("email", f"person{next(_serial)}@example.org")
    user = User.objects.create_user(name=name, **extra)
    Membership.objects.create(user=user, workspace=workspace, role=role)
    return user


def make_actor(workspace: Workspace, role: str = WorkspaceRole.OWNER, **extra: Any) -> Actor:
    return Actor(workspace=workspace, user=make_person(workspace, role, **extra), role=role)


def give_role(client: Client, user: User, role: str = Role.AUTHOR) -> ClientRole:
    membership = Membership.objects.get(user=user, workspace_id=client.workspace_id)
    return ClientRole.objects.create(client=client, membership=membership, role=role)


def make_client(workspace: Workspace, **extra: Any) -> Client:
    values: dict[str, Any] = {
        "name": "Сытый хутор",
        "about": "Ферма, Лугов. Мясо с доставкой",
        "kind": ClientKind.BUSINESS,
        "key_task": KeyTask.LEADS,
    }
    return Client.objects.create(workspace=workspace, **{**values, **extra})


def make_goal(client: Client, **extra: Any) -> Goal:
    """Applications of the current month: 40 by plan, at most 1,000 each."""
    today = timezone.localdate()
    values: dict[str, Any] = {
        "figure": "Заявки",
        "unit_one": "заявка",
        "unit_few": "заявки",
        "unit_many": "заявок",
        "plan": Decimal(40),
        "starts_on": today.replace(day=1),
        "deadline": (today.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1),
        "price_limit": Decimal(1000),
        "supports": ["clicks", "messages"],
    }
    return Goal.objects.create(client=client, workspace_id=client.workspace_id, **{**values, **extra})


def make_facts(goal: Goal, amounts: dict[dt.date, int], **extra: Any) -> list[GoalFact]:
    """As many rows of one as each day says."""
    return GoalFact.objects.bulk_create(
        GoalFact(
            workspace_id=goal.workspace_id, client_id=goal.client_id, goal=goal, happened_on=day, **extra
        )
        for day, count in sorted(amounts.items())
        for _ in range(count)
    )


def make_cost(client: Client, amount: Decimal | int, **extra: Any) -> Cost:
    values: dict[str, Any] = {"spent_on": timezone.localdate(), "kind": CostKind.ADS}
    return Cost.objects.create(
        client=client, workspace_id=client.workspace_id, amount=Decimal(amount), **{**values, **extra}
    )


def make_promise(client: Client, what: str = "Починить качели", **extra: Any) -> Promise:
    values: dict[str, Any] = {"said_on": timezone.localdate()}
    return Promise.objects.create(
        client=client, workspace_id=client.workspace_id, what=what, **{**values, **extra}
    )


def make_fundraiser(client: Client, what: str = "На корм", **extra: Any) -> Fundraiser:
    today = timezone.localdate()
    values: dict[str, Any] = {
        "goal": Decimal(50_000), "starts_on": today - dt.timedelta(days=30), "ends_on": today,
    }  # fmt: skip
    return Fundraiser.objects.create(
        client=client, workspace_id=client.workspace_id, what=what, **{**values, **extra}
    )


def make_volunteer(client: Client, label: str = "А. В.", **extra: Any) -> Volunteer:
    values: dict[str, Any] = {"applied_on": timezone.localdate()}
    return Volunteer.objects.create(
        client=client, workspace_id=client.workspace_id, label=label, **{**values, **extra}
    )

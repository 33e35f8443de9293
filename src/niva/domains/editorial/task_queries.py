"""Named reads of tasks, their files and blocked times, and what a new brief begins with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.models import Client, ClientRole, Role
from niva.domains.clients.queries import main_goals
from niva.domains.editorial import briefs
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services.pieces import people_of
from niva.domains.editorial.task_states import DONE
from niva.domains.editorial.tasking import Block, Task, TaskFile, TaskFileVersion
from niva.domains.people.actor import Actor
from niva.domains.people.models import Membership
from niva.domains.strategy import queries as strategy

Whose = Literal["mine", "set", "all"]


def tasks(
    actor: Actor, *, whose: Whose = "mine", client_id: int | None = None, done: bool = False
) -> QuerySet[Task]:
    """Open tasks, the nearest deadline first; or those that are done, the last one first."""
    rows = access.visible(actor, Task.objects.all(), can="work")
    if whose == "mine":
        rows = rows.filter(assignee=actor.user)
    elif whose == "set":
        rows = rows.filter(set_by=actor.user).exclude(assignee=actor.user)
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    rows = rows.filter(closed_at__isnull=not done)
    rows = rows.select_related("client", "assignee", "set_by", "piece__post")
    return rows.order_by("-closed_at", "-id") if done else rows.order_by("due_at", "id")


def gone(tasks: Iterable[Task]) -> set[int]:
    """Numbers of those whose assignee does not work at the client any more. One query."""
    tasks = list(tasks)
    rows = Membership.objects.filter(workspace__in={one.workspace_id for one in tasks})
    roles = ClientRole.objects.filter(membership__in=rows).exclude(role=Role.CLIENT)
    here = set(roles.values_list("membership__user_id", "client_id"))
    everywhere = set(rows.filter(role__in=["owner", "manager"]).values_list("user_id", flat=True))
    return {
        one.pk
        for one in tasks
        if one.assignee_id not in everywhere and (one.assignee_id, one.client_id) not in here
    }


def task(actor: Actor, task_id: int) -> Task:
    """One task with all that its page shows, in a bounded number of queries. Raises NotFound, Forbidden."""
    rows = Task.objects.select_related(
        "client", "assignee", "set_by", "piece__post__goal", "piece__stage"
    ).prefetch_related("steps__to", "notes", files_with_versions(), "blocks__who")
    return access.get(actor, rows, task_id, can="work")


def files_with_versions() -> Prefetch[Any]:
    """Files of a task or a piece, each with its versions, the last one first."""
    versions = TaskFileVersion.objects.select_related("asset").order_by("-number")
    return Prefetch("files", TaskFile.objects.prefetch_related(Prefetch("versions", versions)))


def version(actor: Actor, version_id: int) -> TaskFileVersion:
    """One version of a file. Raises NotFound, Forbidden."""
    rows = TaskFileVersion.objects.select_related("file", "asset")
    return access.get(actor, rows, version_id, can="work")


@dataclass(frozen=True, slots=True)
class Blocked:
    """A blocked time as far as it lies within the asked one. `lasts`: clock time, not working hours."""

    block: Block
    since: datetime
    until: datetime

    @property
    def lasts(self) -> timedelta:
        return self.until - self.since


def blocked(
    actor: Actor,
    *,
    since: datetime,
    until: datetime,
    client_id: int | None = None,
    user_id: int | None = None,
) -> list[Blocked]:
    """Times in [since, until) in which people could not go on, oldest first; one that lasts ends now.

    For pay: shown beside a person's number. One query.
    """
    rows = access.visible(actor, Block.objects.all(), can="work")
    rows = rows.filter(since__lt=until).filter(Q(until__isnull=True) | Q(until__gt=since))
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    if user_id is not None:
        rows = rows.filter(who_id=user_id)
    rows = rows.select_related("who", "client", "task", "piece__post")
    now = timezone.now()
    found = (Blocked(row, max(row.since, since), min(row.until or now, until)) for row in rows)
    return [one for one in found if one.until > one.since]


@dataclass(frozen=True, slots=True)
class Begun:
    """What a brief begins with. `short`: the hour is so near that the slack cannot be kept."""

    title: str
    brief: dict[str, str]
    assignee_id: int | None
    due_at: datetime | None
    short: bool


def begun(actor: Actor, *, client: Client, kind: str, piece: Piece | None = None) -> Begun:
    """A brief filled from the piece, the client and the strategy, with a deadline that leaves its slack."""
    found = briefs.brief_of(kind)
    goal = main_goals(actor, [client.pk]).get(client.pk)
    if piece is not None and piece.post.goal is not None:
        goal = piece.post.goal
    planned = piece.post.planned_at if piece else None
    known: dict[str, Any] = {
        "goal": goal.figure if goal else "",
        "price": f"{goal.price_limit.normalize():f}" if goal and goal.price_limit else "",
        "audience": (piece.audience if piece else "") or _segments(actor, client.pk),
        "message": piece.key_message if piece else "",
        "call": piece.call if piece else "",
        "origin": piece.origin if piece else "",
        "hook": piece.hook if piece else "",
        "link": piece.post.link_url if piece else "",
        "starts": planned.astimezone(ZoneInfo(client.time_zone)).date().isoformat() if planned else "",
    }
    values = {one.name: str(known.get(one.source) or "") for one in found.fields if one.source}
    due = planned - timedelta(days=found.slack) if planned else None
    short = due is not None and due <= timezone.now()
    return Begun(
        title=f"{found.name}: {piece.post}"[:200] if piece and str(piece.post) else found.name,
        brief={name: value for name, value in values.items() if value},
        assignee_id=_usual(client, found.role, piece),
        due_at=None if short else due,
        short=short,
    )


def _segments(actor: Actor, client_id: int) -> str:
    """The strategy's groups of people, a line each: who they are, what they fear and ask."""
    lines = []
    for one in strategy.segments(actor, client_id=client_id)[:6]:
        parts = [one.who, one.fears, " ".join(one.asks.split("\n"))]
        said = (part.strip().rstrip(".") for part in parts if part.strip())
        lines.append(". ".join(part[:1].upper() + part[1:] for part in said))
    return "\n".join(lines)[: briefs.TEXT]


def _usual(client: Client, role: str, piece: Piece | None) -> int | None:
    """Who would get it: the piece's own author or designer, else the one person who has the role."""
    if piece is not None:
        own = {"author": piece.author_id, "designer": piece.designer_id}.get(role)
        if own is not None:
            return own
    people = people_of(client.pk, client.workspace_id)
    rows = people.filter(memberships__client_roles__client=client, memberships__client_roles__role=role)
    found = list(rows.values_list("pk", flat=True)[:2])
    return found[0] if len(found) == 1 else None


def is_late(task: Task, now: datetime | None = None) -> bool:
    return task.state not in DONE and task.due_at < (now or timezone.now())

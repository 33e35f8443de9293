"""The one door: every row is reached through here, scoped to the workspace and to the client.

Strangers get NotFound (404), whatever they guess; people inside who lack a capability get Forbidden (403).
"""

from __future__ import annotations

from typing import Final, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet

from niva.domains.clients.models import Client, ClientRole, Role
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden, NotFound
from niva.domains.people.models import Membership, User, Workspace

M = TypeVar("M", bound=Model)

_SEE: Final = frozenset({"see"})
_WORK: Final = _SEE | {"work"}
_WRITE: Final = _WORK | {"write"}
_LEAD: Final = _WRITE | {"edit", "publish", "stop"}
_ALL: Final = _LEAD | {"strategy", "connect", "goals", "pay", "manage"}
# What each role may do at a client. "see" pages and numbers; "work" = the editorial office: board, tasks,
# remarks among ourselves; "write" posts and media; "edit" = give tasks to others, accept and return, move any
# card; "strategy" = the strategy and its rubrics; "publish" = schedule, cancel, edit and delete what is out;
# "stop" = hold everything of the client at once; "connect" communities and keys; "goals" = goals, facts and
# costs; "pay" = agreements and pay sheets; "approve" = decide for the client; "manage" = the client itself,
# its contract, its stages and people's roles.
#
# The client sees what comes out and decides on it; what is said among those who work is not his to read. He
# may stop: it is his voice and his crisis, he may learn of it at night before anybody here does, and a stop
# loses nothing. To let publishing go on takes those who publish. "approve" is his alone: who acts for the
# whole workspace may do all the rest, but writes a client's decision down only with how it is known.
CAPABILITIES: Final[dict[str, frozenset[str]]] = {
    Role.OWNER: _ALL,
    Role.MANAGER: _ALL,
    Role.STRATEGIST: _WRITE | {"strategy", "goals"},
    Role.EDITOR: _LEAD,
    Role.AUTHOR: _WRITE,
    Role.DESIGNER: _WRITE,
    Role.ADVERTISER: _WORK | {"goals"},
    Role.COMMUNITY_MANAGER: _WRITE | {"publish", "stop"},
    Role.CLIENT: _SEE | {"stop", "approve"},
}


ONLY_THE_CLIENTS: Final = frozenset({"approve"})


def actor_for(user: User, workspace_id: int | None = None) -> Actor | None:
    """The person in one of his workspaces (the given one, else the first he joined), or None."""
    memberships = Membership.objects.filter(user=user).select_related("workspace").order_by("joined_at", "id")
    if workspace_id is not None:
        memberships = memberships.filter(workspace_id=workspace_id)
    membership = memberships.first()
    if membership is None:
        return None
    roles = dict(ClientRole.objects.filter(membership=membership).values_list("client_id", "role"))
    return Actor(workspace=membership.workspace, user=user, role=membership.role, client_roles=roles)


def workspaces_of(user: User) -> QuerySet[Workspace]:
    return Workspace.objects.filter(memberships__user=user).order_by("name")


def visible(actor: Actor, rows: QuerySet[M], *, can: str = "see") -> QuerySet[M]:
    """Those of the rows that this person may see (or `can` more of). The model has `workspace` and, unless
    Client, `client`."""
    rows = rows.filter(workspace_id=actor.workspace.pk)
    if actor.everywhere:
        return rows
    field = "pk__in" if rows.model is Client else "client_id__in"
    mine = [
        pk for pk, role in actor.client_roles.items() if can == "see" or can in CAPABILITIES.get(role, ())
    ]
    return rows.filter(**{field: mine})


def get(actor: Actor, rows: QuerySet[M], pk: int | str, *, can: str = "see") -> M:
    """One row. Raises NotFound for what is not there or not his, Forbidden when he lacks `can`."""
    try:
        row = visible(actor, rows).get(pk=pk)
    except (ObjectDoesNotExist, ValueError, OverflowError) as error:
        raise NotFound(rows.model._meta.model_name) from error
    demand(actor, can, client_id=row.client_id)  # type: ignore[attr-defined]
    return row


def may(actor: Actor, can: str, *, client_id: int) -> bool:
    """Whether he has the capability at this client (which he is known to see)."""
    if actor.everywhere and can not in ONLY_THE_CLIENTS:
        return True
    return can in CAPABILITIES.get(actor.client_roles.get(client_id, ""), frozenset())


def demand(actor: Actor, can: str, *, client_id: int) -> None:
    """Raises Forbidden when he lacks the capability."""
    if not may(actor, can, client_id=client_id):
        raise Forbidden(can)


def demand_somewhere(actor: Actor, can: str) -> None:
    """For pages over all clients: raises Forbidden where none of his clients gives him the capability."""
    if actor.everywhere:
        return
    if not any(may(actor, can, client_id=pk) for pk in actor.client_roles):
        raise Forbidden(can)


def demand_workspace(actor: Actor) -> None:
    """For what concerns the whole workspace: people, developer apps, new clients."""
    if not actor.everywhere:
        raise Forbidden("workspace")

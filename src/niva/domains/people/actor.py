"""Who acts: the first argument of every operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from niva.domains.people.models import User, Workspace, WorkspaceRole


@dataclass(frozen=True, slots=True)
class Actor:
    """A person within one workspace, with his roles at its clients already loaded.

    `user` is None for the machine itself (collectors, the delivery engine).
    `client_roles`: client id -> role. Owners and managers of the workspace act everywhere in it.
    """

    workspace: Workspace
    user: User | None = None
    role: str = WorkspaceRole.MEMBER
    client_roles: Mapping[int, str] = field(default_factory=dict)

    @property
    def everywhere(self) -> bool:
        return self.user is None or self.role in (WorkspaceRole.OWNER, WorkspaceRole.MANAGER)

    @property
    def name(self) -> str:
        return str(self.user) if self.user else "niva"


def machine(workspace: Workspace) -> Actor:
    """The desk itself, acting in a workspace."""
    return Actor(workspace=workspace, role=WorkspaceRole.OWNER)

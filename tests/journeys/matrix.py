"""The access matrix: every role against every operation. The table is `src/niva/web/operations.toml`.

An operation is an address with a way to ask: to look (GET) or to do (POST; for the API also PUT, PATCH and
DELETE). What it needs is one word: a capability of `domains/clients/access.py`, or one of `WORDS` below.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import niva
from niva.domains.clients.access import CAPABILITIES, ONLY_THE_CLIENTS
from niva.domains.people.models import WorkspaceRole

TABLE: Final = Path(niva.__file__).parent / "web" / "operations.toml"
# What is no capability at a client: anybody at all; whoever is in a team; who acts for the whole workspace;
# its owner alone; the person himself (his row, his settings); nobody: there is no such way to ask.
WORDS: Final = ("open", "team", "workspace", "owner", "own", "none")
# Who asks: a role at the client, or one in the workspace; `outsider`: in the team, at no client.
ROLES: Final = (*CAPABILITIES, "outsider", "workspace manager", "workspace owner")


@dataclass(frozen=True, slots=True)
class Operation:
    """`look` and `do`: what each way of asking needs."""

    name: str
    look: str
    do: str


def operations() -> dict[str, Operation]:
    """The table, by the name of the address."""
    raw: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {name: Operation(name, look, do) for rows in raw.values() for name, (look, do) in rows.items()}


def may(role: str, needs: str) -> bool:
    """Whether somebody of this role may do what needs this."""
    if needs in ("open", "team", "own"):
        return True
    if needs == "none":
        return False
    if needs in ONLY_THE_CLIENTS:
        return role == "client"
    if role == "workspace owner":
        return True
    if needs == "owner":
        return False
    if role == "workspace manager":
        return True
    return needs in CAPABILITIES.get(role, frozenset())


def workspace_role(role: str) -> str:
    return {"workspace owner": WorkspaceRole.OWNER, "workspace manager": WorkspaceRole.MANAGER}.get(
        role, WorkspaceRole.MEMBER
    )


def cells() -> Iterator[tuple[str, str, str]]:
    """(operation, way, what it needs) for all that can be asked."""
    for one in operations().values():
        for way, needs in (("look", one.look), ("do", one.do)):
            if needs != "none":
                yield one.name, way, needs

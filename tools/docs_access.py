"""The pages on who may do what, from the code: roles and capabilities, and every operation of the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

Table = Callable[[Sequence[str], Iterable[Sequence[object]]], str]
Said = Callable[[Any, str], str]

# What a capability opens, in the order of the columns.
OPENS: Final = {
    "see": "the client's pages and numbers",
    "work": "the newsroom: board, tasks, what is said among ourselves, sources, one's own pay",
    "write": "posts and media",
    "edit": "to lead the newsroom: tasks for others, accepting and returning, moving any card",
    "strategy": "the strategy and what belongs to it",
    "publish": "to schedule, cancel, edit and take down",
    "stop": "to hold everything of the client at once (letting it go on takes publish)",
    "approve": "to decide for the client",
    "goals": "goals, their rows, costs",
    "connect": "communities and their keys",
    "pay": "agreements and pay sheets of everybody",
    "manage": "the client itself, its contract, its stages and people's roles at it",
}
# What an operation may need besides a capability; see `tests/journeys/matrix.py`.
BESIDES: Final = {
    "open": "nothing: who comes by a secret link, or is not signed in yet",
    "team": "to be in a team; each sees there what is his",
    "own": "to be the person whose row it is",
    "workspace": "to own or to manage the workspace",
    "owner": "to own the workspace",
}


def roles(table: Table, said: Said) -> str:
    """Roles and what they may do."""
    from niva.domains.clients.access import CAPABILITIES
    from niva.domains.clients.models import Role

    missing = {can for several in CAPABILITIES.values() for can in several} - set(OPENS)
    if missing:
        raise ValueError(f"tell in OPENS what these open: {sorted(missing)}")
    rows = [
        (
            f"`{role.value}`",
            said(role.label, "ru"),
            said(role.label, "en"),
            *("yes" if can in CAPABILITIES[role] else "–" for can in OPENS),
        )
        for role in Role
    ]
    return "\n\n".join(
        [
            "# Roles and what they may do",
            "A role belongs to a person *at one client*. Owners and managers of the workspace may do all. "
            "From `src/niva/domains/clients/access.py`.",
            table(("role", "по-русски", "English", *OPENS), rows),
            table(("capability", "what it opens"), list(OPENS.items())),
            "A stranger gets 404 for everything, a member without the capability gets 403. "
            "Which page needs what: [operations](operations.md). "
            "How and why: [who sees what](../explanation/access.md).",
        ]
    )


def operations(table: Table) -> str:
    """Every address and what it needs, from the one table that the tests try cell by cell."""
    from tests.journeys.matrix import operations as rows

    found = sorted(rows().values(), key=lambda one: one.name)
    return "\n\n".join(
        [
            "# Operations and what they need",
            "Every address of the desk and of its API, with what looking at it and sending to it need. "
            "From `src/niva/web/operations.toml`; the tests ask each of them as each role.",
            table(
                ("operation", "to look", "to do"),
                [(f"`{one.name}`", _word(one.look), _word(one.do)) for one in found],
            ),
            table(("word", "what it means"), [*OPENS.items(), *BESIDES.items()]),
        ]
    )


def _word(needs: str) -> str:
    return "–" if needs == "none" else needs

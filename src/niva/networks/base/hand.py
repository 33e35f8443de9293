"""A place without an API: people publish there by hand, and the desk makes the task at its hour.

Nothing here talks to anybody. The post is checked against what is known of the place; the delivery becomes a
task for a person (see `niva.domains.publishing.services.by_hand`), who brings the link back as proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from niva.networks.base.connector import Connector
from niva.networks.base.errors import Rejected
from niva.networks.base.limits import Checker, Limits
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import (
    JSON,
    Account,
    Credential,
    Outgoing,
    Problem,
    Readings,
    Remote,
    Seen,
    Step,
)


class ByHand:
    """The four shapes of a connector for a place that nobody can call: all calls are refused."""

    def check(self, out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
        return Checker(limits, self.length).everything(out)

    def length(self, text: str) -> int:
        return len(text)

    def steps(self, out: Outgoing, credential: Credential) -> tuple[Step, ...]:
        return (Step("create", "create"),)

    async def perform(self, call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
        self._refuse()

    async def look_up(self, call: Call, question: Question) -> Answer:
        return Answer(None)

    def remote(self, done: Mapping[str, JSON]) -> Remote:
        created = done["create"]
        return Remote(str(created["id"]), str(created.get("url", "")))

    async def edit(self, call: Call, there: Remote, out: Outgoing) -> Remote:
        raise Rejected("edit_unsupported")

    async def delete(self, call: Call, there: Remote) -> None:
        raise Rejected("delete_unsupported")

    async def read_back(self, call: Call, there: Remote) -> Seen:
        raise Rejected("read_back_unsupported")

    async def read_post(self, call: Call, there: Remote) -> Readings:
        raise Rejected("post_numbers_unsupported")

    async def read_community(self, call: Call) -> Readings:
        raise Rejected("community_numbers_unsupported")

    async def account(self, call: Call) -> Account:
        self._refuse()

    async def refresh(self, call: Call) -> Credential:
        return call.credential

    def _refuse(self) -> NoReturn:
        raise Rejected("by_hand")


def hand_connector(folder: Path) -> Connector:
    """The network of a folder with a manifest, limits and guides, and nothing to call."""
    hand = ByHand()
    return Connector(folder, payloads=hand, publish=hand, readings=hand, setup=hand)

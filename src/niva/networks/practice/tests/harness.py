"""The practice network for the common suite: its own server, run in the test's process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from niva.networks.base.inbox import MessageKind
from niva.networks.base.testing import Harness, open_session
from niva.networks.base.types import Credential
from niva.networks.practice import NETWORK
from niva.networks.practice.server import Store, serve, voices
from niva.networks.practice.server import faults as server_faults
from niva.networks.practice.server.store import Community, Flavour

# a fault of the harness -> (kind, parameters) of the server
FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "accepted_then_timeout": ("accept_then_timeout", {}),
    "error_after_commit": ("fail_500_after_commit", {}),
    "reset": ("reset", {}),
    "nonsense": ("nonsense", {}),
    "limited": ("limit", {"retry_after": 30}),
    "limited_no_delay": ("limit", {}),
    "refused": ("refuse", {"reason": "реклама без пометки", "hits": "create"}),
    "revoked": ("revoke", {}),
    "expired": ("expire", {}),
    "forgotten": ("forget", {}),
    "surplus": ("surplus", {"count": None}),
}


@asynccontextmanager
async def open_flavoured(flavour: Flavour) -> AsyncIterator[Harness]:
    """A server with one community of this flavour."""
    with TemporaryDirectory(prefix="niva-practice-") as folder:
        async with serve(Path(folder) / "state.sqlite3", port=0) as serving, open_session() as session:
            community = serving.store.add_community(handle="niva", name="Нива", flavour=flavour)
            access, refresh = serving.store.issue(community)
            yield Harness(
                network=NETWORK,
                credential=Credential(
                    secrets={"access_token": access, "refresh_token": refresh},
                    facts={"api_base": serving.url, "handle": "niva", "flavour": flavour},
                ),
                posts=_reader(serving.store, community),
                fault=_armer(serving.store, community),
                faults=frozenset(FAULTS),
                say=_sayer(serving.store, community),
                session=session,
                parts=lambda: [
                    post.text
                    for post in reversed(serving.store.posts(community, limit=1000, parts=True))
                    if post.answers is not None
                ],
            )


@asynccontextmanager
async def open_harness() -> AsyncIterator[Harness]:
    async with open_flavoured("keyed") as harness:
        yield harness


def _reader(store: Store, community: Community) -> Callable[[], list[dict[str, Any]]]:
    def posts() -> list[dict[str, Any]]:
        standing = store.posts(community, limit=1000)
        return [
            {"id": str(post.id), "text": post.text, "media": len(post.media)} for post in reversed(standing)
        ]

    return posts


def _sayer(store: Store, community: Community) -> Callable[[MessageKind, str, str], None]:
    def say(kind: MessageKind, text: str, post: str) -> None:
        voices.plant(store, community, kind, text, post=store.post(community, int(post)) if post else None)

    return say


def _armer(store: Store, community: Community) -> Callable[[str], None]:
    def fault(name: str) -> None:
        kind, parameters = FAULTS[name]
        server_faults.arm(store, kind, community, **parameters)

    return fault

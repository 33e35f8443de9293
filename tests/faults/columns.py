"""The networks of the matrix: each on a server of its own, behind a line that can be told to do wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

from niva.networks.base.types import Credential
from niva.networks.mastodon.tests.entities import ACCOUNT_ID
from niva.networks.mastodon.tests.fake import LIMITED_SECONDS, open_fake
from niva.networks.practice.server import faults as practice_faults
from niva.networks.practice.server import serve
from niva.networks.practice.server.app import Serving
from niva.networks.practice.tests.harness import FAULTS as PRACTICE_FAULTS
from niva.networks.telegram.tests.fake import FakeTelegram
from niva.networks.vk.tests import fake as vk_fake
from niva.networks.vk.tests.fake import FakeVk
from tests.faults.line import Line, open_line

# Far enough that no hour played here reaches it, so that keys end only where a row says so.
NO_END: Final = timedelta(days=60)
_NUMBERS: Final = count(1)


@dataclass(slots=True)
class Site:
    """One community of one network, with the line before it.

    `fault`: a fault of the server's own (see `niva.networks.base.testing.FAULTS`). `told`: seconds that it
    names when it limits, None where it names none. `new_keys`: what a person gets who connects again.
    `renews`: is this request line a renewal of keys; `spent`: is this renewal token of no use any more;
    `calm`: forget the faults that are armed still.
    """

    network: str
    credential: Credential
    line: Line
    posts: Callable[[], Sequence[str]]
    comments: Callable[[], int]
    fault: Callable[[str], None]
    new_keys: Callable[[], Credential]
    is_comment: Callable[[str], bool] = lambda start: False
    is_upload: Callable[[str], bool] = lambda start: False
    renews: Callable[[str], bool] = lambda start: False
    spent: Callable[[str], bool] = lambda token: False
    told: float | None = None
    calm: Callable[[], None] = lambda: None


Opener = Callable[[], Any]


def _ends() -> datetime:
    return datetime.now(UTC) + NO_END


class Field:
    """All servers of one run of the matrix. The practice network's is shared, a community for each cell."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = AsyncExitStack()
        self._practice: Serving

    async def __aenter__(self) -> Field:
        self._practice = await self._stack.enter_async_context(serve(self.folder / "p.sqlite3", port=0))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @asynccontextmanager
    async def open(self, column: str) -> AsyncIterator[Site]:
        made = {"vk": self._vk, "vk_group": self._vk_group, "telegram": _telegram, "mastodon": _mastodon}
        opened = made[column]() if column in made else self._practiced(column)
        async with opened as site:
            yield site

    @asynccontextmanager
    async def _practiced(self, flavour: Any) -> AsyncIterator[Site]:
        store = self._practice.store
        community = store.add_community(handle=f"field{next(_NUMBERS)}", name="Поле", flavour=flavour)

        def keys() -> Credential:
            access, refresh = store.issue(community)
            secrets = {"access_token": access, "refresh_token": refresh}
            facts = {"api_base": line.url, "handle": community.handle, "flavour": flavour}
            return Credential(secrets, facts, _ends())

        def fault(name: str) -> None:
            kind, params = PRACTICE_FAULTS[name]
            practice_faults.arm(store, kind, community, **params)

        def spent(token: str) -> bool:
            try:
                store.access(token, "refresh")
            except Exception:
                return True
            return False

        def comments() -> int:
            query = "select count(*) from comments c join posts p on p.id = c.post where p.community = ?"
            return int(store.db.execute(query, (community.id,)).fetchone()[0])

        def creates(start: str) -> bool:
            return start.startswith("POST /api/v1/posts ")

        async with open_line(self._practice.url, creates) as line:
            yield Site(
                "practice", keys(), line,
                posts=lambda: [post.text for post in store.posts(community, limit=1000)],
                comments=comments, fault=fault, new_keys=keys,
                is_comment=lambda start: start.startswith("POST") and "/comments " in start,
                is_upload=lambda start: start.startswith("POST /api/v1/media "),
                renews=lambda start: start.startswith("POST /api/v1/token"), spent=spent, told=30,
            )  # fmt: skip

    def _vk(self) -> Any:
        return _vk_with(user=True)

    def _vk_group(self) -> Any:
        return _vk_with(user=False)


@asynccontextmanager
async def _vk_with(*, user: bool) -> AsyncIterator[Site]:
    async with (
        FakeVk() as fake,
        open_line(fake.url, lambda start: start.startswith("POST /method/wall.post ")) as line,
    ):
        fake.url = line.url  # the addresses that it names for uploads lead through the line, too

        def keys() -> Credential:
            fake.key_error = None
            fake.refresh_keys.add(vk_fake.REFRESH_KEY)
            return fake.credential(
                user=user, api_base=line.url, id_base=line.url, access_expires_at=_ends().isoformat()
            )

        yield Site(
            "vk", keys(), line,
            posts=lambda: [post["text"] for post in fake.posts()],
            comments=lambda: sum(len(one) for one in fake.comments.values()),
            fault=fake.fault, new_keys=keys,
            is_comment=lambda start: "wall.createComment" in start,
            is_upload=lambda start: start.startswith("POST /upload/"),
            renews=lambda start: "/oauth2/auth" in start,
            spent=lambda token: token not in fake.refresh_keys, told=1, calm=fake.armed.clear,
        )  # fmt: skip
        assert fake.violations == []


@asynccontextmanager
async def _telegram() -> AsyncIterator[Site]:
    async with FakeTelegram() as fake, open_line(fake.url, lambda start: "/send" in start) as line:

        def keys() -> Credential:
            fake.revoked = False
            given = fake.credential()
            return replace(given, facts={**given.facts, "api_base": line.url})

        yield Site(
            "telegram", keys(), line,
            posts=lambda: [post["text"] for post in fake.posts()],
            comments=lambda: 0, fault=fake.fault, new_keys=keys, told=fake.retry_after,
        )  # fmt: skip
        assert fake.violations == []


@asynccontextmanager
async def _mastodon() -> AsyncIterator[Site]:
    async with (
        open_fake() as fake,
        open_line(fake.url, lambda start: start.startswith("POST /api/v1/statuses ")) as line,
    ):

        def keys() -> Credential:
            fake.revoked = False
            return Credential({"access_token": fake.token}, {"instance": line.url, "account_id": ACCOUNT_ID})

        def is_comment(start: str) -> bool:
            return line.marks(start) and sum(map(line.marks, line.seen)) == 2

        yield Site(
            "mastodon", keys(), line,
            posts=lambda: [post["text"] for post in fake.posts()],
            comments=lambda: len(fake.statuses) - len(fake.posts()),
            fault=fake.fault, new_keys=keys, is_comment=is_comment, told=LIMITED_SECONDS,
            is_upload=lambda start: start.startswith("POST /api/v2/media "),
        )  # fmt: skip

"""One cell of the matrix, played: the real engine, a real database, real HTTP, and no waiting.

Time passes by moving what happened into the past, so that the desk, its database and its limits agree.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final

import aiohttp
import asyncpg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from PIL import Image

from niva.domains.clients.models import Client
from niva.domains.communities import keys
from niva.domains.communities.factories import connect, make_community
from niva.domains.communities.models import Community, CommunityState
from niva.domains.communities.models import Credential as Keys
from niva.domains.people.actor import machine
from niva.domains.publishing.delivery.engine import Engine
from niva.domains.publishing.delivery.keyring import Keyring
from niva.domains.publishing.delivery.store import Store
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, PostMedia
from niva.domains.publishing.services import media
from niva.domains.publishing.services import schedule as service
from niva.domains.publishing.states import FIRES, State
from niva.networks.base.types import Credential
from niva.networks.registry import get_network
from niva.words import DICTIONARY
from tests.faults.acts import ACTS, SLOW, TOLD_SECONDS, cut_before_answer
from tests.faults.columns import Site
from tests.faults.matrix import End, Fault

AWAY: Final = timedelta(hours=6)
ROUNDS: Final = 60  # more wake-ups than any cell takes; one that needs more would never come to rest
SHORT, LONG = 2.0, 60.0  # seconds of deadline: where the line will stay silent, and everywhere else
SLACK, BUSY = timedelta(seconds=1), timedelta(seconds=15)  # whole seconds; a machine with much to do
AT_ONCE: Final = 5  # deliveries that meet the ended token together
_OWN: Final = frozenset({"limited", "limited_no_delay", "refused", "captcha"})  # the fakes' own words for it


_EARLIER: Final = (
    "update publishing_delivery set due_at = due_at - $2::interval, wake_at = wake_at - $2::interval "
    "where id = any($1)",
    "update publishing_attempt set started_at = started_at - $2::interval where delivery_id = any($1)",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """The delivery's row as it is now."""

    id: int
    state: str
    code: str
    wake_at: datetime | None
    community_id: int


@dataclass(slots=True)
class Play:
    """One community, its deliveries (the first is the one that is looked at), and its engine."""

    fault: Fault
    site: Site
    client: Client
    pool: asyncpg.Pool
    session: aiohttp.ClientSession
    resets: bool = True  # the line cuts with RST, else with FIN
    passed: timedelta = timedelta(0)  # of the time that was played
    wrong: list[str] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    account: str = ""
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.site.line.resets = self.resets
        self.engine = Engine(
            Store(self.pool), self.session, Keyring(self.pool, settings.TOKEN_KEYS),
            media_root=Path(settings.MEDIA_ROOT), now=timezone.now, network_of=get_network, deadline=LONG,
        )  # fmt: skip

    def expect(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.wrong.append(f"{what}: {found!r}, not {wanted!r}")

    # --- the world ---

    @property
    def wanted(self) -> tuple[int, str, bool]:
        """How many posts, their first comment, and whether a picture goes with them."""
        number = _ROWS.get(self.fault.name, (_plain, 1))[1]
        comment = "Заказ по ссылке" if self.fault.name == "comment_lost" else ""
        return number, comment, self.fault.name in _WITH_PICTURE

    def connected(self) -> Community:
        """A community with this site's keys, which stand for an account of their own: limits are its own."""
        community = make_community(self.client, self.site.network, late_minutes=self.fault.late)
        given = self.site.credential
        connect(community, dict(given.secrets), facts=dict(given.facts), expires_at=given.expires_at)
        kept = Keys.objects.get(community=community)
        self.account = f"cell-{community.pk}"
        kept.facts["account_mark"] = self.account
        kept.save()
        return community

    async def fresh(self, delivery: Delivery) -> Standing:
        query = "select id, state, code, wake_at, community_id from publishing_delivery where id = $1"
        return Standing(**await self.pool.fetchrow(query, delivery.pk))

    async def pass_time(self, time: timedelta) -> None:
        """All that happened here so far was so much earlier: for the desk, the database, its limits."""
        self.passed += time
        mine = [one.pk for one in self.deliveries]
        for query in _EARLIER:
            await self.pool.execute(query, mine, time)
        await self.pool.execute(
            "update publishing_bucket set full_at = full_at - $3::interval, "
            "blocked_until = blocked_until - $3::interval "
            "where key like $1 or key like $2",
            f"%:{self.account}", f"%:127.0.0.1:{self.site.line.port}", time,
        )  # fmt: skip

    async def take_up(self, *deliveries: Delivery) -> None:
        """The hour of their wake-up has come, and a worker takes each up, all at once."""
        self.engine.deadline = SHORT if self.fault.name in SLOW and self.site.line.armed else LONG
        await self.pool.execute(
            "update publishing_delivery set wake_at = now(), lease_until = null "
            "where id = any($1) and wake_at is not null",
            [one.pk for one in deliveries],
        )
        await asyncio.gather(*(self.engine.deliver(one.pk) for one in deliveries))

    async def rest(self, delivery: Delivery, *, until: timedelta | None = None) -> Standing:
        """Wake-up after wake-up, as if the time between had passed, until nothing happens by itself."""
        for _ in range(ROUNDS):
            now = await self.fresh(delivery)
            if now.wake_at is None:
                return now
            left = max(now.wake_at - timezone.now(), timedelta(0))
            if until is not None and self.passed + left >= until:
                return now
            await self.pass_time(left)
            await self.take_up(delivery)
        raise AssertionError(f"{now.state} ({now.code}) after {ROUNDS} wake-ups")

    # --- what is compared ---

    async def tries(self, delivery: Delivery, step: str = "create") -> tuple[str, ...]:
        query = "select outcome from publishing_attempt where delivery_id = $1 and step = $2 order by id"
        rows = await self.pool.fetch(query, delivery.pk, step)
        return tuple(outcome for outcome, _ in groupby(row["outcome"] for row in rows))

    def held(self, delivery: Delivery) -> int:
        """How many posts the server holds of this delivery."""
        index = self.deliveries.index(delivery)
        return sum(text == f"Рёбрышки, лоток {index}" for text in self.site.posts())

    async def compare(self, delivery: Delivery, end: End) -> None:
        now = await self.fresh(delivery)
        self.expect("state", now.state, end.state)
        if end.code is not None:
            self.expect("code", now.code, end.code)
        self.expect(f"words for {now.code}", not now.code or now.code in DICTIONARY, True)
        self.expect("posts at the network", self.held(delivery), end.posts)
        self.expect("tries", await self.tries(delivery), end.tries)
        query = "select count(*) from publishing_publication where delivery_id = $1"
        published = await self.pool.fetchval(query, delivery.pk)
        self.expect("publications", published, int(end.state == State.PUBLISHED))
        asked = now.state in FIRES or "unknown" in await self.tries(delivery, "comment")
        self.expect("a person is asked", asked and now.wake_at is None, bool(end.asked))

    # --- what a person does then ---

    async def ask_person(self, delivery: Delivery) -> None:
        """Somebody does what he is asked, truthfully, and the network works: out, once."""
        now = await self.fresh(delivery)
        if now.state == State.PUBLISHED:
            return
        fresh_keys = self.site.new_keys() if now.state == State.NEEDS_LOGIN else None
        await sync_to_async(self._act_as_person)(now, seen=bool(self.held(delivery)), fresh_keys=fresh_keys)
        end = await self.rest(delivery)
        self.expect("state after the person", end.state, State.PUBLISHED)
        self.expect("posts after the person", self.held(delivery), 1)

    def _act_as_person(self, now: Standing, *, seen: bool, fresh_keys: Credential | None) -> None:
        actor = machine(self.client.workspace)
        if now.state == State.UNKNOWN:
            if seen:
                url = f"https://example.org/{now.id}"
                service.say_it_is_out(actor, delivery_id=now.id, url=url)
            else:
                service.say_it_is_not_out(actor, delivery_id=now.id, send_again=True)
        elif fresh_keys is not None:
            community = Community.objects.get(pk=now.community_id)
            self.expect("the community", community.state, CommunityState.NEEDS_LOGIN)
            keys.store(community, fresh_keys, ())
            Community.objects.filter(pk=community.pk).update(state=CommunityState.CONNECTED)
            service.resume_after_login(community.pk)
        else:
            service.reschedule(actor, delivery_id=now.id, at=None)


# --- the rows ---


async def _plain(play: Play, end: End) -> None:
    """The fault hits the first call that creates the post."""
    [delivery] = play.deliveries
    name = play.fault.name
    if name == "cut_before_request":
        play.site.line.cut_after(0)
    elif name in ACTS:
        play.site.line.arm(ACTS[name])
    else:
        play.site.fault(name)
    await play.take_up(delivery)
    await _obeys(play, delivery)
    await play.rest(delivery)
    play.expect("the fault came", play.site.line.armed, False)
    await play.compare(delivery, end)


async def _obeys(play: Play, delivery: Delivery) -> None:
    """A pause that was told is kept: counted from somewhere between the call and its answer's being noted."""
    told = {"limited": play.site.told, "limited_by_proxy": TOLD_SECONDS}.get(play.fault.name)
    if told is None:
        return
    query = "select started_at, finished_at from publishing_attempt where delivery_id = $1"
    began, ended = await play.pool.fetchrow(query, delivery.pk)
    wakes, pause = (await play.fresh(delivery)).wake_at, timedelta(seconds=told)
    if not began + pause - SLACK <= wakes <= ended + pause + BUSY:
        play.wrong.append(f"told at {ended} to wait {told:g} s, waits until {wakes}")


async def _after_another(play: Play, end: End) -> None:
    """The post before goes out first; then its answer is given once more."""
    first, second = play.deliveries
    await play.take_up(first)
    play.site.line.arm(ACTS[play.fault.name])
    await play.take_up(second)
    await play.rest(second)
    await play.compare(second, end)
    play.expect("posts of the one before", play.held(first), 1)


async def _refused_connection(play: Play, end: End) -> None:
    [delivery] = play.deliveries
    await play.site.line.down()
    await play.take_up(delivery)
    await play.site.line.up()
    await play.rest(delivery)
    await play.compare(delivery, end)


async def _away(play: Play, end: End) -> None:
    """Nothing listens from now on, or from the first call on, and after six hours all is well again."""
    [delivery] = play.deliveries
    line = play.site.line
    if play.fault.name.startswith("lost_"):
        line.arm(cut_before_answer)
        await play.take_up(delivery)
    elif play.fault.name.startswith("unsent_"):
        line.arm(ACTS["lost_before_server"])
        await play.take_up(delivery)
    await line.down()
    await play.rest(delivery, until=AWAY)
    await line.up()
    await play.rest(delivery)
    await play.compare(delivery, end)


async def _gateway(play: Play, end: End) -> None:
    [delivery] = play.deliveries
    line = play.site.line
    line.spoil(ACTS["gateway_not_done"])
    await play.rest(delivery, until=AWAY)
    line.spoil(None)
    await play.rest(delivery)
    await play.compare(delivery, end)


async def _captcha_stays(play: Play, end: End) -> None:
    [delivery] = play.deliveries
    for _ in range(ROUNDS):
        play.site.fault("captcha")
    await play.rest(delivery)
    await play.compare(delivery, end)
    play.site.calm()


async def _expired(play: Play, end: End) -> None:
    """All at once meet the ended token. One renewal, and the token that came with it is kept."""
    play.site.fault("expired")
    await play.take_up(*play.deliveries)
    for delivery in play.deliveries:
        await play.rest(delivery)
        play.expect("posts of each", play.held(delivery), 1)
    play.expect("renewals", sum(map(play.site.renews, play.site.line.seen)), 1)
    kept = await sync_to_async(keys.load)(play.deliveries[0].community_id)
    play.expect("the renewal token is spent", play.site.spent(kept.secrets["refresh_token"]), False)
    await play.compare(play.deliveries[0], end)


async def _expired_and_lost(play: Play, end: End) -> None:
    [delivery] = play.deliveries
    play.site.fault("expired")
    play.site.line.arm(cut_before_answer, play.site.renews)
    await play.rest(delivery)
    await play.compare(delivery, end)


async def _comment_lost(play: Play, end: End) -> None:
    [delivery] = play.deliveries
    play.site.line.arm(cut_before_answer, play.site.is_comment)
    await play.rest(delivery)
    play.expect("the fault came", play.site.line.armed, False)
    await play.compare(delivery, end)
    play.expect("comments", play.site.comments(), 1)


async def _picture(play: Play, end: End) -> None:
    [delivery] = play.deliveries
    line, lost = play.site.line, play.fault.name != "upload_cut"
    wants = line.marks if play.fault.name == "picture_lost" else play.site.is_upload
    line.arm(cut_before_answer if lost else ACTS["cut_in_request_body"], wants)
    await play.rest(delivery)
    play.expect("the fault came", line.armed, False)
    await play.compare(delivery, end)


_WITH_PICTURE: Final = frozenset({"upload_lost", "upload_cut", "picture_lost"})
Row = Callable[[Play, End], Awaitable[None]]
_ROWS: Final[Mapping[str, tuple[Row, int]]] = {
    "same_answer": (_after_another, 2),
    "same_answer_not_done": (_after_another, 2),
    "refused_connection": (_refused_connection, 1),
    "down": (_away, 1),
    "down_but_late_allowed": (_away, 1),
    "lost_then_down": (_away, 1),
    "lost_then_down_but_late_allowed": (_away, 1),
    "unsent_then_down": (_away, 1),
    "gateway_for_hours": (_gateway, 1),
    "captcha_stays": (_captcha_stays, 1),
    "expired": (_expired, AT_ONCE),
    "expired_and_lost": (_expired_and_lost, 1),
    "comment_lost": (_comment_lost, 1),
    **dict.fromkeys(_WITH_PICTURE, (_picture, 1)),
}


async def play_cell(play: Play, end: End) -> list[str]:
    """What differs from the table; empty when all is as it says."""
    row, _ = _ROWS.get(play.fault.name, (_plain, 1))
    await row(play, end)
    await play.ask_person(play.deliveries[-1] if row is _after_another else play.deliveries[0])
    return play.wrong


def _drawn() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (64, 48), "wheat").save(data, "PNG")
    return data.getvalue()


@transaction.atomic
def schedule_all(plays: Sequence[Play]) -> None:
    """The deliveries of all plays, due now: one post for all communities that want the same, to be quick."""
    alike: dict[tuple[int, str, bool], dict[int, Play]] = {}
    for play in plays:
        alike.setdefault(play.wanted, {})[play.connected().pk] = play
    for (number, comment, picture), members in alike.items():
        communities = Community.objects.select_related("client").filter(pk__in=members)
        for index in range(number):
            post = make_post(*communities, text=f"Рёбрышки, лоток {index}", first_comment=comment)
            actor = machine(post.workspace)
            if picture:
                file = SimpleUploadedFile("field.png", _drawn())
                asset = media.upload(actor, client_id=post.client_id, file=file)
                PostMedia.objects.create(post=post, asset=asset)
            result = service.schedule(actor, post_id=post.pk)
            assert not result.behind, result.behind
            for delivery in result.deliveries:
                members[delivery.community_id].deliveries.append(delivery)

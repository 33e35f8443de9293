"""A community looked over for real: the practice network with faults planted, and servers that mean harm."""

from __future__ import annotations

import asyncio
import io
import struct
import time
import zlib
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from aiohttp import web
from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import timezone
from PIL import Image, ImageDraw

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.communities.models import Community
from niva.domains.condition import queries, services
from niva.domains.condition.models import Cause, Check, Condition, Finding
from niva.domains.condition.states import State
from niva.domains.people.errors import Invalid
from niva.flows import condition
from niva.flows.talk import open_line
from niva.flows.work import make_worker
from niva.kit.jobs.testing import empty
from niva.networks.base.profile import Picture
from niva.networks.practice.server import faults, profiles, serve

pytestmark = pytest.mark.django_db(transaction=True)


def picture(width: int, height: int, ground: str = "#1d5c2e", sign: str = "#ffffff") -> bytes:
    """One large sign in the middle of a plain ground."""
    image = Image.new("RGB", (width, height), ground)
    side, (x, y) = min(width, height) // 4, (width // 2, height // 2)
    ImageDraw.Draw(image).rectangle((x - side, y - side, x + side, y + side), fill=sign)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class Page:
    """A community of the practice network that is in order, and the desk's row for it."""

    def __init__(self, serving, planted, actor, community) -> None:
        self.serving, self.planted, self.actor, self.community = serving, planted, actor, community

    def plant(self, **changes) -> None:
        profiles.change(self.serving.store, self.planted, changes, planted=True)

    def draw(self, width: int, height: int, **colours: str) -> str:
        return profiles.add_picture(self.serving.store, self.planted, picture(width, height, **colours))

    async def look(self, cause: str = Cause.HAND) -> None:
        async with open_line(connections=4, pool_size=1) as line:
            await condition.look(line, community_id=self.community.pk, cause=cause, by=None)

    async def faults(self) -> set[str]:
        """Items that the desk itself finds wrong."""
        rows = Finding.objects.filter(community=self.community, state__in=["broken", "unknown"])
        return {row.item async for row in rows} | {
            row.item async for row in Finding.objects.filter(said="register_soon")
        }

    async def row(self) -> Condition:
        return await Condition.objects.aget(community=self.community)


@asynccontextmanager
async def opened(monkeypatch):
    with TemporaryDirectory(prefix="niva-condition-") as folder:
        async with serve(Path(folder) / "state.sqlite3", port=0) as serving:
            monkeypatch.setenv("NIVA_INNER_HOSTS", serving.url)
            planted = serving.store.add_community(handle="ferma", name="Ферма Нижнее", flavour="keyed")
            access, refresh = serving.store.issue(planted)

            def prepare():
                empty()
                actor = make_actor(make_workspace())
                community = make_community(make_client(actor.workspace))
                facts = {"api_base": serving.url, "handle": "ferma", "flavour": "keyed"}
                connect(community, {"access_token": access, "refresh_token": refresh}, facts=facts)
                return Page(serving, planted, actor, community)

            page = await sync_to_async(prepare)()
            site = f"{serving.url}/c/ferma?utm_source=practice&utm_medium=bio"
            page.plant(
                status="Приём заказов до пятницы", about="Молоко и сыр. Заказ: +7 900 123-45-67", site=site,
                contacts=["Ольга, +7 900 123-45-67"], address="Казань", hours="9–18", category="Продукты",
                avatar=page.draw(400, 400), cover=page.draw(1920, 768), button="Написать",
                menu=["Цены", "Отзывы"], age_mark="0+", greeting="Здравствуйте", admins=2, verified=True,
                followers=1200, last_post_at=datetime.now(UTC).isoformat(),
            )  # fmt: skip
            post = serving.store.db.execute(
                "insert into posts (community, text, created_at, audience, pace) values (?, ?, ?, 10, 1)"
                " returning id",
                (planted.id, "Кто мы", time.time()),
            ).fetchone()["id"]
            page.plant(pinned=str(post))
            try:
                yield page
            finally:
                await sync_to_async(connections.close_all)()


def days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


async def test_a_dozen_planted_faults_and_no_others(monkeypatch):
    async with opened(monkeypatch) as page:
        await page.look()
        assert await page.faults() == set(), "nothing is wrong before anything is planted"
        base = page.serving.url
        page.plant(
            avatar=page.draw(90, 90),
            cover=page.draw(1920, 1080),
            status="",
            contacts=[],
            about="Молоко и сыр",
            site=f"{base}/c/ferma",
            links=[f"{base}/no-such-page"],
            age_mark="",
            messages_on=False,
            admins=1,
            followers=12_000,
            last_post_at=days_ago(30),
        )
        await page.look(Cause.NIGHT)
        assert await page.faults() == {
            "avatar_size", "cover_ratio", "status_set", "contacts_set", "about_contact", "site_utm",
            "links_alive", "age_mark", "messages_on", "admins_two", "registered", "post_recent",
        }  # fmt: skip
        row, last = await page.row(), await Check.objects.filter(community=page.community).alatest("at")
        assert (last.cause, last.done, last.required) == ("night", row.done, row.required)
        assert sorted(one[0] for one in last.changed if one[2] == "broken") == sorted(await page.faults())
        dead = await Finding.objects.aget(item="links_alive")
        assert dead.params["links"] == [{"url": f"{base}/no-such-page", "code": "status", "status": 404}]


OTHERS = [
    ({"avatar": ""}, {"avatar_set"}),
    ({"cover": ""}, {"cover_set"}),
    ({"site": "", "links": []}, {"site_set"}),
    ({"greeting": ""}, {"greeting_set"}),
    ({"comments_on": False}, {"comments_on"}),
    ({"button": ""}, {"button_set"}),
    ({"menu": []}, {"menu_set"}),
    ({"closed": True}, {"open_to_all"}),
    ({"verified": False}, {"verified"}),
    ({"followers": 9_500}, {"registered"}),
    ({"pinned": ""}, {"pinned_set"}),
    ({"about": "", "address": "", "hours": "", "category": ""},
     {"about_set", "address_set", "hours_set", "category_set"}),
]  # fmt: skip


async def test_every_other_fault_alone(monkeypatch):
    async with opened(monkeypatch) as page:
        before = profiles.settings(page.serving.store, page.planted) | {"about": "Заказ: +7 900 123-45-67"}
        for changes, found in OTHERS:
            page.plant(**changes)
            await page.look()
            assert await page.faults() == found, changes
            page.plant(**{name: before[name] for name in changes})
        page.plant(avatar=page.draw(400, 400, ground="#8a8a8a", sign="#969696"))
        await page.look()
        assert await page.faults() == {"avatar_contrast", "avatar_legible"}
        page.serving.store.db.execute("update posts set created_at = ?", (time.time() - 200 * 86_400,))
        page.plant(avatar=before["avatar"])
        await page.look()
        assert await page.faults() == {"pinned_fresh"}


async def test_the_worker_does_it_by_hand_and_once_a_night(monkeypatch):
    async with opened(monkeypatch) as page:
        await sync_to_async(condition.ask)(actor=page.actor, community_id=page.community.pk)
        assert (await page.row()).busy_since is not None
        await make_worker(periodic=False).run_until_idle()
        row = await page.row()
        assert (row.busy_since, row.code) == (None, "") and row.required > 10
        assert await sync_to_async(condition.hand_out)() == 0, "looked at just now"
        await Condition.objects.aupdate(tried_at=timezone.now() - condition.OVERDUE - timedelta(minutes=1))
        assert await sync_to_async(condition.hand_out)() == 0, "it was added just now"
        await Community.objects.aupdate(created_at=timezone.now() - timedelta(days=1))
        assert await sync_to_async(condition.hand_out)() == 1


@pytest.mark.parametrize(("hour", "due"), [(1, False), (2, True), (5, True), (6, False), (14, False)])
def test_night_is_by_the_communitys_own_clock(hour, due):
    at = datetime(2026, 11, 23, hour, 30, tzinfo=UTC) - timedelta(hours=12)  # Kamchatka is 12 h ahead
    assert condition._is_due("Asia/Kamchatka", None, at) is due
    assert condition._is_due("Asia/Kamchatka", at - timedelta(hours=37), at) is True


@pytest.mark.parametrize(
    ("fault", "code"),
    [("revoke", "token_revoked"), ("expire", "token_expired"), ("nonsense", "nonsense")],
)
async def test_a_look_that_fails_says_why_and_keeps_what_was_seen(monkeypatch, fault, code):
    async with opened(monkeypatch) as page:
        await page.look()
        before = await page.row()
        faults.arm(page.serving.store, fault, page.planted)
        await page.look(Cause.NIGHT)
        row = await page.row()
        assert (row.code, row.done, row.required) == (code, before.done, before.required)
        assert row.seen == before.seen and row.looked_at == before.looked_at
        await page.community.arefresh_from_db()
        assert page.community.state == "connected", "what may not read the settings may still publish"


async def test_mending_writes_looks_again_and_is_recorded(monkeypatch):
    async with opened(monkeypatch) as page:
        page.plant(messages_on=False, status="")
        await page.look()
        assert await page.faults() == {"messages_on", "status_set"}
        before = await page.row()
        check = await sync_to_async(condition.mend)(
            actor=page.actor, community_id=page.community.pk, item="messages_on",
            changes={"messages_on": True},
        )  # fmt: skip
        assert await page.faults() == {"status_set"}
        assert ["messages_on", "broken", "ok"] in check.changed and check.cause == Cause.MENDED
        assert check.done == before.done + 2 - 1, "the greeting counts for nothing, messages for one"
        assert profiles.settings(page.serving.store, page.planted)["messages_on"] is True


async def test_answers_count_grow_old_and_are_asked_for_again(monkeypatch):
    async with opened(monkeypatch) as page:
        await page.look()
        before = await page.row()
        say = sync_to_async(services.answer)
        given = {"actor": page.actor, "community_id": page.community.pk, "item": "second_step"}
        with pytest.raises(Invalid):
            await say(**given, state="not_applicable")
        with pytest.raises(Invalid):
            await say(**given, state="done", proof_url="javascript:alert(1)")
        kept = await say(**given, state="done", proof_url="https://disk.example/proof.png")
        assert kept.recheck_at - kept.answered_at == timedelta(days=90)
        assert (await page.row()).done == before.done + 1
        assert await sync_to_async(queries.alarms)(page.actor) == []
        kept.recheck_at = timezone.now()
        await kept.asave()
        await page.look(Cause.NIGHT)
        finding = await Finding.objects.aget(item="second_step")
        assert (finding.state, finding.said) == (State.TODO, "answer_old")
        alarms = await sync_to_async(queries.alarms)(page.actor)
        assert [(one.broken, one.due) for one in alarms] == [(0, 1)]


# Servers that mean harm


def huge(side: int) -> bytes:
    """A small file that says of itself to be so large: a PNG of one pixel with another head."""
    small = picture(1, 1)
    head = b"IHDR" + struct.pack(">II", side, side) + small[24:29]
    return small[:12] + head + struct.pack(">I", zlib.crc32(head)) + small[33:]


@asynccontextmanager
async def harmful():
    """A server of pictures; (its address, allowed, visits)."""
    visits: list[str] = []
    bomb = huge(50_000)

    async def answer(request: web.Request) -> web.StreamResponse:
        visits.append(request.path)
        match request.path:
            case "/round.png":
                raise web.HTTPFound("/round.png")
            case "/inside.png":
                raise web.HTTPFound("http://10.0.0.1/secret.png")
            case "/lie.png":
                return web.Response(text="<html><script>", content_type="image/png")
            case "/page":
                return web.Response(text="<html>", content_type="text/html")
            case "/bomb.png":
                return web.Response(body=bomb, content_type="image/png")
            case "/one.png":
                return web.Response(body=picture(1, 1), content_type="image/png")
            case "/half.png":
                return web.Response(body=picture(400, 400)[:200], content_type="image/png")
            case "/unnamed":
                return web.Response(body=picture(400, 400), content_type="application/octet-stream")
            case "/endless.png":
                reply = web.StreamResponse(headers={"Content-Type": "image/png"})
                await reply.prepare(request)
                while True:
                    await reply.write(b"\0" * 65536)
        raise web.HTTPNotFound

    app = web.Application()
    app.router.add_get("/{any:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}", [("127.0.0.1", port)], visits
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/round.png", "unreachable"), ("/inside.png", "address_inside"), ("/lie.png", "not_a_picture"),
        ("/page", "not_a_picture"), ("/bomb.png", "too_many_pixels"), ("/half.png", "not_a_picture"),
        ("/missing.png", "unreachable"), ("/endless.png", "too_many_pixels"), ("/one.png", ""),
        ("/unnamed", ""),
    ],
)  # fmt: skip
async def test_pictures_from_servers_that_mean_harm(monkeypatch, path, code):
    monkeypatch.setattr(condition, "MOST_PICTURE", 1024 * 1024)
    async with harmful() as (url, allowed, _visits):
        shown = await asyncio.wait_for(condition.fetched(Picture(url + path), allowed), 20)
        assert shown is not None and shown.code == code
        if path == "/one.png":
            assert (shown.width, shown.height, shown.legible) == (1, 1, 0.0)


async def test_an_inner_host_is_called_only_by_who_lives_there(monkeypatch):
    async with harmful() as (url, allowed, visits):
        monkeypatch.setenv("NIVA_INNER_HOSTS", url)
        assert condition.homes("mastodon", {"api_base": url, "handle": "x"}) == frozenset(allowed)
        assert condition.homes("mastodon", {"api_base": "https://mastodon.example"}) == frozenset()
        shown = await condition.fetched(Picture(f"{url}/one.png"), condition.homes("mastodon", {}))
        assert (shown.code, visits) == ("address_inside", [])
        links = await condition.followed((f"{url}/one.png",), condition.homes("mastodon", {}))
        assert (links[0].code, visits) == ("address_inside", [])

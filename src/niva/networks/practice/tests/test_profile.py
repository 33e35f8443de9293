"""How a community is set: told, changed, planted, shown."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.profile import FIELDS, Picture, Pinned
from niva.networks.base.testing import sample_image, sample_video
from niva.networks.base.types import Outgoing
from niva.networks.practice.server import profiles
from niva.networks.practice.tests.conftest import Bench
from niva.networks.practice.tests.harness import open_harness

WORDS = {
    "name": "Пасека", "status": "Мёд с июля", "about": "Держим пчёл", "site": "https://example.org",
    "links": ("https://example.org/a", "https://example.org/b"), "contacts": ("+7 900 000-00-00",),
    "address": "Рязань", "hours": "9-18", "category": "Продукты", "button": "Написать",
    "menu": ("Цены", "Отзывы"), "age_mark": "0+", "messages_on": False, "greeting": "Здравствуйте",
    "comments_on": False, "closed": True,
}  # fmt: skip


async def test_everything_that_can_be_written_reads_as_written(tmp_path: Path) -> None:
    async with open_harness() as harness:
        post = await harness.publish(Outgoing("Главное"))
        avatar = sample_image(tmp_path, "a.png", width=400, height=400)
        cover = sample_image(tmp_path, "c.png", width=1920, height=768)
        changes = {**WORDS, "avatar": avatar, "cover": cover, "pinned": Pinned(post.id)}
        assert set(changes) == harness.network.manifest.writes
        await harness.network.write_profile(harness.call(), changes)
        found = await harness.network.read_profile(harness.call())
        assert {name: getattr(found, name) for name in WORDS} == WORDS
        assert found.pinned is not None and (found.pinned.text, found.has_pinned) == ("Главное", True)
        assert found.last_post_at == found.pinned.at and found.last_post_at is not None
        for picture, sides, file in ((found.avatar, (400, 400), avatar), (found.cover, (1920, 768), cover)):
            assert picture is not None and (picture.width, picture.height) == sides
            async with harness.session.get(picture.url) as reply:
                assert (reply.status, await reply.read()) == (200, file.path.read_bytes())
        await harness.network.write_profile(harness.call(), {"avatar": None, "pinned": None, "status": ""})
        found = await harness.network.read_profile(harness.call())
        assert (found.avatar, found.pinned, found.has_pinned, found.status) == (Picture(""), None, False, "")
        assert found.about == "Держим пчёл", "what is not named stays"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "a" * 81}, "field_too_long"),
        ({"name": " "}, "name_empty"),
        ({"status": "a" * 141}, "field_too_long"),
        ({"about": "a" * 2001}, "field_too_long"),
        ({"age_mark": "7+"}, "bad_request"),
        ({"menu": ["a"] * 7}, "bad_request"),
        ({"messages_on": "yes"}, "bad_request"),
        ({"verified": True}, "bad_request"),
        ({"followers": 99999}, "bad_request"),
        ({"avatar": "nothing"}, "media_unknown"),
        ({"pinned": "77"}, "parent_gone"),
    ],
)
async def test_what_is_wrong_changes_nothing(bench: Bench, body: dict[str, object], code: str) -> None:
    await bench.community()
    status, answer = await bench.ask("PATCH", "/api/v1/profile", {"site": "https://example.org", **body})
    assert (status, answer["error"]["code"]) == (422, code)
    assert (await bench.ask("GET", "/api/v1/profile"))[1]["site"] == ""


async def test_pictures_too_small_or_moving_are_refused(tmp_path: Path) -> None:
    async with open_harness() as harness:
        small = sample_image(tmp_path, "s.png", width=199, height=400)
        with pytest.raises(Rejected, match="media_too_small"):
            await harness.network.write_profile(harness.call(), {"avatar": small})
        with pytest.raises(Rejected, match="media_format"):
            await harness.network.write_profile(harness.call(), {"cover": sample_video(tmp_path)})


async def test_the_back_door_plants_what_only_the_network_decides(bench: Bench, tmp_path: Path) -> None:
    await bench.community()
    picture = base64.b64encode(sample_image(tmp_path, "a.png", width=90, height=90).path.read_bytes())
    planted = {
        "community": "ferma", "admins": 7, "verified": True, "registered": True, "followers": 12_345,
        "last_post_at": "2026-01-02T03:04:05+00:00", "avatar": picture.decode(), "site": "http://example.org",
    }  # fmt: skip
    status, answer = await bench.admin("profile", planted)
    assert status == 200, answer
    _, told = await bench.ask("GET", "/api/v1/profile")
    assert told == answer
    assert (told["admins"], told["verified"], told["registered"], told["followers"]) == (
        7, True, True, 12_345,
    )  # fmt: skip
    assert told["last_post_at"].startswith("2026-01-02T03:04:05")
    assert (told["avatar"]["width"], told["cover"]) == (90, None)
    _, page = await bench.page("/c/ferma")
    assert "В реестре" in page and "http://example.org" in page
    async with bench.session.get(f"{bench.url}/c/ferma/avatar.svg") as reply:
        assert (reply.status, reply.content_type) == (200, "image/png")
    for wrong in ({"avatar": "!"}, {"avatar": "aGVsbG8="}, {"community": "nobody"}, {"admins": -1}):
        assert (await bench.admin("profile", {**planted, **wrong}))[0] == 422


async def test_set_pictures_outlive_the_sweep_and_a_removed_pin_is_no_pin(
    bench: Bench, tmp_path: Path
) -> None:
    await bench.community()
    community = bench.store.community("ferma")
    assert community is not None
    content = sample_image(tmp_path, "a.png", width=300, height=300).path.read_bytes()
    kept, lost = (profiles.add_picture(bench.store, community, content) for _ in range(2))
    _, post = await bench.ask("POST", "/api/v1/posts", {"text": "Наверху"})
    await bench.ask("PATCH", "/api/v1/profile", {"avatar": kept, "pinned": post["id"]})
    _, page = await bench.page("/c/ferma")
    assert page.count("Наверху") == 1 and "Закреплено" in page
    bench.clock[0] += 100_000
    assert bench.store.sweep() == 1 and bench.store.media(lost) is None
    await bench.ask("DELETE", f"/api/v1/posts/{post['id']}")
    _, told = await bench.ask("GET", "/api/v1/profile")
    assert (told["pinned"], told["avatar"]["width"], told["last_post_at"]) == (None, 300, None)


async def test_what_nobody_told_and_what_nobody_may_write() -> None:
    async with open_harness() as harness:
        found = await harness.network.read_profile(harness.call())
        assert {name for name in FIELDS if getattr(found, name) is None} == {"pinned", "last_post_at"}
        with pytest.raises(Rejected, match="profile_write_unsupported"):
            await harness.network.write_profile(harness.call(), {"followers": 5})
        harness.fault("revoked")
        with pytest.raises(NeedsLogin, match="token_revoked"):
            await harness.network.write_profile(harness.call(), {"status": "x"})

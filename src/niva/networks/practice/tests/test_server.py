"""The server over plain HTTP: what it takes, refuses, remembers and shows."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from niva.networks.base.testing import sample_image
from niva.networks.practice.server import Store, rules, serve
from niva.networks.practice.server.store import Draft
from niva.networks.practice.tests.conftest import Bench

XSS = '<script>alert("1")</script><img src=x onerror=alert(1)>'


async def upload(bench: Bench, body: bytes, alt: str = "") -> tuple[int, dict]:
    form = aiohttp.FormData()
    form.add_field("alt", alt)
    form.add_field("file", body, filename="x.png")
    headers = {"Authorization": f"Bearer {bench.token}"}
    async with bench.session.post(f"{bench.url}/api/v1/media", data=form, headers=headers) as reply:
        return reply.status, await reply.json()


async def test_post_lives_and_dies(bench: Bench) -> None:
    await bench.community()
    status, post = await bench.ask("POST", "/api/v1/posts", {"text": "Сеем рожь"})
    assert (status, post["text"]) == (201, "Сеем рожь")
    status, edited = await bench.ask("PATCH", f"/api/v1/posts/{post['id']}", {"text": "Сеем овёс"})
    assert (status, edited["text"], edited["edited_at"] is not None) == (200, "Сеем овёс", True)
    status, page = await bench.page(post["url"].removeprefix(bench.url))
    assert status == 200 and "Сеем овёс" in page and "изменено" in page
    assert (await bench.ask("DELETE", f"/api/v1/posts/{post['id']}"))[0] == 204
    assert (await bench.ask("GET", f"/api/v1/posts/{post['id']}"))[0] == 404
    status, page = await bench.page(post["url"].removeprefix(bench.url), "en")
    assert status == 410 and "The post was removed" in page


async def test_another_communitys_post_is_not_there(bench: Bench) -> None:
    await bench.community("first")
    _, post = await bench.ask("POST", "/api/v1/posts", {"text": "наше"})
    await bench.community("second")
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/stats"),
        ("POST", "/comments"),
    ):
        body = None if method in ("GET", "DELETE") else {"text": "чужое"}
        assert (await bench.ask(method, f"/api/v1/posts/{post['id']}{path}", body))[0] == 404
    assert (await bench.page(f"/c/second/{post['id']}"))[0] == 404


async def test_flavours(bench: Bench) -> None:
    for flavour, posts, search in (("keyed", 1, 403), ("searchable", 2, 200), ("neither", 2, 403)):
        await bench.community(flavour, flavour=flavour)
        for _ in range(2):
            await bench.ask("POST", "/api/v1/posts", {"text": "раз"}, Idempotency_Key="k1")
        community = bench.store.community(flavour)
        assert community is not None and bench.store.count_posts(community) == posts
        assert (await bench.ask("GET", "/api/v1/posts"))[0] == search


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"text": "a" * (rules.TEXT_MAX + 1)}, "text_too_long"),
        ({"text": "  "}, "post_empty"),
        ({"text": 5}, "bad_request"),
        ({"text": "x", "media": ["nope"]}, "media_unknown"),
        ({"text": "x", "media": "nope"}, "bad_request"),
        ({"text": "x", "media": [{}]}, "bad_request"),
        ({"text": "x", "link": {"url": "javascript:alert(1)"}}, "link_bad"),
        ({"text": "x", "link": "http://example.org"}, "bad_request"),
        ({"text": "x", "poll": {"question": "?", "options": ["one"]}}, "poll_too_few_options"),
        ({"text": "x", "poll": {"question": "?", "options": ["n"] * 11}}, "poll_too_many_options"),
        ({"text": "x", "poll": {"question": "?", "options": ["a", " "]}}, "poll_option_empty"),
        ({"text": "x", "poll": {"question": "?", "options": ["a", "b"], "closes_in": 5}}, "poll_too_short"),
        ({"text": "x", "poll": {"question": "?", "options": ["a", "b"], "closes_in": "soon"}}, "bad_request"),
        ({"text": "\ud800"}, "bad_request"),
        ([], "bad_request"),
    ],
)
async def test_bad_posts_are_refused(bench: Bench, body: object, code: str) -> None:
    await bench.community()
    status, answer = await bench.ask("POST", "/api/v1/posts", body)
    assert (status, answer["error"]["code"]) == (422, code)


async def test_just_fits(bench: Bench) -> None:
    await bench.community()
    assert (await bench.ask("POST", "/api/v1/posts", {"text": "a" * rules.TEXT_MAX}))[0] == 201


async def test_uploads(bench: Bench, tmp_path: Path) -> None:
    await bench.community()
    picture = sample_image(tmp_path)
    status, media = await upload(bench, picture.path.read_bytes(), "Поле")
    assert (status, media["mime"]) == (201, "image/png")
    _, post = await bench.ask("POST", "/api/v1/posts", {"text": "", "media": [media["id"]]})
    _, page = await bench.page(f"/c/ferma/{post['id']}")
    assert f'src="/media/{media["id"]}" alt="Поле"' in page
    async with bench.session.get(f"{bench.url}/media/{media['id']}") as reply:
        assert (reply.headers["Content-Type"], await reply.read()) == ("image/png", picture.path.read_bytes())
    status, answer = await bench.ask("POST", "/api/v1/posts", {"text": "ещё", "media": [media["id"]]})
    assert (status, answer["error"]["code"]) == (422, "media_unknown"), "it stands in another post"


async def test_bad_uploads_leave_nothing(bench: Bench) -> None:
    await bench.community()
    for body, code in (
        (b"<svg onload=alert(1)>", "media_format"),
        (b"", "media_format"),
        (b"\x89PNG\r\n\x1a\nbroken", "media_format"),
        (b"\xff\xd8\xff" + b"0" * rules.IMAGE_BYTES_MAX, "media_too_heavy"),
    ):
        status, answer = await upload(bench, body)
        assert (status, answer["error"]["code"]) == (422, code)
    assert list(bench.store.media_folder.iterdir()) == []


async def test_forgotten_uploads_are_swept(bench: Bench, tmp_path: Path) -> None:
    await bench.community()
    body = sample_image(tmp_path).path.read_bytes()
    _, orphan = await upload(bench, body)
    _, used = await upload(bench, body)
    await bench.ask("POST", "/api/v1/posts", {"text": "", "media": [used["id"]]})
    bench.clock[0] += 2 * 86400
    assert bench.store.sweep() == 1
    assert [path.name for path in bench.store.media_folder.iterdir()] == [used["id"]] != [orphan["id"]]


async def test_human_pages_let_no_script_in(bench: Bench) -> None:
    await bench.community(name=XSS, about=XSS)
    body = {
        "text": XSS,
        "link": {"url": "https://example.org/?q='\"><i>", "title": XSS, "description": XSS},
        "poll": {"question": XSS, "options": [XSS, XSS]},
    }
    _, post = await bench.ask("POST", "/api/v1/posts", body)
    await bench.ask("POST", f"/api/v1/posts/{post['id']}/comments", {"text": XSS})
    for path in ("/", "/c/ferma", f"/c/ferma/{post['id']}", "/c/ferma/avatar.svg", "/c/<script>alert(1)"):
        async with bench.session.get(bench.url + path) as reply:
            page = await reply.text()
            assert "<script" not in page and "<img src=x" not in page and '"><i>' not in page, path
            assert "default-src 'none'" in reply.headers["Content-Security-Policy"]


async def test_pages_speak_the_readers_language(bench: Bench) -> None:
    await bench.community()
    assert "Подписчики" in (await bench.page("/c/ferma", "ru-RU,ru;q=0.9,en;q=0.8"))[1]
    assert "Followers" in (await bench.page("/c/ferma", "en-GB,ru;q=0.5"))[1]
    assert "Followers" in (await bench.page("/c/ferma", "de,fr;q=bad"))[1]
    assert (await bench.page("/c/nobody"))[0] == 404


async def test_feed_goes_on(bench: Bench) -> None:
    await bench.community()
    for number in range(21):
        await bench.ask("POST", "/api/v1/posts", {"text": f"запись-{number:02d}"})
    first, second = (await bench.page("/c/ferma"))[1], (await bench.page("/c/ferma?page=2"))[1]
    assert "запись-20" in first and "запись-00" not in first and "Раньше" in first
    assert "запись-00" in second and "запись-20" not in second and "Раньше" not in second
    assert (await bench.page("/c/ferma?page=-7"))[0] == 200


async def test_person_makes_a_community(bench: Bench) -> None:
    form = {"name": "Моя <b>", "flavour": "searchable"}
    async with bench.session.post(f"{bench.url}/new", data=form) as reply:
        page = await reply.text()
    bench.token = page.partition('id="access-key">')[2].partition("<")[0]
    status, account = await bench.ask("GET", "/api/v1/account")
    assert (status, account["name"], account["flavour"]) == (200, "Моя <b>", "searchable")
    async with bench.session.post(f"{bench.url}/new", data={"name": " "}) as reply:
        assert reply.status == 422
    foreign = {"Sec-Fetch-Site": "cross-site"}
    async with bench.session.post(f"{bench.url}/new", data=form, headers=foreign) as reply:
        assert reply.status == 403


async def test_keys_end_and_are_renewed(bench: Bench) -> None:
    made = await bench.community(expires_in=60)
    assert (await bench.ask("GET", "/api/v1/account"))[0] == 200
    bench.clock[0] += 61
    status, answer = await bench.ask("GET", "/api/v1/account")
    assert (status, answer["error"]["code"]) == (401, "token_expired")
    status, fresh = await bench.ask("POST", "/api/v1/token", {"refresh_token": made["refresh_token"]})
    assert status == 200
    status, answer = await bench.ask("POST", "/api/v1/token", {"refresh_token": made["refresh_token"]})
    assert (status, answer["error"]["code"]) == (401, "token_revoked"), "a renewal key works once"
    bench.token = fresh["access_token"]
    assert (await bench.ask("GET", "/api/v1/account"))[0] == 200


async def test_scopes(bench: Bench) -> None:
    await bench.community(scopes=["read"])
    assert (await bench.ask("GET", "/api/v1/account"))[0] == 200
    status, answer = await bench.ask("POST", "/api/v1/posts", {"text": "x"})
    assert (status, answer["error"]["code"]) == (403, "scope_write_missing")
    assert (await bench.ask("GET", "/api/v1/stats"))[0] == 403


async def test_back_door_is_shut_without_the_secret(bench: Bench) -> None:
    assert (await bench.ask("POST", "/admin/faults", {"kind": "down"}))[0] == 403
    for body in (
        {"kind": "earthquake"},
        {},
        {"kind": "down", "community": "nobody"},
        {"kind": "down", "hits": "?"},
    ):
        assert (await bench.admin("faults", body))[0] == 422
    assert (await bench.admin("communities", {"handle": "x"}))[0] == 422


async def test_history_has_numbers(bench: Bench) -> None:
    await bench.community(followers=5000, created_at="2026-01-01T00:00:00+00:00")
    old = {"community": "ferma", "text": "Давно", "created_at": "2026-02-03T09:00:00+00:00"}
    status, post = await bench.admin("posts", old)
    assert (status, post["created_at"][:10]) == (201, "2026-02-03")
    _, numbers = await bench.ask("GET", f"/api/v1/posts/{post['id']}/stats")
    assert numbers["views"] > 300 and numbers["reach"] <= numbers["views"]
    status, _ = await bench.admin("posts", {**old, "community": None})
    assert status == 422


async def test_messages_are_counted_and_listed(bench: Bench) -> None:
    await bench.community(followers=200_000)
    _, post = await bench.ask("POST", "/api/v1/posts", {"text": "Запись на сайте https://example.org"})
    assert (await bench.ask("GET", "/api/v1/messages"))[1] == {"messages": []}
    bench.clock[0] += 3600
    _, numbers = await bench.ask("GET", "/api/v1/stats")
    _, listed = await bench.ask("GET", "/api/v1/messages")
    assert numbers["messages"] == len(listed["messages"]) > 3
    assert {letter["post"] for letter in listed["messages"]} == {post["id"]}
    await bench.ask("DELETE", f"/api/v1/posts/{post['id']}")
    assert (await bench.ask("GET", "/api/v1/stats"))[1] == {**numbers, "posts": 0}, "people stay"


async def test_another_process_may_write_history_meanwhile(bench: Bench) -> None:
    await bench.community()
    other = Store(bench.store.path, clock=bench.store.now)
    community = other.community("ferma")
    assert community is not None
    post, _ = other.add_post(community, Draft("Из другого процесса"), created_at=bench.clock[0] - 60)
    other.close()
    assert "Из другого процесса" in (await bench.page(f"/c/ferma/{post.id}"))[1]


async def test_future_posts_are_not_shown_yet(bench: Bench) -> None:
    await bench.community()
    later = {"community": "ferma", "text": "Потом", "created_at": "2099-01-01T00:00:00+00:00"}
    _, post = await bench.admin("posts", later)
    assert (await bench.page(f"/c/ferma/{post['id']}"))[0] == 404
    assert "Потом" not in (await bench.page("/c/ferma"))[1]


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    path, clock = tmp_path / "state.sqlite3", lambda: 1_790_000_000.0
    async with serve(path, port=0, secret="s", clock=clock) as first, aiohttp.ClientSession() as session:
        bench = Bench(first.url, first.store, session, [])
        community = first.store.add_community(handle="ferma", name="Ферма")
        bench.token, _ = first.store.issue(community)
        _, post = await bench.ask("POST", "/api/v1/posts", {"text": "до"}, Idempotency_Key="k")
        await session.post(
            f"{first.url}/admin/faults", json={"kind": "limit"}, headers={"X-Practice-Secret": "s"}
        )
        token = bench.token
    async with serve(path, port=0, clock=clock) as second, aiohttp.ClientSession() as session:
        bench = Bench(second.url, second.store, session, [], token)
        assert (await bench.ask("GET", "/api/v1/account"))[0] == 429, "the armed fault is still there"
        status, again = await bench.ask("POST", "/api/v1/posts", {"text": "до"}, Idempotency_Key="k")
        assert (status, again["id"]) == (200, post["id"])
        assert "до" in (await bench.page(f"/c/ferma/{post['id']}"))[1]


async def test_many_at_once_with_one_key(bench: Bench) -> None:
    await bench.community()
    answers = await asyncio.gather(
        *(bench.ask("POST", "/api/v1/posts", {"text": "раз"}, Idempotency_Key="k") for _ in range(20))
    )
    assert sorted(status for status, _ in answers) == [200] * 19 + [201]
    assert len({post["id"] for _, post in answers}) == 1

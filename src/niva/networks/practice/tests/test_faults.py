"""Faults on demand: each does what it says, to whom it says, as often as it says."""

from __future__ import annotations

import asyncio
from time import monotonic

import aiohttp
import pytest

from niva.networks.practice.tests.conftest import Bench


async def count(bench: Bench) -> int:
    community = bench.store.community("ferma")
    assert community is not None
    return bench.store.count_posts(community)


@pytest.mark.parametrize(
    ("fault", "status", "stored"),
    [
        ({"kind": "refuse", "reason": "нет"}, 400, 0),
        ({"kind": "limit", "retry_after": 7}, 429, 0),
        ({"kind": "down"}, 503, 0),
        ({"kind": "fail_500_after_commit"}, 500, 1),
    ],
)
async def test_one_answer_is_spoiled(bench: Bench, fault: dict, status: int, stored: int) -> None:
    await bench.community()
    await bench.admin("faults", fault)
    assert (await bench.ask("POST", "/api/v1/posts", {"text": "раз"}))[0] == status
    assert await count(bench) == stored
    assert (await bench.ask("POST", "/api/v1/posts", {"text": "два"}))[0] == 201


async def test_limit_names_its_delay_or_not(bench: Bench) -> None:
    await bench.community()
    for fault, told in (({"kind": "limit", "retry_after": 7}, "7"), ({"kind": "limit"}, None)):
        await bench.admin("faults", fault)
        async with bench.session.get(
            f"{bench.url}/api/v1/account", headers={"Authorization": f"Bearer {bench.token}"}
        ) as reply:
            assert (reply.status, reply.headers.get("Retry-After")) == (429, told)


async def test_accepted_without_an_answer(bench: Bench) -> None:
    await bench.community()
    await bench.admin("faults", {"kind": "accept_then_timeout"})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4):
            await bench.ask("POST", "/api/v1/posts", {"text": "раз"})
    assert await count(bench) == 1


async def test_reset_after_commit(bench: Bench) -> None:
    await bench.community()
    await bench.admin("faults", {"kind": "reset"})
    with pytest.raises(aiohttp.ClientError):
        await bench.ask("POST", "/api/v1/posts", {"text": "раз"})
    assert await count(bench) == 1


@pytest.mark.parametrize(("fault", "stored"), [("cut", 0), ("half_answer", 1)])
async def test_the_line_breaks_before_the_post_or_in_the_middle_of_the_answer(
    bench: Bench, fault: str, stored: int
) -> None:
    await bench.community()
    await bench.admin("faults", {"kind": fault})
    with pytest.raises(aiohttp.ClientError):
        await bench.ask("POST", "/api/v1/posts", {"text": "раз"})
    assert await count(bench) == stored


async def test_nonsense_after_the_post_is_stored(bench: Bench) -> None:
    await bench.community()
    await bench.admin("faults", {"kind": "nonsense_after_commit"})
    with pytest.raises(ValueError):
        await bench.ask("POST", "/api/v1/posts", {"text": "раз"})
    assert await count(bench) == 1


async def test_a_wrong_answer_speaks_of_the_oldest_post(bench: Bench) -> None:
    await bench.community()
    posts = [(await bench.ask("POST", "/api/v1/posts", {"text": str(n)}))[1] for n in range(2)]
    await bench.admin("faults", {"kind": "wrong_answer"})
    assert await bench.ask("POST", "/api/v1/posts", {"text": "раз"}) == (201, posts[0])
    assert await count(bench) == 3


async def test_nonsense_is_no_json(bench: Bench) -> None:
    await bench.community()
    await bench.admin("faults", {"kind": "nonsense", "hits": "read"})
    assert (await bench.ask("POST", "/api/v1/posts", {"text": "раз"}))[0] == 201
    with pytest.raises(ValueError):
        await bench.ask("GET", "/api/v1/account")


async def test_slow_answers_are_whole(bench: Bench) -> None:
    await bench.community()
    await bench.admin("faults", {"kind": "slow", "delay": 0.3})
    started = monotonic()
    status, post = await bench.ask("POST", "/api/v1/posts", {"text": "не спеша"})
    assert (status, post["text"]) == (201, "не спеша")
    assert 0.25 <= monotonic() - started < 3


async def test_counted_and_timed_faults_end(bench: Bench) -> None:
    await bench.community()
    await bench.admin("faults", {"kind": "down", "count": 2})
    statuses = [(await bench.ask("GET", "/api/v1/account"))[0] for _ in range(3)]
    assert statuses == [503, 503, 200]
    await bench.admin("faults", {"kind": "down", "count": None, "seconds": 60})
    statuses = [(await bench.ask("GET", "/api/v1/account"))[0] for _ in range(3)]
    assert statuses == [503, 503, 503]
    bench.clock[0] += 61
    assert (await bench.ask("GET", "/api/v1/account"))[0] == 200


async def test_fault_hits_only_its_community(bench: Bench) -> None:
    await bench.community("other")
    other = bench.token
    await bench.community()
    await bench.admin("faults", {"kind": "down", "community": "ferma"})
    assert (await bench.ask("GET", "/api/v1/account", Authorization=f"Bearer {other}"))[0] == 200
    assert (await bench.ask("GET", "/api/v1/account"))[0] == 503


async def test_revoke_expire_forget_act_at_once(bench: Bench) -> None:
    made = await bench.community()
    _, post = await bench.ask("POST", "/api/v1/posts", {"text": "раз"})
    await bench.admin("faults", {"kind": "forget", "community": "ferma"})
    assert (await bench.ask("GET", f"/api/v1/posts/{post['id']}"))[0] == 404
    await bench.admin("faults", {"kind": "expire", "community": "ferma"})
    assert (await bench.ask("GET", "/api/v1/account"))[1]["error"]["code"] == "token_expired"
    assert (await bench.ask("POST", "/api/v1/token", {"refresh_token": made["refresh_token"]}))[0] == 200
    await bench.admin("faults", {"kind": "revoke", "community": "ferma"})
    assert (await bench.ask("GET", "/api/v1/account"))[1]["error"]["code"] == "token_revoked"


async def test_list_and_clear(bench: Bench) -> None:
    await bench.community()
    await bench.admin("faults", {"kind": "down", "community": "ferma", "count": 3})
    _, listed = await bench.admin("faults", None, "GET")
    assert [(one["kind"], one["community"], one["remaining"]) for one in listed["faults"]] == [
        ("down", "ferma", 3)
    ]
    assert (await bench.admin("faults", None, "DELETE"))[1] == {"disarmed": 1}
    assert (await bench.ask("GET", "/api/v1/account"))[0] == 200

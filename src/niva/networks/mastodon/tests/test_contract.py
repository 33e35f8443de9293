"""The contract is really asked: what is wrong is noticed, and what we send was checked."""

from __future__ import annotations

import pytest

from niva.networks.base.testing import Harness, sample_posts
from niva.networks.mastodon.tests.contract import Contract, load_contract
from niva.networks.mastodon.tests.fake import FakeMastodon


@pytest.fixture
def contract() -> Contract:
    loaded = load_contract()
    if loaded is None:
        pytest.skip("NIVA_CONTRACTS is not set: requests to Mastodon are not put to its contract")
    return loaded


def check(contract: Contract, method: str, path: str, body: object = None, query: str = "") -> list[str]:
    contract.request(method, path, query=query, headers={}, kind="application/json", body=body)
    return contract.breaches


@pytest.mark.parametrize(
    ("method", "path", "body", "query", "word"),
    [
        ("POST", "/api/v1/nothing", {}, "", "no such call"),
        ("POST", "/api/v1/statuses", {"status": 5}, "", "not of type 'string'"),
        ("POST", "/api/v1/statuses", {"visibility": "loud", "status": "a"}, "", "is not one of"),
        ("POST", "/api/v1/statuses", {"status": "a", "media_ids": "1"}, "", "not of type 'array'"),
        ("POST", "/api/v1/statuses", {"status": "a", "poll": {"options": [1]}}, "", "not of type 'string'"),
        ("POST", "/api/v1/statuses", {"status": "a", "colour": "red"}, "", "unknown field colour"),
        ("POST", "/api/v1/statuses", {"visibility": "public"}, "", "not valid under any"),
        ("POST", "/api/v1/statuses", None, "", "no body"),
        ("POST", "/api/v1/apps", {"client_name": "Niva"}, "", "'redirect_uris' is a required property"),
        ("GET", "/api/v1/accounts/1/statuses", None, "limit=many", "not of type 'integer'"),
        ("GET", "/api/v1/accounts/1/statuses", None, "colour=red", "unknown parameter"),
    ],
)
def test_wrong_requests_are_noticed(contract: Contract, method, path, body, query, word):
    breaches = check(contract, method, path, body, query)
    assert any(word in breach for breach in breaches), breaches


def test_right_requests_pass(contract: Contract):
    text = {"status": "a", "visibility": "unlisted", "media_ids": ["1"]}
    assert check(contract, "POST", "/api/v1/statuses", text) == []
    assert check(contract, "GET", "/api/v1/accounts/1/statuses", None, "limit=40&exclude_reblogs=true") == []


def test_wrong_replies_are_noticed(contract: Contract):
    contract.reply("GET", "/api/v1/statuses/1", 200, {"id": 1})
    contract.reply("GET", "/api/v1/statuses/1", 418, {})
    assert any("required property" in one for one in contract.breaches)
    assert any("418" in one for one in contract.breaches)


async def test_every_kind_of_post_was_put_to_it(
    field: tuple[Harness, FakeMastodon], contract: Contract, tmp_path
):
    harness, fake = field
    for name, out in sample_posts(tmp_path).items():
        await harness.publish(out, name)
    assert fake.contract is not None
    assert fake.contract.checked == 2 * len(fake.seen) > 20
    assert fake.contract.breaches == []

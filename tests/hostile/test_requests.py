"""Requests that no browser of ours makes: every address must answer them clearly, never with a 500."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from tests.journeys.addresses import WORDS, every_address
from tests.journeys.world import World, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]

# What views and the API read from the query, and what is put there (percent-encoded as it travels).
NAMES = (
    "q", "client", "client_id", "community", "community_id", "state", "page", "at", "kind", "network", "next",
    "offer", "archived", "costs", "after", "limit", "weeks", "day", "from", "to", "view", "month", "since",
    "until", "code", "task", "who", "verb", "person",
)  # fmt: skip
WRONG = (
    "%00", "a%00b", "%FF", "%ED%A0%80", str(2**80), "-1", "9" * 5000, "%F0%9F%98%80" * 500, "[]", "1e999",
    "2026-02-31", "0001-01-01", "9999-12-31", "2026-11-23T25:61", "%D9%A3", "//example.org", "NaN", "..%2F",
)  # fmt: skip
TEXTS = ("a\x00b", "half \ud83d", "ы" * 200_000, "", "\u202e\u0000", "-1", "0")
NUMBERS = (2**80, -1, 0, "1\x00", 1.5, None, True, [], {})
MOMENTS = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-03-29T02:30:00", "\x00", 10**30)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    # Six hundred time zones in every form would only make the tests slow, as would ten thousand log lines.
    monkeypatch.setattr("niva.web.people.zones._others", lambda: [("UTC", "UTC")])
    caplog.set_level("CRITICAL")
    caplog.set_level("CRITICAL", "django.request")
    cache.clear()

    def nobody(*_: object, **__: object) -> None:
        raise OSError("no network in this test")

    monkeypatch.setattr("aiohttp.TCPConnector.connect", nobody)
    monkeypatch.setattr("niva.api.v1.PerPerson.allow_request", lambda *_: True)


@pytest.fixture
def world() -> World:
    return make_world("Наша команда", "OURS")


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        mark = transaction.savepoint()
        try:
            yield
        finally:
            transaction.savepoint_rollback(mark)


def test_no_question_breaks_a_page(world: World):
    browser, wrong, tried = world.browser(), [], 0
    for address in every_address():
        for path, _worlds in address.paths(world):
            headers = {"authorization": f"Bearer {world.token}"} if path.startswith("/api/") else {}
            for shift in range(0, len(WRONG), 3):  # another mix of wrong values each time
                values = zip(NAMES, itertools.islice(itertools.cycle(WRONG), shift, None), strict=False)
                query = "&".join(f"{name}={value}" for name, value in values)
                answer = browser.get(f"{path}?{query}", headers=headers)
                tried += 1
                if answer.status_code >= 500:
                    wrong.append(f"{path} with {query[:200]}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert tried > 300


def test_numbers_without_end_in_the_address_are_simply_not_there(world: World):
    browser, wrong = world.browser(), []
    for address in every_address():
        if not address.names:
            continue
        for number in (2**31, 2**63, 2**80, 10**300):
            values: dict[str, object] = dict.fromkeys(address.names, number)
            if "ref" in values:
                values["ref"] = f"d{number}"
            words = {name: WORDS[name][0] for name in address.words}
            wanted = {**{name: values[name] for name in address.names}, **words}
            path = address._path(wanted)
            headers = {"authorization": f"Bearer {world.token}"} if path.startswith("/api/") else {}
            # The number is read before the method is looked at: every method with one of them is enough.
            rarer = ("delete", "options", "head") if number == 2**80 else ()
            for method in ("get", "post", *rarer):
                with undone():
                    answer = getattr(browser, method)(path, headers=headers)
                if answer.status_code >= 500:
                    wrong.append(f"{method} {path[:80]}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def bodies(schema: dict[str, Any], whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A sound body with one wrong value in it, for every field and every wrong value."""
    sound = {name: sample(field, whole) for name, field in schema.get("properties", {}).items()}
    yield sound
    for name in sound:
        for value in (*TEXTS, *NUMBERS, *MOMENTS, ["a\x00b"], [2**80], {"a\x00": "\ud83d"}):
            yield {**sound, name: value}


def sample(field: dict[str, Any], whole: dict[str, Any]) -> Any:
    """Something that fits, by the API's own description."""
    if "$ref" in field:
        inner = whole["components"]["schemas"][field["$ref"].rsplit("/", 1)[1]]
        return {name: sample(one, whole) for name, one in inner.get("properties", {}).items()}
    if "anyOf" in field:
        return sample(field["anyOf"][0], whole)
    if "enum" in field:
        return field["enum"][0]
    match field.get("type"), field.get("format"):
        case "string", "date-time":
            return "2027-05-05T10:00:00+03:00"
        case "string", "date":
            return "2027-05-05"
        case "string", _:
            return "1"
        case (("integer" | "number"), _):
            return 1
        case "boolean", _:
            return True
        case "array", _:
            return [sample(field["items"], whole)] * 2
        case "object", _:
            return {}
    return None


def test_no_body_breaks_the_api(world: World):
    browser, wrong, tried = world.browser(), [], 0
    headers = {"authorization": f"Bearer {world.token}"}
    document = browser.get("/api/v1/openapi.json", headers=headers).json()
    for route, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            path = route
            for name in ("client", "goal", "community", "post", "delivery", "publication", "fact", "cost"):
                if name in world.things:
                    path = path.replace(f"{{{name}_id}}", str(world.things[name].pk))
            schema = document["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[1]]
            for body in bodies(schema, document):
                body = body | {
                    name: world.things[name.removesuffix("_id")].pk
                    for name in body
                    if name.removesuffix("_id") in world.things and body[name] == 1
                }
                with undone():
                    answer = browser.generic(
                        method.upper(),
                        path,
                        json.dumps(body),
                        content_type="application/json",
                        headers=headers,
                    )
                tried += 1
                if answer.status_code >= 500 and answer.status_code != 502:
                    wrong.append(f"{method} {route} {str(body)[:200]!r}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert tried > 200
    assert connection.in_atomic_block


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"\xff\xfe", b"null", b"[]", b'"\\ud800"', b'{"text": "\\u0000"}', b"1" * 5000]
)
def test_a_body_that_is_no_json_is_the_callers_fault(world: World, raw: bytes):
    answer = world.browser().generic(
        "POST", "/api/v1/posts", raw, content_type="application/json",
        headers={"authorization": f"Bearer {world.token}"},
    )  # fmt: skip
    assert 400 <= answer.status_code < 500

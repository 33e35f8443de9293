"""Fixtures written after the documentation fit the published lexicons."""

from __future__ import annotations

import json

import pytest

from niva.networks.bluesky.tests.harness import FIXTURES
from niva.networks.bluesky.tests.lexicon import folder, output_breaches

needs_lexicons = pytest.mark.skipif(
    folder() is None, reason="NIVA_CONTRACTS is not set: fixtures are not put to Bluesky's lexicons"
)


@needs_lexicons
@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_fixture_fits_its_lexicon(path):
    told = json.loads(path.read_text("utf-8"))
    assert told["source"].startswith("https://docs.bsky.app/")
    assert output_breaches(told["lexicon"], told["body"]) == []


@needs_lexicons
@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"likeCount": "12"}, "is no integer"),
        ({"viewCount": 5}, "unknown viewCount"),
        ({"uri": 1}, "no string"),
    ],
)
def test_what_does_not_fit_is_noticed(change, word):
    body = json.loads((FIXTURES / "getPosts__one.json").read_text("utf-8"))["body"]
    body["posts"][0].update(change)
    assert any(word in one for one in output_breaches("app.bsky.feed.getPosts", body))

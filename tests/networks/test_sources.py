"""Every figure has a source that can be opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from niva.networks.base import limits
from niva.networks.base.limits import load_limits

NETWORKS = Path(limits.__file__).parent.parent


@pytest.mark.parametrize("source", ["https://example.org/spec.json (createPosts, poll)", ""])
def test_a_source_that_nobody_can_open_is_refused(tmp_path: Path, source: str) -> None:
    (tmp_path / "limits.toml").write_text(
        f'[text_max]\nvalue = 280\nsource_url = "{source}"\nchecked_on = 2026-11-23\n', encoding="utf-8"
    )
    with pytest.raises(ValueError, match="the source of text_max"):
        load_limits(tmp_path)


@pytest.mark.parametrize("network", ["reddit", "mastodon"])
def test_what_others_say_of_a_network_is_not_confirmed(network: str) -> None:
    """A client library and a talk among administrators: good to warn by, not to refuse by."""
    others = ("https://praw.readthedocs.io/", "https://github.com/mastodon/mastodon/discussions/")
    items = load_limits(NETWORKS / network).items
    named = {name: limit for name, limit in items.items() if limit.source_url.startswith(others)}
    assert named and not [name for name, limit in named.items() if limit.confirmed]

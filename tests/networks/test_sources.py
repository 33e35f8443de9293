"""Every figure has a source that can be opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from niva.networks.base.limits import load_limits


@pytest.mark.parametrize("source", ["https://example.org/spec.json (createPosts, poll)", ""])
def test_a_source_that_nobody_can_open_is_refused(tmp_path: Path, source: str) -> None:
    (tmp_path / "limits.toml").write_text(
        f'[text_max]\nvalue = 280\nsource_url = "{source}"\nchecked_on = 2026-11-23\n', encoding="utf-8"
    )
    with pytest.raises(ValueError, match="the source of text_max"):
        load_limits(tmp_path)

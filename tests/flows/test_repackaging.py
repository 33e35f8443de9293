"""The evidence of repackaging in small: three minutes of speech, through the desk's own doors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools import evidence_repackaging


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_three_minutes_of_speech_become_pieces_clips_and_days(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ALLOWED_HOSTS = ["localhost"]
    told = evidence_repackaging.run(tmp_path, minutes=3, clips=1)
    assert told["wrong"] == [], told
    assert told["film_seconds"] == pytest.approx(180, abs=0.5)
    assert told["cues"] == told["spoken_lines"]

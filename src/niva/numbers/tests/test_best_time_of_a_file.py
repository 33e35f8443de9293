"""`niva numbers best-time` on plain files: moments, hours and weekdays, other people's columns, bad input."""

from __future__ import annotations

import argparse
import csv
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from niva.numbers import worlds
from niva.numbers.from_file import best_time
from niva.numbers.from_file.reading import Unreadable
from niva.numbers.levels import Posts

_BEGIN = datetime(2025, 1, 6)  # noqa: DTZ001 (a Monday, on the clock of the place)


def _asked(path: Path, *words: str) -> dict:
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    best_time.add(parser)
    return best_time.answer(parser.parse_args([str(path), *words]))


def _file(path: Path, head: list[str], rows: list[list[object]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
    return path


def _moments(posts: Posts) -> list[datetime]:
    return [_BEGIN + timedelta(days=float(day)) for day in posts.day]


@pytest.fixture
def evening() -> Posts:
    return worlds.better(np.random.default_rng(0), count=600, factor=1.6)


def test_a_file_with_moments(tmp_path, evening):
    rows = [[at.isoformat(" "), value] for at, value in zip(_moments(evening), evening.value, strict=True)]
    found = _asked(_file(tmp_path / "a.csv", ["Дата публикации", "Охват"], rows))
    assert found["verdict"] == "slots"
    assert any(slot["hours"] == [18, 21] and slot["gain"] > 0.1 for slot in found["slots"])
    assert all(slot["low"] < slot["gain"] < slot["high"] for slot in found["slots"])
    assert found["realised"] is not None
    assert found["baseline_raw"]["promised"] is not None
    assert found["left_out"] == {"too_fresh": found["left_out"]["too_fresh"]}


def test_moments_of_another_zone_are_put_to_the_wanted_one(tmp_path, evening):
    rows = [
        [(at - timedelta(hours=10)).isoformat() + "+00:00", value]
        for at, value in zip(_moments(evening), evening.value, strict=True)
    ]
    path = _file(tmp_path / "a.csv", ["published_at", "reach"], rows)
    found = _asked(path, "--zone", "Asia/Vladivostok")
    assert [18, 21] in [slot["hours"] for slot in found["slots"]]
    assert [18, 21] not in [slot["hours"] for slot in _asked(path)["slots"]]


def test_a_file_with_weekdays_and_hours_newest_first(tmp_path, evening):
    order = np.argsort(-evening.day)
    rows = [
        [int(12 - i / 60), evening.weekday[place], evening.hour[place], evening.value[place], 0]
        for i, place in enumerate(order)
    ]
    rows[5][4], rows[6][3] = 1, ""
    path = _file(tmp_path / "a.csv", ["Month", "Weekday", "Hour", "T_Reach", "Paid"], rows)
    found = _asked(path)
    assert [18, 21] in [slot["hours"] for slot in found["slots"]]
    assert found["left_out"] == {"paid": 1, "no_value": 1}


def test_days_without_hours_are_asked_for_weekdays_only(tmp_path):
    posts = worlds.nothing(np.random.default_rng(1), count=200)
    value = np.where(posts.weekday == 2, posts.value * 2.5, posts.value)
    rows = [[at.date(), int(one)] for at, one in zip(_moments(posts), value, strict=True)]
    found = _asked(_file(tmp_path / "a.csv", ["Date", "Impressions"], rows))
    assert [(slot["weekday"], slot["hours"]) for slot in found["slots"]] == [(2, [0, 24])]


def test_a_large_channel_at_night_does_not_make_the_night_best(tmp_path):
    posts = worlds.two(np.random.default_rng(0))
    rows = [
        [at.isoformat(), value, channel]
        for at, value, channel in zip(_moments(posts), posts.value, posts.channel, strict=True)
    ]
    path = _file(tmp_path / "a.csv", ["published_at", "views", "channel"], rows)
    assert _asked(path)["verdict"] == "no_difference"


def test_few_posts_are_too_few(tmp_path):
    rows = [[f"2025-01-{day:02d} 10:00:07", 100 + day] for day in range(1, 29)]
    found = _asked(_file(tmp_path / "a.csv", ["time", "value"], rows))
    assert (found["verdict"], found["slots"], found["promised"]) == ("too_few", [], None)


@pytest.mark.parametrize(
    ("head", "row", "words", "code"),
    [
        (["a", "value"], ["1", "2"], [], "no_column"),
        (["time", "b"], ["2025-01-01 10:00", "2"], [], "no_column"),
        (["time", "value"], ["soon", "2"], [], "no_moment"),
        (["time", "value"], ["", "2"], [], "no_moment"),
        (["time", "value"], ["2025-01-01 10:00", "many"], [], "no_number"),
        (["hour", "value"], ["25", "2"], [], "no_hour"),
        (["weekday", "value"], ["0", "2"], [], "no_weekday"),
        (["time", "value"], ["2025-01-01 10:00", "2"], ["--zone", "Mars"], "no_zone"),
        (["time", "value"], ["2025-01-01 10:00", "2"], ["--channel", "who"], "no_column"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(tmp_path, head, row, words, code):
    with pytest.raises(Unreadable) as refused:
        _asked(_file(tmp_path / "a.csv", head, [row]), *words)
    assert refused.value.code == code

"""`niva numbers anomalies` on files as people have them: what it answers, what it says of bad input."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from niva.cli.main import main

BEGIN = datetime.fromisoformat("2026-03-02 00:00:00")


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["numbers", "anomalies", *arguments])
    return code, json.loads(capsys.readouterr().out)


def wave(place: int) -> float:
    return 100 + 15 * (place % 7) + (place * 13) % 9


def write(path: Path, rows: list[str], head: str = "timestamp,value") -> str:
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return str(path)


def days(count: int, spike: int = 80) -> list[str]:
    return [
        f"{BEGIN + timedelta(days=place)},{wave(place) * (9 if place == spike else 1):g}"
        for place in range(count)
    ]


def test_a_spike_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = ask(capsys, write(tmp_path / "a.csv", days(100)))
    assert code == 0
    assert (told["points"], told["step_seconds"], told["warm_up"]) == (100, 86400.0, 28)
    (episode,) = told["episodes"]
    day = str(BEGIN + timedelta(days=80))
    assert (episode["start"], episode["peak_at"], episode["direction"]) == (day, day, "up")
    assert episode["value"] > 5 * episode["expected"]
    assert told["flagged"] == [day]
    assert "scores" not in told


def test_the_order_of_lines_and_their_doubles_change_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = days(100)
    _, plain = ask(capsys, write(tmp_path / "a.csv", rows))
    mixed = [*rows[50:], rows[60], *rows[:50], f"{BEGIN + timedelta(days=200)},"]
    _, told = ask(capsys, write(tmp_path / "b.csv", mixed))
    assert told["episodes"] == plain["episodes"]
    assert told["handled"] == {"missing": 1, "duplicates": 1, "unsorted": 2, "gaps": 0}


def test_decimals_of_the_other_habit_and_russian_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = [f"{wave(place) / 7 * (9 if place == 80 else 1):.2f}".replace(".", ",") for place in range(100)]
    comma = [f"{BEGIN + timedelta(days=place):%d.%m.%Y};{one}" for place, one in enumerate(numbers)]
    _, told = ask(capsys, write(tmp_path / "a.csv", comma, "Дата;Охват"))
    assert told["kind"] == "measure"
    assert [one["direction"] for one in told["episodes"]] == ["up"]


def test_a_budget_becomes_a_threshold_and_scores_are_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.csv", days(100))
    _, strict = ask(capsys, path, "--budget", "0,01", "--scores")
    _, loose = ask(capsys, path, "--threshold", "3")
    assert strict["budget"] == pytest.approx(0.01, abs=1e-4)
    assert strict["threshold"] == pytest.approx(11.513, abs=1e-3)
    assert len(loose["episodes"]) >= len(strict["episodes"])
    assert [one["score"] for one in strict["scores"][:28]] == [None] * 28
    assert all(one["score"] is not None for one in strict["scores"][28:])


def test_a_constant_series_has_nothing_to_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{BEGIN + timedelta(days=place)},5" for place in range(60)]
    _, told = ask(capsys, write(tmp_path / "a.csv", rows), "--threshold", "0.1")
    assert told["constant"]
    assert told["episodes"] == []


def test_gaps_are_counted_and_not_filled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = days(100)
    _, told = ask(capsys, write(tmp_path / "a.csv", rows[:40] + rows[47:]))
    assert told["points"] == 93
    assert told["handled"]["gaps"] == 1


@pytest.mark.parametrize(
    ("rows", "head", "error"),
    [
        (days(3), "timestamp,value", "too_short"),
        (["2026-03-02,many", "2026-03-03,few"], "timestamp,value", "no_number"),
        (["soon,1", "later,2"], "timestamp,value", "no_moment"),
        ([], "timestamp,value", "empty"),
        (["2026-03-02,", "2026-03-03,"], "timestamp,value", "empty"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(
    rows: list[str], head: str, error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = ask(capsys, write(tmp_path / "a.csv", rows, head))
    assert (code, told["error"]) == (2, error)


def test_a_column_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = ask(capsys, write(tmp_path / "a.csv", days(40)), "--value", "reach")
    assert (code, told) == (2, {"error": "no_column", "about": "reach"})

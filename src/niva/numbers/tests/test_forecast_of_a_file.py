"""`niva numbers forecast`: a plain file in, plain values out."""

from __future__ import annotations

import argparse
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from niva.numbers.from_file import forecast
from niva.numbers.from_file.reading import Unreadable

FIRST = date(2025, 1, 6)


def _ask(path: Path, *words: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    forecast.add(parser)
    answer = forecast.answer(parser.parse_args([str(path), *words]))
    return json.loads(json.dumps(answer, allow_nan=False))  # type: ignore[no-any-return]


def _days(count: int) -> list[tuple[date, float]]:
    chance = np.random.default_rng(1).standard_normal(count)
    return [
        (FIRST + timedelta(days=place), round(1000 * float(np.exp(0.2 * chance[place])), 2))
        for place in range(count)
    ]


def test_both_habits_of_decimals_and_dates_give_the_same_answer(tmp_path: Path) -> None:
    days = _days(120)
    ours = tmp_path / "ours.csv"
    lines = [f"{day:%d.%m.%Y};{str(value).replace('.', ',')}" for day, value in days]
    ours.write_text("Дата;Охват\n" + "\n".join(lines))  # cyrillic: what a person's export is headed
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("date,reach\n" + "\n".join(f"{d.month}/{d.day}/{d:%y},{v}" for d, v in days))
    assert _ask(ours) == _ask(theirs)
    found = _ask(ours, "--horizon", "7")
    assert (found["step"], found["history"], found["gaps"], len(found["forecast"])) == ("day", 120, 0, 7)
    assert found["forecast"][0]["at"] == (days[-1][0] + timedelta(days=1)).isoformat()
    assert found["total"]["low"] < found["total"]["expected"] < found["total"]["high"]
    assert found["past_error"]["origins"] > 50


def test_steps_kept_aside_are_not_seen(tmp_path: Path) -> None:
    days = _days(120)
    whole, spoiled = tmp_path / "whole.csv", tmp_path / "spoiled.csv"
    whole.write_text("date,reach\n" + "\n".join(f"{day},{value}" for day, value in days))
    spoiled.write_text(
        "date,reach\n"
        + "\n".join(f"{day},{value if place < 113 else 9e9}" for place, (day, value) in enumerate(days))
    )
    told, other = _ask(whole, "--test", "7"), _ask(spoiled, "--test", "7")
    assert told["forecast"] == other["forecast"]
    assert (told["test"]["steps"], other["test"]["inside"], told["until"]) == (7, 0, "2025-04-28")


def test_a_script_and_a_list_of_rows_are_read_too(tmp_path: Path) -> None:
    days = _days(90)
    script, rows = tmp_path / "daily.js", tmp_path / "daily.json"
    lines = "\n".join(f'{day.month}/{day.day}/{day:%y},"{value:,.2f}"' for day, value in days)
    script.write_text(f"const daily = `\nDay Index,Pageviews\n{lines}\n`;")
    rows.write_text(json.dumps([{"day": str(day), "views": value} for day, value in days]))
    assert _ask(script) == _ask(rows)


@pytest.mark.parametrize(("count", "words", "code"), [(20, (), "early"), (40, (), "early")])
def test_a_short_past_is_refused_with_a_reason(
    tmp_path: Path, count: int, words: tuple[str, ...], code: str
) -> None:
    path = tmp_path / "short.csv"
    path.write_text("date,reach\n" + "\n".join(f"{day},{value}" for day, value in _days(count)))
    found = _ask(path, *words)
    assert (found["refused"], found["forecast"], found["total"]) == (code, [], None)


def test_a_file_without_such_columns_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("who,what\na,b\nc,d")
    with pytest.raises(Unreadable) as error:
        _ask(path)
    assert (error.value.code, error.value.about) == ("no_column", "time")
    path.write_text("date,what\n2026-01-01,5\n2026-01-02,6")
    with pytest.raises(Unreadable) as error:
        _ask(path, "--test", "9")
    assert error.value.code == "too_short"

"""`niva numbers compare` on small tables: the tree adds up, groups are judged, bad tables are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from niva.cli.main import main


def ask(capsys: pytest.CaptureFixture[str], path: Path, *options: str, code: int = 0) -> dict[str, Any]:
    assert main(["numbers", "compare", str(path), *options]) == code
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def posts(tmp_path: Path) -> Path:
    """September: 20 posts of VK and 10 of Telegram; October: 10 and 10; each reaches the same."""
    lines = ["published;network;reach;clicks"]
    for month, shared in ((9, {"vk": 20, "tg": 10}), (10, {"vk": 10, "tg": 10})):
        for network, count in shared.items():
            for number in range(count):
                reach, clicks = (1000, 20) if network == "vk" else (500, 5)
                reach += number % 5  # posts are never quite alike
                lines.append(f"2026-{month:02}-{1 + number % 28:02};{network};{reach};{clicks}")
    lines += ["2026-10-31;tg;;"]
    path = tmp_path / "posts.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def adds_up(node: dict[str, Any]) -> None:
    if node["children"]:
        assert sum(child["effect"] for child in node["children"]) == node["effect"]
    for child in node["children"]:
        adds_up(child)


def test_the_chain_of_two_months_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = ask(
        capsys, posts(tmp_path), "--time", "published", "--factors", "posts,reach,clicks", "--by", "network"
    )
    assert (found["before"]["since"], found["after"]["until"]) == ("2026-09-01", "2026-10-31")
    (tree,) = found["comparisons"]
    assert (tree["before"], tree["after"], tree["effect"]) == (450, 250, -200)
    adds_up(tree)
    number, mix, *_others = tree["children"]
    assert (number["name"], mix["name"]) == ("posts", "mix")
    assert number["effect"] + mix["effect"] < -190, "each post brings what it brought"
    assert number["effect"] < 0 and mix["effect"] < 0, "fewer, and more of those that bring little"
    assert sorted(child["name"] for child in mix["children"]) == ["tg", "vk"]


def test_a_ratio_is_parted_into_structure_and_rate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ask(capsys, posts(tmp_path), "--time", "published", "--ratio", "clicks/reach", "--by", "network")
    (ratio,) = found["comparisons"]
    assert ratio["effect"] == pytest.approx(ratio["structure"] + ratio["rate"])
    assert ratio["structure"] < 0 and abs(ratio["rate"]) < 1e-4, "the better network lost its weight"


def test_groups_are_compared_with_a_range_and_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ask(capsys, posts(tmp_path), "--group", "network", "--value", "reach")
    (line,) = found["comparisons"][0]["groups"]
    assert (line["group"], line["against"], line["verdict"]) == ("tg", "vk", "real")
    assert line["low"] < 502 / 1002 < line["high"] and line["left_out"] == 1


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--time", "never"], "no_column"),
        (["--value", "never"], "no_column"),
        (["--time", "published", "--before", "x..y", "--after", "2026-10-01..2026-10-31"], "no_moment"),
        (["--time", "published", "--before", "2026-09-01..2026-09-30"], "no_moment"),
        (["--group", "network", "--value", "network"], "no_number"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_code(
    options: list[str], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(capsys, posts(tmp_path), *options, code=2)["error"] == code


def test_one_month_has_none_before_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "short.csv"
    path.write_text("day,value\n2026-10-01,1\n2026-10-31,2\n", encoding="utf-8")
    assert ask(capsys, path, code=2)["error"] == "too_short"

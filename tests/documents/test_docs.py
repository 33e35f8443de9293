"""The check of documents must find what it promises to find: each check is shown a page that breaks it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import docs_sources  # noqa: E402

import docs  # noqa: E402

Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Puts pages into a repository of their own, the only one that the checks then see."""
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    (tmp_path / "Makefile").write_text("run: ## open\ntest: ## try\n")

    def put(**pages: str) -> None:
        for name, text in pages.items():
            path = tmp_path / (name.replace("__", "/").replace("_", ".") + ".md")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        found = tuple(sorted(tmp_path.rglob("*.md")))
        monkeypatch.setattr(docs, "pages", lambda: found)
        docs.text_of.cache_clear()
        docs.anchors_of.cache_clear()

    return put


def test_dead_links_and_headings_are_found(write: Write) -> None:
    write(
        README="[good](docs/a.md#why-so) [dead](docs/b.md) [lost](docs/a.md#nowhere) ![none](no.png)",
        docs__a="# A\n\n## Why so?\n\n```\n[not a link](gone.md)\n```\n",
    )
    assert list(docs.dead_links()) == [
        "README.md: docs/b.md leads nowhere",
        "README.md: docs/a.md#nowhere: no such heading",
        "README.md: no.png leads nowhere",
    ]


def test_paths_that_are_gone_are_found(write: Write) -> None:
    write(README="`tests/nothing.py`, `docs/a.md`, `src/<name>/x.py`", docs__a="# A")
    assert list(docs.missing_files()) == ["README.md: there is no tests/nothing.py"]


def test_unknown_commands_are_found(write: Write) -> None:
    write(README="Say `make run`, `niva db dump`, but not `make tea`; `niva fly`.\n\n```\nniva db eat\n```\n")
    assert list(docs.unknown_commands()) == [
        "README.md: make tea is not in the Makefile",
        "README.md: niva db eat is no command",
        "README.md: niva fly is no command",
    ]


def test_variables_are_known_on_both_sides(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write(README="Set `NIVA_HOME` or NIVA_HOUSE.")
    monkeypatch.setattr(docs.sources, "variables_in_code", lambda: {"NIVA_HOME": {"a"}, "NIVA_NEW": {"b.py"}})
    monkeypatch.setattr(docs.sources, "variables_described", lambda: {"NIVA_HOME": {}, "NIVA_OLD": {}})
    assert list(docs.unknown_variables()) == [
        "b.py: reads NIVA_NEW, which tools/variables.toml does not describe",
        "tools/variables.toml: describes NIVA_OLD, which no code reads",
        "README.md: names NIVA_HOUSE, which does not exist",
    ]


def test_variables_are_found_however_they_are_read() -> None:
    source = 'os.environ.get("A_1")\nflag("B_2")\nos.environ["C_3"]\nfor name in ("LC_ALL", "NIVA_D"): pass\n'
    assert docs_sources._read_by(source) == {"A_1", "B_2", "C_3", "LC_ALL", "NIVA_D"}


def test_twins_in_two_languages_go_together(write: Write) -> None:
    write(README="# A\n\n## B\n", README_ru="# А\n", docs__tutorial__x_en="# A\n")
    assert list(docs.uneven_twins()) == [
        "README.ru.md: headings differ from README.md: [1] and [1, 2]",
        "docs/tutorial/x.en.md: there is no x.ru.md",
    ]


def test_a_renamed_button_is_found(write: Write) -> None:
    write(**{"docs__how-to__go": "Press **Open in the network**, then **Sign in to …**, then **Fly away**."})
    assert list(docs.buttons_renamed()) == ["docs/how-to/go.md: no page says “Fly away”"]


def test_every_decision_is_in_the_index(write: Write) -> None:
    write(
        docs__decisions__README="[one](0001-a.md)",
        **{"docs__decisions__0001-a": "# 1", "docs__decisions__0001-b": "# 1"},
    )
    assert list(docs.decisions_left_out()) == [
        "docs/decisions/README.md: does not name 0001-b.md",
        "docs/decisions/0001-b.md: 0001-a.md has this number too",
    ]

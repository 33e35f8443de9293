"""Every reason that a judgement can give is a sentence, and no code of a network is taken for one."""

from __future__ import annotations

import ast
from pathlib import Path

from niva.domains.condition import rules
from niva.words import DICTIONARY, describe
from niva.words.condition import CONDITION, PREFIX

SPEAKERS = {"broken", "unknown", "spared", "Verdict", "_there", "_switch"}


def reasons() -> set[str]:
    """The strings that rules hand to what makes a verdict, and those that stand in their tables."""
    found: set[str] = set()
    for path in Path(rules.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKERS:
                found |= {one.value for one in node.args if isinstance(one, ast.Constant) and one.value}
            if isinstance(node, ast.Dict):
                found |= {
                    one.value for one in node.values
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }  # fmt: skip
    return {one for one in found if isinstance(one, str)}


def test_every_reason_is_a_sentence():
    found = {f"{PREFIX}{one}" for one in reasons()}
    assert len(found) > 40
    assert found == set(CONDITION), found ^ set(CONDITION)


def test_they_are_names_of_their_own():
    assert all(DICTIONARY[code] is words for code, words in CONDITION.items())
    assert all(code.startswith(PREFIX) for code in CONDITION)


def test_numbers_decide_the_plural():
    assert "1 " in describe(f"{PREFIX}admins_few", {"n": 1, "limit": 2}).what
    said = describe(
        f"{PREFIX}cover_small", dict.fromkeys(("width", "height", "limit_width", "limit_height"), 7)
    )
    assert "—" not in said.what

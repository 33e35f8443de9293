"""Every pair of text and ground that the components use can be read, in both themes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.looks.colours import contrast

STYLES = Path(__file__).resolve().parents[2] / "frontend" / "styles"
THEMES = ("light", "dark")
NEEDED = {"text": 4.5, "mark": 3.0}
STATES = ("out", "scheduled", "sending", "waiting", "unknown", "login", "rejected", "cancelled", "draft")
# Grounds on which text without a ground of its own may come to lie.
OPEN_GROUNDS = ("ground", "surface")


def tokens() -> dict[str, tuple[str, str]]:
    """Token -> its colour by day and by night."""
    found = {}
    text = (STYLES / "tokens.css").read_text(encoding="utf-8")
    for name, value in re.findall(r"--([\w-]+):\s*((?:light-dark|oklch)\([^;]*)\s*;", text):
        both = re.fullmatch(r"light-dark\((oklch\([^)]*\)),\s*(oklch\([^)]*\))\)", value)
        if both:
            found[name] = (both[1], both[2])
        elif value.startswith("oklch"):
            found[name] = (value, value)
    found["#fff"] = ("#fff", "#fff")
    return found


def pairs() -> list[tuple[str, str, str]]:
    declared = json.loads((STYLES / "pairs.json").read_text(encoding="utf-8"))
    return [
        (kind, ink, ground)
        for kind in NEEDED
        for ink, grounds in declared[kind].items()
        for ground in grounds
    ]


def rules() -> list[tuple[str, str, dict[str, str]]]:
    """(file, selector, declarations) of every rule of the components and the base."""
    found = []
    for path in sorted([*STYLES.glob("components/*.css"), STYLES / "base.css"]):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
        for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", text):
            declared = dict(re.findall(r"([\w-]+)\s*:\s*([^;]+?)\s*(?:;|$)", body))
            found.append((path.name, " ".join(selector.split()), declared))
    return found


def token_of(value: str) -> list[str]:
    """The tokens a value may take: var(--c, …) stands for every state."""
    found = re.fullmatch(r"var\(--([\w-]+)(?:,\s*var\(--([\w-]+)\))?\)", value.removeprefix("none").strip())
    if not found:
        return ["#fff"] if value == "#fff" else []
    first, fallback = found.groups()
    names = (
        list(STATES) if first == "c" else [f"{state}-soft" for state in STATES] if first == "g" else [first]
    )
    return names + ([fallback] if fallback else [])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("kind", "ink", "ground"), pairs())
def test_a_declared_pair_is_readable(kind: str, ink: str, ground: str, theme: str) -> None:
    known = tokens()
    side = THEMES.index(theme)
    ratio = contrast(known[ink][side], known[ground][side])
    assert ratio >= NEEDED[kind], f"--{ink} on --{ground}, {theme}: {ratio:.2f}:1, needs {NEEDED[kind]}:1"


def test_every_pair_of_a_rule_is_declared() -> None:
    read = {(ink, ground) for kind, ink, ground in pairs() if kind == "text"}
    seen = {(ink, ground) for _kind, ink, ground in pairs()}
    missing = []
    for file, selector, body in rules():
        if selector.endswith(".ear"):  # the mark of the desk is a decoration
            continue
        declared = seen if selector.endswith(".ico") else read
        inks = token_of(body.get("color", ""))
        grounds = token_of(body.get("background", ""))
        same_state = body.get("color", "").startswith("var(--c") and body.get("background", "").startswith(
            "var(--g"
        )
        for ink in inks:
            for ground in grounds or OPEN_GROUNDS:
                if same_state and ground != f"{ink}-soft":
                    continue
                if not grounds and ink in ("act-ink", "ground", "surface", "#fff"):
                    continue
                if (ink, ground) not in declared:
                    missing.append(f"{file}: {selector}: --{ink} on --{ground}")
    assert missing == []


def test_colours_come_from_tokens_only() -> None:
    """A colour written into a component would escape the check above."""
    stray = []
    for file, selector, body in rules():
        for name, value in body.items():
            literal = re.search(r"#[0-9a-f]{3,8}\b|oklch\(|rgba?\(|hsl", value)
            allowed = selector in ("dialog::backdrop", ".net", ".qr") or name.startswith("--")
            if literal and not allowed:
                stray.append(f"{file}: {selector}: {name}: {value}")
    assert stray == []


def test_styles_stay_small() -> None:
    size = sum(path.stat().st_size for path in STYLES.rglob("*.css"))
    assert size < 84 * 1024, f"{size} bytes of CSS: is something there that no page uses?"

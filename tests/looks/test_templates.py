"""What the Content-Security-Policy would silently break is not in any template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "src" / "niva"
FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "an inline script": re.compile(
        r"<script(?![^>]*(?:\bsrc=|type=\"application/(?:json|ld\+json)\"|nonce=))[^>]*>", re.I
    ),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "an expression of htmx that needs eval": re.compile(
        r"\bhx-on\b|hx-vals=['\"]js:|hx-trigger=['\"][^'\"]*\["
    ),
    "something from another host": re.compile(
        r"<(?:script|link|img)[^>]*(?:src|href)=['\"](?:https?:)?//", re.I
    ),
}


def templates() -> list[Path]:
    return sorted(path for path in TEMPLATES.rglob("templates/**/*.html"))


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(what: str) -> None:
    found = []
    for path in templates():
        # Tags of Django may hold quotes and angle brackets of their own.
        html = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        found += [f"{path.name}: {match[0][:80]}" for match in FORBIDDEN[what].finditer(html)]
    assert found == []


def test_the_check_sees_what_it_forbids() -> None:
    bad = {
        "an inline style": '<p class="a" style="color:red">',
        "a style element": "<style>",
        "an inline handler": '<a onclick="x()">',
        "an inline script": "<script>alert(1)</script>",
        "a javascript: address": '<a href="javascript:x()">',
        "an expression of htmx that needs eval": "<p hx-trigger=\"keyup[key=='Enter']\">",
        "something from another host": '<script src="https://unpkg.com/htmx.org"></script>',
    }
    for what, html in bad.items():
        assert FORBIDDEN[what].search(html), what
    assert not FORBIDDEN["an inline script"].search('<script type="module" src="/static/main.js"></script>')
    assert not FORBIDDEN["an inline script"].search('<script id="data" type="application/json">{}</script>')

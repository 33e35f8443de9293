"""A small builder of HTML: everything that is not already HTML is escaped, without asking."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

VOID: Final = frozenset({"img", "meta", "link", "input", "br"})


class Html(str):
    """Text that is HTML already. Only `tag` and the authors of constants make it."""

    __slots__ = ()


Child = Html | str | int | None | Sequence["Child"]


def show(child: Child) -> str:
    """One child as HTML: None is nothing, lists are joined, strings are escaped."""
    if child is None:
        return ""
    if isinstance(child, Html):
        return str(child)
    if isinstance(child, str | int):
        return escape(str(child))
    return "".join(show(item) for item in child)


def tag(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Html:
    """`tag("a", "words", href="/x", class_="y")`; attributes that are None or False are left out."""
    written = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        written.append(f" {key}" if value is True else f' {key}="{escape(str(value))}"')
    head = f"<{name}{''.join(written)}>"
    return Html(head if name in VOID else f"{head}{''.join(map(show, children))}</{name}>")


def lines(text: str) -> Html:
    """Text with its line ends kept, and web addresses made into links that open elsewhere."""
    parts: list[str] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            parts.append("<br>")
        for index, word in enumerate(line.split(" ")):
            if index:
                parts.append(" ")
            address = word.startswith(("https://", "http://"))
            parts.append(tag("a", word, href=word, rel="nofollow noopener") if address else escape(word))
    return Html("".join(parts))

"""The forms of a page as a browser sees them, and what a careless or a wicked person types into them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

SCRIPT = "<script>alert(1)</script>"
EVIL = f'"><img src=x onerror=alert(1)>{SCRIPT}'
# Nothing; a script; far too much; a number, a day, an hour that are none; a byte that no text may hold.
TYPED = ("", EVIL, "ы" * 10_000, "-1", "9" * 400, "2026-02-31", "NaN", "25:61\x00")


@dataclass
class Form:
    """`fields`: names and what stands in them, in order; `page`: where the form was found."""

    page: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def shape(self) -> tuple[object, ...]:
        """The same form on another page is the same."""
        return re.sub(r"\d+", "0", self.action.partition("?")[0]), tuple(
            sorted({name for name, _ in self.fields})
        )

    def bodies(self) -> Iterator[dict[str, str]]:
        """Each of `TYPED` in every field at once, the buttons pressed in turn; at last nothing at all."""
        names, buttons = dict(self.fields), self.buttons or [("", "")]
        for number, typed in enumerate(TYPED if names else TYPED[:1]):
            button = buttons[number % len(buttons)]
            yield {**dict.fromkeys(names, typed), **({button[0]: button[1]} if button[0] else {})}
        yield {}


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: dict[str, Form] = {}
        self._inside: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            form = Form(self.page, said.get("action") or self.page)
            self._inside = form
            if said.get("method", "").lower() == "post":
                self.forms[said.get("id") or f"#{len(self.forms)}"] = form
        elif name := said.get("name"):
            form = self.forms.get(said["form"]) if said.get("form") else self._inside
            if form is None or name == "csrfmiddlewaretoken":
                return
            if tag == "button":
                form.buttons.append((name, said.get("value", "")))
            elif tag in ("input", "select", "textarea"):
                form.fields.append((name, said.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None


def forms_on(page: str, html: str) -> list[Form]:
    """All forms of a page that are sent by POST."""
    reader = _Reader(page)
    reader.feed(html)
    return list(reader.forms.values())

"""Reads the few tags of a page's head that describe it, from HTML that may be broken or hostile.

The standard parser takes quadratic time on unclosed tags and comments, so a linear walk finds the tags and
the parser sees only one short slice at a time.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from html import unescape
from html.parser import HTMLParser
from typing import Final

SLICE: Final = 8192  # characters of one tag; longer ones are not looked at
TAGS_MAX: Final = 400
_OPAQUE: Final = frozenset({"script", "style", "noscript", "template", "svg", "textarea", "iframe"})
_NAME: Final = re.compile(r"[a-zA-Z]{1,10}")
_META_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_\-]{2,24})", re.I)
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# only real character sets: Python also knows codecs that are none
_CHARSETS: Final = re.compile(
    r"utf-?8|utf-?16(le|be)?|windows-?125\d|cp125\d|cp866|koi8-?[ru]|iso-?8859-?\d{1,2}|latin-?1|us-ascii|ascii"
    r"|gb2312|gbk|gb18030|big5|shift[_-]?jis|euc-?(jp|kr)|mac-?cyrillic"
)


class _Found(Exception):
    """Ends the parser's work: the rest of the slice is not wanted."""


class _OneTag(HTMLParser):
    """Keeps the attributes of the first tag it meets, and stops there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = {name: value or "" for name, value in attrs}
        raise _Found

    handle_startendtag = handle_starttag


def decode(body: bytes, stated: str = "") -> str:
    """The page as text. By mark, then header (`stated`), then <meta>, then UTF-8, then windows-1251."""
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return body.decode(charset, "replace")
    named = _META_CHARSET.search(body[:4096])
    for charset in (stated, named[1].decode("ascii") if named else ""):
        if _CHARSETS.fullmatch(charset.strip().lower()):
            try:
                return body.decode(charset.strip(), "replace")
            except LookupError:
                continue
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        cut_short = error.start >= len(body) - 3  # the bound fell into the middle of a character
        return body.decode("utf-8" if cut_short else "windows-1251", "replace")


def describe(page: str) -> dict[str, str]:
    """The first non-empty value of every named <meta> (name or property, in small letters), "title" as the
    content of <title>, "base" as the address of <base>."""
    found: dict[str, str] = {}
    lower = page.lower()
    position, looked_at = 0, 0
    while looked_at < TAGS_MAX and (position := page.find("<", position)) >= 0:
        if page.startswith("<!--", position):
            position = _past(lower, "-->", position + 4)
            if position < 0:
                break
            continue
        match = _NAME.match(page, position + 1)
        name = match[0].lower() if match else ""
        if name in _OPAQUE:
            position = _past(lower, f"</{name}", position)
            if position < 0:
                break
        elif name in ("meta", "base"):
            looked_at += 1
            _note(found, name, page[position : position + SLICE])
        elif name == "title" and "title" not in found:
            looked_at += 1
            _, _, inside = page[position : position + SLICE].partition(">")
            found["title"] = " ".join(
                unescape(re.split("</title", inside, maxsplit=1, flags=re.I)[0]).split()
            )
        position += 1
    return found


def _past(text: str, mark: str, start: int) -> int:
    """The place behind the next `mark`, or -1."""
    place = text.find(mark, start)
    return place if place < 0 else place + len(mark)


def _note(found: dict[str, str], name: str, piece: str) -> None:
    parser = _OneTag()
    with suppress(_Found):
        parser.feed(piece)
    attributes = parser.found
    if name == "base":
        found.setdefault("base", attributes.get("href", "").strip())
        return
    key = (attributes.get("property") or attributes.get("name") or "").strip().lower()
    if key and key not in ("title", "base") and not found.get(key):
        found[key] = " ".join(attributes.get("content", "").split())

"""The feed as Dzen wants it: RSS 2.0 with the whole article in content:encoded. Pure.

https://dzen.ru/help/ru/website/rss-modify: namespaces, elements that must be there, the words of `category`;
https://yandex.com/support/zen/website/rss-modify.html: addresses without GET parameters, pictures of the text
once more in `enclosure`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.utils import format_datetime
from html import escape
from typing import Final
from xml.etree import ElementTree

from niva.networks.base.feed import Channel, Item, xml_text
from niva.networks.base.types import MediaFile, Outgoing

SPACES: Final = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
    "georss": "http://www.georss.org/georss",
}
DESCRIPTION: Final = 250  # characters of the announcement: the beginning of the text
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"«»]+")
_TAIL: Final = ".,;:!?)…"  # belongs to the sentence and not to the address before it


def feed(channel: Channel, items: Sequence[Item]) -> bytes:
    """The whole feed, the items in the order given."""
    root = ElementTree.Element(
        "rss", {"version": "2.0", **{f"xmlns:{name}": space for name, space in SPACES.items()}}
    )
    top = ElementTree.SubElement(root, "channel")
    for name, text in (
        ("title", channel.title),
        ("link", channel.link),
        ("description", channel.description or channel.title),
        ("language", channel.language),
    ):
        _add(top, name, text)
    ElementTree.SubElement(
        top, "atom:link", {"rel": "self", "type": "application/rss+xml", "href": xml_text(channel.address)}
    )
    for item in items:
        _item(top, item)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _item(top: ElementTree.Element, item: Item) -> None:
    one, out = ElementTree.SubElement(top, "item"), item.out
    _add(one, "title", str(out.options.get("title") or _first_line(out.text)))
    _add(one, "link", item.link)
    _add(one, "pdalink", item.link)
    _add(one, "guid", item.guid).set("isPermaLink", "false")
    _add(one, "pubDate", format_datetime(item.published_at))
    rating = "adult" if out.options.get("adult") else "nonadult"
    _add(one, "media:rating", rating).set("scheme", "urn:simple")
    for word in categories(out):
        _add(one, "category", word)
    for file in out.media:
        if file.url:
            ElementTree.SubElement(
                one, "enclosure", {"url": file.url, "type": file.mime, "length": str(file.size)}
            )
    _add(one, "description", shortened(out.text))
    _add(one, "content:encoded", article(out))


def _add(parent: ElementTree.Element, name: str, text: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, name)
    made.text = xml_text(text)
    return made


def categories(out: Outgoing) -> Iterator[str]:
    """How Dzen is to take it: as a draft of the Studio or at once, as an article or a short post."""
    if out.options.get("draft"):
        yield "native-draft"
    yield str(out.options.get("kind") or "format-article")
    yield "noindex" if out.options.get("noindex") else "index"
    yield str(out.options.get("comments") or "comment-all")


def article(out: Outgoing) -> str:
    """The text as HTML of the few elements that Dzen takes; whatever was typed is text, never markup."""
    figures = [_figure(file) for file in out.media if file.url]
    parts = figures[:1]
    parts += [_paragraph(part) for part in re.split(r"\n\s*\n", xml_text(out.text)) if part.strip()]
    parts += figures[1:]
    if out.link is not None and out.link.url not in out.text:
        name = escape(out.link.title or out.link.url)
        parts.append(f'<p><a href="{escape(out.link.url)}">{name}</a></p>')
    return xml_text("".join(parts))


def _figure(file: MediaFile) -> str:
    caption = f"<figcaption>{escape(file.alt)}</figcaption>" if file.alt else ""
    sizes = f' width="{file.width}" height="{file.height}"' if file.width and file.height else ""
    return f'<figure><img src="{escape(file.url)}"{sizes} alt="{escape(file.alt)}">{caption}</figure>'


def _paragraph(text: str) -> str:
    """Line breaks stay, addresses become links."""
    found, end = [], 0
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(_TAIL)
        found.append(escape(text[end : match.start()], quote=False))
        found.append(f'<a href="{escape(address)}">{escape(address, quote=False)}</a>')
        end = match.start() + len(address)
    found.append(escape(text[end:], quote=False))
    return "<p>" + "".join(found).strip().replace("\n", "<br>") + "</p>"


def shortened(text: str) -> str:
    """The beginning of the text in whole words."""
    line = " ".join(text.split())
    if len(line) <= DESCRIPTION:
        return line
    head = line[: DESCRIPTION + 1].rpartition(" ")[0] or line[:DESCRIPTION]
    return head.rstrip(" ,.;:—–-") + "…"


def _first_line(text: str) -> str:
    return text.strip().split("\n")[0][:140]

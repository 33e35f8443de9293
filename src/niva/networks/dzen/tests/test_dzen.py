"""Dzen: what stands in the feed, that it is XML whatever was typed, and steps that call nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.feed import Channel, FeedNetwork, Item
from niva.networks.base.network import Call, Question
from niva.networks.base.transport import Transport
from niva.networks.base.types import Credential, LinkCard, MediaFile, Outgoing, Remote
from niva.networks.dzen import NETWORK
from niva.networks.dzen.rss import article, feed

CHANNEL = Channel("Сытый хутор", "https://desk.example.org/public/feeds/x.xml", "https://dzen.ru/hutor")
AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
PHOTO = MediaFile(
    Path("a.jpg"), "image", "image/jpeg", 1000, 1200, 800, "Поле", url="https://desk.example.org/public/files/s/a.jpg"
)  # fmt: skip
OUT = Outgoing("Жатва началась.\n\nПодробности: https://example.org/h.", (PHOTO,), options={"title": "Жатва"})
NAMES = {"media": "http://search.yahoo.com/mrss/", "content": "http://purl.org/rss/1.0/modules/content/"}


def items_of(*outs: Outgoing) -> list[ElementTree.Element]:
    made = [Item(f"guid-{n}", out, f"https://desk.example.org/i/{n}", AT) for n, out in enumerate(outs)]
    return list(ElementTree.fromstring(feed(CHANNEL, made)).iter("item"))


def text(item: ElementTree.Element, name: str) -> str:
    found = item.find(name, NAMES)
    assert found is not None
    return found.text or ""


def test_an_item_has_all_that_dzen_demands():
    (item,) = items_of(OUT)
    assert text(item, "title") == "Жатва"
    assert text(item, "guid") == "guid-0" and item.find("guid").get("isPermaLink") == "false"
    assert text(item, "link") == text(item, "pdalink") == "https://desk.example.org/i/0"
    assert text(item, "pubDate") == "Mon, 23 Nov 2026 09:30:00 +0000"
    assert text(item, "media:rating") == "nonadult"
    assert [one.text for one in item.findall("category")] == ["format-article", "index", "comment-all"]
    assert item.find("enclosure").attrib == {"url": PHOTO.url, "type": "image/jpeg", "length": "1000"}
    whole = text(item, "content:encoded")
    assert whole.startswith(f'<figure><img src="{PHOTO.url}" width="1200" height="800" alt="Поле">')
    assert '<a href="https://example.org/h">https://example.org/h</a>.</p>' in whole


def test_what_a_person_chose_is_told_in_categories():
    options = {
        "title": "Ж",
        "kind": "format-post",
        "comments": "comment-none",
        "draft": True,
        "noindex": True,
    }
    (item,) = items_of(replace(OUT, options={**options, "adult": True}))
    words = [one.text for one in item.findall("category")]
    assert words == ["native-draft", "format-post", "noindex", "comment-none"]
    assert text(item, "media:rating") == "adult"


NASTY = (
    "\x00\x01\x0b\x1f",
    "\ufffe\uffff",
    "\ud800",
    "]]>",
    "<script>alert(1)</script>",
    "&amp; <b>",
    "🌾\r\n",
)


@pytest.mark.parametrize("nasty", NASTY)
def test_it_is_xml_whatever_was_typed(nasty):
    (item,) = items_of(replace(OUT, text=f"До {nasty} после", options={"title": f"З {nasty}"},
                               link=LinkCard(f"https://example.org/?a={nasty}", nasty)))  # fmt: skip
    assert text(item, "title").startswith("З ")
    assert "<script>" not in text(item, "content:encoded")
    assert "после" in text(item, "content:encoded")


def test_an_empty_feed_is_a_feed():
    root = ElementTree.fromstring(feed(CHANNEL, []))
    assert root.find("channel/title").text == "Сытый хутор"


def test_paragraphs_lines_and_the_link_of_the_post():
    whole = article(Outgoing("Раз\nдва\n\n\nтри", link=LinkCard("https://example.org/x", "Сайт")))
    assert whole == '<p>Раз<br>два</p><p>три</p><p><a href="https://example.org/x">Сайт</a></p>'


def codes(out: Outgoing) -> dict[str, str]:
    return {one.code: one.severity for one in NETWORK.check(out, NETWORK.limits)}


def test_a_title_a_picture_and_a_public_address_are_wanted():
    assert codes(OUT) == {}
    assert codes(Outgoing("Текст")) == {"option_missing": "error", "media_required": "warning"}
    assert codes(replace(OUT, media=(replace(PHOTO, url=""),))) == {"public_address_missing": "error"}
    assert codes(replace(OUT, media=(replace(PHOTO, width=699),))) == {"dzen_picture_narrow": "warning"}
    assert codes(replace(OUT, media=(replace(PHOTO, width=700),))) == {}
    assert "dzen_pictures_only" in codes(
        replace(OUT, media=(PHOTO, replace(PHOTO, kind="video", mime="video/mp4")))
    )


class NoCalls(Transport):
    """A transport over which nothing may go."""

    def __init__(self) -> None:
        pass


def call(key: str = "k-1", **facts: str) -> Call:
    return Call(NoCalls(), Credential(facts=facts), lambda: AT, key)


async def test_publishing_calls_nobody_and_the_same_key_is_the_same_item():
    (step,) = NETWORK.steps(OUT, Credential())
    done = {step.name: await NETWORK.perform(call(), step, OUT, {})}
    assert step.keyed and NETWORK.remote(done) == Remote("k-1", "")
    assert await NETWORK.perform(call(), step, OUT, {}) == done[step.name]
    answer = await NETWORK.look_up(call(), Question(step, OUT, {}, AT))
    assert (answer.found, answer.result) == (True, done[step.name])
    there = NETWORK.remote(done)
    assert await NETWORK.edit(call(), there, OUT) == there
    await NETWORK.delete(call(), there)
    with pytest.raises(Rejected, match="read_back_unsupported"):
        await NETWORK.read_back(call(), there)


async def test_whose_feed_it_is_and_that_it_must_be_opened():
    assert (await NETWORK.account(call(feed="feed-7", name="Хутор"))).name == "Хутор"
    with pytest.raises(NeedsLogin, match="not_connected"):
        await NETWORK.account(call())


def test_it_is_a_network_with_a_feed():
    assert isinstance(NETWORK, FeedNetwork)
    assert NETWORK.manifest.connect == ("feed",)

"""Real input: a real Bluesky PDS, connected and used through the desk's own pages by a real browser.

What is really there is asked of the server by code that is not ours (plain urllib, `tests.servers.pds`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from niva.kit.jobs import names
from tests.journeys import walk
from tests.journeys.browsing import Watched, watched
from tests.journeys.forwarding import Forwarding
from tests.journeys.running import RunningDesk, until
from tests.journeys.walk import RUSSIAN
from tests.servers.pds import PdsUnavailable, Person, RealPds, real_pds

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LINK = "https://example.org/cheese"
TEXT = "Сварили сыр из утреннего молока 🧀 Головки по 800 г. #сыр"
# Words of Bluesky's own pages, as the guide and the placeholders quote them.
THEIR_WORDS = [
    "Settings", "Privacy and security", "App passwords", "Add App Password", "Create App Password",
    "Allow access to your direct messages", "AppView", "Niva", "bsky.app", "xxxx-xxxx-xxxx-xxxx",
]  # fmt: skip
CRASHED = "Этот пост отправляют, когда гаснет свет."


@dataclass
class Place:
    """The desk with a client, the server, and a proxy before it that can fall silent."""

    desk: RunningDesk
    pds: RealPds
    proxy: Forwarding
    client: int
    signed_in: Any


@pytest.fixture(scope="module")
def pds() -> Iterator[RealPds]:
    try:
        with real_pds() as server:
            yield server
    except PdsUnavailable as reason:
        pytest.skip(f"the real Bluesky PDS cannot run here: {reason}")


@pytest.fixture(scope="module")
def place(browser: Browser, pds: RealPds, desks: list[RunningDesk]) -> Iterator[Place]:
    """A desk that may call these two loopback ports and no other."""
    with Forwarding(pds.url) as proxy:
        desk = RunningDesk("bluesky", prepared=True, NIVA_INNER_HOSTS=f"{pds.url},{proxy.url}")
        desks.append(desk.start())
        with watched(browser, desk.url, language="ru", own=RUSSIAN.own) as it:
            walk.sign_up(it, RUSSIAN)
            client = walk.take_on_client(it, RUSSIAN)
            yield Place(desk, pds, proxy, client, it.page.context.storage_state())


@pytest.fixture
def it(browser: Browser, place: Place) -> Iterator[Watched]:
    """The owner, signed in."""
    own = [*RUSSIAN.own, *THEIR_WORDS, ".test"]
    with watched(browser, place.desk.url, language="ru", own=own, state=place.signed_in) as page:
        yield page


def connect(it: Watched, place: Place, person: Person, service: str, name: str) -> int:
    """Through the desk's form, as its guide says."""
    community = walk.add_community(it, RUSSIAN, place.client, "bluesky", name)
    it.own.append(person.handle)
    it.check("connect-bluesky")
    keys = {"identifier": f"@{person.handle}", "app_password": person.app_password, "service": service}
    walk.connect_by_keys(it, keys)
    expect(it.page.locator("main")).to_contain_text(person.handle)
    return community


def delivery_of(place: Place, post: int) -> tuple[Any, ...]:
    """Number and state of the post's delivery."""
    return place.desk.sql("select id, state from publishing_delivery where post_id = %s", post)[0]


def test_out_read_back_changed_and_taken_down(it: Watched, place: Place):
    pds, person = place.pds, place.pds.create_account()
    community = connect(it, place, person, pds.url, "Заря в Bluesky")

    it.page.goto(f"/posts/new/?client={place.client}&community={community}")
    post = walk.in_composer(it)
    walk.typed(it, TEXT)
    walk.add_picture(it, RUSSIAN.file, RUSSIAN.alt)
    walk.fill_and_keep(it, "#link_url", LINK)
    it.check("composer-bluesky")
    walk.schedule_for_tomorrow(it)
    assert delivery_of(place, post)[1] == "queued"
    assert pds.records(person.did) == []
    walk.move_to_now(it, TEXT[:20])
    walk.wait_until_out(it, post)
    it.check("post-bluesky")

    [record] = pds.records(person.did)
    value, rkey = record["value"], record["uri"].rsplit("/", 1)[1]
    assert value["text"] == f"{TEXT}\n\n{LINK}"
    assert link_in(value) == LINK
    [image] = value["embed"]["images"]
    assert image["alt"] == RUSSIAN.alt
    seen = Image.open(BytesIO(pds.blob(person.did, image["image"]["ref"]["$link"])))
    assert (seen.format, seen.width / seen.height) == ("JPEG", pytest.approx(4 / 3, abs=0.01))

    changed = TEXT.replace("800", "900")
    it.page.goto(f"/posts/{post}/edit/")
    walk.in_composer(it)
    walk.typed(it, changed)
    it.page.goto(f"/posts/{post}/")
    # Readers of Bluesky never see an edit, so none is offered: what is there stays as it was sent.
    expect(it.page.get_by_role("button", name=it.says("Update in the network"))).to_have_count(0)
    there = pds.ask("com.atproto.repo.getRecord", repo=person.did, collection="app.bsky.feed.post", rkey=rkey)
    assert there["value"] == value

    it.page.locator("details.menu:has(button.danger) summary").click()
    it.press("Take down from the network")
    expect(it.page.locator(".notes")).to_contain_text(it.says("Taken down. It is no longer in the network."))
    assert pds.records(person.did) == []
    assert place.desk.troubles() == []


def link_in(value: dict[str, Any]) -> str:
    """The address that the facets make a link, after its bytes were found to be that very address."""
    [facet] = [
        one for one in value["facets"] if one["features"][0]["$type"] == "app.bsky.richtext.facet#link"
    ]
    uri = str(facet["features"][0]["uri"])
    words = value["text"].encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]]
    assert words.decode() == uri
    return uri


def test_killed_between_the_call_and_the_note_makes_no_second_post(it: Watched, place: Place):
    """The PDS has the post, the worker dies before it can write that down, another takes the delivery up."""
    pds, person = place.pds, place.pds.create_account()
    community = connect(it, place, person, place.proxy.url, "Заря при свечах")
    it.page.goto(f"/posts/new/?client={place.client}&community={community}")
    post = walk.in_composer(it)
    walk.typed(it, CRASHED)
    walk.schedule_for_tomorrow(it)
    place.proxy.swallow("putRecord")
    walk.move_to_now(it, CRASHED[:20])
    assert place.proxy.swallowed.wait(30), "the worker never sent the post"
    dead = place.desk.kill_worker()
    [first] = pds.records(person.did)
    delivery, state = delivery_of(place, post)
    assert state == "sending"
    assert attempts(place, delivery) == [("create", 1, "open")]

    until("another worker is there", lambda: place.desk.worker() not in (None, dead), 60)
    pass_the_lease(place, delivery)
    walk.wait_until_out(it, post)
    it.check("post-after-crash")
    assert [one["uri"] for one in pds.records(person.did)] == [first["uri"]]
    assert attempts(place, delivery) == [("create", 1, "unknown"), ("create", 2, "done")]
    [keys] = place.desk.sql(
        "select count(distinct key) from publishing_attempt where delivery_id = %s", delivery
    )
    assert keys == (1,)


def attempts(place: Place, delivery: int) -> list[tuple[Any, ...]]:
    """Every try as the desk wrote it down, before and after the calls."""
    return place.desk.sql(
        "select step, number, outcome from publishing_attempt where delivery_id = %s order by id", delivery
    )


def pass_the_lease(place: Place, delivery: int) -> None:
    """As if the dead worker's lease were over, and the next look after what went out had come."""
    ago = datetime.now(walk.ZONE) - timedelta(minutes=1)
    place.desk.sql(
        "update publishing_delivery set lease_until = %s, wake_at = %s where id = %s", ago, ago, delivery
    )
    place.desk.sql(
        f"insert into {names.QUEUE} (entrypoint, payload, priority, execute_after, headers, status) "
        "values ('follow', '{}', 0, now(), '{}', 'queued')"
    )

"""Dzen's feed through the doors: opened, published into, fetched, edited, taken down, renewed."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.test import Client as Browser
from django.utils import timezone

from niva.domains.clients.factories import make_actor
from niva.domains.communities.models import Community, Feed
from niva.domains.people.models import AuditEvent
from niva.domains.publishing.delivery.engine import Engine
from niva.domains.publishing.delivery.keyring import Keyring
from niva.domains.publishing.delivery.store import Store, make_pool
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Publication, Variant
from niva.domains.publishing.services import drafts, schedule
from niva.flows import amend
from niva.flows import feed as flow
from niva.kit.jobs.django import dsn
from niva.networks.base.testing import open_session
from niva.networks.registry import get_network
from niva.web.posts.tests.conftest import Farm, picture

pytestmark = pytest.mark.django_db(transaction=True)
BASE = "https://desk.example.org"
ROBOT = "Mozilla/5.0 (compatible; YandexZen/1.0)"


class Scene:
    """A channel on Dzen with an open feed and one scheduled article."""

    def __init__(self) -> None:
        self.farm = Farm()
        self.actor = make_actor(self.farm.workspace, language="en")
        self.browser = self.farm.browser()
        self.community = Community.objects.create(
            workspace=self.farm.workspace, client=self.farm.client, network="dzen", name="Хутор", task="leads"
        )

    def open(self) -> Feed:
        answer = self.browser.post(f"/communities/{self.community.pk}/feed/")
        assert answer["Location"] == f"/communities/{self.community.pk}/"
        self.community.refresh_from_db()
        return Feed.objects.get()

    def article(self, text: str = "Урожай собран.") -> Delivery:
        post = make_post(self.community, text=text)
        Variant.objects.filter(post=post).update(options={"title": "Жатва"})
        schedule.schedule(self.actor, post_id=post.pk)
        return Delivery.objects.get(post=post)

    def items(self) -> list[ElementTree.Element]:
        path = flow.address_of(Feed.objects.get()).removeprefix(BASE)
        answer = Browser().get(path, headers={"user-agent": ROBOT})
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/rss+xml; charset=utf-8"
        return list(ElementTree.fromstring(answer.content).iter("item"))


async def send(delivery: Delivery) -> Delivery:
    """As a worker would."""
    pool = await make_pool(dsn())
    try:
        async with open_session(refusing=True) as session:
            keyring = Keyring(pool, django_settings.TOKEN_KEYS)
            engine = Engine(Store(pool), session, keyring, media_root=Path(django_settings.MEDIA_ROOT),
                            now=timezone.now, network_of=get_network)  # fmt: skip
            await engine.deliver(delivery.pk)
    finally:
        await pool.close()
    return await Delivery.objects.aget(pk=delivery.pk)


@pytest.fixture
def scene(settings, tmp_path):
    settings.BASE_URL, settings.MEDIA_ROOT = BASE, tmp_path
    settings.ALLOWED_HOSTS = ["testserver"]
    return Scene()


async def in_thread(act, *args, **more):
    return await sync_to_async(act)(*args, **more)


async def test_published_is_standing_in_the_feed_and_no_call_was_made(scene):
    await in_thread(scene.open)
    delivery = await send(await in_thread(scene.article))
    assert (delivery.state, delivery.code) == ("published", "")
    publication = await Publication.objects.aget()
    assert (publication.url, publication.sight) == ("", "untold")
    (item,) = await in_thread(scene.items)
    assert item.findtext("title") == "Жатва"
    assert item.findtext("guid") == publication.remote_id
    assert (await Feed.objects.aget()).token not in item.findtext("link")
    page = await in_thread(Browser().get, item.findtext("link").removeprefix(BASE))
    assert "Урожай собран." in page.content.decode() and "noindex" in page["X-Robots-Tag"]


async def test_an_edit_changes_the_item_under_its_guid_and_what_is_taken_down_leaves(scene):
    await in_thread(scene.open)
    delivery = await send(await in_thread(scene.article))
    (before,) = await in_thread(scene.items)
    publication = await Publication.objects.aget()

    def change():
        post = delivery.post
        drafts.save(scene.actor, post_id=post.pk, version=post.version, fields={"text": "Исправлено."})
        amend.edit_published(scene.actor, publication_id=publication.pk)
        return scene.items()

    delivery.post = await in_thread(lambda: Delivery.objects.select_related("post").get(pk=delivery.pk).post)
    (after,) = await in_thread(change)
    assert after.findtext("guid") == before.findtext("guid")
    assert "Исправлено." in after.findtext("{http://purl.org/rss/1.0/modules/content/}encoded")
    answer = await in_thread(scene.browser.post, f"/posts/deliveries/{delivery.pk}/delete/", follow=True)
    assert "delete it there, too" in answer.content.decode()
    assert await in_thread(scene.items) == []
    gone = await in_thread(Browser().get, before.findtext("link").removeprefix(BASE))
    assert gone.status_code == 404


def test_who_came_is_noted_and_shown(scene):
    feed = scene.open()
    page = scene.browser.get(f"/communities/{scene.community.pk}/").content.decode()
    assert flow.address_of(feed) in page and "Nobody has come for it yet." in page
    scene.items()
    page = scene.browser.get(f"/communities/{scene.community.pk}/").content.decode()
    assert "A robot came for it" in page and ROBOT in page


def test_a_new_address_ends_the_old_one(scene):
    old = flow.address_of(scene.open()).removeprefix(BASE)
    scene.browser.post(f"/communities/{scene.community.pk}/feed/renew/")
    assert Browser().get(old).status_code == 404
    assert scene.items() == []
    assert AuditEvent.objects.filter(verb="community.feed_renewed").count() == 1


@pytest.mark.parametrize("end", ["disconnect", "archive"])
def test_a_closed_feed_answers_nobody(scene, end):
    address = flow.address_of(scene.open()).removeprefix(BASE)
    scene.browser.post(f"/communities/{scene.community.pk}/{end}/")
    assert Browser().get(address).status_code == 404
    assert Browser().get("/public/feeds/guess/feed.xml").status_code == 404
    assert Browser().get("/public/items/guess/").status_code == 404


def test_without_a_public_address_the_page_says_what_to_set(scene, settings):
    settings.BASE_URL = ""
    page = scene.browser.get(f"/communities/{scene.community.pk}/connect/").content.decode()
    assert "NIVA_BASE_URL" in page and "Open the feed" not in page.replace(
        "<strong>Open the feed</strong>", ""
    )
    answer = scene.browser.post(f"/communities/{scene.community.pk}/feed/", follow=True)
    assert "NIVA_BASE_URL" in answer.content.decode()
    assert not Feed.objects.exists()


def test_the_link_of_the_article_is_put_in_later(scene):
    scene.open()
    delivery = scene.article()
    farm, owner = scene.farm, scene.community
    Publication.objects.create(
        workspace=farm.workspace, client=farm.client, delivery=delivery, community=owner, post=delivery.post,
        revision=delivery.revision, remote_id="g-1", published_at=timezone.now(), sight="untold",
    )  # fmt: skip
    Delivery.objects.filter(pk=delivery.pk).update(state="published")
    page = scene.browser.get(f"/posts/{delivery.post_id}/").content.decode()
    assert "Put the link in" in page and "No robot has come for it yet" in page
    publication = Publication.objects.get()
    scene.browser.post(f"/by-hand/links/{publication.pk}/", {"url": "https://dzen.ru/a/abc"})
    publication.refresh_from_db()
    assert (publication.url, publication.remote_id) == ("https://dzen.ru/a/abc", "g-1")


def test_who_may_not_connect_opens_no_feed(scene):
    looks = scene.farm.browser(scene.farm.klava)
    assert looks.post(f"/communities/{scene.community.pk}/feed/").status_code == 403
    scene.open()
    assert (
        flow.address_of(Feed.objects.get())
        not in looks.get(f"/communities/{scene.community.pk}/").content.decode()
    )


@pytest.mark.parametrize(("base", "said"), [("", True), (BASE, False)])
def test_the_composer_says_what_is_missing_where_a_network_fetches_files(scene, settings, base, said):
    settings.BASE_URL = base
    post = make_post(scene.community)
    asset = scene.farm.take(picture())
    typed = {"version": post.version, "text": "Жатва", "media_here": "1", "media": asset.pk}
    answer = scene.browser.post(f"/posts/{post.pk}/save/", typed, headers={"accept": "application/json"})
    (panel,) = (html for name, html in answer.json()["html"].items() if name.startswith("#said-"))
    assert ("the desk has no address on the open Internet" in panel) is said
    assert ("NIVA_BASE_URL" in panel) is said

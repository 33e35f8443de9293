"""By hand through the doors: from adding a place to the link that proves the post."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from niva.domains.clients.factories import make_actor
from niva.domains.communities.models import Community
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.web.posts.tests.conftest import Farm, browser_of, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def farm(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return Farm()


@pytest.fixture
def browser(farm):
    return farm.browser()


@pytest.fixture
def place(farm, browser):
    """Another place, added and kept by hand as a person does it."""
    typed = {"network": "elsewhere", "name": "Форум садоводов", "task": "leads", "time_zone": "Europe/Moscow"}
    answer = browser.post(f"/communities/new/{farm.client.pk}/", typed)
    row = Community.objects.get(network="elsewhere")
    assert answer["Location"] == f"/communities/{row.pk}/connect/"
    page = browser.get(answer["Location"]).content.decode()
    assert "Keep it by hand" in page and "The keys are tried" not in page
    browser.post(f"/communities/{row.pk}/connect/hand/", {"url": "forum.example.org"})
    row.refresh_from_db()
    assert (row.url, row.takes_posts) == ("https://forum.example.org", True)
    return row


@pytest.fixture
def task(farm, place):
    """A post with a picture, a link and a headline whose hour has come."""
    asset = farm.take(picture())
    actor_form = farm.form(community=[place.pk], text="Урожай собран: 12 тонн", link_url="https://example.org/h",
                           media=[asset.pk], first_comment="Спасибо всем")  # fmt: skip
    farm.browser().post(f"/posts/{farm.post.pk}/save/", {**actor_form, "do": "save"})
    variant = farm.post.variants.get(community=place)
    variant.options = {"title": "Жатва 2026"}
    variant.save()
    schedule.schedule(make_actor(farm.workspace), post_id=farm.post.pk, variants=[variant.pk])
    Delivery.objects.update(state=State.HELD, code="by_hand", wake_at=None)
    return Delivery.objects.get()


def test_the_task_stands_on_today_and_has_everything_ready(farm, browser, task):
    today = browser.get("/").content.decode()
    assert "Publish by hand:" in today and f"/by-hand/{task.pk}/" in today
    page = browser.get(f"/by-hand/{task.pk}/").content.decode()
    texts = ("Жатва 2026", "Урожай собран: 12 тонн", "https://example.org/h", "Спасибо всем")
    for words in (*texts, "Copy", "Download", "https://forum.example.org"):
        assert words in page, words
    file = browser.get(f"/by-hand/{task.pk}/files/0/")
    assert file.status_code == 200 and file["Content-Type"] == "image/jpeg"
    assert f'filename="post-{farm.post.pk}-1.jpg"' in file["Content-Disposition"]
    assert browser.get(f"/by-hand/{task.pk}/files/1/").status_code == 404


def test_the_link_ends_it(farm, browser, task):
    answer = browser.post(f"/by-hand/{task.pk}/out/", {"url": "https://forum.example.org/topic/7"})
    assert answer["Location"] == "/"
    assert Publication.objects.get().url == "https://forum.example.org/topic/7"
    assert "Publish by hand:" not in browser.get("/").content.decode()
    post = browser.get(f"/posts/{farm.post.pk}/").content.decode()
    assert "published it by hand" in post and "Correct the link" in post
    page = browser.get(f"/by-hand/{task.pk}/").content.decode()
    assert "It is out." in page and 'name="url"' not in page


def test_a_wrong_link_is_said_beside_its_box_and_what_was_typed_stays(browser, task):
    answer = browser.post(f"/by-hand/{task.pk}/out/", {"url": "по ссылке в шапке"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Paste the link of the post" in page and "по ссылке в шапке" in page


def test_the_second_person_is_told_that_it_is_answered(farm, browser, task):
    browser.post(f"/by-hand/{task.pk}/out/", {"url": "https://forum.example.org/topic/7"})
    answer = farm.browser().post(f"/by-hand/{task.pk}/out/", {"url": "https://forum.example.org/topic/8"})
    assert answer.status_code == 422
    assert "https://forum.example.org/topic/7" in answer.content.decode()
    assert Publication.objects.get().url.endswith("/7")


def test_not_published_wants_a_reason_and_keeps_it(farm, browser, task):
    assert browser.post(f"/by-hand/{task.pk}/not-out/", {"reason": ""}).status_code == 422
    browser.post(f"/by-hand/{task.pk}/not-out/", {"reason": "Модератор отклонил"})
    assert "Модератор отклонил" in browser.get(f"/by-hand/{task.pk}/").content.decode()
    assert "Модератор отклонил" in browser.get(f"/posts/{farm.post.pk}/").content.decode()


def test_late_it_burns(browser, task):
    Delivery.objects.update(due_at=timezone.now() - timedelta(hours=2))
    page = browser.get("/").content.decode()
    assert page.index('id="today-fires"') < page.index("Publish by hand:")
    assert "nobody has put its link in" in page


def test_while_the_client_is_stopped_the_task_is_not_offered(farm, browser, task):
    farm.client.stopped_at, farm.client.stopped_reason = timezone.now(), "Траур"
    farm.client.save()
    assert "Publish by hand:" not in browser.get("/").content.decode()
    assert "Publishing is stopped" in browser.get(f"/by-hand/{task.pk}/").content.decode()


def test_who_only_looks_answers_nothing_and_strangers_find_nothing(farm, task):
    looks = farm.browser(farm.klava)
    assert "Is it out?" not in looks.get(f"/by-hand/{task.pk}/").content.decode()
    assert looks.post(f"/by-hand/{task.pk}/out/", {"url": "https://example.org/1"}).status_code == 403
    stranger = browser_of(farm.zoya, farm.other)
    for path in ("", "files/0/"):
        assert stranger.get(f"/by-hand/{task.pk}/{path}").status_code == 404


def test_any_community_can_be_kept_by_hand_and_given_back(farm, browser):
    vk = farm.communities[0]
    browser.post(f"/communities/{vk.pk}/disconnect/")
    browser.post(f"/communities/{vk.pk}/connect/hand/", {"url": "https://vk.com/hutor"})
    page = browser.get(f"/communities/{vk.pk}/").content.decode()
    assert "by hand" in page and "Let the desk publish again" in page
    browser.post(f"/communities/{vk.pk}/not-by-hand/")
    vk.refresh_from_db()
    assert not vk.by_hand


def test_a_link_is_corrected(farm, browser, task):
    browser.post(f"/by-hand/{task.pk}/out/", {"url": "https://forum.example.org/topic/7"})
    publication = Publication.objects.get()
    assert browser.post(f"/by-hand/links/{publication.pk}/", {"url": "nonsense"}).status_code == 422
    browser.post(f"/by-hand/links/{publication.pk}/", {"url": "https://forum.example.org/topic/77"})
    publication.refresh_from_db()
    assert publication.url.endswith("/77")

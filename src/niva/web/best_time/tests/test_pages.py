"""The pages of the best time and of what works: found, refused, empty; both languages; strangers."""

from __future__ import annotations

import re

import numpy as np
import pytest

from niva.domains.advice.models import Advice, AdviceKind
from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import make_community
from niva.flows.tests.test_best_time import rows_of
from niva.kit.text import plain
from niva.numbers import worlds
from niva.web.advice.sentences import came_of, said_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client):
    workspace = make_workspace()
    actor = make_actor(workspace)
    client.force_login(actor.user)
    client.cookies["django_language"] = "ru"
    client.actor = actor
    client.row = make_client(workspace)
    return client


def _page(browser, monkeypatch, world, path: str = "best-time", query: str = "", **named) -> str:
    rows = rows_of(world(np.random.default_rng(3), **named))
    monkeypatch.setattr("niva.flows.weighed.posts_at", lambda *_args, **_named: rows)
    response = browser.get(f"/clients/{browser.row.pk}/{path}/{query}")
    assert response.status_code == 200
    return plain(response.content.decode())


def test_a_better_time_is_told_as_a_range_with_its_past(browser, monkeypatch):
    page = _page(browser, monkeypatch, worlds.better, count=600, factor=1.6)
    assert re.search(r"18–21 ч: охват на \d+–\d+ % больше обычного в 8 случаях из 10", page)
    assert "в 8 случаях из 10" in page
    assert "Обычная таблица средних по часам" in page
    assert page.count('class="hollow n"') > 10
    assert 'title="вторник, 18–21 ч' in page
    row = Advice.objects.get(kind=AdviceKind.BEST_TIME)
    assert "18–21 ч" in plain(said_of(row))
    row.came = 1.2
    assert "+20 %" in plain(came_of(row))


def test_no_difference_is_the_finding(browser, monkeypatch):
    page = _page(browser, monkeypatch, worlds.nothing, count=200)
    assert "Разницы по часам, которую можно отличить от случайности, нет" in page
    assert not Advice.objects.exists()


def test_no_posts_at_all_are_too_few(browser, monkeypatch):
    for path in ("best-time", "works"):
        response = browser.get(f"/clients/{browser.row.pk}/{path}/?community=nobody&what=nonsense")
        assert response.status_code == 200
        assert "Постов мало" in plain(response.content.decode())


def test_what_works_stands_apart_from_noise(browser, monkeypatch):
    page = _page(browser, monkeypatch, worlds.content, "works", count=600)
    assert re.search(r"Фото: охват на \d+–\d+ % больше", page)
    assert "Что от случайности не отличить" in page
    assert "шум" in page


def test_a_choice_keeps_the_others(browser, monkeypatch):
    first, _second = (make_community(browser.row) for _ in range(2))
    page = _page(
        browser, monkeypatch, worlds.paid, "works", f"?community={first.pk}&what=views&paid=1", count=300
    )
    assert f"?community={first.pk}&amp;what=reach&amp;paid=1" in page
    assert "без рекламы, сравниваются отдельно" in page


def test_english_has_its_words_and_strangers_find_nothing(browser, monkeypatch):
    browser.cookies["django_language"] = "en"
    browser.actor.user.language = "en"
    browser.actor.user.save()
    page = _page(browser, monkeypatch, worlds.better, count=600, factor=1.6)
    assert "than usual, in 8 cases of 10" in page
    stranger = make_actor(make_workspace())
    browser.force_login(stranger.user)
    for path in ("best-time", "works"):
        assert browser.get(f"/clients/{browser.row.pk}/{path}/").status_code == 404

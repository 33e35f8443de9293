"""The pages of numbers: full, empty, broken; strangers; query budgets; both languages; the words."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Role
from niva.domains.communities.factories import make_community
from niva.domains.editorial.models import Piece
from niva.domains.metrics.models import Daily
from niva.domains.people.models import WorkspaceRole
from niva.kit.text import plain
from niva.web.numbers.tests.conftest import Farm

pytestmark = pytest.mark.django_db


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return plain(response.content.decode())


def charts(page: str) -> dict[str, dict]:
    """The specifications of a page by the id of the chart."""
    found = re.findall(r'<niva-chart[^>]* id="(\w+)".*?<script[^>]*>(.*?)</script>', page, re.S)
    return {name: json.loads(spec) for name, spec in found}


def test_a_client_page_says_what_is_usual_and_calls_noise_noise(farm: Farm, browser) -> None:
    farm.season()
    farm.goal()
    page = text(browser.get(f"/clients/{farm.client.pk}/numbers/?period=28"))
    assert "Цена единицы" in page  # the goal and its cost stand on top
    assert "обычно" in page and "шум" in page and "больше обычного" not in page
    assert "прочитано" in page.lower()
    assert "Охват одного поста за первые 3 дня" in page
    drawn = charts(page)
    assert len(drawn["days"]["usermeta"]["table"]["rows"]) == 28
    assert {row["name"] for row in drawn["format"]["usermeta"]["table"]["rows"]} == {"text", "photo"} or (
        len(drawn["format"]["usermeta"]["table"]["rows"]) == 2
    )


def test_a_leap_is_told_from_noise(farm: Farm, browser) -> None:
    farm.season()
    Daily.objects.filter(metric="reach", day__gte=farm.today - timedelta(days=28)).update(gained=900)
    page = text(browser.get(f"/clients/{farm.client.pk}/numbers/?period=28"))
    assert "больше обычного" in page
    assert "Случайно так бывает редко" in page


def test_a_day_without_a_reading_is_named_and_breaks_the_line(farm: Farm, browser) -> None:
    farm.season()
    gone = farm.today - timedelta(days=5)
    Daily.objects.filter(day=gone).delete()
    page = text(browser.get(f"/communities/{farm.place.pk}/numbers/?period=28"))
    assert "Не прочитано: " in page
    row = next(
        one for one in charts(page)["days"]["usermeta"]["table"]["rows"] if one["day"] == gone.isoformat()
    )
    assert row["value"] is None


def test_what_a_network_does_not_give_has_its_reason_and_is_no_zero(farm: Farm, browser) -> None:
    farm.post(5, likes=3)
    farm.day(5, likes=3)
    farm.absent("reach")
    page = text(browser.get(f"/clients/{farm.client.pk}/numbers/?period=28"))
    assert "Чего не знаем" in page
    assert "ВКонтакте этого не отдаёт" in page
    assert "Это не ноль" in page


def test_without_a_single_number_the_page_says_what_to_do(farm: Farm, browser) -> None:
    for path in (
        f"/clients/{farm.client.pk}/numbers/",
        "/numbers/mine/",
        f"/communities/{farm.place.pk}/numbers/",
    ):
        assert "За эти дни цифр нет" in text(browser.get(path + "?period=28"))


def test_days_that_cannot_be_read_are_said_and_this_month_is_shown(farm: Farm, browser) -> None:
    farm.season(10)
    for query in ("since=nonsense&until=x", "since=2026-05-09&until=2026-05-01"):
        assert "Эти дни не читаются" in text(browser.get(f"/clients/{farm.client.pk}/numbers/?{query}"))
    assert "дольше двух лет" in text(
        browser.get(f"/clients/{farm.client.pk}/numbers/?since=2020-01-01&until=2024-01-01")
    )
    late = (farm.today + timedelta(days=40)).isoformat()
    assert "ещё не наступили" in text(
        browser.get(f"/clients/{farm.client.pk}/numbers/?since={late}&until={late}")
    )


def test_a_rubric_has_only_what_its_posts_collected(farm: Farm, browser) -> None:
    recipes, others = farm.rubric("Рецепты"), farm.rubric("Прочее")
    for ago in range(4, 20):
        farm.post(ago, rubric=recipes if ago % 2 else others, reach=100.0 * (1 + ago % 2), likes=9)
    page = text(browser.get(f"/clients/{farm.client.pk}/rubrics/{recipes.pk}/numbers/?period=28"))
    assert "Рубрика «Рецепты»" in page
    whole = charts(text(browser.get(f"/clients/{farm.client.pk}/numbers/?period=28&measure=er_reach")))[
        "rubric"
    ]
    assert [row["name"] for row in whole["usermeta"]["table"]["rows"]] == ["Прочее", "Рецепты"]
    assert all(row["low"] < row["value"] < row["high"] or row["low"] == row["value"]
               for row in whole["usermeta"]["table"]["rows"])  # fmt: skip


def test_the_best_posts_stand_at_one_age(farm: Farm, browser) -> None:
    farm.season()
    farm.post(6, reach=90_000, likes=3, title="Гром среди ясного неба")
    farm.post(1, reach=999_999, title="Слишком молодой")
    page = text(browser.get(f"/clients/{farm.client.pk}/numbers/?period=28"))
    best = page[page.index("Лучшие и слабые посты") :]
    assert "Гром среди ясного неба" in best and "Слишком молодой" not in best
    assert re.search(r"в [\d ,]+ раза к обычному", best)


def test_a_post_stands_beside_others_of_its_age(farm: Farm, browser) -> None:
    farm.season(60)
    loud = farm.post(5, reach=90_000, likes=3, title="Гром")
    page = text(browser.get(f"/posts/{loud.publication.post_id}/"))
    assert "Охват через 3 дня: 90 000, больше, чем здесь обычно" in page.replace("\u202f", " ")
    lonely = farm.post(5, place=make_community(farm.client, name="Новое"), reach=10, title="Первый")
    assert "здесь обычно" not in text(browser.get(f"/posts/{lonely.publication.post_id}/"))


def test_the_client_himself_sees_how_it_goes(farm: Farm, client) -> None:
    farm.season(20)
    klava = make_person(farm.workspace, WorkspaceRole.MEMBER, language="ru")
    give_role(farm.client, klava, Role.CLIENT)
    client.force_login(klava)
    page = text(client.get(f"/clients/{farm.client.pk}/numbers/?period=28"))
    assert "Охват" in page and "Внести числа" not in page


def test_mine_are_only_mine_and_nobody_elses_page(farm: Farm, browser) -> None:
    mine, other = farm.post(5, reach=500, title="Моё"), farm.post(6, reach=700, title="Чужое")
    farm.post(7, reach=600, title="Тоже моё")
    Piece.objects.exclude(post_id=other.publication.post_id).update(author=farm.actor.user)
    assert mine.pk
    page = text(browser.get("/numbers/mine/?period=28"))
    assert "1 100" in page.replace("\u202f", " ") or "550" in page
    rows = text(browser.get("/numbers/rows/?measure=reach&mine=1&period=28"))
    assert "Моё" in rows and "Чужое" not in rows


def test_strangers_find_nothing(farm: Farm, client) -> None:
    farm.season(10)
    stranger = make_actor(make_workspace("Чужие"))
    make_community(make_client(stranger.workspace))
    client.force_login(stranger.user)
    for path in (
        f"/clients/{farm.client.pk}/numbers/",
        f"/communities/{farm.place.pk}/numbers/",
        f"/numbers/?client={farm.client.pk}",
        f"/numbers/rows/?client={farm.client.pk}",
        f"/numbers/rows/?community={farm.place.pk}",
        "/numbers/rows/?measure=nonsense",
        "/numbers/rows/?measure=followers&basis=posts",
        "/numbers/rows/?measure=reach&age=7&basis=posts",
    ):
        assert client.get(path).status_code == 404, path
    assert "Ферма" not in text(client.get("/numbers/"))
    assert "Ферма" not in text(client.get("/numbers/rows/?period=28"))


def test_all_side_by_side_sorted_filtered_and_missing_last(farm: Farm, browser) -> None:
    telegram = make_community(farm.client, name="Ферма ТГ", network="telegram")
    small = make_community(farm.client, name="Малая", network="ok")
    farm.season(60)
    farm.day(3, place=small, reach=7)
    farm.absent("reach", "bot_api_has_no_views", telegram)
    page = text(browser.get("/numbers/?period=28"))
    order = [page.index(name) for name in ("Ферма ВК", "Малая", "Ферма ТГ")]
    assert order == sorted(order)
    assert "нет числа" in page and "Telegram этого не отдаёт" in page
    turned = text(browser.get("/numbers/?period=28&sort=-reach"))
    order = [turned.index(name) for name in ("Малая", "Ферма ВК", "Ферма ТГ")]
    assert order == sorted(order)
    assert 'aria-sort="ascending"' in turned
    only = text(browser.get("/numbers/?period=28&network=ok"))
    assert "Малая" in only and "Ферма ВК" not in only
    assert "Сравнивать нечего" in text(browser.get("/numbers/?network=nonsense"))
    by_client = text(browser.get("/numbers/?period=28&by=client"))
    assert "сообществ: 3" in by_client


@pytest.mark.parametrize(("path", "most"), [("/clients/{client}/numbers/", 62), ("/numbers/", 36),
                                            ("/communities/{place}/numbers/", 56)])  # fmt: skip
def test_queries_do_not_grow_with_what_there_is(farm: Farm, browser, path: str, most: int) -> None:
    farm.season(40)
    address = path.format(client=farm.client.pk, place=farm.place.pk) + "?period=28"
    browser.get(address)
    with CaptureQueriesContext(connection) as first:
        browser.get(address)
    farm.post(4, reach=100, likes=1, title="Ещё один")
    other = make_community(farm.client, name="Второе")
    for ago in range(4, 30):
        farm.post(ago, place=other, reach=10, likes=1)
        farm.day(ago, place=other, reach=10)
    with CaptureQueriesContext(connection) as second:
        browser.get(address)
    assert len(second) <= len(first) + 2 <= most + 2, (len(first), len(second))


def test_english_is_whole(farm: Farm, browser) -> None:
    farm.season()
    farm.actor.user.language = "en"
    farm.actor.user.save()
    page = browser.get(f"/clients/{farm.client.pk}/numbers/?period=28").content.decode()
    assert "usually" in page and "noise" in page
    own = page[page.index('class="chips"') :].replace("Пост", "").replace("Ферма", "")
    inside = re.sub(r"<script.*?</script>", "", own, flags=re.S)
    assert not re.search("[А-Яа-яё]{4,}", inside.split("Рёбрышки")[0].split("</main>")[0])

"""The forecast of a client, and what was said with what came of it, as people see them."""

import csv
import datetime as dt
import io

import numpy as np
import pytest
from django.urls import reverse
from django.utils import translation

from niva.domains.advice.models import Advice, AdviceKind
from niva.domains.advice.queries import Score
from niva.domains.clients.factories import (
    give_role,
    make_actor,
    make_client,
    make_facts,
    make_goal,
    make_person,
    make_workspace,
)
from niva.domains.clients.models import Role
from niva.domains.communities.factories import make_community
from niva.domains.metrics.models import Daily
from niva.flows.foreseeing import months_ahead
from niva.kit.text import plain
from niva.web.advice.ahead import month_view
from niva.web.advice.listing import score_view
from niva.web.advice.sentences import rough

pytestmark = pytest.mark.django_db
NOW = "2026-11-17 09:00+00:00"
TODAY = dt.date(2026, 11, 17)


@pytest.fixture
def farm(time_machine, settings):
    time_machine.move_to(NOW)
    settings.LANGUAGE_CODE = "ru"
    with translation.override("ru"):
        yield make_client(make_workspace(), time_zone="UTC", name="Сытый хутор")


@pytest.fixture
def owner(farm, client):
    actor = make_actor(farm.workspace, language="ru")
    client.force_login(actor.user)
    return actor


def _days(farm, count, metric="views", missing=()):
    place, chance = make_community(farm), np.random.default_rng(3)
    for ago in range(count, 0, -1):
        value = round(300 * float(np.exp(0.2 * chance.standard_normal())))
        if ago not in missing:
            Daily.objects.create(
                community=place, subject="publication", metric=metric, day=TODAY - dt.timedelta(days=ago),
                gained=value,
            )  # fmt: skip


def _page(client, name, farm, query=""):
    answer = client.get(reverse(name, args=[farm.pk]) + query)
    assert answer.status_code == 200
    return plain(answer.content.decode())


def _said(farm, place, **extra):
    settled = extra.get("verdict", "open") != "open"
    values = {
        "workspace": farm.workspace, "client": farm, "kind": "forecast", "key": f"forecast:{place}",
        "figure": "views", "low": 9000.0, "high": 12000.0, "expected": 10400.0, "odds": 0.8,
        "due_on": dt.date(2026, 11, 2), "said_at": dt.datetime(2026, 10, 1, tzinfo=dt.UTC),
        "settled_at": dt.datetime(2026, 11, 2, tzinfo=dt.UTC) if settled else None,
        "about": {"since": "2026-10-01", "until": "2026-10-31", "version": 1},
    }  # fmt: skip
    return Advice.objects.create(**values | extra)


def test_the_month_stands_with_its_range_and_its_past_error(farm, owner, client):
    make_goal(farm, supports=["views", "clicks"])
    _days(farm, 150, missing=(5, 30))
    text = _page(client, "client_forecast", farm)
    assert "Просмотры за ноябрь: от " in text
    assert "В 8 случаях из 10 итог месяца окажется в этих границах" in text
    assert "Проверка на прошлом: 12 прогнозов" in text
    assert "Кто просто повторяет прошлую неделю, промахивается на" in text
    assert "1 день этого месяца не прочитан" in text
    assert "Ни одна сеть ещё не сообщила эту цифру. Это не ноль." in text  # clicks


def test_what_the_chart_shows_is_what_the_engine_said(farm, owner):
    _days(farm, 150)
    one = months_ahead(owner, farm, ("views",), TODAY)[0]
    view = month_view(one, farm)
    rows = view.chart.spec["usermeta"]["table"]["rows"]
    coming = [row for row in rows if "low" in row]
    assert len(coming) == 14  # from today to the thirtieth
    assert coming[0]["day"] == "2026-11-17"
    assert all(row["low"] <= row["high"] for row in coming)
    past = [row for row in rows if "fact" in row]
    assert past[-1] == {"day": "2026-11-16", "fact": one.days[-1][1]}
    assert view.rows.startswith(reverse("number_rows"))


def test_a_young_account_is_told_that_it_is_early(farm, owner, client):
    _days(farm, 20)
    assert "Рано: чтобы предсказать месяц, нужно около двух месяцев" in _page(client, "client_forecast", farm)


def test_a_goal_stands_with_what_was_said_of_it_before(farm, owner, client):
    goal = make_goal(farm)
    make_facts(goal, {dt.date(2026, 11, day): 1 + day % 2 for day in range(1, 17)})
    _said(
        farm, "goal", figure=f"goal:{goal.pk}", low=20, high=35, due_on=dt.date(2026, 12, 2),
        about={"name": "Заявки", "until": "2026-11-30", "units": ["заявка", "заявки", "заявок"]},
    )  # fmt: skip
    text = _page(client, "client_forecast", farm)
    assert "Заявки: будет от 20 до 35 заявок, считая по 30 ноября" in text
    assert "Станет известно 2 декабря" in text


def test_the_list_says_what_came_of_each(farm, owner, client):
    _said(farm, 1, verdict="hit", came=10_000.0)
    _said(farm, 2, verdict="miss", came=8_000.0)
    _said(farm, 3, verdict="miss", came=15_000.0)
    _said(farm, 4, verdict="void", why="counts_anew")
    _said(farm, 5, due_on=dt.date(2026, 12, 2))
    text = _page(client, "client_advice", farm)
    assert text.count("Просмотры за октябрь: от 9 000 до 12 000") == 5
    for said in ("Вышло 10 000: в обещанных границах", "Вышло 8 000: меньше, чем обещали",
                 "Вышло 15 000: больше, чем обещали", "За это время сеть начала считать иначе",
                 "Станет известно 2 декабря", "Из 3 с шансом 8 из 10 сбылось 1",
                 "ждут своего дня: 1, нельзя проверить: 1"):  # fmt: skip
        assert plain(said).lower() in text.lower()
    only = _page(client, "client_advice", farm, "?verdict=void")
    assert only.count("Просмотры за октябрь") == 1
    assert _page(client, "client_advice", farm, "?verdict=nonsense&page=9").count("за октябрь") == 5
    Advice.objects.exclude(verdict="open").delete()
    assert "Такого нет" in _page(client, "client_advice", farm, "?kind=forecast&verdict=miss")


def test_the_file_holds_the_rows_of_the_filter(farm, owner, client):
    _said(farm, 1, verdict="hit", came=10_000.5)
    _said(farm, 2)
    answer = client.get(reverse("client_advice", args=[farm.pk]) + "?verdict=hit&form=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 2
    assert rows[1][3:8] == ["9000", "12000", "0,8", "02.11.2026", "10000,5"]


def test_an_empty_list_says_what_will_be_here(farm, owner, client):
    assert "Ещё ничего не сказано" in _page(client, "client_advice", farm)


def test_many_rows_stand_on_pages(farm, owner, client, django_assert_max_num_queries):
    for place in range(60):
        _said(farm, place, verdict="hit", came=10_000.0)
    with django_assert_max_num_queries(40):
        text = _page(client, "client_advice", farm)
    assert text.count("Просмотры за октябрь") == 50
    assert _page(client, "client_advice", farm, "?page=2").count("Просмотры за октябрь") == 10


def test_the_client_reads_forecasts_and_nothing_of_the_kitchen(farm, client):
    guest = make_person(farm.workspace, "member", language="ru")
    give_role(farm, guest, Role.CLIENT)
    client.force_login(guest)
    _said(farm, 1)
    _said(farm, 2, kind="lever", key="lever:1", about={"name": "Рычаг клика"})
    text = _page(client, "client_advice", farm)
    assert "Просмотры за октябрь" in text
    assert "Рычаг клика" not in text
    assert "Рычаг клика" not in _page(client, "client_advice", farm, "?kind=lever")


@pytest.mark.parametrize(
    ("hits", "told", "words"),
    [(7, 10, "обещание держится"), (20, 40, "слишком узкими"), (40, 40, "шире, чем нужно"), (2, 5, "мало")],
)
def test_the_promise_is_judged_by_what_chance_allows(farm, hits, told, words):
    score = Score(AdviceKind.FORECAST, hits, told, told, hits, 0.8 * told, 0, 0)
    assert words in score_view(score).judged


def test_numbers_are_as_round_as_they_are_sure():
    with translation.override("en"):
        assert rough(10_437, 3_210) == "10,400"
        assert rough(37.4, 9) == "37"
        assert rough(2.46, 1.5) == "2.5"
        assert rough(-310.2, 80) == "−310"

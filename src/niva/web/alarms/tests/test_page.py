"""The page of alarms: what it says, to whom, and what pressing its buttons does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone, translation

from niva.domains.advice.factories import make_alarm
from niva.domains.advice.models import Advice, AdviceKind, Verdict
from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.clients.models import Client
from niva.domains.communities.factories import make_community
from niva.domains.metrics.models import Daily, Subject
from niva.domains.people.models import AuditEvent
from niva.kit.text import plain
from niva.web.advice.sentences import came_of, said_of
from niva.web.alarms.views import view_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def farm(client: Browser) -> Client:
    workspace = make_workspace()
    client.force_login(make_actor(workspace, language="ru").user)
    return make_client(workspace, name="Сытый хутор")


def page(client: Browser, farm: Client) -> str:
    answer = client.get(reverse("client_alarms", args=[farm.pk]))
    assert answer.status_code == 200
    return plain(answer.content.decode())


def test_without_alarms_it_says_what_will_be_here(client: Browser, farm: Client) -> None:
    text = page(client, farm)
    assert "Пока ничего необычного" in text
    assert "1 ложная тревога" in text


def test_a_purge_is_told_as_one(client: Browser, farm: Client) -> None:
    cause = {"code": "purge", "lost": 180, "before": 4200, "usual": 3}
    alarm = make_alarm(farm, make_community(farm, name="Хутор ВК"), causes=[cause])
    text = page(client, farm)
    assert "Хутор ВК" in text
    assert "180 из 4 200 ушли разом" in text
    assert "не потеря интереса" in text
    assert f'id="alarm-{alarm.pk}"' in text
    assert "За 90 дней перед ним, что стол прочитал, такого не было" in text


def test_a_rise_without_a_cause_is_said_even_when_it_is_unpleasant(client: Browser, farm: Client) -> None:
    make_alarm(farm, make_community(farm), value=500.0, direction="up", unexplained=True)
    text = page(client, farm)
    assert "сами собой не приходят" in text
    assert "Причину стол не знает" in text


def test_what_was_there_before_is_told_by_its_rarity(client: Browser, farm: Client) -> None:
    make_alarm(farm, make_community(farm), never=False, once_in_days=8000)
    assert "не чаще раза в 90 дней" in page(client, farm)


def test_every_cause_has_its_sentence(client: Browser, farm: Client) -> None:
    place = make_community(farm)
    day = timezone.localdate().isoformat()
    make_alarm(farm, place, causes=[
        {"code": "new_definition"}, {"code": "late_numbers", "days": 2}, {"code": "dead_key"},
        {"code": "readings_fail"}, {"code": "paid", "amount": 4000.0, "currency": "RUB"},
        {"code": "pause", "days": 9}, {"code": "event", "name": "Ярмарка", "day": day},
        {"code": "far_post", "post": 1, "name": "Рёбра", "seen": 900, "usual": 100},
        {"code": "paid_post", "post": 1, "name": "Колбаса"},
    ])  # fmt: skip
    text = page(client, farm)
    for said in ("считает эту цифру иначе", "2 дня перед этим не прочитаны", "просит войти заново",
                 "не отвечает", "4 000 ₽", "9 дней ничего не выходило", "Ярмарка", "обычный пост видят 100",
                 "«Колбаса» показывали за деньги"):  # fmt: skip
        assert said in text, said


def test_a_word_is_written_down_and_counts(client: Browser, farm: Client) -> None:
    alarm = make_alarm(farm, make_community(farm))
    url = reverse("client_alarm_answer", args=[farm.pk, alarm.pk])
    assert client.post(url, {"word": "perhaps"}).status_code == 400
    answer = client.post(url, {"word": "false"})
    assert answer.status_code == 302
    alarm.refresh_from_db()
    assert alarm.verdict == Verdict.MISS
    assert AuditEvent.objects.filter(verb="alarm.answered").count() == 1
    text = page(client, farm)
    assert "ложная тревога" in text
    assert "Из 1 тревоги, которую оценили, верных 0" in text
    client.post(url, {"word": "mattered"})
    alarm.refresh_from_db()
    assert alarm.verdict == Verdict.MISS


def test_the_score_of_all_advice_tells_alarms_in_words(farm: Client) -> None:
    alarm = make_alarm(farm, make_community(farm))
    with translation.override("ru"):
        assert "обычно около +3" in plain(said_of(alarm))
        assert "Никто пока не сказал" in plain(came_of(alarm))


def test_the_chart_holds_the_days_and_the_usual(client: Browser, farm: Client) -> None:
    place = make_community(farm)
    alarm = make_alarm(farm, place)
    assert view_of(alarm, farm).chart is None  # nothing was read
    day = date.fromisoformat(alarm.about["day"])
    for ago in range(30):
        Daily.objects.create(
            community=place, subject=Subject.COMMUNITY, metric="followers", level=4000,
            day=day - timedelta(days=ago), gained=3 if ago else -180,
        )  # fmt: skip
    chart = view_of(alarm, farm).chart
    assert chart is not None
    rows = chart.spec["usermeta"]["table"]["rows"]
    assert rows[-1]["fact"] == -180
    assert rows[0]["plan"] == 3


def test_alarms_of_others_are_not_here(client: Browser, farm: Client) -> None:
    strange = make_client(make_workspace("Чужие"))
    alarm = make_alarm(strange, make_community(strange))
    assert client.get(reverse("client_alarms", args=[strange.pk])).status_code == 404
    url = reverse("client_alarm_answer", args=[farm.pk, alarm.pk])
    assert client.post(url, {"word": "false"}).status_code == 404
    assert Advice.objects.get(kind=AdviceKind.ALARM).verdict == Verdict.OPEN


def test_the_page_of_the_day_has_one_line_a_client_until_somebody_says_what_it_was(
    client: Browser, farm: Client
) -> None:
    place = make_community(farm)
    rows = [make_alarm(farm, place), make_alarm(farm, place, value=500.0, direction="up")]
    url = reverse("client_alarms", args=[farm.pk])
    text = plain(client.get("/").content.decode())
    assert text.count(f'href="{url}"') == 1
    assert "и ещё 1" in text
    for row in rows:
        client.post(reverse("client_alarm_answer", args=[farm.pk, row.pk]), {"word": "known"})
    assert f'href="{url}"' not in client.get("/").content.decode()

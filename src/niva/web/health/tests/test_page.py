"""The page of the engine's health: who sees it, what stands there, what its buttons do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_person, make_workspace
from niva.domains.people.models import AuditEvent, Membership, WorkspaceRole
from niva.domains.publishing.models import Bucket
from niva.kit.jobs import queries as jobs
from niva.kit.jobs.django import cursor, enqueue
from niva.kit.pulse.models import Minute
from niva.kit.text import plain


@pytest.fixture
def page(client, desk):
    client.force_login(desk.keeper.user)

    def get(path: str = "/health/") -> str:
        response = client.get(path)
        assert response.status_code == 200
        return plain(response.content.decode())

    return get


def give_up(kind: str = "look", key: str = "look:1") -> int:
    """A job on the dead list."""
    number = enqueue(kind, {"publication": 1}, key=key)
    with cursor() as cur:
        cur.execute(
            "update jobs_queue set status = 'failed', attempts = 8, updated = now(), "
            "headers = headers || jsonb_build_object('error', 'KeyError at look.py:7') where id = %s",
            [number],
        )
    return number


def test_an_empty_desk_says_what_is_missing(page):
    shown = page()
    assert "Ни один воркер не отзывается." in shown
    assert "niva worker" in shown
    assert "ничему не пришёл час" in shown
    assert "<niva-chart" not in shown


def test_a_desk_at_work_says_so(desk, page):
    desk.worker(
        figures={"memory_bytes": 87e6, "clock_off": 0.1}, started_at=timezone.now() - timedelta(hours=3)
    )
    for back in range(0, 120, 1):
        Minute.objects.create(minute=timezone.now() - timedelta(minutes=back), late_seconds=back % 7, due=1)
    desk.attempt(desk.delivery("published"), "temporary")
    desk.delivery(wake=timedelta(days=1))
    shown = page()
    assert "<h2>Движок работает</h2>" in shown
    assert "gamma:7" in shown
    assert "3 ч" in shown
    assert "будет повтор" in shown
    assert "дольше всего пост ждал 6 с" in shown
    assert "За сутки" not in shown
    assert "<niva-chart" in shown


@pytest.mark.parametrize(
    ("worst", "says"), [(4, "За сутки ни один пост не ждал дольше 5 с"), (130, "ждал 2 мин")]
)
def test_a_whole_day_is_called_a_day(desk, page, worst, says):
    now = timezone.now()
    Minute.objects.bulk_create(
        Minute(minute=now - timedelta(minutes=back), late_seconds=worst if back == 300 else 0, due=1)
        for back in range(1, 1439)
    )
    shown = page()
    assert says in shown
    assert "За сутки" in shown
    assert "не смотрел" not in shown


def test_every_trouble_is_said_with_what_to_do(desk, page):
    past = timezone.now() - timedelta(minutes=9)
    desk.delivery(wake=timedelta(minutes=-9.9))
    desk.delivery("sending", wake=timedelta(minutes=-9.5), lease_until=past)
    desk.worker(figures={"clock_off": -42.0})
    desk.worker(host="delta", beat_at=past)
    give_up()
    shown = page()
    for words in (
        "постам пришёл час, самый старый ждёт уже 9 мин", "Застрял 1 пост", "Брошено 1 задание",
        "Часы на gamma отстают от часов базы на 42 с", "Воркер замолчал: delta:7", "KeyError at look.py:7",
    ):  # fmt: skip
        assert words in shown


def test_a_worker_of_another_version_and_a_limit_that_is_used_up(desk, page):
    desk.worker(version="0.0.1")
    Bucket.objects.create(key="account:vk:c1", blocked_until=timezone.now() + timedelta(minutes=30))
    Bucket.objects.create(key="account:vk:almost-full", full_at=timezone.now() + timedelta(seconds=1))
    shown = page()
    assert "разных версий: 0.0.1" in shown
    assert "соцсеть просит ждать до" in shown
    assert "almost-full" not in shown


def test_minutes_without_a_worker_break_the_line_and_are_told(desk, page):
    now = timezone.now()
    for back in (*range(60, 38, -1), 1):
        Minute.objects.create(minute=now - timedelta(minutes=back), late_seconds=0, due=0)
    shown = page()
    assert "не смотрел ни один воркер" in shown
    assert '"value": null' in shown


def test_a_full_disk_is_an_alarm(desk, page, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1.2e9, "total": 9e9}))
    assert "На диске осталось только 1,2 ГБ." in page()


def test_a_job_gets_its_tries_again_and_the_trail_knows(client, desk, page):
    number = give_up()
    answer = client.post(reverse("job_again", args=[number]))
    assert answer.url == reverse("health")
    assert jobs.dead_count() == 0
    assert jobs.overview().due == 1
    assert AuditEvent.objects.get().verb == "job.revived"
    assert "Брошенное задание снова в работе" in page("/people/audit/")


def test_a_job_whose_key_waits_already_stays_where_it_is(client, desk, page):
    number = give_up()
    enqueue("look", {}, key="look:1")
    client.post(reverse("job_again", args=[number]))
    assert jobs.dead_count() == 1
    assert not AuditEvent.objects.exists()
    assert "такое же задание уже ждёт" in page()


def test_a_job_is_discarded(client, desk, page):
    number = give_up()
    client.post(reverse("job_discard", args=[number]))
    assert jobs.dead_count() == 0
    assert jobs.overview().due == 0
    assert AuditEvent.objects.get().verb == "job.discarded"


@pytest.mark.parametrize("name", ["job_again", "job_discard"])
def test_only_what_is_given_up_can_be_touched(client, desk, page, name):
    waiting = enqueue("look", {}, key="look:2")
    for number in (waiting, 999_999, 2**70):
        assert client.post(reverse(name, args=[number])).status_code == 404
    assert client.get(reverse(name, args=[waiting])).status_code == 405
    assert jobs.overview().due == 1


def pages() -> list[str]:
    return [reverse("health"), reverse("health_now")]


def test_to_everybody_else_it_is_not_there(client, desk):
    """The owner of another team, and in the keeper's own team everybody who is not its owner."""
    number = give_up()
    manager = make_person(desk.keeper.workspace, WorkspaceRole.MANAGER)
    member = make_person(desk.keeper.workspace, WorkspaceRole.MEMBER)
    for user in (desk.other.user, manager, member):
        client.force_login(user)
        assert [client.get(path).status_code for path in pages()] == [404, 404]
        for name in ("job_again", "job_discard"):
            assert client.post(reverse(name, args=[number])).status_code == 404
        assert reverse("health") not in client.get("/people/").content.decode()
    assert jobs.dead_count() == 1
    client.logout()
    assert all(client.get(path).status_code == 302 for path in pages())


def test_the_keeper_finds_it_from_the_team_in_whichever_team_he_is(client, desk):
    Membership.objects.create(user=desk.keeper.user, workspace=desk.other.workspace, role="member")
    client.force_login(desk.keeper.user)
    assert reverse("health") in client.get("/people/").content.decode()
    client.post("/workspaces/switch/", {"workspace": desk.other.workspace.pk})
    assert client.get(reverse("health")).status_code == 200


def test_where_the_demo_is_open_nobody_keeps_the_desk(client, desk, settings):
    settings.DEMO_OPEN = True
    client.force_login(desk.keeper.user)
    assert client.get(reverse("health")).status_code == 404


@pytest.mark.django_db
def test_the_demo_keeps_the_desk_only_until_there_is_a_real_team(client):
    demo = make_actor(make_workspace("Показ", is_demo=True))
    client.force_login(demo.user)
    assert client.get(reverse("health")).status_code == 200
    founder = make_actor(make_workspace("Настоящая"))
    assert client.get(reverse("health")).status_code == 404
    client.force_login(founder.user)
    assert client.get(reverse("health")).status_code == 200


def test_what_stands_still_is_a_line_on_today_for_the_keeper_alone(client, desk):
    give_up()
    desk.delivery(wake=timedelta(minutes=-5.9))
    for user, sees in ((desk.keeper.user, True), (desk.other.user, False)):
        client.force_login(user)
        shown = plain(client.get("/").content.decode())
        assert ("Самый старый пост, чей час пришёл, ждёт уже 5 мин. Брошено 1 задание." in shown) is sees


def test_a_desk_at_rest_says_nothing_of_it_on_today(client, desk):
    client.force_login(desk.keeper.user)
    assert reverse("health") not in client.get("/").content.decode()

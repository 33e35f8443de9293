"""What a monitor is told, and who may ask."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from niva.domains.communities.models import Community
from niva.flows.health import version
from niva.kit.jobs.django import cursor, enqueue
from niva.kit.pulse.models import Beat

TOKEN = "a-token-of-at-least-thirty-two-letters"
HERE = {"headers": {"host": "127.0.0.1:8130"}}


@pytest.fixture
def ask(client, desk):
    def told() -> dict[str, dict[tuple[str, ...], float]]:
        answer = client.get("/metrics", **HERE)
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
        families = text_string_to_metric_families(answer.content.decode())
        samples = [one for family in families for one in family.samples]
        found: dict[str, dict[tuple[str, ...], float]] = {}
        for one in samples:
            # by the names of the labels in alphabetical order
            found.setdefault(one.name, {})[tuple(one.labels[name] for name in sorted(one.labels))] = one.value
        return found

    return told


def test_an_empty_desk_has_figures_too(ask):
    told = ask()
    assert told["niva_workers"][()] == 0
    assert told["niva_delivery_lag_seconds"][()] == 0
    assert told["niva_deliveries"][("queued",)] == 0
    assert told["niva_alarm"][("no_worker",)] == 1
    assert told["niva_alarm"][("late",)] == 0
    assert "niva_attempts_last_hour" not in told


def test_the_figures_of_the_database(desk, ask):
    desk.delivery(wake=timedelta(days=1))
    desk.delivery(wake=timedelta(seconds=-300))
    past = timezone.now() - timedelta(minutes=5)
    desk.delivery("sending", wake=timedelta(minutes=-5), lease_until=past)
    done = desk.delivery("published")
    for outcome, ago in (("rejected", 61), ("temporary", 59), ("temporary", 30), ("done", 1)):
        desk.attempt(done, outcome, ago=timedelta(minutes=ago))
    desk.delivery("rejected")
    enqueue("look", {}, key="a")
    enqueue("look", {}, at=timezone.now() + timedelta(hours=1), key="b")
    with cursor() as cur:
        cur.execute("update jobs_queue set status = 'failed' where headers->>'key' = 'a'")
    desk.worker(figures={"memory_bytes": 5e7, "cpu_seconds": 1.5, "clock_off": 0.2})
    desk.worker(pid=8, ended_at=timezone.now())
    Community.objects.update(state="needs_login")
    told = ask()
    states = {labels[0]: count for labels, count in told["niva_deliveries"].items()}
    assert (states["queued"], states["sending"], states["rejected"]) == (2, 1, 1)
    assert told["niva_deliveries_due"][()] == 2
    assert told["niva_deliveries_stuck"][()] == 1
    assert 299 < told["niva_delivery_lag_seconds"][()] < 330
    assert told["niva_attempts_last_hour"] == {("practice", "done"): 1, ("practice", "temporary"): 2}
    assert told["niva_jobs"][("look", "dead")] == 1
    assert told["niva_jobs"][("look", "waiting")] == 1
    assert told["niva_workers"][()] == 1
    assert told["niva_communities_need_login"][()] == 1
    assert told["niva_process_resident_memory_bytes"][("gamma", "worker", "7")] == 5e7
    assert told["niva_process_cpu_seconds_total"][("gamma", "worker", "7")] == 1.5
    web = [labels for labels in told["niva_process_resident_memory_bytes"] if labels[1] == "web"]
    assert web
    assert told["niva_worker_version"][("gamma", "7", version())] == 1
    assert told["niva_alarm"][("dead_jobs",)] == 1


def test_keys_that_end_soon_are_counted_unless_they_renew_themselves(desk, ask):
    credential = desk.community.credential
    credential.expires_at = timezone.now() + timedelta(days=6)
    credential.save()
    assert ask()["niva_keys_end_within_week"][()] == 1
    credential.facts = {**credential.facts, "renews": True}
    credential.save()
    assert ask()["niva_keys_end_within_week"][()] == 0


def test_a_worker_that_fell_silent_is_not_alive(desk, ask):
    desk.worker()
    Beat.objects.update(beat_at=timezone.now() - timedelta(minutes=1))
    told = ask()
    assert told["niva_workers"][()] == 0
    assert told["niva_alarm"][("silent_worker",)] == 1


def test_no_name_of_anybody_is_told(client, desk):
    desk.delivery(wake=timedelta(0))
    desk.attempt(desk.delivery("published"))
    text = client.get("/metrics", **HERE).content.decode()
    for word in ("Тайн", "Чужая", "Межа", "example.org"):
        assert word not in text


@pytest.mark.parametrize(
    ("more", "fine"),
    [
        ({}, True),
        ({"REMOTE_ADDR": "::1"}, True),
        ({"REMOTE_ADDR": "203.0.113.7"}, False),
        ({"HTTP_HOST": "niva.example.org"}, False),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),
        ({"HTTP_FORWARDED": "for=127.0.0.1"}, False),
        ({"HTTP_AUTHORIZATION": f"Bearer {TOKEN}", "REMOTE_ADDR": "203.0.113.7"}, True),
        ({"HTTP_AUTHORIZATION": f"bearer {TOKEN}", "HTTP_HOST": "niva.example.org"}, True),
        ({"HTTP_AUTHORIZATION": f"Bearer {TOKEN}x", "REMOTE_ADDR": "203.0.113.7"}, False),
        ({"HTTP_AUTHORIZATION": "Bearer", "REMOTE_ADDR": "203.0.113.7"}, False),
        ({"HTTP_AUTHORIZATION": f"Basic {TOKEN}", "REMOTE_ADDR": "203.0.113.7"}, False),
        ({"HTTP_AUTHORIZATION": "Bearer токен", "REMOTE_ADDR": "203.0.113.7"}, False),
    ],
)
def test_who_may_ask(client, desk, monkeypatch, settings, more, fine):
    monkeypatch.setenv("NIVA_METRICS_TOKEN", TOKEN)
    settings.ALLOWED_HOSTS = ["127.0.0.1", "niva.example.org"]
    answer = client.get("/metrics", **{"HTTP_HOST": "127.0.0.1:8130", **more})
    assert answer.status_code == (200 if fine else 404)


@pytest.mark.parametrize(
    "more", [{}, {"HTTP_AUTHORIZATION": "Bearer "}, {"HTTP_AUTHORIZATION": "Bearer None"}]
)
def test_without_a_token_it_is_shut_to_the_others(client, desk, monkeypatch, more):
    monkeypatch.delenv("NIVA_METRICS_TOKEN", raising=False)
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7", **more).status_code == 404


@pytest.mark.parametrize("change", [{"HTTPS": True}, {"ALLAUTH_TRUSTED_PROXY_COUNT": 1}])
def test_behind_a_proxy_nearness_proves_nothing(client, desk, settings, change):
    for name, value in change.items():
        setattr(settings, name, value)
    assert client.get("/metrics", **HERE).status_code == 404


def test_only_reading(client, desk):
    assert client.post("/metrics", **HERE).status_code == 405


def test_the_probe_is_where_it_was(client, desk):
    assert client.get(reverse("healthz")).json() == {"status": "ok"}

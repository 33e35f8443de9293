"""The first owner's door: open once, then shut for good."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client as Browser

from niva.domains.clients.factories import make_person, make_workspace
from niva.domains.people.errors import Forbidden
from niva.domains.people.models import AuditEvent, Membership, User, Workspace
from niva.flows.found import found, is_open
from niva.web.people.tests.conftest import PASSWORD

FORM = {
    "name": "Аня Ветрова",
    "email": "Anya@Mezha.example",
    "password": PASSWORD,
    "workspace": "Межа",
    "time_zone": "Asia/Yekaterinburg",
}


def test_the_first_person_becomes_the_owner_and_is_signed_in(stranger: Browser) -> None:
    page = stranger.post("/account/signup/", FORM)
    assert page.status_code == 302
    owner = User.objects.get()
    assert (owner.email, owner.name, owner.language) == ("anya@mezha.example", "Аня Ветрова", "en")
    assert owner.check_password(PASSWORD)
    membership = Membership.objects.get(user=owner)
    assert (membership.role, membership.workspace.name) == ("owner", "Межа")
    assert membership.workspace.time_zone == "Asia/Yekaterinburg"
    assert stranger.get("/profile/").status_code == 200
    assert AuditEvent.objects.filter(verb="workspace.founded").count() == 1


def test_the_door_is_shut_after_that(stranger: Browser) -> None:
    stranger.post("/account/signup/", FORM)
    second = Browser(headers={"accept-language": "en"})
    assert second.get("/account/signup/").status_code == 403
    page = second.post("/account/signup/", {**FORM, "email": "second@other.example"})
    assert page.status_code == 403
    assert "by invitation" in page.content.decode()
    assert User.objects.count() == 1


def test_the_people_of_the_demo_do_not_shut_it(stranger: Browser) -> None:
    demo = make_workspace("Демо", is_demo=True)
    make_person(demo, email="demo@niva.example")
    assert is_open()
    assert stranger.post("/account/signup/", FORM).status_code == 302
    assert not is_open()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("email", "not an address"),
        ("password", "short"),
        ("password", "anya@mezha.example"),
        ("workspace", ""),
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", "../../etc/passwd"),
    ],
)
def test_a_wrong_field_says_so_and_keeps_the_rest(stranger: Browser, field: str, value: str) -> None:
    page = stranger.post("/account/signup/", {**FORM, field: value})
    assert page.status_code == 422
    text = page.content.decode()
    assert f'id="id_{field}-error"' in text
    kept = "workspace" if field != "workspace" else "name"
    assert f'value="{FORM[kept]}"' in text
    assert PASSWORD not in text
    assert not User.objects.exists()
    assert not Workspace.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_make_one_owner() -> None:
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def run(number: int) -> None:
        try:
            start.wait(10)
            found(**{**FORM, "email": f"one{number}@mezha.example"})
            outcomes.append("in")
        except Forbidden:
            outcomes.append("shut")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["in", "shut"]
    assert User.objects.count() == Workspace.objects.count() == 1


def test_too_many_tries_get_429_in_words(stranger: Browser) -> None:
    for _number in range(10):
        stranger.post("/account/signup/", {})
    page = stranger.post("/account/signup/", FORM)
    assert page.status_code == 429
    assert "Too many tries" in page.content.decode()
    assert not User.objects.exists()

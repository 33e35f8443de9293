"""The demo's address: from this machine only, for a day, more than once, the newest only."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client as Browser
from django.utils import timezone

from niva.domains.clients.factories import make_person, make_workspace
from niva.domains.people.errors import NotFound
from niva.domains.people.models import SignInLink, User, Workspace
from niva.flows.sign_in import demo_address


@pytest.fixture
def demo(db: None) -> User:
    return make_person(make_workspace("Демо", is_demo=True), email="demo@niva.example", language="en")


def path(address: str) -> str:
    assert address.startswith("http://127.0.0.1:8130/enter/")
    return address.removeprefix("http://127.0.0.1:8130")


def test_it_signs_in_more_than_once_under_a_fresh_session(demo: User, stranger: Browser) -> None:
    address = path(demo_address("http://127.0.0.1:8130/"))
    assert address.split("/")[2] not in str(SignInLink.objects.get().__dict__)
    keys = set()
    for _click in range(2):
        assert stranger.get(address).status_code == 302
        assert stranger.session["_auth_user_id"] == str(demo.pk)
        keys.add(stranger.session.session_key)
    assert len(keys) == 2
    assert stranger.get("/profile/").status_code == 200


@pytest.mark.parametrize(
    "where",
    [
        {"REMOTE_ADDR": "192.168.1.20"},
        {"REMOTE_ADDR": "2001:db8::1"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=127.0.0.1"},
        {"REMOTE_ADDR": "::1", "HTTP_X_REAL_IP": "10.0.0.1"},
    ],
)
def test_from_elsewhere_it_is_not_there(demo: User, where: dict[str, str], settings) -> None:
    if where["REMOTE_ADDR"] == "":
        settings.ALLAUTH_TRUSTED_CLIENT_IP_HEADER = "Host"  # the limit needs some address to count by
        where = {**where, "HTTP_HOST": "127.0.0.1"}
    browser = Browser(**where)
    assert browser.get(path(demo_address("http://127.0.0.1:8130"))).status_code == 404
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_every_loopback_will_do(demo: User, address: str) -> None:
    found = Browser(REMOTE_ADDR=address).get(path(demo_address("http://127.0.0.1:8130")))
    assert found.status_code == 302


def test_it_may_be_opened_to_others(demo: User, settings) -> None:
    settings.DEMO_OPEN = True
    browser = Browser(REMOTE_ADDR="192.168.1.20")
    assert browser.get(path(demo_address("http://127.0.0.1:8130"))).status_code == 302


def test_a_new_one_ends_the_old_one_and_a_day_ends_all(demo: User, stranger: Browser) -> None:
    old = path(demo_address("http://127.0.0.1:8130"))
    new = path(demo_address("http://127.0.0.1:8130"))
    page = stranger.get(old)
    assert page.status_code == 410
    assert "make run" in page.content.decode()
    SignInLink.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert stranger.get(new).status_code == 410
    assert stranger.get("/enter/guessed/").status_code == 404
    assert "_auth_user_id" not in stranger.session


def test_a_workspace_that_is_no_demo_cannot_be_entered(demo: User, stranger: Browser) -> None:
    address = path(demo_address("http://127.0.0.1:8130"))
    Workspace.objects.update(is_demo=False)
    assert stranger.get(address).status_code == 404
    with pytest.raises(NotFound):
        demo_address("http://127.0.0.1:8130")


def test_looking_at_it_signs_nobody_in(demo: User, stranger: Browser) -> None:
    stranger.head(path(demo_address("http://127.0.0.1:8130")))
    assert "_auth_user_id" not in stranger.session

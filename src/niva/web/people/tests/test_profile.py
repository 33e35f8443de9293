"""One's own page: language, colours, keys, tokens; and where ?next= may lead."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client as Browser
from django.utils import timezone

from niva.domains.clients.factories import give_role, make_person
from niva.domains.clients.models import Client
from niva.domains.people.models import ApiToken, Membership, User, Workspace
from niva.flows.tokens import actor_by_token
from niva.web.people.tests.conftest import PASSWORD, SignIn

FORM = {"name": "Аня", "language": "ru", "theme": "dark", "time_zone": "Asia/Omsk"}


def test_what_one_chooses_is_seen_at_once(owner: User, browser_of: SignIn) -> None:
    browser = browser_of(owner)
    assert '<html lang="en"' in browser.get("/profile/").content.decode()
    assert browser.post("/profile/", FORM).status_code == 302
    text = browser.get("/profile/").content.decode()
    assert '<html lang="ru" data-theme="dark">' in text
    owner.refresh_from_db()
    assert (owner.name, owner.time_zone, owner.keys_on) == ("Аня", "Asia/Omsk", False)
    assert "<niva-keys>" not in text
    browser.post("/profile/", {**FORM, "theme": "auto", "keys_on": "on"})
    text = browser.get("/profile/").content.decode()
    assert "data-theme=" not in text.split("<head>")[0]
    assert "<niva-keys>" in text


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "я" * 121), ("language", "tlh"), ("theme", "pink"), ("time_zone", "Mars/Base")],
)
def test_a_wrong_value_is_refused_at_its_field(
    owner: User, browser_of: SignIn, field: str, value: str
) -> None:
    page = browser_of(owner).post("/profile/", {**FORM, field: value})
    assert page.status_code == 422
    assert f'id="id_{field}-error"' in page.content.decode()
    owner.refresh_from_db()
    assert owner.name == "Аня Ветрова"


def test_the_language_of_strangers_and_of_the_signed_in(owner: User, browser_of: SignIn) -> None:
    stranger = Browser(headers={"accept-language": "ru"})
    assert '<html lang="ru"' in stranger.get("/account/login/").content.decode()
    stranger.post("/language/", {"language": "en", "next": "/account/login/"})
    assert '<html lang="en"' in stranger.get("/account/login/").content.decode()
    stranger.post("/language/", {"language": "xx"})
    assert '<html lang="en"' in stranger.get("/account/login/").content.decode()
    browser_of(owner).post("/language/", {"language": "ru"})
    owner.refresh_from_db()
    assert owner.language == "ru"


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "http:///evil.example",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_next_leads_only_to_pages_of_ours(owner: User, stranger: Browser, target: str) -> None:
    page = stranger.post("/language/", {"language": "en", "next": target})
    assert page["Location"] == "/"
    page = stranger.post("/account/login/", {"login": owner.email, "password": PASSWORD, "next": target})
    assert page.status_code == 302
    assert "evil" not in page["Location"]
    assert "alert" not in page["Location"]
    page = stranger.post("/account/logout/", {"next": target})
    assert "evil" not in page["Location"]


def test_a_token_is_shown_once_and_works_until_it_ends(owner: User, browser_of: SignIn) -> None:
    browser = browser_of(owner)
    page = browser.post("/profile/tokens/", {"name": "Отчёты", "days": "30"})
    found = re.search(r"niva_[A-Za-z0-9_-]{43}", page.content.decode())
    assert found
    assert "no-store" in page["Cache-Control"]
    row = ApiToken.objects.get()
    assert found[0] not in str(row.__dict__)
    assert found[0] not in browser.get("/profile/").content.decode()
    actor = actor_by_token(found[0])
    assert actor is not None
    assert (actor.user, actor.role) == (owner, "owner")
    assert actor_by_token(found[0] + "x") is None
    assert actor_by_token(found[0].removeprefix("niva_")) is None
    ApiToken.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert actor_by_token(found[0]) is None
    ApiToken.objects.update(expires_at=None)
    assert browser.post(f"/profile/tokens/{row.pk}/revoke/").status_code == 302
    assert actor_by_token(found[0]) is None
    assert browser.post(f"/profile/tokens/{row.pk}/revoke/").status_code == 404


def make_token(browser: Browser) -> str:
    found = re.search(r"niva_[\w-]{43}", browser.post("/profile/tokens/", {"name": "x"}).content.decode())
    assert found
    return found[0]


def test_the_last_use_is_noted_once_a_minute(owner: User, browser_of: SignIn, time_machine_at) -> None:
    raw = make_token(browser_of(owner))
    start = timezone.now()
    with time_machine_at(start):
        actor_by_token(raw)
    with time_machine_at(start + dt.timedelta(seconds=59)):
        actor_by_token(raw)
    assert ApiToken.objects.get().last_used_at == start
    with time_machine_at(start + dt.timedelta(seconds=61)):
        actor_by_token(raw)
    assert ApiToken.objects.get().last_used_at == start + dt.timedelta(seconds=61)


def test_a_token_ends_with_the_membership_and_the_person(
    owner: User, workspace: Workspace, client_farm: Client, browser_of: SignIn
) -> None:
    person = make_person(workspace, "member", language="en")
    give_role(client_farm, person, "editor")
    raw = make_token(browser_of(person))
    actor = actor_by_token(raw)
    assert actor is not None
    assert dict(actor.client_roles) == {client_farm.pk: "editor"}
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert actor_by_token(raw) is None
    User.objects.filter(pk=person.pk).update(is_active=True)
    Membership.objects.get(user=person).delete()
    assert actor_by_token(raw) is None


def test_tokens_of_others_are_not_there(
    owner: User, workspace: Workspace, foreign: Workspace, browser_of: SignIn
) -> None:
    make_token(browser_of(owner))
    pk = ApiToken.objects.get().pk
    member = make_person(workspace, "member", language="en")
    for user in (member, User.objects.get(email="gleb@other.example")):
        assert browser_of(user).post(f"/profile/tokens/{pk}/revoke/").status_code == 404
    assert ApiToken.objects.get().revoked_at is None


@pytest.mark.parametrize("fields", [{"name": ""}, {"name": "x" * 81}, {"name": "x", "days": "7000000"}])
def test_a_wrong_token_form_says_so(owner: User, browser_of: SignIn, fields: dict[str, str]) -> None:
    page = browser_of(owner).post("/profile/tokens/", fields)
    assert page.status_code == 422
    assert "-error" in page.content.decode()
    assert not ApiToken.objects.exists()

"""What the frame of every page promises: forgery, framing, foreign hosts, redirects, sessions."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse

from niva.domains.clients.factories import make_actor, make_workspace
from tests.journeys.addresses import every_address
from tests.journeys.world import make_world

pytestmark = pytest.mark.django_db
EVIL = (
    "//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)",
    "\t//evil.example", "http:///evil.example", "https:evil.example",
)  # fmt: skip


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")
    cache.clear()


def test_no_address_takes_a_post_that_another_site_could_send():
    world = make_world("Наша команда", "OURS")
    browser = Browser(enforce_csrf_checks=True, raise_request_exception=False)
    browser.force_login(world.actor.user)
    before, wrong = world.state(), []
    for address in every_address():
        if address.route.startswith("api/"):
            continue
        for path, _ in address.paths(world):
            answer = browser.post(path, {"anything": "1"}, headers={"origin": "https://evil.example"})
            if answer.status_code not in (403, 404, 405):
                wrong.append(f"{path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert world.state() == before


def test_the_api_knows_tokens_only_never_the_browsers_session():
    world = make_world("Наша команда", "OURS")
    browser = world.browser()
    for address in every_address():
        if not address.route.startswith("api/") or "openapi" in address.route:
            continue
        for path, _ in address.paths(world):
            for method in ("GET", "POST", "PATCH", "DELETE"):
                answer = browser.generic(method, path, b"{}", content_type="application/json")
                assert answer.status_code in (401, 404, 405), f"{method} {path}: {answer.status_code}"


def test_every_page_forbids_framing_foreign_scripts_and_guessing():
    world = make_world("Наша команда", "OURS")
    browser, seen = world.browser(), 0
    for address in every_address():
        for path, _ in address.paths(world):
            answer = browser.get(path)
            if not answer.headers.get("Content-Type", "").startswith("text/html"):
                continue
            seen += 1
            policy = answer.headers["Content-Security-Policy"]
            # The form for leads is made to stand on the client's site: it knows nobody and keeps no cookie.
            framed = path.startswith("/form/") and answer.status_code != 404
            assert "unsafe" not in policy, path
            assert ("frame-ancestors *" if framed else "frame-ancestors 'none'") in policy, path
            assert answer.headers.get("X-Frame-Options") == (None if framed else "DENY"), path
            assert not (framed and answer.cookies), path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            # Pages behind a secret in their address tell nobody where one comes from.
            secret = path.startswith(("/decide/", "/plan/for/", "/form/", "/hook/"))
            assert answer.headers["Referrer-Policy"] == ("no-referrer" if secret else "same-origin"), path
    assert seen > 30


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b", "", "localhost:1:2"])
def test_a_foreign_host_is_not_answered(host):
    answer = Browser(raise_request_exception=False).get("/account/login/", headers={"host": host})
    assert answer.status_code == 400
    assert b"Traceback" not in answer.content


@pytest.mark.parametrize("target", EVIL)
def test_nobody_is_sent_to_a_foreign_site(target):
    actor = make_actor(make_workspace())
    actor.user.set_password("Очень-длинный-пароль-1")
    actor.user.save()
    browser = Browser()
    typed = {"login": actor.user.email, "password": "Очень-длинный-пароль-1", "next": target}
    answers = [
        browser.post(reverse("account_login"), typed),
        browser.post(reverse("set_language"), {"language": "en", "next": target}),
        browser.post(f"{reverse('account_logout')}?next={target}", {"next": target}),
    ]
    for answer in answers:
        assert "evil" not in answer.headers.get("Location", ""), answer.headers
        assert "javascript" not in answer.headers.get("Location", "")


def test_a_session_that_was_planted_is_worth_nothing_after_signing_in():
    actor = make_actor(make_workspace())
    actor.user.set_password("Очень-длинный-пароль-1")
    actor.user.save()
    browser = Browser()
    browser.get(reverse("account_login"))
    session = browser.session
    session["planted"] = 1
    session.save()
    planted = session.session_key
    browser.cookies[settings.SESSION_COOKIE_NAME] = planted
    typed = {"login": actor.user.email, "password": "Очень-длинный-пароль-1"}
    assert browser.post(reverse("account_login"), typed).status_code == 302
    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != planted
    other = Browser()
    other.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert "_auth_user_id" not in other.session


def test_passwords_cannot_be_tried_without_end():
    actor = make_actor(make_workspace())
    actor.user.set_password("Очень-длинный-пароль-1")
    actor.user.save()
    browser = Browser()
    for number in range(30):
        browser.post(reverse("account_login"), {"login": actor.user.email, "password": f"no-{number}"})
    browser.post(reverse("account_login"), {"login": actor.user.email, "password": "Очень-длинный-пароль-1"})
    assert "_auth_user_id" not in browser.session  # even the right one has to wait now


def test_behind_https_cookies_are_secure_and_browsers_are_told_to_stay():
    """In a process of its own, because settings are read once."""
    code = (
        "import json, django; django.setup(); from django.conf import settings as s;"
        "print(json.dumps([s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY,"
        " s.SECURE_HSTS_SECONDS, s.DEBUG, s.ALLOWED_HOSTS]))"
    )
    environment = {**os.environ, "NIVA_BASE_URL": "https://desk.example", "NIVA_DEBUG": "",
                   "DJANGO_SETTINGS_MODULE": "niva.config.settings"}  # fmt: skip
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    secure, csrf, hidden, hsts, debug, hosts = json.loads(told.stdout.splitlines()[-1])
    assert (secure, csrf, hidden, debug) == (True, True, True, False)
    assert hsts >= 31_536_000
    assert "desk.example" in hosts and "*" not in hosts

"""Every form of the desk with nothing, with scripts, with ten thousand letters, with wrong types in it.

Nothing may end in a 500, no script may come back as a script, and wherever a field is refused what was typed
is still there (that is tried where the forms live; here it is breadth).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client as Browser

from niva.domains.clients.models import Client
from niva.domains.communities.models import Community
from niva.domains.publishing.models import Post
from tests.journeys.addresses import every_address
from tests.journeys.forms_on import EVIL, SCRIPT, Form, forms_on
from tests.journeys.world import World, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]
RAW = re.compile(rf"{re.escape(SCRIPT)}|<img src=x onerror", re.IGNORECASE)
# These end the session, or leave for an outer network.
NOT_PRESSED = {"account_logout"}


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """No noise of expected refusals, no limits on tries, and nothing goes out to any network.

    Six hundred time zones in every form and a slow password hash would only make the test slow.
    """
    monkeypatch.setattr("niva.web.people.zones._others", lambda: [("UTC", "UTC")])
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    caplog.set_level("CRITICAL", "django.request")
    cache.clear()

    def nobody(*_: object, **__: object) -> None:
        raise OSError("no network in this test")

    monkeypatch.setattr("aiohttp.TCPConnector.connect", nobody)


@pytest.fixture
def world() -> World:
    return make_world("Наша команда", "OURS")


@contextmanager
def undone() -> Iterator[None]:
    """Whatever a form did is taken back, so that the next one meets the same desk."""
    with transaction.atomic():
        mark = transaction.savepoint()
        try:
            yield
        finally:
            transaction.savepoint_rollback(mark)


def pages_of(world: World, browser: Browser) -> Iterator[tuple[str, str]]:
    """Every page of the desk that the owner can open, with its HTML."""
    # The same pages once more, of a post that waits and of one that is out: they have other forms.
    paths = [f"/posts/{one.post_id}/{page}" for one in (world.delivery, world.out) for page in ("", "edit/")]
    for address in every_address():
        if address.name not in NOT_PRESSED and not address.route.startswith("api/"):
            paths += [path for path, _worlds in address.paths(world)]
    for path in paths:
        answer = browser.get(path)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            yield path, answer.content.decode()


def every_form(world: World, browser: Browser) -> list[Form]:
    """Each form once, wherever it is shown."""
    found: dict[tuple[object, ...], Form] = {}
    for path, html in pages_of(world, browser):
        for form in forms_on(path, html):
            if not form.action.startswith("/account/logout"):
                found.setdefault(form.shape, form)
    return list(found.values())


def wrong_with(answer: HttpResponse) -> str:
    """What must never happen, or nothing."""
    if answer.status_code >= 500:
        return str(answer.status_code)
    if answer.get("Content-Type", "").startswith("text/html") and (
        raw := RAW.search(answer.content.decode())
    ):
        return f"comes back raw: {raw[0]}"
    return ""


def test_no_form_breaks_and_no_script_comes_back(world: World):
    browser = world.browser()
    forms, wrong = every_form(world, browser), []
    for form in forms:
        for body in form.bodies():
            cache.clear()
            kept = browser.cookies.copy()
            with undone():
                answer = browser.post(form.action, body)
                if found := wrong_with(answer):
                    typed = next(iter(body.values()), "nothing")[:30]
                    wrong.append(f"{form.page} → {form.action} {typed!r} {list(body)}: {found}")
                    break
            browser.cookies = kept
    assert not wrong, "\n".join(wrong)
    assert len(forms) > 25


def test_what_is_kept_is_shown_as_text_on_every_page(world: World):
    """Scripts that got into the rows in whatever way stay letters everywhere."""
    browser, evil = world.browser(), EVIL
    Client.objects.filter(pk=world.client.pk).update(
        name=evil[:120], about=evil, not_measured=[{"what": evil, "why": evil}]
    )
    Community.objects.filter(pk=world.community.pk).update(name=evil[:120])
    world.client.rubrics.update(name=evil[:60])
    Post.objects.filter(client=world.client).update(
        text=evil, title=evil, first_comment=evil, link_url=f"https://e.org/{evil}",
        link_card={"title": evil, "description": evil}, poll={"question": evil, "options": [evil, evil]},
    )  # fmt: skip
    for thing in (world.goal, world.fact, world.cost, world.slot, world.asset, world.app, world.token_row):
        texts = {f.name for f in thing._meta.get_fields() if f.name in ("figure", "note", "name", "alt")}
        type(thing).objects.filter(pk=thing.pk).update(**dict.fromkeys(texts, evil[:70]))
    type(world.actor.user).objects.update(name=evil[:110])
    count = 0
    for path, html in pages_of(world, browser):
        assert not RAW.search(html), path
        count += 1
    assert count > 35

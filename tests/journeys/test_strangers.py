"""The border: with numbers of another workspace every address of the desk is as if it were not there."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from django.test import Client as Browser

from niva.domains.publishing.models import Post
from tests.journeys.addresses import every_address
from tests.journeys.world import World, make_world, posts_of

pytestmark = pytest.mark.django_db

# Where nobody has to be signed in.
OPEN_TO_ALL = {
    "healthz", "openapi-json", "set_language", "invitation", "enter", "account_login", "account_logout",
    "account_signup", "account_inactive", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "mfa_authenticate",
    "mfa_login_webauthn",
}  # fmt: skip
HIDDEN = {403, 404, 405}
# The API looks at the form of a body before it looks for the row: this answer tells nothing of it.
MISSHAPEN = 422
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Hundreds of expected 404 and 405 say nothing when a test fails."""
    caplog.set_level("CRITICAL", "django.request")


@pytest.fixture
def ours() -> World:
    cache.clear()
    return make_world("Наша команда", "OURS")


@pytest.fixture
def theirs(ours: World) -> World:
    return make_world("Чужая команда", "THEIRS", passkey=True)


def call(browser: Browser, method: str, path: str, token: str = ""):
    """One request; addresses of the API with JSON and a token."""
    if path.startswith("/api/"):
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return browser.generic(method.upper(), path, b"{}", content_type="application/json", headers=headers)
    return getattr(browser, method)(path)


def test_other_peoples_numbers_lead_nowhere(ours: World, theirs: World):
    browser, before, tried = ours.browser(), theirs.state(), 0
    wrong: list[str] = []
    for address in every_address():
        for path, worlds in address.paths(ours, theirs):
            if theirs not in worlds:
                continue
            for method in METHODS if path.startswith("/api/") else METHODS[:2]:
                answer = call(browser, method, path, ours.token)
                tried += 1
                if answer.status_code == 302:  # a page that only sends on: what it sends to is looked at
                    answer = browser.get(answer["Location"])
                said = answer.getvalue() if answer.streaming else answer.content
                hidden = HIDDEN | {MISSHAPEN} if path.startswith("/api/") else HIDDEN
                if answer.status_code not in hidden or b"THEIRS" in said:
                    wrong.append(f"{method} {path} ({address.name}): {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert theirs.state() == before
    assert tried > 200


def test_numbers_in_what_is_sent_are_looked_at_too(ours: World, theirs: World):
    """Ids in the body: another workspace's community, file, goal, post to move, workspace, app."""
    browser, before, count = ours.browser(), theirs.state(), posts_of(theirs)
    post, texts = f"/posts/{ours.post.pk}", {"version": ours.post.version, "text": "x"}
    for field, value in (
        ("community", theirs.community.pk),
        ("media", theirs.asset.pk),
        ("goal", theirs.goal.pk),
    ):
        answer = browser.post(
            f"{post}/save/", {**texts, "communities_here": "1", "media_here": "1", field: value}
        )
        assert answer.status_code in (302, 404, 422), field
    for ref in (f"d{theirs.delivery.pk}", f"v{theirs.variant.pk}"):
        moved = {"id": ref, "date": "2030-01-01", "time": "10:00"}
        assert browser.post("/plan/move/", moved).status_code == 404
    for query in (f"client={theirs.client.pk}", f"community={theirs.community.pk}"):
        assert browser.get(f"/posts/new/?{query}").status_code == 404
    assert browser.post("/workspaces/switch/", {"workspace": theirs.actor.workspace.pk}).status_code == 404
    oauth = f"/communities/{ours.community.pk}/connect/oauth/"
    assert browser.post(oauth, {"app": theirs.app.pk}).status_code in (404, 422)
    role = {"person": theirs.member.pk, "role": "author"}
    assert browser.post(f"/clients/{ours.client.pk}/people/", role).status_code in (404, 422)
    assert theirs.state() == before
    assert posts_of(theirs) == count
    kept = Post.objects.get(pk=ours.post.pk)
    assert kept.goal_id is None
    assert not kept.variants.filter(community=theirs.community).exists()
    assert not kept.media.filter(asset=theirs.asset).exists()


def test_lists_never_show_other_peoples_rows(ours: World, theirs: World):
    browser = ours.browser()
    for address in every_address():
        for path, _worlds in address.paths(ours):
            if address.name in ("account_logout", "enter", "invitation"):
                continue
            answer = call(browser, "get", path, ours.token)
            said = answer.getvalue() if answer.streaming else answer.content
            assert answer.status_code < 500, path
            assert b"THEIRS" not in said, path
    for query in (f"client={theirs.client.pk}", f"community={theirs.community.pk}", "view=list&state=all"):
        for path in ("/plan/", "/posts/", "/communities/", "/people/audit/"):
            assert b"THEIRS" not in browser.get(f"{path}?{query}").content, f"{path}?{query}"


def test_who_is_not_signed_in_sees_only_the_door(ours: World):
    stranger = Browser(raise_request_exception=False)
    before = ours.state()
    wrong: list[str] = []
    for address in every_address():
        if address.name in OPEN_TO_ALL:
            continue
        for path, _worlds in address.paths(ours):
            for method in METHODS[:2]:
                answer = call(stranger, method, path)
                to_the_door = answer.status_code == 302 and answer["Location"].startswith("/account/")
                if not (to_the_door or answer.status_code in {401, *HIDDEN}) or b"OURS" in answer.content:
                    wrong.append(f"{method} {path} ({address.name}): {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert ours.state() == before


def test_a_foreign_token_of_the_api_opens_nothing(ours: World, theirs: World):
    """Bodies that name the other's rows: a post for his client, a goal's fact, a schedule of his post."""
    browser = Browser(raise_request_exception=False)
    before, count = theirs.state(), posts_of(theirs)
    client, place = theirs.client.pk, theirs.community.pk
    new = {"client_id": client, "network": "practice", "name": "x", "task": "leads", "time_zone": "UTC"}
    bodies = (
        ("/api/v1/posts", {"client_id": client, "text": "x", "community_ids": [place]}),
        ("/api/v1/posts", {"client_id": ours.client.pk, "text": "x", "community_ids": [place]}),
        ("/api/v1/communities", new),
        (f"/api/v1/posts/{theirs.post.pk}/schedule", {"at": "2030-01-01T10:00:00Z"}),
    )
    for path, body in bodies:
        key = {"authorization": f"Bearer {ours.token}"}
        answer = browser.post(path, json.dumps(body), content_type="application/json", headers=key)
        assert answer.status_code in (404, 422), (path, answer.content)
        assert b"THEIRS" not in answer.content
    assert theirs.state() == before
    assert posts_of(theirs) == count

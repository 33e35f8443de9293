"""Pieces by the API: proposed, changed, moved, given an hour; the client and strangers get nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from niva.api.tests.test_api import Caller, caller_of
from niva.domains.clients.factories import give_role, make_client, make_workspace
from niva.domains.clients.models import Client
from niva.domains.editorial.factories import make_piece, make_stages

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(client: Any) -> Caller:
    return caller_of(client, make_workspace())


@pytest.fixture
def farm(call: Caller) -> Client:
    return make_client(call.workspace)


def test_an_idea_is_proposed_changed_and_found(call: Caller, farm: Client) -> None:
    idea = call("POST", "/pieces", {"client_id": farm.pk, "title": "Рёбрышки", "hook": "Две минуты"}, 201)
    assert (idea["stage"]["kind"], idea["state"], idea["community_ids"]) == ("idea", "active", [])
    changed = call("PATCH", f"/pieces/{idea['id']}", {"unit": "video", "author_id": call.person.pk})
    assert (changed["unit"], changed["author_id"], changed["hook"]) == ("video", call.person.pk, "Две минуты")
    assert [one["id"] for one in call("GET", "/pieces?q=рёбрышек&stage=idea")["items"]] == [idea["id"]]
    assert call("GET", "/pieces?stage=draft")["items"] == []
    at = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    assert call("POST", f"/pieces/{idea['id']}/hour", {"at": at.isoformat()})["planned_at"] is not None
    call("POST", f"/pieces/{idea['id']}/hour", {"at": "2020-01-01T10:00:00+03:00"}, 422)
    assert call("POST", f"/pieces/{idea['id']}/hour", {"at": None})["planned_at"] is None


def test_a_card_moves_by_the_rules_and_by_what_was_seen(call: Caller, farm: Client) -> None:
    piece, stages = make_piece(farm, at="editing"), make_stages(farm)
    url = f"/pieces/{piece.pk}/move"
    back = {"stage_id": stages["draft"].pk, "reason": "tone", "seen_stage_id": stages["idea"].pk}
    call("POST", url, back, 409)
    call("POST", url, {"stage_id": stages["draft"].pk}, 422)
    moved = call("POST", url, {**back, "seen_stage_id": stages["editing"].pk})
    assert (moved["stage"]["kind"], moved["returns"]) == ("draft", 1)


def test_a_list_goes_on_where_it_ended(call: Caller, farm: Client) -> None:
    for n in range(3):
        make_piece(farm, f"№ {n}")
    first = call("GET", "/pieces?limit=2")
    rest = call("GET", f"/pieces?limit=2&after={first['next']}")
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]


def test_the_client_and_strangers_get_nothing(client: Any, call: Caller, farm: Client) -> None:
    piece = make_piece(farm)
    theirs = caller_of(client, call.workspace, "member", raw="niva_test-client-role")
    give_role(farm, theirs.person, "client")
    assert theirs("GET", "/pieces")["items"] == []
    theirs("GET", f"/pieces/{piece.pk}", status=403)
    theirs("POST", f"/pieces/{piece.pk}/hour", {"at": None}, 403)
    stranger = caller_of(client, make_workspace("Чужие"))
    assert stranger("GET", "/pieces")["items"] == []
    stranger("GET", f"/pieces/{piece.pk}", status=404)
    stranger("PATCH", f"/pieces/{piece.pk}", {"unit": "video"}, 404)

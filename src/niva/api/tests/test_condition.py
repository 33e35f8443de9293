"""The technical condition through the API: the score with its parts, the checks, strangers."""

from __future__ import annotations

import pytest

from niva.api.tests.test_api import call, caller_of, community
from niva.domains.clients.factories import make_workspace
from niva.domains.condition import services
from niva.domains.condition.factories import make_profile, make_seen
from niva.domains.condition.models import Cause

__all__ = ["call", "community"]
pytestmark = pytest.mark.django_db


def test_the_score_and_its_parts(call, community):
    path = f"/communities/{community.pk}/condition"
    empty = call("GET", path)
    assert (empty["looked_at"], empty["required"], empty["findings"]) == (None, 0, [])
    services.saw(community, make_seen(make_profile(messages_on=False, followers=10_500)), cause=Cause.NIGHT)
    found = call("GET", path)
    first = found["findings"][0]
    assert {first["item"], found["findings"][1]["item"]} == {"messages_on", "registered"}
    assert first["state"] == "broken" and first["required"] and first["says"]
    wrong = sum(
        one["required"] and one["state"] in ("broken", "todo", "unknown") for one in found["findings"]
    )
    assert found["required"] - found["done"] == wrong
    services.saw_nothing(community, "no_right", cause=Cause.HAND)
    again = call("GET", path)
    assert (again["failed"], again["done"], again["looked_at"]) == (
        "no_right",
        found["done"],
        found["looked_at"],
    )
    checks = call("GET", f"{path}/checks?limit=1")
    assert (checks["items"][0]["cause"], checks["next"]) == ("night", checks["items"][0]["id"])
    last = call("GET", f"{path}/checks?after={checks['next']}")["items"]
    assert [(one["cause"], one["failed"], one["changed"]) for one in last] == [("hand", "no_right", [])]


def test_strangers_see_nothing(client, call, community):
    stranger = caller_of(client, make_workspace("Чужие"))
    stranger("GET", f"/communities/{community.pk}/condition", status=404)
    stranger("GET", f"/communities/{community.pk}/condition/checks", status=404)

"""The API through its door: the whole circle by HTTP, strangers, roles, bad input."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from niva.domains.clients.factories import make_client, make_person, make_workspace
from niva.domains.communities.factories import connect, make_community, make_slots
from niva.domains.people.models import ApiToken
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Post
from niva.flows.tokens import TOKEN_PREFIX, fingerprint

pytestmark = pytest.mark.django_db


class Caller:
    """An HTTP client that speaks JSON with one person's token."""

    def __init__(self, client, person, workspace, raw: str) -> None:
        self.client, self.person, self.workspace, self.raw = client, person, workspace, raw

    def __call__(self, method: str, path: str, body=None, status: int = 200):
        response = self.client.generic(
            method,
            f"/api/v1{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"authorization": f"Bearer {self.raw}"},
        )
        assert response.status_code == status, response.content
        return response.json() if response.content else None


def caller_of(client, workspace, role: str = "owner", raw: str = "") -> Caller:
    person = make_person(workspace, role)
    raw = raw or f"{TOKEN_PREFIX}test-{workspace.pk}-{role}"
    ApiToken.objects.create(
        workspace=workspace, user=person, name="test", prefix=raw[:12], token_hash=fingerprint(raw)
    )
    return Caller(client, person, workspace, raw)


@pytest.fixture
def call(client) -> Caller:
    return caller_of(client, make_workspace())


@pytest.fixture
def community(call):
    return connect(make_community(make_client(call.workspace)), facts={"flavour": "keyed"})


def test_from_a_client_to_a_scheduled_post(call):
    new = {"name": "Пасека", "kind": "business", "key_task": "leads", "time_zone": "Europe/Samara"}
    client_id = call("POST", "/clients", new, 201)["id"]
    goal = {
        "figure": "Заявки", "unit_one": "заявка", "unit_few": "заявки", "unit_many": "заявок", "plan": "40",
        "starts_on": "2026-11-01", "deadline": "2026-11-30", "price_limit": "1000",
    }  # fmt: skip
    made = call("POST", f"/clients/{client_id}/goals", goal, 201)
    assert made["fact"] is None  # nobody has counted anything: that is not zero
    row = {"happened_on": "2026-11-03", "key": "crm-17", "note": "позвонил после поста"}
    first = call("POST", f"/goals/{made['id']}/facts", row, 201)
    assert call("POST", f"/goals/{made['id']}/facts", row, 201)["id"] == first["id"]
    cost = {"spent_on": "2026-11-02", "amount": "900", "kind": "ads"}
    call("POST", f"/clients/{client_id}/costs", cost, 201)
    listed = call("GET", f"/clients/{client_id}/goals")[0]
    assert (float(listed["fact"]), float(listed["unit_cost"])) == (1.0, 900.0)

    community = {"client_id": client_id, "network": "practice", "name": "Пасека", "task": "leads"}
    community_id = call("POST", "/communities", community, 201)["id"]
    draft = {"client_id": client_id, "text": "Мёд", "community_ids": [community_id]}
    post = call("POST", "/posts", draft, 201)
    at = (timezone.now() + timedelta(hours=3)).isoformat()
    scheduled = call("POST", f"/posts/{post['id']}/schedule", {"at": at})
    delivery = call("GET", f"/deliveries/{scheduled['deliveries'][0]['id']}")
    assert (delivery["state"], delivery["attempts"]) == ("queued", [])
    later = (timezone.now() + timedelta(hours=5)).isoformat()
    assert call("POST", f"/deliveries/{delivery['id']}/move", {"at": later})["due_at"] != delivery["due_at"]
    assert call("POST", f"/deliveries/{delivery['id']}/cancel", {})["state"] == "cancelled"


def test_a_save_on_an_old_version_is_refused_with_the_newer_one(call, community):
    post = make_post(community)
    call("PATCH", f"/posts/{post.pk}", {"version": 1, "text": "Новое"})
    answer = call("PATCH", f"/posts/{post.pk}", {"version": 1, "text": "Старое"}, 409)
    assert answer["version"] == 2
    assert Post.objects.get().text == "Новое"


def test_a_text_that_is_too_long_stays_behind_with_the_reason_and_the_place(call, community):
    post = make_post(community, text="ы" * 5000)
    checked = call("GET", f"/posts/{post.pk}/check")[0]
    problem = checked["problems"][0]
    assert problem["code"] == "text_too_long"
    assert problem["over_at"] == checked["most"]
    result = call("POST", f"/posts/{post.pk}/schedule", {})
    assert (result["deliveries"], len(result["behind"])) == ([], 1)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "/clients/{client}", "/clients/{client}/goals", "/clients/{client}/costs", "/goals/{client}/facts",
        "/communities/{community}", "/communities/{community}/slots", "/communities/{community}/readings",
        "/posts/{post}", "/posts/{post}/check", "/deliveries/{delivery}",
    ],
)  # fmt: skip
def test_another_workspaces_ids_are_not_there(client, call, community, path):
    from niva.domains.people.actor import machine
    from niva.domains.publishing.services.schedule import schedule

    make_slots(community, (0,), timezone.now().time())
    post = make_post(community)
    schedule(machine(call.workspace), post_id=post.pk)
    ids = {
        "client": community.client_id, "community": community.pk, "post": post.pk,
        "delivery": Delivery.objects.get().pk,
    }  # fmt: skip
    stranger = caller_of(client, make_workspace("Чужие"))
    stranger("GET", path.format(**ids), status=404)


def test_a_post_for_another_workspaces_client_or_community_is_not_made(client, call, community):
    stranger = caller_of(client, make_workspace("Чужие"))
    stranger("POST", "/posts", {"client_id": community.client_id, "text": "x"}, 404)
    own = make_client(stranger.workspace)
    stranger("POST", "/posts", {"client_id": own.pk, "community_ids": [community.pk], "text": "x"}, 404)
    assert not Post.objects.exists()


def test_a_member_without_a_role_sees_nothing(client, call, community):
    make_post(community)
    nobody = caller_of(client, call.workspace, "member")
    assert nobody("GET", "/clients")["items"] == []
    assert nobody("GET", "/posts")["items"] == []
    nobody("GET", f"/clients/{community.client_id}", status=404)


def test_wrong_tokens_are_refused(client, call):
    for raw in ("", "niva_wrong", call.raw[:-1]):
        response = client.get("/api/v1/clients", headers={"authorization": f"Bearer {raw}"})
        assert response.status_code == 401
    assert client.get("/api/v1/clients").status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "business", "key_task": "leads"}, "name"),
        ({"name": "x", "kind": "circus", "key_task": "leads"}, "kind"),
        ({"name": "x", "kind": "ngo", "key_task": "leads", "time_zone": "Europe/Nowhere"}, "time_zone"),
        ({"name": "", "kind": "ngo", "key_task": "leads"}, "name"),
    ],
)
def test_bad_input_names_the_field(call, body, field):
    assert field in call("POST", "/clients", body, 422)["fields"]


def test_a_moment_without_an_offset_and_a_moment_in_the_past_are_refused(call, community):
    post = make_post(community)
    call("POST", f"/posts/{post.pk}/schedule", {"at": "2026-12-01T10:00:00"}, 422)
    past = (timezone.now() - timedelta(days=1)).isoformat()
    assert "at" in call("POST", f"/posts/{post.pk}/schedule", {"at": past}, 422)["fields"]


def test_what_is_no_json_and_no_number_is_answered_without_a_trace(call, client):
    headers = {"authorization": f"Bearer {call.raw}"}
    answer = client.post("/api/v1/clients", "{broken", content_type="application/json", headers=headers)
    assert answer.status_code in (400, 422)
    for path in ("/posts/99999999999999999999999", "/posts/x", "/clients?after=-1", "/clients?limit=100000"):
        status = client.get(f"/api/v1{path}", headers=headers).status_code
        assert status in (404, 422), path


def test_a_list_is_read_page_by_page(call):
    for _ in range(5):
        make_client(call.workspace)
    seen, after = [], 0
    while after is not None:
        page = call("GET", f"/clients?limit=2&after={after}")
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == 5


def test_a_broken_picture_is_refused_with_a_sentence(call, community, client):
    response = client.post(
        "/api/v1/posts/media",
        {"client_id": community.client_id, "file": SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\nbroken")},
        headers={"authorization": f"Bearer {call.raw}"},
    )
    assert response.status_code == 422
    assert response.json()["fields"]["file"]


def test_healthz_needs_no_token(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_client_is_stopped_and_let_go_on(call, community):
    post = make_post(community)
    at = (timezone.now() + timedelta(hours=2)).isoformat()
    made = call("POST", f"/posts/{post.pk}/schedule", {"at": at})["deliveries"][0]
    path = f"/clients/{community.client_id}"
    call("POST", f"{path}/stop", {"reason": ""}, 422)
    assert call("POST", f"{path}/stop", {"reason": "Пожар"}) == {"held": 1}
    assert call("GET", f"/deliveries/{made['id']}")["state"] == "held"
    told = call("GET", path)
    assert (told["stopped_reason"], told["stopped_at"] is not None) == ("Пожар", True)
    call("POST", f"{path}/go-on", {"past": "whatever"}, 422)
    assert call("POST", f"{path}/go-on", {"past": "hold"}) == {"queued": 1, "missed": 0, "decided": 0}
    assert call("GET", path)["stopped_at"] is None


def test_a_communitys_lateness_is_read_and_changed(call, community):
    path = f"/communities/{community.pk}"
    assert call("GET", path)["late_minutes"] == 180
    assert call("PATCH", path, {"late_minutes": 30})["late_minutes"] == 30
    assert call("PATCH", path, {"name": "Пасека"})["late_minutes"] == 30
    call("PATCH", path, {"late_minutes": 0}, 422)
    call("PATCH", path, {"late_minutes": 10_081}, 422)
    new = {
        "client_id": community.client_id,
        "network": "vk",
        "name": "В",
        "task": "leads",
        "late_minutes": 15,
    }
    assert call("POST", "/communities", new, 201)["late_minutes"] == 15

"""The list of requests, asking, evidence, terms: through the pages."""

from __future__ import annotations

import hashlib
import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.utils import timezone

from niva.domains.clients.models import Role, Terms
from niva.domains.publishing.approving import Approval, Decision
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.services.deciding import Answer, Said
from niva.flows import approve
from niva.flows.tests.test_approve import TEXT, Scene
from niva.web.posts.tests.conftest import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    cache.clear()
    return Scene()


@pytest.fixture
def desk(scene: Scene) -> Browser:
    return browser_of(scene.actor.user, scene.actor.workspace)


def as_role(scene: Scene, role: str) -> Browser:
    user = scene.member(role).user
    user.language = "en"
    user.save()
    return browser_of(user, scene.actor.workspace)


def secret_in(answer: Any) -> str:
    found = re.search(r"/decide/([\w-]+)/", answer.content.decode())
    assert found is not None
    return found[1]


def test_asking_shows_the_link_once_and_it_works(scene, desk):
    assert "Ask for approval" in desk.get(f"/approvals/ask/{scene.post.pk}/").content.decode()
    answer = desk.post(
        f"/approvals/ask/{scene.post.pk}/",
        {"approver_name": "Кузьма Ильич", "approver_email": "", "message": "Гляньте"},
    )
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    secret = secret_in(answer)
    assert Browser().get(f"/decide/{secret}/").status_code == 200
    row = Approval.objects.get()
    for path in ("/approvals/", f"/approvals/{row.pk}/", f"/approvals/ask/{scene.post.pk}/"):
        assert secret not in desk.get(path).content.decode()
    again = desk.post(f"/approvals/{row.pk}/link/")
    assert secret_in(again) != secret
    assert Browser().get(f"/decide/{secret}/").status_code == 404


def test_asking_without_a_name_loses_nothing(scene, desk):
    answer = desk.post(f"/approvals/ask/{scene.post.pk}/", {"approver_name": "", "message": "Гляньте"})
    assert answer.status_code == 422 and "Гляньте" in answer.content.decode()


def test_the_composer_says_what_is_missing_and_where_to_press(scene, desk):
    page = desk.get(f"/posts/{scene.post.pk}/edit/").content.decode()
    assert f"/approvals/ask/{scene.post.pk}/" in page
    scene.post.refresh_from_db()
    data = {"version": scene.post.version, "text": scene.post.text, "do": "now"}
    answer = desk.post(f"/posts/{scene.post.pk}/save/", data)
    assert answer.status_code == 422
    assert "has not approved" in answer.content.decode()
    assert not Delivery.objects.exists()


def test_the_api_refuses_with_422(scene):
    from niva.domains.people import services as people

    _row, token = people.create_token(scene.actor, name="t")
    answer = Browser().post(
        f"/api/v1/posts/{scene.post.pk}/schedule", "{}", content_type="application/json",
        headers={"authorization": f"Bearer {token}", "accept-language": "en"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "approval" in answer.json()["fields"]


def test_the_list_in_its_four_parts(scene, desk):
    assert "Approvals will appear here" in desk.get("/approvals/").content.decode()
    names = ("Ждёт", "Просрочен", "Возвращён", "Решён")
    posts = {name: make_post(*scene.places, text=name) for name in names}
    made = {name: approve.ask(scene.actor, post_id=post.pk) for name, post in posts.items()}
    Approval.objects.filter(pk=made["Просрочен"][0].pk).update(due_at=timezone.now() - timedelta(hours=1))
    approve.decide_by_link(made["Возвращён"][1], answer=Answer("return", "К", remarks=[Said("Нет")]))
    approve.decide_by_link(made["Решён"][1], answer=Answer("approve", "К"))
    answer = desk.get("/approvals/")
    context = answer.context
    shown = {
        name: [str(row.post) for row in context[name]] for name in ("ours", "overdue", "waiting", "decided")
    }
    assert shown == {
        "ours": ["Возвращён"], "overdue": ["Просрочен"], "waiting": ["Ждёт"], "decided": ["Решён"],
    }  # fmt: skip
    rail = re.search(r'href="/approvals/"[^>]*>.*?</a>', answer.content.decode(), re.DOTALL)
    assert rail is not None and ">1<" in rail[0]


def test_the_list_asks_no_question_for_each_line(scene, desk, django_assert_max_num_queries):
    for number in range(12):
        approve.ask(scene.actor, post_id=make_post(*scene.places, text=f"Пост {number}").pk)
    desk.get("/approvals/")
    with django_assert_max_num_queries(18):
        desk.get("/approvals/")


def test_reminding_withdrawing_and_writing_down(scene, desk):
    row, secret = scene.ask()
    assert desk.post(f"/approvals/{row.pk}/remind/").status_code == 302
    told = {"verdict": "approve", "name": "Кузьма", "known_by": "messenger", "quote": "Пускайте"}
    assert desk.post(f"/approvals/{row.pk}/told/", {**told, "quote": ""}).status_code == 422
    assert desk.post(f"/approvals/{row.pk}/told/", told).status_code == 302
    page = desk.get(f"/approvals/{row.pk}/").content.decode()
    assert "Пускайте" in page and "in a messenger" in page
    scene.save(text="Другое")
    other, _secret = scene.ask()
    assert desk.post(f"/approvals/{other.pk}/withdraw/").status_code == 302
    assert Approval.objects.get(pk=other.pk).decision == Decision.WITHDRAWN
    assert Browser().get(f"/decide/{secret}/").status_code == 200  # the one before says what was decided


def test_a_client_with_an_account_decides_here_and_sees_no_inside_buttons(scene):
    row, _secret = scene.ask()
    klava = as_role(scene, Role.CLIENT)
    page = klava.get(f"/approvals/{row.pk}/").content.decode()
    assert "Let it out" in page and "Copy a new link" not in page and "elsewhere" not in page
    assert klava.get(f"/approvals/ask/{scene.post.pk}/").status_code == 403
    assert klava.post(f"/approvals/{row.pk}/link/").status_code == 403
    assert klava.post(f"/approvals/{row.pk}/decide/", {"verdict": "return", "remark": ""}).status_code == 422
    assert klava.post(f"/approvals/{row.pk}/decide/", {"verdict": "approve"}).status_code == 302
    assert Approval.objects.get().decided_by is not None


def test_only_the_client_decides(scene, desk):
    row, _secret = scene.ask()
    assert desk.post(f"/approvals/{row.pk}/decide/", {"verdict": "approve"}).status_code == 403
    assert as_role(scene, Role.AUTHOR).post(f"/approvals/{row.pk}/told/", {}).status_code == 403


def test_an_author_prepares_and_an_editor_asks(scene):
    page = as_role(scene, Role.AUTHOR).get(f"/approvals/ask/{scene.post.pk}/")
    assert page.status_code == 200 and "Ask and get the link" not in page.content.decode()
    assert (
        "Ask and get the link" in as_role(scene, Role.EDITOR).get(page.request["PATH_INFO"]).content.decode()
    )


def test_letting_out_without_the_client(scene, desk):
    path = f"/approvals/ask/{scene.post.pk}/waive/"
    assert as_role(scene, Role.EDITOR).post(path, {"reason": "Очень надо сегодня"}).status_code == 403
    assert desk.post(path, {"reason": "надо"}).status_code == 422
    assert desk.post(path, {"reason": "Заказчик в полёте до вечера"}).status_code == 302
    assert scene.schedule()


def test_terms_through_their_page(scene, desk):
    path = f"/clients/{scene.client.pk}/terms/"
    assert desk.get(path).status_code == 200
    form = {
        "needed": "on", "approver_name": "Кузьма", "approver_email": "", "days": "3", "urgent_hours": "4",
        "opens": "09:00", "closes": "18:00", "weekdays": ["1", "2", "3"], "rounds": "2", "link_days": "10",
        "silence": "consent", "clause": "",
    }  # fmt: skip
    refused = desk.post(path, form)
    assert refused.status_code == 422 and "Quote its words" in refused.content.decode()
    assert desk.post(path, {**form, "weekdays": []}).status_code == 422
    assert desk.post(path, {**form, "clause": "п. 4.2: молчание — согласие"}).status_code == 302
    kept = Terms.objects.get()
    assert (kept.days, kept.weekdays, kept.silence) == (3, [1, 2, 3], "consent")
    assert "4.2" in desk.get(f"/clients/{scene.client.pk}/people/").content.decode()
    assert as_role(scene, Role.EDITOR).get(path).status_code == 403


def record_of(page: str) -> tuple[dict[str, Any], str, str]:
    raw = re.search(r'<pre id="record">(.*?)</pre>', page, re.DOTALL)
    printed = re.search(r'<code id="sha256">(\w+)</code>', page)
    assert raw is not None and printed is not None
    text = html.unescape(raw[1])
    return json.loads(text), text, printed[1]


def canonical(value: Any) -> bytes:
    """Written anew here: who checks the evidence has nothing of ours."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_the_evidence_can_be_checked_with_nothing_but_itself(scene, desk):
    _first, secret = scene.ask(message="Раз")
    approve.decide_by_link(
        secret,
        answer=Answer("return", "Кузьма", remarks=[Said("Не <b>то</b>")], origin={"address": "192.0.2.7"}),
    )
    scene.save(text=TEXT + " И ещё.")
    row, secret = scene.ask()
    words = (TEXT + " И ещё.").replace("два часа", "пару часов")
    approve.decide_by_link(secret, answer=Answer("edit", "Кузьма", edits={"common": words}))
    answer = desk.get(f"/approvals/{row.pk}/evidence.html")
    record, text, printed = record_of(answer.content.decode())
    assert hashlib.sha256(text.encode()).hexdigest() == printed == answer["X-Content-SHA256"]
    assert hashlib.sha256(canonical(record)).hexdigest() == printed
    assert [one["decision"] for one in record["rounds"]] == ["returned", "edited"]
    for one in record["rounds"]:
        for place in one["texts"]:
            assert hashlib.sha256(canonical(place["content"])).hexdigest() == place["sha256"]
            if place["asked"]:
                assert hashlib.sha256(canonical(place["asked"])).hexdigest() == place["asked_sha256"]
    assert record["rounds"][0]["remarks"][0]["text"] == "Не <b>то</b>"
    assert record["rounds"][0]["origin"]["address"] == "192.0.2.7"
    assert "approval.asked" in [one["what"] for one in record["trail"]]
    assert "token" not in text and secret not in text


def test_the_evidence_outlives_a_community_that_was_taken_off(scene, desk):
    from niva.domains.publishing.services import drafts

    row, secret = scene.ask()
    approve.decide_by_link(secret, answer=Answer("approve", "Кузьма"))
    drafts.set_communities(scene.actor, post_id=scene.post.pk, community_ids=[scene.places[0].pk])
    record, _text, _printed = record_of(desk.get(f"/approvals/{row.pk}/evidence.html").content.decode())
    assert len(record["rounds"][0]["texts"]) == 2
    assert record["rounds"][0]["voided_at"]


def test_the_evidence_on_paper_carries_the_record(scene, desk):
    row, secret = scene.ask()
    approve.decide_by_link(secret, answer=Answer("approve", "Кузьма #strong[нет] $x$ @a"))
    answer = desk.get(f"/approvals/{row.pk}/evidence.pdf")
    assert answer.content.startswith(b"%PDF-")
    assert b"record.json" in answer.content
    assert desk.get(f"/approvals/{row.pk}/evidence.doc").status_code == 404

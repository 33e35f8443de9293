"""Leads by their doors: a form on any site, a webhook, the list, the client's own buttons, the funnel."""

import json
import re

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from niva.domains.clients.factories import (
    give_role,
    make_actor,
    make_client,
    make_goal,
    make_person,
    make_workspace,
)  # fmt: skip
from niva.domains.clients.models import Counting, Role
from niva.domains.communities.factories import make_community
from niva.domains.leads.factories import make_door, make_lead
from niva.domains.leads.models import Door, FunnelTerms, Lead
from niva.domains.leads.sealing import opened
from niva.domains.notices.models import Notice
from niva.domains.people.services import create_token
from niva.domains.publishing.factories import make_publication
from niva.flows.goal_fact import standing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()


@pytest.fixture
def actor():
    return make_actor(make_workspace(), language="en")


@pytest.fixture
def client(actor):
    return make_client(actor.workspace)


@pytest.fixture
def browser(actor):
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(actor.user)
    return browser


@pytest.fixture
def customer(actor, client):
    person = make_person(actor.workspace, "member", name="Marat", language="en")
    give_role(client, person, Role.CLIENT)
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(person)
    return browser


def text_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


class TestForm:
    @pytest.fixture
    def address(self, client):
        return reverse("lead_form", args=[make_door(client, kind="form")[1]])

    def test_it_may_be_framed_anywhere_and_nobody_has_ticked_the_box_for_the_person(self, address):
        answer = Browser().get(address)
        assert answer.status_code == 200
        assert "X-Frame-Options" not in answer
        assert "frame-ancestors *" in answer["Content-Security-Policy"]
        assert not answer.cookies
        box = re.search(r'<input type="checkbox" name="consent"[^>]*>', text_of(answer))[0]
        assert "checked" not in box

    def test_other_pages_may_not_be_framed(self, browser, client):
        answer = browser.get(reverse("client_leads", args=[client.pk]))
        assert answer["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]

    def test_who_fills_it_in_from_a_post_is_a_lead_of_that_post_with_his_consent(
        self, address, client, actor
    ):
        out = make_publication(make_community(client, "vk"), published_at=timezone.now())
        door = Browser(
            enforce_csrf_checks=True, headers={"origin": "https://a.example", "accept-language": "en"}
        )
        page = door.get(f"{address}?utm_source=VK&utm_medium=social&utm_content=post_{out.post_id}")
        once = re.search(r'name="once" value="(\w+)"', text_of(page))[1]
        sent = {"contact": "a@b.ru", "name": "Анна", "text": "3 кг", "consent": "on", "once": once,
                "utm_source": "VK", "utm_medium": "social", "utm_content": f"post_{out.post_id}"}  # fmt: skip
        for _again in range(2):  # pressed twice
            answer = door.post(address, sent)
            assert answer.status_code == 302
        assert "It has come" in text_of(door.get(answer["Location"]))
        lead = Lead.objects.get()
        assert (lead.publication, lead.source, lead.paid) == (out, "form", False)
        assert (lead.consent_given, lead.consent_words[:8]) == (True, "Согласен")
        assert opened(lead).text == "3 кг"
        assert Notice.objects.get().user == actor.user

    def test_without_consent_nothing_is_kept_and_nothing_typed_is_lost(self, address):
        answer = Browser().post(address, {"contact": "a@b.ru", "text": "три килограмма"})
        assert answer.status_code == 422
        assert "три килограмма" in text_of(answer)
        assert not Lead.objects.exists()

    def test_a_robot_is_thanked_and_not_taken(self, address):
        answer = Browser().post(address, {"contact": "a@b.ru", "consent": "on", "website": "http://spam"})
        assert answer.status_code == 302
        assert not Lead.objects.exists()
        assert Door.objects.get().refused == 1

    def test_a_closed_door_and_a_webhook_are_no_form(self, client, browser):
        door, secret = make_door(client, kind="form")
        browser.post(reverse("lead_door_close", args=[client.pk, door.pk]))
        assert Browser().get(reverse("lead_form", args=[secret])).status_code == 404
        assert Browser().get(reverse("lead_form", args=[make_door(client)[1]])).status_code == 404

    def test_who_knocks_too_often_is_told_to_wait(self, address):
        answers = [Browser().post(address, {"contact": ""}).status_code for _ in range(62)]
        assert answers[-1] == 429
        assert answers[0] == 422


class TestHook:
    @pytest.fixture
    def door(self, client):
        return make_door(client)

    def send(self, door, body, kind="application/json"):
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return Browser().post(reverse("lead_hook", args=[door[1]]), data, content_type=kind)

    def test_tilda_by_form_fields_and_again_by_its_own_id(self, door):
        fields = "Name=Anna&Phone=%2B79161234567&tranid=1%3A2&utm_source=VK&Colour=yellow"
        first = self.send(door, fields, "application/x-www-form-urlencoded")
        assert (first.status_code, first.json()["kept_aside"]) == (201, ["Colour"])
        again = self.send(door, fields, "application/x-www-form-urlencoded")
        assert (again.status_code, again.json()["again"]) == (200, True)
        assert Lead.objects.count() == 1
        assert self.send(door, "test=test", "application/x-www-form-urlencoded").json() == {"taken": False}

    def test_vk_asks_whether_the_address_is_ours_and_hears_ok(self, client, actor):
        door = make_door(client)
        Door.objects.update(confirm="a1b2c3")
        assert self.send(door, {"type": "confirmation", "group_id": 1}).content == b"a1b2c3"
        lead = {"type": "lead_forms_new", "object": {"lead_id": 7, "answers": [
            {"key": "phone_number", "question": "Phone", "answer": "+79161234567"}]}}  # fmt: skip
        assert self.send(door, lead).content == b"ok"
        assert opened(Lead.objects.get()).contact == "+79161234567"

    @pytest.mark.parametrize(
        ("body", "kind", "status"),
        [
            ("{", "application/json", 415),
            ("[" * 5000, "application/json", 415),
            ("\xff\xfe", "application/json", 415),
            ("{}", "application/json", 422),
            ("null", "application/json", 422),
            ('{"name": "\\u0000"}', "application/json", 422),
            (
                '{"name": "\\ud800", "utm_source": "\\ud800\\u0000x", "id": "\\ud800"}',
                "application/json",
                201,
            ),
            (json.dumps({"name": "x" * 70000}), "application/json", 413),
            ("", "application/x-www-form-urlencoded", 415),
        ],
    )
    def test_bad_bodies_are_answered_in_words(self, door, body, kind, status):
        answer = self.send(door, body.encode("latin-1") if body[:1] == "\xff" else body, kind)
        assert answer.status_code == status
        assert answer.json()

    def test_an_unknown_address_opens_nothing(self, client):
        assert self.send((None, "x" * 40), {"name": "Anna"}).status_code == 404
        form = make_door(client, kind="form")
        assert self.send(form, {"name": "Anna"}).status_code == 404


class TestPages:
    def test_the_list_shows_persons_to_who_works_and_masks_them_for_the_client(
        self, browser, customer, client
    ):
        make_lead(client, name="Anna Petrova", contact="+7 916 123-45-67")
        address = reverse("client_leads", args=[client.pk])
        assert "+7 916 123-45-67" in text_of(browser.get(address))
        shown = text_of(customer.get(address))
        assert "916" not in shown
        assert "Petrova" not in shown
        assert "Anna P." in shown
        FunnelTerms.objects.create(client=client, names_shown=True)
        assert "Petrova" in text_of(customer.get(address))

    def test_own_words_that_lead_to_a_person_are_masked_with_him(self, browser, customer, client):
        words, term = "from Anna Petrova, my neighbour", "petrova-79001234567"
        marks = {"campaign": "harvest", "term": term}
        row = make_lead(client, how_heard=words, utm_raw=marks)
        pages = [reverse("client_leads", args=(client.pk,)), reverse("lead", args=(client.pk, row.pk))]
        told = [one.get(page).content.decode() for one in (browser, customer) for page in pages]
        assert [words in page for page in told] == [True, True, False, False]
        assert [term in page for page in told] == [False, True, False, False]
        assert "campaign=harvest" in told[3]
        FunnelTerms.objects.create(client=client, names_shown=True)
        assert all(words in customer.get(page).content.decode() for page in pages)

    def test_the_list_takes_as_many_queries_for_fifty_as_for_one(
        self, browser, client, django_assert_max_num_queries
    ):
        community = make_community(client, "vk")
        for n in range(50):
            make_lead(
                client,
                name=f"Buyer {n}",
                publication=make_publication(community, published_at=timezone.now()),
            )
        with django_assert_max_num_queries(30):
            assert browser.get(reverse("client_leads", args=[client.pk])).status_code == 200

    def test_the_client_says_yes_from_his_list(self, customer, browser, client):
        lead = make_lead(client)
        answer = customer.post(
            reverse("lead_says", args=[client.pk, lead.pk]), {"what": "really_bought", "back": "list"}
        )
        assert answer["Location"] == reverse("client_leads", args=[client.pk])
        lead.refresh_from_db()
        assert (lead.client_says, lead.client_said_by) == ("really_bought", "Marat")
        assert "has confirmed 1" in text_of(browser.get(reverse("client_funnel", args=[client.pk])))

    def test_a_lead_typed_in_stands_in_the_list_and_in_the_goal(self, browser, client):
        goal = make_goal(client, counting=Counting.LEADS, starts_on=timezone.localdate().replace(day=1))
        typed = {"name": "Анна", "contact": "a@b.ru", "came_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
                 "by": "message", "status": "contacted", "amount": "3 400,50"}  # fmt: skip
        answer = browser.post(reverse("lead_new", args=[client.pk]), typed)
        assert answer.status_code == 302, text_of(answer)
        page = text_of(browser.get(answer["Location"]))
        assert "Анна" in page
        assert standing(goal).progress.fact == 1
        assert "Анна" in text_of(browser.get(reverse("goal_rows", args=[client.pk, goal.pk])))

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, browser, client):
        answer = browser.post(
            reverse("lead_new", args=[client.pk]),
            {"how_heard": "от соседа", "came_at": "когда-то", "by": "hand", "status": "refused"},
        )
        assert answer.status_code == 422
        assert "от соседа" in text_of(answer)
        assert not Lead.objects.exists()

    def test_statuses_are_pressed_and_a_race_is_told(self, browser, client):
        lead = make_lead(client)
        address = reverse("lead_move", args=[client.pk, lead.pk])
        assert browser.post(address, {"to": "contacted", "was": "new"}).status_code == 302
        assert browser.post(address, {"to": "sold", "was": "new"}).status_code == 409
        assert browser.post(address, {"to": "refused", "was": "contacted"}).status_code == 422
        answer = browser.post(address, {"to": "new", "was": "contacted", "words": ""})
        assert answer.status_code == 422
        lead.refresh_from_db()
        assert lead.status == "contacted"

    def test_a_sum_is_kept_and_a_wrong_link_is_said(self, browser, client):
        lead = make_lead(client)
        address = reverse("lead_change", args=[client.pk, lead.pk])
        assert browser.post(address, {"amount": "3400,50", "margin": "-20"}).status_code == 302
        lead.refresh_from_db()
        assert (str(lead.amount), str(lead.margin)) == ("3400.50", "-20.00")
        answer = browser.post(
            address, {"amount": "3400,50", "margin": "-20", "link": "https://vk.com/wall-1_1"}
        )
        assert answer.status_code == 422

    def test_a_table_is_seen_first_and_kept_on_yes(self, browser, client):
        from django.core.files.uploadedfile import SimpleUploadedFile

        file = SimpleUploadedFile("leads.csv", "Имя;Телефон;Цвет\nАнна;+79161234567;жёлтый\n".encode())
        answer = browser.post(reverse("lead_import", args=[client.pk]), {"file": file})
        assert "New: 1" in text_of(answer)
        assert not Lead.objects.exists()
        text = re.search(
            r"<textarea name=\"text\" hidden>\n(.*?)</textarea>", answer.content.decode(), re.DOTALL
        )[1]
        browser.post(reverse("lead_import_keep", args=[client.pk]), {"text": text})
        assert opened(Lead.objects.get()).more == {"Цвет": "жёлтый"}

    def test_a_link_is_marked_with_its_post_and_community(self, browser, client):
        out = make_publication(make_community(client, "telegram"), published_at=timezone.now())
        content = f"post_{out.post_id}_{out.community_id}"
        asked = {"url": "https://honey.example/", "post": content, "medium": "social", "campaign": "leads"}
        address = reverse("lead_links", args=[client.pk])
        made = "utm_source=telegram&amp;utm_medium=social&amp;utm_campaign=leads&amp;utm_content="
        assert f"{made}{content}" in text_of(browser.get(address, asked))
        assert browser.get(address, {**asked, "url": "https://a.ru/?utm_source=vk"}).status_code == 422
        assert browser.get(address, {**asked, "campaign": "Осень"}).status_code == 422
        assert browser.get(address, {**asked, "post": "post_1_1"}).status_code == 422

    def test_a_door_is_made_and_a_webhooks_secret_is_shown_this_once(self, browser, client):
        address = reverse("lead_doors", args=[client.pk])
        answer = browser.post(address, {"kind": "webhook", "name": "Tilda"})
        secret = re.search(r"/hook/([\w-]{20,})/", text_of(answer))[1]
        assert secret not in text_of(browser.get(address))
        assert browser.post(address, {"kind": "form", "name": "Site", "consent": ""}).status_code == 422

    def test_owners_of_steps_are_changed_by_those_who_agree_on_goals(self, browser, customer, client):
        address = reverse("client_funnel", args=[client.pk])
        owners = {f"owner_{step}": "site" for step in ("reach", "clicks", "leads", "qualified", "sold")}
        assert browser.post(address, {"answer_hours": "4", "double_days": "14", **owners}).status_code == 302
        terms = FunnelTerms.objects.get()
        assert (terms.answer_hours, terms.double_days, terms.owners["sold"]) == (4, 14, "site")
        assert customer.post(address, {"answer_hours": "1", "double_days": "1", **owners}).status_code == 403
        assert customer.get(address).status_code == 200

    def test_erased_is_erased_from_the_page(self, browser, client):
        lead = make_lead(client, name="Anna Petrova", contact="a@b.ru")
        browser.post(reverse("lead_erase", args=[client.pk, lead.pk]))
        assert "Petrova" not in text_of(browser.get(reverse("lead", args=[client.pk, lead.pk])))

    def test_a_lead_of_another_client_is_not_under_this_one(self, browser, client, actor):
        other = make_lead(make_client(actor.workspace))
        assert browser.get(reverse("lead", args=[client.pk, other.pk])).status_code == 404
        answer = browser.post(reverse("lead_move", args=[client.pk, other.pk]), {"to": "contacted"})
        assert answer.status_code == 404


class TestApi:
    @pytest.fixture
    def call(self, actor):
        _row, secret = create_token(actor, name="CRM")
        headers = {"authorization": f"Bearer {secret}"}

        def call(method, path, body=None):
            return Browser().generic(
                method, path, json.dumps(body or {}), content_type="application/json", headers=headers
            )

        return call

    def test_a_lead_comes_once_by_its_key_and_is_listed(self, call, client):
        body = {"client_id": client.pk, "contact": "a@b.ru", "key": "crm-1", "utm_source": "tg"}
        first, again = call("POST", "/api/v1/leads", body), call("POST", "/api/v1/leads", body)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert first.json()["utm_source"] == "telegram"
        listed = call("GET", f"/api/v1/leads?client_id={client.pk}&counts=true").json()["items"]
        assert [one["contact"] for one in listed] == ["a@b.ru"]
        assert call("POST", "/api/v1/leads", {"client_id": client.pk}).status_code == 422
        assert call("POST", "/api/v1/leads", {**body, "client_id": 10**9}).status_code == 404

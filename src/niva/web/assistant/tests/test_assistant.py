"""The assistant from its settings to a text that a person accepted, against a real server on loopback."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client as Browser
from django.urls import reverse

from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Role
from niva.domains.communities.factories import connect, make_community
from niva.domains.editorial.assisting import Assistant, Proposal
from niva.domains.people.models import AuditEvent, WorkspaceRole
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Post
from niva.domains.publishing.services import drafts

pytestmark = pytest.mark.django_db
KEY = "sk-test-0123456789abcdefghij"


class Stand:
    """`status`, `body`, `headers` answer the next calls; `seen`: what came."""

    def __init__(self):
        self.seen = []
        self.status, self.headers = 200, {}
        self.body = {"model": "tiny-1", "choices": [{"message": {"content": "Пахнет ольхой."}}]}
        stand = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                stand.seen.append((self.path, self.headers.get("Authorization"), json.loads(raw)))
                body = stand.body if isinstance(stand.body, bytes) else json.dumps(stand.body).encode()
                self.send_response(stand.status)
                for name, value in stand.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def host(self):
        return f"127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture(scope="module")
def server():
    stand = Stand()
    yield stand
    stand.server.shutdown()
    stand.server.server_close()


@pytest.fixture
def stand(server, monkeypatch):
    monkeypatch.setenv("NIVA_INNER_HOSTS", server.host)
    server.seen.clear()
    server.status, server.headers = 200, {}
    server.body = {"model": "tiny-1", "choices": [{"message": {"content": "Пахнет ольхой."}}]}
    return server


class Desk:
    def __init__(self):
        self.workspace = make_workspace()
        self.owner = make_person(self.workspace, name="Анна", language="en")
        self.client = make_client(self.workspace)
        self.people = {"owner": self.owner}
        for name, role in (("author", Role.AUTHOR), ("klava", Role.CLIENT)):
            person = make_person(self.workspace, WorkspaceRole.MEMBER, name=name, language="en")
            give_role(self.client, person, role)
            self.people[name] = person
        self.people["manager"] = make_person(
            self.workspace, WorkspaceRole.MANAGER, name="manager", language="en"
        )
        other = make_workspace("Чужие")
        self.people["zoya"] = make_person(other, name="Зоя", language="en")
        self.post = make_post(connect(make_community(self.client)), text="Коптим восемь часов.")

    def browser(self, name):
        browser = Browser(raise_request_exception=False)
        browser.force_login(self.people[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        return browser

    def ask(self, words="Предложи первую строку.\n\nКоптим восемь часов.", who="author"):
        return self.browser(who).post(
            reverse("assist", args=[self.post.pk]), {"wish": "hooks", "asked": words}
        )

    def decide(self, decision, row, who="author", **data):
        path = reverse("proposal_decide", args=[row.pk, decision])
        return self.browser(who).post(path, data)


@pytest.fixture
def desk(db):
    return Desk()


def setup(desk, stand, **more):
    data = {"is_on": "on", "base": f"http://{stand.host}/v1", "model": "tiny", "key": KEY, **more}
    return desk.browser("owner").post(reverse("assistant"), data)


def text(answer):
    return answer.content.decode()


def test_it_is_off_until_the_owner_switches_it_on(desk, stand):
    answer = desk.ask()
    assert answer.status_code == 422 and "The assistant is off" in text(answer)
    assert stand.seen == []
    assert setup(desk, stand).status_code == 302
    assert desk.ask().status_code == 302
    assert len(stand.seen) == 1


def test_the_key_is_sealed_and_never_shown(desk, stand):
    setup(desk, stand)
    row = Assistant.objects.get()
    assert KEY.encode() not in bytes(row.sealed)
    assert KEY not in text(desk.browser("owner").get(reverse("assistant")))
    assert KEY not in str(list(AuditEvent.objects.values()))
    setup(desk, stand, key="", model="tiny-2")
    desk.ask()
    assert stand.seen[-1][1] == f"Bearer {KEY}", "an empty box keeps the key"


def test_another_address_does_not_get_the_key(desk, stand):
    setup(desk, stand)
    setup(desk, stand, key="", base=f"http://{stand.host}/elsewhere/v1")
    desk.ask()
    assert stand.seen[-1][:2] == ("/elsewhere/v1/chat/completions", None)


@pytest.mark.parametrize("who", ["manager", "author", "klava", "zoya"])
def test_only_the_owner_sets_it_up(desk, stand, who):
    browser = desk.browser(who)
    if who == "zoya":  # she owns another workspace, and sees her own settings alone
        setup(desk, stand)
        assert stand.host not in text(browser.get(reverse("assistant")))
        return
    assert browser.get(reverse("assistant")).status_code == 403
    assert browser.post(reverse("assistant"), {"base": "https://example.org/v1"}).status_code == 403
    assert browser.post(reverse("assistant_try")).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"base": "http://127.0.0.1:9/v1"}, "base"),
        ({"base": "http://localhost/v1"}, "base"),
        ({"base": "http://169.254.169.254/latest"}, "base"),
        ({"base": "file:///etc/passwd"}, "base"),
        ({"base": ""}, "base"),
        ({"model": ""}, "model"),
        ({"key": "ключ"}, "key"),
    ],
)
def test_wrong_settings_are_told_at_their_field(desk, stand, wrong, field):
    answer = setup(desk, stand, **wrong)
    assert answer.status_code == 422 and answer.context["form"].errors[field]
    assert not Assistant.objects.exists() and stand.seen == []


def test_the_try_button_says_what_came_back(desk, stand):
    setup(desk, stand)
    answer = desk.browser("owner").post(reverse("assistant_try"))
    assert answer.status_code == 200 and "Model: tiny-1" in text(answer) and "Пахнет ольхой." in text(answer)
    assert "Коптим" not in json.dumps(stand.seen, ensure_ascii=False), "no text of a client is sent"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 401, "body": {"error": {"message": f"bad key {KEY}"}}}, "does not accept the key"),
        ({"status": 404}, "does not know this address or this model"),
        ({"status": 429}, "takes no more for now"),
        ({"status": 500}, "out of order"),
        ({"body": b"<html>"}, "not what such a service sends"),
        ({"body": b"x" * 2_000_000}, "far too long"),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}}, "another address"),
        ({"body": {"choices": [{"message": {"content": ""}}]}}, "answered with nothing"),
    ],
)
def test_what_goes_wrong_is_said_and_what_was_typed_stays(desk, stand, answer, words):
    setup(desk, stand)
    for name, value in answer.items():
        setattr(stand, name, value)
    page = desk.ask("Мой вопрос")
    assert page.status_code == 422
    assert words in text(page) and "Мой вопрос" in text(page) and KEY not in text(page)
    assert not Proposal.objects.exists() and len(stand.seen) == 1


def test_exactly_what_is_shown_is_sent_and_only_by_a_click(desk, stand):
    setup(desk, stand)
    page = desk.browser("author").get(reverse("assist", args=[desk.post.pk]), {"wish": "shorter"})
    shown = page.context["form"]["asked"].value()
    assert "Коптим восемь часов." in shown and stand.seen == []
    desk.ask(shown)
    sent = stand.seen[0][2]
    assert sent == {"model": "tiny", "messages": [{"role": "user", "content": shown}], "stream": False}
    row = Proposal.objects.get()
    assert (row.asked, row.text, row.model, row.verdict) == (shown, "Пахнет ольхой.", "tiny-1", "waiting")
    assert desk.post.text == Post.objects.get(pk=desk.post.pk).text, "the post is not touched"


def test_words_of_a_machine_carry_the_mark_until_a_person_accepts_them(desk, stand):
    setup(desk, stand)
    desk.ask()
    row = Proposal.objects.get()
    mark = "nobody has accepted it"
    edit = reverse("post_edit", args=[desk.post.pk])
    assert mark not in text(desk.browser("author").get(edit))
    answer = desk.decide("put", row, text="Пахнет ольхой.", where="start", version=desk.post.version)
    assert answer["Location"] == edit
    desk.post.refresh_from_db()
    assert desk.post.text == "Пахнет ольхой.\n\nКоптим восемь часов."
    for name in ("post_edit", "post_show"):
        assert mark in text(desk.browser("author").get(reverse(name, args=[desk.post.pk])))
    assert mark not in text(desk.browser("klava").get(reverse("post_show", args=[desk.post.pk])))
    desk.decide("accept", row)
    row.refresh_from_db()
    assert (row.verdict, row.decided_by) == ("accepted", desk.people["author"])
    assert mark not in text(desk.browser("author").get(edit))
    assert desk.decide("reject", row).status_code == 409


def test_a_post_that_moved_on_is_not_written_over(desk, stand):
    setup(desk, stand)
    desk.ask()
    row = Proposal.objects.get()
    Post.objects.filter(pk=desk.post.pk).update(text="Другой человек", version=desk.post.version + 1)
    answer = desk.decide("put", row, text="Моя выборка", where="instead", version=desk.post.version)
    assert answer.status_code == 409 and "Моя выборка" in text(answer)
    assert Post.objects.get(pk=desk.post.pk).text == "Другой человек"


@pytest.mark.parametrize(("who", "code"), [("klava", 403), ("zoya", 404)])
def test_who_may_not(desk, stand, who, code):
    setup(desk, stand)
    desk.ask()
    row = Proposal.objects.get()
    stand.seen.clear()
    assert desk.browser(who).get(reverse("assist", args=[desk.post.pk])).status_code == code
    assert desk.ask(who=who).status_code == code
    for decision in ("put", "accept", "reject"):
        data = {"text": "x", "where": "end", "version": desk.post.version}
        assert desk.decide(decision, row, who=who, **data).status_code == code
    assert stand.seen == []


def test_rejected_words_do_not_stay_in_the_post_without_a_mark(desk, stand):
    setup(desk, stand)
    desk.ask()
    row = Proposal.objects.get()
    desk.decide("put", row, text=row.text, where="end", version=desk.post.version)
    answer = desk.decide("reject", row)
    assert answer.status_code == 409 and "still stand in the post" in text(answer)
    Post.objects.filter(pk=desk.post.pk).update(text="Коптим восемь часов.")
    assert desk.decide("reject", row).status_code == 302


def test_the_mark_goes_along_with_a_copy_and_with_words_broken_otherwise(desk, stand):
    setup(desk, stand)
    desk.ask()
    row = Proposal.objects.get()
    Proposal.objects.update(text="Дым ольхи ложится тонко и держится весь долгий вечер.\nДа, так")
    row.refresh_from_db()
    desk.decide("put", row, text=row.text, where="end", version=desk.post.version)
    copy = drafts.copy(make_actor(desk.post.workspace, language="en"), post_id=desk.post.pk)
    mark = "nobody has accepted it"
    assert mark in text(desk.browser("author").get(reverse("post_edit", args=[copy.pk])))
    page = text(desk.browser("author").get(reverse("assist", args=[copy.pk])))
    assert "Дым ольхи ложится тонко" in page
    for left in (
        "Да, так",
        "Дым ольхи\nложится тонко и держится весь день.",
        "ДЫМ ОЛЬХИ ЛОЖИТСЯ ТОНКО И ДЕРЖИТСЯ",
    ):
        Post.objects.filter(pk=desk.post.pk).update(text=left)
        assert desk.decide("reject", row).status_code == 409, left
    Post.objects.filter(pk=desk.post.pk).update(text="Коптим восемь часов.")
    assert desk.decide("reject", row).status_code == 409, "they stand in the copy"
    Post.objects.filter(pk=copy.pk).update(text="Коптим восемь часов.")
    assert desk.decide("reject", row).status_code == 302
    assert mark not in text(desk.browser("author").get(reverse("post_edit", args=[copy.pk])))

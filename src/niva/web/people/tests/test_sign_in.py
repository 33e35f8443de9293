"""Signing in: passwords, codes from an application, passkeys, new passwords; and how often one may try."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client as Browser

from niva.domains.people.models import AuditEvent, User
from niva.web.people.tests.conftest import PASSWORD, SignIn
from niva.web.people.tests.software_key import SoftwareKey

OTHER = "сено в стогу 88"


def sign_in(browser: Browser, password: str = PASSWORD, **extra: str):
    fields = {"login": "anya@mezha.example", "password": password, "next": "/profile/", **extra}
    return browser.post("/account/login/", fields)


def code_for(secret: str) -> str:
    """What the person's application shows now."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def options_in(page) -> dict:
    found = re.search(r'<script id="js_data" type="application/json">(.*?)</script>', page.content.decode())
    assert found
    return json.loads(unescape(found[1]))


@pytest.fixture
def signed(owner: User, stranger: Browser) -> Browser:
    """Signed in by password, so that the desk need not ask again before a change of security."""
    assert sign_in(stranger)["Location"] == "/profile/"
    stranger.post("/account/reauthenticate/", {"password": PASSWORD})
    return stranger


def test_signing_in_and_out(owner: User, stranger: Browser) -> None:
    before = stranger.session.session_key
    assert sign_in(stranger, "wrong password").status_code == 200
    page = sign_in(stranger)
    assert (page.status_code, page["Location"]) == (302, "/profile/")
    assert stranger.session.session_key != before
    assert AuditEvent.objects.filter(verb="person.signed_in", user=owner).count() == 1
    assert stranger.get("/account/logout/").status_code == 200
    assert stranger.get("/profile/").status_code == 200
    assert stranger.post("/account/logout/").status_code == 302
    assert stranger.get("/profile/").status_code == 302


def test_a_wrong_password_tells_nothing_about_who_is_here(owner: User, stranger: Browser) -> None:
    known = sign_in(stranger, "wrong password")
    unknown = sign_in(stranger, "wrong password", login="nobody@mezha.example")
    sentence = "The e-mail or the password does not fit"
    assert sentence in known.content.decode()
    assert sentence in unknown.content.decode()
    assert "wrong password" not in known.content.decode()


def test_guessing_is_slowed_down_in_words(owner: User, stranger: Browser) -> None:
    for _number in range(5):
        sign_in(stranger, "guess")
    assert "Wait five minutes" in sign_in(stranger).content.decode()
    for _number in range(30):
        page = sign_in(stranger, "guess", login="x@y.example")
    assert page.status_code == 429
    assert "Too many tries" in page.content.decode()
    assert "_auth_user_id" not in stranger.session


def test_one_who_was_closed_does_not_get_in(owner: User, stranger: Browser) -> None:
    User.objects.update(is_active=False)
    sign_in(stranger)
    assert stranger.get("/profile/").status_code == 302


def test_changing_the_password(owner: User, signed: Browser, browser_of: SignIn) -> None:
    elsewhere = browser_of(owner)
    form = {"oldpassword": "wrong", "password1": OTHER, "password2": OTHER}
    assert "not your present password" in signed.post("/account/password/change/", form).content.decode()
    form["oldpassword"] = PASSWORD
    assert signed.post("/account/password/change/", {**form, "password2": "x"}).status_code == 200
    assert signed.post("/account/password/change/", form)["Location"] == "/profile/"
    assert "The password is new" in signed.get("/profile/").content.decode()
    assert elsewhere.get("/profile/").status_code == 302
    assert AuditEvent.objects.filter(verb="person.password_changed").count() == 1


def test_codes_from_an_application(owner: User, signed: Browser, django_capture_on_commit_callbacks) -> None:
    page = signed.get("/account/2fa/totp/activate/")
    secret = re.search(r'<code translate="no">([A-Z2-7]+)</code>', page.content.decode())
    assert secret
    wrong = signed.post("/account/2fa/totp/activate/", {"code": "000000"})
    assert "The code does not fit" in wrong.content.decode()
    assert not Authenticator.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):  # allauth reports after the commit
        page = signed.post("/account/2fa/totp/activate/", {"code": code_for(secret[1])})
    assert page.status_code == 302
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret[1] not in kept
    codes = re.search(
        r'<pre class="codes"[^>]*>(.*?)</pre>', signed.get(page["Location"]).content.decode(), re.S
    )
    assert codes
    one_time = codes[1].split()
    assert len(one_time) == 10

    later = Browser(headers={"accept-language": "en"})
    assert sign_in(later)["Location"].startswith("/account/2fa/authenticate/")
    assert later.get("/profile/").status_code == 302
    refused = later.post("/account/2fa/authenticate/", {"code": "123456"})
    assert "The code does not fit" in refused.content.decode()
    assert later.post("/account/2fa/authenticate/", {"code": one_time[0]})["Location"] == "/profile/"

    again = Browser(headers={"accept-language": "en"})
    sign_in(again)
    again.post("/account/2fa/authenticate/", {"code": one_time[0]})
    assert "_auth_user_id" not in again.session, "a recovery code works once"

    assert signed.post("/account/2fa/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.exists()
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"person.second_step_added", "person.second_step_removed"} <= verbs


def test_security_asks_who_it_is_first(owner: User, browser_of: SignIn) -> None:
    page = browser_of(owner).get("/account/2fa/totp/activate/")
    assert page["Location"].startswith("/account/reauthenticate/?next=")


def test_a_passkey_is_added_and_signs_in_alone(owner: User, signed: Browser) -> None:
    key = SoftwareKey("testserver")
    options = options_in(signed.get("/account/2fa/webauthn/add/"))["creation_options"]
    assert options["publicKey"]["rp"] == {"id": "testserver", "name": "Niva"}
    handle = options["publicKey"]["user"]["id"]
    form = {"name": "Телефон <b>", "passwordless": "on", "credential": json.dumps(key.create(options))}
    assert signed.post("/account/2fa/webauthn/add/", form).status_code == 302
    listed = signed.get("/account/2fa/webauthn/").content.decode()
    assert "Телефон &lt;b&gt;" in listed

    later = Browser(headers={"accept-language": "en"})
    asked = later.get("/account/2fa/webauthn/login/", headers={"accept": "application/json"}).json()
    stranger = SoftwareKey("testserver")
    stranger.id = key.id
    forged = json.dumps(stranger.get(asked["request_options"], handle))
    later.post("/account/2fa/webauthn/login/", {"credential": forged})
    assert "_auth_user_id" not in later.session

    asked = later.get("/account/2fa/webauthn/login/", headers={"accept": "application/json"}).json()
    answer = json.dumps(key.get(asked["request_options"], handle))
    assert later.post("/account/2fa/webauthn/login/", {"credential": answer}).status_code == 302
    assert later.get("/profile/").status_code == 200

    pk = Authenticator.objects.get(type="webauthn").pk
    assert signed.post(f"/account/2fa/webauthn/keys/{pk}/edit/", {"name": "Новый"}).status_code == 302
    assert signed.get(f"/account/2fa/webauthn/keys/{pk}/remove/").status_code == 200
    assert signed.post(f"/account/2fa/webauthn/keys/{pk}/remove/").status_code == 302
    assert not Authenticator.objects.exists()


def test_keys_of_others_are_not_there(owner: User, signed: Browser, foreign, browser_of: SignIn) -> None:
    key = SoftwareKey("testserver")
    options = options_in(signed.get("/account/2fa/webauthn/add/"))["creation_options"]
    signed.post("/account/2fa/webauthn/add/", {"credential": json.dumps(key.create(options))})
    pk = Authenticator.objects.get(type="webauthn").pk
    gleb = browser_of(User.objects.get(email="gleb@other.example"))
    for verb in ("edit", "remove"):
        for method in ("get", "post"):
            page = getattr(gleb, method)(f"/account/2fa/webauthn/keys/{pk}/{verb}/", {"name": "x"})
            assert page.status_code == 404
    assert Authenticator.objects.filter(pk=pk).exists()


def test_pages_with_passkeys_load_only_scripts_that_the_policy_allows(owner: User, signed: Browser) -> None:
    for browser, path in ((Browser(), "/account/login/"), (signed, "/account/2fa/webauthn/add/")):
        page = browser.get(path)
        policy = page["Content-Security-Policy"]
        assert "unsafe" not in policy
        text = page.content.decode()
        assert not re.search(r"\son\w+=", text)
        assert "style=" not in text
        for script in re.findall(r"<script([^>]*)>", text):
            assert 'src="/static/' in script or 'type="application/json"' in script


def test_a_new_password_by_mail(owner: User, stranger: Browser, settings) -> None:
    settings.MAIL_WORKS = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    unknown = stranger.post("/account/password/reset/", {"email": "nobody@mezha.example"})
    known = stranger.post("/account/password/reset/", {"email": owner.email})
    assert known["Location"] == unknown["Location"]
    [letter] = mail.outbox
    link = re.search(r"http://testserver(/account/password/reset/key/\S+)", letter.body)
    assert link
    form = stranger.get(link[1])
    page = stranger.post(form["Location"], {"password1": OTHER, "password2": OTHER})
    assert page.status_code == 302
    assert sign_in(stranger, OTHER)["Location"] == "/profile/"
    spent = Browser(headers={"accept-language": "en"}).get(link[1])
    assert "no longer works" in spent.content.decode()


def test_without_mail_the_page_says_what_to_do(owner: User, stranger: Browser) -> None:
    for page in (
        stranger.get("/account/password/reset/"),
        stranger.post("/account/password/reset/", {"email": owner.email}),
    ):
        assert page.status_code == 200
        assert "niva password" in page.content.decode()
    assert mail.outbox == []

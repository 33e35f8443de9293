"""A passkey in a real Chromium: allauth's scripts run under our Content-Security-Policy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from niva.domains.people.models import User
from niva.web.people.tests.conftest import PASSWORD

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator:
    """A page of a fresh browser that has a platform authenticator."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine: install Debian's chromium to run the browser tests")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; what Django does here meanwhile is only cleaning up.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = browser.new_context(locale="en")
        opened = context.new_page()
        devtools = context.new_cdp_session(opened)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        yield opened
        browser.close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_made_and_signs_in(owner: User, live_server, page) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    site = live_server.url.replace("127.0.0.1", "localhost")
    page.goto(f"{site}/account/login/?next=/account/2fa/webauthn/add/")
    page.fill("#id_login", owner.email)
    page.fill("#id_password", PASSWORD)
    page.click("button.go")
    page.fill("#id_password", PASSWORD)  # once more, because the way of signing in changes
    page.click("button.go")
    page.check("#id_passwordless")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(f"{site}/account/2fa/recovery-codes/")
    page.goto(f"{site}/account/logout/")
    page.click("button.go")
    page.goto(f"{site}/account/login/?next=/profile/")
    page.click("#passkey_login")
    page.wait_for_url(f"{site}/profile/")
    assert page.locator("h1").inner_text() == "Profile and security"
    assert complaints == []

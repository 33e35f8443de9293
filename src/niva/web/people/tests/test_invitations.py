"""Invitations: only the link lets in, once, for seven days, and only the one who was meant."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.test import Client as Browser
from django.utils import timezone

from niva.domains.clients.factories import give_role, make_client, make_person
from niva.domains.clients.models import Client, ClientRole
from niva.domains.people.models import Invitation, Membership, User, Workspace
from niva.domains.people.secrets import fingerprint
from niva.web.people.tests.conftest import PASSWORD, SignIn

NEW = {"name": "Пётр Озёрный", "password": PASSWORD, "time_zone": "Europe/Moscow"}


def invite(browser: Browser, email: str = "petr@mezha.example", **fields: object) -> str:
    """The path of the link that the page shows."""
    page = browser.post("/people/invite/", {"email": email, "role": "manager", **fields})
    assert page.status_code == 200, page.content.decode()
    found = re.search(r"http://testserver(/invitations/[^/]+/)", page.content.decode())
    assert found
    return found[1]


def test_a_new_person_comes_in_with_the_promised_roles(
    owner: User, client_farm: Client, browser_of: SignIn, stranger: Browser
) -> None:
    link = invite(browser_of(owner), role="member", **{f"client_{client_farm.pk}": "editor"})
    row = Invitation.objects.get()
    secret = link.split("/")[2]
    assert row.token_hash == fingerprint(secret)
    assert secret not in str(row.__dict__)
    shown = stranger.get(link).content.decode()
    assert "Межа" in shown
    assert "Сытый хутор" in shown
    assert stranger.post(link, NEW).status_code == 302
    person = User.objects.get(email="petr@mezha.example")
    membership = Membership.objects.get(user=person)
    assert membership.role == "member"
    assert ClientRole.objects.get(membership=membership).role == "editor"
    assert stranger.get("/people/").status_code == 200


def test_the_link_works_once(owner: User, browser_of: SignIn, stranger: Browser) -> None:
    link = invite(browser_of(owner))
    stranger.post(link, NEW)
    again = Browser(headers={"accept-language": "en"}).post(link, NEW)
    assert again.status_code == 410
    assert "accepted already" in again.content.decode()
    assert Membership.objects.count() == 2


@pytest.mark.parametrize("method", ["get", "post"])
def test_expired_revoked_and_tampered_links_let_nobody_in(
    owner: User, browser_of: SignIn, stranger: Browser, method: str
) -> None:
    browser = browser_of(owner)
    expired = invite(browser, "a@mezha.example")
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    page = getattr(stranger, method)(expired, NEW)
    assert (page.status_code, "seven days have passed" in page.content.decode()) == (410, True)

    revoked = invite(browser, "b@mezha.example")
    browser.post(f"/people/invitations/{Invitation.objects.latest('pk').pk}/revoke/")
    page = getattr(stranger, method)(revoked, NEW)
    assert (page.status_code, "taken back" in page.content.decode()) == (410, True)

    good = invite(browser, "c@mezha.example")
    tampered = good[:-2] + ("A" if good[-2] != "A" else "B") + "/"
    assert getattr(stranger, method)(tampered, NEW).status_code == 404
    assert User.objects.count() == 1


def test_a_new_link_ends_the_old_one(owner: User, browser_of: SignIn, stranger: Browser) -> None:
    browser = browser_of(owner)
    old = invite(browser)
    page = browser.post(f"/people/invitations/{Invitation.objects.get().pk}/renew/")
    new = re.search(r"http://testserver(/invitations/[^/]+/)", page.content.decode())
    assert new
    assert stranger.get(old).status_code == 410
    assert stranger.get(new[1]).status_code == 200


def test_someone_else_cannot_accept(owner: User, foreign: Workspace, browser_of: SignIn) -> None:
    link = invite(browser_of(owner))
    gleb = browser_of(User.objects.get(email="gleb@other.example"))
    assert gleb.post(link).status_code == 403
    assert "another e-mail" in gleb.get(link).content.decode()
    assert "petr@mezha.example" not in gleb.get(link).content.decode()
    assert not Membership.objects.filter(
        user__email="gleb@other.example", workspace=owner_space(owner)
    ).exists()


def owner_space(owner: User) -> Workspace:
    return Membership.objects.get(user=owner).workspace


def test_one_already_here_signs_in_and_joins(
    owner: User, foreign: Workspace, browser_of: SignIn, stranger: Browser
) -> None:
    link = invite(browser_of(owner), "gleb@other.example")
    page = stranger.get(link)
    assert f'href="/account/login/?next={link}"' in page.content.decode()
    assert stranger.post(link, NEW).status_code == 200
    assert not Membership.objects.filter(user__email="gleb@other.example", role="manager").exists()
    gleb = browser_of(User.objects.get(email="gleb@other.example"))
    assert gleb.post(link).status_code == 302
    assert Membership.objects.filter(user__email="gleb@other.example").count() == 2
    assert "Межа" in gleb.get("/people/").content.decode()


def test_who_may_invite_whom(
    owner: User, workspace: Workspace, client_farm: Client, browser_of: SignIn
) -> None:
    manager = browser_of(make_person(workspace, "manager", language="en"))
    plain = make_person(workspace, "member", language="en")
    give_role(client_farm, plain, "manager")
    member = browser_of(plain)
    for method in ("get", "post"):
        assert getattr(member, method)("/people/invite/", {"email": "x@y.example"}).status_code == 403
    page = manager.post("/people/invite/", {"email": "x@y.example", "role": "owner"})
    assert page.status_code == 422
    assert not Invitation.objects.exists()
    invite(browser_of(owner), "second@mezha.example", role="owner")
    pk = Invitation.objects.get().pk
    assert manager.post(f"/people/invitations/{pk}/renew/").status_code == 403
    assert manager.post(f"/people/invitations/{pk}/revoke/").status_code == 403


def test_no_roles_at_clients_of_others(owner: User, foreign: Workspace, browser_of: SignIn) -> None:
    theirs = make_client(foreign, name="Чужой завод")
    page = browser_of(owner).post(
        "/people/invite/", {"email": "x@y.example", "role": "member", f"client_{theirs.pk}": "editor"}
    )
    assert page.status_code == 422
    assert "Чужой завод" not in page.content.decode()
    assert not Invitation.objects.exists()


def test_other_workspaces_invitations_are_not_there(
    owner: User, foreign: Workspace, browser_of: SignIn
) -> None:
    invite(browser_of(owner))
    pk = Invitation.objects.get().pk
    gleb = browser_of(User.objects.get(email="gleb@other.example"))
    for verb in ("renew", "revoke"):
        assert gleb.post(f"/people/invitations/{pk}/{verb}/").status_code == 404
        assert gleb.get(f"/people/invitations/{pk}/{verb}/").status_code == 405
    assert Invitation.objects.get().revoked_at is None


def test_the_letter_goes_out_when_mail_works(owner: User, browser_of: SignIn, settings) -> None:
    settings.MAIL_WORKS = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    link = invite(browser_of(owner))
    [letter] = mail.outbox
    assert letter.to == ["petr@mezha.example"]
    assert link in letter.body
    assert "Межа" in letter.subject


def test_a_dead_mail_server_does_not_lose_the_link(owner: User, browser_of: SignIn, settings) -> None:
    settings.MAIL_WORKS = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    browser = browser_of(owner)
    page = browser.post("/people/invite/", {"email": "petr@mezha.example", "role": "manager"})
    assert "did not take the letter" in page.content.decode()
    assert "/invitations/" in page.content.decode()


def test_the_invitation_page_is_limited(stranger: Browser) -> None:
    for _number in range(30):
        assert stranger.get("/invitations/nothing/").status_code == 404
    assert stranger.get("/invitations/nothing/").status_code == 429

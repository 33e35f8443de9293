"""The team's borders: who sees whom, who changes what, and the last owner."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client as Browser

from niva.domains.clients import access
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Client, ClientRole, Role
from niva.domains.people.errors import Invalid
from niva.domains.people.models import AuditEvent, Membership, User, Workspace, WorkspaceRole
from niva.flows import team
from niva.web.people.tests.conftest import SignIn


def membership(user: User) -> Membership:
    return Membership.objects.get(user=user)


MEMBER_PAGES = ["/people/", "/people/invite/", "/people/audit/", "/profile/", "/workspaces/new/"]


@pytest.mark.parametrize("path", [*MEMBER_PAGES, "/people/1/"])
def test_strangers_are_sent_to_sign_in_and_come_back(stranger: Browser, db: None, path: str) -> None:
    page = stranger.get(path)
    assert (page.status_code, page["Location"]) == (302, f"/account/login/?next={path}")


@pytest.mark.parametrize("path", ["/people/{pk}/", "/people/{pk}/remove/"])
def test_people_of_other_workspaces_are_not_there(
    owner: User, foreign: Workspace, browser_of: SignIn, path: str
) -> None:
    theirs = Membership.objects.get(workspace=foreign)
    browser = browser_of(owner)
    address = path.format(pk=theirs.pk)
    assert browser.post(address, {"role": "member"}).status_code == 404
    assert browser.get(address).status_code == (405 if "remove" in path else 404)
    theirs.refresh_from_db()
    assert theirs.role == "owner"
    assert "Глеб" not in browser.get("/people/").content.decode()


def test_a_person_without_a_team_is_told(browser_of: SignIn, db: None) -> None:
    user = User.objects.create_user("alone@mezha.example", language="en")
    page = browser_of(user).get("/people/")
    assert page.status_code == 403
    assert "alone@mezha.example" in page.content.decode()


def test_a_member_without_a_role_sees_no_client_and_nobody_but_owners(
    owner: User, workspace: Workspace, client_farm: Client, browser_of: SignIn
) -> None:
    colleague = make_person(workspace, "member", name="Соня Коллега")
    give_role(client_farm, colleague)
    lonely = make_person(workspace, "member", name="Новенький", language="en")
    text = browser_of(lonely).get("/people/").content.decode()
    assert "Аня Ветрова" in text
    assert "anya@mezha.example" not in text
    assert "Соня Коллега" not in text
    assert "Сытый хутор" not in text
    assert "sees no client yet" in text
    give_role(client_farm, lonely, Role.CLIENT)
    text = browser_of(lonely).get("/people/").content.decode()
    assert "Соня Коллега" in text
    assert "Сытый хутор" in text


@pytest.mark.parametrize("role", Role.values)
def test_what_each_role_may_do_in_the_team(
    owner: User, workspace: Workspace, client_farm: Client, browser_of: SignIn, role: str
) -> None:
    """Giving roles needs `manage` at that client, whatever else the role may do."""
    person = make_person(workspace, "member", language="en")
    give_role(client_farm, person, role)
    colleague = make_person(workspace, "member", name="Соня Коллега")
    give_role(client_farm, colleague, Role.AUTHOR)
    other = make_client(workspace, name="Библиотека № 9")
    browser = browser_of(person)
    address = f"/people/{membership(colleague).pk}/"
    may = "manage" in access.CAPABILITIES[role]
    assert browser.get(address).status_code == (200 if may else 403)
    fields = {f"client_{client_farm.pk}": "editor", f"client_{other.pk}": "editor", "role": "owner"}
    assert browser.post(address, fields).status_code == (302 if may else 403)
    now = dict(ClientRole.objects.filter(membership__user=colleague).values_list("client_id", "role"))
    assert now == {client_farm.pk: "editor" if may else "author"}
    assert membership(colleague).role == "member"
    assert browser.get("/people/audit/").status_code == 403
    assert browser.post(f"/people/{membership(colleague).pk}/remove/").status_code == 403
    assert browser.post("/workspaces/new/", {"workspace": "x"}).status_code == 403


def test_every_capability_has_words_for_the_refusal_and_the_table(owner: User, browser_of: SignIn) -> None:
    from niva.web.answers import CAPABILITY_WORDS

    used = set().union(*access.CAPABILITIES.values()) - {"see"}
    assert used <= set(CAPABILITY_WORDS)
    text = browser_of(owner).get("/people/invite/").content.decode()
    for role in Role:
        assert f"<td>{role.label}</td>" in text


def test_roles_are_changed_and_written_down(
    owner: User, workspace: Workspace, client_farm: Client, browser_of: SignIn
) -> None:
    person = make_person(workspace, "member", name="Пётр Озёрный")
    browser = browser_of(owner)
    fields = {"role": "manager", f"client_{client_farm.pk}": "editor"}
    assert browser.post(f"/people/{membership(person).pk}/", fields).status_code == 302
    assert membership(person).role == "manager"
    text = browser.get("/people/audit/").content.decode()
    assert "Пётр Озёрный: member before, manager now" in text
    assert "Пётр Озёрный at “Сытый хутор”: editor" in text
    fields[f"client_{client_farm.pk}"] = ""
    browser.post(f"/people/{membership(person).pk}/", fields)
    assert not ClientRole.objects.filter(membership__user=person).exists()


def test_a_manager_makes_and_unmakes_no_owners(owner: User, workspace: Workspace, browser_of: SignIn) -> None:
    manager = make_person(workspace, "manager", language="en")
    browser = browser_of(manager)
    assert browser.post(f"/people/{membership(manager).pk}/", {"role": "owner"}).status_code == 422
    browser.post(f"/people/{membership(owner).pk}/", {"role": "member"})
    assert browser.post(f"/people/{membership(owner).pk}/remove/").status_code == 403
    assert membership(manager).role == "manager"
    assert membership(owner).role == "owner"


def test_the_last_owner_can_neither_leave_nor_step_down(owner: User, browser_of: SignIn) -> None:
    browser = browser_of(owner)
    pk = membership(owner).pk
    for address, fields in ((f"/people/{pk}/", {"role": "member"}), (f"/people/{pk}/remove/", {})):
        page = browser.post(address, fields)
        assert page.status_code == 422
        assert "last owner" in page.content.decode()
    assert membership(owner).role == "owner"


@pytest.mark.django_db(transaction=True)
def test_two_owners_leaving_at_once_leave_one() -> None:
    workspace = make_workspace()
    actors = [make_actor(workspace, WorkspaceRole.OWNER) for _number in range(2)]
    start = threading.Barrier(2)

    def leave(actor: access.Actor) -> None:
        try:
            start.wait(10)
            team.remove(actor, membership_id=Membership.objects.get(user=actor.user).pk)
        except Invalid:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert Membership.objects.filter(workspace=workspace, role="owner").count() == 1


def test_who_was_removed_sees_nothing_at_once(owner: User, workspace: Workspace, browser_of: SignIn) -> None:
    person = make_person(workspace, "manager", language="en")
    theirs = browser_of(person)
    assert theirs.get("/people/").status_code == 200
    assert browser_of(owner).post(f"/people/{membership(person).pk}/remove/").status_code == 302
    assert theirs.get("/people/").status_code == 403
    assert AuditEvent.objects.filter(verb="member.removed").count() == 1


def test_names_with_scripts_stay_text(workspace: Workspace, browser_of: SignIn) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    owner = make_person(workspace, "owner", name=evil, language="en")
    person = make_person(workspace, "member", name=evil)
    farm = make_client(workspace, name=evil)
    give_role(farm, person)
    browser = browser_of(owner)
    browser.post("/profile/tokens/", {"name": evil[:80], "days": "30"})
    browser.post("/people/invite/", {"email": "x@y.example", "role": "member", f"client_{farm.pk}": "author"})
    pages = [
        "/people/",
        f"/people/{membership(person).pk}/",
        "/people/audit/",
        "/profile/",
        "/people/invite/",
    ]
    for path in pages:
        page = browser.get(path)
        assert page.status_code == 200
        text = page.content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;alert(1)" in text


def test_switching_between_workspaces(owner: User, foreign: Workspace, browser_of: SignIn) -> None:
    browser = browser_of(owner)
    assert browser.post("/workspaces/switch/", {"workspace": foreign.pk}).status_code == 404
    assert browser.post("/workspaces/switch/", {"workspace": "what"}).status_code == 404
    Membership.objects.create(user=owner, workspace=foreign, role="member")
    assert browser.post("/workspaces/switch/", {"workspace": foreign.pk}).status_code == 302
    assert "Чужая команда" in browser.get("/people/").content.decode()
    assert browser.get("/people/audit/").status_code == 403


def test_one_more_workspace(owner: User, browser_of: SignIn) -> None:
    browser = browser_of(owner)
    assert browser.post("/workspaces/new/", {"workspace": "", "time_zone": "UTC"}).status_code == 422
    assert browser.post("/workspaces/new/", {"workspace": "Вторая", "time_zone": "UTC"}).status_code == 302
    assert "Вторая" in browser.get("/people/").content.decode()
    assert Membership.objects.filter(user=owner, role="owner").count() == 2


def test_the_team_page_asks_the_same_number_of_questions_for_many(
    owner: User, workspace: Workspace, client_farm: Client, browser_of: SignIn, django_assert_max_num_queries
) -> None:
    for _number in range(30):
        give_role(client_farm, make_person(workspace, "member"))
    browser = browser_of(owner)
    with django_assert_max_num_queries(16):
        browser.get("/people/")

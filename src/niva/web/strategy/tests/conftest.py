"""A farm with its strategist, an author, the client himself, and strangers."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from niva.domains.clients.factories import give_role, make_client, make_goal, make_person, make_workspace
from niva.domains.clients.models import Role
from niva.domains.people.models import WorkspaceRole


def browser_of(user, workspace):
    browser = Browser(raise_request_exception=False)
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = browser.session
    session["workspace"] = workspace.pk
    session.save()
    return browser


class Farm:
    def __init__(self):
        self.workspace = make_workspace()
        self.client = make_client(self.workspace)
        self.people = {}
        for name, role in (("mark", Role.STRATEGIST), ("gleb", Role.AUTHOR), ("klava", Role.CLIENT)):
            person = make_person(self.workspace, WorkspaceRole.MEMBER, name=name.title(), language="en")
            give_role(self.client, person, role)
            self.people[name] = person
        self.other = make_workspace("Чужие")
        self.people["zoya"] = make_person(self.other, name="Зоя", language="en")
        self.goal = make_goal(self.client)

    def browser(self, name):
        workspace = self.other if name == "zoya" else self.workspace
        return browser_of(self.people[name], workspace)


@pytest.fixture
def farm(db):
    return Farm()


@pytest.fixture
def mark(farm):
    return farm.browser("mark")

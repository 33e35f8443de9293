"""People with fixed parts: Anya runs the workspace, Gleb writes, Klava is the client, Zoya is a stranger."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.utils import timezone

from niva.domains.clients.factories import (
    give_role,
    make_client,
    make_cost,
    make_facts,
    make_goal,
    make_person,
    make_workspace,
)
from niva.domains.clients.models import Role
from niva.domains.communities.factories import connect, make_community
from niva.domains.people.models import WorkspaceRole


def browser_of(user, workspace):
    browser = Browser(raise_request_exception=False)
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = browser.session
    session["workspace"] = workspace.pk
    session.save()
    return browser


class House:
    """A workspace with one client at work, and a second workspace with its own."""

    def __init__(self):
        self.workspace = make_workspace()
        self.anya = make_person(self.workspace)
        self.gleb = make_person(self.workspace, WorkspaceRole.MEMBER, name="Глеб Ильин", language="en")
        self.klava = make_person(self.workspace, WorkspaceRole.MEMBER, name="Клава Хутор", language="en")
        self.client = make_client(self.workspace)
        give_role(self.client, self.gleb, Role.AUTHOR)
        give_role(self.client, self.klava, Role.CLIENT)
        today = timezone.localdate()
        self.goal = make_goal(
            self.client, starts_on=today - dt.timedelta(days=16), deadline=today + dt.timedelta(days=13)
        )
        days = {today - dt.timedelta(days=n): 1 + (n % 5 == 0) for n in range(1, 15)}
        self.facts = make_facts(self.goal, days, note="Пишет в сообщения")
        self.cost = make_cost(self.client, 9800, note="Реклама")
        self.community = connect(make_community(self.client))
        self.other = make_workspace("Чужие")
        self.zoya = make_person(self.other, name="Зоя Чужая", language="en")
        self.strange_client = make_client(self.other, name="Чужой заказчик")
        self.strange_goal = make_goal(self.strange_client)
        self.strange_fact = make_facts(self.strange_goal, {self.strange_goal.starts_on: 1})[0]
        self.strange_cost = make_cost(self.strange_client, 5)
        self.strange_community = connect(make_community(self.strange_client))

    def browser(self, user, workspace=None):
        return browser_of(user, workspace or self.workspace)


@pytest.fixture
def house(db):
    return House()


@pytest.fixture
def anya(house):
    house.anya.language = "en"
    house.anya.save()
    return house.browser(house.anya)

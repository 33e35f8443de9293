"""People of two workspaces, signed in through the door that tests may use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client as Browser

from niva.domains.clients.factories import make_client, make_person, make_workspace
from niva.domains.people.models import User, Workspace, WorkspaceRole

PASSWORD = "рожь под снегом 7"
SignIn = Callable[[User], Browser]


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    """Every test starts with all tries."""
    cache.clear()


@pytest.fixture
def browser_of() -> SignIn:
    """A browser in which this person is signed in, in English."""

    def sign_in(user: User) -> Browser:
        browser = Browser(headers={"accept-language": "en"})
        browser.force_login(user)
        return browser

    return sign_in


@pytest.fixture
def stranger() -> Browser:
    return Browser(headers={"accept-language": "en"})


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace("Межа")


@pytest.fixture
def owner(workspace: Workspace) -> User:
    return make_person(
        workspace, WorkspaceRole.OWNER, name="Аня Ветрова", email="anya@mezha.example",
        language="en", password=PASSWORD,
    )  # fmt: skip


@pytest.fixture
def client_farm(workspace: Workspace):
    return make_client(workspace, name="Сытый хутор")


@pytest.fixture
def foreign(db: None) -> Workspace:
    """Another workspace with an owner of its own."""
    other = make_workspace("Чужая команда")
    make_person(other, WorkspaceRole.OWNER, name="Глеб Чужой", email="gleb@other.example", language="en")
    return other


@pytest.fixture
def time_machine_at() -> Callable[[dt.datetime], time_machine.travel]:
    """The clock stands still at the given moment inside a `with`."""
    return lambda moment: time_machine.travel(moment, tick=False)

"""A plan of November 2026 as seen on the 17th, with every state; a second workspace with its own."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client as Browser

from niva.domains.clients.factories import give_role, make_client, make_person, make_workspace
from niva.domains.clients.models import Role
from niva.domains.communities.factories import connect, make_community, make_slots
from niva.domains.people.models import WorkspaceRole
from niva.domains.publishing.factories import make_post, planned
from niva.domains.publishing.models import Delivery, Revision
from niva.domains.publishing.states import State

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=MOSCOW)


def at(day, hour=19, minute=0, *, month=11, zone=MOSCOW, fold=0):
    return dt.datetime(2026, month, day, hour, minute, tzinfo=zone, fold=fold)


def deliver(post, due, state=State.QUEUED, code=""):
    """Every variant of the post gets a delivery in this state."""
    made = []
    for variant in post.variants.all():
        revision, _ = Revision.objects.get_or_create(
            variant=variant, number=1, defaults={"content": {"text": post.text}, "sha256": "0" * 64}
        )
        made.append(
            Delivery.objects.create(
                workspace_id=post.workspace_id,
                client_id=post.client_id,
                community=variant.community,
                post=post,
                variant=variant,
                revision=revision,
                due_at=due,
                state=state,
                code=code,
            )
        )
    return made


def browser_of(user, workspace):
    browser = Browser(raise_request_exception=False)
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = browser.session
    session["workspace"] = workspace.pk
    session.save()
    return browser


class House:
    """Anya runs the workspace, Gleb writes, Klava is the client, Zoya is a stranger."""

    def __init__(self):
        self.workspace = make_workspace()
        self.anya = make_person(self.workspace, language="en")
        self.gleb = make_person(self.workspace, WorkspaceRole.MEMBER, name="Глеб Ильин", language="en")
        self.klava = make_person(self.workspace, WorkspaceRole.MEMBER, name="Клава Хутор", language="en")
        self.client = make_client(self.workspace, posts_per_week=5)
        give_role(self.client, self.gleb, Role.AUTHOR)
        give_role(self.client, self.klava, Role.CLIENT)
        self.vk = connect(make_community(self.client, "vk", name="Хутор ВК"))
        self.telegram = connect(make_community(self.client, "telegram", name="Хутор в Telegram"))
        make_slots(self.vk, (4,), dt.time(19), note="лучшее время VK")
        make_slots(self.telegram, (1,), dt.time(12))
        self.draft = planned(make_post(self.vk, self.telegram, title="Рёбрышки"), at(19))
        self.queued = deliver(make_post(self.vk, title="Кто нас кормит"), at(24, 12))[0]
        self.out = deliver(make_post(self.vk, title="Паштет за час"), at(9), State.PUBLISHED)[0]
        self.other = make_workspace("Чужие")
        self.zoya = make_person(self.other, name="Зоя Чужая", language="en")
        self.strange = make_client(self.other, name="Чужой заказчик")
        self.strange_vk = connect(make_community(self.strange, "vk", name="Чужое ВК"))
        self.strange_draft = planned(make_post(self.strange_vk, title="Чужой черновик"), at(19))
        self.strange_delivery = deliver(make_post(self.strange_vk, title="Чужой пост"), at(24))[0]

    def browser(self, user, workspace=None):
        return browser_of(user, workspace or self.workspace)

    def add_client(self, zone, name="Берлинская лавка", **extra):
        """Another client with one community, in its own time zone."""
        client = make_client(self.workspace, name=name, time_zone=zone, **extra)
        return client, connect(make_community(client, "vk", name=f"{name} ВК"))


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def house(db):
    return House()


@pytest.fixture
def anya(house):
    return house.browser(house.anya)

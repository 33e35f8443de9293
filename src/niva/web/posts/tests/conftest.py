"""A farm with five networks, its author, and a workspace next door."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from PIL import Image

from niva.domains.clients.factories import (
    give_role,
    make_actor,
    make_client,
    make_goal,
    make_person,
    make_workspace,
)
from niva.domains.clients.models import Role
from niva.domains.communities.factories import connect, make_community
from niva.domains.people.models import WorkspaceRole
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.services import media

NETWORKS = ("vk", "telegram", "mastodon", "bluesky", "practice")


def picture(width: int = 640, height: int = 480, kind: str = "JPEG", **extra: Any) -> bytes:
    target = io.BytesIO()
    image = Image.effect_noise((width, height), 60).convert("RGB")
    image.save(target, kind, **extra)
    return target.getvalue()


def browser_of(user: Any, workspace: Any) -> Browser:
    browser = Browser(raise_request_exception=False)
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = browser.session
    session["workspace"] = workspace.pk
    session.save()
    return browser


class Farm:
    """Anya owns, Gleb writes, Klava only looks; Zoya is next door."""

    def __init__(self) -> None:
        self.workspace = make_workspace()
        self.anya = make_person(self.workspace, language="en")
        self.gleb = make_person(self.workspace, WorkspaceRole.MEMBER, name="Глеб Ильин", language="en")
        self.klava = make_person(self.workspace, WorkspaceRole.MEMBER, name="Клава Хутор", language="en")
        self.client = make_client(self.workspace)
        give_role(self.client, self.gleb, Role.AUTHOR)
        give_role(self.client, self.klava, Role.CLIENT)
        self.goal = make_goal(self.client)
        self.communities = [connect(make_community(self.client, name)) for name in NETWORKS]
        self.post = make_post(*self.communities)
        self.variants = {one.community.network: one for one in self.post.variants.all()}
        self.other = make_workspace("Чужие")
        self.zoya = make_person(self.other, name="Зоя Чужая", language="en")
        self.strange_client = make_client(self.other, name="Чужой заказчик")
        self.strange_community = connect(make_community(self.strange_client))
        self.strange_post = make_post(self.strange_community)
        self.strange_asset = self.take(
            picture(), make_actor(self.other, language="en"), client_id=self.strange_client.pk
        )

    def take(
        self, content: bytes, actor: Any = None, *, client_id: int | None = None, name: str = "a.jpg"
    ) -> Any:
        file = SimpleUploadedFile(name, content)
        actor = actor or make_actor(self.workspace, language="en")
        return media.upload(actor, client_id=client_id or self.client.pk, file=file)

    def browser(self, user: Any = None) -> Browser:
        user = user or self.anya
        return browser_of(user, self.other if user == self.zoya else self.workspace)

    def form(self, **changes: Any) -> dict[str, Any]:
        """Everything that the page would send, as it stands."""
        self.post.refresh_from_db()
        data: dict[str, Any] = {
            "version": self.post.version,
            "text": self.post.text,
            "title": "",
            "rubric": "",
            "goal": "",
            "link_url": "",
            "first_comment": "",
            "poll_here": "1",
            "media_here": "1",
            "communities_here": "1",
            "community": [one.pk for one in self.communities],
            "day": "",
            "at": "",
        }
        for variant in self.variants.values():
            data[f"text-{variant.pk}"] = self.post.text
        return {**data, **changes}


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def farm(db: None) -> Farm:
    return Farm()


@pytest.fixture
def save(farm: Farm) -> Callable[..., Any]:
    """Presses a key in the composer: the island's request. Fields by name, or `data` as a whole."""
    browser = farm.browser()

    def press(post_id: int | None = None, **changes: Any) -> Any:
        headers = {"accept": "application/json"}
        return browser.post(f"/posts/{post_id or farm.post.pk}/save/", farm.form(**changes), headers=headers)

    return press

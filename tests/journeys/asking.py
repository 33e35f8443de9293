"""Asking as each role: the same pages and the same filled-in forms, and whether the desk let him."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import Resolver404, resolve

from niva.domains.clients.access import CAPABILITIES, actor_for
from niva.domains.clients.factories import give_role, make_person
from niva.domains.people import services as people
from tests.journeys.addresses import Address, every_address
from tests.journeys.forms_on import Form, forms_on
from tests.journeys.matrix import ROLES, workspace_role
from tests.journeys.world import World

REFUSED: Final = frozenset({401, 403, 404, 405})
WRITES_OF_API: Final = ("post", "put", "patch", "delete")
# These end the session of who asks, or leave for an outer network.
NOT_PRESSED: Final = frozenset({"account_logout", "enter", "mfa_login_webauthn"})


class Cast:
    """One person of each role in a world, signed in, with a token for the API."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.browsers: dict[str, Browser] = {}
        self.tokens: dict[str, str] = {}
        for role in ROLES:
            person = make_person(world.actor.workspace, workspace_role(role), name=f"Cast {role}")
            if role in CAPABILITIES:
                give_role(world.client, person, role)
            browser = Browser(raise_request_exception=False, headers={"accept-language": "en"})
            browser.force_login(person)
            self.browsers[role] = browser
            actor = actor_for(person)
            assert actor is not None
            _row, self.tokens[role] = people.create_token(actor, name=role)

    def ask(self, role: str, method: str, path: str, body: Any = None) -> HttpResponse:
        """One request, taken back afterwards."""
        with undone():
            return self.ask_here(role, method, path, body)

    def ask_here(self, role: str, method: str, path: str, body: Any) -> HttpResponse:
        """One request that stays: for who takes it back himself."""
        cache.clear()
        browser = self.browsers[role]
        kept = browser.cookies.copy()
        try:
            if path.startswith("/api/"):
                headers = {"authorization": f"Bearer {self.tokens[role]}"}
                return browser.generic(
                    method.upper(), path, json.dumps(body or {}), content_type="application/json",
                    headers=headers,
                )  # fmt: skip
            return getattr(browser, method)(path, body or {})
        finally:
            browser.cookies = kept


@contextmanager
def undone() -> Iterator[None]:
    """Whatever a request did is taken back, so that the next one meets the same desk."""
    with transaction.atomic():
        mark = transaction.savepoint()
        try:
            yield
        finally:
            transaction.savepoint_rollback(mark)


def addresses(world: World) -> dict[str, list[str]]:
    """Name of an address → the paths that lead to things of this world; those with a name alone."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in every_address():
        if name := name_of(one):
            found[name] += [path for path, _worlds in one.paths(world)]
    return {name: paths for name, paths in found.items() if name not in NOT_PRESSED}


def name_of(address: Address) -> str:
    """The name of an address; those of the API go by their route."""
    return address.route if address.route.startswith("api/") else address.name


def filled_forms(world: World, browser: Browser, paths: dict[str, list[str]]) -> dict[str, list[Form]]:
    """Forms as the owner finds them on his pages, with what stands in them, by the name they are sent to."""
    found: dict[str, dict[tuple[object, ...], Form]] = defaultdict(dict)
    extra = [f"/posts/{one.post_id}/{page}" for one in (world.delivery, world.out) for page in ("", "edit/")]
    for path in [*extra, *(path for several in paths.values() for path in several)]:
        answer = browser.get(path)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            for form in forms_on(path, answer.content.decode()):
                try:
                    name = resolve(form.action.partition("?")[0]).url_name
                except Resolver404:
                    continue
                found[name or ""].setdefault(form.shape, form)
    return {name: list(forms.values()) for name, forms in found.items()}

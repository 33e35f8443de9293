"""Every role against every operation, cell by cell, from the one table; and nothing of another workspace's.

A role that may gets through. A role that may not does nothing: the trail gets no line, whatever of the
owner's own filled-in forms it sends, and a page it may not look at is refused.
(Numbers of another workspace are tried at every address by test_strangers.py.)
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from niva.domains.people.models import AuditEvent
from tests.journeys.addresses import every_address
from tests.journeys.asking import (
    NOT_PRESSED,
    REFUSED,
    WRITES_OF_API,
    Cast,
    addresses,
    filled_forms,
    name_of,
    undone,
)
from tests.journeys.forms_on import Form
from tests.journeys.matrix import ROLES, may, operations
from tests.journeys.world import World, make_world

MOST_FORMS = 3
# The world has no row of these, or they want words in the address: the owner finds nothing there either.
NOTHING_THERE = {
    "artwork_pack", "asset_still", "board_more", "hand_file", "kaizen_rows", "pieces_bulk_edit",
    "repeats_change", "source_file", "strategy_vision_file",
}  # fmt: skip
# What the cast's world has no row of, or what would call an outer network: looked at by tests of their own.
NOT_REACHED = {"own", "open", "none"}


def test_every_address_stands_in_the_table_and_nothing_else_does():
    there = {name for one in every_address() if (name := name_of(one))} - NOT_PRESSED
    assert there == set(operations())


@pytest.fixture
def world(caplog, monkeypatch, settings) -> World:
    monkeypatch.setattr("niva.web.people.zones._others", lambda: [("UTC", "UTC")])
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    caplog.set_level("CRITICAL")

    async def nobody(*_: object, **__: object) -> None:
        raise OSError("no network in this test")

    monkeypatch.setattr("aiohttp.TCPConnector.connect", nobody)
    return make_world("Наша команда", "OURS")


@pytest.mark.django_db
@pytest.mark.thorough
def test_every_cell(world: World):
    cast = Cast(world)
    paths = addresses(world)
    forms = filled_forms(world, cast.browsers["workspace owner"], paths)
    wrong, cells, nothing_there = [], 0, set()
    for one in operations().values():
        if _owner_finds_nothing(cast, paths.get(one.name, []), one.look):
            nothing_there.add(one.name)
            continue
        for role in ROLES:
            found = _look(cast, role, paths.get(one.name, []), one.look)
            found += _do(cast, role, one.name, paths.get(one.name, []), forms.get(one.name, []), one.do)
            wrong += [f"{one.name} as {role}: {what}" for what in found]
            cells += 2
    assert not wrong, f"{len(wrong)} of {cells} cells\n" + "\n".join(wrong)
    assert nothing_there <= NOTHING_THERE, nothing_there - NOTHING_THERE
    assert cells > 6000


def _owner_finds_nothing(cast: Cast, paths: list[str], needs: str) -> bool:
    if needs in NOT_REACHED or not paths or not may("workspace owner", needs):
        return False
    return all(cast.ask("workspace owner", "get", path).status_code == 404 for path in paths[:2])


def _look(cast: Cast, role: str, paths: list[str], needs: str) -> list[str]:
    if needs in NOT_REACHED or not paths:
        return []
    codes = []
    for path in paths[:2]:
        codes.append(cast.ask(role, "get", path).status_code)
        if codes[-1] not in REFUSED:
            break
    through = codes[-1] not in REFUSED
    if may(role, needs):
        return [] if through else [f"may look ({needs}), got {codes}"]
    return [f"may not look ({needs}), got {codes}"] if codes[-1] == 200 else []


def _do(cast: Cast, role: str, name: str, paths: list[str], forms: list[Form], needs: str) -> list[str]:
    if needs in ("own", "open") or not paths:
        return []
    allowed, codes = needs != "none" and may(role, needs), []
    for way, path, body in _tries(name, paths, forms):
        code, done = _tried(cast, role, way, path, body)
        codes.append(code)
        if allowed and code not in (403, 405):
            return []  # that it works is proved where it lives; here, that its role does not stand in the way
        if done and not allowed:
            return [f"{way} {path} did something ({needs}): {code}"]
    return [f"may do ({needs}), got {codes}"] if allowed and 403 in codes else []


def _tries(name: str, paths: list[str], forms: list[Form]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(method, path, body): nothing at all, then the owner's forms with each of their buttons."""
    for way in WRITES_OF_API if name.startswith("api/") else ("post",):
        yield way, paths[0], {}
    for form in forms[:MOST_FORMS]:
        for key, value in form.buttons[:2] or [("", "")]:
            yield "post", form.action, {**dict(form.fields), **({key: value} if key else {})}


def _tried(cast: Cast, role: str, way: str, path: str, body: dict[str, str]) -> tuple[int, bool]:
    """The answer's code, and whether anything in the desk is other than before."""
    with undone():
        before = AuditEvent.objects.count()
        code = cast.ask_here(role, way, path, body).status_code
        return code, AuditEvent.objects.count() > before

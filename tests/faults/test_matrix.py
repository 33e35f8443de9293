"""The fault matrix: every cell of docs/reference/faults.md, played on the real engine over real HTTP.

All chosen cells are played together when the first of them is asked for, in one loop and one database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import connections

from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.clients.models import Client
from niva.domains.publishing.delivery.store import make_pool
from niva.kit.jobs.django import dsn
from niva.networks.base.testing import open_session
from tests.faults.acts import SLOW
from tests.faults.columns import Field
from tests.faults.matrix import COLUMNS, FAULTS, End, cells, cut_with_reset, ends
from tests.faults.play import Play, play_cell, schedule_all

# The tests only compare; with the mark their runner makes the database that the fixture fills.
pytestmark = [pytest.mark.django_db, pytest.mark.thorough]

CELLS = {f"{fault.name}-{column.name}": (fault, column, end) for fault, column, end in cells()}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "faults.md"
AT_ONCE = 48  # cells in flight
Played = dict[str, list[str]]


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker, tmp_path_factory):
    """What each chosen cell came to: its differences from the table."""
    chosen = [item for item in request.session.items if item.path == request.path]
    specs = [item.callspec for item in chosen if hasattr(item, "callspec")]
    names = [spec.params["name"] for spec in specs]
    with django_db_blocker.unblock():
        yield asyncio.run(_play_all(names, tmp_path_factory.mktemp("faults")))
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
        connections.close_all()


async def _play_all(names: list[str], folder: Path) -> Played:
    """Cells that wait for a deadline first: they leave the processor to the others."""
    client = await sync_to_async(lambda: make_client(make_workspace()))()
    pool = await make_pool(dsn(), size=8)
    names = sorted(names, key=lambda name: CELLS[name][0].name not in SLOW)
    found: Played = {}
    try:
        async with Field(folder) as field:
            for start in range(0, len(names), AT_ONCE):
                found |= await _play_some(field, client, pool, names[start : start + AT_ONCE])
    finally:
        await pool.close()
        await sync_to_async(connections.close_all)()
    return found


async def _play_some(field: Field, client: Client, pool: asyncpg.Pool, names: list[str]) -> Played:
    plays, stacks = [], []
    for name in names:
        fault, column, _ = CELLS[name]
        stacks.append(stack := AsyncExitStack())
        site = await stack.enter_async_context(field.open(column.name))
        session = await stack.enter_async_context(open_session())
        plays.append(Play(fault, site, client, pool, session, cut_with_reset(fault, column)))
    await sync_to_async(schedule_all)(plays)
    ends = (CELLS[name][2] for name in names)
    found = await asyncio.gather(*map(_play, stacks, plays, ends))
    return dict(zip(names, found, strict=True))


async def _play(stack: AsyncExitStack, play: Play, end: End) -> list[str]:
    """An error of the cell is its own: the others go on."""
    try:
        async with stack:
            return await play_cell(play, end)
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]


@pytest.mark.parametrize("name", CELLS)
def test_it_ends_as_the_table_says(played: Played, name: str) -> None:
    assert not played[name], "; ".join(played[name])


def test_every_cell_of_the_page_was_run(played: Played) -> None:
    assert list(_cells_of_page()) == [
        (fault.says, column.title, end.word)
        for fault in FAULTS.values()
        for column in COLUMNS
        if (end := fault.ends[column.name]) is not None
    ]
    assert set(played) == set(CELLS)


def _cells_of_page() -> Iterator[tuple[str, str, str]]:
    titles = [column.title for column in COLUMNS]
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        row = [cell.strip() for cell in line.strip("|").split("|")]
        if len(row) == len(titles) + 1 and row[0] in {fault.says for fault in FAULTS.values()}:
            for title, word in zip(titles, row[1:], strict=True):
                if word != "–":
                    yield row[0], title, word


def test_a_word_of_the_page_means_one_end() -> None:
    words = [end.word for end in ends()]
    assert sorted(set(words)) == sorted(words)

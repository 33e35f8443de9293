"""The tables: made, remade, undone, and missed in plain words."""

import asyncio
import importlib

import pytest
from django.db import connection, transaction

from niva.kit.jobs import names, schema
from niva.kit.jobs.django import dsn, enqueue
from niva.kit.jobs.schema import SETTINGS, install_sql, uninstall_sql
from niva.kit.jobs.worker import TablesMissing, Worker


class UndoError(Exception):
    pass


def tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname LIKE 'jobs_%' AND relkind IN ('r', 'i', 'S')"
        )
        return {name for (name,) in cursor.fetchall()}


def run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.django_db
def test_installing_again_changes_nothing_and_keeps_the_jobs():
    job = enqueue("kind", {})
    before = tables()
    run(install_sql())
    assert tables() == before
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {names.QUEUE}")
        assert cursor.fetchall() == [(job,)]


@pytest.mark.django_db
def test_uninstalling_leaves_nothing_and_installing_brings_it_back():
    before = tables()
    with pytest.raises(UndoError), transaction.atomic():
        run(uninstall_sql())
        assert tables() == set()
        run(install_sql())
        assert tables() == before
        raise UndoError


def test_a_stray_variable_renames_nothing(monkeypatch):
    for name in ("CHANNEL", "FUNCTION", "TRIGGER", "PGQUEUER_QUEUE_TABLE", "PGQUEUER_PREFIX"):
        monkeypatch.setenv(name, "stray")
    try:
        assert importlib.reload(schema).SETTINGS == SETTINGS
    finally:
        monkeypatch.undo()
        importlib.reload(schema)


@pytest.mark.django_db(transaction=True)
def test_a_worker_without_tables_says_what_to_do():
    run(uninstall_sql())
    try:
        with pytest.raises(TablesMissing, match="run the migrations"):
            asyncio.run(asyncio.wait_for(Worker(dsn(), {}).run(), 10))
    finally:
        run(install_sql())

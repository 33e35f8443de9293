"""The database of the tests: a throwaway embedded server, one for a test session.

Loaded by `-p tests.plugin`, before Django reads its settings, so that DATABASE_URL is known by then. The
server itself starts when the first test asks for a database. A DATABASE_URL that is already set is honoured.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from niva.kit.postgres import FAST, Server
from niva.kit.postgres.processes import alive
from tests.prepared import plant

PREFIX = "niva-tests-"
# Which variables this plugin set itself, told to the processes that run tests side by side.
OURS = "NIVA_TESTS_OWN"
# The migrated database that the one of the tests is copied from.
TEMPLATE = "niva_migrated"
# How long a test of a mark takes, about, beside others; only for the order.
WEIGHTS = {"browser": 10, "slow": 5}


class ThrowawayServer:
    """A server in a folder of its own that ends with the test session, however that ends."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self.server = Server(self.folder / "postgres", settings=FAST, die_with_us=True)
        self._started = False

    def url(self) -> str:
        return self.server.url()

    def start(self) -> None:
        if not self._started:
            self._started = True
            planted = plant(self.server.root)
            self.server.start()
            if planted:
                self._set_aside()

    def _set_aside(self) -> None:
        """Nobody works in the template, so it can be copied at any time; `niva` is empty again."""
        import psycopg
        from django.db import connections

        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE niva RENAME TO {TEMPLATE}")  # type: ignore[arg-type]
        self.server.create_database("niva")
        connections["default"].settings_dict["TEST"]["TEMPLATE"] = TEMPLATE

    def remove(self) -> None:
        if self._started:
            self.server.stop(immediately=True)
        shutil.rmtree(self.folder, ignore_errors=True)


_throwaway: ThrowawayServer | None = None


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Runs around pytest-django's own hook, which reads the settings."""
    global _throwaway
    if os.environ.get("PYTEST_XDIST_WORKER") and os.environ.get(OURS):
        # Beside others: what the first process set for itself is not for us.
        for name in os.environ.pop(OURS).split():
            os.environ.pop(name, None)
    if not os.environ.get("DATABASE_URL"):
        _sweep_dead_sessions()
        _throwaway = ThrowawayServer()
        os.environ["DATABASE_URL"] = _throwaway.url()
        os.environ[OURS] = "DATABASE_URL"
    if not os.environ.get("NIVA_HOME"):
        home = (
            _throwaway.folder / "home"
            if _throwaway
            else Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        )
        os.environ["NIVA_HOME"] = str(home)
        os.environ[OURS] = f"{os.environ.get(OURS, '')} NIVA_HOME".strip()
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """A slow hash is what a desk needs and what a thousand made-up people do not."""
    import hypothesis
    from django.conf import settings

    # A deadline of 200 ms measures the neighbours of a busy machine; THOROUGH=1 looks for much rarer cases.
    hypothesis.settings.register_profile("quick", max_examples=50, deadline=None)
    hypothesis.settings.register_profile("thorough", max_examples=1000, deadline=None)
    hypothesis.settings.load_profile("thorough" if os.environ.get("THOROUGH") == "1" else "quick")
    if config.pluginmanager.hasplugin("xdist"):
        config.option.loadscopereorder = False  # our own order stands: see below
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(tryfirst=True)  # before the runner reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side, a file stays together, and so do all that want the real Bluesky server: one is enough.

    What takes long goes first: begun last, a journey of a minute would be waited for by an idle core.
    """
    heavy: Counter[str] = Counter()
    groups = {}
    for item in items:
        path = item.nodeid.split("::")[0]
        group = "bluesky" if "bluesky" in path or "/pds/" in path or "bluesky" in item.name else path
        item.add_marker(pytest.mark.xdist_group(group))
        groups[item] = group
        heavy[group] += sum(WEIGHTS[mark.name] for mark in item.iter_markers() if mark.name in WEIGHTS)
    if os.environ.get("PYTEST_XDIST_WORKER"):
        items.sort(key=lambda item: -heavy[groups[item]])


def pytest_unconfigure() -> None:
    if _throwaway is not None:
        _throwaway.remove()


@pytest.fixture(scope="session")
def database_server() -> str:
    """A living PostgreSQL; its address, the same as in DATABASE_URL."""
    if _throwaway is not None:
        _throwaway.start()
    return os.environ["DATABASE_URL"]


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> None:
    """pytest-django is about to make the test database: the moment to have a server."""
    if fixturedef.argname == "django_db_setup" and _throwaway is not None:
        _throwaway.start()


def _sweep_dead_sessions() -> None:
    """Folders of sessions that were killed; their servers ended with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        number = folder.name.removeprefix(PREFIX).split("-")[0]
        if number.isdigit() and not alive(int(number)):
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def nothing_stays_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test with real transactions: the flush empties Django's tables, not these two kinds."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("truncate jobs_queue, jobs_log, metrics_reading")

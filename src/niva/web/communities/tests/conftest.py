"""Real little servers in a thread, so that the pages make their real calls."""

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest

from niva.networks.mastodon.tests.fake import open_fake
from niva.networks.practice.tests.harness import open_harness
from niva.web.clients.tests.conftest import anya, house

__all__ = ["anya", "house"]


@contextmanager
def in_thread(opener):
    """Keep an asynchronous context open in a loop of its own; yields what it yields."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(timeout=20)

    context = opener()
    try:
        yield run(context.__aenter__()), run
        run(context.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)


@pytest.fixture
def practice(monkeypatch):
    """The practice network, allowed as an inner host."""
    with in_thread(open_harness) as (harness, run):
        monkeypatch.setenv("NIVA_INNER_HOSTS", harness.credential.facts["api_base"])

        async def arm(name):  # in the server's own thread, where its SQLite lives
            harness.fault(name)

        yield replace(harness, fault=lambda name: run(arm(name)))


@pytest.fixture
def mastodon(monkeypatch):
    """A Mastodon that keeps to its contract where NIVA_CONTRACTS names one."""
    with in_thread(open_fake) as (fake, _run):
        monkeypatch.setenv("NIVA_INNER_HOSTS", fake.url)
        yield fake

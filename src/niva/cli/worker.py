"""`niva worker`: publishing, collecting numbers and everything else that happens without a page."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
from collections.abc import Coroutine
from typing import Any

from niva.cli import environment
from niva.cli.text import _
from niva.kit.home import home
from niva.kit.postgres.errors import gettext_noop

YOUNG = 10_000  # new objects before the collector looks at the youngest; Python 3.11 begins at 700

HELP = gettext_noop("run the jobs only (a server with several machines)")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--practice", action="store_true", help=_("run the practice network beside them"))
    parser.set_defaults(call=run)


def run(options: argparse.Namespace) -> int:
    """Work until told to stop."""
    with environment.database():
        environment.django()
        main(practice=options.practice)
    return 0


def main(*, practice: bool = False) -> None:
    """Run the jobs in this process, with the practice network if wanted. Django is loaded by now."""
    os.environ["NIVA_PROCESS"] = "niva worker"
    _run(_with_practice() if practice else _work())


def _run(work: Coroutine[Any, Any, None]) -> None:
    """On the faster event loop where there is one: not on Windows."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


async def _work() -> None:
    """The jobs, and a sign of life from the loop that does them."""
    from niva.flows.health import worker_pulse
    from niva.flows.work import work
    from niva.kit.pulse.beat import beating
    from niva.networks.registry import all_networks

    all_networks()
    # What is loaded stays: the collector would walk it again and again amid the posts, for a tenth of a
    # second each time. Under load many short-lived objects are made, so it may also come less often.
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
    async with beating(worker_pulse()):
        await work()


async def _with_practice() -> None:
    """One event loop for both: the practice network sleeps nearly always and would cost a process."""
    from django.conf import settings

    from niva.networks.practice.server.app import serve

    secret = os.environ.get("NIVA_PRACTICE_SECRET", "")
    async with serve(home().practice, port=settings.PRACTICE_PORT, secret=secret):
        await _work()

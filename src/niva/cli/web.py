"""`niva web`: the pages and the API, served by gunicorn."""

from __future__ import annotations

import argparse
import gc
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

from niva.cli import environment
from niva.cli.text import _
from niva.kit import ports
from niva.kit.postgres.errors import gettext_noop
from niva.kit.pulse import process

HELP = gettext_noop("serve pages and API only (a server with several machines)")
# One process with threads: pages wait for the database far more than they compute. Each keeps a
# connection of about 4 MB; a bigger machine asks for more.
THREADS = 4


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, default=1, help=_("processes (1)"))
    parser.add_argument("--threads", type=int, default=THREADS, help=_("threads in each process (4)"))
    parser.set_defaults(call=run)


def run(options: argparse.Namespace) -> int:
    """Listen on NIVA_HOST and NIVA_PORT until told to stop."""
    listener = open_port()
    with environment.database():
        serve(listener, workers=options.workers, threads=options.threads)
    return 0


def open_port() -> socket.socket:
    """The listening socket; ends the program with a plain sentence when the port cannot be had."""
    host, port = environment.host(), environment.port()
    try:
        return ports.listen(host, port)
    except ports.PortBusy as busy:
        told = {"port": port, "holder": busy.holder or _("another program")}
        print(
            _(
                "Port %(port)s is taken by %(holder)s. Stop it, or choose another port: "
                "NIVA_PORT=8140 make run."
            )
            % told,
            file=sys.stderr,
        )
    except OSError as error:
        told = {"host": host, "port": port, "reason": error.strerror or str(error)}
        print(_("Cannot listen on %(host)s, port %(port)s: %(reason)s.") % told, file=sys.stderr)
    raise SystemExit(1)


def application() -> Callable[..., Any]:
    """The desk as a WSGI application, with every page loaded and set aside from the garbage collection.

    More than a hundred thousand objects live as long as the process; a full collection that looks at them
    all again stops a page for a tenth of a second.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", environment.SETTINGS)
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    made = get_wsgi_application()
    # Django reads the addresses with the first request; here they are read before anybody forks.
    _patterns = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    return made


def serve(
    listener: socket.socket,
    make: Callable[[], Callable[..., Any]] = application,
    *,
    workers: int = 1,
    threads: int = THREADS,
) -> None:
    """Serve the desk on an open socket until SIGTERM. Takes the socket over."""
    process.lead()
    _gunicorn(_settings(listener.detach(), workers, threads), make).run()


def serve_here(listener: socket.socket, made: Callable[..., Any], *, threads: int = THREADS) -> None:
    """The same in this very process, for a parent that revives it: gunicorn's own watchman between the two
    would be a third copy of the loaded program, which weighs thirty megabytes.
    """
    from gunicorn.sock import create_sockets

    desk = _gunicorn(_settings(listener.detach(), 1, threads), lambda: made)
    settings = desk.cfg
    log = settings.logger_class(settings)
    sockets = create_sockets(settings, log)
    worker = settings.worker_class(1, os.getppid(), sockets, desk, settings.timeout, settings, log)
    worker.pid = os.getpid()
    worker.init_process()


def _gunicorn(settings: dict[str, object], make: Callable[[], Callable[..., Any]]) -> Any:
    """Gunicorn with these settings and nothing from the command line."""
    os.environ["NIVA_PROCESS"] = "niva web"
    from gunicorn.app.base import BaseApplication

    class Desk(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> Callable[..., Any]:
            return make()

    return Desk()


def _settings(descriptor: int, workers: int, threads: int) -> dict[str, object]:
    return {
        "bind": f"fd://{descriptor}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": threads,
        "preload_app": True,
        "timeout": 60,
        "graceful_timeout": 10,
        "keepalive": 5,
        "loglevel": "warning",
        "control_socket_disable": True,
    }

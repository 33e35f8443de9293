"""`niva run`: the whole desk on one machine: database, pages, jobs; one address to open.

Started in order, kept alive, stopped together. See docs/decisions/0002-processes.md.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import importlib
import importlib.util
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence

from niva.cli import environment, migrate, web, worker
from niva.cli.text import _, language
from niva.kit import filelock, ports
from niva.kit.home import Home, home
from niva.kit.postgres import Server
from niva.kit.postgres.errors import gettext_noop
from niva.kit.supervisor import Child, Supervisor, apart

HELP = gettext_noop("run the whole desk on this machine")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-demo", action="store_true", help=_("do not make the demo agency (or NIVA_DEMO=0)")
    )
    parser.set_defaults(call=run)


def run(options: argparse.Namespace) -> int:
    """Hold this home for ourselves and run until told to stop."""
    try:
        place = home().make()
        with filelock.hold(place.run_lock, wait_seconds=0.5, note=str(os.getpid())) as lock:
            return Desk(place, lock, demo=not options.no_demo and os.environ.get("NIVA_DEMO") != "0").run()
    except filelock.LockHeld as held:
        told = {"where": held.note, "home": place.root}
        print(_("The desk already runs for %(home)s: %(where)s") % told, file=sys.stderr)
    except OSError as error:
        told = {"path": home().root, "reason": error.strerror or str(error)}
        print(
            _(
                "Cannot write to %(path)s (%(reason)s). Make the folder yours, or name another one: "
                "NIVA_HOME=/path/to/folder make run."
            )
            % told,
            file=sys.stderr,
        )
    return 1


class Desk:
    """One run of the desk. `lock` is the descriptor that keeps others out of the same home."""

    def __init__(self, place: Home, lock: int, *, demo: bool) -> None:
        self.place = place
        self.lock = lock
        self.demo = demo
        self.began = time.monotonic()

    def run(self) -> int:
        """Everything from the first line on the screen to the last."""
        self.listener = web.open_port()
        self.base_url = _address(self.listener)
        server = environment.embedded(self.place)
        guards: list[Callable[[], None]] = []
        if server:
            self.say(_("Starting the database"))
            server.start()
            os.environ["DATABASE_URL"] = server.url()
            guards.append(lambda: self._revive(server))
        try:
            return self._serve(guards)
        finally:
            if server and not self.place.keep_database.exists():
                server.stop()
            self.say(_("Everything is stopped."))

    def _serve(self, guards: Sequence[Callable[[], None]]) -> int:
        self.say(_("Loading the desk"))
        os.environ.setdefault("NIVA_PRACTICE_PORT", str(ports.free(self.listener.getsockname()[1] + 1)))
        environment.django()
        # What both children need, once: they share this memory after the fork.
        self.application = web.application()
        importlib.import_module("niva.flows.work")
        try:
            self.welcome = apart(self._prepare)
        except RuntimeError:
            print(_("The database could not be prepared; the reason stands above."), file=sys.stderr)
            return 1
        children = [Child(_("pages"), self._web), Child(_("jobs"), self._worker)]
        supervisor = Supervisor(
            children,
            told=self._told,
            guards=guards,
            ready=self._answers,
            on_ready=self._welcome,
        )
        return supervisor.run()

    def _prepare(self) -> str:
        """Migrations, the demo on the first run, and the address that signs its owner in."""
        self._alone()
        count = migrate.apply()
        if count:
            self.say(_("Steps applied to the database: %(count)s.") % {"count": count})
        if self.demo and _exists("niva.flows.demo"):
            self.say(_("Looking after the demo agency"))
            from django.utils import translation

            with translation.override(language()):  # the desk speaks Russian first, this terminal may not
                importlib.import_module("niva.flows.demo").ensure(self.say)
        return self._sign_in_address()

    def _sign_in_address(self) -> str:
        """The demo owner's, or the plain address where there is no demo."""
        from niva.domains.people.errors import NotFound
        from niva.flows.sign_in import demo_address

        try:
            return demo_address(self.base_url)
        except NotFound:
            return self.base_url

    def _web(self) -> None:
        self._alone()
        web.serve_here(self.listener, self.application)

    def _worker(self) -> None:
        self._alone()
        self.listener.close()
        worker.main(practice=True)

    def _alone(self) -> None:
        """In a child: the lock belongs to the parent, whatever becomes of us."""
        with contextlib.suppress(OSError):
            os.close(self.lock)

    def _revive(self, server: Server) -> None:
        if server.status().state != "running":
            self.say(_("The database is gone; starting it again"))
            server.start()

    def _answers(self) -> bool:
        host, port = self.listener.getsockname()[:2]
        asked = http.client.HTTPConnection(_reachable(host), port, timeout=10)
        try:
            asked.request("GET", "/healthz", headers={"Host": f"127.0.0.1:{port}"})
            return asked.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asked.close()

    def _welcome(self) -> None:
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, self.base_url.encode(), 0)
        self.say(_("The desk is open. Ctrl+C closes it."))
        print(f"\n    {self.welcome}\n", flush=True)

    def _told(self, event: str, name: str, facts: dict[str, float]) -> None:
        if event == "stopping":
            self.say(_("Stopping"))
            return
        self.say(
            _("The process “%(name)s” ended (status %(status)s); it starts again in %(pause)s s.")
            % {"name": name, **facts}
        )

    def say(self, text: str) -> None:
        """A line of progress with the seconds since the start."""
        print(f"[{time.monotonic() - self.began:5.1f} s] {text}", flush=True)


def _exists(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _address(listener: socket.socket) -> str:
    """The address to print. Loopback goes by its name: browsers keep passkeys for names, not for numbers."""
    named = os.environ.get("NIVA_BASE_URL", "").rstrip("/")
    host, port = listener.getsockname()[:2]
    reachable = _reachable(host)
    return named or f"http://{'localhost' if reachable == '127.0.0.1' else reachable}:{port}"


def _reachable(host: str) -> str:
    """An address for ourselves: one that means "all" cannot be opened in a browser."""
    if host in ("0.0.0.0", "::"):  # noqa: S104  (compared, not listened on)
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host

"""The running server: starting, ending, and questions put to it with plain urllib."""

from __future__ import annotations

import atexit
import base64
import hashlib
import hmac
import json
import os
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.servers.pds.install import PdsUnavailable, installed

START_SECONDS: Final = 60
POSTS: Final = "app.bsky.feed.post"


@dataclass(frozen=True, slots=True)
class Person:
    """An account: `password` is the main one, `app_password` what a desk is given."""

    did: str
    handle: str
    password: str = field(repr=False)
    app_password: str = field(repr=False)


@dataclass(slots=True)
class RealPds:
    """A PDS that answers at `url`. Everything asked of it here goes through urllib, not through our code."""

    url: str
    plc_url: str
    pid: int
    jwt_secret: str = field(repr=False)

    def create_account(self, name: str = "") -> Person:
        """A new account with an app password. `name`: at most 18 letters and digits; made up when empty."""
        handle = f"{name or 'p' + secrets.token_hex(5)}.test"
        password = secrets.token_urlsafe(12)
        made = self.ask(
            "com.atproto.server.createAccount",
            body={"handle": handle, "email": f"{handle}@example.org", "password": password},
        )
        app = self.ask("com.atproto.server.createAppPassword", body={"name": "desk"}, token=made["accessJwt"])
        return Person(made["did"], handle, password, app["password"])

    def ask(self, method: str, *, body: Any = None, token: str = "", raw: bool = False, **params: Any) -> Any:
        """One XRPC call. Raises urllib's HTTPError with the server's words in `msg`."""
        address = f"{self.url}/xrpc/{method}" + (f"?{urlencode(params)}" if params else "")
        request = Request(address, method="GET" if body is None else "POST")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urlopen(request, timeout=20) as answer:
                said = answer.read()
        except HTTPError as error:
            error.msg = error.read().decode("utf-8", "replace")
            raise
        return said if raw else (json.loads(said) if said else None)

    def records(self, did: str, collection: str = POSTS) -> list[dict[str, Any]]:
        """All records of one collection, oldest key first: {"uri", "cid", "value"}."""
        found = self.ask(
            "com.atproto.repo.listRecords", repo=did, collection=collection, limit=100, reverse="true"
        )
        return list(found["records"])

    def blob(self, did: str, cid: str) -> bytes:
        return bytes(self.ask("com.atproto.sync.getBlob", did=did, cid=cid, raw=True))

    def login(self, person: Person) -> str:
        """An access token of the owner himself."""
        session = self.ask(
            "com.atproto.server.createSession", body={"identifier": person.did, "password": person.password}
        )
        return str(session["accessJwt"])

    def aged(self, token: str) -> str:
        """The same access token, but one that ended an hour ago, signed as the server itself would."""
        head, claims, _ = token.split(".")
        stale = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        stale["iat"], stale["exp"] = int(time.time()) - 10800, int(time.time()) - 3600
        body = base64.urlsafe_b64encode(json.dumps(stale).encode()).decode().rstrip("=")
        signed = hmac.new(self.jwt_secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
        return f"{head}.{body}.{base64.urlsafe_b64encode(signed).decode().rstrip('=')}"


@contextmanager
def real_pds() -> Iterator[RealPds]:
    """A server of one's own, gone afterwards with its data. Raises PdsUnavailable with the reason."""
    node, folder = installed()
    secret = secrets.token_hex(16)
    data = Path(tempfile.mkdtemp(prefix="niva-pds-"))
    log = data / "log.txt"
    surroundings = {**os.environ, "PDS_JWT_SECRET": secret, "TMPDIR": str(data), "LOG_ENABLED": "false"}
    with log.open("wb") as noise:
        process = subprocess.Popen(
            [node.binary, "start.mjs"],
            cwd=folder, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=noise,
        )  # fmt: skip
    try:
        ports = _wait_until_ready(process, log)
        yield RealPds(
            f"http://127.0.0.1:{ports['pds']}", f"http://127.0.0.1:{ports['plc']}", process.pid, secret
        )
    finally:
        if (status := process.poll()) is not None:
            said = log.read_text("utf-8", "replace")[-1500:]
            print(f"the PDS ended by itself with status {status}: {said}", file=sys.stderr)
        _end(process)
        shutil.rmtree(data, ignore_errors=True)


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> dict[str, int]:
    """The ports it tells on its first line. Raises PdsUnavailable when it dies or says nothing in time."""
    assert process.stdout is not None
    line = b""
    end = time.monotonic() + START_SECONDS
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))
        more = os.read(process.stdout.fileno(), 4096) if ready else b""
        if not more:
            said = log.read_text("utf-8", "replace")[-1500:]
            raise PdsUnavailable(f"the PDS did not start within {START_SECONDS} s: {said}")
        line += more
    return dict(json.loads(line))


def _end(process: subprocess.Popen[bytes]) -> None:
    """It ends by itself when its standard input closes; else it is made to."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
    process.stdout.close()


# Every account has a database file of its own. When the server closes one that was not used for long, its
# SQLite binding now and then aborts the whole process (a finalizer after the end, better-sqlite3
# 12 on Node 24). So a server is replaced before it has that many.
MOST_USES: Final = 12
_uses = 0
_shared: tuple[RealPds, ExitStack] | None = None
_shared_lock = threading.Lock()


def shared_pds() -> RealPds:
    """One server for the whole test session: started by the first who asks, ended with the process.

    One that died or has seen many accounts is replaced: whoever asks makes an account of his own anyway.
    """
    global _shared, _uses
    with _shared_lock:
        _uses += 1
        if _shared is not None and (_uses > MOST_USES or not _answers(_shared[0])):
            _shared[1].close()
            _shared = None
        if _shared is None:
            _uses = 1
            stack = ExitStack()
            _shared = stack.enter_context(real_pds()), stack
            atexit.register(stack.close)
        return _shared[0]


def shared_person(name: str = "") -> tuple[RealPds, Person]:
    """The shared server with a new account on it; a server that dies over it is replaced, twice at most."""
    for left in (2, 1, 0):
        pds = shared_pds()
        try:
            return pds, pds.create_account(name)
        except (RemoteDisconnected, URLError):
            if not left:
                raise
    raise AssertionError("unreachable")


def _answers(pds: RealPds) -> bool:
    try:
        with urlopen(f"{pds.url}/xrpc/_health", timeout=5):
            return True
    except OSError:
        return False

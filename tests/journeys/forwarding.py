"""A proxy that hands everything on, and keeps one answer to itself when told to: the moment of a crash."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

LEFT_OUT = {
    "host",
    "connection",
    "transfer-encoding",
    "content-length",
    "content-encoding",
    "accept-encoding",
}


class Forwarding:
    """`url` answers like `target`.

    After `swallow(word)` the next request with that word in its path is carried out there, but its caller
    never hears of it: `swallowed` is set and the connection stays silent.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.swallowed = threading.Event()
        self._word = ""
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Forwarding:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def swallow(self, word: str) -> None:
        """Arm it for one request."""
        self.swallowed.clear()
        self._word = word

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any, bytes]:
        """What the target said: status, headers, body."""
        asked = Request(self.target + path, method=method, headers=headers, data=body or None)
        try:
            with urlopen(asked, timeout=30) as said:
                return said.status, said.headers, said.read()
        except HTTPError as error:
            return error.code, error.headers, error.read()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                given = {name: value for name, value in self.headers.items() if name.lower() not in LEFT_OUT}
                status, headers, said = proxy.answer(self.command, self.path, given, body)
                if proxy._word and proxy._word in self.path:
                    proxy._word = ""
                    proxy.swallowed.set()
                    proxy._ended.wait()
                    return
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in LEFT_OUT:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

            def log_message(self, *_: Any) -> None:
                """Silence."""

        return Handler

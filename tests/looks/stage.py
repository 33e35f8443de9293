"""A stage for islands: serves the built front end and bare pages under the desk's Content-Security-Policy.

The answers of the server are what a test puts into `answers`; what was asked stands in `asked`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DIST = Path(__file__).resolve().parents[2] / "src/niva/web/static/dist"
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; connect-src 'self'"
)
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
Answer = tuple[int, str, str]  # status, content type, body


@dataclass
class Asked:
    """One POST as the server saw it."""

    path: str
    body: bytes
    headers: Message


@dataclass
class Stage:
    """`pages`: path -> what stands in <body>. `answers`: path -> how a POST or GET of it is answered."""

    pages: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Callable[[Asked], Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    _server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        stage = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(*stage.get(self.path, self.headers))

            def do_POST(self) -> None:
                asked = Asked(
                    self.path, self.rfile.read(int(self.headers["Content-Length"] or 0)), self.headers
                )
                stage.asked.append(asked)
                self._send(*_encoded(stage.answers[self.path](asked)))

            def _send(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", POLICY)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def get(self, path: str, headers: Message) -> tuple[int, str, bytes]:
        file = DIST / path.removeprefix("/dist/")
        if path.startswith("/dist/") and file.is_file():
            return 200, TYPES.get(file.suffix, "application/octet-stream"), file.read_bytes()
        if path in self.answers:
            return _encoded(self.answers[path](Asked(path, b"", headers)))
        if path in self.pages:
            return 200, "text/html; charset=utf-8", self._page(self.pages[path]).encode()
        return 404, "text/plain", b""

    @staticmethod
    def _page(body: str) -> str:
        manifest = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
        script, style = (f"/dist/{manifest[name]['file']}" for name in ("main.ts", "styles/main.css"))
        return (
            f'<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>stage</title>'
            f'<link rel="stylesheet" href="{style}"><script type="module" src="{script}"></script></head>'
            f"""<body hx-headers='{{"X-CSRFToken": "token"}}'><div id="notes"></div>{body}"""
            f'<template id="failures" data-offline="no connection" data-other="failed">'
            f'<div class="note" role="alert" data-failure><div data-text></div></div>'
            f"</template></body></html>"
        )


def _encoded(answer: Answer) -> tuple[int, str, bytes]:
    status, kind, body = answer
    return status, kind, body.encode()

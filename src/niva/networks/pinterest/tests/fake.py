"""A Pinterest of our own: an account with its boards, its pins, the place for videos, and the sign-in.

Every request and every reply is held against Pinterest's own description.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from itertools import count
from typing import Any

from aiohttp import web

from niva.networks.base.fakes import FakeServer
from niva.networks.base.types import App, Credential
from niva.networks.pinterest.tests.contract import load_contract

USER, NAME, BOARD, OTHER = "2783136121146311751", "pole", "549755885175", "549755885176"
TOKEN, REFRESH, CLIENT, CLIENT_SECRET = "pina_AMA-token", "pinr_refresh-1", "1500000", "app-secret"
RIGHTS = "boards:read boards:write pins:read pins:write user_accounts:read"
FAULTS = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "expired", "forgotten", "surplus",
    }
)  # fmt: skip
_KINDS = {"image_base64": "image", "multiple_image_base64": "multiple_images", "video_id": "video"}


class Refusal(Exception):
    """Becomes Pinterest's error object."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.data = {"code": code, "message": message}


class FakePinterest(FakeServer):
    """`pins` by id, `videos`: media id -> state; `slow`: looks at a video before it is ready."""

    def __init__(self) -> None:
        super().__init__()
        self.contract = load_contract()
        self.pins: dict[str, dict[str, Any]] = {}
        self.boards = {BOARD: "Рецепты", OTHER: "Архив"}
        self.videos: dict[str, str] = {}
        self.covers: list[bytes] = []
        self.files: list[int] = []
        self.tokens, self.refresh_token = {TOKEN}, REFRESH
        self.key_error: tuple[int, int, str] | None = None
        self.trial, self.surplus, self.slow, self.looks = False, False, 0, 0
        self.page_size = 250
        self._ids = count(813744226420795001)

    def credential(self, **facts: Any) -> Credential:
        own = {"api_base": self.url, "user_id": USER, "boards": [[BOARD, "Рецепты"]]}
        return Credential({"access_token": TOKEN}, {**own, **facts})

    def app(self) -> App:
        return App(CLIENT, CLIENT_SECRET, {"api_base": self.url})

    def posts(self) -> list[dict[str, Any]]:
        """Pins, oldest first."""
        found = []
        for number, pin in self.pins.items():
            media = len(pin["media"]["items"]) if "items" in pin["media"] else 1
            found.append({"id": number, "text": pin["description"] or "", "media": media, "raw": pin})
        return found

    def fault(self, name: str) -> None:
        if name in ("revoked", "expired"):
            self.key_error = (401, 2, "Authentication failed.")
        elif name == "forgotten":
            self.pins.popitem()
        elif name == "surplus":
            self.surplus = True
        else:
            super().fault(name)

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/bucket", self._bucket)
        app.router.add_route("*", "/v5/{tail:.*}", self._handle)

    # --- the door ---

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/v5")
        kind = request.content_type
        body: Any = None
        if request.can_read_body:
            posted = await request.json() if kind == "application/json" else await request.post()
            body = dict(posted)
        self.requests.append((f"{request.method} {path}", body or {}))
        if self.contract is not None:
            self.contract.request(request.method, path, query=request.query, kind=kind, body=body)
        trouble = self.take("nonsense", "limited", "limited_no_delay")
        if trouble == "nonsense":
            return web.Response(text="<html>Pinterest</html>", content_type="text/html")
        creating = (request.method, path) == ("POST", "/pins")
        try:
            status, data = self._answer(request, path, body, trouble, creating)
        except Refusal as refusal:
            self._judge(request.method, path, refusal.status, refusal.data)
            late = {"X-RateLimit-Reset": "42"} if trouble == "limited" else {}
            return web.json_response(refusal.data, status=refusal.status, headers=late)
        self._judge(request.method, path, status, data)
        if creating:
            fault = self.take("accepted_then_timeout", "error_after_commit", "reset")
            if broken := await self.broken_answer(fault, request):
                return broken
        if status == 204:
            return web.Response(status=204)
        if self.surplus:
            data = {**data, "new_thing": {"deep": ["НОВОЕ", None]}}
        return web.json_response(data, status=status)

    def _judge(self, method: str, path: str, status: int, data: Any) -> None:
        if self.contract is not None:
            self.contract.reply(method, path, status, data)
            self.violations += self.contract.breaches
            self.contract.breaches.clear()

    def _answer(
        self, request: web.Request, path: str, body: Any, trouble: str, creating: bool
    ) -> tuple[int, Any]:
        given = request.headers.get("Authorization", "")
        if path == "/oauth/token":
            return self._keys(given, body)
        if trouble:
            raise Refusal(429, 8, "You have exceeded your rate limit. Try again later.")
        if self.key_error is not None:
            raise Refusal(*self.key_error)
        if given.removeprefix("Bearer ") not in self.tokens:
            raise Refusal(401, 2, "Authentication failed.")
        if creating and self.trial:
            raise Refusal(403, 29, "Apps with Trial access may not create Pins in production")
        if creating and self.take("refused"):
            raise Refusal(400, 1, "Invalid request: link is blocked")
        head, *rest = path.strip("/").split("/")
        answered: tuple[int, Any] = getattr(self, f"do_{head}")(request, rest, body)
        return answered

    # --- pins ---

    def do_pins(self, request: web.Request, rest: list[str], body: Any) -> tuple[int, Any]:
        if not rest:
            return self._create(body)
        if rest[0] not in self.pins:
            raise Refusal(404, 50, "Pin not found.")
        pin = self.pins[rest[0]]
        if request.method == "DELETE":
            del self.pins[rest[0]]
            return 204, None
        if request.method == "PATCH":
            pin.update({name: value or None for name, value in body.items()})
            return 200, pin
        if request.query.get("pin_metrics") == "true":
            lifetime = {"impression": 300, "clickthrough": 14, "pin_click": 20, "reaction": 6, "save": 9}
            return 200, {**pin, "pin_metrics": {"90d": {"impression": 120}, "lifetime_metrics": lifetime}}
        return 200, pin

    def _create(self, body: dict[str, Any]) -> tuple[int, Any]:
        if body.get("board_id") not in self.boards:
            raise Refusal(404, 40, "Board not found.")
        source = body["media_source"]
        for picture in source.get("items", [source] if "data" in source else []):
            if not self._decoded(picture["data"]).startswith((b"\x89PNG", b"\xff\xd8")):
                raise Refusal(400, 235, "Sorry, the image could not be read")
        kind = _KINDS[source["source_type"]]
        media: dict[str, Any] = {"media_type": kind}
        if kind == "video":
            if self.videos.get(source["media_id"]) != "succeeded":
                raise Refusal(400, 1, "The media is not ready")
            if "cover_image_data" in source:
                self.covers.append(self._decoded(source["cover_image_data"]))
        elif kind == "multiple_images":
            media["items"] = [
                {"title": None, "description": one.get("description")} for one in source["items"]
            ]
        number = str(next(self._ids))
        self.pins[number] = {
            "id": number, "created_at": datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="seconds"),
            "title": body.get("title"), "description": body.get("description"), "link": body.get("link"),
            "alt_text": body.get("alt_text"), "board_id": body["board_id"], "media": media, "is_owner": True,
            "board_owner": {"username": NAME}, "creative_type": "REGULAR", "has_been_promoted": False,
        }  # fmt: skip
        return 201, self.pins[number]

    @staticmethod
    def _decoded(data: str) -> bytes:
        try:
            return base64.b64decode(data, validate=True)
        except binascii.Error as error:
            raise Refusal(400, 1, "data is no base64") from error

    def do_boards(self, request: web.Request, rest: list[str], body: Any) -> tuple[int, Any]:
        if not rest:
            rows = [{"id": one, "name": name, "is_ads_only": False} for one, name in self.boards.items()]
            return 200, self._page(request, rows)
        if rest[0] not in self.boards:
            raise Refusal(404, 40, "Board not found.")
        return 200, self._page(request, [one for one in self.pins.values() if one["board_id"] == rest[0]])

    def _page(self, request: web.Request, rows: list[dict[str, Any]]) -> dict[str, Any]:
        size = min(int(request.query["page_size"]), self.page_size)
        start = int(request.query.get("bookmark", "b0")[1:])
        more = start + size < len(rows)
        return {"items": rows[start : start + size], "bookmark": f"b{start + size}" if more else None}

    # --- videos ---

    def do_media(self, request: web.Request, rest: list[str], body: Any) -> tuple[int, Any]:
        if not rest:
            number = str(next(self._ids))
            self.videos[number] = "registered"
            fields = {"key": f"uploads/{number}", "policy": "p0licy==", "x-amz-signature": "f00d"}
            return 201, {"media_id": number, "media_type": "video", "upload_url": f"{self.url}/bucket",
                         "upload_parameters": fields}  # fmt: skip
        self.looks += 1
        if self.videos[rest[0]] == "processing" and self.looks > self.slow:
            self.videos[rest[0]] = "succeeded"
        return 200, {"media_id": rest[0], "media_type": "video", "status": self.videos[rest[0]]}

    async def _bucket(self, request: web.Request) -> web.Response:
        form = await request.post()
        sent = form.get("file")
        if (
            not isinstance(sent, web.FileField)
            or list(form)[-1] != "file"
            or "Authorization" in request.headers
        ):
            self.violations.append("the bucket wants its fields, then the file, and no key")
            return web.Response(status=403, text="<Error><Code>AccessDenied</Code></Error>")
        content = sent.file.read()
        self.files.append(len(content))
        number = str(form["key"]).removeprefix("uploads/")
        self.videos[number] = "processing" if content[4:8] == b"ftyp" else "failed"
        return web.Response(status=204)

    # --- the account ---

    def do_user_account(self, request: web.Request, rest: list[str], body: Any) -> tuple[int, Any]:
        if rest:
            rows = [{"website": "pole.example", "status": "verified", "verified_at": "2026-01-02T03:04:05"}]
            return 200, {"items": rows, "bookmark": None}
        return 200, {
            "id": USER, "username": NAME, "business_name": "Поле", "about": "Хлеб и мёд",
            "account_type": "BUSINESS",
            "website_url": "https://pole.example", "profile_image": "https://i.pinimg.com/a.jpg",
            "follower_count": 845, "pin_count": len(self.pins), "board_count": 2, "monthly_views": 12000,
        }  # fmt: skip

    # --- the sign-in ---

    def _keys(self, given: str, form: dict[str, str]) -> tuple[int, Any]:
        pair = base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        if form["grant_type"] == "authorization_code":
            right = form["code"] == "good-code"
        else:
            right = form["refresh_token"] == self.refresh_token
        if given != f"Basic {pair}" or not right:
            raise Refusal(400, 283, "Invalid or expired refresh token")
        access, self.refresh_token = f"pina_{next(self._ids)}", f"pinr_{next(self._ids)}"
        self.tokens.add(access)
        return 200, {
            "access_token": access, "refresh_token": self.refresh_token, "token_type": "bearer",
            "response_type": form["grant_type"], "expires_in": 2_592_000, "scope": RIGHTS,
            "refresh_token_expires_in": 5_184_000,
        }  # fmt: skip

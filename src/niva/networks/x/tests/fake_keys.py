"""Consent and keys of the fake: codes with PKCE, access tokens, refresh tokens that are spent by use."""

from __future__ import annotations

import base64
import hashlib
from itertools import count
from typing import Final

from aiohttp import web

from niva.networks.base.fakes import FakeServer

CLIENT, SECRET, ACCESS, REFRESH = "Y2xpZW50", "c2VjcmV0LXNlY3JldA", "x-access-first", "x-refresh-first"
ALL_SCOPES: Final = "tweet.read tweet.write users.read media.write dm.read dm.write offline.access"


class FakeKeys(FakeServer):
    """`access`, `refreshers`: the tokens that are good now."""

    def __init__(self) -> None:
        super().__init__()
        self.access, self.refreshers = {ACCESS}, {REFRESH}
        self.codes: dict[str, str] = {}
        self._ids = count(1_800_000_000_000_000_000)

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/2/oauth2/token", self._token)
        app.router.add_get("/consent", self._consent)

    async def _consent(self, request: web.Request) -> web.Response:
        code = f"code{next(self._ids)}"
        self.codes[code] = request.query["code_challenge"]
        where = f"{request.query['redirect_uri']}?code={code}&state={request.query['state']}"
        return web.Response(status=302, headers={"Location": where})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {pair}" and form.get("client_id") != CLIENT:
            return web.json_response({"error": "unauthorized_client"}, status=401)
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") not in self.refreshers:
                told = {
                    "error": "invalid_request",
                    "error_description": "Value passed for the token was invalid.",
                }
                return web.json_response(told, status=400)
            self.refreshers.discard(str(form["refresh_token"]))
        else:
            digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
            if (
                self.codes.pop(str(form["code"]), "")
                != base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            ):
                return web.json_response({"error": "invalid_request"}, status=400)
        fresh = {
            "access_token": f"x-access-{next(self._ids)}",
            "refresh_token": f"x-refresh-{next(self._ids)}",
        }
        self.access = {fresh["access_token"]}
        self.refreshers.add(fresh["refresh_token"])
        return web.json_response({**fresh, "expires_in": 7200, "token_type": "bearer", "scope": ALL_SCOPES})

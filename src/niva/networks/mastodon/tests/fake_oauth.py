"""The half of the fake server that gives applications and tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from niva.networks.mastodon.tests.entities import application_entity

BODY: Final = web.RequestKey("body", dict)
FILE: Final = web.RequestKey("file", tuple)


class Refused(Exception):
    """Answered with this status and these words."""

    def __init__(self, status: int, words: str, description: str = "") -> None:
        super().__init__(words)
        self.status = status
        self.body = {"error": words, **({"error_description": description} if description else {})}


class FakeOAuth:
    """`token`: the one token that it gives; `scopes`: its rights; `pkce`: does it say that it checks PKCE?"""

    def __init__(self) -> None:
        self.url = ""
        self.token = secrets.token_urlsafe(24)
        self.scopes = [
            "read:accounts", "read:notifications", "read:statuses", "write:accounts", "write:media",
            "write:statuses",
        ]  # fmt: skip
        self.apps: dict[str, dict[str, Any]] = {}
        self.codes: dict[str, dict[str, Any]] = {}
        self.pkce = True
        self.revoked = False
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def login(self, request: web.Request, *scopes: str) -> None:
        """Raises Refused unless the token is there, alive, and has one of the rights."""
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.revoked and given == self.token:
            raise Refused(401, "The access token was revoked")
        if given != self.token:
            raise Refused(401, "The access token is invalid")
        wide = {scope.split(":")[0] for scope in scopes}
        if scopes and not set(self.scopes) & (set(scopes) | wide):
            raise Refused(403, "This action is outside the authorized scopes")

    async def own_app(self, request: web.Request) -> web.Response:
        self.login(request)
        return web.json_response(application_entity("1", "Niva", ["urn:ietf:wg:oauth:2.0:oob"], self.scopes))

    async def register(self, request: web.Request) -> web.Response:
        body = request[BODY]
        client = secrets.token_urlsafe(16)
        entity = application_entity(
            str(len(self.apps) + 1), body["client_name"], body["redirect_uris"], body["scopes"].split()
        )
        self.apps[client] = {
            **entity,
            "client_id": client,
            "client_secret": secrets.token_urlsafe(16),
            "client_secret_expires_at": 0,
        }
        return web.json_response(self.apps[client])

    async def metadata(self, request: web.Request) -> web.Response:
        if not self.pkce:
            raise Refused(404, "Not Found")
        return web.json_response(
            {
                "issuer": f"{self.url}/",
                "authorization_endpoint": f"{self.url}/oauth/authorize",
                "token_endpoint": f"{self.url}/oauth/token",
                "app_registration_endpoint": f"{self.url}/api/v1/apps",
                "revocation_endpoint": f"{self.url}/oauth/revoke",
                "service_documentation": "https://docs.joinmastodon.org/",
                "userinfo_endpoint": f"{self.url}/oauth/userinfo",
                "scopes_supported": ["read", "write", "read:accounts", "read:statuses"],
                "response_types_supported": ["code"],
                "response_modes_supported": ["query", "fragment", "form_post"],
                "grant_types_supported": ["authorization_code", "client_credentials"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def consent(self, request: web.Request) -> web.Response:
        """The person says yes at once: back to the desk with a code."""
        query = request.query
        app = self.apps.get(query["client_id"])
        if app is None or query["redirect_uri"] not in app["redirect_uris"]:
            raise Refused(400, "invalid_request")
        code = secrets.token_urlsafe(12)
        self.codes[code] = {"client": query["client_id"], "challenge": query.get("code_challenge")}
        raise web.HTTPFound(f"{query['redirect_uri']}?code={code}&state={query.get('state', '')}")

    async def give_token(self, request: web.Request) -> web.Response:
        body = request[BODY]
        waiting = self.codes.pop(body["code"], None)
        app = self.apps.get(body["client_id"])
        if app is None or app["client_secret"] != body["client_secret"]:
            raise Refused(401, "invalid_client", "Client authentication failed")
        digest = hashlib.sha256(body.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if waiting is None or waiting["client"] != body["client_id"]:
            raise Refused(400, "invalid_grant", "The provided authorization grant is invalid")
        if waiting["challenge"] and waiting["challenge"] != challenge:
            raise Refused(400, "invalid_grant", "The code verifier does not match")
        return web.json_response(
            {
                "access_token": self.token,
                "token_type": "Bearer",
                "scope": " ".join(self.scopes),
                "created_at": int(self.now().timestamp()),
            }
        )

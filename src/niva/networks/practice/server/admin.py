"""The back door for the demo and for tests: communities, history, keys and faults, behind a secret."""

from __future__ import annotations

import hmac
import sqlite3
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from niva.networks.practice.server import faults, rules
from niva.networks.practice.server.answers import STORE, fail, post_json
from niva.networks.practice.server.api import body_of
from niva.networks.practice.server.store import SCOPES, Community

SECRET: Final = web.AppKey("secret", str)
HEADER: Final = "X-Practice-Secret"
routes = web.RouteTableDef()


def guarded(handler: Any) -> Any:
    """Only with the secret; without one set, nobody. Bad words become 422."""

    async def inner(request: web.Request) -> web.StreamResponse:
        secret = request.app[SECRET]
        if not secret or not hmac.compare_digest(request.headers.get(HEADER, "").encode(), secret.encode()):
            return fail(403, "secret_wrong", f"send the secret in {HEADER}")
        try:
            answer: web.StreamResponse = await handler(
                request, await body_of(request) if request.can_read_body else {}
            )
        except rules.Refused as error:
            return fail(422, error.code, str(error))
        except (KeyError, ValueError, TypeError, sqlite3.IntegrityError) as error:
            return fail(422, "bad_request", str(error))
        return answer

    return inner


def community_of(request: web.Request, body: dict[str, Any]) -> Community | None:
    """The community that the body names, None where it names none. Raises ValueError when unknown."""
    if not (handle := body.pop("community", None)):
        return None
    if (found := request.app[STORE].community(str(handle))) is None:
        raise ValueError(f"no community {handle}")
    return found


def moment_of(body: dict[str, Any]) -> float | None:
    stated = body.get("created_at")
    return None if stated is None else datetime.fromisoformat(stated).timestamp()


@routes.post("/admin/communities")
@guarded
async def add_community(request: web.Request, body: dict[str, Any]) -> web.Response:
    """{handle, name, about?, language?, flavour?, followers?, seed?, created_at?, expires_in?, scopes?}"""
    store = request.app[STORE]
    expires_in, scopes = body.pop("expires_in", None), body.pop("scopes", SCOPES)
    community = store.add_community(**{**body, "created_at": moment_of(body)})
    access, refresh = store.issue(community, scopes=scopes, expires_in=expires_in)
    made = {"handle": community.handle, "access_token": access, "refresh_token": refresh}
    return web.json_response(made, status=201)


@routes.post("/admin/posts")
@guarded
async def add_post(request: web.Request, body: dict[str, Any]) -> web.Response:
    """{community, text, link?, poll?, created_at?, pace?}: history. It lives at real pace unless told."""
    community = community_of(request, body)
    if community is None:
        raise ValueError("community is wanted")
    draft = rules.draft({**body, "media": []}, {})
    pace = float(body.get("pace", 1))
    post, _ = request.app[STORE].add_post(community, draft, created_at=moment_of(body), pace=pace)
    return web.json_response(post_json(request, post), status=201)


@routes.post("/admin/faults")
@guarded
async def add_fault(request: web.Request, body: dict[str, Any]) -> web.Response:
    """{kind, community?, count?, seconds?, hits?, ...}: see niva.networks.practice.server.faults."""
    community = community_of(request, body)
    faults.arm(request.app[STORE], str(body.pop("kind")), community, **body)
    return web.json_response({"faults": faults.armed(request.app[STORE])}, status=201)


@routes.get("/admin/faults")
@guarded
async def list_faults(request: web.Request, body: dict[str, Any]) -> web.Response:
    return web.json_response({"faults": faults.armed(request.app[STORE])})


@routes.delete("/admin/faults")
@guarded
async def clear_faults(request: web.Request, body: dict[str, Any]) -> web.Response:
    return web.json_response({"disarmed": faults.disarm(request.app[STORE])})

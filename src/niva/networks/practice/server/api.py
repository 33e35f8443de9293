"""The practice network's API under /api/v1: JSON in, JSON out, one bearer token for one community."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from aiohttp import BodyPartReader, web

from niva.networks.practice.server import faults, rules, spoiled, voices
from niva.networks.practice.server.answers import ACCESS, STORE, fail, post_json, stamp
from niva.networks.practice.server.rules import Refused
from niva.networks.practice.server.store import Access, Media, Post, Store, TokenRefused

TOKEN_LIFE: Final = 3600.0  # seconds that a renewed access token lives
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
routes = web.RouteTableDef()


# --- the way in: token, faults, refusals ---


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Who is it, is a fault armed for him, may he; every refusal becomes an error of this API."""
    if not request.path.startswith("/api/v1/"):
        return await handler(request)
    store = request.app[STORE]
    access: Access | None = None
    refused = ""
    try:
        access = store.access(request.headers.get("Authorization", "").removeprefix("Bearer "))
    except TokenRefused as error:
        refused = error.code
    fault = faults.take(store, access.community if access else None, _purposes(request))
    if fault and fault.kind in faults.BEFORE:
        return spoiled.before(request, fault)
    if refused and request.path != "/api/v1/token":
        return fail(401, refused, "this key opens nothing")
    if access:
        request[ACCESS] = access
        wanted = (
            "stats" if request.path.endswith("/stats") else "read" if request.method == "GET" else "write"
        )
        if wanted not in access.scopes:
            return fail(403, f"scope_{wanted}_missing", "this key may not do that")
    try:
        response = await handler(request)
    except Refused as error:
        return fail(422, error.code, str(error))
    except TokenRefused as error:
        return fail(401, error.code, "this key opens nothing")
    return await spoiled.after(request, response, fault) if fault else response


def _purposes(request: web.Request) -> frozenset[str]:
    if request.method == "GET":
        return frozenset({"any", "read"})
    words = {"any", "write"}
    if request.method == "POST" and request.path == "/api/v1/posts":
        words.add("create")
    elif request.method == "POST" and request.path.endswith("/comments"):
        words.add("comment")
    return frozenset(words)


async def body_of(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise Refused("bad_request", "the body is not JSON") from error
    if not isinstance(body, dict):
        raise Refused("bad_request", "a JSON object is wanted")
    return body


# --- posts ---


def post_of(request: web.Request) -> Post:
    """The post of the path, standing and of this token's community. Raises 404."""
    number = request.match_info["post"]
    community = request[ACCESS].community
    post = (
        request.app[STORE].post(community, int(number)) if number.isdecimal() and len(number) < 16 else None
    )
    if post is None or post.deleted_at is not None:
        body = '{"error": {"code": "post_gone", "message": "there is no such post"}}'
        raise web.HTTPNotFound(text=body, content_type="application/json")
    return post


def key_of(request: web.Request) -> str | None:
    """The idempotency key, where this community's flavour heeds it."""
    key = request.headers.get("Idempotency-Key", "")[:200]
    return key if key and request[ACCESS].community.flavour == "keyed" else None


def _draft(request: web.Request, body: dict[str, Any]) -> Any:
    kinds: dict[str, str] = {}
    for media_id in body.get("media") or []:
        if isinstance(media_id, str) and (file := request.app[STORE].media(media_id)):
            kinds[media_id] = file.mime
    made = rules.draft(body, kinds)
    return replace(made, answers=_answered(request, body["answers"])) if body.get("answers") else made


def _answered(request: web.Request, number: object) -> int:
    """The post that this one goes on from; it must stand."""
    known = isinstance(number, str) and number.isdecimal() and len(number) < 16
    post = request.app[STORE].post(request[ACCESS].community, int(str(number))) if known else None
    if post is None or post.deleted_at is not None:
        raise Refused("parent_gone", "the post that this one goes on from is not there")
    return post.id


@routes.post("/api/v1/posts")
async def create_post(request: web.Request) -> web.Response:
    draft = _draft(request, await body_of(request))
    try:
        post, new = request.app[STORE].add_post(request[ACCESS].community, draft, key=key_of(request))
    except KeyError as error:
        raise Refused("media_unknown", f"no such upload: {error.args[0]}") from error
    shown = post_json(request, post)
    if new:
        voices.note_mentions(request.app[STORE], post, shown["url"])
    return web.json_response(shown, status=201 if new else 200)


@routes.get("/api/v1/posts")
async def list_posts(request: web.Request) -> web.Response:
    """Own posts, newest first; `since` (ISO 8601) and `limit` (1-100). Only where the flavour allows it."""
    community = request[ACCESS].community
    if community.flavour != "searchable":
        return fail(403, "search_unsupported", "this community cannot be searched")
    try:
        since = datetime.fromisoformat(request.query.get("since", "1970-01-01T00:00:00+00:00")).timestamp()
        limit = min(100, max(1, int(request.query.get("limit", "20"))))
    except ValueError as error:
        raise Refused("bad_request", str(error)) from error
    posts = request.app[STORE].posts(community, since=since, limit=limit, parts=True)
    return web.json_response({"posts": [post_json(request, post) for post in posts]})


@routes.get("/api/v1/posts/{post}")
async def read_post(request: web.Request) -> web.Response:
    return web.json_response(post_json(request, post_of(request)))


@routes.get("/api/v1/posts/{post}/chain")
async def read_chain(request: web.Request) -> web.Response:
    """The posts that go on from this one and stand, in order."""
    further = request.app[STORE].chain(post_of(request))
    return web.json_response({"posts": [post_json(request, post) for post in further]})


@routes.patch("/api/v1/posts/{post}")
async def edit_post(request: web.Request) -> web.Response:
    post = post_of(request)
    draft = _draft(request, {**await body_of(request), "poll": post.poll, "form": post.form})
    try:
        changed = request.app[STORE].change_post(post, draft)
    except KeyError as error:
        raise Refused("media_unknown", f"no such upload: {error.args[0]}") from error
    return web.json_response(post_json(request, changed))


@routes.delete("/api/v1/posts/{post}")
async def delete_post(request: web.Request) -> web.Response:
    request.app[STORE].remove_post(post_of(request))
    return web.Response(status=204)


# --- media ---


@routes.post("/api/v1/media")
async def upload(request: web.Request) -> web.Response:
    """One file as multipart "file", with "alt" before it."""
    store, alt = request.app[STORE], ""
    try:
        reader = await request.multipart()
    except (AssertionError, ValueError) as error:
        raise Refused("bad_request", "multipart is wanted") from error
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise Refused("bad_request", "nested multipart")
        if part.name == "alt":
            alt = rules.text((await part.read()).decode("utf-8", "replace"), rules.ALT_MAX, "alt_too_long")
        elif part.name == "file":
            media = await _receive(store, part, alt)
            store.add_media(request[ACCESS].community, media)
            return web.json_response({"id": media.id, "mime": media.mime, "size": media.size}, status=201)
    raise Refused("bad_request", "no file")


async def _receive(store: Store, part: BodyPartReader, alt: str) -> Media:
    """Write the upload to its place, never holding more than one chunk. Raises Refused, leaving nothing."""
    media_id = secrets.token_urlsafe(12)
    path = store.media_folder / media_id
    size, mime = 0, ""
    try:
        with path.open("wb") as target:
            while chunk := await part.read_chunk(65536):
                mime = mime or rules.sniff(chunk)
                size += len(chunk)
                most = rules.VIDEO_BYTES_MAX if mime.startswith("video/") else rules.IMAGE_BYTES_MAX
                if size > most:
                    raise Refused("media_too_heavy", f"at most {most} bytes")
                target.write(chunk)
        width, height = await asyncio.to_thread(_sides, path) if mime.startswith("image/") else (0, 0)
        if not size or max(width, height) > rules.IMAGE_SIDE_MAX:
            raise Refused("image_too_large" if size else "media_format", f"sides {width} x {height}")
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Media(media_id, mime, size, width, height, alt)


def _sides(path: Path) -> tuple[int, int]:
    """Width and height from the picture's head, without decoding it. Raises Refused."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused("media_format", "the picture cannot be read") from error


# --- numbers, account ---


@routes.get("/api/v1/posts/{post}/stats")
async def post_stats(request: web.Request) -> web.Response:
    return web.json_response(request.app[STORE].numbers(post_of(request)))


@routes.get("/api/v1/stats")
async def community_stats(request: web.Request) -> web.Response:
    store, community = request.app[STORE], request[ACCESS].community
    now = store.now()
    return web.json_response(
        {
            "followers": store.followers(community, now),
            "posts": store.count_posts(community),
            "messages": voices.count_letters(store, community),
        }
    )


@routes.get("/api/v1/account")
async def account(request: web.Request) -> web.Response:
    access: Access = request[ACCESS]
    community, origin = access.community, request.url.origin()
    return web.json_response(
        {
            "handle": community.handle,
            "name": community.name,
            "url": f"{origin}/c/{community.handle}",
            "avatar_url": f"{origin}/c/{community.handle}/avatar.svg",
            "followers": request.app[STORE].followers(community),
            "flavour": community.flavour,
            "scopes": sorted(access.scopes),
            "expires_at": None if access.expires_at is None else stamp(access.expires_at),
        }
    )


@routes.post("/api/v1/token")
async def renew(request: web.Request) -> web.Response:
    """New keys for a refresh token, which is spent by it."""
    token = str((await body_of(request)).get("refresh_token", ""))
    access, refresh = request.app[STORE].renew(token, TOKEN_LIFE)
    return web.json_response({"access_token": access, "refresh_token": refresh, "expires_in": TOKEN_LIFE})

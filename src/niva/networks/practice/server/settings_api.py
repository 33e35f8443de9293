"""How a community is set, over HTTP: read and changed with its key, planted through the back door."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from aiohttp import web

from niva.networks.practice.server import profiles
from niva.networks.practice.server.admin import community_of, guarded
from niva.networks.practice.server.answers import ACCESS, STORE, stamp
from niva.networks.practice.server.api import body_of
from niva.networks.practice.server.rules import Refused
from niva.networks.practice.server.store import Community, Store

routes = web.RouteTableDef()
PICTURE_CHARS_MAX: Final = 14 * 1024 * 1024  # base64 of somewhat over IMAGE_BYTES_MAX


@routes.get("/api/v1/profile")
async def read(request: web.Request) -> web.Response:
    return web.json_response(_answer(request, request[ACCESS].community))


@routes.patch("/api/v1/profile")
async def write(request: web.Request) -> web.Response:
    """Any of the fields that `profiles.change` takes; the whole profile comes back."""
    community = request[ACCESS].community
    profiles.change(request.app[STORE], community, await body_of(request))
    return web.json_response(_answer(request, _anew(request, community)))


@routes.post("/admin/profile")
@guarded
async def plant(request: web.Request, body: dict[str, Any]) -> web.Response:
    """{community, any field, also what only the network decides}; avatar and cover as base64 of a file."""
    store, community = request.app[STORE], community_of(request, body)
    if community is None:
        raise ValueError("community is wanted")
    for field in ("avatar", "cover"):
        if content := body.get(field):
            body[field] = profiles.add_picture(store, community, _bytes(content))
    profiles.change(store, community, body, planted=True)
    return web.json_response(_answer(request, _anew(request, community)))


def _bytes(content: object) -> bytes:
    if not isinstance(content, str) or len(content) > PICTURE_CHARS_MAX:
        raise Refused("bad_request", "a picture in base64 is wanted")
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise Refused("bad_request", "a picture in base64 is wanted") from error


def _anew(request: web.Request, community: Community) -> Community:
    found = request.app[STORE].community(community.handle)
    assert found is not None, community.handle
    return found


def _answer(request: web.Request, community: Community) -> dict[str, Any]:
    return profile_json(request.app[STORE], str(request.url.origin()), community)


def profile_json(store: Store, origin: str, community: Community) -> dict[str, Any]:
    """The whole profile. Counted: `followers` and `last_post_at`, unless they were planted. `origin`: where
    the network answers, without a slash at the end."""
    told = profiles.settings(store, community)
    newest = store.posts(community, limit=1)
    counted = {
        "handle": community.handle,
        "url": f"{origin}/c/{community.handle}",
        "followers": store.followers(community),
        "last_post_at": newest[0].created_at if newest else None,
    }
    answer = {**counted, **told}
    if answer["last_post_at"] is not None:
        answer["last_post_at"] = stamp(answer["last_post_at"])
    for field in ("avatar", "cover"):
        answer[field] = _picture_json(store, origin, told[field])
    answer["pinned"] = _pinned_json(store, origin, community, told["pinned"])
    return answer


def _picture_json(store: Store, origin: str, media_id: str | None) -> dict[str, Any] | None:
    media = store.media(media_id) if media_id else None
    if media is None:
        return None
    url = f"{origin}/media/{media.id}"
    return {"url": url, "width": media.width, "height": media.height, "mime": media.mime, "size": media.size}


def _pinned_json(
    store: Store, origin: str, community: Community, post_id: int | None
) -> dict[str, Any] | None:
    post = store.post(community, post_id) if post_id else None
    if post is None or post.deleted_at is not None:
        return None
    url = f"{origin}/c/{community.handle}/{post.id}"
    return {"id": str(post.id), "url": url, "text": post.text, "created_at": stamp(post.created_at)}

"""What the answers of the practice network are made of: errors, moments, posts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from niva.networks.practice.server.store import Access, Post, Store

STORE: Final = web.AppKey("store", Store)
ACCESS: Final = web.RequestKey("access", Access)


def fail(status: int, code: str, message: str, **headers: str) -> web.Response:
    """An error as this API words it."""
    body = {"error": {"code": code, "message": message}}
    return web.json_response(
        body, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


def post_json(request: web.Request, post: Post) -> dict[str, Any]:
    return {
        "id": str(post.id),
        "url": f"{request.url.origin()}/c/{post.community.handle}/{post.id}",
        "text": post.text,
        "media": [{"id": file.id, "mime": file.mime, "alt": file.alt} for file in post.media],
        "link": post.link,
        "poll": post.poll,
        "answers": None if post.answers is None else str(post.answers),
        "form": post.form,
        "ends_at": None if post.ends_at is None else stamp(post.ends_at),
        "created_at": stamp(post.created_at),
        "edited_at": None if post.edited_at is None else stamp(post.edited_at),
    }

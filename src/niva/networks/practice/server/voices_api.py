"""Comments, private messages and mentions over HTTP: read by pages, answered, planted by the back door."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from aiohttp import web

from niva.networks.practice.server import profiles, rules, voices
from niva.networks.practice.server.admin import community_of, guarded, moment_of
from niva.networks.practice.server.answers import ACCESS, STORE, stamp
from niva.networks.practice.server.api import body_of, key_of, post_of
from niva.networks.practice.server.rules import Refused

PAGE: Final = 100
routes = web.RouteTableDef()


def _since(request: web.Request) -> float:
    try:
        return datetime.fromisoformat(request.query.get("since", "1970-01-01T00:00:00+00:00")).timestamp()
    except ValueError as error:
        raise Refused("bad_request", str(error)) from error


def _page(request: web.Request, name: str, found: list[dict[str, Any]]) -> web.Response:
    """Newest first, PAGE at a time; `offset`: how many to pass over."""
    told = request.query.get("offset", "0")
    offset = int(told) if told.isdecimal() and len(told) < 9 else 0
    return web.json_response({name: found[::-1][offset : offset + PAGE]})


def _words(body: dict[str, Any], most: int, code: str) -> str:
    text = rules.text(body.get("text", ""), most, code)
    if not text.strip():
        raise Refused("comment_empty", "an answer needs words")
    return text


@routes.get("/api/v1/posts/{post}/comments")
async def list_comments(request: web.Request) -> web.Response:
    """Everything said under the post; `own`: by the community itself."""
    return _page(request, "comments", voices.comments(request.app[STORE], post_of(request), _since(request)))


@routes.post("/api/v1/posts/{post}/comments")
async def add_comment(request: web.Request) -> web.Response:
    """{text, answers?: the id of another comment of this post}"""
    store, post, body = request.app[STORE], post_of(request), await body_of(request)
    text = _words(body, rules.COMMENT_MAX, "first_comment_too_long")
    if post.form == "story" or not profiles.settings(store, post.community)["comments_on"]:
        raise Refused("comments_off", "no comments are taken here")
    answers = str(body.get("answers") or "")
    if answers and all(known["id"] != answers for known in voices.comments(store, post)):
        raise Refused("parent_gone", "the comment that this one answers is not there")
    number = store.add_comment(post, text, key_of(request), answers=answers)
    made = {"id": str(number), "post": str(post.id), "created_at": stamp(store.now())}
    return web.json_response(made, status=201)


@routes.get("/api/v1/messages")
async def list_messages(request: web.Request) -> web.Response:
    """What people wrote to the community in private, and what it answered: what may become leads."""
    found = voices.letters(request.app[STORE], request[ACCESS].community, _since(request))
    return _page(request, "messages", found)


@routes.post("/api/v1/messages")
async def answer_message(request: web.Request) -> web.Response:
    """{conversation, text}: an answer to somebody who wrote first."""
    store, body = request.app[STORE], await body_of(request)
    text, conversation = _words(body, rules.TEXT_MAX, "text_too_long"), str(body.get("conversation", ""))
    number = voices.write_letter(store, request[ACCESS].community, conversation, text, key_of(request))
    made = {"id": str(number), "conversation": conversation, "created_at": stamp(store.now())}
    return web.json_response(made, status=201)


@routes.get("/api/v1/mentions")
async def list_mentions(request: web.Request) -> web.Response:
    found = voices.mentions(request.app[STORE], request[ACCESS].community, _since(request))
    return _page(request, "mentions", found)


@routes.post("/admin/voices")
@guarded
async def say(request: web.Request, body: dict[str, Any]) -> web.Response:
    """{community, kind: comment | message | mention, text, post?, name?, url?, created_at?}"""
    store, community = request.app[STORE], community_of(request, body)
    if community is None:
        raise ValueError("community is wanted")
    post = store.post(community, int(body["post"])) if body.get("post") else None
    number = voices.plant(
        store, community, str(body["kind"]), str(body["text"]), post=post, name=str(body.get("name", "")),
        created_at=moment_of(body), url=str(body.get("url", "")),
    )  # fmt: skip
    return web.json_response({"id": number}, status=201)

"""Where a person makes a community of his own and gets the key that the desk asks for."""

from __future__ import annotations

import secrets
from typing import Final

from aiohttp import web

from niva.networks.practice.server.answers import STORE
from niva.networks.practice.server.html import Child, tag
from niva.networks.practice.server.pages import respond, sorry
from niva.networks.practice.server.phrases import PHRASES, language_of
from niva.networks.practice.server.store import Flavour

COMMUNITIES_MAX: Final = 500  # anybody who reaches the page may make one
routes = web.RouteTableDef()
FLAVOURS: Final[tuple[Flavour, ...]] = ("keyed", "searchable", "neither")


@routes.get("/new")
async def form(request: web.Request) -> web.Response:
    return _form(request)


@routes.post("/new")
async def create(request: web.Request) -> web.Response:
    """Make the community and show its key, once."""
    store, language = request.app[STORE], language_of(request.headers)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden(text="not from another site")
    if len(store.communities()) >= COMMUNITIES_MAX:
        return sorry(request, "full", 403)
    posted = await request.post()
    name = " ".join(str(posted.get("name", "")).split())
    flavour = next((word for word in FLAVOURS if word == posted.get("flavour")), FLAVOURS[0])
    if not 0 < len(name) <= 80:
        return _form(request, PHRASES[language]["name_wanted"])
    community = store.add_community(
        handle=f"c{secrets.token_hex(4)}", name=name, language=language, flavour=flavour, followers=850
    )
    access, _ = store.issue(community)
    return _made(request, str(request.url.origin()), community.handle, access)


def _form(request: web.Request, problem: str = "") -> web.Response:
    say = PHRASES[language_of(request.headers)]
    choices: list[Child] = [tag("option", say[word], value=word) for word in FLAVOURS]
    body = tag(
        "form",
        tag("h1", say["create"]),
        tag("p", problem, class_="problem", role="alert") if problem else None,
        tag("label", say["name"], tag("input", name="name", required=True, maxlength=80)),
        tag("label", say["flavour"], tag("select", choices, name="flavour")),
        tag("button", say["create"], class_="button"),
        method="post",
        action="/new",
        class_="card",
    )
    return respond(request, say["create"], body, status=422 if problem else 200)


def _made(request: web.Request, origin: str, handle: str, access: str) -> web.Response:
    say = PHRASES[language_of(request.headers)]
    facts = [
        tag("dt", say["address"]), tag("dd", tag("code", origin)),
        tag("dt", say["key"]), tag("dd", tag("code", access, id="access-key")),
    ]  # fmt: skip
    body = tag(
        "section",
        tag("h1", say["made"]),
        tag("p", say["made_note"]),
        tag("dl", facts, class_="keys"),
        tag("a", say["open"], href=f"/c/{handle}", class_="button"),
        class_="card",
    )
    return respond(request, say["made"], body)

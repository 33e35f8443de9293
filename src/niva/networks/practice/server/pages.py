"""The pages that people open: the feed of a community and the page of one post, proof that it is out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from niva.networks.practice.server import profiles, voices
from niva.networks.practice.server.answers import STORE
from niva.networks.practice.server.html import Child, Html, lines, show, tag
from niva.networks.practice.server.life import AUDIENCE_OFFSET, unit
from niva.networks.practice.server.phrases import MONTHS, PHRASES, language_of
from niva.networks.practice.server.store import Community, Post, Store

STYLE: Final = Path(__file__).parent / "practice.css"
PAGE: Final = 20
SHOWN_REMARKS: Final = 12
POLICY: Final = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'self'"
)
routes = web.RouteTableDef()


def respond(request: web.Request, title: str, *body: Child, status: int = 200) -> web.Response:
    """A whole page in the reader's language, with the headers that keep scripts out."""
    language = language_of(request.headers)
    say = PHRASES[language]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} · {say['network']}"),
        tag("link", rel="stylesheet", href="/assets/practice.css"),
    )
    bar = tag("header", tag("a", say["network"], href="/", class_="brand"), tag("p", say["note"]))
    page = tag("html", head, tag("body", bar, tag("main", *body)), lang=language)
    return web.Response(
        text=f"<!doctype html>{page}",
        status=status,
        content_type="text/html",
        headers={
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
        },
    )


def sorry(request: web.Request, words_key: str, status: int) -> web.Response:
    say = PHRASES[language_of(request.headers)]
    text = [tag("h1", say[words_key]), tag("p", say[f"{words_key}_note"])]
    return respond(request, say[words_key], tag("section", text, class_="card"), status=status)


def counted(number: int, language: str) -> str:
    """12 345 for Russians, 12,345 for the English."""
    return f"{number:,}".replace(",", "\u202f" if language == "ru" else ",")


def when(moment: float, language: str) -> Html:
    local = datetime.fromtimestamp(moment, UTC) + timedelta(seconds=AUDIENCE_OFFSET)
    text = f"{local.day} {MONTHS[language][local.month - 1]} {local.year}, {local:%H:%M}"
    return tag("time", text, datetime=datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds"))


# --- parts ---


def avatar(community: Community, size: int = 44) -> Html:
    return tag("img", src=f"/c/{community.handle}/avatar.svg", width=size, height=size, alt="", class_="face")


def post_card(store: Store, post: Post, language: str, *, alone: bool = True, pinned: bool = False) -> Html:
    """One post as the feed shows it. `alone`: the post that it goes on from is not above it."""
    say, community = PHRASES[language], post.community
    numbers = store.numbers(post)
    address = f"/c/{community.handle}/{post.id}"
    edited: Child = [" · ", say["edited"]] if post.edited_at else None
    byline = tag(
        "div",
        tag("a", community.name, href=f"/c/{community.handle}", class_="name"),
        tag("a", when(post.created_at, language), href=address, class_="when"),
        edited,
    )
    counters = [
        tag("li", say[name], " ", tag("b", counted(numbers[name], language)), class_=name)
        for name in ("likes", "comments", "reposts", "views")
    ]
    before: Child = None
    if post.answers is not None and alone:
        before = tag("a", say["goes_on"], href=f"/c/{community.handle}/{post.answers}", class_="before")
    return tag(
        "article",
        before,
        tag("small", say["pinned"], class_="mark") if pinned else None,
        tag("small", say[post.form], class_="mark") if post.form != "post" else None,
        tag("div", avatar(community), byline, class_="by"),
        tag("div", lines(post.text), class_="text") if post.text else None,
        pictures(post),
        link_card(post.link) if post.link else None,
        poll_card(post, numbers.get("votes", 0), language) if post.poll else None,
        tag("ul", counters, class_="counters"),
        class_="card",
        id=f"post-{post.id}",
    )


def pictures(post: Post) -> Html | None:
    if not post.media:
        return None
    shown: list[Child] = []
    for file in post.media:
        source = f"/media/{file.id}"
        if file.mime.startswith("video/"):
            shown.append(tag("video", src=source, controls=True, preload="metadata", aria_label=file.alt))
        else:
            size = {"width": file.width or None, "height": file.height or None}
            shown.append(tag("img", src=source, alt=file.alt, loading="lazy", **size))
    return tag("div", shown, class_=f"media n{min(len(post.media), 4)}")


def link_card(link: Mapping[str, Any]) -> Html:
    return tag(
        "a",
        tag("b", link["title"] or link["url"]),
        tag("span", link["description"]) if link["description"] else None,
        tag("small", link["url"]),
        href=link["url"],
        rel="nofollow noopener",
        class_="link",
    )


def poll_card(post: Post, votes: int, language: str) -> Html:
    poll = post.poll or {}
    options = poll["options"]
    rows: list[Child] = []
    for option, count in zip(options, post.life.poll_split(votes, len(options)), strict=True):
        percent = round(100 * count / votes) if votes else 0
        meter = tag("meter", min=0, max=100, value=percent)
        rows.append(tag("li", tag("span", option), meter, tag("b", f"{percent} %")))
    total = tag("small", f"{PHRASES[language]['votes']}: {counted(votes, language)}")
    return tag("div", tag("b", poll["question"]), tag("ul", rows), total, class_="poll")


def remarks(store: Store, post: Post, language: str) -> Html:
    """The written comments, then the invented ones, at most a dozen."""
    rows: list[Child] = [
        tag("li", tag("b", row["author"] or post.community.name), tag("div", lines(row["text"])),
            class_=None if row["author"] else "own")
        for row in store.comments(post)
    ]  # fmt: skip
    for number, _ in islice(post.life.remarks(store.now()), SHOWN_REMARKS):
        name, text = voices.invented(post, number)
        rows.append(tag("li", tag("b", name), tag("div", text)))
    if not rows:
        return Html("")
    title = PHRASES[language]["comments"]
    return tag("section", tag("h2", title), tag("ul", rows, class_="remarks"), class_="card")


def masthead(store: Store, community: Community, language: str) -> Html:
    say = PHRASES[language]
    facts = [
        tag("dt", say["followers"]),
        tag("dd", counted(store.followers(community), language)),
        tag("dt", say["posts"]),
        tag("dd", counted(store.count_posts(community), language)),
    ]
    told = profiles.settings(store, community)
    cover = store.media(told["cover"]) if told["cover"] else None
    about = [tag("p", lines(told[name]), class_=name) for name in ("status", "about") if told[name]]
    return tag(
        "section",
        tag("img", src=f"/media/{cover.id}", alt=cover.alt, class_="cover") if cover else None,
        avatar(community, 88),
        tag("div", tag("h1", community.name, _marks(told, say)), about),
        tag("dl", facts),
        _told(told, say),
        class_="card masthead",
    )


def _marks(told: Mapping[str, Any], say: Mapping[str, str]) -> list[Child]:
    """What stands beside the name: the network's own mark, the register of the large, the age."""
    marks = [say[name] for name in ("verified", "registered", "closed") if told[name]]
    return [tag("small", mark, class_="mark") for mark in (*marks, told["age_mark"]) if mark]


def _told(told: Mapping[str, Any], say: Mapping[str, str]) -> Html | None:
    """The further facts of a community and its menu; nothing where it told none."""
    rows: list[Child] = []
    for name in ("category", "site", "links", "contacts", "address", "hours"):
        value = told[name]
        shown = [value] if isinstance(value, str) else value
        word = say["place" if name == "address" else name]
        rows += [[tag("dt", word), tag("dd", lines(one))] for one in shown if one]
    labels = [label for label in (told["button"], *told["menu"]) if label]
    if not rows and not labels:
        return None
    menu = tag("ul", [tag("li", label) for label in labels], class_="menu") if labels else None
    return tag("div", menu, tag("dl", rows) if rows else None, class_="told")


# --- pages ---


@routes.get("/")
async def front(request: web.Request) -> web.Response:
    store, language = request.app[STORE], language_of(request.headers)
    say = PHRASES[language]
    rows: list[Child] = [
        tag("li", avatar(one, 40), tag("a", one.name, href=f"/c/{one.handle}"), tag("span", one.about))
        for one in store.communities()[:200]
    ]
    shown = tag("ul", rows, class_="communities") if rows else tag("p", say["none"])
    new = tag("a", say["create"], href="/new", class_="button")
    return respond(
        request, say["communities"], tag("section", tag("h1", say["communities"]), shown, new, class_="card")
    )


@routes.get("/c/{handle}")
async def feed(request: web.Request) -> web.Response:
    store, language = request.app[STORE], language_of(request.headers)
    community = store.community(request.match_info["handle"])
    if community is None:
        return sorry(request, "missing", 404)
    page = request.query.get("page", "1")
    number = min(int(page), 10_000) if page.isdecimal() and len(page) < 6 and int(page) else 1
    posts = store.posts(community, limit=PAGE + 1, offset=(number - 1) * PAGE, ended=False)
    say = PHRASES[language]
    more = tag("a", say["older"], href=f"?page={number + 1}", class_="button") if len(posts) > PAGE else None
    pinned = profiles.settings(store, community)["pinned"] if number == 1 else None
    on_top = store.post(community, pinned) if pinned else None
    top = post_card(store, on_top, language, pinned=True) if on_top and not on_top.deleted_at else None
    cards: list[Child] = [top, *(post_card(store, p, language) for p in posts[:PAGE] if p.id != pinned)]
    empty = None if posts else tag("p", say["empty"], class_="card")
    return respond(request, community.name, masthead(store, community, language), cards, empty, more)


@routes.get("/site/{handle}")
async def site(request: web.Request) -> web.Response:
    """A website for every community, so that links in profiles lead somewhere; others end in 404."""
    community = request.app[STORE].community(request.match_info["handle"])
    if community is None:
        return sorry(request, "missing", 404)
    say = PHRASES[language_of(request.headers)]
    words = [tag("h1", community.name), tag("p", community.about), tag("p", say["site_note"])]
    onward = tag("a", say["open"], href=f"/c/{community.handle}", class_="button")
    return respond(request, community.name, tag("section", words, onward, class_="card"))


@routes.get("/c/{handle}/avatar.svg")
async def face(request: web.Request) -> web.Response:
    """The picture that the community set, else its first letter on a ground of its own."""
    community = request.app[STORE].community(request.match_info["handle"])
    if community is None:
        raise web.HTTPNotFound
    if media := profiles.settings(request.app[STORE], community)["avatar"]:
        raise web.HTTPFound(f"/media/{media}")
    hue = int(unit(community.seed, "hue") * 360)
    letter = next((char for char in community.name if char.isalnum()), "•").upper()
    svg = tag(
        "svg",
        tag("rect", width=96, height=96, fill=f"hsl({hue} 45% 42%)"),
        tag("circle", cx=int(96 * unit(community.seed, "x")), cy=88, r=52, fill=f"hsl({hue + 40} 55% 56%)"),
        tag("text", letter, x=48, y=64, fill="#fff", font_size=46, font_family="sans-serif",
            font_weight=700, text_anchor="middle"),
        xmlns="http://www.w3.org/2000/svg",
        viewBox="0 0 96 96",
    )  # fmt: skip
    policy = {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "max-age=600"}
    return web.Response(text=show(svg), content_type="image/svg+xml", headers=policy)


@routes.get("/c/{handle}/{post}")
async def one_post(request: web.Request) -> web.Response:
    store, language = request.app[STORE], language_of(request.headers)
    community, number = store.community(request.match_info["handle"]), request.match_info["post"]
    post = None
    if community is not None and number.isdecimal() and len(number) < 16:
        post = store.post(community, int(number))
    if community is None or post is None or post.created_at > store.now():
        return sorry(request, "missing", 404)
    if post.deleted_at is not None:
        return sorry(request, "removed", 410)
    if post.ends_at is not None and post.ends_at <= store.now():
        return sorry(request, "ended", 410)
    title = f"{community.name}: {post.text.strip()[:60] or post.id}"
    chain: list[Child] = [post_card(store, part, language, alone=False) for part in store.chain(post)]
    cards = [post_card(store, post, language), chain]
    return respond(request, title, tag("div", cards, class_="chain"), remarks(store, post, language))


@routes.get("/media/{media}")
async def media_file(request: web.Request) -> web.StreamResponse:
    store = request.app[STORE]
    media = store.media(request.match_info["media"])
    if media is None or not (path := store.media_folder / media.id).is_file():
        raise web.HTTPNotFound
    headers = {
        "Content-Type": media.mime,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'",
        "Cache-Control": "max-age=86400",
    }
    return web.FileResponse(path, headers=headers)


@routes.get("/assets/practice.css")
async def style(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(
        STYLE, headers={"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=600"}
    )


@routes.get("/favicon.ico")
async def no_icon(request: web.Request) -> web.Response:
    """Every browser asks for it; there is none, which is no error."""
    return web.Response(status=204, headers={"Cache-Control": "max-age=86400"})

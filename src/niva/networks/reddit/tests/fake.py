"""Reddit on loopback, small but with a memory: submissions, comments, letters, files, sign-ins.

No machine-readable contract exists; what it takes and gives is written after https://www.reddit.com/dev/api/
and the requests of https://praw.readthedocs.io/. What does not fit that is collected in `violations`.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from niva.networks.reddit.tests import entities
from niva.networks.reddit.tests.entities import NAME, USER, listing
from niva.networks.reddit.tests.fake_parts import BODY, Corners

FAULTS: Final = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "expired", "captcha", "forgotten", "surplus",
    }
)  # fmt: skip
_AFTER_COMMIT: Final = ("accepted_then_timeout", "error_after_commit", "reset")
_CREATES: Final = ("/api/submit", "/api/submit_gallery_post.json", "/api/submit_poll_post")
# POST /api/submit: https://www.reddit.com/dev/api/#POST_api_submit, and what the clients send besides
_SUBMIT: Final = frozenset(
    {
        "api_type", "sr", "title", "kind", "text", "url", "resubmit", "sendreplies", "nsfw", "spoiler",
        "flair_id", "flair_text", "validate_on_submit", "video_poster_url",
    }
)  # fmt: skip
_SITE_ADMIN: Final = frozenset({"sr", "title", "type", "link_type", "lang", "public_description"})
_ASYNC: Final = ("image", "video", "videogif")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refused(Exception):
    """`row`: an error inside a good reply; else a status with a reason."""

    def __init__(
        self, status: int = 200, *, row: list[str] | None = None, reason: str = "", **more: Any
    ) -> None:
        super().__init__(reason)
        self.status = status
        if row is not None:
            self.body: dict[str, Any] = {"json": {"errors": [row], **more}}
        else:
            self.body = {"message": "Forbidden", "error": status, **({"reason": reason} if reason else {})}


class FakeReddit(Corners):
    """`submissions` and `comments` by full name. `slow`: how many listings a picture is missing from."""

    def __init__(self) -> None:
        super().__init__()
        self.submissions: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, Any]] = {}
        self.letters: dict[str, dict[str, Any]] = {}
        self.mentions: list[dict[str, Any]] = []
        self.rules: dict[str, Any] = {"title_text_max_length": 200, "gallery_max_items": 5}
        self.texts = {"title": "Поле", "public_description": "Новости", "description": "Правила сбоку"}
        self.revoked = self.expired = self.surplus = False
        self.slow = 0
        self.fold_after = 1000
        self.suspended = False
        self._count = 1000
        self._submit("owner", {"kind": "self", "title": "Правила", "text": "Читать"})["stickied"] = True

    # --- what tests do ---

    def fault(self, name: str) -> None:
        if name not in FAULTS:
            raise ValueError(name)
        if name == "forgotten":
            self.submissions[self.posts()[-1]["id"]]["removed"] = "moderator"
        elif name in ("revoked", "expired", "surplus"):
            setattr(self, name, True)
        else:
            super().fault(name)

    def posts(self) -> list[dict[str, Any]]:
        return [
            {
                **one,
                "id": name,
                "media": len(one["items"]) or int(one["kind"] in ("image", "video", "videogif")),
            }
            for name, one in self.submissions.items()
            if one["by"] == USER and not one["removed"]
        ]

    def say(self, kind: str, text: str, post: str) -> None:
        if kind == "comment":
            self._comment("anna", post, text)
        elif kind == "message":
            self._letter("anna", text)
        else:
            name = self._number("t1")
            self.mentions.append({"name": name, "text": text, "by": "anna", "at": time.time()})
            self.comments[name] = {"name": name, "post": "", "parent": "t3_other", "text": text, "by": "anna",
                                   "at": time.time()}  # fmt: skip

    def _number(self, kind: str) -> str:
        self._count += 1
        return f"{kind}_{self._count}"

    def _submit(self, by: str, body: dict[str, Any]) -> dict[str, Any]:
        name = self._number("t3")
        self.submissions[name] = {
            "name": name, "by": by, "kind": body["kind"], "title": body["title"],
            "text": body.get("text", ""), "url": body.get("url") or f"https://www.reddit.com/r/{NAME}/",
            "items": body.get("items", []), "options": body.get("options", []), "at": time.time(),
            "score": 12, "comments": [], "removed": "", "stickied": False, "hidden": 0,
            "nsfw": body.get("nsfw") in (True, "true"), "flair": body.get("flair_id", ""),
            "duration": body.get("duration"),
        }  # fmt: skip
        return self.submissions[name]

    def _comment(self, by: str, parent: str, text: str) -> dict[str, Any]:
        post = parent if parent.startswith("t3") else self.comments[parent]["post"]
        name = self._number("t1")
        made = {"name": name, "post": post, "parent": parent, "text": text, "by": by, "at": time.time()}
        self.comments[name] = made
        if post:
            self.submissions[post]["comments"].append(name)
        return made

    def _letter(self, by: str, text: str, first: str = "") -> dict[str, Any]:
        name = self._number("t4")
        self.letters[name] = {"name": name, "text": text, "by": by, "at": time.time(), "first": first}
        return self.letters[name]

    # --- the door ---

    def routes(self, app: web.Application) -> None:
        app.middlewares.append(self.door)
        app.add_routes(
            [
                web.get("/api/v1/authorize", self.consent),
                web.post("/api/v1/access_token", self.give_keys),
                web.get("/api/v1/me", self.me),
                web.get("/api/v1/{name}/post_requirements", self.requirements),
                web.get("/r/{name}/about", self.about),
                web.get("/r/{name}/about/edit", self.settings),
                web.get("/r/{name}/about/moderators", self.moderators),
                web.get("/r/{name}/api/link_flair_v2", self.flairs),
                web.get("/r/{name}/hot", self.front),
                web.get("/r/{name}/new", self.front),
                web.get("/user/{user}/submitted", self.submitted),
                web.get("/user/{user}/comments", self.commented),
                web.get("/comments/{post}", self.tree),
                web.post("/api/morechildren", self.more),
                web.get("/api/info", self.info),
                web.get("/message/messages", self.inbox),
                web.get("/message/mentions", self.named),
                web.post("/api/submit", self.submit),
                web.post("/api/submit_gallery_post.json", self.submit_gallery),
                web.post("/api/submit_poll_post", self.submit_poll),
                web.post("/api/editusertext", self.edit),
                web.post("/api/del", self.delete),
                web.post("/api/comment", self.comment),
                web.post("/api/site_admin", self.site_admin),
                web.post("/api/set_subreddit_sticky", self.sticky),
                web.get("/api/mod/conversations", self.mail_list),
                web.get("/api/mod/conversations/{mail}", self.mail_one),
                web.post("/api/mod/conversations/{mail}", self.mail_answer),
                web.post("/api/media/asset.json", self.place),
                web.post("/store", self.take_file),
            ]
        )

    @web.middleware
    async def door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        request[BODY] = await self._read(request)
        self.requests.append((f"{request.method} {request.path}", {**request.query, **request[BODY]}))
        if request.path in ("/store", "/api/v1/authorize", "/api/v1/access_token"):
            return await handler(request)
        if not request.headers.get("User-Agent", "").startswith("web:niva."):
            self.violations.append(f"{request.path}: a common User-Agent")
        if request.query.get("raw_json") != "1":
            self.violations.append(f"{request.path}: & would come as &amp;")
        creates = request.path in _CREATES
        if self.take("nonsense"):
            return web.Response(text="<html>reddit</html>", content_type="text/html")
        if fault := self.take("limited", "limited_no_delay"):
            headers = (
                {"X-Ratelimit-Reset": "214", "X-Ratelimit-Remaining": "0.0"} if fault == "limited" else {}
            )
            return web.json_response(
                {"message": "Too Many Requests", "error": 429}, status=429, headers=headers
            )
        try:
            reply = await self._answer(request, handler, creates)
        except Refused as refusal:
            return web.json_response(refusal.body, status=refusal.status)
        if creates and (fault := self.take(*_AFTER_COMMIT)):
            return await self.broken_answer(fault, request) or reply
        return reply

    async def _read(self, request: web.Request) -> dict[str, Any]:
        if not request.can_read_body:
            return {}
        if request.content_type == "application/json":
            return dict(await request.json())
        return dict(await request.post())

    async def _answer(self, request: web.Request, handler: Handler, creates: bool) -> web.StreamResponse:
        if self.revoked or self.expired or request.headers.get("Authorization") != f"Bearer {self.access}":
            raise Refused(401)
        if creates and self.take("refused"):
            raise Refused(row=["NO_SELFS", "This community doesn't allow text posts", "sr"])
        if creates and self.take("captcha"):
            raise Refused(row=["BAD_CAPTCHA", "that was a tricky one", "captcha"])
        if creates and request[BODY].get("sr") != NAME:
            raise Refused(row=["SUBREDDIT_NOEXIST", "that community doesn't exist", "sr"])
        return await handler(request)

    def _told(self, data: Any) -> web.Response:
        if self.surplus and isinstance(data, dict):
            data = {**data, "brand_new": {"mood": "sunny"}}
        return web.json_response(data)

    def _made(self, data: dict[str, Any]) -> web.Response:
        return self._told({"json": {"errors": [], "data": data}})

    # --- posts ---

    async def submit(self, request: web.Request) -> web.Response:
        body = request[BODY]
        if unknown := set(body) - _SUBMIT:
            self.violations.append(f"/api/submit: unknown {sorted(unknown)}")
        if not body.get("title"):
            raise Refused(row=["NO_TEXT", "we need something here", "title"])
        if body["kind"] in _ASYNC:
            urls = [body["url"], *([body["video_poster_url"]] if "video_poster_url" in body else [])]
            if body["kind"] != "image" and len(urls) < 2:
                raise Refused(row=["MISSING_VIDEO_URLS", "no poster", "video_poster_url"])
            assert all(url.rpartition("/store/")[2] in self.files for url in urls), urls
            self._submit(USER, body)["hidden"] = self.slow
            page = f"https://www.reddit.com/user/{USER}/submitted/"
            return self._made({"user_submitted_page": page, "websocket_url": "wss://ws.example/rte"})
        if body["kind"] == "link" and not body.get("url", "").startswith("http"):
            raise Refused(row=["BAD_URL", "you should check that url", "url"])
        one = self._submit(USER, body)
        return self._made({"id": one["name"][3:], "name": one["name"], "url": self._page(one)})

    def _page(self, one: dict[str, Any]) -> str:
        return f"https://www.reddit.com/r/{NAME}/comments/{one['name'][3:]}/post/"

    async def submit_gallery(self, request: web.Request) -> web.Response:
        body = request[BODY]
        if any(item["media_id"] not in self.places for item in body["items"]):
            raise Refused(row=["INVALID_GALLERY", "no such media", "items"])
        one = self._submit(USER, {**body, "kind": "gallery"})
        return self._made({"id": one["name"], "url": self._page(one)})

    async def submit_poll(self, request: web.Request) -> web.Response:
        assert 1 <= request[BODY]["duration"] <= 7
        one = self._submit(USER, {**request[BODY], "kind": "poll"})
        return self._made({"id": one["name"], "url": self._page(one)})

    async def edit(self, request: web.Request) -> web.Response:
        one = self.submissions.get(request[BODY]["thing_id"])
        if one is None or one["removed"]:
            raise Refused(row=["DELETED_LINK", "the link was deleted", "thing_id"])
        one["text"] = request[BODY]["text"]
        return self._made({"things": [entities.submission(one)]})

    async def delete(self, request: web.Request) -> web.Response:
        number = request[BODY]["id"]
        if number in self.submissions:
            self.submissions[number]["removed"] = "deleted"
        elif number in self.comments:
            one = self.comments.pop(number)
            self.submissions[one["post"]]["comments"].remove(number)
        return self._told({})

    async def info(self, request: web.Request) -> web.Response:
        names = request.query["id"].split(",")
        found = [entities.submission(self.submissions[name]) for name in names if name in self.submissions]
        return self._told(listing(found))

    async def submitted(self, request: web.Request) -> web.Response:
        rows = []
        for one in reversed(self.submissions.values()):
            if one["by"] != request.match_info["user"]:
                continue
            if one["hidden"]:
                one["hidden"] -= 1
            else:
                rows.append(entities.submission(one))
        return self._told(listing(rows[: int(request.query["limit"])]))

    # --- what people say ---

    async def comment(self, request: web.Request) -> web.Response:
        parent, text = request[BODY]["thing_id"], request[BODY]["text"]
        if parent in self.letters:
            first = self.letters[parent]["first"] or parent
            return self._made({"things": [entities.letter(self._letter(USER, text, first))]})
        if parent not in self.comments and self.submissions.get(parent, {"removed": "x"})["removed"]:
            raise Refused(row=["DELETED_LINK", "that link has been deleted", "parent"])
        return self._made({"things": [entities.comment(self._comment(USER, parent, text), [])]})

    async def commented(self, request: web.Request) -> web.Response:
        mine = [one for one in self.comments.values() if one["by"] == request.match_info["user"]]
        return self._told(listing([entities.comment(one, []) for one in reversed(mine)]))

    def _below(self, parent: str) -> list[dict[str, Any]]:
        return [
            entities.comment(one, self._below(one["name"]))
            for one in self.comments.values()
            if one["parent"] == parent
        ]

    async def tree(self, request: web.Request) -> web.Response:
        post = f"t3_{request.match_info['post']}"
        top = self._below(post)
        shown, folded = top[: self.fold_after], top[self.fold_after :]
        if folded:
            data = {"children": [one["data"]["id"] for one in folded], "count": len(folded), "name": "t1_x"}
            shown = [*shown, {"kind": "more", "data": data}]
        return self._told([listing([entities.submission(self.submissions[post])]), listing(shown)])

    async def more(self, request: web.Request) -> web.Response:
        names = [f"t1_{number}" for number in request[BODY]["children"].split(",")]
        return self._made({"things": [entities.comment(self.comments[name], []) for name in names]})

    async def inbox(self, request: web.Request) -> web.Response:
        return self._told(listing([entities.letter(one) for one in reversed(self.letters.values())]))

    async def named(self, request: web.Request) -> web.Response:
        return self._told(listing([entities.mention(one) for one in reversed(self.mentions)]))

    # --- the account and the subreddit ---

    async def me(self, request: web.Request) -> web.Response:
        return self._told({"name": USER, "id": "2x", "is_suspended": self.suspended})

    def _known(self, request: web.Request) -> None:
        if request.match_info["name"] != NAME:
            raise Refused(404, reason="banned" if request.match_info["name"] == "shut" else "")
        if reason := self.changes.get("closed_by"):
            raise Refused(403, reason=reason)

    async def about(self, request: web.Request) -> web.Response:
        self._known(request)
        return self._told(entities.about({**self.texts, **self.changes}))

    async def settings(self, request: web.Request) -> web.Response:
        self._known(request)
        return self._told(entities.settings(self.texts))

    async def site_admin(self, request: web.Request) -> web.Response:
        body = request[BODY]
        if missing := _SITE_ADMIN - set(body):
            self.violations.append(f"/api/site_admin: missing {sorted(missing)}")
        self.texts |= {name: body[name] for name in self.texts}
        return self._made({})

    async def sticky(self, request: web.Request) -> web.Response:
        up = request[BODY]["state"] == "true"
        for one in self.submissions.values():
            one["stickied"] = one["stickied"] and not up
        self.submissions[request[BODY]["id"]]["stickied"] = up
        return self._told({"json": {"errors": []}})

    async def moderators(self, request: web.Request) -> web.Response:
        if self.changes.get("user_is_moderator") is False:
            raise Refused(403)
        rows = [{"name": USER, "mod_permissions": ["all"]}, {"name": "owner", "mod_permissions": ["all"]}]
        return self._told({"kind": "UserList", "data": {"children": rows}})

    async def requirements(self, request: web.Request) -> web.Response:
        return self._told(self.rules)

    async def flairs(self, request: web.Request) -> web.Response:
        return web.json_response(
            [
                {"id": "f-1", "text": "Новости", "type": "text", "mod_only": False},
                {"id": "f-2", "text": "От модераторов", "type": "text", "mod_only": True},
            ]
        )

    async def front(self, request: web.Request) -> web.Response:
        standing = [one for one in self.submissions.values() if not one["removed"]]
        hot = request.path.endswith("/hot")
        rows = sorted(standing, key=lambda one: one["stickied"] if hot else one["at"], reverse=True)
        return self._told(listing([entities.submission(one) for one in rows[: int(request.query["limit"])]]))

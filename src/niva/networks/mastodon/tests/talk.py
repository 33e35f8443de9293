"""The part of the fake server that is not publishing: other people, conversations, the account's settings."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from niva.networks.base.inbox import MessageKind
from niva.networks.mastodon.tests.entities import ACCOUNT_ID, account_entity, status_entity, when
from niva.networks.mastodon.tests.fake_oauth import BODY, FILE, FakeOAuth, Refused

READER_ID: Final = "55"


def grown(value: Any) -> Any:
    """The same answer with fields that no contract knows, at every depth."""
    if isinstance(value, list):
        return [grown(item) for item in value]
    if isinstance(value, dict):
        return {**{name: grown(inner) for name, inner in value.items()}, "zorg": {"of": ["later"]}}
    return value


class Talk(FakeOAuth):
    """`others`: statuses of other people by id; `conversations`: ids of private statuses, by conversation."""

    statuses: dict[str, dict[str, Any]]
    media: dict[str, dict[str, Any]]

    def set_talk(self) -> None:
        self.others: dict[str, dict[str, Any]] = {}
        self.conversations: dict[str, list[str]] = {}
        self.pinned: list[str] = []
        self.settings: dict[str, Any] = {"avatar": "/avatar.png", "header": "/headers/original/missing.png"}
        self.page = 40

    # --- what people do ---

    def say(self, kind: MessageKind, text: str, post: str) -> None:
        visibility = "direct" if kind == "message" else "public"
        number = self.other(text, post or None, visibility)
        if kind == "message":
            self.conversations[f"c{number}"] = [number]

    def other(self, text: str, answers: str | None, visibility: str = "public") -> str:
        known = [int(one) for one in (*self.statuses, *self.others)]
        number = str(max(known, default=113_000_000_000_000_000) + 1)
        self.others[number] = {
            "id": number, "text": text, "media_ids": [], "poll": None, "in_reply_to_id": answers,
            "language": "ru", "visibility": visibility, "spoiler_text": "", "sensitive": False,
            "created_at": self.now(), "edited_at": None,
            "counts": {"replies": 0, "reblogs": 0, "favourites": 0, "quotes": 0, "votes": 0},
        }  # fmt: skip
        return number

    def entity(self, number: str) -> dict[str, Any]:
        if number in self.statuses:
            return status_entity(self.url, self.statuses[number], self.media)
        shown = status_entity(self.url, self.others[number], self.media)
        author = {**shown["account"], "id": READER_ID, "acct": "anna@far.example", "username": "anna",
                  "display_name": "Анна"}  # fmt: skip
        parent = shown["in_reply_to_id"]
        owner = (ACCOUNT_ID if parent in self.statuses else READER_ID) if parent else None
        return {**shown, "account": author, "in_reply_to_account_id": owner}

    # --- calls ---

    def talk_routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/statuses/{id}/context", self.context),
            web.post("/api/v1/statuses/{id}/pin", self.pin),
            web.post("/api/v1/statuses/{id}/unpin", self.unpin),
            web.get("/api/v1/conversations", self.list_conversations),
            web.get("/api/v1/notifications", self.notifications),
            web.patch("/api/v1/accounts/update_credentials", self.update),
            web.delete("/api/v1/profile/avatar", self.no_avatar),
            web.delete("/api/v1/profile/header", self.no_header),
        ]

    async def context(self, request: web.Request) -> web.Response:
        self.login(request, "read:statuses")
        everything = {**self.statuses, **self.others}
        start = request.match_info["id"]
        if start not in everything:
            raise Refused(404, "Record not found")
        above, here = list[str](), everything[start]["in_reply_to_id"]
        while here in everything:
            above.insert(0, here)
            here = everything[here]["in_reply_to_id"]
        below = [start]
        for number in sorted(everything, key=int):
            if everything[number]["in_reply_to_id"] in below:
                below.append(number)
        return web.json_response(
            {"ancestors": [self.entity(n) for n in above], "descendants": [self.entity(n) for n in below[1:]]}
        )

    def _paged(self, request: web.Request, rows: list[tuple[str, dict[str, Any]]]) -> web.Response:
        """Newest first; the next page begins below `max_id`, which the Link header names."""
        if "max_id" in request.query:
            rows = [row for row in rows if int(row[0]) < int(request.query["max_id"])]
        shown, more = rows[: self.page], len(rows) > self.page
        link = f'<{self.url}{request.path}?max_id={shown[-1][0]}>; rel="next"' if shown and more else ""
        headers = {"Link": f'{link}, <{self.url}{request.path}?min_id=9>; rel="prev"'} if link else {}
        return web.json_response([row for _, row in shown], headers=headers)

    async def list_conversations(self, request: web.Request) -> web.Response:
        self.login(request, "read:statuses")
        rows = []
        for name, numbers in self.conversations.items():
            whole = [*numbers, *(n for n, one in self.statuses.items() if one["in_reply_to_id"] in numbers)]
            last = max(whole, key=int)
            people = [self.entity(numbers[0])["account"]]
            row = {"id": name, "unread": True, "accounts": people, "last_status": self.entity(last)}
            rows.append((last, row))
        return self._paged(request, sorted(rows, key=lambda row: -int(row[0])))

    async def notifications(self, request: web.Request) -> web.Response:
        self.login(request, "read:notifications")
        assert request.query.getall("types[]") == ["mention"]
        rows = [
            (number, {
                "id": number, "type": "mention", "group_key": f"ungrouped-{number}",
                "created_at": when(one["created_at"]), "account": self.entity(number)["account"],
                "status": self.entity(number),
            })
            for number, one in self.others.items()
        ]  # fmt: skip
        return self._paged(request, rows[::-1])

    async def pin(self, request: web.Request) -> web.Response:
        return self._pin(request, on=True)

    async def unpin(self, request: web.Request) -> web.Response:
        return self._pin(request, on=False)

    def _pin(self, request: web.Request, *, on: bool) -> web.Response:
        self.login(request, "write:accounts")
        number = request.match_info["id"]
        if number not in self.statuses:
            raise Refused(404, "Record not found")
        self.pinned = [*(one for one in self.pinned if one != number), *([number] if on else [])]
        return web.json_response(self.entity(number))

    def account(self) -> dict[str, Any]:
        entity = account_entity(self.url, len(self.statuses))
        told = self.settings
        source = {**entity["source"], "note": told.get("note", "Поле"), "fields": told.get("fields", [])}
        return {
            **entity, "display_name": told.get("display_name", "Нива"), "locked": told.get("locked", False),
            "avatar": f"{self.url}{told['avatar']}", "header": f"{self.url}{told['header']}",
            "source": source, "fields": source["fields"],
        }  # fmt: skip

    async def update(self, request: web.Request) -> web.Response:
        self.login(request, "write:accounts")
        body = request[BODY]
        for name in ("display_name", "note", "locked"):
            if name in body:
                self.settings[name] = body[name]
        if "fields_attributes" in body:
            rows = [body["fields_attributes"][key] for key in sorted(body["fields_attributes"], key=int)]
            self.settings["fields"] = [{**row, "verified_at": None} for row in rows if row["value"]]
        for name in ("avatar", "header"):
            if name in body:
                self.settings[name] = f"/{name}-of-{len(request[FILE][0])}.png"
        return web.json_response(self.account())

    async def no_avatar(self, request: web.Request) -> web.Response:
        self.login(request, "write:accounts")
        self.settings["avatar"] = "/avatars/original/missing.png"
        return web.json_response(self.account())

    async def no_header(self, request: web.Request) -> web.Response:
        self.login(request, "write:accounts")
        self.settings["header"] = "/headers/original/missing.png"
        return web.json_response(self.account())

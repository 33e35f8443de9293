"""An X of our own: one account with its posts, conversations, private messages, files, and keys.

It speaks either description of the API (`naming`). Replies from_docs: https://docs.x.com/x-api and the
examples in both descriptions. Requests and good replies are put to them, where they are at hand.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from niva.networks.base.types import App, Credential
from niva.networks.x.tests.contract import load_contract
from niva.networks.x.tests.fake_keys import ACCESS, ALL_SCOPES, CLIENT, REFRESH, SECRET, FakeKeys

FAULTS: Final = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "expired", "forgotten", "surplus",
    }
)  # fmt: skip
ME, STRANGER = "1700000000000000001", "1700000000000000099"
SEGMENT: Final = web.RequestKey("segment", bytes)
_THEIR_WORDS: Final = {"referenced": "referenced_posts", "reposts": "repost_count", "posts": "post_count",
                       "pinned": "pinned_post_id", "latest": "most_recent_post_id", "included": "posts",
                       "history": "edit_history_post_ids"}  # fmt: skip
_OLD_WORDS: Final = {"referenced": "referenced_tweets", "reposts": "retweet_count", "posts": "tweet_count",
                     "pinned": "pinned_tweet_id", "latest": "most_recent_tweet_id", "included": "tweets",
                     "history": "edit_history_tweet_ids"}  # fmt: skip


class Refusal(Exception):
    """Becomes X's problem object."""

    def __init__(self, status: int, detail: str, kind: str = "about:blank", **headers: str) -> None:
        super().__init__(detail)
        told = {"title": "Refused", "detail": detail, "type": kind, "status": status}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.reply = web.json_response(told, status=status, headers=named)


class FakeX(FakeKeys):
    """`said`: everything said, oldest first: {"ids" (the newest last), "text", "author", "answers", ...}.
    `slow`: how often a file is still being worked on; `premium`: the account pays, so it may edit."""

    def __init__(self, naming: str = "post") -> None:
        super().__init__()
        self.contract = load_contract(naming)
        self.words = _THEIR_WORDS if naming == "post" else _OLD_WORDS
        self.said: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.slow = 0
        self.premium, self.protected, self.surplus = True, False, False
        self.refusal: Refusal | None = None
        self.pinned = self._add("Закреплено", ME, at=datetime.now(UTC) - timedelta(days=30))

    def credential(self, **facts: Any) -> Credential:
        naming = "post" if self.words is _THEIR_WORDS else "tweet"
        own = {"api_base": self.url, "token_url": f"{self.url}/2/oauth2/token", "user_id": ME,
               "username": "niva", "naming": naming, "scope": ALL_SCOPES}  # fmt: skip
        return Credential({"access_token": ACCESS, "refresh_token": REFRESH}, {**own, **facts})

    def app(self, secret: str = SECRET) -> App:
        facts = {"token_url": f"{self.url}/2/oauth2/token", "consent_page": f"{self.url}/consent"}
        return App(CLIENT, secret, facts)

    def _mine(self) -> Iterator[dict[str, Any]]:
        return (one for one in self.said if one["author"] == ME and one is not self.pinned)

    def posts(self) -> list[dict[str, Any]]:
        return [
            {"id": one["ids"][-1], "text": one["text"], "media": len(one["media"]), "said": one}
            for one in self._mine()
            if not one["answers"]
        ]

    def parts(self) -> list[str]:
        return [one["text"] for one in self._mine() if one["answers"]]

    def say(self, kind: str, text: str, post: str) -> None:
        if kind == "message":
            self._message(text, STRANGER, f"{STRANGER}-{ME}")
        else:
            self._add(text, STRANGER, answers=post, mentions=kind == "mention")

    def fault(self, name: str) -> None:
        match name:
            case "revoked" | "expired":
                self.access.clear()
                if name == "revoked":
                    self.refreshers.clear()
            case "forgotten":
                self.said.remove(list(self._mine())[-1])
            case "surplus":
                self.surplus = True
            case _:
                super().fault(name)

    def _add(self, text: str, author: str, **more: Any) -> dict[str, Any]:
        number = str(next(self._ids))
        parent = self._find(more["answers"]) if more.get("answers") else None
        one = {
            "ids": [number], "text": text, "author": author, "answers": "", "media": [], "poll": None,
            "mentions": False, "at": datetime.now(UTC), "talk": parent["talk"] if parent else number, **more,
        }  # fmt: skip
        self.said.append(one)
        return one

    def _message(self, text: str, author: str, talk: str) -> dict[str, Any]:
        one = {
            "id": str(next(self._ids)),
            "text": text,
            "author": author,
            "talk": talk,
            "at": datetime.now(UTC),
        }
        self.messages.append(one)
        return one

    def _find(self, number: str) -> dict[str, Any]:
        for one in self.said:
            if number in one["ids"]:
                return one
        detail = f"Could not find tweet with id: [{number}]."
        raise Refusal(404, detail, "https://api.x.com/2/problems/resource-not-found")

    # --- the door ---

    def routes(self, app: web.Application) -> None:
        super().routes(app)
        app.router.add_route("*", "/2/{rest:.*}", self._guarded)

    async def _guarded(self, request: web.Request) -> web.StreamResponse:
        body = await self._body(request)
        self.requests.append((f"{request.method} {request.path}", {**request.query, "body": body}))
        if self.contract is not None:
            self.contract.request(request.method, request.path, request.query, request.content_type, body)
        creating = (request.method, request.path) == ("POST", "/2/tweets")
        try:
            self._may(request, creating)
            if self.take("nonsense"):
                return web.Response(text="<html>hello</html>", content_type="text/html")
            status, told = self._answer(request, body)
        except Refusal as refusal:
            return refusal.reply
        if creating:
            fault = self.take("accepted_then_timeout", "error_after_commit", "reset")
            if (broken := await self.broken_answer(fault, request)) is not None:
                return broken
        if "/media/upload" in request.path:
            told = self._as_described(told)
        if self.contract is not None:
            self.contract.reply(request.method, request.path, status, told)
        return web.json_response(_with_surplus(told) if self.surplus else told, status=status)

    def _as_described(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """An answer about a file: the older description wants two things that the newer forbids."""
        if self.words is _OLD_WORDS:
            if "processing_info" in told.get("data", {}):
                told["data"]["processing_info"]["type"] = "ProcessingInfo"
            return {**told, "meta": {}}
        return dict(told)

    async def _body(self, request: web.Request) -> Any:
        if request.content_type == "multipart/form-data":
            form = await request.post()
            part = form["media"]
            assert isinstance(part, web.FileField)
            request[SEGMENT] = part.file.read()
            return {"media": "…", "segment_index": int(str(form["segment_index"]))}
        raw = await request.read()
        return json.loads(raw) if raw else None

    def _may(self, request: web.Request, creating: bool) -> None:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.access:
            raise Refusal(401, "Unauthorized")
        if self.take("limited"):
            ends = str(int(datetime.now(UTC).timestamp()) + 600)
            raise Refusal(
                429, "Too Many Requests", x_rate_limit_limit="100", x_rate_limit_remaining="0",
                x_rate_limit_reset=ends, x_app_limit_24hour_remaining="99",
                x_app_limit_24hour_reset=str(int(ends) + 9999),
            )  # fmt: skip
        if self.take("limited_no_delay"):
            raise Refusal(429, "Too Many Requests")
        if creating and self.take("refused"):
            raise Refusal(403, "You are not permitted to perform this action.")
        if self.refusal is not None:
            raise self.refusal

    def _answer(self, request: web.Request, body: Any) -> tuple[int, Any]:
        path, query = request.path.removeprefix("/2/"), request.query
        match request.method, path.split("/"):
            case "POST", ["tweets"]:
                return 201, {"data": self._create(body)}
            case "GET", ["tweets", "search", "recent"]:
                talk = query["query"].removeprefix("conversation_id:")
                return 200, self._page([one for one in self.said if one["talk"] == talk], query)
            case "GET", ["tweets", number]:
                return 200, self._one(number, query)
            case "DELETE", ["tweets", number]:
                self.said.remove(self._find(number))
                return 200, {"data": {"deleted": True}}
            case "GET", ["users", "me"]:
                return 200, self._me(query)
            case "GET", ["users", _, "tweets"]:
                return 200, self._page([one for one in self.said if one["author"] == ME], query)
            case "GET", ["users", _, "mentions"]:
                rows = [
                    one for one in self.said if one["mentions"] or (one["answers"] and one["author"] != ME)
                ]
                return 200, self._page(rows, query)
            case _:
                return self._further(request, path.split("/"), body)

    def _further(self, request: web.Request, path: list[str], body: Any) -> tuple[int, Any]:
        match request.method, path:
            case "POST", ["media", "upload", "initialize"]:
                number = str(next(self._ids))
                self.files[number] = {**body, "data": b"", "alt": "", "pending": self.slow}
                return 200, {"data": {"id": number, "media_key": f"3_{number}", "expires_after_secs": 86_400}}
            case "POST", ["media", "upload", number, "append"]:
                self.files[number]["data"] += request[SEGMENT]
                return 200, {"data": {"expires_at": 1_800_000_000}}
            case "POST", ["media", "upload", number, "finalize"]:
                if len(self.files[number]["data"]) != self.files[number]["total_bytes"]:
                    self.violations.append(f"a file of {len(self.files[number]['data'])} bytes")
                return 200, {"data": self._file(number)}
            case "GET", ["media", "upload"]:
                return 200, {"data": self._file(request.query["media_id"])}
            case "POST", ["media", "metadata"]:
                self.files[body["id"]]["alt"] = body["metadata"]["alt_text"]["text"]
                return 200, {"data": {"id": body["id"]}}
            case "GET", ["dm_events"]:
                return 200, self._events(request.query)
            case "POST", ["dm_conversations", talk, "messages"]:
                made = self._message(body["text"], ME, talk)
                return 201, {"data": {"dm_conversation_id": talk, "dm_event_id": made["id"]}}
            case _:
                raise Refusal(404, "Not Found")

    def _file(self, number: str) -> dict[str, Any]:
        file = self.files[number]
        told: dict[str, Any] = {"id": number, "media_key": f"3_{number}", "size": len(file["data"])}
        if file.get("failed"):
            told["processing_info"] = {"state": "failed"}
        elif file["pending"]:
            file["pending"] -= 1
            told["processing_info"] = {"state": "in_progress", "check_after_secs": 1, "progress_percent": 40}
        elif file["media_category"] == "tweet_video":
            told["processing_info"] = {"state": "succeeded"}
        return told

    # --- posts ---

    def _create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        media = body.get("media", {}).get("media_ids", [])
        if any(number not in self.files for number in media):
            raise Refusal(400, "Your media IDs are invalid.")
        answers = body.get("reply", {}).get("in_reply_to_tweet_id", "")
        text = body.get("text", "")
        if edited := body.get("edit_options", {}).get("previous_post_id"):
            if not self.premium:
                raise Refusal(403, "You are not allowed to edit this Post.")
            one = self._find(edited)
            if one["ids"][-1] != edited:
                raise Refusal(400, "Not the latest version of the Post.")
            one["ids"].append(str(next(self._ids)))
            one.update(text=text, media=media)
        else:
            if any((one["text"], one["answers"]) == (text, answers) for one in self._mine()):
                raise Refusal(403, "You are not allowed to create a Tweet with duplicate content.")
            one = self._add(text, ME, answers=answers, media=media, poll=body.get("poll"), sent=dict(body))
        return {"id": one["ids"][-1], "text": text, self.words["history"]: one["ids"]}

    def _shown(self, one: Mapping[str, Any], number: str = "") -> dict[str, Any]:
        """As X tells it: signs escaped, addresses shortened, files as one more address."""
        urls = []

        def shortened(match: re.Match[str]) -> str:
            short = f"https://t.co/{len(urls):010d}"
            urls.append(
                {"start": 0, "end": 23, "url": short, "expanded_url": match[0], "display_url": match[0][8:30]}
            )
            return short

        text = re.sub(r"https?://\S+", shortened, html.escape(one["text"], quote=False))
        if one["media"]:
            own = {"url": "https://t.co/picture", "display_url": "pic.x.com/picture", "media_key": "3_1"}
            urls.append({"start": 0, "end": 23, "expanded_url": "https://x.com/niva/status/1/photo/1", **own})
            text += " https://t.co/picture"
        shown: dict[str, Any] = {
            "id": number or one["ids"][-1], "text": text, "author_id": one["author"],
            "conversation_id": one["talk"], "created_at": one["at"].isoformat(timespec="milliseconds"),
            self.words["history"]: one["ids"],
            "public_metrics": {
                self.words["reposts"]: 2, "reply_count": 3, "like_count": 4, "quote_count": 1,
                "bookmark_count": 5, "impression_count": 100,
            },
        }  # fmt: skip
        if urls:
            shown["entities"] = {"urls": urls}
        if one["answers"]:
            shown[self.words["referenced"]] = [{"type": "replied_to", "id": one["answers"]}]
            shown["in_reply_to_user_id"] = ME
        attached = {
            "media_keys": [f"3_{file}" for file in one["media"]],
            "poll_ids": ["1"] if one["poll"] else [],
        }
        if any(attached.values()):
            shown["attachments"] = {name: value for name, value in attached.items() if value}
        return shown

    def _one(self, number: str, query: Mapping[str, str]) -> dict[str, Any]:
        one = self._find(number)
        shown = self._shown(one, number)
        if "non_public_metrics" in str(query):
            shown["non_public_metrics"] = {"impression_count": 100, "url_link_clicks": 7}
        told: dict[str, Any] = {"data": shown}
        if one["poll"] and "poll" in query.get("expansions", ""):
            options = [
                {"position": i + 1, "label": label, "votes": 10 + i}
                for i, label in enumerate(one["poll"]["options"])
            ]
            told["includes"] = {"polls": [{"id": "1", "options": options}]}
        return told

    def _page(self, rows: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
        since = datetime.fromisoformat(query["start_time"]) if "start_time" in query else None
        found = [one for one in reversed(rows) if since is None or one["at"] >= since]
        start = int(query.get("pagination_token") or query.get("next_token") or 0)
        page = found[start : start + int(query["max_results"])]
        meta: dict[str, Any] = {"result_count": len(page)}
        if len(found) > start + len(page):
            meta["next_token"] = str(start + len(page))
        told: dict[str, Any] = {"meta": meta}
        if page:
            told["data"] = [self._shown(one) for one in page]
            told["includes"] = {"users": self._people()}
        return told

    def _people(self) -> list[dict[str, Any]]:
        return [
            {"id": ME, "name": "Нива", "username": "niva"},
            {"id": STRANGER, "name": "Сосед", "username": "sosed"},
        ]

    def _me(self, query: Mapping[str, str]) -> dict[str, Any]:
        latest = list(self.said)[-1] if self.said else None
        user = {
            "id": ME, "name": "Нива", "username": "niva", "description": "Мёд: https://t.co/honey",
            "url": "https://t.co/site", "location": "Воронеж", "verified": True, "verified_type": "blue",
            "protected": self.protected, "subscription_type": "Premium" if self.premium else "None",
            "profile_image_url": "https://pbs.twimg.com/profile_images/1/a_normal.jpg",
            "profile_banner_url": "https://pbs.twimg.com/profile_banners/1/2",
            "entities": {
                "url": {"urls": [_short("https://t.co/site", "https://niva.example")]},
                "description": {"urls": [_short("https://t.co/honey", "https://honey.example")]},
            },
            "public_metrics": {
                "followers_count": 1234, "following_count": 5, "listed_count": 6, "like_count": 7,
                self.words["posts"]: len(self.said),
            },
        }  # fmt: skip
        if "expansions" not in query or latest is None:
            return {"data": user}
        user |= {self.words["pinned"]: self.pinned["ids"][-1], self.words["latest"]: latest["ids"][-1]}
        return {
            "data": user,
            "includes": {self.words["included"]: [self._shown(self.pinned), self._shown(latest)]},
        }

    def _events(self, query: Mapping[str, str]) -> dict[str, Any]:
        start = int(query.get("pagination_token", "0"))
        rows = list(reversed(self.messages))
        page = rows[start : start + int(query["max_results"])]
        meta: dict[str, Any] = {"result_count": len(page)}
        if len(rows) > start + len(page):
            meta["next_token"] = str(start + len(page)).zfill(16)
        data = [
            {
                "id": one["id"], "text": one["text"], "event_type": "MessageCreate",
                "sender_id": one["author"],
                "dm_conversation_id": one["talk"], "created_at": one["at"].isoformat(timespec="milliseconds"),
            }
            for one in page
        ]  # fmt: skip
        return {"meta": meta, **({"data": data, "includes": {"users": self._people()}} if data else {})}


def _short(url: str, whole: str) -> dict[str, Any]:
    return {"start": 0, "end": 23, "url": url, "expanded_url": whole, "display_url": whole[8:]}


def _with_surplus(told: Any) -> Any:
    """The same with fields that no contract knows."""
    if isinstance(told, list):
        return [_with_surplus(one) for one in told]
    if not isinstance(told, dict):
        return told
    grown = {name: _with_surplus(one) for name, one in told.items()}
    return {**grown, "novelty": {"kind": "unheard"}}

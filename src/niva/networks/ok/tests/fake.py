"""An OK of our own: one group with its topics, its keys, its hosts for files, its chats, and the sign-in.

Written after the pages of https://apiok.ru named in the manifest (no machine-readable contract exists): the
signature is recomputed for every request, and what a page does not list is a violation.
"""

from __future__ import annotations

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from aiohttp import web

from niva.networks.base.fakes import FakeServer
from niva.networks.base.types import App, Credential
from niva.networks.ok.tests.pages import BLOCKS, PAGES

GROUP, USER, SHORT = "70000001952510", "580000000001", "pole"
TOKEN, SECRET, APP_SECRET = "tkn1-everlasting-token", "f0e1d2c3b4a5968778695a4b3c2d1e0f", "0FE3705B47B45ADB"
KEY, CLIENT, GROUP_TOKEN = "CLIHLCKGDIHBABABA", "512000000001", "tkn-group:CBABEGPMEBABABABA"
FAULTS = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "expired", "forgotten", "surplus",
    }
)  # fmt: skip


class Refusal(Exception):
    """Becomes OK's object with error_code, in a reply of HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.data = {"error_code": code, "error_msg": message, "error_data": None}


class FakeOk(FakeServer):
    """`topics` by id; `tokens`: pictures waiting for a topic; `rights`, `place`: what the keys may do."""

    def __init__(self) -> None:
        super().__init__()
        self.topics: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, list[dict[str, Any]]] = {}
        self.chats: dict[str, list[dict[str, Any]]] = {}
        self.tokens: dict[str, str] = {}
        self.videos: dict[str, str] = {}  # id -> "place", "sent", "ready"
        self.covers: list[str] = []
        self.files: list[int] = []
        self.key_error: tuple[int, str] | None = None
        self.rights = {"VALUABLE_ACCESS", "GROUP_CONTENT", "PHOTO_CONTENT", "VIDEO_CONTENT"}
        self.place, self.statistics_open = "ADMIN", True
        self.others: dict[str, dict[str, Any]] = {}  # further groups of the person: number -> its place there
        self.stream_error: tuple[int, str] | None = None
        self.token, self.secret, self.refresh_token = TOKEN, SECRET, "refresh-1"
        self.group: dict[str, Any] = {
            "uid": GROUP, "name": "Поле", "shortname": SHORT, "description": "Хлеб и мёд", "city": "Тверь",
            "members_count": 1204, "access_type": "OPEN", "private": False, "homepage_url": "https://pole.example",
            "phone": "+7 900 000-00-00", "address": "Полевая, 1", "subcategory": "Ферма", "min_age": 0,
            "messages_allowed": True, "who_can_comment": "ALL", "pic_avatar": "https://i.mycdn.me/a.jpg",
            "cover": {"photo": {"pic_max": "https://i.mycdn.me/c.jpg", "standard_width": 1944,
                                "standard_height": 600}},
        }  # fmt: skip
        self.surplus = False
        self._ids = count(155_000_000_000_001)

    def credential(self, **facts: Any) -> Credential:
        own = {"group_id": GROUP, "application_key": KEY, "user_id": USER, "api_base": self.url}
        secrets = {"access_token": TOKEN, "session_secret": SECRET, "group_token": GROUP_TOKEN}
        return Credential(secrets, {**own, **facts})

    def app(self) -> App:
        return App(CLIENT, APP_SECRET, {"application_key": KEY, "api_base": self.url})

    def posts(self) -> list[dict[str, Any]]:
        """Topics, oldest first."""
        found = []
        for number, topic in self.topics.items():
            blocks = topic["media"]
            text = "".join(block["text"] for block in blocks if block["type"] == "text")
            refs = [ref for block in blocks for ref in block.get(f"{block['type']}_refs", ())
                    if block["type"] in ("photo", "movie")]  # fmt: skip
            found.append({"id": number, "text": text, "media": len(refs), "raw": topic})
        return found

    def say(self, kind: str, text: str, post: str) -> None:
        """Somebody comments on a topic or writes to the group."""
        number = str(next(self._ids))
        if kind == "comment":
            moscow = datetime.now(UTC) + timedelta(hours=3)
            row = {
                "id": number, "text": text, "date": f"{moscow:%Y-%m-%d %H:%M:%S}", "type": "ACTIVE_MESSAGE",
                "author_id": "580000000777", "author_name": "Анна", "author_ref": "user:580000000777",
            }  # fmt: skip
            self.comments.setdefault(post, []).append(row)
        else:
            self._put("chat:C3e1", {"name": "Анна", "user_id": "user:580000000777"}, text)

    def _put(self, chat: str, sender: dict[str, str], text: str) -> str:
        mid = f"mid:{chat[5:]}.{next(self._ids)}"
        row = {"sender": sender, "recipient": {"chat_id": chat}, "timestamp": int(time.time() * 1000),
               "message": {"text": text, "seq": next(self._ids), "mid": mid}}  # fmt: skip
        self.chats.setdefault(chat, []).append(row)
        return mid

    def fault(self, name: str) -> None:
        if name == "revoked":
            self.key_error = (103, "PARAM_SESSION_KEY : Invalid session key")
        elif name == "expired":
            self.key_error = (102, "PARAM_SESSION_EXPIRED : Session expired")
        elif name == "forgotten":
            self.topics.popitem()
        elif name == "surplus":
            self.surplus = True
        else:
            super().fault(name)

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/fb.do", self._handle)
        app.router.add_post("/upload/{kind}/{number}", self._upload)
        app.router.add_post("/oauth/token.do", self._keys)
        app.router.add_get("/graph/me/chats", self._list_chats)
        app.router.add_get("/graph/me/messages/{chat}", self._list_messages)
        app.router.add_post("/graph/me/messages/{chat}", self._send_message)

    # --- the signed API ---

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        params = {name: str(value) for name, value in (await request.post()).items()}
        method = params.get("method", "")
        self.requests.append((method, params))
        self._judge(request, method, params)
        trouble = self.take("nonsense", "limited", "limited_no_delay")
        if trouble == "nonsense":
            return web.Response(text="<html>ok</html>", content_type="text/html")
        try:
            self._door(params, trouble, method == "mediatopic.post")
            result = getattr(self, "do_" + method.replace(".", "_"))(params)
        except Refusal as refusal:
            headers = {"Invocation-error": str(refusal.data["error_code"])}
            return web.json_response(refusal.data, headers=headers)
        if method == "mediatopic.post":
            fault = self.take("accepted_then_timeout", "error_after_commit", "reset")
            if broken := await self.broken_answer(fault, request):
                return broken
        if self.surplus and isinstance(result, dict):
            result = {**result, "new_thing": {"deep": ["НОВОЕ", None]}}
        return web.json_response(result)

    def _judge(self, request: web.Request, method: str, params: dict[str, str]) -> None:
        """Everything in the body, only what the method's page lists, signed rightly."""
        if request.query_string:
            self.violations.append(f"{method}: something stands in the address")
        if method not in PAGES:
            self.violations.append(f"no such method: {method}")
            return
        needed, allowed = PAGES[method]
        own = set(params) - {"application_key", "format", "method", "sig", "access_token"}
        if missing := needed - own:
            self.violations.append(f"{method}: without {sorted(missing)}")
        if strange := own - needed - allowed:
            self.violations.append(f"{method}: unknown {sorted(strange)}")

    def _door(self, params: dict[str, str], trouble: str, creating: bool) -> None:
        if trouble == "limited":
            raise Refusal(11, "LIMIT_REACHED : Method limit reached")
        if trouble:
            raise Refusal(7, "ACTION_BLOCKED : Action blocked")
        if self.key_error is not None:
            raise Refusal(*self.key_error)
        if params.get("application_key") != KEY:
            raise Refusal(101, "PARAM_API_KEY : Application not exist")
        if params.get("access_token") != self.token:
            raise Refusal(103, "PARAM_SESSION_KEY : Invalid session key")
        signed = {name: value for name, value in params.items() if name not in ("sig", "access_token")}
        glued = "".join(f"{name}={value}" for name, value in sorted(signed.items())) + self.secret
        if params.get("sig") != hashlib.md5(glued.encode()).hexdigest():
            raise Refusal(104, "PARAM_SIGNATURE : Invalid signature")
        if creating and self.take("refused"):
            raise Refusal(454, "CENSOR_MATCH : Text was declined by censor")

    # --- topics ---

    def _blocks(self, params: dict[str, str]) -> list[dict[str, Any]]:
        told = json.loads(params["attachment"])
        made: list[dict[str, Any]] = []
        for block in told["media"]:
            if block["type"] not in BLOCKS or set(block) - BLOCKS[block["type"]]:
                raise Refusal(100, f"PARAM : bad block {block}")
            if block["type"] == "photo":
                if any(one["id"] not in self.tokens for one in block["list"]):
                    raise Refusal(121, "PARAM_PHOTO_ID : Invalid photo token")
                refs = [f"group_photo:{self.tokens.pop(one['id'])}" for one in block["list"]]
                made.append({"type": "photo", "photo_refs": refs})
            elif block["type"] == "movie":
                if any(self.videos.get(one["id"]) != "ready" for one in block["list"]):
                    raise Refusal(100, "PARAM : Invalid movie id")
                made.append({"type": "movie", "movie_refs": [f"video:{one['id']}" for one in block["list"]]})
            else:
                made.append(block)
        if not made:
            raise Refusal(100, "PARAM : Empty media")
        return made

    def do_mediatopic_post(self, params: dict[str, str]) -> Any:
        if self.place not in ("ADMIN", "MODERATOR"):
            raise Refusal(10, "PERMISSION_DENIED : No permission to post into the group")
        if params.get("type") != "GROUP_THEME" or params.get("gid") != GROUP:
            raise Refusal(160, "PARAM_GROUP_ID : Invalid group id")
        number = str(next(self._ids))
        self.topics[number] = {
            "id": number, "created_ms": int(time.time() * 1000), "media": self._blocks(params),
            "like_summary": {"count": 5}, "discussion_summary": {"comments_count": 2},
            "reshare_summary": {"count": 1}, "raw": json.loads(params["attachment"]),
        }  # fmt: skip
        return number

    def _topic(self, number: str) -> dict[str, Any]:
        if number not in self.topics:
            raise Refusal(300, "NOT_FOUND : Topic not found")
        return self.topics[number]

    def do_mediatopic_edit(self, params: dict[str, str]) -> Any:
        self._topic(params["topic_id"])["media"] = self._blocks(params)
        return {"success": True}

    def do_mediatopic_deleteTopic(self, params: dict[str, str]) -> Any:
        self._topic(params["topic_id"])
        del self.topics[params["topic_id"]]
        return {"success": True, "restore_id": "1"}

    def do_mediatopic_getByIds(self, params: dict[str, str]) -> Any:
        found = [self.topics[number] for number in params["topic_ids"].split(",") if number in self.topics]
        return {"media_topics": found}

    def do_mediatopic_getPollAnswerVoters(self, params: dict[str, str]) -> Any:
        self._topic(params["topic_id"])
        return {"anchor": "a", "has_more": False, "total_count": int(params["answer_idx"]) + 3}

    def do_stream_get(self, params: dict[str, str]) -> Any:
        if self.stream_error is not None:
            raise Refusal(*self.stream_error)
        newest = list(self.topics.values())[::-1][: int(params["count"])]
        feeds = [{"pattern": "POST", "target_refs": [f"media_topic:{one['id']}"]} for one in newest]
        return {"feeds": feeds, "entities": {"media_topics": newest}, "anchor": "x"}

    # --- files ---

    def do_photosV2_getUploadUrl(self, params: dict[str, str]) -> Any:
        if "PHOTO_CONTENT" not in self.rights:
            raise Refusal(10, "PERMISSION_DENIED : PHOTO_CONTENT is required")
        number = str(next(self._ids))
        return {"photo_ids": [number], "upload_url": f"{self.url}/upload/photo/{number}", "expires": "soon"}

    def do_photosV2_commit(self, params: dict[str, str]) -> Any:
        if params["token"] not in self.tokens:
            raise Refusal(121, "PARAM_PHOTO_ID : Invalid photo token")
        made = self.tokens.pop(params["token"])
        return {"photos": [{"photo_id": made, "assigned_photo_id": made, "status": "SUCCESS"}]}

    def do_video_getUploadUrl(self, params: dict[str, str]) -> Any:
        number = str(next(self._ids))
        self.videos[number] = "place"
        return {"video_id": int(number), "upload_url": f"{self.url}/upload/video/{number}"}

    def do_video_update(self, params: dict[str, str]) -> Any:
        if self.videos.get(params["vid"]) not in ("sent", "ready"):
            raise Refusal(300, "NOT_FOUND : Video not found")
        self.videos[params["vid"]] = "ready"
        if "cover_photo_id" in params:
            self.covers.append(self.tokens.pop(params["cover_photo_upload_token"]))
        return {"success": True}

    async def _upload(self, request: web.Request) -> web.Response:
        kind, number = request.match_info["kind"], request.match_info["number"]
        sent = (await request.post()).get({"photo": "pic1", "video": "data"}[kind])
        if not isinstance(sent, web.FileField) or "access_token" in request.query_string:
            self.violations.append(f"upload of a {kind}: no file in its field, or a key with it")
            return web.json_response({"error_code": 505, "error_msg": "PHOTO_NO_IMAGE"})
        body = sent.file.read()
        self.files.append(len(body))
        if kind == "video":
            self.videos[number] = "sent"
            return web.Response(text="")
        if not body.startswith((b"\x89PNG", b"\xff\xd8", b"GIF8")):
            return web.json_response({"error_code": 504, "error_msg": "errors.image.corrupted"})
        token = f"photo-token-{number}"
        self.tokens[token] = number
        return web.json_response({"photos": {number: {"token": token}}})

    # --- the group, its numbers, its people ---

    def do_group_getInfo(self, params: dict[str, str]) -> Any:
        known = {
            GROUP: self.group,
            **{number: {"uid": number, "name": f"Группа {number}"} for number in self.others},
        }
        return [known[number] for number in params["uids"].split(",") if number in known]

    def do_group_getCounters(self, params: dict[str, str]) -> Any:
        known = {"MEMBERS": ("members", 1204), "THEMES": ("themes", len(self.topics)),
                 "MODERATORS": ("moderators", 3)}  # fmt: skip
        return {"counters": dict(known[word] for word in params["counterTypes"].split(","))}

    def do_group_getStatTopic(self, params: dict[str, str]) -> Any:
        self._topic(params["topic_id"])
        if not self.statistics_open:
            raise Refusal(50, "NOT_ADMIN : User must be the group administrator")
        figures = {"ID": params["topic_id"], "RENDERINGS": 900, "REACH": 610, "LIKES": 12, "COMMENTS": 4,
                   "RESHARES": 2, "LINK_CLICKS": 7}  # fmt: skip
        return {"topic": {word.lower(): figures[word] for word in params["fields"].split(",")}}

    def do_group_getStatTopics(self, params: dict[str, str]) -> Any:
        if not self.statistics_open:
            raise Refusal(50, "NOT_ADMIN : User must be the group administrator")
        start, end = int(params["start_time"]), int(params["end_time"]) + 1000  # clocks differ
        rows = [one for one in self.topics.values() if start <= one["created_ms"] <= end]
        return {"topics": [{"id": one["id"], "created_ms": one["created_ms"]} for one in rows]}

    def do_group_getUserGroupsByIds(self, params: dict[str, str]) -> Any:
        return [{"userId": params["uids"], "status": self.place}]

    def do_group_getUserGroupsV2(self, params: dict[str, str]) -> Any:
        places = [{"groupId": GROUP, "userId": USER, "status": self.place}] if self.place else []
        places += [{"groupId": number, "userId": USER, **place} for number, place in self.others.items()]
        start, size = int(params.get("anchor") or 0), int(params["count"])
        rows = places[start : start + size]
        return {"groups": rows, "anchor": str(start + len(rows))} if rows else {"anchor": str(start)}

    def do_group_setMainPhoto(self, params: dict[str, str]) -> Any:
        self.group["pic_avatar"] = f"https://i.mycdn.me/{params['photo_id']}.jpg"
        return {"success": True}

    def do_discussions_getComments(self, params: dict[str, str]) -> Any:
        rows = self.comments.get(params["discussionId"], [])[::-1]
        start = int(params.get("anchor") or 0)
        size = int(params["count"])
        more = start + size < len(rows)
        return {"comments": rows[start : start + size], "has_more": more, "anchor": str(start + size)}

    def do_users_getCurrentUser(self, params: dict[str, str]) -> Any:
        return {"uid": USER, "name": "Пётр"}

    def do_users_hasAppPermission(self, params: dict[str, str]) -> Any:
        return params["ext_perm"] in self.rights

    def do_url_getInfo(self, params: dict[str, str]) -> Any:
        if params["url"] != f"https://ok.ru/{SHORT}":
            return {"type": "UNKNOWN"}
        return {"type": "GROUP", "objectId": int(GROUP)}

    def do_auth_touchSession(self, params: dict[str, str]) -> Any:
        return {"success": True}

    # --- messages of the group ---

    def _bot_door(self, request: web.Request) -> web.Response | None:
        self.requests.append((f"graph {request.method}", dict(request.query)))
        if request.query.get("access_token") != GROUP_TOKEN:
            return web.json_response({"error_code": 103, "error_msg": "PARAM_SESSION_KEY : Invalid token"})
        return None

    async def _list_chats(self, request: web.Request) -> web.Response:
        rows = [
            {"type": "GROUP_CHAT", "status": "ACTIVE", "chat_id": chat, "group_id": f"group:{GROUP}",
             "lastEventTime": said[-1]["timestamp"], "participants": {}}
            for chat, said in self.chats.items()
        ]  # fmt: skip
        return self._bot_door(request) or web.json_response({"chats": rows})

    async def _list_messages(self, request: web.Request) -> web.Response:
        rows = self.chats.get(request.match_info["chat"], [])
        fresh = [one for one in rows if one["timestamp"] >= int(request.query["to"])]
        return self._bot_door(request) or web.json_response({"messages": fresh[::-1]})

    async def _send_message(self, request: web.Request) -> web.Response:
        if refusal := self._bot_door(request):
            return refusal
        chat, body = request.match_info["chat"], await request.json()
        if chat not in self.chats or body["recipient"] != {"chat_id": chat}:
            return web.json_response({"error_code": 705, "error_msg": "CHAT_NOT_FOUND"})
        mid = self._put(chat, {"name": "Поле", "group_id": f"group:{GROUP}"}, body["message"]["text"])
        return web.json_response({"success": True, "message_id": mid})

    # --- the sign-in ---

    async def _keys(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.requests.append(("oauth/token.do", form))
        right = form.get("client_id") == CLIENT and form.get("client_secret") == APP_SECRET
        if form["grant_type"] == "authorization_code":
            right = right and form["code"] == "good-code"
        else:
            right = right and form["refresh_token"] == self.refresh_token
        if not right:
            told = {"error": "invalid_grant", "error_description": "Expired code"}
            return web.json_response(told)
        self.token = f"tkn1-session-{next(self._ids)}"
        self.secret = hashlib.md5((self.token + APP_SECRET).encode()).hexdigest()
        return web.json_response(
            {"token_type": "session", "access_token": self.token, "refresh_token": self.refresh_token,
             "expires_in": "1800"}
        )  # fmt: skip

"""A VK of our own: one community with its wall, its keys, its upload hosts, and VK ID beside it."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from itertools import count
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from niva.networks.base.fakes import FakeServer
from niva.networks.base.types import App, Credential
from niva.networks.vk.tests.community import EDITOR_ID, GROUP, OTHER_GROUP, Community, Refusal, grown
from niva.networks.vk.tests.contract import load_contract

USER_KEY, GROUP_KEY, REFRESH_KEY = "vk1.a.user-key", "vk1.a.group-key", "vk2.a.refresh-key"
DEVICE, CLIENT = "device-1", "53000001"
FAULTS = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "expired", "captcha", "forgotten", "surplus",
    }
)  # fmt: skip
ALL_RIGHTS = 4 | 16 | 64 | 1024 | 8192 | 131072 | 262144 | 1048576
_ATTACHED = ("photo", "video", "doc", "poll")


class FakeVk(Community, FakeServer):
    """`wall`: posts by id; `things`: what was uploaded, by VK's word for it; `place`: the editor's role."""

    def __init__(self) -> None:
        super().__init__()
        self.contract = load_contract()
        self.wall: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.things: dict[str, dict[str, Any]] = {}
        self.guids: dict[str, int] = {}
        self.files: list[tuple[str, int]] = []
        self.user_keys, self.group_keys, self.refresh_keys = {USER_KEY}, {GROUP_KEY}, {REFRESH_KEY}
        self.challenges: dict[str, str] = {}
        self.key_error: tuple[int, str] | None = None
        self.place, self.rights, self.members = 3, ALL_RIGHTS, 4870
        self.edits_two = False
        self.statistics_open = True
        self._ids = count(901)
        self.surplus = False
        self.set_community()

    def credential(self, *, user: bool = True, community: bool = True, **facts: Any) -> Credential:
        secrets = {"access_token": USER_KEY, "refresh_token": REFRESH_KEY} if user else {}
        if community:
            secrets["community_token"] = GROUP_KEY
        own = {"group_id": GROUP, "device_id": DEVICE, "client_id": CLIENT, "api_base": self.url,
               "id_base": self.url}  # fmt: skip
        return Credential(secrets, {**own, **facts})

    def app(self) -> App:
        return App(CLIENT, facts={"id_base": self.url})

    def posts(self) -> list[dict[str, Any]]:
        """Posts, oldest first."""
        held = [
            {
                "id": str(number), "text": post["text"], "raw": post,
                "media": sum(1 for a in post["attachments"] if a["type"] in ("photo", "video", "doc")),
            }
            for number, post in sorted(self.wall.items())
        ]  # fmt: skip
        return held + [{"id": str(number), "text": "", "media": 1} for number in sorted(self.stories)]

    def fault(self, name: str) -> None:
        if name == "revoked":
            self.key_error = (5, "User authorization failed: invalid access_token (4).")
            self.refresh_keys.clear()
        elif name == "expired":
            self.user_keys.clear()  # what VK ID gives from now on is good, what it gave before never again
        elif name == "forgotten":
            self.wall.pop(max(self.wall))
        elif name == "surplus":
            self.surplus = True
        else:
            super().fault(name)

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/method/{method}", self._handle)
        app.router.add_post("/upload/{kind}/{number}", self._upload)
        app.router.add_post("/oauth2/auth", self._keys)

    # --- the door ---

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        params = {name: str(value) for name, value in (await request.post()).items()}
        self.requests.append((method, params))
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        key = "group" if token in self.group_keys else "user"
        if self.contract is not None:
            self.violations += self.contract.request(method, params, key)
        if request.query_string:
            self.violations.append(f"{method}: something stands in the address: {request.query_string}")
        trouble = self.take("nonsense", "limited", "limited_no_delay")
        if trouble == "nonsense":
            return web.Response(text="<html>It works!</html>", content_type="text/html")
        creating = method in ("wall.post", "stories.save")
        try:
            self._door(token, trouble, creating)
            result = getattr(self, "do_" + method.replace(".", "_"))(params, key)
        except Refusal as refusal:
            code = refusal.data["error"]["error_code"]
            if self.contract is not None and code not in self.contract.errors | {1051}:
                self.violations.append(f"{method}: VK has no error {code}")
            return web.json_response(refusal.data)
        if self.contract is not None:
            self.violations += self.contract.reply(method, {"response": result})
        if method in ("wall.post", "wall.createComment", "stories.save"):
            fault = self.take("accepted_then_timeout", "error_after_commit", "reset")
            if broken := await self.broken_answer(fault, request):
                return broken
        return web.json_response({"response": grown(result) if self.surplus else result})

    def _door(self, token: str, trouble: str, creating: bool) -> None:
        if trouble == "limited":
            raise Refusal(6, "Too many requests per second")
        if trouble:
            raise Refusal(9, "Flood control")
        if self.key_error is not None:
            raise Refusal(*self.key_error)
        if token not in self.user_keys | self.group_keys:
            raise Refusal(5, "User authorization failed: access_token has expired.")
        if creating and self.take("captcha"):
            raise Refusal(14, "Captcha needed")
        if creating and self.take("refused"):
            raise Refusal(222, "Hyperlinks are forbidden")

    def _own(self, owner: str) -> None:
        if owner != f"-{GROUP}" or self.place < 2:
            raise Refusal(15, "Access denied: no access to call this method")

    def _post(self, params: dict[str, str]) -> dict[str, Any]:
        post = self.wall.get(int(params["post_id"]))
        if post is None:
            raise Refusal(100, "One of the parameters specified was missing or invalid: post_id is invalid")
        return post

    # --- wall ---

    def _content(self, params: dict[str, str]) -> dict[str, Any]:
        words = [word for word in params.get("attachments", "").split(",") if word]
        if not words and not params.get("message", "").strip():
            raise Refusal(100, "One of the parameters specified was missing or invalid: message is empty")
        attached = []
        for word in words:
            kind = next((k for k in _ATTACHED if word.startswith(f"{k}-")), None)
            if kind is None:
                attached.append({"type": "link", "link": {"url": word}})
            elif (thing := self.things.get("_".join(word.split("_")[:2]))) is None:
                raise Refusal(
                    100, f"One of the parameters specified was missing or invalid: {kind} is undefined"
                )
            else:
                attached.append({"type": kind, kind: thing})
        if attached and all(a["type"] == "poll" for a in attached) and not params.get("message"):
            raise Refusal(100, "One of the parameters specified was missing or invalid: a poll stands alone")
        if sum(a["type"] != "link" for a in attached) > 11 or sum(a["type"] == "link" for a in attached) > 1:
            raise Refusal(100, "One of the parameters specified was missing or invalid: attachments")
        return {"text": params.get("message", "").strip(), "attachments": attached}

    def do_wall_post(self, params: dict[str, str], key: str) -> Any:
        self._own(params["owner_id"])
        if params.get("guid") in self.guids:
            return {"post_id": self.guids[params["guid"]]}
        content = self._content(params)
        if params.get("link_photo_id") and f"photo{params['link_photo_id']}" not in self.things:
            raise Refusal(100, "One of the parameters specified was missing or invalid: link_photo_id")
        number = next(self._ids)
        self.wall[number] = {
            "inner_type": "wall_wallpost", "id": number, "owner_id": -GROUP, "from_id": -GROUP,
            "date": int(time.time()), "post_type": "post", **content,
            "likes": {"can_like": 1, "count": 3, "user_likes": 0}, "reposts": {"count": 1},
            "comments": {"count": 0}, "views": {"count": 210},
        }  # fmt: skip
        if "guid" in params:
            self.guids[params["guid"]] = number
        return {"post_id": number}

    def do_wall_edit(self, params: dict[str, str], key: str) -> Any:
        self._own(params["owner_id"])
        self._post(params).update(self._content(params), edited=int(time.time()))
        return {"post_id": int(params["post_id"])}

    def do_wall_delete(self, params: dict[str, str], key: str) -> Any:
        self._own(params["owner_id"])
        if int(params["post_id"]) not in self.wall:
            raise Refusal(210, "Access to wall's post denied")
        del self.wall[int(params["post_id"])]
        return 1

    def do_wall_get(self, params: dict[str, str], key: str) -> Any:
        newest = [self._marked(post) for _, post in sorted(self.wall.items(), reverse=True)]
        newest.sort(key=lambda post: not post.get("is_pinned", 0))
        return {"count": len(newest), "items": newest[: int(params.get("count", 20))]}

    def do_wall_getById(self, params: dict[str, str], key: str) -> Any:
        numbers = [int(word.split("_")[1]) for word in params["posts"].split(",")]
        return {"items": [self.wall[number] for number in numbers if number in self.wall]}

    def do_wall_createComment(self, params: dict[str, str], key: str) -> Any:
        post = self._post(params)
        sender = -int(params["from_group"]) if params.get("from_group") else EDITOR_ID
        number = self.comment(post["id"], sender, params["message"], int(params.get("reply_to_comment", 0)))
        return {"comment_id": number}

    def do_wall_getComments(self, params: dict[str, str], key: str) -> Any:
        return self.commented(params)

    # --- uploads ---

    def _keep(self, kind: str, thing: dict[str, Any]) -> dict[str, Any]:
        self.things[f"{kind}{thing['owner_id']}_{thing['id']}"] = thing
        return thing

    def do_photos_getWallUploadServer(self, params: dict[str, str], key: str) -> Any:
        self._right(4)
        return {"album_id": -14, "user_id": EDITOR_ID, "upload_url": f"{self.url}/upload/photo/0"}

    def do_photos_saveWallPhoto(self, params: dict[str, str], key: str) -> Any:
        if params.get("hash") != "h1" or not json.loads(params["photo"]):
            raise Refusal(121, "Invalid hash")
        photo = {"id": next(self._ids), "owner_id": -GROUP, "album_id": -14, "date": int(time.time()),
                 "has_tags": False, "access_key": "k1"}  # fmt: skip
        return [self._keep("photo", photo)]

    def do_video_save(self, params: dict[str, str], key: str) -> Any:
        self._right(16)
        number = next(self._ids)
        self._keep("video", {"id": number, "owner_id": -GROUP, "title": params.get("name", "")})
        return {"owner_id": -GROUP, "video_id": number, "title": params.get("name", ""),
                "upload_url": f"{self.url}/upload/video/{number}"}  # fmt: skip

    def do_docs_getWallUploadServer(self, params: dict[str, str], key: str) -> Any:
        return {"upload_url": f"{self.url}/upload/doc/0"}

    def do_docs_save(self, params: dict[str, str], key: str) -> Any:
        doc = {"id": next(self._ids), "owner_id": -GROUP, "title": "move.gif", "size": 10, "ext": "gif",
               "date": int(time.time()), "type": 3}  # fmt: skip
        return {"type": "doc", "doc": self._keep("doc", doc)}

    def do_polls_create(self, params: dict[str, str], key: str) -> Any:
        answers = json.loads(params["add_answers"])
        poll = {
            "id": next(self._ids), "owner_id": -GROUP, "question": params["question"], "votes": 0,
            "answers": [{"id": i + 1, "text": text, "votes": 0, "rate": 0} for i, text in enumerate(answers)],
            "anonymous": params["is_anonymous"] == "1", "multiple": params["is_multiple"] == "1",
            "end_date": int(params.get("end_date", 0)), "closed": False, "is_board": False, "can_edit": True,
            "can_vote": True, "can_report": False, "can_share": True, "created": int(time.time()),
            "disable_unvote": False,
        }  # fmt: skip
        return self._keep("poll", poll)

    async def _upload(self, request: web.Request) -> web.Response:
        """The hosts that take files: another answer than the API's for each kind."""
        kind = request.match_info["kind"]
        field = {"video": "video_file", "doc": "file", "story": "file", "storyvideo": "video_file"}.get(
            kind, "photo"
        )
        sent = (await request.post()).get(field)
        if not isinstance(sent, web.FileField) or "Authorization" in request.headers:
            self.violations.append(f"upload of a {kind}: no file in {field}, or a key with it")
            return web.json_response({"error": "no file"})
        body = sent.file.read()
        self.files.append((kind, len(body)))
        if kind == "photo":
            known = body[:4] in (b"\x89PNG", b"GIF8") or body[:2] == b"\xff\xd8"
            photo = [{"photo": "6f26a6640b:w", "sizes": []}] if known else []
            return web.json_response({"server": 856312, "photo": json.dumps(photo), "hash": "h1"})
        if kind in ("story", "storyvideo"):
            return web.json_response({"response": {"upload_result": f"{kind}-word"}, "_sig": "s"})
        if kind in ("owner", "cover"):
            return web.json_response({"server": 7, "photo": f"{kind}:{len(body)}", "hash": "h1"})
        if kind == "video":
            return web.json_response({"size": len(body), "video_id": int(request.match_info["number"])})
        return web.json_response({"file": "doc-word"})

    # --- community ---

    def _right(self, bit: int) -> None:
        if not self.rights & bit:
            raise Refusal(15, "Access denied: no access to call this method")

    def do_groups_getById(self, params: dict[str, str], key: str) -> Any:
        wanted = params.get("group_id", str(GROUP))
        if wanted not in (str(GROUP), "pole_test", str(OTHER_GROUP)):
            return {"groups": [], "profiles": []}
        number = OTHER_GROUP if wanted == str(OTHER_GROUP) else GROUP
        group = {**self.told, "id": number, "members_count": self.members}
        if key == "user":
            group |= {"is_admin": int(self.place > 0)} | ({"admin_level": self.place} if self.place else {})
        return {"groups": [group], "profiles": []}

    def do_groups_get(self, params: dict[str, str], key: str) -> Any:
        assert params["filter"] == "editor", "only those where one may publish"
        rows = [{"id": GROUP, "name": "Поле", "screen_name": "pole_test", "is_closed": 0, "type": "group"}]
        if self.edits_two:
            rows.append({**rows[0], "id": OTHER_GROUP, "name": "Лавка", "screen_name": "lavka"})
        return {"count": len(rows), "items": rows if self.place > 1 else []}

    def do_account_getAppPermissions(self, params: dict[str, str], key: str) -> Any:
        if self.refuse_rights:
            raise Refusal(*self.refuse_rights)
        if not self.rights:
            raise Refusal(1051, "Method is not available for this profile type")
        return self.rights

    def _statistics(self) -> None:
        if not self.statistics_open:
            raise Refusal(15, "Access denied: statistics are closed")

    def do_stats_getPostReach(self, params: dict[str, str], key: str) -> Any:
        self._statistics()
        return [
            {"post_id": int(params["post_ids"]), "reach_total": 180, "reach_subscribers": 150, "links": 4}
        ]

    def do_stats_get(self, params: dict[str, str], key: str) -> Any:
        self._statistics()
        return [{"visitors": {"views": 60, "visitors": 41}, "period_from": int(time.time())}]

    # --- VK ID ---

    def grant_code(self, url: str) -> dict[str, str]:
        """What VK ID puts into the query of the way back, after the person has agreed at `url`."""
        asked = {name: values[0] for name, values in parse_qs(url.partition("?")[2]).items()}
        assert asked["code_challenge_method"] == "S256" and asked["client_id"] == CLIENT
        code = f"code-{next(self._ids)}"
        self.challenges[code] = asked["code_challenge"]
        return {"code": code, "state": asked["state"], "device_id": DEVICE, "type": "code_v2"}

    async def _keys(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.requests.append(("oauth2/auth", form))
        right = form.get("client_id") == CLIENT and form.get("device_id") == DEVICE and form.get("state")
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            right = right and self.challenges.pop(form["code"], None) == challenge
        else:
            right = right and form["refresh_token"] in self.refresh_keys
            self.refresh_keys.discard(form["refresh_token"])
        if not right:
            told = {"error": "invalid_grant", "error_description": "refresh token is invalid or expired"}
            return web.json_response(told, status=400)
        number = next(self._ids)
        access, renewal = f"vk2.a.user-{number}", f"vk2.a.refresh-{number}"
        self.user_keys.add(access)
        self.refresh_keys.add(renewal)
        self.key_error = None
        return web.json_response(
            {"access_token": access, "refresh_token": renewal, "token_type": "Bearer", "expires_in": 3600,
             "user_id": EDITOR_ID, "state": form["state"], "scope": "wall photos video docs groups stats"}
        )  # fmt: skip

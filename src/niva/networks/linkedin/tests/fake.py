"""A LinkedIn of our own: one page and one person, their posts, files, comments, numbers, and the sign-in.

Replies are written after the pages that the manifest names; requests are held against the description.
"""

from __future__ import annotations

import time
from itertools import count
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from aiohttp import web

from niva.networks.base.fakes import FakeServer
from niva.networks.base.types import App, Credential
from niva.networks.linkedin.client import VERSION
from niva.networks.linkedin.tests.contract import load_contract

NUMBER, VANITY, PERSON = 2414183, "pole-farm", "8675309"
PAGE, MEMBER = f"urn:li:organization:{NUMBER}", f"urn:li:person:{PERSON}"
TOKEN, PERSON_TOKEN, REFRESH = "AQX-page-token", "AQX-person-token", "AQR-refresh"
CLIENT, CLIENT_SECRET = "86niva", "WPL_AP1.secret"
FAULTS = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "expired", "forgotten", "surplus",
    }
)  # fmt: skip
PART = 4096  # bytes of one part of a video; in life 4 MB


class Refusal(Exception):
    """Becomes LinkedIn's error object."""

    def __init__(self, status: int, message: str, *, number: int = 100, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.data = {"message": message, "serviceErrorCode": number, "status": status}
        if code:
            self.data["code"] = code


class FakeLinkedIn(FakeServer):
    """`shares`: posts by URN; `assets`: pictures and videos by URN with their state; `role` on the page."""

    def __init__(self) -> None:
        super().__init__()
        self.contract = load_contract()
        self.shares: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, Any]] = {}
        self.mentions: list[dict[str, Any]] = []
        self.assets: dict[str, dict[str, Any]] = {}
        self.tokens = {TOKEN: "page", PERSON_TOKEN: "person"}
        self.refresh_tokens = {REFRESH}
        self.key_error: tuple[int, str, int] | None = None
        self.role, self.version_gone, self.surplus, self.looks = "ADMINISTRATOR", False, False, 0
        self.slow = 0  # looks at a video before it is ready
        self.counted, self.roles_closed = True, False
        self.others: dict[int, str] = {}  # further pages of the person: number -> his role there
        self.scope = "r_organization_social,w_organization_social,rw_organization_admin,w_member_social"
        self.page: dict[str, Any] = {
            "id": NUMBER, "localizedName": "Поле", "vanityName": VANITY, "localizedDescription": "Хлеб и мёд",
            "localizedWebsite": "https://pole.example", "primaryOrganizationType": "NONE",
            "logoV2": {"original": "urn:li:digitalmediaAsset:C4D0"}, "coverPhotoV2": {},
            "locations": [{"address": {"city": "Тверь", "line1": "Полевая, 1"}}],
        }  # fmt: skip
        self._ids = count(7_000_000_000_000_000_001)

    def credential(self, *, person: bool = False, **facts: Any) -> Credential:
        own = {"api_base": self.url, "sign_in": self.url}
        where = (
            {"author": MEMBER}
            if person
            else {"page": f"https://www.linkedin.com/company/{VANITY}/", "author": PAGE}
        )
        return Credential({"access_token": PERSON_TOKEN if person else TOKEN}, {**own, **where, **facts})

    def app(self) -> App:
        return App(CLIENT, CLIENT_SECRET, {"sign_in": self.url})

    def posts(self) -> list[dict[str, Any]]:
        """Posts, oldest first, as people read them."""
        found = []
        for urn, row in self.shares.items():
            content = row.get("content") or {}
            media = (content.get("multiImage") or {}).get("images") or [content["media"]] if (
                "multiImage" in content or "media" in content) else []  # fmt: skip
            text = row["commentary"]
            for sign in "\\|{}@[]()<>#*_~":
                text = text.replace(f"\\{sign}", sign)
            found.append({"id": urn, "text": text, "media": len(media), "raw": row})
        return found

    def say(self, kind: str, text: str, post: str) -> None:
        """Somebody comments on a post or names the page in one of his own."""
        now = int(time.time() * 1000)
        if kind == "comment":
            self._comment("urn:li:person:anna", post, text, "")
            return
        urn = f"urn:li:share:{next(self._ids)}"
        share = {"text": text, "owner": "urn:li:person:anna", "entity": urn, "mediaCategory": "NONE"}
        self.mentions.append(
            {"notificationId": 1, "organizationalEntity": PAGE, "action": "SHARE_MENTION",
             "lastModifiedAt": now,
             "generatedActivity": urn, "decoratedGeneratedActivity": {"share": share}}
        )  # fmt: skip

    def _comment(self, actor: str, post: str, text: str, parent: str) -> str:
        number = str(next(self._ids))
        self.comments[number] = {
            "id": number, "actor": actor, "object": post, "message": {"text": text, "attributes": []},
            "created": {"actor": actor, "time": int(time.time() * 1000)},
            "commentUrn": f"urn:li:comment:({post},{number})",
            **({"parentComment": parent} if parent else {}),
        }  # fmt: skip
        return number

    def fault(self, name: str) -> None:
        if name == "revoked":
            self.key_error = (401, "The token used in the request has been revoked by the user", 65601)
        elif name == "expired":
            self.key_error = (401, "The token used in the request has expired", 65602)
        elif name == "forgotten":
            self.shares.popitem()
        elif name == "surplus":
            self.surplus = True
        else:
            super().fault(name)

    def routes(self, app: web.Application) -> None:
        app.router.add_put("/dms-uploads/{urn}/{part}", self._upload)
        app.router.add_post("/oauth/v2/accessToken", self._keys)
        app.router.add_route("*", "/{tail:.*}", self._handle)

    # --- the door ---

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        raw = urlsplit(request.raw_path)
        body = await request.json() if request.can_read_body else None
        self.requests.append((f"{request.method} {raw.path}", body or {}))
        self._judge(request, raw.path, raw.query, body)
        trouble = self.take("nonsense", "limited", "limited_no_delay")
        if trouble == "nonsense":
            return web.Response(text="<html>LinkedIn</html>", content_type="text/html")
        parts = [unquote(part) for part in raw.path.strip("/").split("/")]
        query = {name: values[0] for name, values in parse_qs(raw.query, keep_blank_values=True).items()}
        creating = (request.method, parts) == ("POST", ["rest", "posts"])
        try:
            who = self._door(request, trouble, creating)
            data, headers = self._answer(request.method, parts, query, body, who)
        except Refusal as refusal:
            late = {"Retry-After": "90"} if trouble == "limited" else {}
            return web.json_response(refusal.data, status=refusal.status, headers=late)
        if creating:
            fault = self.take("accepted_then_timeout", "error_after_commit", "reset")
            if broken := await self.broken_answer(fault, request):
                return broken
        if self.surplus and isinstance(data, dict):
            data = {**data, "newThing": {"deep": ["НОВОЕ", None]}}
        if data is None:
            return web.Response(status=201 if headers else 204, headers=headers)
        return web.json_response(data, headers=headers, status=201 if headers else 200)

    def _judge(self, request: web.Request, path: str, query: str, body: Any) -> None:
        if self.contract is not None:
            self.contract.request(request.method, path, query, request.headers, body)
            self.violations += self.contract.breaches
            self.contract.breaches.clear()
        if "urn:" in path or "urn:" in query:
            self.violations.append(f"{path}?{query}: a URN that is not encoded")
        if path.startswith("/rest/"):
            for name, value in (("LinkedIn-Version", VERSION), ("X-Restli-Protocol-Version", "2.0.0")):
                if request.headers.get(name) != value:
                    self.violations.append(f"{path}: {name} is {request.headers.get(name)}")
        if "access_token" in query:
            self.violations.append("a key in the address")

    def _door(self, request: web.Request, trouble: str, creating: bool) -> str:
        if trouble:
            raise Refusal(429, "Resource level throttle APPLICATION DAY limit for calls is reached.")
        if self.version_gone:
            raise Refusal(426, f"Requested version {VERSION} is not active", code="NONEXISTENT_VERSION")
        if self.key_error is not None:
            raise Refusal(self.key_error[0], self.key_error[1], number=self.key_error[2])
        who = self.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if who is None:
            raise Refusal(401, "Invalid access token", number=65600)
        if creating and self.take("refused"):
            raise Refusal(422, "Content is a duplicate of urn:li:share:1", code="DUPLICATE_POST")
        return who

    def _answer(
        self, method: str, parts: list[str], query: dict[str, str], body: Any, who: str
    ) -> tuple[Any, dict[str, str]]:
        if parts == ["v2", "userinfo"]:
            if who != "person":
                raise Refusal(
                    403, "Not enough permissions to access: userinfo.GET.NO_VERSION", code="ACCESS_DENIED"
                )
            return {"sub": PERSON, "name": "Пётр Полев", "picture": "https://media.licdn.com/p.jpg"}, {}
        kind = parts[1]
        if who == "person" and kind not in ("posts", "images", "videos", "socialActions"):
            raise Refusal(
                403, f"Not enough permissions to access: {kind}.GET.{VERSION}", code="ACCESS_DENIED"
            )
        result = getattr(self, f"do_{kind}")(method, parts[2:], query, body, who)
        return result if isinstance(result, tuple) else (result, {})

    # --- posts ---

    def do_posts(self, method: str, rest: list[str], query: dict[str, str], body: Any, who: str) -> Any:
        if who == "person" and method == "GET":
            raise Refusal(403, f"Not enough permissions to access: posts.GET.{VERSION}", code="ACCESS_DENIED")
        if method == "POST" and not rest:
            return self._create(body, who)
        if not rest:
            newest = list(self.shares.values())[::-1][: int(query["count"])]
            paging = {"start": 0, "count": int(query["count"]), "links": [], "total": len(self.shares)}
            return {"paging": paging, "elements": newest}
        if method == "DELETE":
            self.shares.pop(rest[0], None)
            return None
        if rest[0] not in self.shares:
            raise Refusal(404, f"Post {rest[0]} is not found", code="NOT_FOUND")
        if method == "POST":
            self.shares[rest[0]].update(body["patch"]["$set"])
            return None
        return self.shares[rest[0]]

    def _create(self, body: dict[str, Any], who: str) -> Any:
        author = PAGE if who == "page" else MEMBER
        if body["author"].startswith("urn:li:organization") and who == "person":
            raise Refusal(403, "Organization permissions must be used when using organization as author")
        if body["author"] != author:
            raise Refusal(400, "Author is not the owner of the token")
        content = body.get("content") or {}
        images = (content.get("multiImage") or {}).get("images") or []
        named = [one["id"] for one in images] + ([content["media"]["id"]] if "media" in content else [])
        named += [content["article"]["thumbnail"]] if "thumbnail" in content.get("article", {}) else []
        for urn in named:
            if self.assets.get(urn, {}).get("status") != "AVAILABLE":
                raise Refusal(400, f"Media {urn} is not available: processing")
        if len(content) > 1 or (images and len(images) < 2):
            raise Refusal(422, "content: exactly one kind, multiImage of 2 or more")
        if "poll" in content:
            content = {"poll": {**content["poll"], "uniqueVotersCount": 9}}
        urn = f"urn:li:share:{next(self._ids)}"
        now = int(time.time() * 1000)
        stored = {**body, "commentary": body["commentary"][:3000], "content": content, "id": urn}
        self.shares[urn] = {**stored, "createdAt": now, "publishedAt": now, "lastModifiedAt": now}
        return None, {"x-restli-id": urn}

    # --- files ---

    def do_images(self, method: str, rest: list[str], query: dict[str, str], body: Any, who: str) -> Any:
        if rest:
            if rest[0] == "urn:li:image:C4D0":
                return {
                    "id": rest[0],
                    "status": "AVAILABLE",
                    "downloadUrl": "https://media.licdn.com/logo.png",
                }
            raise Refusal(404, "Image is not found")
        urn = f"urn:li:image:{next(self._ids)}"
        self.assets[urn] = {"status": "WAITING_UPLOAD", "owner": body["initializeUploadRequest"]["owner"]}
        url = f"{self.url}/dms-uploads/{urn}/0"
        return {"value": {"uploadUrlExpiresAt": 1, "uploadUrl": url, "image": urn}}

    def do_videos(self, method: str, rest: list[str], query: dict[str, str], body: Any, who: str) -> Any:
        if rest:
            asset = self.assets[rest[0]]
            self.looks += 1
            if asset["status"] == "PROCESSING" and self.looks > self.slow:
                asset["status"] = "AVAILABLE"
            return {"id": rest[0], "status": asset["status"]}
        if query["action"] == "finalizeUpload":
            request = body["finalizeUploadRequest"]
            asset = self.assets[request["video"]]
            whole = [f"etag-{part}" for part in sorted(asset["parts"])] == request["uploadedPartIds"]
            if not whole or sum(asset["parts"].values()) != asset["size"]:
                raise Refusal(400, "The parts do not make the file")
            asset["status"] = "PROCESSING"
            return {}
        size = body["initializeUploadRequest"]["fileSizeBytes"]
        urn = f"urn:li:video:{next(self._ids)}"
        self.assets[urn] = {"status": "WAITING_UPLOAD", "size": size, "parts": {}, "cover": False}
        parts = [
            {"uploadUrl": f"{self.url}/dms-uploads/{urn}/{start // PART}", "firstByte": start,
             "lastByte": min(start + PART, size) - 1}
            for start in range(0, size, PART)
        ]  # fmt: skip
        value = {"video": urn, "uploadInstructions": parts, "uploadToken": "", "uploadUrlsExpireAt": 1}
        if body["initializeUploadRequest"]["uploadThumbnail"]:
            value["thumbnailUploadUrl"] = f"{self.url}/dms-uploads/{urn}/cover"
        return {"value": value}

    async def _upload(self, request: web.Request) -> web.Response:
        urn, part, body = request.match_info["urn"], request.match_info["part"], await request.read()
        asset = self.assets[urn]
        if part == "cover":
            asset["cover"] = request.headers.get("media-type-family") == "STILLIMAGE" and bool(body)
            return web.Response(status=201)
        if urn.startswith("urn:li:image:"):
            asset["status"] = "AVAILABLE" if body else "FAILED"
            return web.Response(status=201)
        asset["parts"][int(part)] = len(body)
        return web.Response(status=200, headers={"ETag": f'"etag-{part}"'})

    # --- comments, notifications ---

    def do_socialActions(
        self, method: str, rest: list[str], query: dict[str, str], body: Any, who: str
    ) -> Any:
        parent = rest[0]
        if method == "POST":
            if body["actor"] != (PAGE if who == "page" else MEMBER):
                raise Refusal(403, "The actor is not the owner of the token")
            number = self._comment(body["actor"], body["object"], body["message"]["text"],
                                   body.get("parentComment", ""))  # fmt: skip
            return {"id": number}, {"x-restli-id": number}
        if who == "person":
            raise Refusal(403, "Not enough permissions to access: socialActions", code="ACCESS_DENIED")
        key = "parentComment" if parent.startswith("urn:li:comment:") else "object"
        rows = [one for one in self.comments.values() if one.get(key) == parent]
        if key == "object":
            rows = [one for one in rows if "parentComment" not in one]
        for row in rows:
            below = sum(one.get("parentComment") == row["commentUrn"] for one in self.comments.values())
            row["commentsSummary"] = {"totalFirstLevelComments": below}
        start, size = int(query["start"]), int(query["count"])
        return {
            "elements": rows[start : start + size],
            "paging": {"start": start, "count": size, "links": []},
        }

    def do_organizationalEntityNotifications(
        self, method: str, rest: list[str], query: dict[str, str], body: Any, who: str
    ) -> Any:
        return {"elements": self.mentions, "paging": {"start": 0, "count": 100, "links": []}}

    # --- the page and its numbers ---

    def do_organizations(
        self, method: str, rest: list[str], query: dict[str, str], body: Any, who: str
    ) -> Any:
        if rest:
            if rest[0].isdecimal() and int(rest[0]) in self.others:
                return {"id": int(rest[0]), "localizedName": f"Страница {rest[0]}"}
            if rest[0] != str(NUMBER):
                raise Refusal(404, "Organization is not found")
            return self.page
        return {"elements": [self.page] if query["vanityName"] == VANITY else []}

    def do_organizationAcls(
        self, method: str, rest: list[str], query: dict[str, str], body: Any, who: str
    ) -> Any:
        if self.roles_closed:
            raise Refusal(403, "Not enough permissions to access: organizationAcls", code="ACCESS_DENIED")
        row = {"organization": PAGE, "roleAssignee": MEMBER, "role": self.role, "state": "APPROVED"}
        rows = [row] if self.role else []
        rows += [
            {"organizationTarget": f"urn:li:organization:{number}", "roleAssignee": MEMBER, "role": role,
             "state": "APPROVED"}
            for number, role in self.others.items()
        ]  # fmt: skip
        if query["q"] == "organization":
            rows = [row, {**row, "roleAssignee": "urn:li:person:other"}]
        return {"elements": rows, "paging": {"start": 0, "count": 100, "links": []}}

    def do_networkSizes(
        self, method: str, rest: list[str], query: dict[str, str], body: Any, who: str
    ) -> Any:
        return {"firstDegreeSize": 5120}

    def do_organizationalEntityShareStatistics(
        self, method: str, rest: list[str], query: dict[str, str], body: Any, who: str
    ) -> Any:
        figures = {"impressionCount": 800, "uniqueImpressionsCount": 640, "clickCount": 31, "likeCount": 12,
                   "commentCount": 3, "shareCount": 2, "engagement": 0.06}  # fmt: skip
        share = query["shares"].removeprefix("List(").removesuffix(")")
        rows = [{"organizationalEntity": PAGE, "share": share, "totalShareStatistics": figures}]
        return {"elements": rows if self.counted else []}

    def do_organizationPageStatistics(
        self, method: str, rest: list[str], query: dict[str, str], body: Any, who: str
    ) -> Any:
        views = {"allPageViews": {"pageViews": 70, "uniquePageViews": 44}}
        return {"elements": [{"totalPageStatistics": {"views": views}}] if self.counted else []}

    # --- the sign-in ---

    async def _keys(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.requests.append(("accessToken", form))
        right = (form.get("client_id"), form.get("client_secret")) == (CLIENT, CLIENT_SECRET)
        if form["grant_type"] == "authorization_code":
            right = right and form["code"] == "good-code"
        else:
            right = right and form["refresh_token"] in self.refresh_tokens
        if not right:
            told = {"error": "invalid_request", "error_description": "The provided token is invalid"}
            return web.json_response(told, status=400)
        access = f"AQX-{next(self._ids)}"
        self.tokens[access] = "page"
        self.key_error = None
        return web.json_response(
            {"access_token": access, "expires_in": 5_184_000, "refresh_token": REFRESH,
             "refresh_token_expires_in": 31_536_000, "scope": self.scope}
        )  # fmt: skip

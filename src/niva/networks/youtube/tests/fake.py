"""A YouTube of our own: one channel with its videos, comments, playlists, uploads, and Google's keys.

Every request it gets and every reply it gives is put to the discovery documents, where they are at hand.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

from aiohttp import web

from niva.networks.base.fakes import FakeServer
from niva.networks.base.types import App, Credential
from niva.networks.youtube.tests.contract import load_contract
from niva.networks.youtube.tests.resources import (
    CHANNEL,
    UPLOADS,
    analytics,
    channel_of,
    comment_of,
    thread_of,
    video_of,
    with_surplus,
)

FAULTS: Final = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "expired", "forgotten", "surplus",
    }
)  # fmt: skip
CLIENT, SECRET, ACCESS, REFRESH = (
    "1-niva.apps.googleusercontent.com",
    "GOCSPX-secret",
    "ya29.first",
    "1//refresh",
)
ALL_SCOPES: Final = " ".join(
    f"https://www.googleapis.com/auth/{one}"
    for one in ("youtube.force-ssl", "youtube.upload", "yt-analytics.readonly")
)
_KIB256: Final = 256 * 1024


class Refusal(Exception):
    """Becomes Google's error object."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        error = {"domain": "youtube.fake", "reason": reason, "message": f"refused: {reason}"}
        told = {"error": {"code": status, "message": error["message"], "errors": [error]}}
        self.reply = web.json_response(told, status=status, headers=headers)


class FakeYouTube(FakeServer):
    """`videos`: by id, oldest first, an old one that was always there among them. `locked`: everything
    becomes private, as for an unaudited application. `eats`: at most so many bytes of a piece are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.contract = load_contract()
        self.access, self.refreshers = {ACCESS}, {REFRESH}
        self.codes: dict[str, str] = {}
        self._ids = count(1)
        self.videos: dict[str, dict[str, Any]] = {}
        self.threads: dict[str, list[dict[str, Any]]] = {}
        self.playlists: dict[str, list[str]] = {"PL-honey": []}
        self.sessions: dict[str, dict[str, Any]] = {}
        self.covers: dict[str, bytes] = {}
        self.channel = channel_of()
        self.locked = self.surplus = False
        self.refuse: dict[str, tuple[int, str]] = {}
        self.eats = 10**9
        self.reports = analytics(3, 2)
        old = {"snippet": {"title": "Старое", "description": "", "categoryId": "22"}, "status": {}}
        self.old = self._publish(old, datetime.now(UTC) - timedelta(days=30))["id"]

    def credential(self, **facts: Any) -> Credential:
        own = {"api_base": self.url, "analytics_base": self.url, "token_url": f"{self.url}/token",
               "channel_id": CHANNEL, "scope": ALL_SCOPES}  # fmt: skip
        return Credential({"access_token": ACCESS, "refresh_token": REFRESH}, {**own, **facts})

    def app(self) -> App:
        return App(CLIENT, SECRET, {"token_url": f"{self.url}/token", "consent_page": f"{self.url}/consent"})

    def posts(self) -> list[dict[str, Any]]:
        """Brackets are shown as they were written: YouTube takes none, see payloads."""
        return [
            {
                "id": one["id"], "media": 1, "video": one,
                "text": one["snippet"]["description"].replace("‹", "<").replace("›", ">"),
            }
            for one in self.videos.values()
            if one["id"] != self.old
        ]  # fmt: skip

    def say(self, kind: str, text: str, post: str) -> None:
        self._comment(post, text, "UC-neighbour")

    def fault(self, name: str) -> None:
        match name:
            case "revoked":
                self.access.clear()
                self.refreshers.clear()
            case "expired":
                self.access.clear()
            case "forgotten":
                self.videos.popitem()
            case "surplus":
                self.surplus = True
            case _:
                super().fault(name)

    # --- the door ---

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/upload/youtube/v3/videos", self._guarded(self._open))
        app.router.add_put("/upload/youtube/v3/videos", self._guarded(self._piece))
        app.router.add_post("/upload/youtube/v3/thumbnails/set", self._guarded(self._cover))
        app.router.add_post("/upload/youtube/v3/channelBanners/insert", self._guarded(self._banner))
        app.router.add_route("*", "/youtube/v3/{method}", self._guarded(self._method))
        app.router.add_get("/v2/reports", self._guarded(self._report))
        app.router.add_get("/consent", self._consent)
        app.router.add_post("/token", self._token)

    def _guarded(self, handler: Any) -> Any:
        async def guarded(request: web.Request) -> web.StreamResponse:
            raw = await request.read()
            body = json.loads(raw) if request.content_type == "application/json" and raw else None
            self.requests.append((f"{request.method} {request.path}", {**request.query, "body": body}))
            if self.contract is not None and "upload_id" not in request.query:
                self.contract.request(request.method, request.path, request.query, body)
            try:
                self._may(request)
                opening = handler == self._open or "Content-Range" in request.headers
                if not opening and self.take("nonsense"):
                    return web.Response(text="<html>hello</html>", content_type="text/html")
                told = await handler(request, body if body is not None else raw)
            except Refusal as refusal:
                return refusal.reply
            return told if isinstance(told, web.StreamResponse) else self._answer(request, told)

        return guarded

    def _answer(self, request: web.Request, told: Any, path: str = "") -> web.Response:
        if told is None:
            return web.Response(status=204)
        if self.contract is not None:
            self.contract.reply("POST" if path else request.method, path or request.path, told)
        return web.json_response(with_surplus(told) if self.surplus else told)

    def _may(self, request: web.Request) -> None:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.access:
            raise Refusal(401, "authError")
        if self.take("limited"):
            raise Refusal(403, "quotaExceeded")
        if self.take("limited_no_delay"):
            raise Refusal(403, "rateLimitExceeded")
        name = request.path.removeprefix("/upload").removeprefix("/youtube/v3/")
        if (why := self.refuse.get(f"{request.method} {name}")) is not None:
            raise Refusal(*why)

    # --- uploads ---

    async def _open(self, request: web.Request, body: Any) -> web.StreamResponse:
        if self.take("refused"):
            raise Refusal(400, "invalidTitle")
        snippet = body["snippet"]
        self._check_snippet(snippet)
        key = f"s{next(self._ids)}"
        self.sessions[key] = {
            "meta": body, "size": int(request.headers["X-Upload-Content-Length"]), "data": bytearray(),
            "video": None, "quiet": request.query.get("notifySubscribers") == "false",
        }  # fmt: skip
        where = f"{self.url}/upload/youtube/v3/videos?uploadType=resumable&upload_id={key}"
        return web.Response(status=200, headers={"Location": where})

    def _check_snippet(self, snippet: Mapping[str, Any]) -> None:
        if not 0 < len(snippet.get("title", "")) <= 100 or set("<>") & set(snippet["title"]):
            raise Refusal(400, "invalidTitle")
        described = snippet.get("description", "")
        if len(described.encode()) > 5000 or set("<>") & set(described):
            raise Refusal(400, "invalidDescription")

    async def _piece(self, request: web.Request, body: Any) -> Any:
        session = self.sessions.get(request.query.get("upload_id", ""))
        if session is None or (session["video"] and session["video"] not in self.videos):
            raise Refusal(404, "notFound")
        if session["video"]:
            return self._answer(request, self.videos[session["video"]], "/upload/youtube/v3/videos")
        span = request.headers["Content-Range"]
        if not span.startswith("bytes */"):
            start, end, size = map(int, re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", span).groups())  # type: ignore[union-attr]
            if size != session["size"] or len(body) != end - start + 1:
                self.violations.append(f"a piece {span} of {len(body)} bytes for {session['size']}")
            if end + 1 < size and len(body) % _KIB256:
                self.violations.append(f"a piece of {len(body)} bytes in the middle")
            if start == len(session["data"]):
                session["data"] += body[: self.eats]
        if len(session["data"]) < session["size"]:
            have = {"Range": f"bytes=0-{len(session['data']) - 1}"} if session["data"] else {}
            return web.Response(status=308, headers=have)
        if self.take("nonsense"):
            return web.Response(text="<html>hello</html>", content_type="text/html")
        video = self._publish(session["meta"], datetime.now(UTC))
        session["video"] = video["id"]
        broken = await self.broken_answer(
            self.take("accepted_then_timeout", "error_after_commit", "reset"), request
        )
        return broken or self._answer(request, video, "/upload/youtube/v3/videos")

    def _publish(self, meta: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        video = video_of(f"video{next(self._ids)}", meta, at)
        if self.locked:
            video["status"]["privacyStatus"] = "private"
        self.videos[video["id"]] = video
        self.threads[video["id"]] = []
        return video

    async def _cover(self, request: web.Request, body: Any) -> Any:
        video = self._video(request.query["videoId"])
        self.covers[video["id"]] = bytes(body)
        video["contentDetails"]["hasCustomThumbnail"] = True
        return {
            "kind": "youtube#thumbnailSetResponse",
            "items": [{"default": {"url": "https://i.ytimg.com/x.jpg"}}],
        }

    async def _banner(self, request: web.Request, body: Any) -> Any:
        return {
            "kind": "youtube#channelBannerResource",
            "url": f"https://yt3.googleusercontent.com/{len(body)}",
        }

    # --- methods ---

    async def _method(self, request: web.Request, body: Any) -> Any:
        name = f"{request.method} {request.match_info['method']}"
        query = request.query
        match name:
            case "GET channels":
                return self._rows([self.channel])
            case "PUT channels":
                settings = self.channel["brandingSettings"]
                settings.clear()
                settings.update(body["brandingSettings"])
                self.channel["snippet"]["description"] = settings["channel"].get("description", "")
                return self.channel
            case "GET videos":
                ids = query.get("id", "").split(",")
                return self._rows([self._shown(one) for key, one in self.videos.items() if key in ids])
            case "PUT videos":
                video = self._video(body["id"])
                self._check_snippet(body["snippet"])
                for part in ("snippet", "status"):
                    kept = {
                        k: v
                        for k, v in video[part].items()
                        if k in ("publishedAt", "channelId", "uploadStatus")
                    }
                    video[part] = {**body.get(part, {}), **kept}
                return self._shown(video)
            case "DELETE videos":
                self.videos.pop(self._video(query["id"])["id"])
                return None
            case _:
                return self._lists(name, query, body)

    def _lists(self, name: str, query: Mapping[str, str], body: Any) -> Any:
        match name:
            case "GET playlists":
                rows = [{"id": one, "snippet": {"title": "Мёд"}} for one in self.playlists]
                return self._rows(rows)
            case "GET playlistItems":
                return self._playlist_items(query)
            case "POST playlistItems":
                self.playlists[body["snippet"]["playlistId"]].append(body["snippet"]["resourceId"]["videoId"])
                return {"id": f"item{next(self._ids)}", **body}
            case "GET commentThreads":
                threads = self.threads[self._video(query["videoId"])["id"]]
                return self._page(
                    list(reversed([thread_of(one, query["videoId"]) for one in threads])), query
                )
            case "POST commentThreads":
                snippet = body["snippet"]
                if snippet.get("channelId") != CHANNEL or not snippet.get("videoId"):
                    raise Refusal(400, "channelOrVideoIdMissing")
                said = self._comment(
                    snippet["videoId"], snippet["topLevelComment"]["snippet"]["textOriginal"], CHANNEL
                )
                return thread_of(said, snippet["videoId"])
            case "GET comments":
                return self._rows(self._thread(query["parentId"])["replies"])
            case "POST comments":
                parent = self._thread(body["snippet"]["parentId"])
                said = comment_of(f"c{next(self._ids)}", body["snippet"]["textOriginal"], CHANNEL)
                parent["replies"].append(said)
                return said
            case _:
                raise Refusal(404, "notFound")

    def _playlist_items(self, query: Mapping[str, str]) -> Any:
        if query["playlistId"] == UPLOADS:
            shown = [self.videos[one] for one in reversed(self.videos)]
        elif query["playlistId"] in self.playlists:
            held = self.playlists[query["playlistId"]]
            shown = [self.videos[one] for one in held if query.get("videoId", one) == one]
        else:
            raise Refusal(404, "playlistNotFound")
        rows = [
            {
                "id": f"item-{one['id']}",
                "snippet": {
                    "title": one["snippet"]["title"], "description": one["snippet"].get("description", ""),
                    "publishedAt": one["snippet"]["publishedAt"],
                    "resourceId": {"kind": "youtube#video", "videoId": one["id"]},
                },
            }
            for one in shown
        ]  # fmt: skip
        return self._page(rows, query)

    def _page(self, rows: list[Any], query: Mapping[str, str]) -> Any:
        start, most = int(query.get("pageToken", "0")), int(query.get("maxResults", "5"))
        page = self._rows(rows[start : start + most])
        if len(rows) > start + most:
            page["nextPageToken"] = str(start + most)
        return page

    def _rows(self, rows: list[Any]) -> dict[str, Any]:
        return {"items": rows, "pageInfo": {"totalResults": len(rows), "resultsPerPage": 50}}

    def _shown(self, video: dict[str, Any]) -> dict[str, Any]:
        video["statistics"]["commentCount"] = str(len(self.threads.get(video["id"], ())))
        return video

    def _video(self, number: str) -> dict[str, Any]:
        if number not in self.videos:
            raise Refusal(404, "videoNotFound")
        return self.videos[number]

    def _comment(self, video: str, text: str, author: str) -> dict[str, Any]:
        said = {**comment_of(f"c{next(self._ids)}", text, author), "replies": []}
        self.threads[self._video(video)["id"]].append(said)
        return said

    def _thread(self, number: str) -> dict[str, Any]:
        found = [one for threads in self.threads.values() for one in threads if one["id"] == number]
        if not found:
            raise Refusal(404, "parentCommentNotFound")
        return found[0]

    async def _report(self, request: web.Request, body: Any) -> Any:
        return self.reports

    # --- keys ---

    async def _consent(self, request: web.Request) -> web.Response:
        code = f"4/code{next(self._ids)}"
        self.codes[code] = request.query["code_challenge"]
        where = f"{request.query['redirect_uri']}?code={code}&state={request.query['state']}"
        return web.Response(status=302, headers={"Location": where})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.requests.append(("POST /token", dict(form)))
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        fresh = {"access_token": f"ya29.{next(self._ids)}", "expires_in": 3599, "token_type": "Bearer"}
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") not in self.refreshers:
                told = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
                return web.json_response(told, status=400)
        else:
            digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if self.codes.pop(str(form["code"]), "") != challenge:
                return web.json_response({"error": "invalid_grant"}, status=400)
            fresh |= {"refresh_token": REFRESH, "scope": ALL_SCOPES, "refresh_token_expires_in": 604_799}
        self.access.add(str(fresh["access_token"]))
        return web.json_response(fresh)

"""A TikTok of our own: one account with its publishings, posts, uploads, and keys.

No machine-readable contract exists. Replies from_docs:
https://developers.tiktok.com/doc/content-posting-api-reference-direct-post,
https://developers.tiktok.com/doc/content-posting-api-reference-photo-post,
https://developers.tiktok.com/doc/content-posting-api-reference-get-video-status,
https://developers.tiktok.com/doc/content-posting-api-reference-query-creator-info,
https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info,
https://developers.tiktok.com/doc/tiktok-api-v2-video-query,
https://developers.tiktok.com/doc/oauth-user-access-token-management.
What these pages demand of requests is checked here and collected in `violations`.
"""

from __future__ import annotations

import hashlib
import json
import re
from itertools import count
from typing import Any, Final

from aiohttp import web

from niva.networks.base.fakes import FakeServer
from niva.networks.base.testing import PUBLIC
from niva.networks.base.types import App, Credential

FAULTS: Final = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "expired", "forgotten", "surplus",
    }
)  # fmt: skip
VERIFIED: Final = PUBLIC.partition("files/")[0]  # "Verify", "Domain": all below the desk's address
CLIENT, SECRET, ACCESS, REFRESH = "aw-client", "tt-secret-secret", "act.first", "rft.first"
ALL_SCOPES: Final = "user.info.basic,user.info.profile,user.info.stats,video.publish,video.list"
_INFO: Final = {
    "privacy_level", "disable_comment", "disable_duet", "disable_stitch", "title", "description", "is_aigc",
    "brand_organic_toggle", "brand_content_toggle", "auto_add_music", "video_cover_timestamp_ms",
}  # fmt: skip
_FIELDS: Final = {
    "open_id": "user.info.basic", "avatar_url": "user.info.basic", "avatar_large_url": "user.info.basic",
    "display_name": "user.info.basic", "username": "user.info.profile",
    "bio_description": "user.info.profile",
    "profile_deep_link": "user.info.profile", "is_verified": "user.info.profile",
    "follower_count": "user.info.stats", "video_count": "user.info.stats",
}  # fmt: skip
_MB: Final = 1024 * 1024


class Refusal(Exception):
    """Becomes TikTok's error object."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        told = {"data": {}, "error": {"code": code, "message": f"refused: {code}", "log_id": "2026"}}
        self.reply = web.json_response(told, status=status)


class FakeTikTok(FakeServer):
    """`publishings`: by number, oldest first. `audited`: the application has passed. `slow`: how often a
    publishing is still being worked on when asked. `unlisted`: the list holds no photos."""

    def __init__(self) -> None:
        super().__init__()
        self.access, self.refreshers = {ACCESS}, {REFRESH}
        self.codes: dict[str, str] = {}
        self._ids = count(7_000_000_000_000_000_000)
        self.publishings: dict[str, dict[str, Any]] = {}
        self.scopes = ALL_SCOPES
        self.audited, self.unlisted, self.surplus = True, False, False
        self.slow, self.fail, self.refuse = 0, "", ""
        self.creator: dict[str, Any] = {
            "creator_avatar_url": "https://p16.tiktokcdn.com/a.jpg", "creator_username": "niva",
            "creator_nickname": "Нива", "comment_disabled": False, "duet_disabled": False,
            "stitch_disabled": True,
            "privacy_level_options": ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
            "max_video_post_duration_sec": 300,
        }  # fmt: skip

    def credential(self, **facts: Any) -> Credential:
        own = {"api_base": self.url, "token_url": f"{self.url}/v2/oauth/token/", "open_id": "open-1",
               "username": "niva", "scope": self.scopes}  # fmt: skip
        return Credential({"access_token": ACCESS, "refresh_token": REFRESH}, {**own, **facts})

    def app(self) -> App:
        facts = {"token_url": f"{self.url}/v2/oauth/token/", "consent_page": f"{self.url}/consent"}
        return App(CLIENT, SECRET, facts)

    def posts(self) -> list[dict[str, Any]]:
        return [
            {"id": number, "text": one["text"], "media": one["media"], "made": one}
            for number, one in self.publishings.items()
            if one["out"]
        ]

    def fault(self, name: str) -> None:
        match name:
            case "revoked":
                self.access.clear()
                self.refreshers.clear()
            case "expired":
                self.access.clear()
            case "forgotten":
                list(self.publishings.values())[-1]["out"] = False
            case "surplus":
                self.surplus = True
            case _:
                super().fault(name)

    # --- the door ---

    def routes(self, app: web.Application) -> None:
        app.router.add_put("/upload/{number}", self._piece)
        app.router.add_post("/v2/oauth/token/", self._token)
        app.router.add_get("/consent", self._consent)
        app.router.add_route("*", "/v2/{path:.*}", self._guarded)

    async def _guarded(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body = json.loads(raw) if raw else {}
        path = request.match_info["path"]
        self.requests.append((path, body))
        try:
            if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.access:
                raise Refusal(401, "access_token_invalid")
            if self.take("limited", "limited_no_delay"):
                raise Refusal(429, "rate_limit_exceeded")
            if "creator_info" not in path and self.take("nonsense"):
                return web.Response(text="<html>hello</html>", content_type="text/html")
            told = self._answer(path, body, request.query.get("fields", ""))
        except Refusal as refusal:
            return refusal.reply
        if "content/init" in path or (body.get("source_info") or {}).get("source") == "PULL_FROM_URL":
            fault = self.take("accepted_then_timeout", "error_after_commit", "reset")
            if (broken := await self.broken_answer(fault, request)) is not None:
                return broken
        whole = {"data": told, "error": {"code": "ok", "message": "", "log_id": "2026"}}
        return web.json_response(_with_surplus(whole) if self.surplus else whole)

    def _answer(self, path: str, body: dict[str, Any], fields: str) -> dict[str, Any]:
        if self.refuse and "init" in path:
            raise Refusal(403, self.refuse)
        match path:
            case "user/info/":
                return self._user(fields)
            case "post/publish/creator_info/query/":
                return self.creator
            case "post/publish/video/init/":
                return self._begin(body)
            case "post/publish/content/init/":
                return self._photos(body)
            case "post/publish/status/fetch/":
                return self._state(body["publish_id"])
            case "video/query/":
                return self._query(body["filters"]["video_ids"])
            case _:
                raise Refusal(404, "unsupported_path")

    def _user(self, fields: str) -> dict[str, Any]:
        for name in fields.split(","):
            if _FIELDS[name] not in self.scopes.split(","):
                raise Refusal(401, "scope_not_authorized")
        known = {
            "open_id": "open-1", "display_name": "Нива", "username": "niva", "bio_description": "Мёд",
            "avatar_url": "https://p16.tiktokcdn.com/a.jpg", "avatar_large_url": "https://p16.tiktokcdn.com/b.jpg",
            "is_verified": False, "follower_count": 321, "video_count": len(self.posts()),
            "profile_deep_link": "https://vm.tiktok.com/1",
        }  # fmt: skip
        return {"user": {name: known[name] for name in fields.split(",")}}

    # --- publishing ---

    def _check_info(self, info: dict[str, Any], text: str, most: int) -> None:
        if unknown := set(info) - _INFO:
            self.violations.append(f"unknown fields of post_info: {sorted(unknown)}")
        if len(text.encode("utf-16-le")) // 2 > most:
            raise Refusal(400, "invalid_params")
        if info["privacy_level"] not in self.creator["privacy_level_options"]:
            raise Refusal(403, "privacy_level_option_mismatch")
        if not self.audited and info["privacy_level"] != "SELF_ONLY":
            raise Refusal(403, "unaudited_client_can_only_post_to_private_accounts")
        for forbidden, said in (
            ("comment_disabled", "disable_comment"),
            ("stitch_disabled", "disable_stitch"),
        ):
            if self.creator[forbidden] and not info.get(said, True):
                self.violations.append(f"{said} is off where TikTok wants it on")

    def _made(self, info: dict[str, Any], text: str, media: int, **more: Any) -> str:
        number = f"v_pub_file~v2-1.{next(self._ids)}"
        self.publishings[number] = {
            "info": info, "text": text, "media": media, "out": False, "pending": self.slow, "fail": self.fail,
            "post": str(next(self._ids)), **more,
        }  # fmt: skip
        return number

    def _begin(self, body: dict[str, Any]) -> dict[str, Any]:
        info, source = body["post_info"], body["source_info"]
        self._check_info(info, info["title"], 2200)
        if source["source"] == "PULL_FROM_URL":
            if not source["video_url"].startswith(VERIFIED):
                raise Refusal(403, "url_ownership_unverified")
            number = self._made(info, info["title"], 1, kind="pulled")
            self.publishings[number]["out"] = not self.fail
            return {"publish_id": number}
        size, length, many = source["video_size"], source["chunk_size"], source["total_chunk_count"]
        small = size < 5 * _MB and (length, many) == (size, 1)
        if not small and (many != size // length or not 5 * _MB <= length <= 64 * _MB):
            self.violations.append(f"pieces of {length}, {many} of them, for {size}")
        number = self._made(info, info["title"], 1, data=bytearray(), size=size, ended=False, kind="video")
        return {
            "publish_id": number,
            "upload_url": f"{self.url}/upload/{number}?upload_id=1&upload_token=xyz",
        }

    async def _piece(self, request: web.Request) -> web.StreamResponse:
        one = self.publishings[request.match_info["number"]]
        content = await request.read()
        if one["ended"]:
            return web.Response(status=403, text="expired")
        if "Authorization" in request.headers:
            self.violations.append("the key was sent to the place of uploads")
        span = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", request.headers["Content-Range"])
        assert span is not None
        start, end, size = map(int, span.groups())
        if start != len(one["data"]) or size != one["size"] or end - start + 1 != len(content):
            return web.Response(status=416, text="out of order")
        one["data"] += content
        if len(one["data"]) < size:
            return web.Response(status=206)
        one["out"] = not one["fail"]
        fault = self.take("accepted_then_timeout", "error_after_commit", "reset")
        return await self.broken_answer(fault, request) or web.Response(status=201)

    def _photos(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.take("refused"):
            raise Refusal(403, "url_ownership_unverified")
        info, source = body["post_info"], body["source_info"]
        if (body["media_type"], body["post_mode"], source["source"]) != (
            "PHOTO",
            "DIRECT_POST",
            "PULL_FROM_URL",
        ):
            self.violations.append(f"kinds of {body}")
        self._check_info(info, info["description"], 4000)
        if len(info["title"]) > 90 or len(source["photo_images"]) > 35:
            raise Refusal(400, "invalid_params")
        if not all(url.startswith(VERIFIED) for url in source["photo_images"]):
            raise Refusal(403, "url_ownership_unverified")
        number = self._made(info, info["description"], len(source["photo_images"]), kind="photo")
        self.publishings[number]["out"] = not self.fail
        return {"publish_id": number}

    def _state(self, number: str) -> dict[str, Any]:
        one = self.publishings.get(number)
        if one is None:
            raise Refusal(400, "invalid_publish_id")
        sent = len(one["data"]) if one["kind"] == "video" else 0
        if one["kind"] == "video" and sent < one["size"]:
            return {"status": "PROCESSING_UPLOAD", "uploaded_bytes": sent}
        if one["pending"]:
            one["pending"] -= 1
            where = "PROCESSING_UPLOAD" if one["kind"] == "video" else "PROCESSING_DOWNLOAD"
            return {"status": where, "uploaded_bytes": sent}
        if one["fail"]:
            return {"status": "FAILED", "fail_reason": one["fail"], "uploaded_bytes": sent}
        shown = [] if one["info"]["privacy_level"] == "SELF_ONLY" else [int(one["post"])]
        return {"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": shown, "uploaded_bytes": sent}

    def _query(self, numbers: list[str]) -> dict[str, Any]:
        rows = [
            {
                "id": one["post"], "video_description": one["text"], "title": one["text"],
                "create_time": 1_795_000_000,
                "share_url": f"https://www.tiktok.com/@niva/video/{one['post']}", "view_count": 100,
                "like_count": 9, "comment_count": 2, "share_count": 1,
            }
            for one in self.publishings.values()
            if one["out"] and one["post"] in numbers and not (self.unlisted and one["kind"] == "photo")
        ]  # fmt: skip
        return {"videos": rows}

    # --- keys ---

    async def _consent(self, request: web.Request) -> web.Response:
        query = request.query
        if query.get("client_key") != CLIENT:
            self.violations.append("no client_key")
        code = f"code{next(self._ids)}"
        self.codes[code] = query.get("code_challenge", "")
        where = f"{query['redirect_uri']}?code={code}&state={query['state']}&scopes={self.scopes}"
        return web.Response(status=302, headers={"Location": where})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        wrong = {"error": "invalid_grant", "error_description": "It is invalid or expired.", "log_id": "2026"}
        if (form.get("client_key"), form.get("client_secret")) != (CLIENT, SECRET):
            return web.json_response({**wrong, "error": "invalid_client"}, status=401)
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") not in self.refreshers:
                return web.json_response(wrong)  # with status 200: so TikTok does
            self.refreshers.discard(str(form["refresh_token"]))
        else:
            challenge = self.codes.pop(str(form["code"]), None)
            verifier = str(form.get("code_verifier") or "")
            digest = hashlib.sha256(verifier.encode()).hexdigest() if verifier else ""
            if challenge is None or challenge != digest:
                return web.json_response(wrong)
        fresh = {"access_token": f"act.{next(self._ids)}", "refresh_token": f"rft.{next(self._ids)}"}
        self.access = {fresh["access_token"]}
        self.refreshers.add(fresh["refresh_token"])
        lives = {"expires_in": 86_400, "refresh_expires_in": 31_536_000, "token_type": "Bearer"}
        return web.json_response({**fresh, **lives, "open_id": "open-1", "scope": self.scopes})


def _with_surplus(told: Any) -> Any:
    """The same with fields that no page knows."""
    if isinstance(told, list):
        return [_with_surplus(one) for one in told]
    if not isinstance(told, dict):
        return told
    return {**{name: _with_surplus(one) for name, one in told.items()}, "novelty": {"kind": "unheard"}}

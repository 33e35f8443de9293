"""One method, one HTTP call."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from niva.networks.base.errors import Rejected
from niva.networks.base.network import Call
from niva.networks.base.transport import unclear
from niva.networks.base.types import MediaFile
from niva.networks.practice.errors import check

DEFAULT_PORT: Final = "8131"


def base_url(facts: Mapping[str, Any]) -> str:
    """Where the network answers: the community's `api_base`, else the one inside this desk.

    The desk's own: NIVA_PRACTICE_URL where it runs on another machine, else port NIVA_PRACTICE_PORT here.
    """
    stated = str(facts.get("api_base") or os.environ.get("NIVA_PRACTICE_URL") or "").rstrip("/")
    return stated or f"http://127.0.0.1:{os.environ.get('NIVA_PRACTICE_PORT', DEFAULT_PORT)}"


class Client:
    """The practice API with the keys of one call."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.base = base_url(call.credential.facts) + "/api/v1"

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = None,
        form: Any = None,
        params: Mapping[str, str] | None = None,
        keyed: bool = False,
        signed: bool = True,
    ) -> dict[str, Any]:
        writes = method != "GET"
        headers: dict[str, str] = {}
        if signed:
            headers["Authorization"] = f"Bearer {self.call.credential.secrets.get('access_token', '')}"
        if keyed and self.call.key:
            headers["Idempotency-Key"] = self.call.key
        reply = await self.call.transport.request(
            method,
            self.base + path,
            writes=writes,
            headers=headers,
            json_body=json_body,
            form=form,
            params=params,
        )
        return check(self.call, reply, writes=writes)

    async def upload(self, file: MediaFile) -> dict[str, Any]:
        """Raises Rejected when the file is gone from this machine, before anything is sent."""
        try:
            source = file.path.open("rb")
        except OSError as error:
            raise Rejected("file_missing", file.path.name) from error
        with source:
            form = aiohttp.FormData()
            form.add_field("alt", file.alt)
            form.add_field("file", source, filename=file.path.name, content_type=file.mime)
            return await self._ask("POST", "/media", form=form)

    async def create_post(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._ask("POST", "/posts", json_body=body, keyed=True)

    async def list_posts(self, since: datetime) -> dict[str, Any]:
        return await self._ask("GET", "/posts", params={"since": since.isoformat(), "limit": "100"})

    async def chain_of(self, post: str) -> dict[str, Any]:
        return await self._ask("GET", f"/posts/{quote(post, safe='')}/chain")

    async def get_post(self, post: str) -> dict[str, Any]:
        return await self._ask("GET", f"/posts/{quote(post, safe='')}")

    async def edit_post(self, post: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._ask("PATCH", f"/posts/{quote(post, safe='')}", json_body=body)

    async def delete_post(self, post: str) -> None:
        await self._ask("DELETE", f"/posts/{quote(post, safe='')}")

    async def add_comment(self, post: str, text: str, *, answers: str = "") -> dict[str, Any]:
        body = {"text": text, "answers": answers or None}
        return await self._ask("POST", f"/posts/{quote(post, safe='')}/comments", json_body=body, keyed=True)

    async def list_comments(self, post: str, since: datetime, offset: int = 0) -> dict[str, Any]:
        return await self._listed(f"/posts/{quote(post, safe='')}/comments", since, offset)

    async def list_messages(self, since: datetime, offset: int) -> dict[str, Any]:
        return await self._listed("/messages", since, offset)

    async def list_mentions(self, since: datetime, offset: int) -> dict[str, Any]:
        return await self._listed("/mentions", since, offset)

    async def _listed(self, path: str, since: datetime, offset: int) -> dict[str, Any]:
        return await self._ask("GET", path, params={"since": since.isoformat(), "offset": str(offset)})

    async def answer_message(self, conversation: str, text: str) -> dict[str, Any]:
        body = {"conversation": conversation, "text": text}
        return await self._ask("POST", "/messages", json_body=body, keyed=True)

    async def post_stats(self, post: str) -> dict[str, Any]:
        return await self._ask("GET", f"/posts/{quote(post, safe='')}/stats")

    async def community_stats(self) -> dict[str, Any]:
        return await self._ask("GET", "/stats")

    async def profile(self) -> dict[str, Any]:
        return await self._ask("GET", "/profile")

    async def change_profile(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._ask("PATCH", "/profile", json_body=body)

    async def account(self) -> dict[str, Any]:
        return await self._ask("GET", "/account")

    async def renew(self, refresh_token: str) -> dict[str, Any]:
        return await self._ask("POST", "/token", json_body={"refresh_token": refresh_token}, signed=False)


def id_of(data: Mapping[str, Any]) -> str:
    """The id in the answer to a write; an answer without one tells nothing."""
    found = data.get("id")
    if not isinstance(found, str) or not found:
        raise unclear(True, "nonsense", "an answer without an id")
    return found

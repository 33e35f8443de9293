"""What the fake Graph servers of tests share: the key, the faults, errors as Meta words them, the lists."""

from __future__ import annotations

import copy
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from niva.networks.base import graph_spec
from niva.networks.base.fakes import FakeServer

FAULTS: Final = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "expired", "forgotten", "surplus",
    }
)  # fmt: skip
UNHEARD: Final = ("accepted_then_timeout", "error_after_commit", "reset")
Told = dict[str, Any]


class Said(Exception):
    """An answer in place of the usual one: Meta's error object with its status."""

    def __init__(self, code: int, words: str, subcode: int = 0, *, status: int = 400, **more: Any) -> None:
        error: Told = {"message": words, "type": "OAuthException", "code": code, "fbtrace_id": "AbC", **more}
        if subcode:
            error["error_subcode"] = subcode
        self.status, self.body = status, {"error": error}


class Asked:
    """One call as a handler sees it: `sent` = parameters from the address and the form; `files` = bytes."""

    def __init__(self, request: web.Request, sent: dict[str, str], files: dict[str, bytes]) -> None:
        self.request, self.sent, self.files = request, sent, files
        self.id = request.match_info.get("id", "")

    def json(self, name: str) -> Any:
        return json.loads(self.sent[name])


Handler = Callable[[Asked], Awaitable[Told] | Told]


class FakeGraph(FakeServer):
    """Holds posts and talk; networks add their edges with `on`. `breaches`: what broke the lists."""

    token = "EAAfakePageKeyForTests0123456789"  # noqa: S105 - opens nothing but this fake

    def __init__(self) -> None:
        super().__init__()
        self.dead = 0  # the subcode with which the key is refused for good
        self.surplus = False
        self.serial = 1000
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.on_routes: list[web.RouteDef] = []

    def routes(self, app: web.Application) -> None:
        app.add_routes(self.on_routes)

    def on(
        self,
        method: str,
        path: str,
        node: str,
        edge: str,
        handler: Handler,
        *,
        creates: bool = False,
        open_to_all: bool = False,
        quiet: bool = False,
        extra: str = "",
    ) -> None:
        """`node` "" = not in the lists. `creates`: faults of a create hit here. `quiet`: no fault does."""

        async def answer(request: web.Request) -> web.StreamResponse:
            asked = await self._read(request)
            self.requests.append((f"{method} {request.path}", {**asked.sent, **asked.files}))
            if node and graph_spec.given():
                self.violations += graph_spec.request_faults(
                    method, node, edge, asked.sent, asked.files, extra
                )
            try:
                if not open_to_all:
                    self._door(request, asked)
                if not quiet and (early := self._early(method, creates)) is not None:
                    return early
                found = handler(asked)
                told = await found if isinstance(found, Awaitable) else found
            except Said as said:
                return web.json_response(said.body, status=said.status)
            if creates and (late := await self.broken_answer(self.take(*UNHEARD), request)) is not None:
                return late
            return web.json_response(self._with_surplus(told))

        self.on_routes.append(web.route(method, path, answer))

    def fault(self, name: str) -> None:
        if name in ("revoked", "expired"):
            self.dead = {"revoked": 460, "expired": 463}[name]
        elif name == "surplus":
            self.surplus = True
        elif name == "forgotten":
            self.forget()
        else:
            super().fault(name)

    def forget(self) -> None:
        """The newest post vanishes; the fakes fill it in."""
        raise NotImplementedError

    def next_id(self) -> str:
        self.serial += 1
        return str(17_900_000_000_000 + self.serial)

    def stamp(self, moment: datetime | None = None) -> str:
        return (moment or self.clock()).strftime("%Y-%m-%dT%H:%M:%S+0000")

    async def _read(self, request: web.Request) -> Asked:
        sent, files = dict(request.query), dict[str, bytes]()
        if request.content_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
            for name, value in (await request.post()).items():
                if isinstance(value, web.FileField):
                    files[name] = value.file.read()
                else:
                    sent[name] = str(value)
        return Asked(request, sent, files)

    def _door(self, request: web.Request, asked: Asked) -> None:
        written = request.headers.get("Authorization", "")
        if self.dead:
            raise Said(190, "Error validating access token: the session is over.", self.dead, status=401)
        if written.split(" ")[-1] not in self.keys():
            raise Said(190, "Invalid OAuth access token.", status=401)
        assert "access_token" not in request.query, "a key in an address"

    def keys(self) -> set[str]:
        """The keys that open this server."""
        return {self.token}

    def _early(self, method: str, creates: bool) -> web.Response | None:
        if creates and self.take("refused"):
            raise Said(506, "Duplicate status message")
        if (creates or method == "GET") and self.take("nonsense"):
            return web.Response(text="<html>all is well</html>", content_type="text/html")
        if self.take("limited"):
            usage = {"1": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 19}]}
            told = Said(32, "Page request limit reached").body
            return web.json_response(
                told, status=400, headers={"X-Business-Use-Case-Usage": json.dumps(usage)}
            )
        if self.take("limited_no_delay"):
            raise Said(4, "Application request limit reached")
        return None

    def _with_surplus(self, told: Told) -> Told:
        if not self.surplus:
            return told
        richer = copy.deepcopy(told)
        for one in [richer, *[row for row in richer.get("data", ()) if isinstance(row, dict)]]:
            one["of_tomorrow"] = {"kind": "NOBODY_KNOWS", "list": [1, None]}
        return richer

    def shown(self, node: str, found: Mapping[str, Any], fields: str) -> Told:
        """Those fields of an object that were asked for, and its id; names are held against the lists."""
        names = names_of(fields)
        told = {name: value for name, value in found.items() if name in {*names, "id"} and value is not None}
        if graph_spec.given() and node:
            self.violations += graph_spec.reply_faults(node, told)
        return told

    def page(self, found: list[Told], sent: Mapping[str, str]) -> Told:
        """A page of a list, newest first as given, with cursors; `after` is the number of the next entry."""
        start, size = int(sent.get("after", "0")), int(sent.get("limit", "25"))
        told: Told = {"data": found[start : start + size], "paging": {"cursors": {"before": str(start)}}}
        if start + size < len(found):
            told["paging"]["cursors"]["after"] = str(start + size)
            told["paging"]["next"] = f"{self.url}/next?access_token={self.token}"
        return told


def names_of(fields: str) -> list[str]:
    """Names on the first level: "id,comments.limit(0).summary(true)" -> id, comments."""
    depth, names, word = 0, [], ""
    for sign in fields + ",":
        depth += sign in "({"
        depth -= sign in ")}"
        if sign == "," and depth == 0:
            names.append(word.split(".")[0].split("{")[0])
            word = ""
        else:
            word += sign
    return names

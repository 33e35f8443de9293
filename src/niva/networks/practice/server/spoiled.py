"""Answers with a fault in them: instead of carrying a request out, or after it was carried out."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from niva.networks.practice.server.answers import ACCESS, STORE, fail, post_json
from niva.networks.practice.server.faults import Fault


def before(request: web.Request, fault: Fault) -> web.StreamResponse:
    """The answer to a request that is not carried out."""
    if fault.kind == "cut":
        return _hang_up(request, web.Response())
    if fault.kind == "refuse":
        return fail(400, "content_refused", str(fault.params.get("reason", "the network does not want this")))
    if fault.kind == "nonsense":
        return _nonsense()
    seconds = fault.params.get("retry_after")
    headers = {} if seconds is None else {"Retry_After": str(int(seconds))}
    if fault.kind == "limit":
        return fail(429, "too_often", "slow down", **headers)
    return fail(503, "down", "the network is being mended", **headers)


async def after(request: web.Request, response: web.StreamResponse, fault: Fault) -> web.StreamResponse:
    """The request has been carried out; now spoil the answer."""
    seconds = float(fault.params.get("delay", 120 if fault.kind == "accept_then_timeout" else 5))
    match fault.kind:
        case "fail_500_after_commit":
            return fail(500, "broken", "something broke")
        case "accept_then_timeout":
            await asyncio.sleep(seconds)  # ends early when the client hangs up: its handler is cancelled
            return _hang_up(request, response)
        case "reset":
            return _hang_up(request, response)
        case "half_answer":
            return await _half(request, response)
        case "nonsense_after_commit":
            return _nonsense()
        case "wrong_answer":
            return _of_another(request, response)
        case "surplus":
            return _with_surplus(response)
    return await _trickle(request, response, seconds)


def _nonsense() -> web.Response:
    return web.Response(text="<html><title>It works!</title>", content_type="text/html")


def _hang_up(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return response


def _of_another(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """A good answer that speaks of the community's oldest post; the true one where there is no other."""
    store, community = request.app[STORE], request[ACCESS].community
    oldest = store.posts(community, limit=1, offset=max(0, store.count_posts(community) - 1))
    return web.json_response(post_json(request, oldest[0]), status=response.status) if oldest else response


def _with_surplus(response: web.StreamResponse) -> web.StreamResponse:
    """The same answer with fields and words that nobody has heard of, at every depth."""
    data = json.loads(_body(response) or b"null")
    if data is None:
        return response
    return web.json_response(_grown(data), status=response.status)


def _grown(data: Any) -> Any:
    if isinstance(data, list):
        return [_grown(item) for item in data]
    if isinstance(data, dict):
        grown = {key: _grown(value) for key, value in data.items()}
        return {**grown, "zorg": {"of": ["a later version"]}, "zorg_count": None}
    return data


async def _half(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """The head and the first half of the body; then the line breaks."""
    whole = _body(response)
    half = web.StreamResponse(status=response.status, headers={"Content-Type": "application/json"})
    half.content_length = len(whole)
    await half.prepare(request)
    await half.write(whole[: len(whole) // 2])
    return _hang_up(request, half)


async def _trickle(request: web.Request, response: web.StreamResponse, seconds: float) -> web.StreamResponse:
    """The same answer in ten pieces over so many seconds."""
    whole = _body(response)
    slow = web.StreamResponse(status=response.status, headers={"Content-Type": "application/json"})
    await slow.prepare(request)
    size = max(1, -(-len(whole) // 10))
    for start in range(0, len(whole), size):
        await slow.write(whole[start : start + size])
        await asyncio.sleep(seconds / 10)
    await slow.write_eof()
    return slow


def _body(response: web.StreamResponse) -> bytes:
    body = response.body if isinstance(response, web.Response) else b""
    return body if isinstance(body, bytes) else b""

"""One method of the REST API = one HTTP call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from niva.networks.base.address import server_address
from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.files import form_with_files, upload_deadline
from niva.networks.base.network import Call
from niva.networks.base.transport import Reply, unclear
from niva.networks.base.types import JSON, MediaFile
from niva.networks.mastodon.errors import error_of


def instance_of(facts: JSON) -> str:
    """The server's address. Rejected("address_bad") where nothing, or no address, was given."""
    written = str(facts.get("instance") or facts.get("server") or "")
    try:
        return server_address(written)
    except ValueError as error:
        raise Rejected("address_bad", written[:100]) from error


async def ask(
    call: Call,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    body: JSON | None = None,
    key: str = "",
    writes: bool = False,
) -> Any:
    """The parsed answer of a call with the account's token. `key`: Idempotency-Key."""
    headers = {**_token(call), **({"Idempotency-Key": key} if key else {})}
    reply = await call.transport.request(
        method, f"{instance_of(call.credential.facts)}{path}",
        writes=writes, headers=headers, params=params, json_body=body,
    )  # fmt: skip
    return parsed(call, reply, writes)


async def ask_listed(
    call: Call, path: str, params: Mapping[str, str], place: str
) -> tuple[list[dict[str, Any]], str]:
    """(one page of a listing, where the next begins: "" at the end). `place`: what the last page told."""
    asked = {**params, **({"max_id": place} if place else {})}
    reply = await call.transport.request(
        "GET", f"{instance_of(call.credential.facts)}{path}",
        writes=False, headers=_token(call), params=asked,
    )  # fmt: skip
    rows = parsed(call, reply, False)
    if not isinstance(rows, list):
        raise unclear(False, "nonsense", f"{path}: no list in the answer")
    return [row for row in rows if isinstance(row, dict)], _next_place(reply)


def _next_place(reply: Reply) -> str:
    """`max_id` of the address that the Link header calls next (https://docs.joinmastodon.org/api/guidelines/)."""
    for link in reply.headers.get("Link", "").split(","):
        address, _, relation = link.partition(";")
        if 'rel="next"' in relation:
            query = parse_qs(urlsplit(address.strip().strip("<>")).query)
            return query.get("max_id", [""])[0]
    return ""


async def ask_with_form(call: Call, method: str, path: str, form: Any, deadline: float) -> Any:
    """A change that carries a file."""
    reply = await call.transport.request(
        method, f"{instance_of(call.credential.facts)}{path}",
        writes=True, headers=_token(call), form=form, deadline=deadline,
    )  # fmt: skip
    return parsed(call, reply, True)


async def ask_openly(call: Call, method: str, path: str, facts: JSON, body: JSON | None = None) -> Any:
    """The same without a token: what is asked before there is one. Nothing is published by it."""
    url = f"{instance_of(facts)}{path}"
    return parsed(call, await call.transport.request(method, url, writes=False, json_body=body), False)


async def upload(call: Call, file: MediaFile) -> tuple[dict[str, Any], bool]:
    """(the attachment, whether it is ready). Nothing shows it yet, so a second one would harm nobody."""
    fields = {"description": file.alt} if file.alt else {}
    with form_with_files(fields, {"file": file}) as form:
        reply = await call.transport.request(
            "POST", f"{instance_of(call.credential.facts)}/api/v2/media",
            writes=False, headers=_token(call), form=form,
            deadline=upload_deadline(call.transport.deadline, file.size),
        )  # fmt: skip
    return _attachment(call, reply), reply.status == 200


async def media_ready(call: Call, media_id: str) -> bool:
    """200: ready, 206: the server is still at work on it."""
    reply = await call.transport.request(
        "GET", f"{instance_of(call.credential.facts)}/api/v1/media/{media_id}",
        writes=False, headers=_token(call),
    )  # fmt: skip
    _attachment(call, reply)
    return reply.status == 200


def _attachment(call: Call, reply: Reply) -> dict[str, Any]:
    found = parsed(call, reply, False)
    if not isinstance(found, dict) or not isinstance(found.get("id"), str):
        raise unclear(False, "nonsense", "no attachment in the answer")
    return found


def _token(call: Call) -> dict[str, str]:
    token = call.credential.secrets.get("access_token", "").strip()
    if not token:
        raise NeedsLogin("not_connected")
    return {"Authorization": f"Bearer {token}"}


def parsed(call: Call, reply: Reply, writes: bool) -> Any:
    """The JSON of a good reply. Raises what any other reply means."""
    if not 200 <= reply.status < 300:
        raise error_of(reply, writes=writes, now=call.now())
    data = reply.json()
    if not isinstance(data, dict | list):
        raise unclear(writes, "nonsense", f"HTTP {reply.status}, {reply.text[:100]!r}")
    return data

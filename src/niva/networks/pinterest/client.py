"""One call of the v5 API = one HTTP call."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from niva.kit.redaction import hide
from niva.networks.base.address import upload_address
from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.files import form_with_files, upload_deadline
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Call
from niva.networks.base.transport import unclear
from niva.networks.base.types import JSON, MediaFile
from niva.networks.pinterest.errors import error_of

API_BASE: Final = "https://api.pinterest.com"
MANIFEST: Final = load_manifest(Path(__file__).parent)


async def ask(
    call: Call,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    body: JSON | None = None,
    writes: bool = False,
    size: int = 0,
) -> dict[str, Any]:
    """The object of a good reply ({} where there is no body). `size`: bytes of pictures in the body."""
    token = call.credential.secrets.get("access_token", "").strip()
    if not token:
        raise NeedsLogin("not_connected")
    reply = await call.transport.request(
        method,
        f"{call.credential.facts.get('api_base', API_BASE)}/v5{path}",
        writes=writes,
        headers={"Authorization": f"Bearer {token}"},
        params=params,
        json_body=body,
        deadline=upload_deadline(call.transport.deadline, size),
    )
    if not 200 <= reply.status < 300:
        raise error_of(reply, writes=writes, now=call.now())
    if reply.status == 204:
        return {}
    data = reply.json()
    if not isinstance(data, dict):
        raise unclear(writes, "nonsense", f"HTTP {reply.status}, {reply.text[:100]!r}")
    return data


async def all_items(
    call: Call, path: str, *, params: Mapping[str, str] | None = None, pages: int
) -> tuple[list[Mapping[str, Any]], bool]:
    """(rows of a list, whether they are all): at most `pages` pages of 250, by bookmark."""
    found: list[Mapping[str, Any]] = []
    bookmark = ""
    for _ in range(pages):
        query = {**(params or {}), "page_size": "250", **({"bookmark": bookmark} if bookmark else {})}
        told = await ask(call, "GET", path, params=query)
        rows = told.get("items")
        if not isinstance(rows, list):
            raise unclear(False, "nonsense", "no items in the answer")
        found += [row for row in rows if isinstance(row, dict)]
        bookmark = str(told.get("bookmark") or "")
        if not bookmark:
            return found, True
    return found, False


async def send_file(call: Call, url: str, fields: Mapping[str, str], file: MediaFile) -> None:
    """A video to the place that Pinterest named, with the fields that it wants to see before the file.
    The key stays at home: the fields are signed. Twice harms nobody."""
    upload_address(url, str(call.credential.facts.get("api_base", "")))
    deadline = upload_deadline(call.transport.deadline, file.size)
    with form_with_files(fields, {"file": file}) as form:
        reply = await call.transport.request("POST", url, writes=False, form=form, deadline=deadline)
    if reply.status >= 500:
        raise unclear(False, "server_error", f"HTTP {reply.status}")
    if reply.status >= 300:
        raise Rejected("media_refused", hide(reply.text[:300]))

"""One call of the versioned REST API = one HTTP call. Names of things (URNs) go out encoded.

Source: https://learn.microsoft.com/linkedin/marketing/versioning
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from yarl import URL

from niva.networks.base.address import upload_address
from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.files import upload_deadline
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Call
from niva.networks.base.transport import Reply, unclear
from niva.networks.base.types import Credential, MediaFile
from niva.networks.linkedin.errors import error_of

API_BASE: Final = "https://api.linkedin.com"
VERSION: Final = "202609"  # YYYYMM; LinkedIn serves each for a year at least
MANIFEST: Final = load_manifest(Path(__file__).parent)


def author_of(credential: Credential) -> str:
    """The URN in whose name things are done; the test button puts it into the facts."""
    author = str(credential.facts.get("author", ""))
    if not author.startswith(("urn:li:organization:", "urn:li:person:")):
        raise NeedsLogin("li_page_not_named")
    return author


def is_page(credential: Credential) -> bool:
    """A page of an organisation, not a person? Before the test button: whether a page was written."""
    author = str(credential.facts.get("author", ""))
    if author:
        return author.startswith("urn:li:organization:")
    return bool(str(credential.facts.get("page", "")).strip())


def coded(urn: str) -> str:
    """A URN as it stands in a path or a query: urn%3Ali%3Ashare%3A1."""
    return quote(urn, safe="")


async def ask(
    call: Call,
    method: str,
    path: str,
    *,
    body: Mapping[str, Any] | None = None,
    restli: str = "",
    writes: bool = False,
) -> Reply:
    """The good reply of a call. `path`: with its query, encoded. `restli`: X-RestLi-Method, if due."""
    headers = {
        **token_header(call.credential),
        "LinkedIn-Version": VERSION,
        "X-Restli-Protocol-Version": "2.0.0",
        **({"X-RestLi-Method": restli} if restli else {}),
    }
    url = URL(f"{call.credential.facts.get('api_base', API_BASE)}{path}", encoded=True)
    reply = await call.transport.request(method, url, writes=writes, headers=headers, json_body=body)
    if not 200 <= reply.status < 300:
        raise error_of(reply, writes=writes, now=call.now())
    return reply


async def ask_object(call: Call, method: str, path: str, *, body: Mapping[str, Any] | None = None) -> Any:
    """The object that a reading call answers with."""
    data = (await ask(call, method, path, body=body)).json()
    if not isinstance(data, dict):
        raise unclear(False, "nonsense", "no object in the answer")
    return data


def elements(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rows of a collection."""
    rows = data.get("elements")
    if not isinstance(rows, list):
        raise unclear(False, "nonsense", "no elements in the answer")
    return [row for row in rows if isinstance(row, dict)]


def token_header(credential: Credential) -> dict[str, str]:
    token = credential.secrets.get("access_token", "").strip()
    if not token:
        raise NeedsLogin("not_connected")
    return {"Authorization": f"Bearer {token}"}


async def put_file(call: Call, url: str, file: MediaFile, headers: Mapping[str, str] | None = None) -> None:
    """A whole file to the address that LinkedIn named, streamed from the disk. Twice harms nobody."""
    try:
        stream = file.path.open("rb")
    except OSError as error:
        raise Rejected("media_unreadable", file.path.name) from error
    with stream:
        await _put(call, url, stream, file.size, headers)


async def put_part(call: Call, url: str, file: MediaFile, first: int, last: int) -> str:
    """The bytes `first`..`last` of a file; the mark (ETag) by which the part is named at the end."""
    chunk = await asyncio.to_thread(_read, file, first, last - first + 1)
    reply = await _put(call, url, chunk, len(chunk), None)
    mark = reply.headers.get("ETag", "").strip('"')
    if not mark:
        raise unclear(False, "nonsense", "no ETag for a part of the video")
    return mark


def _read(file: MediaFile, first: int, count: int) -> bytes:
    try:
        with file.path.open("rb") as stream:
            stream.seek(first)
            return stream.read(count)
    except OSError as error:
        raise Rejected("media_unreadable", file.path.name) from error


async def _put(call: Call, url: str, data: Any, size: int, headers: Mapping[str, str] | None) -> Reply:
    upload_address(url, str(call.credential.facts.get("api_base", "")))
    own = token_header(call.credential) if _is_linkedin(url, call.credential) else {}
    reply = await call.transport.request(
        "PUT",
        URL(url, encoded=True),
        writes=False,
        data=data,
        headers={**own, "Content-Type": "application/octet-stream", **(headers or {})},
        deadline=upload_deadline(call.transport.deadline, size),
    )
    if not 200 <= reply.status < 300:
        raise error_of(reply, writes=False, now=call.now())
    return reply


def _is_linkedin(url: str, credential: Credential) -> bool:
    """The key goes to LinkedIn's own hosts only, wherever else a file may have to go."""
    host = URL(url).host or ""
    own = str(credential.facts.get("api_base", ""))
    return host == "linkedin.com" or host.endswith(".linkedin.com") or bool(own and url.startswith(f"{own}/"))

"""One method = one HTTP call: the signed REST API, the places for files, the Bot API of a group.

Signature: https://apiok.ru/dev/methods/ (parameters sorted by name and glued as name=value, without the
token, then the session's secret; md5 of it all in hex). Bot API: https://apiok.ru/dev/graph_api/bot_api.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from niva.kit.redaction import hide
from niva.networks.base.address import upload_address
from niva.networks.base.errors import Limited, NeedsLogin, Rejected
from niva.networks.base.files import form_with_files, upload_deadline
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Call
from niva.networks.base.transport import Reply, unclear
from niva.networks.base.types import Credential, MediaFile
from niva.networks.ok.errors import error_of

API_BASE: Final = "https://api.ok.ru"
MANIFEST: Final = load_manifest(Path(__file__).parent)
_UNSIGNED: Final = {"access_token", "session_key"}


def session_secret(credential: Credential) -> str:
    """What requests are signed with: given together with an everlasting token, else made of the token and
    the application's secret key. Raises NeedsLogin where neither is there."""
    given = credential.secrets.get("session_secret", "").strip()
    if given:
        return given
    app_secret = credential.secrets.get("application_secret", "").strip()
    if not app_secret:
        raise NeedsLogin("ok_secret_missing")
    return md5(_token(credential) + app_secret)


def md5(text: str) -> str:
    """In hex. A checksum that the network prescribes, not a defence of ours."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def signature(params: Mapping[str, str], secret: str) -> str:
    """`sig` of a request with these parameters."""
    glued = "".join(f"{name}={params[name]}" for name in sorted(params) if name not in _UNSIGNED)
    return md5(glued + secret)


async def ask(call: Call, method: str, params: Mapping[str, Any], *, writes: bool) -> Any:
    """The answer of one method of the REST API. Everything goes in the body, nothing in the address."""
    credential = call.credential
    sent = {name: _plain(value) for name, value in params.items()}
    sent |= {
        "application_key": str(credential.facts.get("application_key", "")).strip(),
        "format": "json",
        "method": method,
    }
    sent["sig"] = signature(sent, session_secret(credential))
    sent["access_token"] = _token(credential)
    url = f"{credential.facts.get('api_base', API_BASE)}/fb.do"
    return _answer(call, await call.transport.request("POST", url, writes=writes, form=sent), writes)


async def ask_bot(
    call: Call, method: str, path: str, params: Mapping[str, str] | None = None, body: Any = None
) -> Any:
    """The answer of one method of the Bot API. The only place that it knows for the group's key is the
    address; errors and logs pass through the redaction."""
    key = call.credential.secrets.get("group_token", "").strip()
    if not key:
        raise NeedsLogin("ok_group_key_missing", path)
    writes = method == "POST"
    reply = await call.transport.request(
        method,
        f"{call.credential.facts.get('api_base', API_BASE)}/graph/{path}",
        writes=writes,
        params={**(params or {}), "access_token": key},
        headers={"Content-Type": "application/json;charset=utf-8"} if writes else None,
        data=json.dumps(body, ensure_ascii=False).encode() if writes else None,
    )
    try:
        return _answer(call, reply, writes)
    except NeedsLogin as error:
        raise NeedsLogin("ok_group_key_refused", error.detail) from error


async def send_file(call: Call, url: str, field: str, file: MediaFile) -> Any:
    """Give a file to the address that OK named for it. Nothing shows it yet, so twice harms nobody."""
    upload_address(url, str(call.credential.facts.get("api_base", "")))
    deadline = upload_deadline(call.transport.deadline, file.size)
    with form_with_files({}, {field: file}) as form:
        reply = await call.transport.request("POST", url, writes=False, form=form, deadline=deadline)
    if reply.status == 413:
        raise Rejected("file_too_big", hide(reply.text[:200]))
    if reply.status < 300 and not reply.text.strip():
        return {}  # the host for videos says nothing but 200
    return _answer(call, reply, False)


def _answer(call: Call, reply: Reply, writes: bool) -> Any:
    data = reply.json()
    if reply.status == 429:
        raise Limited("too_often", hide(reply.text[:200]), until=reply.retry_at(call.now()))
    if isinstance(data, dict) and "error_code" in data:
        raise error_of(data, writes=writes, now=call.now())
    if reply.status >= 300 or data is None:
        code = "server_error" if reply.status >= 500 else "nonsense"
        raise unclear(writes, code, f"HTTP {reply.status}: {hide(reply.text[:200])}")
    return data


def _token(credential: Credential) -> str:
    token = credential.secrets.get("access_token", "").strip()
    if not token:
        raise NeedsLogin("not_connected")
    return token


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

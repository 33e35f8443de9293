"""One method = one HTTP call, with the key that the method wants (the manifest's table `calls`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from niva.networks.base.address import upload_address
from niva.networks.base.errors import Limited, NeedsLogin, Rejected, Temporary
from niva.networks.base.files import form_with_files, upload_deadline
from niva.networks.base.manifest import load_manifest
from niva.networks.base.network import Call
from niva.networks.base.transport import Reply, redact, unclear
from niva.networks.base.types import Credential, MediaFile
from niva.networks.vk.errors import error_of

API_BASE: Final = "https://api.vk.ru"
VERSION: Final = "5.199"
MANIFEST: Final = load_manifest(Path(__file__).parent)
# Kinds of keys that a method takes, the preferred first.
KEYS: Final = {method: tuple(kinds.split(" or ")) for method, kinds in MANIFEST.calls.items()}
_SECRETS: Final = {"user": "access_token", "community": "community_token"}


def has_key(credential: Credential, kind: str) -> bool:
    """Is there a key of this kind ("user", "community")?"""
    return bool(credential.secrets.get(_SECRETS[kind], "").strip())


async def ask(call: Call, method: str, params: Mapping[str, Any], *, writes: bool, kind: str = "") -> Any:
    """The `response` of one method. `kind` chooses the key where the preferred one will not do."""
    kinds = (kind,) if kind else KEYS[method]
    usable = next((k for k in kinds if has_key(call.credential, k)), None)
    if usable is None:
        raise NeedsLogin(f"{kinds[0]}_key_missing", method)
    token = call.credential.secrets[_SECRETS[usable]].strip()
    base = call.credential.facts.get("api_base", API_BASE)
    reply = await call.transport.request(
        "POST",
        f"{base}/method/{method}",
        writes=writes,
        headers={"Authorization": f"Bearer {token}"},
        form={**{name: _plain(value) for name, value in params.items()}, "v": VERSION},
    )
    data = _object(call, reply, writes=writes)
    if isinstance(error := data.get("error"), dict):
        raise error_of(error, writes=writes, now=call.now())
    if "response" not in data:
        raise unclear(writes, "nonsense", f"{method}: neither response nor error")
    return data["response"]


async def send_file(call: Call, url: str, field: str, file: MediaFile) -> Mapping[str, Any]:
    """Give a file to the address that VK named for it. Sending it twice leaves one orphan that VK removes."""
    upload_address(url, str(call.credential.facts.get("api_base") or ""))
    deadline = upload_deadline(call.transport.deadline, file.size)
    with form_with_files({}, {field: file}) as form:
        reply = await call.transport.request("POST", url, writes=False, form=form, deadline=deadline)
    data = _object(call, reply, writes=False)
    if "error" in data:
        raise Rejected("media_refused", redact(str(data["error"]))[:500])
    return data


async def ask_for_keys(call: Call, base: str, form: Mapping[str, str]) -> Mapping[str, Any]:
    """VK ID's token endpoint. Not a write in our sense: an unclear answer is cured by asking again."""
    reply = await call.transport.request("POST", f"{base}/oauth2/auth", writes=False, form=dict(form))
    data = _object(call, reply, writes=False)
    if "error" in data:
        words = redact(f"{data['error']}: {data.get('error_description', '')}")[:500]
        if data["error"] in ("server_error", "temporarily_unavailable", "slow_down"):
            raise Temporary("server_error", words)
        raise NeedsLogin("token_revoked", words)
    return data


def _object(call: Call, reply: Reply, *, writes: bool) -> Mapping[str, Any]:
    data = reply.json()
    if reply.status == 429:
        raise Limited("too_often", redact(reply.text[:200]), until=reply.retry_at(call.now()))
    if reply.status == 413:  # a host for files: sent again it would be as large
        raise Rejected("file_too_big", redact(reply.text[:200]))
    if reply.status >= 500 or not isinstance(data, dict):
        code = "server_error" if reply.status >= 500 else "nonsense"
        raise unclear(writes, code, f"HTTP {reply.status}: {redact(reply.text[:200])}")
    return data


def _plain(value: Any) -> str:
    """A form value: flags as 1 and 0, lists with commas, nothing as nothing (never the word None)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return ",".join(value) if isinstance(value, list | tuple) else str(value)

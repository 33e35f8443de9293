"""One method of the Bot API = one HTTP call. The token goes in a header, never in an address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.address import upload_address
from niva.networks.base.errors import NeedsLogin, Rejected, Temporary
from niva.networks.base.files import form_with_files, upload_deadline
from niva.networks.base.network import Call
from niva.networks.base.transport import Reply, unclear
from niva.networks.base.types import JSON, MediaFile
from niva.networks.max.errors import by_words, error_of

API_BASE: Final = "https://platform-api2.max.ru"


async def ask(
    call: Call,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    body: JSON | None = None,
    writes: bool = False,
) -> dict[str, Any]:
    """The object that a call answers with. A refusal in good clothes (`success: false`) is one, too."""
    token = call.credential.secrets.get("bot_token", "").strip()
    if not token:
        raise NeedsLogin("not_connected")
    reply = await _send(call, method, path, token, params, body, writes)
    if not 200 <= reply.status < 300:
        raise error_of(reply, writes=writes, now=call.now())
    data = reply.json()
    if not isinstance(data, dict):
        raise unclear(writes, "nonsense", f"HTTP {reply.status}, {reply.text[:100]!r}")
    if data.get("success") is False:
        words = str(data.get("message") or "")
        raise by_words(words) or Rejected("refused", words)
    return data


async def _send(
    call: Call,
    method: str,
    path: str,
    token: str,
    params: Mapping[str, str] | None,
    body: JSON | None,
    writes: bool,
) -> Reply:
    base = str(call.credential.facts.get("api_base") or API_BASE)
    try:
        return await call.transport.request(
            method, f"{base}{path}",
            writes=writes, headers={"Authorization": token}, params=params, json_body=body,
        )  # fmt: skip
    except Temporary as error:
        # The host's certificate is signed by the Russian national authority, which few systems trust.
        if error.code == "cannot_connect" and "certificate" in error.detail.lower():
            raise Temporary("max_certificate", error.detail) from error
        raise


async def upload(call: Call, file: MediaFile) -> dict[str, Any]:
    """What an attachment wants as its payload. Nothing shows the file yet: a second one harms nobody.

    A picture's tokens come with the answer of the host that takes it, a video's with its address.
    """
    kind = "image" if file.mime.startswith("image/") else "video"
    place = await ask(call, "POST", "/uploads", params={"type": kind})
    own = str(call.credential.facts.get("api_base") or "")
    url = upload_address(str(place.get("url") or ""), own)
    deadline = upload_deadline(call.transport.deadline, file.size)
    with form_with_files({}, {"data": file}) as form:
        reply = await call.transport.request("POST", url, writes=False, form=form, deadline=deadline)
    if not 200 <= reply.status < 300:
        raise error_of(reply, writes=False, now=call.now())
    if kind == "video" and place.get("token"):
        return {"type": kind, "payload": {"token": str(place["token"])}}
    made = reply.json()
    if isinstance(made, dict):
        for name in ("photos", "token"):
            if made.get(name):
                return {"type": kind, "payload": {name: made[name]}}
    raise Temporary("nonsense", "no token of the file in the answer")

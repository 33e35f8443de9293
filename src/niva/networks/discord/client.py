"""One method of the REST API = one HTTP call. The token goes in a header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.files import form_with_files, upload_deadline
from niva.networks.base.network import Call
from niva.networks.base.transport import unclear
from niva.networks.base.types import JSON, MediaFile
from niva.networks.discord.errors import error_of

API_BASE: Final = "https://discord.com/api/v10"
# "Clients using the HTTP API must provide a valid User Agent" of this shape, else Cloudflare blocks them:
# https://docs.discord.com/developers/reference#user-agent
USER_AGENT: Final = "DiscordBot (https://niva.example.org, 1.0)"
EPOCH_MS: Final = 1_420_070_400_000  # the first second of 2015, from which ids count


def token_of(call: Call) -> str:
    """The bot token as typed in, with or without the word before it."""
    token = call.credential.secrets.get("bot_token", "").strip().removeprefix("Bot ").strip()
    if not token:
        raise NeedsLogin("not_connected")
    if any(sign.isspace() or not sign.isascii() for sign in token):
        raise NeedsLogin("bad_token")
    return token


def channel_of(call: Call) -> str:
    """The channel's number, from what was written: the number itself or the address of the channel."""
    written = str(call.credential.facts.get("channel_id") or "").strip().rstrip("/")
    last = written.rpartition("/")[2]
    if not (last.isascii() and last.isdecimal() and len(last) <= 20):
        raise Rejected("chat_missing", written[:100])
    return last


async def ask(
    call: Call,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    body: JSON | None = None,
    files: Mapping[str, MediaFile] | None = None,
    writes: bool = False,
) -> Any:
    """The parsed answer; None where there is nothing to tell (204). `files` go beside the body."""
    url = f"{call.credential.facts.get('api_base') or API_BASE}{path}"
    headers = {"Authorization": f"Bot {token_of(call)}", "User-Agent": USER_AGENT}
    if files:
        fields = {"payload_json": json.dumps(body, ensure_ascii=False)}
        deadline = upload_deadline(call.transport.deadline, sum(file.size for file in files.values()))
        with form_with_files(fields, files) as form:
            reply = await call.transport.request(
                method, url, writes=writes, headers=headers, params=params, form=form, deadline=deadline
            )
    else:
        reply = await call.transport.request(
            method, url, writes=writes, headers=headers, params=params, json_body=body
        )
    if not 200 <= reply.status < 300:
        raise error_of(reply, writes=writes, now=call.now())
    if reply.status == 204:
        return None
    data = reply.json()
    if not isinstance(data, dict | list):
        raise unclear(writes, "nonsense", f"HTTP {reply.status}, {reply.text[:100]!r}")
    return data


async def ask_object(
    call: Call, method: str, path: str, *, writes: bool = False, **more: Any
) -> dict[str, Any]:
    """The same where an object must come, with an id."""
    data = await ask(call, method, path, writes=writes, **more)
    if not isinstance(data, dict) or not data.get("id"):
        raise unclear(writes, "nonsense", "no object in the answer")
    return data


async def ask_list(call: Call, path: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
    """The same where a list of objects must come."""
    data = await ask(call, "GET", path, params=params)
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise unclear(False, "nonsense", "no list in the answer")
    return data


def id_at(moment: datetime) -> int:
    """The smallest id that something made at this moment can have: ids begin with the milliseconds."""
    return max(0, int(moment.timestamp() * 1000) - EPOCH_MS) << 22


def moment_of(number: Any) -> datetime:
    """When the thing with this id was made."""
    try:
        return datetime.fromtimestamp(((int(number) >> 22) + EPOCH_MS) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise unclear(False, "nonsense", "an id that is none") from error

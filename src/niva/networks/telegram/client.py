"""One method of the Bot API = one HTTP call."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.files import form_with_files, upload_deadline
from niva.networks.base.network import Call
from niva.networks.base.transport import unclear
from niva.networks.base.types import Credential, MediaFile
from niva.networks.telegram.errors import error_of, error_of_nonsense

API_BASE: Final = "https://api.telegram.org"
_TOKEN: Final = re.compile(r"\d{1,20}:[\w-]{1,100}")
_LINK: Final = re.compile(
    r"(?:https?://)?(?:t\.me|telegram\.me)/(?:c/(?P<inner>\d+)|(?P<name>\w+))(?:/\d+)?/?"
)


def chat_of(credential: Credential) -> int | str:
    """The chat as the API wants it, from what the person wrote: @name, name, a t.me link, or a number."""
    written = str(credential.facts.get("chat_id", "")).strip()
    if match := _LINK.fullmatch(written):
        return int(f"-100{match['inner']}") if match["inner"] else f"@{match['name']}"
    if re.fullmatch(r"-?\d+", written):
        return int(written)
    if re.fullmatch(r"@?\w+", written):
        return f"@{written.lstrip('@')}"
    raise Rejected("chat_missing", written[:100])


async def ask(
    call: Call,
    method: str,
    params: Mapping[str, Any],
    *,
    writes: bool,
    files: Mapping[str, MediaFile] | None = None,
    followed: bool = False,
) -> Any:
    """The `result` of one method. `files` go with the request under the names that `params` attach.
    `followed`: the chat moved already, and is followed no second time."""
    token = call.credential.secrets.get("bot_token", "").strip()
    if not _TOKEN.fullmatch(token):
        raise NeedsLogin("bad_token")
    # The only network whose key stands in the path; the transport takes it out of every message.
    url = f"{call.credential.facts.get('api_base', API_BASE)}/bot{token}/{method}"
    if files:
        fields = {
            name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in params.items()
        }
        deadline = upload_deadline(call.transport.deadline, sum(file.size for file in files.values()))
        with form_with_files(fields, files) as form:
            reply = await call.transport.request("POST", url, writes=writes, form=form, deadline=deadline)
    else:
        reply = await call.transport.request("POST", url, writes=writes, json_body=dict(params))
    data = reply.json()
    if not isinstance(data, dict) or "ok" not in data:
        raise error_of_nonsense(reply, writes=writes, now=call.now())
    if data["ok"] is not True:
        moved = _moved_to(data)
        if moved is not None and not followed and moved != params.get("chat_id"):
            # A group that became a supergroup: refused for sure, and told where to go. Followed once.
            there = {**params, "chat_id": moved}
            return await ask(call, method, there, writes=writes, files=files, followed=True)
        raise error_of(reply, data, writes=writes, now=call.now())
    if "result" not in data:
        raise unclear(writes, "nonsense", "no result in the answer")
    return data["result"]


def _moved_to(data: Mapping[str, Any]) -> int | None:
    parameters = data.get("parameters")
    moved = parameters.get("migrate_to_chat_id") if isinstance(parameters, dict) else None
    return moved if isinstance(moved, int) else None

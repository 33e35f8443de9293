"""One call of the API = one HTTP request. The token goes in a header; so does who is asking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.address import upload_address
from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.files import form_with_files, upload_deadline
from niva.networks.base.network import Call
from niva.networks.base.transport import redact, unclear
from niva.networks.base.types import JSON, MediaFile
from niva.networks.reddit.errors import error_of, told_error

API_BASE: Final = "https://oauth.reddit.com"
_NAME: Final = re.compile(
    r"(?:(?:https?://)?(?:\w+\.)?reddit\.com)?/?(?:r/|(u(?:ser)?)/)?([\w-]{2,30})/?", re.ASCII
)


def subreddit_of(facts: JSON) -> str:
    """The name without r/; a profile is the subreddit "u_name". Rejected("reddit_no_name")."""
    written = str(facts.get("subreddit") or "").strip()
    match = _NAME.fullmatch(written)
    if match is None:
        raise Rejected("reddit_no_name", written[:100])
    return f"u_{match[2]}" if match[1] else match[2]


def user_agent(call: Call) -> str:
    """`platform:application:version (by /u/name)`: Reddit limits those who hide behind a common one.

    https://github.com/reddit-archive/reddit/wiki/API
    """
    who = str(call.credential.facts.get("username") or "")
    return f"web:niva.{call.app.client_id or 'desk'}:v1.0" + (f" (by /u/{who})" if who else "")


async def ask(
    call: Call,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    body: JSON | None = None,
    writes: bool = False,
) -> Any:
    """The parsed answer. `raw_json` keeps < and & as they are."""
    token = call.credential.secrets.get("access_token", "").strip()
    if not token:
        raise NeedsLogin("not_connected")
    reply = await call.transport.request(
        method,
        f"{call.credential.facts.get('api_base') or API_BASE}{path}",
        writes=writes,
        headers={"Authorization": f"Bearer {token}", "User-Agent": user_agent(call)},
        params={"raw_json": "1", **(params or {})},
        form=None if form is None else {"api_type": "json", **form},
        json_body=body,
    )
    if not 200 <= reply.status < 300:
        raise error_of(reply, writes=writes, now=call.now())
    data = reply.json()
    if not isinstance(data, dict | list):
        raise unclear(writes, "nonsense", f"HTTP {reply.status}, {reply.text[:100]!r}")
    if isinstance(data, dict) and (refusal := told_error(data, now=call.now())) is not None:
        raise refusal
    return data


async def ask_object(call: Call, method: str, path: str, **more: Any) -> dict[str, Any]:
    data = await ask(call, method, path, **more)
    if not isinstance(data, dict):
        raise unclear(bool(more.get("writes")), "nonsense", "no object in the answer")
    return data


async def change(
    call: Call, path: str, *, form: Mapping[str, str] | None = None, body: JSON | None = None
) -> dict[str, Any]:
    """What a writing call made: the `data` of its answer. Unclear where there is none."""
    told = await ask_object(call, "POST", path, form=form, body=body, writes=True)
    inner = told.get("json")
    made = inner.get("data") if isinstance(inner, dict) else None
    if not isinstance(made, dict):
        raise unclear(True, "nonsense", "nothing made in the answer")
    return made


async def upload(call: Call, file: MediaFile) -> dict[str, str]:
    """{"id", "url"} of a file that nothing shows yet: a place for it first, then the file to that place.

    The form that Reddit hands out is signed in the order of its fields.
    """
    ending = file.mime.rpartition("/")[2]
    form = {"filepath": f"file.{ending}", "mimetype": file.mime}
    place = await ask_object(call, "POST", "/api/media/asset.json", form=form)
    args, asset = place.get("args"), place.get("asset")
    if not isinstance(args, dict) or not isinstance(asset, dict) or not asset.get("asset_id"):
        raise unclear(False, "nonsense", "no place for the file in the answer")
    action = str(args.get("action") or "")
    own = str(call.credential.facts.get("api_base") or "")
    url = upload_address(f"https:{action}" if action.startswith("//") else action, own)
    rows = [row for row in args.get("fields") or () if isinstance(row, dict)]
    fields = {str(row.get("name")): str(row.get("value")) for row in rows}
    deadline = upload_deadline(call.transport.deadline, file.size)
    with form_with_files(fields, {"file": file}) as sent:
        reply = await call.transport.request("POST", url, writes=False, form=sent, deadline=deadline)
    if reply.status >= 500:
        raise unclear(False, "server_error", f"HTTP {reply.status} from the store of files")
    if not 200 <= reply.status < 300:
        words = redact(reply.text)[:300]
        raise Rejected("file_too_big" if "EntityTooLarge" in words else "media_refused", words)
    return {"id": str(asset["asset_id"]), "url": f"{url.rstrip('/')}/{fields.get('key', '')}"}

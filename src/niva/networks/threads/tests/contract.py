"""A third party's description of the Threads API, put to what the fake sees and says.

It is thin: what it leaves out stands in MORE, with the page of Meta's own that tells it. It is no part of
this project: NIVA_CONTRACTS says where it lies.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

_DOCS: Final = "https://developers.facebook.com/docs/threads/"
_REPLIES: Final = _DOCS + "retrieve-and-manage-replies/replies-and-conversations"
_TOKENS: Final = _DOCS + "get-started/long-lived-tokens"
COMMON: Final = {"fields", "limit", "after", "before", "since", "until"}
# (method, path) -> (further parameters, further fields, where Meta tells them)
MORE: Final[Mapping[tuple[str, str], tuple[str, str, str]]] = {
    ("post", "/me/threads"): (
        "image_url video_url alt_text is_carousel_item children reply_to_id link_attachment poll_attachment "
        "topic_tag", "", _DOCS + "reference/publishing",
    ),
    ("get", "/me"): ("", "name is_verified", _DOCS + "threads-profiles"),
    ("get", "/{thread_id}"): ("", "poll_attachment children", _DOCS + "posts/polls"),
    ("get", "/me/replies"): ("", "replied_to", _REPLIES),
    ("get", "/{thread_id}/conversation"): (
        "", "is_reply_owned_by_me", _REPLIES,
    ),
    ("get", "/me/mentions"): (
        "", "id text timestamp username permalink media_type children", _DOCS + "threads-mentions",
    ),
    ("delete", "/{thread_id}"): ("", "success deleted_id", _DOCS + "posts/delete-posts"),
    ("get", "/{container_id}"): ("", "id status error_message", _DOCS + "troubleshooting"),
    ("get", "/access_token"): ("access_token", "", _TOKENS),
    ("get", "/refresh_access_token"): ("grant_type access_token", "", _TOKENS),
}  # fmt: skip


@cache
def _document() -> Any:
    folder = os.environ.get("NIVA_CONTRACTS")
    if not folder:
        return None
    return yaml.safe_load((Path(folder) / "threads" / "threads-api-openapi.yml").read_text("utf-8"))


def given() -> bool:
    """Is the description at hand?"""
    return _document() is not None


def faults(method: str, path: str, sent: Mapping[str, str], told: Mapping[str, Any]) -> list[str]:
    """What does not fit in one call and the fake's good reply to it."""
    where = f"{method} {path}"
    described = _document()["paths"]
    call = (described.get(path) or described.get(f"{path}/") or {}).get(method)
    params, fields, _ = MORE.get((method, path), ("", "", ""))
    if call is None and (method, path) not in MORE:
        return [f"{where}: no such call"]
    listed = {one["name"]: str(one.get("description", "")) for one in (call or {}).get("parameters", ())}
    found = [
        f"{where}: unknown parameter {name}" for name in sent
        if name not in listed and name not in params.split() and name not in COMMON
    ]  # fmt: skip
    known = {
        "id",
        *fields.split(),
        *re.findall(r"^\s*(\w+)(?: \(default\))?:", listed.get("fields", ""), re.M),
    }
    if "fields" in sent:
        names = re.sub(r"\{[^}]*\}", "", sent["fields"]).split(",")
        found += [f"{where}: no field {name}" for name in names if name not in known and "limit" not in path]
        rows = told.get("data", [told])
        found += [f"{where}: says {name}" for row in rows for name in row if name not in names]
    return found

"""Signing in with Facebook, for what hangs on a page: the page itself and the Instagram account behind it.

The code gives a person's key, that one becomes a lasting one, and it opens the pages with keys of their own,
which do not end: https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from niva.networks.base import graph, oauth
from niva.networks.base.errors import Rejected, Temporary
from niva.networks.base.network import Call, Candidate, SeveralFit
from niva.networks.base.types import JSON, App, Credential

DIALOG: Final = f"https://www.facebook.com/{graph.VERSION}/dialog/oauth"
# The task without which nobody publishes in the name of a page.
PUBLISHING_TASK: Final = "CREATE_CONTENT"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a sign-in gave: the rights that were really granted, and the pages with their keys."""

    scopes: tuple[str, ...]
    pages: tuple[Mapping[str, Any], ...]


def dialog(app: App, *, redirect_uri: str, state: str, scopes: Sequence[str]) -> str:
    """The page of consent. Facebook's server flow knows no PKCE: the app's secret guards the code.

    `auth_type=rerequest`: rights that were declined once are asked for again.
    """
    return oauth.consent_url(
        DIALOG, app, redirect_uri=redirect_uri, state=state, scope=",".join(scopes), auth_type="rerequest"
    )


async def sign_in(
    call: Call, base: str, params: Mapping[str, str], redirect_uri: str, page_fields: str
) -> Signed:
    """The person's lasting key and what it opens. The key itself is not kept."""
    url = f"{base}/{graph.VERSION}/oauth/access_token"
    app = {"client_id": call.app.client_id, "client_secret": call.app.client_secret}
    code = {**app, "redirect_uri": redirect_uri, "code": oauth.code_of(params)}
    short = _token(await oauth.ask_for_keys(call, url, code, first=True))
    longer = {**app, "grant_type": "fb_exchange_token", "fb_exchange_token": short}
    token = _token(await oauth.ask_for_keys(call, url, longer, first=True))
    me = f"{base}/{graph.VERSION}/me"
    rights = graph.rows(await graph.ask(call, "GET", f"{me}/permissions", token=token))
    granted = tuple(str(row.get("permission")) for row in rights if row.get("status") == "granted")
    fields = {"fields": f"id,name,username,access_token,tasks,{page_fields}"}
    pages = [row async for row in graph.listed(call, f"{me}/accounts", fields, token=token) if row]
    return Signed(granted, tuple(pages))


def _token(told: Mapping[str, Any]) -> str:
    token = told.get("access_token")
    if not isinstance(token, str) or not token:
        raise Temporary("nonsense", "no access_token in the answer")
    return token


def chosen(
    pages: Sequence[Mapping[str, Any]],
    wanted: str,
    names: Mapping[str, str],
    keys: Callable[[Mapping[str, Any]], Credential],
    place: str = "page_id",
) -> Credential:
    """The keys of the page that the person meant. `names`: page id -> what else it is called (lower case);
    `keys`: the credential of one page; `place`: the fact in it that names the community.

    One page needs no choice. Raises SeveralFit, Rejected("no_pages", "page_unknown", "task_missing").
    """
    if not pages:
        raise Rejected("no_pages")
    if wanted:
        pages = [page for page in pages if wanted.lower() in _called(page, names)]
        if not pages:
            raise Rejected("page_unknown", wanted)
    able = [page for page in pages if _may_publish(page)]
    if not able:
        raise Rejected("task_missing", ", ".join(str(page.get("name")) for page in pages)[:400])
    if len(able) == 1:
        return keys(able[0])
    candidates = []
    for page in able:
        own = keys(page)
        detail = names.get(str(page["id"])) or str(page.get("username") or "")
        name = str(page.get("name") or page["id"])
        candidates.append(Candidate(str(own.facts[place]), name, own, detail))
    raise SeveralFit(tuple(candidates))


def _called(page: Mapping[str, Any], names: Mapping[str, str]) -> set[str]:
    number = str(page.get("id"))
    return {number, str(page.get("username") or "").lower(), names.get(number) or ""} - {""}


def _may_publish(page: Mapping[str, Any]) -> bool:
    tasks = page.get("tasks")
    return not isinstance(tasks, list) or PUBLISHING_TASK in tasks


def page_written(facts: JSON, name: str = "page_id") -> str:
    """The id or short name out of what the person wrote: an address, @name, or the bare id."""
    text = str(facts.get(name) or "").strip().rstrip("/")
    if "profile.php?id=" in text:
        return text.rpartition("id=")[2]
    return text.rpartition("/")[2].removeprefix("@")

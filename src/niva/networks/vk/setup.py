"""Keys: VK ID (OAuth 2.1 with PKCE), their hourly renewal, and the test button.

Source: https://id.vk.com/about/business/go/docs/ru/vkid/latest/vk-id/connection/api-integration/api-description
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from niva.networks.base.errors import NeedsLogin, Rejected, Temporary
from niva.networks.base.network import Call, Candidate, SeveralFit
from niva.networks.base.oauth import code_of, consent_url, with_keys
from niva.networks.base.types import JSON, Account, App, Credential
from niva.networks.vk.client import MANIFEST, ask, ask_for_keys, has_key
from niva.networks.vk.payloads import group_written

ID_BASE: Final = "https://id.vk.ru"
_OTHER_KIND: Final = ("community_key_refused", "app_disabled")  # errors 27 and 28
EDITOR: Final = 2  # admin_level: 1 moderator, 2 editor, 3 administrator
_CONTENT: Final = (
    "text", "image", "album", "video", "animation", "link", "poll", "story", "edit", "delete",
    "comment_answer", "profile_write",
)  # fmt: skip
_USER_ONLY: Final = (
    "image", "album", "video", "animation", "poll", "edit", "delete", "read_back", "look_up", "post_numbers",
    "comments", "mentions",
)  # fmt: skip
_COMMUNITY_ONLY: Final = ("messages", "message_answer")
# Rights of a community's key, by their names in groups.getTokenPermissions.
_COMMUNITY_RIGHTS: Final = {"messages": _COMMUNITY_ONLY}
_ALONE_RIGHTS: Final = {"stories": ("story",), "manage": ("profile_write",)}
# Bits of account.getAppPermissions: https://dev.vk.com/ru/reference/access-rights
_RIGHTS: Final = {
    4: ("image", "album"),
    16: ("video",),
    64: ("story",),
    8192: _CONTENT,
    131072: ("animation",),
    262144: ("profile_write",),
}


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
    """VK ID's page of consent."""
    page = f"{app.facts.get('id_base', ID_BASE)}/authorize"
    scope = " ".join(MANIFEST.scopes)
    return consent_url(page, app, redirect_uri=redirect_uri, state=state, scope=scope, verifier=verifier)


async def exchange(
    call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
) -> Credential:
    """The keys for the code that VK ID handed back together with the device's id.

    `SeveralFit` where nobody said which community: those in which the person is an editor or more. All hold
    one renewal key, which VK takes once, so only one of them comes of a sign-in.
    """
    code, device = code_of(params), params.get("device_id", "")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": verifier,
        "client_id": call.app.client_id,
        "device_id": device,
        "redirect_uri": redirect_uri,
        "state": params.get("state") or secrets.token_urlsafe(24),
    }
    told = await ask_for_keys(call, str(call.app.facts.get("id_base", ID_BASE)), form)
    start = Credential(facts={**facts, "device_id": device, "client_id": call.app.client_id})
    credential = _with_keys(start, told, call.now())
    return credential if group_written(credential) else await _only_group(call, credential)


async def _only_group(call: Call, credential: Credential) -> Credential:
    """The keys for the one community that the person edits. Raises SeveralFit, NeedsLogin("no_groups")."""
    told = await ask(
        replace(call, credential=credential),
        "groups.get",
        {"filter": ["editor"], "extended": True, "fields": ["members_count", "screen_name"], "count": 1000},
        writes=False,
    )
    rows = told.get("items") if isinstance(told, dict) else None
    if not isinstance(rows, list):
        raise Temporary("nonsense", "no communities in the answer")
    groups = [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), int)]
    if not groups:
        raise NeedsLogin("no_groups")
    found = tuple(
        Candidate(
            str(group["id"]),
            str(group.get("name") or group["id"]),
            replace(credential, facts={**credential.facts, "group_id": group["id"]}),
            f"vk.com/{group.get('screen_name') or 'club' + str(group['id'])}",
        )
        for group in groups
    )
    if len(found) > 1:
        raise SeveralFit(found, together=False)
    return found[0].credential


async def refresh(call: Call) -> Credential:
    """New keys by the refresh token, which is spent by it: what comes back must be kept at once.

    `facts["access_expires_at"]`: when the access token ends, ISO 8601 (VK ID: after one hour).
    """
    credential = call.credential
    old = credential.secrets.get("refresh_token", "").strip()
    if not old:
        return credential
    form = {
        "grant_type": "refresh_token",
        "refresh_token": old,
        "client_id": str(credential.facts.get("client_id") or call.app.client_id),
        "device_id": str(credential.facts.get("device_id", "")),
        "state": secrets.token_urlsafe(24),
    }
    base = credential.facts.get("id_base") or call.app.facts.get("id_base") or ID_BASE
    return _with_keys(credential, await ask_for_keys(call, str(base), form), call.now())


def _with_keys(credential: Credential, told: Mapping[str, Any], now: datetime) -> Credential:
    """As everywhere, and whose keys these are."""
    made = with_keys(credential, told, now)
    if not told.get("user_id"):
        return made
    return replace(made, facts={**made.facts, "user_id": told["user_id"]})


async def account(call: Call) -> Account:
    """Which community, how many members, and what these keys may not do there."""
    by_user, by_community = has_key(call.credential, "user"), has_key(call.credential, "community")
    if not (by_user or by_community):
        raise NeedsLogin("user_key_missing")
    group: Mapping[str, Any] = {}
    lacks: list[str] = []
    granted: frozenset[str] = frozenset()
    if by_community:
        granted = await _granted(call)
        # without an id VK tells the community that the key belongs to
        group = await _group(call, {}, "community")
    if by_user:
        written = group_written(call.credential) or str(group.get("id", ""))
        if not written:
            raise NeedsLogin("group_missing")
        told = await _group(call, {"group_id": written}, "user")
        if group and told.get("id") != group.get("id"):
            raise NeedsLogin("community_key_of_other", str(group.get("name", "")))
        group = told
        lacks = await _user_lacks(call, group)
    else:
        written = group_written(call.credential)
        if written and written not in (str(group.get("id")), group.get("screen_name")):
            raise NeedsLogin("community_key_of_other", str(group.get("name", "")))
        lacks = [*_USER_ONLY, *_without(_ALONE_RIGHTS, granted)]
    lacks += _without(_COMMUNITY_RIGHTS, granted)
    number = group["id"]
    return Account(
        id=str(number),
        name=str(group.get("name", number)),
        url=f"https://vk.com/{group.get('screen_name') or f'club{number}'}",
        avatar_url=str(group.get("photo_200", "")),
        followers=group.get("members_count") if isinstance(group.get("members_count"), int) else None,
        lacks=tuple(dict.fromkeys(lacks)),
        facts={"group_id": number},
        expires_at=call.credential.expires_at,
    )


async def _granted(call: Call) -> frozenset[str]:
    """What the community's key may do. A user's key in its place is refused this question."""
    try:
        told = await ask(call, "groups.getTokenPermissions", {}, writes=False)
    except (Rejected, NeedsLogin) as error:
        if error.code in ("token_revoked", "token_expired"):
            raise
        raise NeedsLogin("community_key_wrong_kind", error.detail) from error
    rights = told.get("permissions") if isinstance(told, dict) else None
    if not isinstance(rights, list):
        raise Temporary("nonsense", "no rights in the answer")
    return frozenset(str(right.get("name")) for right in rights if isinstance(right, dict))


def _without(rights: Mapping[str, tuple[str, ...]], granted: frozenset[str]) -> list[str]:
    return [word for name, words in rights.items() if name not in granted for word in words]


async def _group(call: Call, params: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    wanted = {**params, "fields": ["members_count", "photo_200", "screen_name", "is_admin", "admin_level"]}
    told = await ask(call, "groups.getById", wanted, writes=False, kind=kind)
    groups = told.get("groups") if isinstance(told, dict) else None
    if not isinstance(groups, list):
        raise Temporary("nonsense", "no communities in the answer")
    if not groups or not isinstance(groups[0], dict) or not isinstance(groups[0].get("id"), int):
        raise NeedsLogin("group_missing", str(params.get("group_id", "")))
    if groups[0].get("deactivated"):
        raise NeedsLogin("community_blocked", str(groups[0]["deactivated"]))
    return groups[0]


async def _user_lacks(call: Call, group: Mapping[str, Any]) -> list[str]:
    """An editor's place in the community, and the key's own rights. VK ID's keys are refused the question
    itself when they were given no right to the wall."""
    place = group.get("admin_level", 0) if group.get("is_admin") else 0
    missing: list[str] = list(_CONTENT) if place < EDITOR else []
    try:
        mask = await ask(call, "account.getAppPermissions", {}, writes=False)
    except NeedsLogin as error:
        if error.code in _OTHER_KIND:
            raise NeedsLogin("user_key_wrong_kind", error.detail) from error
        if error.code != "key_cannot_publish":
            raise
        mask = 0
    if not isinstance(mask, int):
        raise Temporary("nonsense", "no mask of rights in the answer")
    for bit, words in _RIGHTS.items():
        if not mask & bit:
            missing += words
    return list(dict.fromkeys(missing))

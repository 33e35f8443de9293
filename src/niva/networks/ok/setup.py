"""Keys: consent on connect.ok.ru, renewal, an everlasting token of one's own application; the test button.

Sources: https://apiok.ru/ext/oauth/server (a renewal gives a new access token and leaves the renewal key as
it is), https://apiok.ru/ext/oauth/permissions (LONG_ACCESS_TOKEN lives 30 days and is prolonged by use or by
auth.touchSession).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from niva.networks.base import oauth
from niva.networks.base.errors import NeedsLogin, Temporary
from niva.networks.base.network import Call, Candidate, SeveralFit
from niva.networks.base.types import JSON, Account, App, Credential
from niva.networks.ok.client import API_BASE, MANIFEST, ask, md5
from niva.networks.ok.payloads import address as topic_address
from niva.networks.ok.payloads import group_written

CONSENT_BASE: Final = "https://connect.ok.ru"
LONG_LIFE: Final = timedelta(days=30)
FIELDS: Final = (
    "uid,name,shortname,description,members_count,access_type,private,blocked,status,pic_avatar,"
    "homepage_url,phone,address,city,subcategory,category,min_age,messages_allowed,who_can_comment,"
    "rkn_mark,cover,main_photo"
)
_CONTENT: Final = ("text", "link", "poll", "edit", "delete")
# Right of the application -> what is not possible without it.
_RIGHTS: Final[dict[str, tuple[str, ...]]] = {
    "VALUABLE_ACCESS": (*_CONTENT, "image", "album", "video", "look_up", "read_back", "post_numbers"),
    "GROUP_CONTENT": (*_CONTENT, "image", "album", "video", "post_numbers", "community_numbers", "profile"),
    "PHOTO_CONTENT": ("image", "album", "profile_write"),
    "VIDEO_CONTENT": ("video",),
}
_MAY_PUBLISH: Final = {"ADMIN", "MODERATOR"}
_LOOKS_ONLY: Final = {"ANALYST"}  # the one role of a moderator that writes nothing
_PAGE, _PAGES = 100, 10  # groups asked for at once, and how often at most: a person waits


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
    """OK's page of consent. Rights are parted by semicolons; PKCE is not known there."""
    page = f"{app.facts.get('consent_base', CONSENT_BASE)}/oauth/authorize"
    scope = ";".join(MANIFEST.scopes)
    return oauth.consent_url(page, app, redirect_uri=redirect_uri, state=state, scope=scope, layout="w")


async def exchange(
    call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
) -> Credential:
    """The keys for the code, with the secret that every request is signed with.

    `SeveralFit` where nobody said which group: those in which the person may publish. They may all come of
    one sign-in, for renewal does not spend the key that they share.
    """
    form = {
        "code": oauth.code_of(params),
        "client_id": call.app.client_id,
        "client_secret": call.app.client_secret,
        "redirect_uri": redirect_uri,
        "grant_type": "authorization_code",
    }
    told = await oauth.ask_for_keys(call, _token_url(call), form, first=True)
    key = str(call.app.facts.get("application_key") or facts.get("application_key") or "")
    start = Credential(facts={**facts, "application_key": key})
    credential = _signed(oauth.with_keys(start, told, call.now()), call.app.client_secret)
    return credential if group_written(credential) else await _only_group(call, credential)


async def _only_group(call: Call, credential: Credential) -> Credential:
    """The keys for the one group that the person runs. Raises SeveralFit, NeedsLogin("ok_no_groups")."""
    asking = replace(call, credential=credential)
    numbers = await _own_groups(asking)
    rows: list[Mapping[str, Any]] = []
    for start in range(0, len(numbers), _PAGE):
        told = await _groups(asking, numbers[start : start + _PAGE], "uid,name,shortname")
        rows += [row for row in told if isinstance(row, dict) and row.get("uid")]
    if not rows:
        raise NeedsLogin("ok_no_groups")
    found = tuple(_candidate(credential, row) for row in rows)
    if len(found) > 1:
        raise SeveralFit(found)
    return found[0].credential


def _candidate(credential: Credential, group: Mapping[str, Any]) -> Candidate:
    number = str(group["uid"])
    own = replace(credential, facts={**credential.facts, "group_id": number})
    return Candidate(number, str(group.get("name") or number), own, _address(group, number))


async def _own_groups(call: Call) -> list[str]:
    """Numbers of the groups in which the owner of the keys may publish. How many come at once is OK's choice:
    the list ends where a page is empty or its anchor stands still."""
    found: list[str] = []
    anchor = ""
    for _ in range(_PAGES):
        params = {"count": _PAGE, "direction": "FORWARD", **({"anchor": anchor} if anchor else {})}
        told = await ask(call, "group.getUserGroupsV2", params, writes=False)
        # a person without groups gets an answer without a list
        rows = told.get("groups") or [] if isinstance(told, dict) else None
        if not isinstance(rows, list):
            raise Temporary("nonsense", "no groups in the answer")
        found += [str(row["groupId"]) for row in rows if isinstance(row, dict) and _runs(row)]
        before, anchor = anchor, str(told.get("anchor") or "")
        if not rows or anchor in ("", before):
            break
    return list(dict.fromkeys(found))


def _runs(place: Mapping[str, Any]) -> bool:
    """Whether this place in a group lets a person publish. `role` comes as a word or as a list of them."""
    told = place.get("role")
    roles = set(told) if isinstance(told, list) else {told} - {None}
    return (
        bool(place.get("groupId"))
        and place.get("status") in _MAY_PUBLISH
        and not (roles and roles <= _LOOKS_ONLY)
    )


async def refresh(call: Call) -> Credential:
    """A new token by the refresh token; a token of long life is prolonged; an everlasting one stays."""
    credential = call.credential
    old = credential.secrets.get("refresh_token", "").strip()
    if old and call.app.client_id:
        form = {
            "refresh_token": old,
            "client_id": call.app.client_id,
            "client_secret": call.app.client_secret,
            "grant_type": "refresh_token",
        }
        told = await oauth.ask_for_keys(call, _token_url(call), form, first=False)
        return _signed(oauth.with_keys(credential, told, call.now()), call.app.client_secret)
    if credential.expires_at is None:
        return credential
    await ask(call, "auth.touchSession", {}, writes=False)
    ends = call.now() + LONG_LIFE
    facts = {**credential.facts, "access_expires_at": ends.isoformat()}
    return replace(credential, facts=facts, expires_at=ends)


def _token_url(call: Call) -> str:
    base = call.credential.facts.get("api_base") or call.app.facts.get("api_base") or API_BASE
    return f"{base}/oauth/token.do"


def _signed(credential: Credential, app_secret: str) -> Credential:
    """With the secret of the session, so that the application's own secret is not needed at every call."""
    secret = md5(credential.secrets["access_token"] + app_secret)
    return replace(credential, secrets={**credential.secrets, "session_secret": secret})


async def account(call: Call) -> Account:
    """Which group, how many members, and what these keys may not do there."""
    if not call.credential.secrets.get("access_token", "").strip():
        raise NeedsLogin("not_connected")
    number = await _number(call)
    group = await group_info(call, number)
    if group.get("blocked") is True or group.get("status") in ("BLOCKED", "DISABLED", "DELETED"):
        raise NeedsLogin("ok_group_closed", str(group.get("name", "")))
    user = await ask(call, "users.getCurrentUser", {"fields": ["uid", "name"]}, writes=False)
    uid = str(user.get("uid", "")) if isinstance(user, dict) else ""
    followers = group.get("members_count")
    return Account(
        id=number,
        name=str(group.get("name") or number),
        url=_address(group, number),
        avatar_url=str(group.get("pic_avatar") or ""),
        followers=followers if type(followers) is int else None,
        lacks=await _lacks(call, number, uid),
        facts={"group_id": number, "user_id": uid},
        expires_at=call.credential.expires_at,
    )


def _address(group: Mapping[str, Any], number: str) -> str:
    short = str(group.get("shortname") or "")
    return f"https://ok.ru/{short}" if short else topic_address(number, "").removesuffix("/topic/")


async def _number(call: Call) -> str:
    """The group's number; a short name is looked up by its address."""
    written = group_written(call.credential)
    if written.isdecimal():
        return written
    if not written:
        raise NeedsLogin("ok_group_not_named")
    told = await ask(call, "url.getInfo", {"url": written}, writes=False)
    if not isinstance(told, dict) or told.get("type") != "GROUP" or not told.get("objectId"):
        raise NeedsLogin("ok_group_missing", written)
    return str(told["objectId"])


async def group_info(call: Call, number: str) -> Mapping[str, Any]:
    """Everything about one group. Raises NeedsLogin where there is none."""
    groups = await _groups(call, [number], FIELDS)
    if not groups or not isinstance(groups[0], dict) or not groups[0].get("uid"):
        raise NeedsLogin("ok_group_missing", number)
    found: Mapping[str, Any] = groups[0]
    return found


async def _groups(call: Call, numbers: Sequence[str], fields: str) -> list[Any]:
    """group.getInfo, whose list comes bare or under "groups"."""
    told = await ask(call, "group.getInfo", {"uids": list(numbers), "fields": fields}, writes=False)
    groups = told.get("groups", []) if isinstance(told, dict) else told
    if not isinstance(groups, list):
        raise Temporary("nonsense", "no groups in the answer")
    return groups


async def _lacks(call: Call, number: str, uid: str) -> tuple[str, ...]:
    """A moderator's place in the group, the rights that OK's moderation gave to the application, and the
    group's own key for messages."""
    missing: list[str] = []
    if not await _may_publish(call, number, uid):
        missing += [*_CONTENT, "image", "album", "video", "post_numbers", "profile_write"]
    for right, words in _RIGHTS.items():
        allowed = await ask(call, "users.hasAppPermission", {"ext_perm": right}, writes=False)
        if allowed is False:
            missing += words
    if not call.credential.secrets.get("group_token", "").strip():
        missing += ["messages", "message_answer"]
    return tuple(dict.fromkeys(missing))


async def _may_publish(call: Call, number: str, uid: str) -> bool:
    params = {"group_id": number, "uids": uid}
    told = await ask(call, "group.getUserGroupsByIds", params, writes=False)
    places = told if isinstance(told, list) else []
    return any(isinstance(one, dict) and one.get("status") in _MAY_PUBLISH for one in places)


def when(text: Any) -> datetime | None:
    """A moment as OK writes it in comments, "2026-11-23 10:05:00", by the clock of Moscow (UTC+3)."""
    try:
        return datetime.fromisoformat(f"{text}+03:00")
    except ValueError:
        return None

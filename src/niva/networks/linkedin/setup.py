"""Keys: consent on linkedin.com, renewal, and the test button.

Source: https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow (access 60 days;
refresh tokens, for a year, only for applications that LinkedIn approved).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base import oauth
from niva.networks.base.errors import Gone, NeedsLogin, Temporary
from niva.networks.base.network import Call
from niva.networks.base.types import JSON, Account, App, Credential
from niva.networks.linkedin.client import ask_object, coded, elements
from niva.networks.linkedin.errors import NO_RIGHT

SIGN_IN: Final = "https://www.linkedin.com"
PERSON_SCOPES: Final = ("openid", "profile", "w_member_social")
PAGE_SCOPES: Final = ("r_organization_social", "w_organization_social", "rw_organization_admin")
_PAGE: Final = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)?linkedin\.com/(?:company|school|showcase)/(?P<name>[\w%.-]+)(?:/.*)?"
)
# Places on a page: https://learn.microsoft.com/linkedin/marketing/community-management/organizations
_MAY_PUBLISH: Final = {
    "ADMINISTRATOR",
    "CONTENT_ADMINISTRATOR",
    "CONTENT_ADMIN",
    "DIRECT_SPONSORED_CONTENT_POSTER",
}
_CONTENT: Final = ("text", "image", "album", "video", "link", "poll", "first_comment", "edit", "delete")
_READING: Final = ("read_back", "look_up", "comments")
_NUMBERS: Final = ("post_numbers", "community_numbers", "mentions")
PERSON_LACKS: Final = (*_READING, *_NUMBERS, "comment_answer", "profile")


def page_written(facts: JSON) -> str:
    """The page as the person wrote it: its number or short name; "" when it is his own feed."""
    text = str(facts.get("page", "")).strip().strip("/")
    match = _PAGE.fullmatch(text)
    # a box for addresses puts https:// before a bare name, too
    bare = text.removeprefix("https://").removeprefix("urn:li:organization:").removeprefix("@")
    name = match["name"] if match else bare
    return name if re.fullmatch(r"[\w%-]+", name) else ""


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
    """LinkedIn's page of consent. Only the rights that are needed: it refuses all when one is not granted to
    the application."""
    scope = " ".join(PAGE_SCOPES if page_written(facts) else PERSON_SCOPES)
    page = f"{app.facts.get('sign_in', SIGN_IN)}/oauth/v2/authorization"
    return oauth.consent_url(page, app, redirect_uri=redirect_uri, state=state, scope=scope)


async def exchange(
    call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
) -> Credential:
    form = {
        "grant_type": "authorization_code",
        "code": oauth.code_of(params),
        "redirect_uri": redirect_uri,
        "client_id": call.app.client_id,
        "client_secret": call.app.client_secret,
    }
    told = await oauth.ask_for_keys(call, _token_url(call), form, first=True)
    return oauth.with_keys(Credential(facts=dict(facts)), told, call.now())


async def refresh(call: Call) -> Credential:
    """New keys by the refresh token. Where LinkedIn gave none, a person signs in again every 60 days."""
    old = call.credential.secrets.get("refresh_token", "").strip()
    if not old:
        return call.credential
    form = {
        "grant_type": "refresh_token",
        "refresh_token": old,
        "client_id": call.app.client_id,
        "client_secret": call.app.client_secret,
    }
    told = await oauth.ask_for_keys(call, _token_url(call), form, first=False)
    return oauth.with_keys(call.credential, told, call.now())


def _token_url(call: Call) -> str:
    base = call.credential.facts.get("sign_in") or call.app.facts.get("sign_in") or SIGN_IN
    return f"{base}/oauth/v2/accessToken"


async def account(call: Call) -> Account:
    """A page and the place of the key's owner on it, or the person himself."""
    written = page_written(call.credential.facts)
    return await _page(call, written) if written else await _person(call)


async def _person(call: Call) -> Account:
    """OpenID's own words about the person. The feed of a person is written, not read."""
    try:
        me = await ask_object(call, "GET", "/v2/userinfo")
    except NeedsLogin as error:
        if error.code != NO_RIGHT:
            raise
        raise NeedsLogin("li_page_not_named", error.detail) from error
    if not isinstance(me.get("sub"), str) or not me["sub"]:
        raise Temporary("nonsense", "no sub in the answer")
    return Account(
        id=me["sub"],
        name=str(me.get("name") or me["sub"]),
        avatar_url=str(me.get("picture") or ""),
        lacks=PERSON_LACKS,
        facts={"author": f"urn:li:person:{me['sub']}"},
        expires_at=call.credential.expires_at,
    )


async def _page(call: Call, written: str) -> Account:
    page = await organisation(call, written)
    urn = f"urn:li:organization:{page['id']}"
    places = await _places(call, urn)
    if places is not None and not places & _MAY_PUBLISH:
        raise NeedsLogin("li_not_page_admin", str(page.get("localizedName") or written))
    path = f"/rest/networkSizes/{coded(urn)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
    size = (await ask_object(call, "GET", path)).get("firstDegreeSize")
    return Account(
        id=str(page["id"]),
        name=str(page.get("localizedName") or page["id"]),
        url=f"https://www.linkedin.com/company/{page.get('vanityName') or page['id']}",
        followers=size if type(size) is int else None,
        lacks=_lacks(call.credential),
        facts={"author": urn},
        expires_at=call.credential.expires_at,
    )


async def organisation(call: Call, written: str) -> Mapping[str, Any]:
    """The organisation by its number or short name. Raises NeedsLogin where there is none, or where the keys
    are those of a person."""
    try:
        if written.isdecimal():
            page: Mapping[str, Any] = await ask_object(call, "GET", f"/rest/organizations/{written}")
        else:
            path = f"/rest/organizations?q=vanityName&vanityName={coded(written)}"
            page = next(iter(elements(await ask_object(call, "GET", path))), {})
    except Gone as error:
        raise NeedsLogin("li_page_missing", written) from error
    except NeedsLogin as error:
        raise NeedsLogin("li_person_key" if error.code == NO_RIGHT else error.code, error.detail) from error
    if type(page.get("id")) is not int:
        raise NeedsLogin("li_page_missing", written)
    return page


async def _places(call: Call, urn: str) -> set[str] | None:
    """What the owner of the keys is on this page; None where these keys may not see who is what."""
    path = "/rest/organizationAcls?q=roleAssignee&state=APPROVED&count=100"
    try:
        rows = elements(await ask_object(call, "GET", path))
    except NeedsLogin as error:
        if error.code != NO_RIGHT:
            raise
        return None
    mine = (row for row in rows if urn in (row.get("organization"), row.get("organizationTarget")))
    return {str(row.get("role")) for row in mine}


def _lacks(credential: Credential) -> tuple[str, ...]:
    """What the rights that were given do not carry; nothing is said where the rights are unknown."""
    rights = oauth.scopes_of(credential)
    if rights is None:
        return ()
    missing = [] if "w_organization_social" in rights else [*_CONTENT, "comment_answer"]
    missing += [] if "r_organization_social" in rights else _READING
    missing += [] if "rw_organization_admin" in rights else [*_NUMBERS, "profile"]
    return tuple(missing)

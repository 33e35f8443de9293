"""Keys: consent on linkedin.com, renewal, and the test button.

Sources: https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow (access 60 days),
https://learn.microsoft.com/linkedin/shared/authentication/programmatic-refresh-tokens (for a year, only for
applications that LinkedIn approved; a renewal leaves the refresh token and its end as they are).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from niva.networks.base import oauth
from niva.networks.base.errors import Gone, NeedsLogin, Temporary
from niva.networks.base.network import Call, Candidate, SeveralFit
from niva.networks.base.types import JSON, Account, App, Credential
from niva.networks.linkedin.client import ask_object, coded, elements
from niva.networks.linkedin.errors import NO_RIGHT

SIGN_IN: Final = "https://www.linkedin.com"
PERSON_SCOPES: Final = ("openid", "profile", "w_member_social")
# What Community Management API gives; a person's own feed is written with the last of them.
PAGE_SCOPES: Final = (
    "r_organization_social", "w_organization_social", "rw_organization_admin", "w_member_social",
)  # fmt: skip
ORGANISATION: Final = "urn:li:organization:"
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
    bare = text.removeprefix(ORGANISATION).removeprefix("@")
    name = match["name"] if match else bare
    return name if re.fullmatch(r"[\w%-]+", name) else ""


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, facts: JSON) -> str:
    """LinkedIn's page of consent. Only the rights of the product that the application has: it refuses all
    when one is not granted."""
    scope = " ".join(PERSON_SCOPES if _for_people(app) else PAGE_SCOPES)
    page = f"{app.facts.get('sign_in', SIGN_IN)}/oauth/v2/authorization"
    return oauth.consent_url(page, app, redirect_uri=redirect_uri, state=state, scope=scope)


def _for_people(app: App) -> bool:
    """Has the application the product for people's own feeds? LinkedIn gives the one for pages to no
    application that has others."""
    return app.facts.get("product") == "person"


async def exchange(
    call: Call, *, params: Mapping[str, str], redirect_uri: str, verifier: str, facts: JSON
) -> Credential:
    """The keys for the code. `SeveralFit` where nobody said which page: those on which the person publishes,
    and his own feed. They share a refresh token, which is not spent by use, so they may live side by side.
    """
    form = {
        "grant_type": "authorization_code",
        "code": oauth.code_of(params),
        "redirect_uri": redirect_uri,
        "client_id": call.app.client_id,
        "client_secret": call.app.client_secret,
    }
    told = await oauth.ask_for_keys(call, _token_url(call), form, first=True)
    credential = oauth.with_keys(Credential(facts=dict(facts)), told, call.now())
    if _for_people(call.app) or page_written(facts):
        return credential
    return await _only_place(replace(call, credential=credential))


async def _only_place(call: Call) -> Credential:
    """The keys for the one place to publish in. Raises SeveralFit, NeedsLogin("li_no_pages")."""
    rows = await _roles(call)
    urns = {_organisation(row) for row in rows if row.get("role") in _MAY_PUBLISH}
    numbers = sorted(urn.removeprefix(ORGANISATION) for urn in urns if urn.startswith(ORGANISATION))
    found = [await _as_page(call, number) for number in numbers]
    rights = oauth.scopes_of(call.credential)
    if rights is None or "w_member_social" in rights:
        found += [_as_person(call.credential, urn) for urn in _people(rows)]
    if not found:
        raise NeedsLogin("li_no_pages")
    if len(found) > 1:
        raise SeveralFit(tuple(found))
    return found[0].credential


async def _as_page(call: Call, number: str) -> Candidate:
    page = await organisation(call, number)
    address = f"https://www.linkedin.com/company/{page.get('vanityName') or number}"
    facts = {**call.credential.facts, "page": number, "author": f"{ORGANISATION}{number}"}
    name = str(page.get("localizedName") or number)
    return Candidate(number, name, replace(call.credential, facts=facts), address)


def _as_person(credential: Credential, urn: str) -> Candidate:
    """LinkedIn tells the name of a person only to applications of another kind, so there is none here."""
    own = replace(credential, facts={**credential.facts, "author": urn})
    return Candidate(urn.rpartition(":")[2], "", own)


def _people(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Who signed in, by the places on pages: one person, if any."""
    told = dict.fromkeys(str(row.get("roleAssignee") or "") for row in rows)
    return [urn for urn in told if urn.startswith("urn:li:person:")][:1]


def _organisation(row: Mapping[str, Any]) -> str:
    return str(row.get("organization") or row.get("organizationTarget") or "")


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
        return await _member(call, error)
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


async def _member(call: Call, refused: NeedsLogin) -> Account:
    """The owner of keys that an application for pages got, as far as such keys tell: by his places on pages.

    Raises NeedsLogin("li_page_not_named") for keys of a page of which nobody said whose feed they are for.
    """
    author = str(call.credential.facts.get("author", ""))
    if not author.startswith("urn:li:person:") or author not in _people(await _roles(call)):
        raise NeedsLogin("li_page_not_named", refused.detail) from refused
    number = author.rpartition(":")[2]
    ends = call.credential.expires_at
    return Account(id=number, name=number, lacks=PERSON_LACKS, facts={"author": author}, expires_at=ends)


async def _page(call: Call, written: str) -> Account:
    page = await organisation(call, written)
    urn = f"{ORGANISATION}{page['id']}"
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
    try:
        rows = await _roles(call)
    except NeedsLogin as error:
        if error.code != NO_RIGHT:
            raise
        return None
    return {str(row.get("role")) for row in rows if _organisation(row) == urn}


async def _roles(call: Call) -> list[Mapping[str, Any]]:
    """Places of the owner of the keys on pages, a hundred at most:
    https://learn.microsoft.com/linkedin/marketing/community-management/organizations/organization-access-control-by-role
    """
    path = "/rest/organizationAcls?q=roleAssignee&state=APPROVED&count=100"
    return elements(await ask_object(call, "GET", path))


def _lacks(credential: Credential) -> tuple[str, ...]:
    """What the rights that were given do not carry; nothing is said where the rights are unknown."""
    rights = oauth.scopes_of(credential)
    if rights is None:
        return ()
    missing = [] if "w_organization_social" in rights else [*_CONTENT, "comment_answer"]
    missing += [] if "r_organization_social" in rights else _READING
    missing += [] if "rw_organization_admin" in rights else [*_NUMBERS, "profile"]
    return tuple(missing)

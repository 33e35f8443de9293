"""The keys of communities: sealed on the way in, opened only for a call, renewed by exactly one worker.

Nothing else in the desk opens a seal. What comes out goes straight into a network's `Call`; pages show only
when the keys were saved and when they end. `niva.kit.seal` does the encryption, `settings.TOKEN_KEYS` are the
keys (the first encrypts, all decrypt).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from niva.domains.communities.models import Community, CommunityState, DeveloperApp
from niva.domains.communities.models import Credential as Keys
from niva.domains.people.actor import machine
from niva.domains.people.audit import record
from niva.kit.seal import SealBroken, mark, seal, unseal
from niva.networks.base.errors import NeedsLogin
from niva.networks.base.types import App, Credential
from niva.networks.registry import all_networks


def open_credential(
    sealed: bytes | memoryview, facts: Mapping[str, Any], expires_at: datetime | None, keys: Sequence[str]
) -> Credential:
    """Pure: the row's columns as what a network takes. For callers that read the row in their own way.

    Raises NeedsLogin("keys_unreadable") when none of `keys` opens the seal: only a person can mend that.
    """
    try:
        secrets = unseal(bytes(sealed), keys)
    except SealBroken as error:
        raise NeedsLogin("keys_unreadable") from error
    return Credential(secrets=secrets, facts=dict(facts), expires_at=expires_at)


def open_app(
    app_id: str, sealed: bytes | memoryview | memoryview, facts: Mapping[str, Any], keys: Sequence[str]
) -> App:
    """Pure: a developer app's columns as what a network takes. Raises NeedsLogin("keys_unreadable")."""
    try:
        secrets = unseal(bytes(sealed), keys)
    except SealBroken as error:
        raise NeedsLogin("keys_unreadable") from error
    return App(client_id=app_id, client_secret=secrets.get("client_secret", ""), facts=dict(facts))


def renews(credential: Credential) -> bool:
    """Whether the desk can renew these keys by itself, so that their end is nothing for a person to mind."""
    return bool(credential.secrets.get("refresh_token") or credential.secrets.get("app_password"))


def account_mark(network: str, credential: Credential) -> str:
    """Whose limits these keys fall under: the same for all communities of one account; tells nothing else.

    "" where the network does not say what an account is.
    """
    found = all_networks().get(network)
    if found is None:
        return ""
    account = found.manifest.account
    named = [str(credential.facts.get(name) or "") for name in account.facts]
    if named and all(named):
        return mark("|".join([network, *named]), settings.TOKEN_KEYS)
    secret = next((credential.secrets[name] for name in account.secrets if credential.secrets.get(name)), "")
    return mark(f"{network}|{secret}", settings.TOKEN_KEYS) if secret else ""


def _facts(community: Community, credential: Credential) -> dict[str, Any]:
    """What is kept beside the seal: the network's facts, and two of our own that no call needs."""
    facts = {**credential.facts, "account_mark": account_mark(community.network, credential)}
    return {**facts, **({"renews": True} if renews(credential) else {})}


def load(community_id: int) -> Credential:
    """The keys of one community. Raises NeedsLogin: "not_connected" or "keys_unreadable"."""
    return load_versioned(community_id)[0]


def load_versioned(community_id: int) -> tuple[Credential, App, int]:
    """The keys, the app they were given to (an empty one where none is needed), and their version.

    The version goes back into `store_refreshed` and `mark_needs_login`. Raises NeedsLogin like `load`.
    """
    row = Keys.objects.select_related("app").filter(community_id=community_id).first()
    if row is None:
        raise NeedsLogin("not_connected")
    app = app_of(row.app) if row.app else App()
    return open_credential(row.sealed, row.facts, row.expires_at, settings.TOKEN_KEYS), app, row.version


def app_of(app: DeveloperApp) -> App:
    """A stored developer app as what a network takes. Raises NeedsLogin("keys_unreadable")."""
    facts = {**app.facts, **({"server": app.server} if app.server else {})}
    return open_app(app.app_id, app.sealed, facts, settings.TOKEN_KEYS)


@transaction.atomic
def store(
    community: Community,
    credential: Credential,
    lacks: Sequence[str],
    *,
    app: DeveloperApp | None = None,
) -> Keys:
    """Keep new keys that were just proven by a real call: the community is connected from now on.

    Replaces earlier keys; the version grows, so a worker that still renews the old ones loses the race.
    """
    now = timezone.now()
    fresh: dict[str, Any] = {
        "app": app,
        "sealed": seal(credential.secrets, settings.TOKEN_KEYS),
        "facts": _facts(community, credential),
        "lacks": list(lacks),
        "expires_at": credential.expires_at,
        "checked_at": now,
        "updated_at": now,
    }
    row, created = Keys.objects.select_for_update().get_or_create(community=community, defaults=fresh)
    if not created:
        Keys.objects.filter(pk=row.pk).update(**fresh, version=F("version") + 1)
        row.refresh_from_db()
    community.state, community.state_reason = CommunityState.CONNECTED, ""
    community.save(update_fields=["state", "state_reason"])
    return row


def store_refreshed(community_id: int, version: int, credential: Credential) -> bool:
    """Keep renewed keys if nobody else changed them since `version` was read (compare and set).

    False = somebody was faster; the caller loads the keys again and throws its own away.
    """
    return bool(
        Keys.objects.filter(community_id=community_id, version=version).update(
            sealed=seal(credential.secrets, settings.TOKEN_KEYS),
            facts=dict(credential.facts),
            expires_at=credential.expires_at,
            updated_at=timezone.now(),
            version=version + 1,
        )
    )


@transaction.atomic
def mark_needs_login(community: Community, code: str, *, version: int | None = None) -> bool:
    """The network wants the person again. `code`: the network error's word, shown with what to do.

    With `version`, only while those keys are still the current ones: a late answer about keys that a person
    has replaced meanwhile must not switch the community off. False = nothing was changed.
    """
    rows = Community.objects.filter(pk=community.pk)
    if version is not None:
        rows = rows.filter(credential__version=version)
    current = rows.select_for_update(of=("self",)).select_related("workspace").first()
    if current is None or (current.state, current.state_reason) == (CommunityState.NEEDS_LOGIN, code[:60]):
        return False
    current.state, current.state_reason = CommunityState.NEEDS_LOGIN, code[:60]
    current.save(update_fields=["state", "state_reason"])
    record(machine(current.workspace), "community.needs_login", current, code=code[:60])
    community.state, community.state_reason = current.state, current.state_reason
    return True


@transaction.atomic
def confirm(community: Community, version: int, credential: Credential, lacks: Sequence[str]) -> bool:
    """The test button found the keys good: remember when, what they lack, when they end. CAS on `version`.

    A community that waited for a sign-in is connected again. False = the keys were changed meanwhile.
    """
    confirmed = Keys.objects.filter(community=community, version=version).update(
        facts=_facts(community, credential),
        lacks=list(lacks),
        expires_at=credential.expires_at,
        checked_at=timezone.now(),
    )
    if confirmed:
        community.state, community.state_reason = CommunityState.CONNECTED, ""
        community.save(update_fields=["state", "state_reason"])
    return bool(confirmed)


def forget(community: Community) -> bool:
    """Throw the keys away. What is out stays out; nothing goes out until somebody connects again."""
    gone, _rows = Keys.objects.filter(community=community).delete()
    community.state, community.state_reason = CommunityState.NEW, ""
    community.save(update_fields=["state", "state_reason"])
    return bool(gone)

"""Connecting a community: keys are proven by a real call before they are kept.

By hand-entered keys, or by sending the person to the network and taking him back (OAuth with state and PKCE).
The call is made outside of any transaction; keeping the keys, naming the account and the line in the audit
trail are one. Errors of networks (`niva.networks.base.errors`) come through as they are: pages put them into
words. Nothing here logs or records a secret.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeVar, cast, runtime_checkable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.communities import keys, queries, services
from niva.domains.communities.models import Community, DeveloperApp
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.services.schedule import resume_after_login
from niva.flows.several import Several, keep_several, opened
from niva.flows.talk import PAGE_DEADLINE, at_once, guarded_session, inner_hosts
from niva.kit.net.guard import Blocked, check_url
from niva.networks.base.errors import NeedsLogin, NetworkError, Rejected
from niva.networks.base.manifest import Field, Manifest
from niva.networks.base.network import NO_APP, Call, Network, OAuthNetwork, SeveralFit
from niva.networks.base.transport import Transport
from niva.networks.base.types import Account, App, Credential
from niva.networks.registry import get_network

T = TypeVar("T")
MOST_OTHERS: Final = 20  # communities connected beside the chosen one: each is proven while a person waits
OAUTH_LIVES: Final = 900  # seconds between leaving for the network and coming back


@dataclass(frozen=True, slots=True)
class Connected:
    """What the test button learned and what is now kept.

    `resumed`: posts that had waited for these keys and go out now; `left`: those too late for that.
    """

    community: Community
    account: Account
    renamed: bool = False
    resumed: int = 0
    left: int = 0


class Mismatch(Exception):
    """The person came back with a state that this browser did not leave with, or too late."""


def credential_from(manifest: Manifest, values: Mapping[str, str]) -> Credential:
    """What was typed as a network takes it: secret boxes are secrets, all others facts.

    Raises Rejected("address_bad" or "address_inside") for an address that may not be called.
    """
    typed = {field.name: values.get(field.name, "").strip() or field.default for field in manifest.fields}
    facts = _facts(manifest.fields, typed)
    hidden = {
        field.name: typed[field.name] for field in manifest.fields if field.secret and typed[field.name]
    }
    return Credential(secrets=hidden, facts=facts)


def oauth_fields(manifest: Manifest) -> tuple[Field, ...]:
    """What must be known before leaving for the network: which community, which server."""
    return tuple(f for f in manifest.fields if not f.secret and (f.required or f.kind == "url"))


def _facts(fields: tuple[Field, ...], typed: Mapping[str, str]) -> dict[str, Any]:
    facts = {f.name: typed[f.name] for f in fields if not f.secret and typed.get(f.name)}
    for field in fields:
        if field.kind == "url" and field.name in facts:
            written = str(facts[field.name])
            facts[field.name] = written if "://" in written else f"https://{written}"
            check_address(facts[field.name])
    return facts


def check_address(url: str) -> None:
    """Raises Rejected for what is no public web address. Names that lead inside are caught when called."""
    try:
        check_url(url, inner_hosts())
    except Blocked as error:
        raise Rejected(error.code) from error


def by_keys(*, actor: Actor, community_id: int, values: Mapping[str, str]) -> Connected:
    """Prove hand-entered keys by a real call and keep them.

    Raises NotFound, Forbidden, Invalid, and the errors of networks.
    """
    community = _connectable(actor, community_id, "keys")
    network = get_network(community.network)
    return _prove_and_keep(actor, community, network, credential_from(network.manifest, values), None)


def test(*, actor: Actor, community_id: int) -> Connected:
    """Ask the network whose keys are kept and what they may do. An end of access is written down.

    Raises NotFound, Forbidden and the errors of networks.
    """
    community = queries.community(actor, community_id, can="connect")
    _kept, _app, version = keys.load_versioned(community.pk)
    try:
        account, used = at_once(community, _account_and_keys)
    except NeedsLogin as error:
        keys.mark_needs_login(community, error.code, version=version)
        raise
    current, _app, version = keys.load_versioned(community.pk)
    keys.confirm(community, version, _with(current, account, used), account.lacks)
    record(actor, "community.tested", community)
    return Connected(community, account)


async def _account_and_keys(network: Network, call: Call) -> tuple[Account, Credential]:
    return await network.account(call), call.credential


# OAuth


@runtime_checkable
class Registering(Protocol):
    """A network of many servers, each of which gives an app to whoever asks."""

    async def register(self, call: Call, *, redirect_uri: str, facts: Mapping[str, Any]) -> App: ...


def registers_itself(network: str) -> bool:
    """Whether the desk gets the developer app by itself, so that nobody has to enter one."""
    return isinstance(get_network(network), Registering)


def begin_oauth(
    *, actor: Actor, community_id: int, app_id: int | None, values: Mapping[str, str], redirect_uri: str
) -> tuple[str, dict[str, Any]]:
    """Where to send the person, and what his session must remember till he is back.

    `app_id` None: only for networks where the desk registers an app by itself.
    Raises NotFound, Forbidden, Invalid and the errors of networks.
    """
    community = _connectable(actor, community_id, "oauth")
    network = cast(OAuthNetwork, get_network(community.network))
    fields = oauth_fields(network.manifest)
    facts = _facts(fields, {f.name: values.get(f.name, "").strip() or f.default for f in fields})
    if missing := [f.name for f in fields if f.required and f.name not in facts]:
        raise Invalid({name: [_("Fill this in.")] for name in missing})
    app = _app_for(actor, community, app_id, facts, redirect_uri)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    kept: dict[str, Any] = {
        "state": state,
        "verifier": verifier,
        "community": community.pk,
        "app": app.pk,
        "facts": facts,
        "redirect_uri": redirect_uri,
        "until": time.time() + OAUTH_LIVES,
    }
    url = network.authorize_url(
        keys.app_of(app),
        redirect_uri=redirect_uri,
        state=kept["state"],
        verifier=kept["verifier"],
        facts=facts,
    )
    check_address(url)
    return url, kept


def _app_for(
    actor: Actor, community: Community, app_id: int | None, facts: Mapping[str, Any], redirect_uri: str
) -> DeveloperApp:
    """The chosen app, or one of our own on the server: an earlier one if it leads back here."""
    if app_id is not None:
        app = queries.app(actor, app_id)
        if app.network != community.network:
            raise NotFound("developerapp")
        return app
    network = get_network(community.network)
    if not isinstance(network, Registering):
        raise NotFound("developerapp")

    async def register(call: Call) -> App:
        return await network.register(call, redirect_uri=redirect_uri, facts=facts)

    server = "|".join(str(facts[name]).rstrip("/") for name in sorted(facts))
    ours = queries.apps(actor, community.network).filter(server=server, facts__redirect_uri=redirect_uri)
    if earlier := ours.last():
        return earlier
    made = _ask(Credential(facts=facts), NO_APP, register)
    return services.keep_registered_app(
        actor=actor, network=community.network, server=server, app=made, redirect_uri=redirect_uri
    )


def finish_oauth(
    *, actor: Actor, kept: Mapping[str, Any] | None, params: Mapping[str, str]
) -> Connected | Several:
    """Take the person back. `kept`: what `begin_oauth` gave to his session, which must forget it at once.

    `Several`: the sign-in opened more than one community; `choose` goes on. Raises Mismatch, NotFound,
    Forbidden, Invalid and the errors of networks.
    """
    state = params.get("state", "")
    if not kept or not state or not secrets.compare_digest(state.encode(), str(kept["state"]).encode()):
        raise Mismatch("state")
    if time.time() > kept["until"]:
        raise Mismatch("late")
    community = _connectable(actor, kept["community"], "oauth")
    app = queries.app(actor, kept["app"])
    network = cast(OAuthNetwork, get_network(community.network))

    async def exchange(call: Call) -> Credential:
        return await network.exchange(
            call, params=params, redirect_uri=kept["redirect_uri"], verifier=kept["verifier"],
            facts=kept["facts"],
        )  # fmt: skip

    try:
        credential = _ask(Credential(facts=kept["facts"]), keys.app_of(app), exchange)
    except SeveralFit as several:
        return keep_several(community, app, several, until=time.time() + OAUTH_LIVES)
    return _prove_and_keep(actor, community, network, credential, app)


# Which of several


def choose(
    *, actor: Actor, kept: Mapping[str, Any], chosen: str, others: Collection[str] = ()
) -> tuple[Connected, list[tuple[str, str]]]:
    """Connect the community to the place with the id `chosen`, and make communities of `others` beside it.

    The others (at most MOST_OTHERS) are added to the same client with the same task, zone and app. Returns
    what was connected, and for each of the others that could not be: its name and the code of the reason.
    Raises Mismatch when it is too late, NotFound, Forbidden, Invalid and the errors of networks.
    """
    if len(others) > MOST_OTHERS:
        raise Invalid.one("others", _("At most %(most)d at once.") % {"most": MOST_OTHERS})
    if time.time() > kept["until"]:
        raise Mismatch("late")
    community = _connectable(actor, kept["community"], "oauth")
    app = queries.app(actor, kept["app"])
    places = opened(kept)
    if chosen not in places:
        raise Invalid.one("chosen", _("Choose which of them this community is."))
    network = get_network(community.network)
    done = _prove_and_keep(actor, community, network, places[chosen], app)
    names = {one["id"]: one["name"] for one in kept["places"]}
    refused = []
    for one in others if kept["together"] else ():
        if one in places and one != chosen:
            try:
                _one_more(actor, done.community, names[one], places[one], app)
            except (NetworkError, Invalid) as error:
                code = error.code if isinstance(error, NetworkError) else "already_here"
                refused.append((names[one], code))
    return done, refused


def _one_more(
    actor: Actor, beside: Community, name: str, credential: Credential, app: DeveloperApp
) -> Connected:
    """A further community of the same client; there is none when its keys do not work."""
    network = get_network(beside.network)
    account, used = _prove(network, credential, app)
    with transaction.atomic():
        made = services.add(
            actor=actor,
            client_id=beside.client_id,
            network=beside.network,
            name=name,
            task=beside.task,
            time_zone=beside.time_zone,
        )
        return _keep(actor, made, _with(used, account), account, app)


# Steps


def _connectable(actor: Actor, community_id: int, way: str) -> Community:
    community = queries.community(actor, community_id, can="connect")
    if community.archived_at is not None:
        raise Invalid.one("", _("This community is in the archive. Take it out first."))
    if way not in get_network(community.network).manifest.connect:
        raise NotFound("connect")
    return community


def _prove_and_keep(
    actor: Actor, community: Community, network: Network, credential: Credential, app: DeveloperApp | None
) -> Connected:
    account, used = _prove(network, credential, app)
    return _keep(actor, community, _with(used, account), account, app)


def _prove(network: Network, credential: Credential, app: DeveloperApp | None) -> tuple[Account, Credential]:
    """Whose keys these are, by a real call, and the keys after it."""

    async def prove(call: Call) -> tuple[Account, Credential]:
        if not call.credential.secrets.get("access_token"):
            # A password (Bluesky) or a renewal key alone: what opens the calls comes from it and is kept too,
            # or every later call would sign in anew.
            call = replace(call, credential=await network.refresh(call))
        return await network.account(call), call.credential

    return _ask(credential, keys.app_of(app) if app else NO_APP, prove)


@transaction.atomic
def _keep(
    actor: Actor, community: Community, credential: Credential, account: Account, app: DeveloperApp | None
) -> Connected:
    twin = (
        Community.objects.filter(
            workspace=actor.workspace, network=community.network, remote_id=account.id, archived_at=None
        )
        .exclude(pk=community.pk)
        .exists()
    )
    if twin:
        raise Invalid.one(
            "",
            _("These keys belong to a community that is in the desk already: it would get every post twice."),
        )
    other = bool(community.remote_id) and community.remote_id != account.id
    keys.store(community, credential, account.lacks, app=app)
    web = account.url.startswith(("https://", "http://"))  # never a script in a link
    community.remote_id, community.url = account.id[:200], account.url[:500] if web else ""
    community.save(update_fields=["remote_id", "url"])
    record(actor, "community.connected", community, network=community.network, account=account.name[:120],
           lacks=list(account.lacks), another_account=other)  # fmt: skip
    resumed, left = resume_after_login(community.pk)
    return Connected(community, account, renamed=other, resumed=resumed, left=left)


def _with(credential: Credential, account: Account, used: Credential | None = None) -> Credential:
    """The credential with what the account told of itself; `used`: the keys the question was asked with."""
    facts = {**credential.facts, **(used.facts if used else {}), **account.facts}
    return replace(credential, facts=facts, expires_at=account.expires_at or credential.expires_at)


def _ask(credential: Credential, app: App, question: Callable[[Call], Awaitable[T]]) -> T:
    """One guarded conversation while the person waits. Raises the errors of networks."""

    async def run() -> T:
        async with guarded_session(4) as session:
            transport = Transport(session, deadline=PAGE_DEADLINE)
            return await question(Call(transport, credential, timezone.now, app=app))

    return asyncio.run(run())

"""Communities: add one, change it, put it away, its weekly slots, and the developer apps of the workspace.

Connecting is a flow (`niva.flows.connect`), because it talks to the network.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, KeyTask
from niva.domains.clients.services.clients import check_time_zone
from niva.domains.communities import keys
from niva.domains.communities.models import Community, Credential, DeveloperApp, Slot
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.domains.strategy.models import Rubric
from niva.kit.net.guard import Blocked
from niva.kit.net.public import web_address
from niva.kit.seal import seal
from niva.networks.base.types import App
from niva.networks.registry import all_networks

FIELDS: Final = ("name", "task", "time_zone", "late_minutes")
LATE_MOST: Final = 7 * 24 * 60  # minutes: after a week a post is a new decision, whatever the community
MAX_SLOTS: Final = 100


@transaction.atomic
def add(
    *,
    actor: Actor,
    client_id: int,
    network: str,
    name: str,
    task: str,
    time_zone: str = "",
    late_minutes: int | None = None,
) -> Community:
    """A community of a client, not connected yet; one of a place without an API is kept by hand at once.

    Raises NotFound, Forbidden, Invalid.
    """
    client = access.get(actor, Client.objects.all(), client_id, can="connect")
    community = Community(
        workspace_id=client.workspace_id, client=client, network=network, name=name.strip(), task=task,
        time_zone=time_zone or client.time_zone,
    )  # fmt: skip
    if late_minutes is not None:
        community.late_minutes = late_minutes
    _check(community)
    community.by_hand = only_by_hand(network)
    community.save()
    record(actor, "community.added", community, network=network, task=task)
    return community


@transaction.atomic
def change(*, actor: Actor, community_id: int, values: Mapping[str, str | int]) -> Community:
    """Change some of FIELDS. Raises NotFound, Forbidden, Invalid."""
    community = get(actor, community_id, can="connect")
    before = {name: getattr(community, name) for name in FIELDS}
    for name in FIELDS:
        if name in values:
            value = values[name]
            setattr(community, name, value.strip() if isinstance(value, str) else value)
    _check(community)
    changed = {name: [before[name], getattr(community, name)] for name in FIELDS
               if before[name] != getattr(community, name)}  # fmt: skip
    if changed:
        community.save(update_fields=list(changed))
        record(actor, "community.changed", community, changed=changed)
    return community


@transaction.atomic
def archive(*, actor: Actor, community_id: int) -> Community:
    """Put it away with its keys thrown away; posts and numbers stay. Doing it twice changes nothing."""
    community = get(actor, community_id, can="connect")
    if community.archived_at is None:
        keys.forget(community)
        community.archived_at = timezone.now()
        community.save(update_fields=["archived_at"])
        record(actor, "community.archived", community)
    return community


@transaction.atomic
def restore(*, actor: Actor, community_id: int) -> Community:
    """Take it out of the archive; it must be connected again."""
    community = get(actor, community_id, can="connect")
    if community.archived_at is not None:
        community.archived_at = None
        community.save(update_fields=["archived_at"])
        record(actor, "community.restored", community)
    return community


def only_by_hand(network: str) -> bool:
    """Whether the place has no other way: no API, no feed."""
    found = all_networks().get(network)
    return found is not None and set(found.manifest.connect) == {"hand"}


@transaction.atomic
def keep_by_hand(*, actor: Actor, community_id: int, on: bool, url: str = "") -> Community:
    """People publish there from now on (or no more). `url`: the place's address, kept where one is given.

    Keys stay: they may read numbers. Raises NotFound, Forbidden, Invalid("url" or "").
    """
    rows = Community.objects.select_for_update(of=("self",)).select_related("client")
    community = access.get(actor, rows, community_id, can="connect")
    if community.archived_at is not None:
        raise Invalid.one("", _("This community is in the archive. Take it out first."))
    if not on and only_by_hand(community.network):
        raise Invalid.one("", _("This place has no API: it can only be kept by hand."))
    before = (community.by_hand, community.url)
    community.by_hand = on
    if url.strip():
        try:
            community.url = web_address(url)[:500]
        except Blocked as blocked:
            sentence = _("Paste the address of the place as it stands in the browser.")
            raise Invalid.one("url", sentence) from blocked
    if (community.by_hand, community.url) != before:
        community.save(update_fields=["by_hand", "url"])
        record(actor, "community.by_hand" if on else "community.not_by_hand", community, url=community.url)
    return community


@transaction.atomic
def disconnect(*, actor: Actor, community_id: int) -> Community:
    """Throw the keys away. Raises NotFound, Forbidden."""
    community = get(actor, community_id, can="connect")
    if keys.forget(community):
        record(actor, "community.disconnected", community)
    return community


def get(actor: Actor, community_id: int, *, can: str = "see") -> Community:
    """One community with its client. Raises NotFound, Forbidden."""
    return access.get(actor, Community.objects.select_related("client"), community_id, can=can)


def _check(community: Community) -> None:
    errors: dict[str, list[str]] = {}
    if not community.name:
        errors["name"] = [_("Give the community a name, as people know it.")]
    elif len(community.name) > 120:
        errors["name"] = [_("Too long: %(most)d characters at most.") % {"most": 120}]
    if community._state.adding and community.network not in all_networks():
        errors["network"] = [_("Choose a network.")]
    if community.task not in KeyTask.values:
        errors["task"] = [_("Choose the one thing this community is for.")]
    if sentence := check_time_zone(community.time_zone):
        errors["time_zone"] = [sentence]
    if not 1 <= community.late_minutes <= LATE_MOST:
        errors["late_minutes"] = [_("From 1 minute to a week (%(most)d minutes).") % {"most": LATE_MOST}]
    if errors:
        raise Invalid(errors)


# Slots


@transaction.atomic
def add_slots(
    *,
    actor: Actor,
    community_id: int,
    weekdays: list[int],
    at: dt.time,
    note: str = "",
    rubric_id: int | None = None,
) -> int:
    """The same hour on several weekdays (0 = Monday); what is there already gets the new note and rubric.

    Returns how many were added. Raises NotFound, Forbidden, Invalid.
    """
    community = get(actor, community_id, can="write")
    errors: dict[str, list[str]] = {}
    if not weekdays or not set(weekdays) <= set(range(7)):
        errors["weekdays"] = [_("Choose at least one day.")]
    if not isinstance(at, dt.time):
        errors["at"] = [_("Give the hour.")]
    rubrics = Rubric.objects.filter(client_id=community.client_id)
    if rubric_id is not None and not rubrics.filter(pk=rubric_id).exists():
        errors["rubric_id"] = [_("This rubric belongs to another client.")]
    there = {slot.weekday: slot for slot in community.slots.filter(at=at)} if not errors else {}
    fresh = [day for day in sorted(set(weekdays)) if day not in there]
    if community.slots.count() + len(fresh) > MAX_SLOTS:
        errors["weekdays"] = [_("Over a hundred slots a week; take some out first.")]
    if errors:
        raise Invalid(errors)
    note = note.strip()[:80]
    Slot.objects.bulk_create(Slot(community=community, weekday=day, at=at, note=note) for day in fresh)
    community.slots.filter(at=at, weekday__in=weekdays).update(note=note, rubric_id=rubric_id)
    record(actor, "community.slots_added", community, weekdays=sorted(set(weekdays)), at=f"{at:%H:%M}")
    return len(fresh)


@transaction.atomic
def delete_slot(*, actor: Actor, community_id: int, slot_id: int) -> None:
    """Raises NotFound, Forbidden."""
    community = get(actor, community_id, can="write")
    slot = community.slots.filter(pk=slot_id).first()
    if slot is None:
        raise NotFound("slot")
    record(actor, "community.slot_deleted", community, weekday=slot.weekday, at=f"{slot.at:%H:%M}")
    slot.delete()


# Developer apps


@transaction.atomic
def save_app(
    *, actor: Actor, network: str, values: Mapping[str, str], app_id: int | None = None
) -> DeveloperApp:
    """Keep a developer app of the workspace, new or changed. `values`: name, server, client_id,
    client_secret, and whatever else the network's app_fields ask for.

    An empty client_secret leaves the one that is there. Raises NotFound, Forbidden, Invalid.
    """
    access.demand_workspace(actor)
    found = all_networks().get(network)
    if found is None or "oauth" not in found.manifest.connect:
        raise NotFound("network")
    app = _app(actor, app_id, network) if app_id else DeveloperApp(workspace=actor.workspace, network=network)
    given = {name: str(value).strip() for name, value in values.items()}
    errors = {
        name: [_("Fill this in: the network's page for developers shows it.")]
        for name in ("name", "client_id")
        if not given.get(name)
    }
    if errors:
        raise Invalid(errors)
    app.name, app.server = given["name"][:80], given.get("server", "")[:200]
    app.app_id = given["client_id"][:200]
    known = {"name", "server", "client_id", "client_secret"}
    app.facts = {name: value for name, value in given.items() if name not in known and value}
    if given.get("client_secret") or not app.pk:
        app.sealed = seal({"client_secret": given.get("client_secret", "")}, settings.TOKEN_KEYS)
    app.save()
    record(actor, "app.saved", app, network=network)
    return app


@transaction.atomic
def keep_registered_app(
    *, actor: Actor, network: str, server: str, app: App, redirect_uri: str
) -> DeveloperApp:
    """Keep an app that the desk registered by itself with one server of a network of many servers.

    Whoever connects a community may cause this: nobody chose a secret, and the app opens nothing by itself.
    """
    row = DeveloperApp.objects.create(
        workspace=actor.workspace,
        network=network,
        name=server.partition("://")[2][:80] or server[:80],
        server=server[:200],
        app_id=app.client_id[:200],
        sealed=seal({"client_secret": app.client_secret}, settings.TOKEN_KEYS),
        facts={**app.facts, "redirect_uri": redirect_uri},
    )
    record(actor, "app.registered", row, network=network)
    return row


@transaction.atomic
def delete_app(*, actor: Actor, app_id: int) -> None:
    """Raises NotFound, Forbidden, Conflict while communities are connected through it."""
    access.demand_workspace(actor)
    app = _app(actor, app_id)
    if Credential.objects.filter(app=app).exists():
        raise Conflict(_("Communities are connected through this app. Connect them another way first."))
    record(actor, "app.deleted", app, network=app.network)
    try:
        with transaction.atomic():
            app.delete()
    except IntegrityError as error:  # somebody connected through it this very moment
        raise Conflict(
            _("Communities are connected through this app. Connect them another way first.")
        ) from error


def _app(actor: Actor, app_id: int, network: str = "") -> DeveloperApp:
    rows = DeveloperApp.objects.filter(workspace=actor.workspace, pk=app_id)
    app = rows.filter(network=network).first() if network else rows.first()
    if app is None:
        raise NotFound("developerapp")
    return app

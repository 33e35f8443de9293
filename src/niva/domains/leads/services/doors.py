"""Doors for leads from outside: made, shown, ended, and found by their secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.leads.models import Door, DoorKind
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.people.models import Membership
from niva.domains.people.secrets import fingerprint, new_secret
from niva.kit.seal import SealBroken, seal, unseal

MOST: Final = 30  # living doors of one client
FIELDS: Final = ("name", "title", "intro", "thanks", "consent", "policy", "confirm")


@transaction.atomic
def make(
    actor: Actor, *, client_id: int, kind: str, values: Mapping[str, Any], owner_id: int | None = None
) -> tuple[Door, str]:
    """A new door and its secret. Raises NotFound, Forbidden, Invalid."""
    client = access.get(actor, Client.objects.all(), client_id, can="goals")
    errors: dict[str, list[str]] = {}
    if kind not in DoorKind.values:
        errors["kind"] = [_("Choose a form or a webhook.")]
    clean = {name: str(values.get(name) or "").replace("\x00", "").strip() for name in FIELDS}
    if not clean["name"]:
        errors["name"] = [_("Give it a name: where it will stand.")]
    if kind == DoorKind.FORM and not clean["consent"]:
        errors["consent"] = [_("Without the words of consent no personal data may be asked for.")]
    if clean["policy"] and not clean["policy"].startswith(("https://", "http://")):
        errors["policy"] = [_("Give the whole address, beginning with https://.")]
    for name, text in clean.items():
        most = Door._meta.get_field(name).max_length or 0  # type: ignore[union-attr]
        if len(text) > most:
            errors.setdefault(name, []).append(_("Too long: %(most)d characters at most.") % {"most": most})
    if owner_id and not Membership.objects.filter(workspace=actor.workspace, user_id=owner_id).exists():
        errors["owner_id"] = [_("This person is not in the team.")]
    if Door.objects.filter(client=client, revoked_at__isnull=True).count() >= MOST:
        errors[""] = [_("This client has %(most)d doors already. Close one of them.") % {"most": MOST}]
    if errors:
        raise Invalid(errors)
    secret = new_secret()
    door = Door.objects.create(
        workspace_id=client.workspace_id, client=client, kind=kind, owner_id=owner_id or None,
        token_hash=fingerprint(secret),
        sealed=seal({"secret": secret}, settings.TOKEN_KEYS) if kind == DoorKind.FORM else None, **clean,
    )  # fmt: skip
    record(actor, "lead_door.made", door, kind=kind)
    return door, secret


def secret_of(door: Door) -> str:
    """The secret of a form, which everybody who fills it in has seen; "" for a webhook and a lost key."""
    if door.sealed is None:
        return ""
    try:
        return str(unseal(bytes(door.sealed), settings.TOKEN_KEYS).get("secret", ""))
    except SealBroken:
        return ""


@transaction.atomic
def revoke(actor: Actor, *, client_id: int, door_id: int) -> Door:
    """Nobody comes by it any more; its leads stay. Doing it twice changes nothing."""
    rows = Door.objects.select_for_update().filter(client_id=client_id)
    door = access.get(actor, rows, door_id, can="goals")
    if door.revoked_at is None:
        door.revoked_at, door.sealed = timezone.now(), None
        door.save(update_fields=["revoked_at", "sealed"])
        record(actor, "lead_door.closed", door)
    return door


def by_secret(secret: str, kind: str) -> Door:
    """The living door of that secret. Raises NotFound."""
    rows = Door.objects.select_related("client", "workspace", "owner")
    door = rows.filter(token_hash=fingerprint(secret), kind=kind, revoked_at__isnull=True).first()
    if door is None or door.client.archived_at is not None:
        raise NotFound("door")
    return door


def used(door: Door, *, taken: bool) -> None:
    """Somebody came by it, or was not let in."""
    name = "taken" if taken else "refused"
    Door.objects.filter(pk=door.pk).update(used_at=timezone.now(), **{name: F(name) + 1})

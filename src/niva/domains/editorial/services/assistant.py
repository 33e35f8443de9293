"""The workspace's writing assistant is set up by its owner: address, models, key, on or off."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.editorial.assisting import Assistant
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Forbidden, Invalid
from niva.domains.people.models import WorkspaceRole
from niva.kit.net.guard import Allowed, Blocked, check_url
from niva.kit.openai_like import Service
from niva.kit.seal import SealBroken, seal, unseal

LONGEST_KEY: Final = 500


def assistant_of(actor: Actor) -> Assistant | None:
    """What is set up in the actor's workspace; None when nothing ever was."""
    return Assistant.objects.filter(workspace=actor.workspace).first()


def demand_owner(actor: Actor) -> None:
    """The key is the owner's money. Raises Forbidden."""
    if actor.user is not None and actor.role != WorkspaceRole.OWNER:
        raise Forbidden("owner")


@transaction.atomic
def configure(
    actor: Actor,
    *,
    base: str,
    model: str,
    speech_model: str,
    key: str,
    is_on: bool,
    forget_key: bool = False,
    allowed: Allowed = (),
) -> Assistant:
    """Keep the settings. An empty `key` leaves the one that is there, unless the address is another: a key
    goes only where it was given for. `allowed`: inner (host, port) pairs that the keeper permits.

    Raises Forbidden, Invalid.
    """
    demand_owner(actor)
    row = Assistant.objects.select_for_update().filter(workspace=actor.workspace).first()
    row = row or Assistant(workspace=actor.workspace)
    base, key = base.strip().rstrip("/"), key.strip()
    _check(base, model.strip(), speech_model.strip(), key, is_on, allowed)
    moved = bool(row.base) and row.base != base
    if key:
        row.sealed = seal({"key": key}, settings.TOKEN_KEYS)
    elif forget_key or moved:
        row.sealed = None
    row.base, row.model, row.speech_model, row.is_on = base, model.strip(), speech_model.strip(), is_on
    row.updated_by, row.updated_at = actor.user, timezone.now()
    row.save()
    record(actor, "assistant.on" if is_on else "assistant.off", row, base=base, model=row.model,
           speech_model=row.speech_model, new_key=bool(key))  # fmt: skip
    return row


def service_of(row: Assistant, allowed: Allowed = ()) -> Service:
    """How to call it. Raises Invalid when the key cannot be opened any more."""
    try:
        key = unseal(bytes(row.sealed), settings.TOKEN_KEYS)["key"] if row.sealed else ""
    except (SealBroken, KeyError) as error:
        raise Invalid.one(
            "key", _("The key can no longer be opened: the desk's own keys were changed. Give it again.")
        ) from error
    return Service(row.base, key, allowed)


def _check(base: str, model: str, speech: str, key: str, is_on: bool, allowed: Allowed) -> None:
    errors: dict[str, list[str]] = {}
    if base or is_on:
        try:
            check_url(base, allowed)
        except Blocked as error:
            errors["base"] = [
                _("This address leads into the desk's own network. Its keeper allows it by NIVA_INNER_HOSTS.")
                if error.code == "address_inside"
                else _("Give the whole address, like https://api.example.org/v1.")
            ]
    if is_on and not model and not speech:
        errors["model"] = [_("Name at least one model, as the service calls it.")]
    if len(key) > LONGEST_KEY or not key.isascii() or not (key.isprintable() or not key):
        errors["key"] = [
            _("A key has only Latin letters, digits and signs, and no blanks. Copy it once more.")
        ]
    if errors:
        raise Invalid(errors)

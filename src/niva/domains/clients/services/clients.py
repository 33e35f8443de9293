"""Clients: take one on, change it, agree what is not measured, put it away and back."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, ClientKind, KeyTask
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid

FIELDS: Final = ("name", "about", "kind", "key_task", "time_zone", "currency", "posts_per_week")
MAX_SILENCES: Final = 12


@transaction.atomic
def create(*, actor: Actor, values: Mapping[str, Any]) -> Client:
    """A new client of the workspace. `values`: some of FIELDS. Raises Forbidden, Invalid."""
    access.demand_workspace(actor)
    client = Client(workspace=actor.workspace, **_checked(values))
    _check_whole(client)
    client.save()
    record(actor, "client.created", client, client_id=client.pk, kind=client.kind, key_task=client.key_task)
    return client


@transaction.atomic
def change(*, actor: Actor, client_id: int, values: Mapping[str, Any]) -> Client:
    """Change some of FIELDS. Raises NotFound, Forbidden, Invalid."""
    client = access.get(actor, Client.objects.select_for_update(), client_id, can="manage")
    before = {name: getattr(client, name) for name in FIELDS}
    for name, value in _checked(values).items():
        setattr(client, name, value)
    _check_whole(client)
    changed = {
        name: [before[name], getattr(client, name)]
        for name in FIELDS
        if before[name] != getattr(client, name)
    }
    if changed:
        client.save(update_fields=list(changed))
        record(actor, "client.changed", client, client_id=client.pk, changed=changed)
    return client


@transaction.atomic
def archive(*, actor: Actor, client_id: int) -> Client:
    """Put the client away: nothing is deleted, it leaves the lists. Doing it twice changes nothing."""
    client = access.get(actor, Client.objects.select_for_update(), client_id, can="manage")
    if client.archived_at is None:
        client.archived_at = timezone.now()
        client.save(update_fields=["archived_at"])
        record(actor, "client.archived", client, client_id=client.pk)
    return client


@transaction.atomic
def restore(*, actor: Actor, client_id: int) -> Client:
    """Take the client out of the archive."""
    client = access.get(actor, Client.objects.select_for_update(), client_id, can="manage")
    if client.archived_at is not None:
        client.archived_at = None
        client.save(update_fields=["archived_at"])
        record(actor, "client.restored", client, client_id=client.pk)
    return client


@transaction.atomic
def agree_silence(*, actor: Actor, client_id: int, what: str, why: str, since: str = "") -> Client:
    """Write down that `what` is not measured, with the reason and the day (ISO, today by default).

    The same `what` again changes its reason. Raises NotFound, Forbidden, Invalid.
    """
    client = access.get(actor, Client.objects.select_for_update(), client_id, can="goals")
    what, why = what.strip()[:80], why.strip()[:300]
    errors = {}
    if not what:
        errors["what"] = [_("Name what is not measured.")]
    if not why:
        errors["why"] = [_("Give the reason: without it the question will come back.")]
    others = [row for row in client.not_measured if row.get("what") != what]
    if len(others) >= MAX_SILENCES:
        errors["what"] = [_("This list is long enough; take something out first.")]
    if errors:
        raise Invalid(errors)
    day = since or timezone.localdate().isoformat()
    client.not_measured = [*others, {"what": what, "why": why, "since": day}]
    client.save(update_fields=["not_measured"])
    record(actor, "client.silence_agreed", client, client_id=client.pk, what=what, why=why)
    return client


@transaction.atomic
def end_silence(*, actor: Actor, client_id: int, what: str) -> Client:
    """Take `what` off the list of things not measured; nothing happens when it is not there."""
    client = access.get(actor, Client.objects.select_for_update(), client_id, can="goals")
    left = [row for row in client.not_measured if row.get("what") != what]
    if len(left) != len(client.not_measured):
        client.not_measured = left
        client.save(update_fields=["not_measured"])
        record(actor, "client.silence_ended", client, client_id=client.pk, what=what[:80])
    return client


def check_time_zone(name: str) -> str | None:
    """The sentence to show when there is no such time zone."""
    if name in zoneinfo.available_timezones():
        return None
    return _("There is no such time zone. Write it like Europe/Moscow.")


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(values) - set(FIELDS):
        raise Invalid({name: [_("There is no such field.")] for name in sorted(unknown)})
    return {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}


def _check_whole(client: Client) -> None:
    errors: dict[str, list[str]] = {}
    if not client.name:
        errors["name"] = [_("Give the client a name.")]
    _check_lengths(client, errors, ("name", "about"))
    if client.kind not in ClientKind.values:
        errors["kind"] = [_("Choose what kind of client this is.")]
    if client.key_task not in KeyTask.values:
        errors["key_task"] = [_("Choose the one thing this client comes for.")]
    if sentence := check_time_zone(client.time_zone):
        errors["time_zone"] = [sentence]
    if not (len(client.currency) == 3 and client.currency.isalpha() and client.currency.isupper()):
        errors["currency"] = [_("Give the currency by its three letters, like RUB.")]
    posts = client.posts_per_week
    if posts is not None and not 0 < posts <= 500:
        errors["posts_per_week"] = [_("From 1 to 500 posts a week, or leave it empty.")]
    if errors:
        raise Invalid(errors)


def _check_lengths(row: Any, errors: dict[str, list[str]], names: Sequence[str]) -> None:
    for name in names:
        most = row._meta.get_field(name).max_length
        if len(getattr(row, name)) > most:
            errors.setdefault(name, []).append(_("Too long: %(most)d characters at most.") % {"most": most})

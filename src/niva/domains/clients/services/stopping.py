"""The word that nothing of a client goes out, and the word that it may again.

Only the flag lives here: what it does to posts is `niva.flows.stop`, and the engine's fence reads it before
every call.
"""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid

LONGEST: Final = Client._meta.get_field("stopped_reason").max_length or 0


@transaction.atomic
def stop(*, actor: Actor, client_id: int, reason: str) -> bool:
    """From now on nothing of the client leaves. False: it was stopped before, and its first reason stays.

    Raises NotFound, Forbidden, Invalid without a reason.
    """
    client = _locked(actor, client_id, can="stop")
    reason = " ".join(reason.replace("\x00", "").split())
    if not reason:
        raise Invalid.one("reason", _("Say why in a few words: the others will ask."))
    if len(reason) > LONGEST:
        raise Invalid.one("reason", _("Too long: %(most)d characters at most.") % {"most": LONGEST})
    if client.stopped_at is not None:
        return False
    client.stopped_at, client.stopped_by, client.stopped_reason = timezone.now(), actor.user, reason
    client.save(update_fields=["stopped_at", "stopped_by", "stopped_reason"])
    record(actor, "client.stopped", client, reason=reason)
    return True


@transaction.atomic
def go_on(*, actor: Actor, client_id: int) -> bool:
    """Publishing may go on. False: it was not stopped. Raises NotFound, Forbidden."""
    client = _locked(actor, client_id, can="publish")
    if client.stopped_at is None:
        return False
    since, reason = client.stopped_at, client.stopped_reason
    client.stopped_at = client.stopped_by = None
    client.stopped_reason = ""
    client.save(update_fields=["stopped_at", "stopped_by", "stopped_reason"])
    record(actor, "client.let_go_on", client, since=since.isoformat(), reason=reason)
    return True


def _locked(actor: Actor, client_id: int, *, can: str) -> Client:
    # NO KEY: rows that only name the client (publications, deliveries) may be written meanwhile.
    rows = Client.objects.select_for_update(of=("self",), no_key=True)
    return access.get(actor, rows, client_id, can=can)


def is_stopped(client_id: int) -> bool:
    """Whether the client is stopped, and keep it so until the caller's transaction ends.

    Whoever schedules asks this *before* he locks a delivery: stopping locks the client, then its
    deliveries. Many may ask at once; only stopping and letting go on wait for them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select stopped_at is not null from clients_client where id = %s for share", [client_id]
        )
        row = cursor.fetchone()
    return bool(row and row[0])

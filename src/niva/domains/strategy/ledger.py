"""The tables of a strategy: which rows there are, and how one is added, changed, put away and moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.domains.strategy.grounds import (
    Checkpoint,
    Competitor,
    Format,
    Ground,
    Message,
    NetworkTask,
    Place,
    Proof,
    Question,
    Risk,
    Segment,
)
from niva.networks.registry import all_networks

MOST: Final = 300  # rows of one table of one client; a longer list is read by nobody


@dataclass(frozen=True, slots=True)
class Table:
    """`word`: its name in addresses and guides; `fields`: what people fill in, in the order of the form."""

    word: str
    model: type[Ground]
    fields: tuple[str, ...]


TABLES: Final[dict[str, Table]] = {
    table.word: table
    for table in (
        Table("segments", Segment, ("who", "part", "fears", "asks", "found_at")),
        Table("questions", Question, ("text", "kind", "segment", "answer")),
        Table("proofs", Proof, ("claim", "figure", "source", "link", "dated_on", "permission")),
        Table("competitors", Competitor, ("name", "links", "does", "gap")),
        Table("messages", Message, ("segment", "stage", "text", "proof")),
        Table("networks", NetworkTask, ("network", "task", "reason")),
        Table("formats", Format, ("name", "becomes", "per_month", "hours", "who")),
        Table("places", Place, ("name", "kind", "link", "contact", "rule", "again_on")),
        Table("checkpoints", Checkpoint, ("what", "threshold", "due_on", "then")),
        Table("risks", Risk, ("risk", "sign", "answer")),
    )
}


def table_of(word: str) -> Table:
    """Raises NotFound for a word that names no table."""
    try:
        return TABLES[word]
    except KeyError as error:
        raise NotFound("table") from error


@transaction.atomic
def add(actor: Actor, *, client_id: int, table: str, values: Mapping[str, Any]) -> Ground:
    """A row at the end of its table. Raises NotFound, Forbidden, Invalid."""
    model = table_of(table).model
    client = _locked(actor, client_id)
    rows = model._default_manager.filter(client=client)
    if rows.filter(archived_at__isnull=True).count() >= MOST:
        raise Invalid.one(
            "", _("There are %(most)d rows here already. Put some away first.") % {"most": MOST}
        )
    row = model(
        workspace_id=client.workspace_id,
        client=client,
        position=rows.aggregate(n=Coalesce(Max("position"), -1))["n"] + 1,
        created_by=actor.user,
        updated_by=actor.user,
    )
    _fill(row, table_of(table), values)
    row.save()
    record(actor, "strategy.row_added", row, table=table)
    return row


@transaction.atomic
def change(
    actor: Actor, *, client_id: int, table: str, row_id: int, version: int, values: Mapping[str, Any]
) -> Ground:
    """Other words in a row. `version`: the one that the person saw.

    Raises NotFound, Forbidden, Invalid, and Conflict (`current`: the row as it is) when somebody else was
    faster. The same words again are no change.
    """
    row = _mine(actor, client_id, table, row_id)
    if row.version != version:
        raise Conflict(_("Somebody changed this row while you were writing. Nothing is lost."), current=row)
    before = {name: getattr(row, name) for name in table_of(table).fields}
    _fill(row, table_of(table), values)
    changed = [name for name, was in before.items() if getattr(row, name) != was]
    if changed:
        row.version += 1
        row.updated_by, row.updated_at = actor.user, timezone.now()
        row.save()
        record(actor, "strategy.row_changed", row, table=table, fields=changed)
    return row


@transaction.atomic
def archive(actor: Actor, *, client_id: int, table: str, row_id: int) -> Ground:
    """Put it away: what refers to it keeps it. Twice is the same as once."""
    row = _mine(actor, client_id, table, row_id)
    if row.archived_at is None:
        row.archived_at = timezone.now()
        row.save(update_fields=["archived_at"])
        record(actor, "strategy.row_archived", row, table=table)
    return row


@transaction.atomic
def restore(actor: Actor, *, client_id: int, table: str, row_id: int) -> Ground:
    """Take it back to its place. Raises Invalid when another row stands in its way (one task a network)."""
    row = _mine(actor, client_id, table, row_id)
    if row.archived_at is not None:
        row.archived_at = None
        _check(row)
        row.save(update_fields=["archived_at"])
        record(actor, "strategy.row_restored", row, table=table)
    return row


@transaction.atomic
def earlier(actor: Actor, *, client_id: int, table: str, row_id: int) -> None:
    """One place up among those that are not put away."""
    row = _mine(actor, client_id, table, row_id)
    rows = list(table_of(table).model._default_manager.filter(client_id=client_id, archived_at__isnull=True))
    here = next((index for index, one in enumerate(rows) if one.pk == row.pk), 0)
    if not here:
        return
    rows[here - 1], rows[here] = rows[here], rows[here - 1]
    for position, one in enumerate(rows):
        if one.position != position:
            one.position = position
            one.save(update_fields=["position"])
    record(actor, "strategy.row_moved", row, table=table)


def _locked(actor: Actor, client_id: int) -> Client:
    """The client's row is the queue of those who change its strategy."""
    return access.get(actor, Client.objects.select_for_update(no_key=True), client_id, can="strategy")


def _mine(actor: Actor, client_id: int, table: str, row_id: int) -> Ground:
    model = table_of(table).model
    _locked(actor, client_id)
    rows = model._default_manager.select_for_update(no_key=True).filter(client_id=client_id)
    return access.get(actor, rows, row_id, can="strategy")


def _fill(row: Ground, table: Table, values: Mapping[str, Any]) -> None:
    """Put the values in, and look at them. Raises Invalid."""
    for name in table.fields:
        if name in values:
            value = values[name]
            setattr(row, name, _tidy(value) if isinstance(value, str) else value)
    _check(row)


def _tidy(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n").strip()


def _check(row: Ground) -> None:
    errors: dict[str, list[str]] = {}
    try:
        row.full_clean(exclude=["workspace", "client", "created_by", "updated_by"])
    except ValidationError as error:
        errors = {
            ("" if name == "__all__" else name): list(said) for name, said in error.message_dict.items()
        }
    if isinstance(row, NetworkTask):
        errors |= _wrong_network(row)
    for field in row._meta.fields:
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, Ground):
            other = getattr(row, field.name)
            if other is not None and other.client_id != row.client_id:
                raise NotFound(field.name)  # a row of another client: for this one it does not exist
    if errors:
        raise Invalid(errors)


def _wrong_network(row: NetworkTask) -> dict[str, list[str]]:
    """A network of ours, and each once: two tasks in one network are none."""
    if row.network not in all_networks():
        return {"network": [_("Choose one of the networks.")]}
    same = NetworkTask.objects.filter(
        client_id=row.client_id, network=row.network, archived_at__isnull=True
    ).exclude(pk=row.pk)
    if row.archived_at is None and same.exists():
        return {"network": [_("This network has its task already. One network, one task: change that row.")]}
    return {}

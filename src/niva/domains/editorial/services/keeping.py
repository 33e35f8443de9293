"""Saved filters and the columns that a person wants to see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from niva.domains.editorial.saved import SavedFilter, TableColumns
from niva.domains.editorial.table import COLUMNS, DEFAULT_COLUMNS
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Forbidden, Invalid, NotFound

MOST_FILTERS: Final = 30  # of one person
LONGEST_NAME: Final = 60
LONGEST_QUERY: Final = 1000


def filters_of(actor: Actor) -> QuerySet[SavedFilter]:
    """One's own and those that others share with the team, one's own first."""
    rows = SavedFilter.objects.filter(workspace=actor.workspace)
    return rows.filter(Q(owner=actor.user) | Q(shared=True)).select_related("owner")


@transaction.atomic
def save_filter(actor: Actor, *, name: str, query: str, shared: bool = False) -> SavedFilter:
    """Keep a filter under a name; one's own of that name is replaced. Raises Invalid."""
    tidy = " ".join(name.replace("\x00", "").split())
    if not tidy or len(tidy) > LONGEST_NAME:
        raise Invalid.one("name", _("Give the filter a name of at most 60 characters."))
    if len(query) > LONGEST_QUERY:
        raise Invalid.one("name", _("This filter is too long to be kept."))
    mine = SavedFilter.objects.filter(workspace=actor.workspace, owner=actor.user)
    found = mine.filter(name__iexact=tidy).first()
    if found is None and mine.count() >= MOST_FILTERS:
        raise Invalid.one("name", _("A person keeps at most 30 filters. Delete one first."))
    last = mine.aggregate(n=Coalesce(Max("position"), -1))["n"]
    found = found or SavedFilter(workspace=actor.workspace, owner=_person(actor), position=last + 1)
    found.name, found.query, found.shared = tidy, query, shared
    found.save()
    record(actor, "filter.saved", found, shared=shared)
    return found


@transaction.atomic
def delete_filter(actor: Actor, *, filter_id: int) -> None:
    """One's own only. Raises NotFound."""
    found = SavedFilter.objects.filter(workspace=actor.workspace, owner=actor.user, pk=filter_id).first()
    if found is None:
        raise NotFound("savedfilter")
    record(actor, "filter.deleted", found)
    found.delete()


def columns_of(actor: Actor) -> list[str]:
    """What this person sees, in the order of the table; the title always."""
    row = TableColumns.objects.filter(workspace=actor.workspace, user=actor.user).first()
    chosen = row.columns if row else DEFAULT_COLUMNS
    return [name for name in COLUMNS if name in chosen or name == "title"]


def choose_columns(actor: Actor, *, columns: Sequence[str]) -> None:
    """Keep the choice; names that are no columns are passed over. It is nobody's but his own affair."""
    chosen = [name for name in COLUMNS if name in columns]
    TableColumns.objects.update_or_create(
        workspace=actor.workspace, user=_person(actor), defaults={"columns": chosen}
    )


def _person(actor: Actor) -> Any:
    if actor.user is None:
        raise Forbidden("work")
    return actor.user

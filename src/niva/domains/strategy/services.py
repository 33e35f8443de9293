"""Rubrics: add one, rename it, put it away, take it back, change the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.strategy.models import LONGEST_NAME, Rubric, RubricMark

MOST: Final = 40  # of one client; more than a dozen is no longer a rubricator, but nobody is stopped there


@transaction.atomic
def add(actor: Actor, *, client_id: int, name: str, mark: str = "", share: int | None = None) -> Rubric:
    """A rubric of a client, last in the order. Raises NotFound, Forbidden, Invalid."""
    client = _locked(actor, client_id)
    rows = Rubric.objects.filter(client=client)
    if rows.filter(archived_at__isnull=True).count() >= MOST:
        raise Invalid.one("name", _("A client has at most 40 rubrics. Put one away first."))
    position = rows.aggregate(n=Coalesce(Max("position"), -1))["n"] + 1
    rubric = Rubric(
        workspace_id=client.workspace_id,
        client=client,
        name=_tidy(name),
        mark=mark or RubricMark.values[position % len(RubricMark.values)],
        position=position,
        share=share,
    )
    _check(rubric)
    rubric.save()
    record(actor, "rubric.added", rubric)
    return rubric


@transaction.atomic
def change(actor: Actor, *, rubric_id: int, name: str, mark: str, share: int | None) -> Rubric:
    """Another name, mark or share: everywhere at once. Raises NotFound, Forbidden, Invalid."""
    rubric = _mine(actor, rubric_id)
    _locked(actor, rubric.client_id)
    before: dict[str, Any] = {key: getattr(rubric, key) for key in ("name", "mark", "share")}
    rubric.name, rubric.mark, rubric.share = _tidy(name), mark, share
    _check(rubric)
    changed = {key: [was, getattr(rubric, key)] for key, was in before.items() if was != getattr(rubric, key)}
    if changed:
        rubric.save(update_fields=list(changed))
        record(actor, "rubric.changed", rubric, changed=changed)
    return rubric


@transaction.atomic
def archive(actor: Actor, *, rubric_id: int) -> Rubric:
    """Put it away: posts keep it, nobody is offered it. Doing it twice changes nothing."""
    rubric = _mine(actor, rubric_id)
    if rubric.archived_at is None:
        rubric.archived_at = timezone.now()
        rubric.save(update_fields=["archived_at"])
        record(actor, "rubric.archived", rubric)
    return rubric


@transaction.atomic
def restore(actor: Actor, *, rubric_id: int) -> Rubric:
    """Offer it again. Raises Invalid when another has taken its name meanwhile."""
    rubric = _mine(actor, rubric_id)
    if rubric.archived_at is not None:
        _locked(actor, rubric.client_id)
        rubric.archived_at = None
        _check(rubric)
        rubric.save(update_fields=["archived_at"])
        record(actor, "rubric.restored", rubric)
    return rubric


@transaction.atomic
def reorder(actor: Actor, *, client_id: int, rubric_ids: Sequence[int]) -> None:
    """These first, in this order; those that are not named stay behind them as they were."""
    client = _locked(actor, client_id)
    rows = {row.pk: row for row in Rubric.objects.filter(client=client)}
    wanted = [rows.pop(pk) for pk in dict.fromkeys(rubric_ids) if pk in rows]
    for position, rubric in enumerate([*wanted, *rows.values()]):
        if rubric.position != position:
            rubric.position = position
            rubric.save(update_fields=["position"])
    record(actor, "rubric.reordered", client)


@transaction.atomic
def set_shares(actor: Actor, *, client_id: int, shares: Mapping[int, int | None]) -> list[Rubric]:
    """The shares of several rubrics at once, percent by number of the rubric; None: not agreed.

    Raises NotFound for a rubric that is not the client's, Invalid ("share_<number>", or "" for all together
    when they make more than a hundred).
    """
    client = access.get(actor, Client.objects.select_for_update(no_key=True), client_id, can="strategy")
    rows = {row.pk: row for row in Rubric.objects.filter(client=client, archived_at__isnull=True)}
    errors: dict[str, list[str]] = {}
    for pk, share in shares.items():
        if pk not in rows:
            raise NotFound("rubric")
        if share is not None and not 1 <= share <= 100:
            errors[f"share_{pk}"] = [_("A share is between 1 and 100 percent, or empty.")]
    wanted = {pk: shares.get(pk, row.share) for pk, row in rows.items()}
    over = sum(share or 0 for share in wanted.values()) - 100
    if not errors and over > 0:
        errors[""] = [
            _("The shares are %(over)d %% over a hundred. Make some of them smaller.") % {"over": over}
        ]
    if errors:
        raise Invalid(errors)
    before = {row.name: row.share for row in rows.values()}
    for pk, row in rows.items():
        if row.share != wanted[pk]:
            row.share = wanted[pk]
            row.save(update_fields=["share"])
    after = {row.name: row.share for row in rows.values()}
    if after != before:
        record(actor, "rubric.shares_set", client, before=before, now=after)
    return list(rows.values())


@transaction.atomic
def named(actor: Actor, *, client_id: int, name: str) -> Rubric | None:
    """The rubric of that name, made when there is none; None for no name. For programs and old data."""
    tidy = _tidy(name)
    if not tidy:
        return None
    client = _locked(actor, client_id)
    same = Rubric.objects.filter(client=client, name__iexact=tidy)
    found = same.order_by(F("archived_at").asc(nulls_first=True)).first()
    return found or add(actor, client_id=client_id, name=tidy)


def _mine(actor: Actor, rubric_id: int) -> Rubric:
    return access.get(actor, Rubric.objects.select_for_update(), rubric_id, can="write")


def _locked(actor: Actor, client_id: int) -> Client:
    """The client's row is the queue of those who change its rubrics: names and positions stay apart.

    NO KEY: whoever only refers to the client meanwhile (a new post) does not wait.
    """
    return access.get(actor, Client.objects.select_for_update(no_key=True), client_id, can="write")


def _tidy(name: str) -> str:
    return " ".join(name.replace("\x00", "").split())


def _check(rubric: Rubric) -> None:
    errors: dict[str, list[str]] = {}
    if not rubric.name:
        errors["name"] = [_("Give the rubric a name.")]
    elif len(rubric.name) > LONGEST_NAME:
        errors["name"] = [_("Too long: %(most)d characters at most.") % {"most": LONGEST_NAME}]
    else:
        same = Rubric.objects.filter(
            client_id=rubric.client_id, name__iexact=rubric.name, archived_at__isnull=True
        )
        if rubric.archived_at is None and same.exclude(pk=rubric.pk).exists():
            errors["name"] = [_("This client has a rubric of this name already.")]
    if rubric.mark not in RubricMark.values:
        errors["mark"] = [_("Choose one of the marks.")]
    if rubric.share is not None and not 1 <= rubric.share <= 100:
        errors["share"] = [_("A share is between 1 and 100 percent, or empty.")]
    if errors:
        raise Invalid(errors)

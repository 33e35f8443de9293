"""A client's pipeline as its own people want it. Every change holds the client's row first, so two who edit
at once go one after the other, and a card never stands in a stage that was put away under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, Role
from niva.domains.editorial import exits
from niva.domains.editorial.models import Piece, Stage
from niva.domains.editorial.services.closing import nearest
from niva.domains.editorial.services.moves import crowd, put
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.services.pieces import works_at
from niva.domains.editorial.states import How, PieceState, StageKind
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid

MOST_STAGES: Final = 30
MOST_EXITS: Final = 12
_BEHIND: Final = 10_000  # a position behind all others, until they are numbered
LONGEST_EXIT: Final = 200  # characters of one free sentence
FIELDS: Final = (
    "name", "role", "owner_id", "stand_in_id", "stand_in_until", "hours", "wip", "exits", "instruction",
)  # fmt: skip


def _held(actor: Actor, client_id: int) -> tuple[Client, list[Stage]]:
    """The client and its stages, nobody else's until the transaction ends. Raises NotFound, Forbidden."""
    rows = Client.objects.select_for_update(of=("self",), no_key=True)
    client = access.get(actor, rows, client_id, can="manage")
    stages_of(client)
    return client, list(
        Stage.objects.select_for_update(of=("self",), no_key=True)
        .filter(client=client, archived_at__isnull=True)
        .order_by("pk")
    )


def _one(stages: Sequence[Stage], stage_id: int) -> Stage:
    found = next((one for one in stages if one.pk == stage_id), None)
    if found is None:
        raise Conflict(_("Somebody has put this stage away meanwhile. Reload the page."))
    return found


@transaction.atomic
def add(
    actor: Actor, *, client_id: int, name: str, after_id: int | None = None, kind: str = "other"
) -> Stage:
    """A stage of one's own, or one of the ordinary ones that was put away; behind another, else at the end.

    Raises NotFound, Forbidden, Conflict, Invalid.
    """
    client, stages = _held(actor, client_id)
    if len(stages) >= MOST_STAGES:
        raise Invalid.one("name", _("%(most)d stages are the most.") % {"most": MOST_STAGES})
    if kind not in StageKind.values:
        raise Invalid.one("kind", _("Choose what the stage is for."))
    if kind == StageKind.OTHER and not name.strip():
        raise Invalid.one("name", _("Give the stage a name."))
    if kind != StageKind.OTHER and any(one.kind == kind for one in stages):
        raise Invalid.one("kind", _("This stage is there already."))
    order = sorted(stages, key=lambda one: (one.position, one.pk))
    place = order.index(_one(stages, after_id)) + 1 if after_id else len(order)
    stage = Stage(workspace_id=client.workspace_id, client=client, kind=kind)
    _write(stage, {"name": name})
    stage.save()
    _number([*order[:place], stage, *order[place:]])
    record(actor, "stage.added", stage)
    return stage


@transaction.atomic
def change(actor: Actor, *, client_id: int, stage_id: int, **fields: Any) -> Stage:
    """Some of FIELDS. Raises NotFound, Forbidden, Conflict, Invalid."""
    _client, stages = _held(actor, client_id)
    stage = _one(stages, stage_id)
    before = {name: getattr(stage, name) for name in fields}
    _write(stage, fields)
    changed = sorted(name for name in fields if before[name] != getattr(stage, name))
    if changed:
        stage.save()
        record(actor, "stage.changed", stage, changed=changed)
    return stage


@transaction.atomic
def shift(actor: Actor, *, client_id: int, stage_id: int, by: int) -> Stage:
    """So many places on (`by` > 0) or back. Raises NotFound, Forbidden, Conflict."""
    _client, stages = _held(actor, client_id)
    stage = _one(stages, stage_id)
    order = sorted(stages, key=lambda one: (one.position, one.pk))
    old = order.index(stage)
    new = min(max(old + by, 0), len(order) - 1)
    if new != old:
        order.insert(new, order.pop(old))
        _number(order)
        record(actor, "stage.shifted", stage)
    return stage


@transaction.atomic
def put_away(actor: Actor, *, client_id: int, stage_id: int, to_id: int | None = None) -> int:
    """Put a stage away; all cards that stand in it go to the stage `to_id`. Returns how many went.

    Never the last one; with cards in it and nowhere to go: Invalid of "to". What it was, and who had what
    there, stays written. Raises NotFound, Forbidden, Conflict, Invalid.
    """
    _client, stages = _held(actor, client_id)
    stage = _one(stages, stage_id)
    if len(stages) == 1:
        raise Invalid.one("", _("This is the last stage: a pipeline needs one at least."))
    # Only cards in work move; a parked one finds the nearest stage when it is taken up again.
    here = Piece.objects.filter(stage=stage, client_id=stage.client_id, state=PieceState.ACTIVE)
    list(here.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    cards = list(
        here.select_related("stage", "client", "post", "author", "designer", "responsible").order_by("pk")
    )
    target = _one(stages, to_id) if to_id and to_id != stage.pk else None
    if target is None and (count := crowd(stage)):
        raise Invalid.one("to", _("Cards stand in it: %(count)d. Say where they go.") % {"count": count})
    # What is binned, and patterns of repeats, stand there unseen: they ask nobody.
    order = sorted((one for one in stages if one.pk != stage.pk), key=lambda one: (one.position, one.pk))
    target = target or nearest(order, stage)
    for card in cards:
        put(
            actor,
            card,
            target,
            how=How.MACHINE,
            note=_("The stage “%(stage)s” was put away.") % {"stage": stage},
            quiet=True,
        )
    stage.archived_at = timezone.now()
    stage.save(update_fields=["archived_at"])
    _number(order)
    record(actor, "stage.put_away", stage, to=str(target) if cards else "", cards=len(cards))
    return len(cards)


@transaction.atomic
def copy_pipeline(actor: Actor, *, from_id: int, to_ids: Sequence[int]) -> int:
    """Give other clients the stages of this one: names, order, limits, exits, instructions. Returns how many.

    People stay as each client has them. A stage of theirs that the copy does not have is put away, its cards
    go to the nearest before it. Raises NotFound, Forbidden.
    """
    source = access.get(actor, Client.objects.all(), from_id, can="manage")
    pattern = stages_of(source)
    wanted = sorted({one for one in to_ids if one != source.pk})
    for client_id in wanted:
        client, stages = _held(actor, client_id)
        _take_over(actor, client, stages, pattern)
        record(actor, "stage.copied", client, source=source.name)
    return len(wanted)


def _take_over(actor: Actor, client: Client, stages: Sequence[Stage], pattern: Sequence[Stage]) -> None:
    """A stage is the same where its kind is; own ones are the same by their name."""
    present: dict[tuple[str, str], list[Stage]] = {}
    for one in sorted(stages, key=lambda one: (one.position, one.pk)):
        present.setdefault((one.kind, one.name if one.kind == StageKind.OTHER else ""), []).append(one)
    order = []
    for model in pattern:
        key = (model.kind, model.name if model.kind == StageKind.OTHER else "")
        same = present.get(key)
        stage = (
            same.pop(0)
            if same
            else Stage(workspace_id=client.workspace_id, client=client, kind=model.kind, position=_BEHIND)
        )
        for name in ("name", "role", "hours", "wip", "exits", "instruction"):
            setattr(stage, name, getattr(model, name))
        stage.save()
        order.append(stage)
    for gone in (one for several in present.values() for one in several):
        before = [one for one in order if one.position < gone.position]
        put_away(actor, client_id=client.pk, stage_id=gone.pk, to_id=(before[-1] if before else order[0]).pk)
    _number(order)


def _number(order: Sequence[Stage]) -> None:
    for position, stage in enumerate(order):
        stage.position = position
    Stage.objects.bulk_update(order, ["position"])


def _write(stage: Stage, fields: dict[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    for name, value in fields.items():
        if name not in FIELDS:
            raise TypeError(f"a stage has no field {name}")
        setattr(stage, name, value.strip() if isinstance(value, str) else value)
    for name, most in (("name", 60), ("instruction", 1000)):
        if len(getattr(stage, name)) > most:
            errors[name] = [_("Too long: %(most)d characters at most.") % {"most": most}]
    if stage.kind == StageKind.OTHER and not stage.name:
        errors["name"] = [_("Give the stage a name.")]
    if stage.role and stage.role not in Role.values:
        errors["role"] = [_("There is no such role.")]
    for name in ("hours", "wip"):
        value = getattr(stage, name)
        if value is not None and not 1 <= value <= 9999:
            errors[name] = [_("A whole number from 1 to 9999, or nothing.")]
    for name in ("owner_id", "stand_in_id"):
        who = fields.get(name)
        if who is not None and not works_at(stage.client_id, stage.workspace_id, who):
            errors[name] = [_("This person does not work for this client.")]
    if (stage.stand_in_id is None) != (stage.stand_in_until is None):
        errors["stand_in_until"] = [_("Say both: who stands in, and until which day.")]
    errors |= _exits_wrong(stage.exits)
    if errors:
        raise Invalid(errors)


def _exits_wrong(items: Any) -> dict[str, list[str]]:
    if len(items) > MOST_EXITS:
        return {"exits": [_("%(most)d conditions are the most.") % {"most": MOST_EXITS}]}
    for item in items:
        key = exits.key_of(item)
        if isinstance(item, str) and item not in exits.CODES:
            return {"exits": [_("The desk does not know this condition.")]}
        if not key.strip() or len(key) > LONGEST_EXIT:
            return {"exits": [_("A condition is one sentence of up to %(most)d characters.")
                              % {"most": LONGEST_EXIT}]}  # fmt: skip
    return {}

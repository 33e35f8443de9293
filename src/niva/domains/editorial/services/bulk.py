"""Many pieces at once: a preview, the work in portions, an account of it, and for ten minutes the way back.

The preview keeps what stood at every piece. When the work is done each piece is locked and looked at again:
where somebody has changed the very thing meanwhile, his change stays and the account says so. A portion is
one transaction; a piece that is refused by a rule costs the others nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.editorial.models import Piece
from niva.domains.editorial.saved import BulkEdit
from niva.domains.editorial.services.changes import Change, Move, change_of
from niva.domains.editorial.services.moves import locked
from niva.domains.editorial.table import MOST_AT_ONCE, within
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.domains.publishing.models import Delivery, Variant

PORTION: Final = 100  # pieces of one transaction: about a second of work
UNDO_WITHIN: Final = timedelta(minutes=10)
# A stage's exits are some queries for each piece: so many are looked at beforehand, the rest when it is done.
MOST_EXITS: Final = 200
BACK: Final = "back"
UNSEEN: Final = object()  # nobody says what he saw


@transaction.atomic
def prepare(
    actor: Actor, *, ids: Iterable[int], action: str, value: dict[str, Any], back: str = ""
) -> BulkEdit:
    """Look at what would be changed; nothing is. Raises Invalid, Forbidden for those who work nowhere."""
    chosen = list(dict.fromkeys(ids))
    if not chosen:
        raise Invalid.one("pieces", _("Choose at least one piece."))
    if len(chosen) > MOST_AT_ONCE:
        raise Invalid.one("pieces", _("At most 5,000 pieces at once. Narrow the filter."))
    change = change_of(actor, action, value)
    edit = BulkEdit(workspace=actor.workspace, user=_person(actor), action=action, value=value, back=back)
    if isinstance(change, Move):
        change.exact = len(chosen) <= MOST_EXITS
    for piece in _read(within(actor, chosen)):
        edit.total += 1
        if not change.may(piece):
            edit.refused.append([piece.pk, _("Your role does not let you change it.")])
        elif change.same(piece):
            continue
        elif sentence := change.refusal(piece):
            edit.refused.append([piece.pk, sentence])
        else:
            edit.seen[str(piece.pk)] = change.now(piece)
    edit.order = sorted(int(pk) for pk in edit.seen)
    edit.save()
    return edit


def _person(actor: Actor) -> Any:
    if actor.user is None:
        raise Forbidden("work")
    return actor.user


def _read(rows: QuerySet[Piece]) -> Iterator[Piece]:
    """Pieces with what the changes look at."""
    return iter(
        rows.select_related("post", "stage", "client")
        .prefetch_related(
            Prefetch("post__variants", Variant.objects.defer("own_text", "own_thread")),
            Prefetch("post__deliveries", Delivery.objects.order_by("pk")),
        )
        .order_by("pk")
    )


def edit_of(actor: Actor, edit_id: int) -> BulkEdit:
    """One's own edit. Raises NotFound for anybody else's."""
    found = _own(actor).filter(pk=edit_id).first()
    if found is None:
        raise NotFound("bulkedit")
    return found


def _own(actor: Actor) -> QuerySet[BulkEdit]:
    return BulkEdit.objects.filter(workspace=actor.workspace, user=actor.user)


@transaction.atomic
def run(actor: Actor, *, edit_id: int, portion: int = PORTION) -> BulkEdit:
    """Do the next portion. Called until `finished_at` is set; twice at once it works one after the other."""
    edit = _own(actor).select_for_update().filter(pk=edit_id).first()
    if edit is None:
        raise NotFound("bulkedit")
    if edit.finished_at is not None:
        return edit
    edit.begun_at = edit.begun_at or timezone.now()
    change = change_of(actor, edit.action, edit.value)
    now, edit.order = edit.order[:portion], edit.order[portion:]
    change.hold(now)
    _held(actor, now)
    found = {piece.pk: piece for piece in _read(within(actor, now))}
    done = [pk for pk in now if _one(edit, change, pk, found.get(pk))]
    if change.undoable:
        # What stands there now: the way back must see who came after us.
        for piece in _read(within(actor, done)):
            edit.before[str(piece.pk)].append(change.now(piece))
    if not edit.order:
        edit.finished_at = timezone.now()
        _account(actor, edit)
    edit.save()
    return edit


def _held(actor: Actor, ids: list[int]) -> None:
    """In the order of their numbers, so that two edits never wait for each other in a ring.

    Without the joined rows, as in `moves.locked`: one that was waited for would be missing among them.
    """
    rows = access.visible(actor, Piece.objects.filter(pk__in=ids), can="work")
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _one(edit: BulkEdit, change: Change, pk: int, piece: Piece | None) -> bool:
    """Whether it was done; if not, why stands in the edit."""
    seen = edit.seen.pop(str(pk))
    if piece is None:
        edit.refused.append([pk, _("It is no longer there.")])
        return False
    if change.now(piece) != seen:
        edit.refused.append([pk, _("Somebody has changed it meanwhile; his change stays.")])
        return False
    try:
        with transaction.atomic():
            if BACK in edit.value:
                change.restore(piece, edit.value[BACK][str(pk)])
            else:
                change.apply(piece)
    except Invalid as error:
        said = error.sentences
        edit.refused.append([pk, " ".join(said)])
    except Conflict as error:
        edit.refused.append([pk, str(error)])
    except (Forbidden, NotFound):
        edit.refused.append([pk, _("Your role does not let you change it.")])
    else:
        edit.before[str(pk)] = [seen]
        return True
    return False


def _account(actor: Actor, edit: BulkEdit) -> None:
    """One line for the whole beside those of the pieces themselves."""
    details = {name: value for name, value in edit.value.items() if name != BACK}
    record(
        actor, "pieces.undone" if BACK in edit.value else "pieces.changed", edit,
        action=edit.action, value=details, changed=len(edit.before), refused=len(edit.refused),
    )  # fmt: skip


def may_undo(actor: Actor, edit: BulkEdit) -> bool:
    """Whether it is one's last, done less than ten minutes ago, and of a kind that can be taken back."""
    if edit.finished_at is None or edit.undone_at is not None or BACK in edit.value or not edit.before:
        return False
    if timezone.now() - edit.finished_at > UNDO_WITHIN:
        return False
    later = _own(actor).filter(pk__gt=edit.pk, begun_at__isnull=False)
    return change_of(actor, edit.action, edit.value).undoable and not later.exists()


@transaction.atomic
def undo(actor: Actor, *, edit_id: int) -> BulkEdit:
    """The way back, as an edit of its own that waits to be run: what came later stays. Raises Invalid."""
    edit = _own(actor).select_for_update().filter(pk=edit_id).first()
    if edit is None:
        raise NotFound("bulkedit")
    if not may_undo(actor, edit):
        raise Invalid.one(
            "", _("This can no longer be taken back: only one's last edit, within ten minutes.")
        )
    edit.undone_at = timezone.now()
    edit.save(update_fields=["undone_at"])
    was = {pk: both[0] for pk, both in edit.before.items()}
    after = {pk: both[1] for pk, both in edit.before.items() if len(both) == 2}
    return BulkEdit.objects.create(
        workspace=actor.workspace, user=_person(actor), action=edit.action, back=edit.back, total=len(after),
        value={**edit.value, BACK: was}, seen=after, order=sorted(int(pk) for pk in after),
    )  # fmt: skip


@transaction.atomic
def change_one(
    actor: Actor, *, piece_id: int, action: str, value: dict[str, Any], seen: Any = UNSEEN
) -> Piece:
    """The same change of one piece, from its cell of the table. `seen`: what the person saw there, None too.

    Raises NotFound, Forbidden, Invalid; Conflict where somebody has changed the very thing meanwhile.
    """
    change = change_of(actor, action, value)
    change.hold([piece_id])
    piece = locked(actor, piece_id, can="work")
    if seen is not UNSEEN and change.now(piece) != seen:
        raise Conflict(_("Somebody has changed it meanwhile. Look at what stands there now."), piece)
    if sentence := change.refusal(piece) if not isinstance(change, Move) else "":
        raise Invalid.one("", sentence)
    change.apply(piece)
    return piece

"""What may be changed of many pieces at once: how it stands, why it cannot be, how it is done and taken back.

Each change asks the domain's own services, so that every rule of theirs holds here as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.editorial import exits
from niva.domains.editorial.models import Piece, Stage
from niva.domains.editorial.services import closing, hours, moves, pieces
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.states import PieceState, Reason, Unit
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Post
from niva.domains.publishing.services import drafts
from niva.domains.strategy.models import Rubric
from niva.kit.local_time import nearest

MOST_DAYS: Final = 366


class Change:
    """One kind of change with its value: a dictionary that has the keys of `needs`.

    `undoable`: `restore` can put back what `now` told before.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    undoable: ClassVar[bool] = True
    capability: ClassVar[str] = "write"

    def __init__(self, actor: Actor, value: dict[str, Any]) -> None:
        self.actor, self.value = actor, value
        self._known: dict[Any, Any] = {}
        self.check()

    def check(self) -> None:
        """Raises Invalid or KeyError for a value that makes no sense anywhere."""
        for name in self.needs:
            self.value[name]

    def now(self, piece: Piece) -> Any:
        """What stands there, as JSON; compared before writing."""
        raise NotImplementedError

    def same(self, piece: Piece) -> bool:
        """Whether it is so already."""
        return False

    def refusal(self, piece: Piece) -> str:
        """Why not, in a sentence, as far as it can be told beforehand."""
        return ""

    def apply(self, piece: Piece) -> None:
        """Do it. Raises NotFound, Forbidden, Conflict, Invalid."""
        raise NotImplementedError

    def restore(self, piece: Piece, before: Any) -> None:
        """Put back what `now` told."""
        raise NotImplementedError

    def hold(self, ids: Sequence[int]) -> None:
        """Lock what must be locked before these pieces are."""

    def may(self, piece: Piece) -> bool:
        return access.may(self.actor, self.capability, client_id=piece.client_id)

    def once(self, key: Any, found: Any) -> Any:
        """What is the same for many pieces is looked up once."""
        if key not in self._known:
            self._known[key] = found()
        return self._known[key]


class Person(Change):
    """The author or the designer; nobody for None."""

    needs = ("user",)
    field: ClassVar[str]

    def now(self, piece: Piece) -> Any:
        return getattr(piece, self.field)

    def same(self, piece: Piece) -> bool:
        return bool(self.now(piece) == self.value["user"])

    def refusal(self, piece: Piece) -> str:
        who = self.value["user"]
        if who is None:
            return ""
        people = self.once(
            piece.client_id,
            lambda: set(pieces.people_of(piece.client_id, piece.workspace_id).values_list("pk", flat=True)),
        )
        return "" if who in people else _("This person does not work for this client.")

    def apply(self, piece: Piece) -> None:
        self.restore(piece, self.value["user"])

    def restore(self, piece: Piece, before: Any) -> None:
        pieces.write(self.actor, piece_id=piece.pk, **{self.field: before})


class Author(Person):
    field = "author_id"


class Designer(Person):
    field = "designer_id"


class UnitOf(Change):
    def check(self) -> None:
        if self.value["unit"] not in Unit.values:
            raise Invalid.one("unit", _("Choose what kind of piece it is."))

    def now(self, piece: Piece) -> Any:
        return piece.unit

    def same(self, piece: Piece) -> bool:
        return bool(piece.unit == self.value["unit"])

    def apply(self, piece: Piece) -> None:
        self.restore(piece, self.value["unit"])

    def restore(self, piece: Piece, before: Any) -> None:
        pieces.write(self.actor, piece_id=piece.pk, unit=before)


class Urgent(Change):
    needs = ("on",)

    def now(self, piece: Piece) -> Any:
        return piece.urgent

    def same(self, piece: Piece) -> bool:
        return bool(piece.urgent == self.value["on"])

    def apply(self, piece: Piece) -> None:
        self.restore(piece, self.value["on"])

    def restore(self, piece: Piece, before: Any) -> None:
        pieces.write(self.actor, piece_id=piece.pk, urgent=bool(before))


class RubricOf(Change):
    """By name, so that it means the same at every client; none for an empty one."""

    needs = ("name",)

    def now(self, piece: Piece) -> Any:
        return piece.post.rubric_id

    def same(self, piece: Piece) -> bool:
        found = self._found(piece)
        return bool(piece.post.rubric_id == (found.pk if found else None) and not self.refusal(piece))

    def _found(self, piece: Piece) -> Rubric | None:
        rows = Rubric.objects.filter(
            client=piece.client, name__iexact=self.value["name"], archived_at__isnull=True
        )
        found: Rubric | None = self.once(piece.client_id, rows.first) if self.value["name"] else None
        return found

    def refusal(self, piece: Piece) -> str:
        if not self.value["name"] or self._found(piece):
            return ""
        return _("This client has no rubric “%(name)s”.") % {"name": self.value["name"]}

    def apply(self, piece: Piece) -> None:
        found = self._found(piece)
        self.restore(piece, found.pk if found else None)

    def restore(self, piece: Piece, before: Any) -> None:
        post = access.get(
            self.actor, Post.objects.filter(deleted_at__isnull=True), piece.post_id, can="write"
        )
        drafts.save(self.actor, post_id=post.pk, version=post.version, fields={"rubric_id": before})


class Hours(Change):
    """`days`: later by so many, by the client's clock; `time`: another hour of that day; `at`: exactly."""

    def check(self) -> None:
        if "days" in self.value and not 1 <= abs(self.value["days"]) <= MOST_DAYS:
            raise Invalid.one("days", _("Between 1 and 366 days, with a minus for earlier."))

    def now(self, piece: Piece) -> Any:
        return hours.hours_of(piece)

    def refusal(self, piece: Piece) -> str:
        return hours.refusal(self.actor, piece, dated="at" not in self.value)

    def apply(self, piece: Piece) -> None:
        hours.put(self.actor, piece=piece, shift=self._shift(piece.client.time_zone))

    def _shift(self, zone: str) -> hours.Shift:
        exact = self.value.get("at")

        def shifted(old: datetime | None) -> datetime | None:
            if "at" in self.value:
                return datetime.fromisoformat(exact) if exact else None
            if old is None:
                return None
            local = old.astimezone(ZoneInfo(zone))
            day: date = local.date() + timedelta(days=self.value.get("days", 0))
            clock = time.fromisoformat(self.value["time"]) if "time" in self.value else local.time()
            return nearest(day, clock, zone)

        return shifted

    def restore(self, piece: Piece, before: Any) -> None:
        hours.put_back(self.actor, piece=piece, hours=before)


class Standing(Change):
    """To the stage of a kind, or off the board; these hand responsibility over and are not taken back."""

    undoable = False
    capability = "work"

    def now(self, piece: Piece) -> Any:
        return [piece.stage_id, piece.state]

    def may(self, piece: Piece) -> bool:
        return moves.may_move(self.actor, piece)

    def restore(self, piece: Piece, before: Any) -> None:
        raise TypeError("a move is taken back by a move")


class Move(Standing):
    """`exact`: what the stage asks for is looked at beforehand too; some queries for each piece."""

    exact = True

    def _stage(self, piece: Piece) -> Stage | None:
        stages = self.once(piece.client_id, lambda: stages_of(piece.client))
        by_number, kind = self.value.get("stage"), self.value.get("kind")
        return next((one for one in stages if one.pk == by_number or (kind and one.kind == kind)), None)

    def hold(self, ids: Sequence[int]) -> None:
        rows = access.visible(self.actor, Piece.objects.filter(pk__in=ids), can="work")
        wanted = Stage.objects.filter(client__in=rows.values("client_id"), archived_at__isnull=True)
        by_number, kind = self.value.get("stage"), self.value.get("kind")
        wanted = wanted.filter(kind=kind) if kind else wanted.filter(pk=by_number or 0)
        list(access.visible(self.actor, wanted).select_for_update(no_key=True).order_by("pk"))

    def same(self, piece: Piece) -> bool:
        stage = self._stage(piece)
        return bool(stage and stage.pk == piece.stage_id and piece.state == PieceState.ACTIVE)

    def refusal(self, piece: Piece) -> str:
        stage = self._stage(piece)
        if stage is None:
            return _("This client has no such stage.")
        if piece.state != PieceState.ACTIVE:
            return ""
        if stage.position < piece.stage.position:
            lacks = self.value.get("reason", "") not in Reason.values
            return _("It would go back, and no reason is chosen for that.") if lacks else ""
        if self.exact and not self.value.get("force"):
            return " ".join(one.sentence for one in exits.missing(piece))
        return ""

    def apply(self, piece: Piece) -> None:
        stage = self._stage(piece)
        moves.move(
            self.actor,
            piece_id=piece.pk,
            stage_id=stage.pk if stage else 0,
            seen_stage_id=piece.stage_id if piece.state == PieceState.ACTIVE else None,
            reason=self.value.get("reason", ""),
            note=self.value.get("note", ""),
            force=self.value.get("force", ""),
        )


class Park(Standing):
    needs = ("reason",)
    state = PieceState.PARKED

    def same(self, piece: Piece) -> bool:
        return bool(piece.state == self.state)

    def refusal(self, piece: Piece) -> str:
        if piece.state == PieceState.DONE:
            return _("It is done already. Take it up again first.")
        return ""

    def apply(self, piece: Piece) -> None:
        closing.park(
            self.actor, piece_id=piece.pk, reason=self.value["reason"], words=self.value.get("note", "")
        )


class Reject(Park):
    state = PieceState.REJECTED

    def apply(self, piece: Piece) -> None:
        closing.reject(
            self.actor, piece_id=piece.pk, reason=self.value["reason"], words=self.value.get("note", "")
        )


class AddCommunity(Change):
    needs = ("community",)

    def now(self, piece: Piece) -> Any:
        return sorted(one.community_id for one in piece.post.variants.all())

    def same(self, piece: Piece) -> bool:
        return self.value["community"] in self.now(piece)

    def refusal(self, piece: Piece) -> str:
        found = self.once("community", self._found)
        if found is None or found.client_id != piece.client_id:
            return _("This community belongs to another client.")
        return ""

    def _found(self) -> Community | None:
        rows = Community.objects.filter(pk=self.value["community"], archived_at__isnull=True)
        return access.visible(self.actor, rows).first()

    def apply(self, piece: Piece) -> None:
        self.restore(piece, sorted({*self.now(piece), self.value["community"]}))

    def restore(self, piece: Piece, before: Any) -> None:
        drafts.set_communities(self.actor, post_id=piece.post_id, community_ids=before)


CHANGES: Final[dict[str, type[Change]]] = {
    "author": Author, "designer": Designer, "rubric": RubricOf, "unit": UnitOf, "urgent": Urgent,
    "shift": Hours, "hour": Hours, "stage": Move, "park": Park, "reject": Reject, "community": AddCommunity,
}  # fmt: skip


def change_of(actor: Actor, action: str, value: dict[str, Any]) -> Change:
    """Raises Invalid for an action that does not exist or a value that makes no sense."""
    if action not in CHANGES:
        raise Invalid.one("action", _("Choose what is to be changed."))
    try:
        return CHANGES[action](actor, value)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid.one("action", _("Say what it is to be changed to.")) from error

"""What a checked table makes: pieces in chunks, each whole or not at all, no row ever twice; and undo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import ManyToOneRel
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.editorial.models import Piece, Stage, Stay
from niva.domains.editorial.planning import Facet, ImportState, PlanImport, PlanRow, Verdict
from niva.domains.editorial.services import many
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.states import PieceState
from niva.domains.people.actor import Actor, machine
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.people.models import User
from niva.domains.publishing.models import Post
from niva.domains.publishing.services import drafts
from niva.domains.strategy import services as strategy
from niva.flows.plan_check import Reader
from niva.flows.plan_compare import current, differs, fixed, standing, stood
from niva.kit.local_time import nearest

CHUNK: Final = 250  # rows in one transaction
FIRST: Final = 1  # the version of a post that nobody has saved since
OF_POST: Final = {
    "title": "title",
    "text": "text",
    "link": "link_url",
    "rubric": "rubric_id",
    "goal": "goal_id",
}
OF_PIECE: Final = {
    "audience": "audience", "key_message": "key_message", "hook": "hook", "call": "call", "origin": "origin",
    "unit": "unit", "urgent": "urgent", "author": "author_id", "designer": "designer_id",
}  # fmt: skip
# What hangs on a post from the beginning, and therefore does not show that somebody worked on it.
BORN_WITH: Final = frozenset({"variant", "piece", "stay", "facet", "planrow"})


def write(plan: PlanImport) -> None:
    """Until no row is left; each chunk counts itself, so that a killed worker loses none and repeats none."""
    actor = _who(plan)
    if actor is None:
        _fail(plan, "no_rights")
        return
    while _write_some(actor, plan.pk):
        pass


def _who(plan: PlanImport) -> Actor | None:
    """The person who said yes, if he may still do it."""
    user = User.objects.filter(pk=plan.choices.get("by")).first()
    actor = access.actor_for(user, plan.workspace_id) if user else machine(plan.workspace)
    if actor is None or not access.may(actor, "edit", client_id=plan.client_id):
        return None
    return actor


@transaction.atomic
def _fail(plan: PlanImport, code: str) -> None:
    """Nothing more is written. What was written already stays known, and may be taken back."""
    if not PlanRow.objects.filter(plan=plan, taken_at__isnull=False).exists():
        PlanImport.objects.filter(pk=plan.pk).update(state=ImportState.FAILED, code=code)
        return
    plan = PlanImport.objects.select_for_update(no_key=True).defer("table").get(pk=plan.pk)
    if plan.state != ImportState.WRITING:
        return
    rest = list(
        PlanRow.objects.filter(plan=plan, taken_at__isnull=True, verdict__in=[Verdict.NEW, Verdict.CHANGED])
    )
    for row in rest:
        _refuse(row, code)
    PlanRow.objects.bulk_update(rest, ["verdict", "wrong"], batch_size=CHUNK)
    _finish(machine(plan.workspace), plan)


@transaction.atomic
def _write_some(actor: Actor, plan_id: int) -> bool:
    """One chunk; False when the import is done."""
    rows = PlanImport.objects.select_for_update(of=("self",), no_key=True).defer("table")
    plan = rows.select_related("client").get(pk=plan_id)
    if plan.state != ImportState.WRITING:
        return False
    # The client's row is the queue of all imports into it: no key is made by two at once.
    Client.objects.select_for_update(no_key=True).get(pk=plan.client_id)
    waiting = PlanRow.objects.filter(plan=plan, taken_at__isnull=True)
    chunk = list(waiting.filter(verdict__in=[Verdict.NEW, Verdict.CHANGED])[:CHUNK])
    if not chunk:
        _finish(actor, plan)
        return False
    writer = _Writer(actor, plan)
    taken = set(
        PlanRow.objects.filter(client=plan.client, owns=True, key__in=[row.key for row in chunk])
        .values_list("key", flat=True)
    )  # fmt: skip
    fresh = [row for row in chunk if row.verdict == Verdict.NEW and row.key not in taken]
    late = [row for row in chunk if row.verdict == Verdict.NEW and row.key in taken]
    for row in late:  # another import of the same rows was faster
        row.verdict = Verdict.SAME
    writer.make(fresh)
    writer.change([row for row in chunk if row.verdict == Verdict.CHANGED])
    now = timezone.now()
    PlanRow.objects.filter(pk__in=[row.pk for row in fresh]).update(owns=True, taken_at=now, version=FIRST)
    PlanRow.objects.bulk_update(fresh, ["post"])
    made = {row.pk for row in fresh}
    others = [row for row in chunk if row.pk not in made]
    for row in others:
        row.taken_at = now if row.verdict == Verdict.CHANGED else None
    PlanRow.objects.bulk_update(others, ["verdict", "taken_at", "version", "before", "wrong"])
    plan.done += len(chunk)
    plan.save(update_fields=["done"])
    return True


def _finish(actor: Actor, plan: PlanImport) -> None:
    plan.state, plan.written_at = ImportState.DONE, timezone.now()
    plan.counts = {one: PlanRow.objects.filter(plan=plan, verdict=one).count() for one in Verdict.values}
    plan.save(update_fields=["state", "written_at", "counts"])
    made = {name: plan.counts[name] for name in (Verdict.NEW, Verdict.CHANGED, Verdict.REFUSED)}
    record(actor, "plan.imported", plan, **{str(name): count for name, count in made.items()})


class _Writer:
    """Writes the rows of one chunk. The check turned names into ids; what is gone since is left out."""

    def __init__(self, actor: Actor, plan: PlanImport) -> None:
        self.actor, self.plan, self.client = actor, plan, plan.client
        today = timezone.now().astimezone(ZoneInfo(plan.client.time_zone)).date()
        self.reader = Reader(plan.client, plan.choices, today=today)
        stages = {stage.pk: stage for stage in stages_of(plan.client)}
        for stage in stages.values():
            stage.client = plan.client
        self.stages: Mapping[int, Stage] = stages
        self.first = stages.get(plan.choices.get("stage") or 0) or next(iter(stages.values()))
        self.alive = {
            "rubric": set(self.reader.rubrics.values()),
            "goal": set(self.reader.goals.values()),
            "author": set(self.reader.people.values()),
            "designer": set(self.reader.people.values()),
        }
        self.communities = {one.pk for one in self.reader.communities}
        self.made_rubrics: dict[str, int] = {}

    def _values(self, row: PlanRow) -> dict[str, Any]:
        values = {name: value for name, value in row.values.items() if name != "changes"}
        if name := values.pop("new_rubric", ""):
            values["rubric"] = self._rubric(name)
        for name, alive in self.alive.items():
            if name in values and values[name] not in alive:
                del values[name]
        if "communities" in values:
            values["communities"] = [pk for pk in values["communities"] if pk in self.communities]
        return values

    def _rubric(self, name: str) -> int | None:
        if name not in self.made_rubrics:
            try:
                found = strategy.named(self.actor, client_id=self.client.pk, name=name)
            except Invalid:  # others have made so many since the check that there is no room
                return None
            assert found is not None  # the name is not empty: the check saw it
            self.made_rubrics[name] = found.pk
            self.alive["rubric"].add(found.pk)
        return self.made_rubrics[name]

    def make(self, rows: list[PlanRow]) -> None:
        made = []
        for row in rows:
            values = self._values(row)
            post = {OF_POST[name]: values[name] for name in OF_POST if name in values}
            piece = {OF_PIECE[name]: values[name] for name in OF_PIECE if name in values}
            made.append(
                many.Draft(
                    self.stages.get(values.get("stage") or 0, self.first),
                    {**post, "planned_at": self.reader.planned_at(values)},
                    piece,
                    values.get("communities", ()),
                    values.get("detail", ""),
                )
            )
        posts = many.make_many(self.actor, client=self.client, drafts=made)
        for row, fresh in zip(rows, posts, strict=True):
            row.post = fresh

    def change(self, rows: list[PlanRow]) -> None:
        """Through the same services as a person's own typing; few rows are changed by a table."""
        numbers = [row.post_id for row in rows if row.post_id]
        posts, unchangeable = standing(self.client, numbers), fixed(numbers)
        for row in rows:
            post = posts.get(row.post_id or 0)
            if post is None or post.deleted_at is not None or post.pk in unchangeable:
                row.verdict = Verdict.REFUSED
                row.wrong = [
                    *row.wrong,
                    {"field": "id", "code": "fixed" if post else "no_such_post", "cell": ""},
                ]
                continue
            now = current(post, self.client.time_zone)
            # Nothing but what the person saw as a change; and what somebody changed since is his.
            changes = row.values.get("changes", ())
            if stood(changes, now) != row.before:
                _refuse(row, "meanwhile")
                continue
            said = self._values(row)
            values = {name: said[name] for name in changes if name in said}
            wanted = {**now, **values}
            try:
                row.version = put(self.actor, self.client, post, values, self.reader.planned_at(wanted))
            except Conflict:  # somebody saved it this very moment
                _refuse(row, "meanwhile")
            except Invalid:
                _refuse(row, "fixed")


def _refuse(row: PlanRow, code: str) -> None:
    row.verdict = Verdict.REFUSED
    row.wrong = [*row.wrong, {"field": "id", "code": code, "cell": ""}]


def put(
    actor: Actor, client: Client, post: Post, values: Mapping[str, Any], planned_at: dt.datetime | None
) -> int:
    """Write these values into a post that is there; returns its version. Raises as `drafts.save` does."""
    fields = {OF_POST[name]: values[name] for name in OF_POST if name in values}
    if "day" in values or "time" in values:
        fields["planned_at"] = planned_at
    saved = drafts.save(
        actor,
        post_id=post.pk,
        version=post.version,
        fields={name: "" if value is None and name in ("title", "text", "link_url") else value
                for name, value in fields.items()},
        communities=values.get("communities"),
    )  # fmt: skip
    own = {OF_PIECE[name]: values[name] for name in OF_PIECE if name in values}
    if own:
        Piece.objects.filter(post=post, client=client).update(**own)
    if "detail" in values:
        piece: Piece = post.piece
        if values["detail"]:
            Facet.objects.update_or_create(
                piece=piece, defaults={"client": client, "detail": values["detail"]}
            )
        else:
            Facet.objects.filter(piece=piece).delete()
    return saved.version


def undo(plan: PlanImport) -> None:
    """Take back row by row in chunks what nobody has touched since; the rest stays and is named."""
    actor = _who(plan)
    if actor is None:
        PlanImport.objects.filter(pk=plan.pk).update(state=ImportState.DONE)
        return
    while _undo_some(actor, plan.pk):
        pass


@transaction.atomic
def _undo_some(actor: Actor, plan_id: int) -> bool:
    rows = PlanImport.objects.select_for_update(of=("self",), no_key=True).defer("table")
    plan = rows.select_related("client").get(pk=plan_id)
    if plan.state != ImportState.UNDOING:
        return False
    chunk = list(PlanRow.objects.filter(plan=plan, taken_at__isnull=False)[:CHUNK])
    if not chunk:
        plan.state, plan.undone_at = ImportState.UNDONE, timezone.now()
        plan.save(update_fields=["state", "undone_at"])
        kept = PlanRow.objects.filter(plan=plan, version__gt=0).count()
        record(actor, "plan.import_undone", plan, kept=kept)
        return False
    free = untouched(plan.client, chunk)
    made = [row for row in chunk if row.pk in free and row.verdict == Verdict.NEW]
    now = timezone.now()
    Post.objects.filter(client=plan.client, pk__in=[row.post_id for row in made]).update(deleted_at=now)
    reader = Reader(plan.client, plan.choices, today=now.date())
    posts = standing(plan.client, [row.post_id for row in chunk if row.post_id])
    for row in chunk:
        if row.pk in free:
            if row.verdict == Verdict.CHANGED and row.post_id in posts:
                _give_back(actor, plan.client, reader, posts[row.post_id], row)
            row.owns, row.version = False, 0
        row.taken_at = None
    PlanRow.objects.bulk_update(chunk, ["owns", "taken_at", "version"])
    plan.done += len(chunk)
    plan.save(update_fields=["done"])
    return True


def _give_back(actor: Actor, client: Client, reader: Reader, post: Post, row: PlanRow) -> None:
    before: dict[str, Any] = row.before
    at = None
    if "day" in before or "time" in before:
        day = before.get("day", row.values.get("day"))
        hour = before.get("time", row.values.get("time"))
        if day and hour:
            at = nearest(dt.date.fromisoformat(day), dt.time.fromisoformat(hour), client.time_zone)
    put(actor, client, post, before, at)


def untouched(client: Client, rows: Iterable[PlanRow]) -> set[int]:
    """Ids of the rows whose posts are still as the import left them: same version, same values, in the stage
    where they began, with nothing hanging on them that work leaves behind."""
    rows = list(rows)
    numbers = [row.post_id for row in rows if row.post_id]
    posts, gone = standing(client, numbers), fixed(numbers)
    pieces = {post.piece.pk: post.pk for post in posts.values()}
    worked = _worked_on(Post, numbers) | {pieces[pk] for pk in _worked_on(Piece, list(pieces))}
    left = Stay.objects.filter(client=client, piece__in=list(pieces), left_at__isnull=False)
    handed_on = set(left.values_list("piece_id", flat=True))
    free = set()
    for row in rows:
        post = posts.get(row.post_id or 0)
        if post is None or post.deleted_at is not None or post.pk in gone or post.version != row.version:
            continue
        piece: Piece = post.piece
        names = row.values.get("changes", row.values)
        said = {name: row.values[name] for name in names if name in row.values and name != "new_rubric"}
        used = piece.pk in handed_on or piece.state != PieceState.ACTIVE or piece.ticks or post.pk in worked
        # What was there before the import may have gone its way.
        if (row.verdict == Verdict.CHANGED or not used) and not differs(
            said, current(post, client.time_zone)
        ):
            free.add(row.pk)
    return free


def _worked_on(model: type[Post] | type[Piece], numbers: list[int]) -> set[int]:
    """Those that other rows speak of: files, deliveries, remarks, tasks, approvals, whatever comes later."""
    found: set[int] = set()
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel) or relation.related_model is model:
            continue
        other: Any = relation.related_model
        if other._meta.model_name not in BORN_WITH:
            field = relation.field
            rows = other._default_manager.filter(**{f"{field.name}__in": numbers})
            found |= set(rows.values_list(field.attname, flat=True).distinct())
    return found

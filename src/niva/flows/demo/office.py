"""The newsroom of the demo: how the posts of six weeks were made, cards on the board, and all around them."""

from __future__ import annotations

import datetime as dt
import random
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone, translation

from niva.domains.clients.models import Client, Terms
from niva.domains.editorial import task_queries
from niva.domains.editorial.models import Piece, Stage, Stay
from niva.domains.editorial.services import changing, tasks
from niva.domains.editorial.services.follow import follow
from niva.domains.editorial.services.office import responsible_for, stages_of
from niva.domains.editorial.states import How, PieceState, StageKind
from niva.domains.pay.services.agreements import Price, agree
from niva.domains.people.models import User
from niva.domains.publishing.models import Post
from niva.domains.sources.services import fragments, sources
from niva.domains.strategy import ledger
from niva.flows import approve
from niva.flows.demo import told
from niva.flows.demo.cast import Agency, Made

HOUR: Final = dt.timedelta(hours=1)
# Clock hours that a piece stands in each stage, roughly: (least, most).
USUAL: Final[Mapping[str, tuple[float, float]]] = {
    StageKind.IDEA: (6, 40), StageKind.THEME: (3, 20), StageKind.BRIEF: (4, 26), StageKind.DRAFT: (14, 60),
    StageKind.EDITING: (8, 64), StageKind.VISUAL: (5, 30), StageKind.PROOF: (1, 8),
    StageKind.APPROVAL: (8, 50), StageKind.SCHEDULED: (6, 40), StageKind.PUBLISHED: (0.2, 2),
    StageKind.DISTRIBUTION: (20, 70), StageKind.REVIEW: (90, 170),
}  # fmt: skip
RETURNS: Final = ("fact", "fact", "fact", "tone", "visual", "brief")
RETURNED: Final = 0.3  # share of pieces that came back from editing once
ON_TRIAL: Final = dt.timedelta(days=13)


def furnish(agency: Agency, made: Mapping[str, Made], now: dt.datetime) -> None:
    """Everything of the newsroom, for the clients by their keys, in Russian as its people write."""
    with translation.override("ru"):  # what a brief proposes is stored in the language of the moment
        _furnish(agency, made, now)


def _furnish(agency: Agency, made: Mapping[str, Made], now: dt.datetime) -> None:
    raw = tomllib.loads((told.DATA / "office.toml").read_text(encoding="utf-8"))
    for one in made.values():
        _history(one.client, now)
    cards = {row["title"]: _card(agency, made[row["client"]], row, now) for row in raw["cards"]}
    follow()
    _around(agency, made, raw, cards, now)


def _history(client: Client, now: dt.datetime) -> None:
    """How every post that is out came to be: back from its hour, stage by stage."""
    stages = stages_of(client)
    holders = {stage.pk: responsible_for(stage, Piece(client=client)) for stage in stages}
    pieces = Piece.objects.filter(client=client, post__publications__isnull=False).distinct()
    stays: list[Stay] = []
    for piece in pieces.select_related("post", "author").order_by("post_id"):
        first = piece.post.publications.order_by("published_at").first()
        if first is None or first.published_at > now:
            continue
        dice = random.Random(piece.post_id)  # noqa: S311 the same demo every time
        stays += _walk(piece, stages, holders, first.published_at, now, dice)
        piece.save()
    Stay.objects.filter(piece__in={one.piece_id for one in stays}).delete()
    Stay.objects.bulk_create(stays)


def _walk(
    piece: Piece,
    stages: Sequence[Stage],
    holders: Mapping[int, User | None],
    out_at: dt.datetime,
    now: dt.datetime,
    dice: random.Random,
) -> list[Stay]:
    """Stays from the idea until now; sets what the piece is at the end of them."""
    steps = _steps(stages, dice)
    before = sum(hours for stage, hours, _how, _why in steps if stage.position <= _place(stages))
    at = out_at - before * HOUR
    piece.created_at, stays = at, []
    for stage, hours, how, why in steps:
        left: dt.datetime | None = at + hours * HOUR
        if left is not None and left > now:
            left = None
        who = piece.author if stage.role == "author" else holders[stage.pk]
        stays.append(
            Stay(
                workspace_id=piece.workspace_id, client_id=piece.client_id, piece=piece, stage=stage,
                responsible=who, entered_at=at, left_at=left, left_by=who if left else None,
                how=how if left else "", reason=why if left and how == How.BACK else "",
            )
        )  # fmt: skip
        piece.stage, piece.responsible, piece.entered_at = stage, who, at
        if left is None:
            return stays
        if stage.kind == StageKind.EDITING and how == How.FORWARD:
            piece.accepted_at, piece.accepted_by = left, who
        piece.returns += how == How.BACK
        at = left
    piece.state, piece.closed_at = PieceState.DONE, at
    stays[-1].how = How.DONE
    return stays


def _place(stages: Sequence[Stage]) -> int:
    return next(stage.position for stage in stages if stage.kind == StageKind.SCHEDULED)


def _steps(stages: Sequence[Stage], dice: random.Random) -> list[tuple[Stage, float, str, str]]:
    """(stage, hours, how it was left, why): the whole way, some with a return from editing to the author."""
    found: list[tuple[Stage, float, str, str]] = []
    for stage in stages:
        if stage.kind == StageKind.EDITING and dice.random() < RETURNED:
            found.append((stage, dice.uniform(4, 30), How.BACK, dice.choice(RETURNS)))
            draft = next(one for one in stages if one.kind == StageKind.DRAFT)
            found.append((draft, dice.uniform(3, 24), How.FORWARD, ""))
        found.append((stage, dice.uniform(*USUAL[stage.kind]), How.FORWARD, ""))
    return found


def _card(agency: Agency, made: Made, row: Mapping[str, Any], now: dt.datetime) -> Piece:
    """A card where it stands today."""
    stages = {stage.kind: stage for stage in stages_of(made.client)}
    author = agency.users[row["who"]] if "who" in row else None
    since = now - dt.timedelta(days=row["days"])
    post = Post.objects.create(
        workspace_id=made.client.workspace_id, client=made.client, goal=made.goal, title=row["title"],
        rubric=made.client.rubrics.first() if row.get("rubric") else None,
        created_by=author, created_at=since, updated_at=since,
    )  # fmt: skip
    piece: Piece = post.piece
    piece.stage, piece.author, piece.entered_at = stages[row["at"]], author, since
    piece.unit, piece.urgent = row.get("unit", "post"), row.get("urgent", False)
    for name in ("audience", "origin", "call"):
        setattr(piece, name, row.get(name, ""))
    piece.key_message = row.get("message", "")
    piece.responsible = responsible_for(piece.stage, piece) or made.owner.user
    piece.returns = int("back" in row)
    piece.save()
    piece.stays.update(stage=piece.stage, responsible=piece.responsible, entered_at=since)
    if "back" in row:
        Stay.objects.create(
            workspace_id=piece.workspace_id, client_id=piece.client_id, piece=piece,
            stage=stages[StageKind.EDITING], entered_at=since - 20 * HOUR, left_at=since,
            left_by=made.owner.user, how=How.BACK, reason=row["back"], note=row.get("note", ""),
        )  # fmt: skip
    return piece


def _around(
    agency: Agency,
    made: Mapping[str, Made],
    raw: Mapping[str, Any],
    cards: Mapping[str, Piece],
    now: dt.datetime,
) -> None:
    """A task, a change on trial, a conversation, a strategy's first rows, pay, a request for a decision."""
    owner = agency.actor("anya")
    _task(agency, raw["task"], cards[raw["task"]["card"]], now)
    one = raw["change"]
    changing.begin(
        owner, client_id=None, problem=one["problem"], measure="stage", stage=StageKind.EDITING,
        change=one["change"], owner_id=agency.users[one["who"]].pk,
        starts_on=timezone.localdate(now - ON_TRIAL), look_on=timezone.localdate(now) + dt.timedelta(days=1),
    )  # fmt: skip
    talk = dict(raw["source"])
    client = made[talk.pop("client")].client
    source = sources.add(
        owner, client_id=client.pk, rights="permitted", rights_on=timezone.localdate(now),
        happened_on=timezone.localdate(now - dt.timedelta(days=20)), **talk,
    )  # fmt: skip
    for row in raw["fragments"]:
        fragments.add(owner, source_id=source.pk, **{"permission": "given", **row})
    for row in raw["strategy"]:
        ledger.add(owner, client_id=client.pk, table=row["table"], values=row["row"])
    _pay(agency, made, raw["pay"], now)
    _ask(agency, made, raw["terms"])


def _task(agency: Agency, row: Mapping[str, Any], piece: Piece, now: dt.datetime) -> None:
    owner = agency.actor("anya")
    begun = task_queries.begun(owner, client=piece.client, kind=row["kind"], piece=piece)
    tasks.set_task(
        owner, client_id=piece.client_id, kind=row["kind"], title=row["title"], piece_id=piece.pk,
        assignee_id=agency.users[row["who"]].pk, due_at=now + dt.timedelta(days=row["days"]),
        brief={**begun.brief, **row.get("brief", {})},
    )  # fmt: skip


def _pay(agency: Agency, made: Mapping[str, Made], row: Mapping[str, Any], now: dt.datetime) -> None:
    first = (timezone.localdate(now).replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    agree(
        agency.actor("anya"), person_id=agency.users[row["who"]].pk, client_id=made[row["client"]].client.pk,
        prices=[Price(unit, Decimal(row[unit])) for unit in ("post", "article")],
        model="piece", norm=Decimal(row["norm"]), starts_on=first,
    )  # fmt: skip


def _ask(agency: Agency, made: Mapping[str, Made], row: Mapping[str, Any]) -> None:
    """The client decides from now on; one post waits for his word."""
    client = made[row["client"]].client
    Terms.objects.create(client=client, approver_name=row["name"], approver_email=row["email"])
    draft = (
        Post.objects.filter(client=client, planned_at__gt=timezone.now(), deliveries__isnull=True)
        .exclude(text="")
        .exclude(variants__isnull=True)
        .exclude(series__isnull=False)
        .order_by("planned_at", "pk")
        .first()
    )
    if draft is not None:
        approve.ask(agency.actor("anya"), post_id=draft.pk, message="Проверьте цену и день доставки.")

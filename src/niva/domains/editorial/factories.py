"""Makers of pieces with sensible defaults, shared by tests and the demo. Nothing here checks who may."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from niva.domains.clients.models import Client, ClientKind, KeyTask
from niva.domains.communities.models import Community
from niva.domains.editorial.assisting import Proposal, Wish
from niva.domains.editorial.models import Piece, Stage, Stay
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.services.pieces import adopt
from niva.domains.editorial.tasking import Task
from niva.domains.people.models import User, Workspace
from niva.domains.publishing.models import Post, Variant
from niva.domains.strategy.models import Rubric

_NETWORKS: Final = ("vk", "telegram", "ok", "max", "bluesky")
_RUBRICS: Final = ("Рецепты", "Люди", "За кулисами", "Польза")
_TITLES: Final = (
    ("Холодец", "Рёбрышки", "Колбаса", "Карта доставки", "Письма читателей", "Ночь в архиве", "Сало"),
    ("к выходным", "за кулисами", "для новичков", "без спешки", "глазами соседа", "за пять минут"),
)
_SENTENCES: Final = (
    "Коптим на ольхе, без спешки, восемь часов.",
    "Доставим по городу до вечера, если заказать утром.",
    "Рецепт простой: соль, перец, чеснок и терпение.",
    "Спросили у соседей, чем кормить гостей в праздники.",
    "Цена прежняя, мяса в упаковке стало больше.",
    "Волонтёры рассказали, как рыжий кот нашёл дом.",
)


def make_stages(client: Client) -> dict[str, Stage]:
    """The default pipeline of the client, by kind."""
    return {stage.kind: stage for stage in stages_of(client)}


def make_piece(client: Client, title: str = "Рёбрышки к выходным", *, at: str = "", **extra: Any) -> Piece:
    """A piece in the stage of kind `at` (default: where a new post stands); `extra`: fields of the piece."""
    post = Post.objects.create(client=client, workspace_id=client.workspace_id, title=title)
    piece = adopt(post)
    if at:
        stage = make_stages(client)[at]
        piece.stays.update(stage=stage)
        extra["stage"] = stage
    for name, value in extra.items():
        setattr(piece, name, value)
    piece.save()
    return piece


def make_many(
    workspace: Workspace,
    *,
    pieces: int = 5000,
    clients: int = 20,
    people: Sequence[User] = (),
    active: float = 1.0,
    seed: int = 5,
) -> list[Client]:
    """A full office: that many pieces spread evenly over clients with communities, rubrics and pipelines.

    `active`: the share of pieces that stand on the board, the others are done. `people`: who has the pieces,
    in turn. The same `seed` gives the same texts. Rows are made in bulk: 5,000 pieces in a few seconds.
    """
    chance = random.Random(seed)  # noqa: S311 the same rows each time
    owners = [
        Client.objects.create(
            workspace=workspace,
            name=f"Заказчик № {number:02}",
            kind=ClientKind.BUSINESS,
            key_task=KeyTask.LEADS,
        )
        for number in range(1, clients + 1)
    ]
    places = {client.pk: _many_places(client, chance) for client in owners}
    posts = Post.objects.bulk_create(
        (_many_post(owners[n % clients], n, places, chance) for n in range(pieces)), batch_size=1000
    )
    Variant.objects.bulk_create(
        (
            Variant(post=post, community=community)
            for post in posts
            for community in chance.sample(places[post.client_id][0], chance.randint(1, 2))
        ),
        batch_size=2000,
    )
    _many_pieces(posts, places, people, active, chance)
    return owners


_Places = dict[int, tuple[list[Community], list[Rubric], list[Stage]]]


def _many_places(client: Client, chance: random.Random) -> tuple[list[Community], list[Rubric], list[Stage]]:
    own = {"client": client, "workspace_id": client.workspace_id}
    communities = Community.objects.bulk_create(
        Community(**own, network=network, name=client.name, task=KeyTask.LEADS)
        for network in chance.sample(_NETWORKS, 3)
    )
    rubrics = Rubric.objects.bulk_create(
        Rubric(**own, name=name, position=n) for n, name in enumerate(_RUBRICS)
    )
    return communities, rubrics, stages_of(client)


def _many_post(client: Client, number: int, places: _Places, chance: random.Random) -> Post:
    now = timezone.now()
    return Post(
        client=client,
        workspace_id=client.workspace_id,
        title=" ".join(chance.choice(words) for words in _TITLES) + f" № {number}",
        text=" ".join(chance.sample(_SENTENCES, 3)),
        rubric=chance.choice(places[client.pk][1]),
        planned_at=now + timedelta(hours=chance.randint(-240, 720)) if chance.random() < 0.7 else None,
    )


def _many_pieces(
    posts: Sequence[Post], places: _Places, people: Sequence[User], active: float, chance: random.Random
) -> None:
    now = timezone.now()
    made = []
    for number, post in enumerate(posts):
        is_done = chance.random() >= active
        who = people[number % len(people)] if people else None
        made.append(
            Piece(
                post=post,
                client_id=post.client_id,
                workspace_id=post.workspace_id,
                stage=places[post.client_id][2][-1] if is_done else chance.choice(places[post.client_id][2]),
                state="done" if is_done else "active",
                closed_at=now if is_done else None,
                responsible=who,
                author=who,
                entered_at=now - timedelta(hours=chance.randint(1, 200)),
            )
        )
    rows = Piece.objects.bulk_create(made, batch_size=1000)
    Stay.objects.bulk_create(
        (
            Stay(
                workspace_id=piece.workspace_id,
                client_id=piece.client_id,
                piece=piece,
                stage_id=piece.stage_id,
                responsible_id=piece.responsible_id,
                entered_at=piece.entered_at,
                left_at=piece.closed_at,
                how=piece.state if piece.closed_at else "",
            )
            for piece in rows
        ),
        batch_size=2000,
    )


def make_proposal(post: Post, text: str = "Начните с запаха ольхи.", **extra: Any) -> Proposal:
    values: dict[str, Any] = {"wish": Wish.HOOKS, "asked": "Предложи первую строку.", "model": "test"}
    return Proposal.objects.create(
        workspace_id=post.workspace_id, client=post.client, post=post, text=text, **{**values, **extra}
    )


def make_task(client: Client, title: str = "Текст про рёбрышки", **extra: Any) -> Task:
    """A task for a text with a whole brief, due in two days."""
    values: dict[str, Any] = {
        "kind": "copywriter",
        "brief": {"goal": "Заявки", "message": title},
        "due_at": timezone.now() + timedelta(days=2),
        "checklist": [{"text": "Сверить", "done": False}],
    }
    return Task.objects.create(
        client=client, workspace_id=client.workspace_id, title=title, **{**values, **extra}
    )

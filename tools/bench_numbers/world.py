"""An agency that never was: 60 clients, 300 communities, and posts of two years. Made up."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

CLIENTS: Final = 60
COMMUNITIES: Final = 300
YEAR: Final = timedelta(days=365)
# What networks of three kinds count of a post, and how large each is beside the views.
COUNTED: Final = {
    "vk": {"views": 1.0, "reach": 0.8, "likes": 0.03, "comments": 0.004, "reposts": 0.006, "saves": 0.004,
           "clicks": 0.01},
    "ok": {"views": 1.0, "likes": 0.02, "comments": 0.003, "reposts": 0.004},
    "telegram": {"views": 1.0, "likes": 0.02},
}  # fmt: skip
ZONES: Final = ("Europe/Moscow", "Asia/Yekaterinburg", "Asia/Vladivostok", "Europe/Kaliningrad")
HOURS: Final = (8, 9, 11, 12, 13, 15, 17, 18, 19, 20, 21)


def people() -> tuple[Any, list[Any], list[Any]]:
    """The owner, the clients and their communities."""
    from niva.domains.clients.factories import make_actor, make_client, make_workspace
    from niva.domains.communities.factories import make_community
    from niva.domains.strategy.factories import make_rubric

    actor = make_actor(make_workspace())
    clients = [make_client(actor.workspace, name=f"Хозяйство {n}") for n in range(CLIENTS)]
    names = list(COUNTED)
    communities = [
        make_community(clients[n % CLIENTS], names[n // CLIENTS % 3], time_zone=ZONES[n % 4],
                       state="connected", name=f"Лужайка {n}", remote_id=str(n))
        for n in range(COMMUNITIES)
    ]  # fmt: skip
    for client in clients:
        for name in ("Рецепты", "Люди", "Хозяйство", "Цены"):
            make_rubric(client, name)
    return actor, clients, communities


def posts(communities: list[Any], count: int, since: datetime, until: datetime) -> None:
    """So many posts that went out between the two moments, evenly over communities, at the trade's hours."""
    from niva.domains.publishing.models import Delivery, Post, Publication, Revision, Variant
    from niva.domains.strategy.models import Rubric

    dice = random.Random(since.toordinal())
    rubrics: dict[int, list[int]] = {}
    for pk, client in Rubric.objects.values_list("pk", "client_id"):
        rubrics.setdefault(client, []).append(pk)
    span = (until - since).total_seconds()
    moments = sorted(
        (since + timedelta(seconds=dice.random() * span)).replace(hour=dice.choice(HOURS))
        for _ in range(count)
    )
    rows = ((moment, communities[n % len(communities)]) for n, moment in enumerate(moments))
    while chunk := list(islice(rows, 2500)):
        made = Post.objects.bulk_create(
            Post(workspace_id=c.workspace_id, client_id=c.client_id, title="Рёбрышки", text="Рёбрышки " * 20,
                 rubric_id=dice.choice(rubrics[c.client_id]), planned_at=at)
            for at, c in chunk
        )  # fmt: skip
        variants = Variant.objects.bulk_create(
            Variant(post=post, community=c) for post, (_, c) in zip(made, chunk, strict=True)
        )
        revisions = Revision.objects.bulk_create(
            Revision(variant=one, number=1, sha256="0" * 64, content=_content(dice)) for one in variants
        )
        whose = [
            {"workspace_id": c.workspace_id, "client_id": c.client_id, "community": c, "post": post,
             "revision": revision}
            for post, revision, (_, c) in zip(made, revisions, chunk, strict=True)
        ]  # fmt: skip
        deliveries = Delivery.objects.bulk_create(
            Delivery(variant=variant, due_at=at, state="published", **its)
            for variant, its, (at, _) in zip(variants, whose, chunk, strict=True)
        )
        Publication.objects.bulk_create(
            Publication(delivery=one, remote_id=f"p{one.pk}", published_at=at, followed_at=at, sight="alive",
                        url=f"https://example.org/{one.pk}", **its)
            for one, its, (at, _) in zip(deliveries, whose, chunk, strict=True)
        )  # fmt: skip


def _content(dice: random.Random) -> dict[str, Any]:
    files = dice.choice((0, 1, 1, 3))
    media = [{"kind": "image", "path": "a.jpg", "width": 800, "height": 800}] * files
    return {"text": "Рёбрышки " * dice.randint(3, 60), "media": media}

"""What a person should know before a post goes out: the same text or the same hour on one community, and one
text on many networks. Warnings only: nothing here stops anybody.

Everything is read from a window of days of one client, newest first and never more than `MOST` rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.db.models import F, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Left
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Delivery, Post, Variant, opening
from niva.domains.publishing.states import State
from niva.kit.text.likeness import alike, mark, words_of

SAME_TEXT: Final = timedelta(days=30)  # the same text on one community, before or after
SAME_HOUR: Final = timedelta(minutes=15)  # two posts of one community so near push each other out of feeds
MANY_NETWORKS: Final = 3  # from so many networks with one text on, readers meet it again and again
LONGEST: Final = 4000  # characters of a text that are compared
MOST: Final = 400  # rows that are looked at
_GONE: Final = (State.CANCELLED, State.REMOVED)

Kind = Literal["text", "hour", "many"]


@dataclass(frozen=True, slots=True)
class Remark:
    """`variants`: whose it is. For "text" and "hour" the other post: its id, name and moment; `exact`: in the
    very same words. For "many": how many networks get one text, in `count`."""

    kind: Kind
    variants: tuple[Variant, ...]
    post_id: int = 0
    title: str = ""
    at: datetime | None = None
    exact: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class _Other:
    """Another post of one of the communities."""

    community_id: int
    post_id: int
    title: str
    at: datetime
    text: str


def remarks(actor: Actor, post: Post) -> list[Remark]:
    """Everything there is to say of this post. A fixed number of queries."""
    variants = [one for one in post.variants.all() if one.community.archived_at is None]
    hours = {one.pk: _hour(one, post) for one in variants}
    waiting = [one for one in variants if hours[one.pk] is not None]
    found: list[Remark] = []
    if waiting:
        moments = [at for at in hours.values() if at is not None]
        others = _others(actor, post, waiting, min(moments), max(moments))
        for variant in waiting:
            at = hours[variant.pk] or timezone.now()
            found += _of(variant, at, others.get(variant.community_id, []), is_set=_is_set(variant, post))
    return [*found, *_many(post, variants)]


def _hour(variant: Variant, post: Post) -> datetime | None:
    """When this one leaves or would leave; None for what is out or was taken back."""
    deliveries = list(variant.deliveries.all())
    if deliveries and deliveries[-1].state not in _GONE:
        last = deliveries[-1]
        return last.due_at if last.state in (State.QUEUED, State.HELD, State.WAITING) else None
    return variant.planned_at or post.planned_at or timezone.now()


def _is_set(variant: Variant, post: Post) -> bool:
    """Whether an hour was chosen; one that was not crowds nobody."""
    deliveries = list(variant.deliveries.all())
    scheduled = bool(deliveries) and deliveries[-1].state not in _GONE
    return scheduled or (variant.planned_at or post.planned_at) is not None


def text_of(variant: Variant, post: Post) -> str:
    """The text that this community gets."""
    return post.text if variant.own_text is None else variant.own_text


def _others(
    actor: Actor, post: Post, variants: Sequence[Variant], first: datetime, last: datetime
) -> dict[int, list[_Other]]:
    """What else these communities get around those days, by community; days of one series are no others."""
    communities = {one.community_id for one in variants}
    window = {"gte": first - SAME_TEXT, "lte": last + SAME_TEXT}
    rows = access.visible(actor, Delivery.objects.filter(client_id=post.client_id, community__in=communities))
    rows = rows.filter(due_at__gte=window["gte"], due_at__lte=window["lte"], post__deleted_at__isnull=True)
    rows = rows.exclude(state__in=_GONE).exclude(post=post).exclude(_kin("post", post))
    sent = rows.annotate(text=Left(KeyTextTransform("text", "revision__content"), LONGEST))
    drafts = (
        Variant.objects.filter(
            post__in=access.visible(actor, Post.objects.filter(client_id=post.client_id, deleted_at=None)),
            community__in=communities,
            deliveries__isnull=True,
        )
        .exclude(post=post)
        .exclude(_kin("post", post))
        .annotate(due_at=Coalesce("planned_at", "post__planned_at"))
        .filter(due_at__gte=window["gte"], due_at__lte=window["lte"])
        .annotate(text=Left(Coalesce("own_text", "post__text"), LONGEST))
    )
    found: dict[int, list[_Other]] = defaultdict(list)
    for several in (sent, drafts):
        values = several.order_by("-due_at").values_list(
            "community_id", "post_id", "post__title", "due_at", "text"
        )
        for community, number, title, at, text in values[:MOST]:
            found[community].append(_Other(community, number, title or opening(text or ""), at, text or ""))
    return found


def _kin(prefix: str, post: Post) -> Q:
    """Days of the series that this post is of, or the pattern of: that they are alike is meant."""
    series = {f"{prefix}__occurrence__series__post": post.pk}
    kin = Q(**series)
    occurrence = getattr(post, "occurrence", None)
    if occurrence is not None:
        kin |= Q(**{f"{prefix}__occurrence__series": occurrence.series_id})
    return kin & Q(**{f"{prefix}__occurrence__isnull": False})


def _of(variant: Variant, at: datetime, others: Iterable[_Other], *, is_set: bool) -> list[Remark]:
    """The nearest post with the same text, and the nearest at the same hour where one is set."""
    text = text_of(variant, variant.post)[:LONGEST]
    near = sorted(others, key=lambda one: abs(one.at - at))
    found: list[Remark] = []
    same = next((one for one in near if abs(one.at - at) <= SAME_TEXT and alike(text, one.text)), None)
    if same is not None:
        exact = words_of(text) == words_of(same.text)
        found.append(Remark("text", (variant,), same.post_id, same.title, same.at, exact=exact))
    if is_set and near and abs(near[0].at - at) <= SAME_HOUR:
        found.append(Remark("hour", (variant,), near[0].post_id, near[0].title, near[0].at))
    return found


def _many(post: Post, variants: Iterable[Variant]) -> list[Remark]:
    """One text on three networks or more."""
    groups: dict[str, list[Variant]] = defaultdict(list)
    for variant in variants:
        if key := mark(text_of(variant, post)):
            groups[key].append(variant)
    found = []
    for several in groups.values():
        networks = {one.community.network for one in several}
        if len(networks) >= MANY_NETWORKS:
            found.append(Remark("many", tuple(several), count=len(networks)))
    return found


def equal_in_plan(
    actor: Actor,
    *,
    since: datetime,
    until: datetime,
    client_id: int | None = None,
    community_ids: Iterable[int] | None = None,
) -> Mapping[int, datetime]:
    """Deliveries still ahead in [since, until) whose very words their community gets in the 30 days around:
    delivery → moment of the nearest other. One query; near-identical ones are told in the composer."""
    rows = access.visible(
        actor, Delivery.objects.filter(due_at__gte=since - SAME_TEXT, due_at__lt=until + SAME_TEXT)
    )
    rows = rows.exclude(state__in=_GONE).exclude(revision__text_mark="").filter(post__deleted_at__isnull=True)
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    if community_ids is not None:
        rows = rows.filter(community__in=list(community_ids))
    groups: dict[tuple[int, str], list[tuple[datetime, int, str, int | None]]] = defaultdict(list)
    values = rows.annotate(series=F("post__occurrence__series")).values_list(
        "community_id", "revision__text_mark", "due_at", "pk", "state", "series"
    )
    for community, text_mark, at, pk, state, series in values:
        groups[(community, text_mark)].append((at, pk, state, series))
    found: dict[int, datetime] = {}
    for several in groups.values():
        for at, pk, state, series in several if len(several) > 1 else ():
            if not since <= at < until or state not in (State.QUEUED, State.HELD, State.WAITING):
                continue
            gaps = [
                (abs(other - at), other)
                for other, one, _state, kin in several
                if one != pk and (series is None or kin != series)
            ]
            if gaps and min(gaps)[0] <= SAME_TEXT:
                found[pk] = min(gaps)[1]
    return found

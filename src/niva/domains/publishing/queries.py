"""Named reads of posts, deliveries and publications, scoped through the one door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Case, Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Left
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Attempt, Delivery, Post, Publication, Variant, opening
from niva.domains.publishing.states import BY_HAND, FIRES, State
from niva.kit import full_text

DRAFT = "draft"
# Where the words of a post stand: its own, and those of its forms for one community.
SAYING = (("publishing_post", "id"), ("publishing_variant", "post_id"))
BY_HAND_LATE = timedelta(minutes=30)  # after its hour, what nobody has published by hand burns


class Item(NamedTuple):
    """One place in the plan: a delivery, or a draft's variant with an hour. `state` may also be "draft".

    `code` and `detail` say why it is in this state; `settled`: a person saw the fire and lets it be.
    """

    post_id: int
    variant_id: int
    delivery_id: int | None
    client_id: int
    community_id: int
    community: str
    network: str
    title: str
    at: datetime
    state: str
    code: str = ""
    rubric: str = ""
    settled: bool = False
    detail: str = ""


def plan(
    actor: Actor,
    *,
    since: datetime,
    until: datetime,
    client_id: int | None = None,
    community_ids: Iterable[int] | None = None,
) -> list[Item]:
    """Everything with an hour in [since, until), oldest first. Two queries whatever the count."""
    deliveries = access.visible(actor, Delivery.objects.filter(due_at__gte=since, due_at__lt=until))
    drafts = _drafts(actor, since=since, until=until)
    if client_id is not None:
        deliveries = deliveries.filter(client_id=client_id)
        drafts = drafts.filter(post__client_id=client_id)
    if community_ids is not None:
        chosen = list(community_ids)
        deliveries, drafts = deliveries.filter(community__in=chosen), drafts.filter(community__in=chosen)
    shared = ("community_id", "community__name", "community__network", "post__title")
    rows = deliveries.filter(post__deleted_at__isnull=True).annotate(
        words=_first_words(KeyTextTransform("text", "revision__content")),
        settled=Q(acknowledged_at__isnull=False),
        rubric_name=Coalesce("post__rubric__name", Value("")),
    )
    items = [
        _item(*row)
        for row in rows.values_list(
            "post_id", "variant_id", "pk", "client_id", *shared, "due_at", "state", "code", "rubric_name",
            "settled", "detail", "words",
        )
    ]  # fmt: skip
    unsent = drafts.annotate(
        words=_first_words("post__text"), rubric_name=Coalesce("post__rubric__name", Value(""))
    ).values_list("post_id", "pk", "post__client_id", *shared, "at", "rubric_name", "words")
    items += [
        _item(post, variant, None, *places, at, DRAFT, "", rubric, False, "", words)
        for post, variant, *places, at, rubric, words in unsent
    ]
    return sorted(items, key=lambda item: (item.at, item.post_id, item.variant_id))


def _drafts(actor: Actor, *, since: datetime, until: datetime) -> Any:
    """Variants with an hour and no delivery yet."""
    posts = access.visible(actor, Post.objects.filter(deleted_at__isnull=True))
    return (
        Variant.objects.filter(post__in=posts, community__archived_at__isnull=True)
        .annotate(at=Coalesce("planned_at", "post__planned_at"))
        .filter(
            Q(planned_at__gte=since, planned_at__lt=until)
            | Q(planned_at__isnull=True, post__planned_at__gte=since, post__planned_at__lt=until)
        )
        .filter(~Exists(Delivery.objects.filter(variant=OuterRef("pk"))))
    )


def _first_words(text: Any) -> Case:
    """The beginning of a text where there is no title: a month's whole texts would weigh megabytes."""
    return Case(When(post__title="", then=Left(text, 200)), default=Value(""))


def _item(*row: Any) -> Item:
    post, variant, delivery, client, community, name, network, title, *rest, words = row
    title = title or opening(words or "")
    return Item(post, variant, delivery, client, community, name, network, title, *rest)


def post_page(actor: Actor, post_id: int) -> Post:
    """A post with everything its page shows, in a bounded number of queries. Raises NotFound."""
    variants = Variant.objects.select_related(
        "community__credential__app", "community__client"
    ).prefetch_related(
        Prefetch(
            "deliveries",
            Delivery.objects.select_related("publication__revision", "revision").order_by("occurrence"),
        ),
        Prefetch("deliveries__attempts", Attempt.objects.order_by("id")),
    )
    rows = (
        Post.objects.filter(deleted_at__isnull=True)
        .select_related("client", "goal", "rubric", "updated_by", "created_by")
        .prefetch_related(Prefetch("variants", variants), "media__asset")
    )
    return access.get(actor, rows, post_id)


def posts(
    actor: Actor, *, client_id: int | None = None, state: str = "", text: str = ""
) -> QuerySet[Post, Post]:
    """Posts, newest change first. `state`: "draft" (nothing scheduled) or a delivery's; `text`: search."""
    rows = access.visible(actor, Post.objects.filter(deleted_at__isnull=True)).select_related(
        "client", "rubric"
    )
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    if state == DRAFT:
        rows = rows.filter(~Exists(Delivery.objects.filter(post=OuterRef("pk"))))
    elif state:
        rows = rows.filter(Exists(Delivery.objects.filter(post=OuterRef("pk"), state=state)))
    if text:
        rows = rows.filter(saying(text) | Q(title__icontains=text))
    deliveries = Delivery.objects.select_related("community", "publication").order_by("due_at")
    return rows.prefetch_related(
        Prefetch("deliveries", deliveries), "variants__community", "media__asset"
    ).order_by("-updated_at", "-id")


def saying(text: str) -> Q:
    """Posts whose words, or those of a form of theirs for one community, answer a question."""
    return Q(pk__in=full_text.saying(full_text.query_of(text), *SAYING))


def fires(actor: Actor) -> QuerySet[Delivery, Delivery]:
    """What a person must act on, the oldest hour first. What people took down themselves does not burn.

    What they are to publish by hand is not among them: see `by_hand`.
    """
    return (
        access.visible(actor, Delivery.objects.filter(state__in=FIRES))
        .exclude(state=State.REMOVED, code="taken_down")
        .exclude(state=State.HELD, code=BY_HAND)
        .filter(post__deleted_at__isnull=True, acknowledged_at__isnull=True)
        .select_related("client", "community", "post", "publication")
        .order_by("due_at", "id")
    )


class HeldGroup(NamedTuple):
    """Posts of one client that wait for a word for one reason. `only`: the delivery, if it is one."""

    client_id: int
    client: str
    zone: str
    code: str
    size: int
    first: datetime
    only: int | None


def held(actor: Actor, *, client_id: int | None = None, code: str = "") -> QuerySet[Delivery, Delivery]:
    """What is held, the oldest hour first; people's own tasks (`by_hand`) aside."""
    rows = access.visible(actor, Delivery.objects.filter(state=State.HELD, post__deleted_at__isnull=True))
    rows = rows.exclude(code=BY_HAND)
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    if code:
        rows = rows.filter(code=code)
    return rows.select_related("client", "community", "post").order_by("due_at", "id")


def held_groups(actor: Actor) -> list[HeldGroup]:
    """The held ones by client and reason, in one query."""
    rows = (
        held(actor)
        .select_related(None)
        .order_by()
        .values_list("client_id", "client__name", "client__time_zone", "code")
        .annotate(n=Count("id"), first=Min("due_at"), one=Min("id"))
        .order_by("first")
    )
    return [
        HeldGroup(client_id, client, zone, code, n, first, one if n == 1 else None)
        for client_id, client, zone, code, n, first, one in rows
    ]


def by_hand(actor: Actor) -> QuerySet[Delivery, Delivery]:
    """What people are to publish themselves, its hour having come, the oldest first.

    Nothing of a stopped client is: it would go out all the same.
    """
    rows = Delivery.objects.filter(
        state=State.HELD, code=BY_HAND, post__deleted_at__isnull=True, client__stopped_at__isnull=True
    )
    return access.visible(actor, rows).select_related("client", "community", "post").order_by("due_at", "id")


def burning(actor: Actor) -> int:
    """How many lines of «Today» burn, in two queries: held posts of one client and reason are one line.

    What is to be published by hand burns when it is late.
    """
    late = by_hand(actor).filter(due_at__lt=timezone.now() - BY_HAND_LATE).count()
    rows = fires(actor).select_related(None).order_by().values_list("state", "client_id", "code")
    counted = rows.annotate(n=Count("id"))
    return late + sum(1 if state == State.HELD else n for state, _client, _code, n in counted)


def on_time(actor: Actor, *, since: datetime) -> tuple[int, int]:
    """(published within five minutes of their hour, published at all) since a moment."""
    rows = access.visible(actor, Publication.objects.filter(published_at__gte=since)).values_list(
        "published_at", "delivery__due_at"
    )
    late = [(published - due).total_seconds() > 300 for published, due in rows]
    return late.count(False), len(late)


def count_by_state(actor: Actor, client_ids: Sequence[int], *, since: datetime) -> dict[tuple[int, str], int]:
    """(client, state) -> deliveries due since a moment."""
    rows = (
        access.visible(actor, Delivery.objects.filter(client__in=client_ids, due_at__gte=since))
        .values("client_id", "state")
        .annotate(n=Count("id"))
    )
    return {(row["client_id"], row["state"]): row["n"] for row in rows}

"""All posts: found by words, client and state, with where each of them stands in every community."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from niva.domains.clients import access
from niva.domains.clients.queries import clients
from niva.domains.people.errors import NotFound
from niva.domains.publishing import queries
from niva.domains.publishing.models import Post, PostMedia
from niva.domains.publishing.states import State
from niva.web.looks import look_of
from niva.web.people.doors import signed_in
from niva.web.posts.compose import actor_of

PER_PAGE: Final = 25
LONGEST_SEARCH: Final = 200
# The states one looks for; the passing ones of seconds are left out.
STATES: Final = (
    queries.DRAFT, State.QUEUED, State.PUBLISHED, State.WAITING, State.UNKNOWN, State.NEEDS_LOGIN,
    State.REJECTED, State.HELD, State.CANCELLED, State.REMOVED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a post stands: the communities (network, name, address of the post there) of one state."""

    state: str
    places: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One post of the list."""

    post: Post
    picture: PostMedia | None
    more_pictures: int
    standings: list[Standing]
    at: datetime | None
    may_write: bool


@signed_in
@require_safe
def posts(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    state = request.GET.get("state", "")
    if state not in STATES:
        state = ""
    choices = list(clients(actor))
    client_id = _chosen(request.GET.get("client", ""), {one.pk for one in choices})
    found = queries.posts(actor, client_id=client_id, state=state, text=text)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(post, may=access.may(actor, "write", client_id=post.client_id)) for post in page],
        "clients": choices,
        "client_id": client_id,
        "states": [(one, look_of(one).word) for one in STATES],
        "state": state,
        "text": text,
        "filtered": bool(text or state or client_id),
        "may_write": any(access.may(actor, "write", client_id=one.pk) for one in choices),
    }
    return render(request, "posts/list.html", context)


def _chosen(number: str, mine: set[int]) -> int | None:
    """The client asked for. Raises NotFound for one that he does not see."""
    if not number:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) < 19) or int(number) not in mine:
        raise NotFound("client")
    return int(number)


def _row(post: Post, *, may: bool) -> Row:
    files = list(post.media.all())
    standings: dict[str, Standing] = {}
    hours = []
    for state, place, at in _places(post):
        standings.setdefault(state, Standing(state, [])).places.append(place)
        hours += [at] if at is not None else []
    return Row(
        post=post,
        picture=files[0] if files else None,
        more_pictures=max(0, len(files) - 1),
        standings=list(standings.values()),
        at=min(hours, default=post.planned_at),
        may_write=may,
    )


def _places(post: Post) -> Iterator[tuple[str, tuple[str, str, str], datetime | None]]:
    """(state, place, hour): the last delivery of each community, or a draft where there is none yet."""
    last = {one.community_id: one for one in sorted(post.deliveries.all(), key=lambda one: one.occurrence)}
    for variant in post.variants.all():
        community = variant.community
        delivery = last.get(community.pk)
        if delivery is None:
            yield queries.DRAFT, (community.network, community.name, ""), variant.planned_at
            continue
        publication = getattr(delivery, "publication", None)
        url = publication.url if publication is not None and delivery.state != State.REMOVED else ""
        yield delivery.state, (community.network, community.name, url), delivery.due_at

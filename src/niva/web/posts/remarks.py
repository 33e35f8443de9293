"""What the composer says beside the networks' checks: equal texts, equal hours, the queue's next places."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.publishing.models import Post
from niva.domains.publishing.services.unroll import rule_of
from niva.flows import alike, queue
from niva.web.approvals.standing import standing_of
from niva.web.looks import network_name
from niva.web.repeats.views import series_of
from niva.web.repeats.words import sentence
from niva.web.templatetags.posts import weekday_hour


@dataclass(frozen=True, slots=True)
class Told:
    """A warning in words. `networks`: whose marks stand before it; `post_id`: the other post; `scatter`: the
    scatter answers it."""

    networks: list[str]
    what: str
    post_id: int = 0
    title: str = ""
    scatter: bool = False


@dataclass(frozen=True, slots=True)
class NextPlace:
    """When the queue would let it out, and where."""

    at: datetime
    networks: list[str]


def remarks_context(actor: Actor, post: Post) -> dict[str, Any]:
    """Everything that changes with what is typed; a fixed number of queries."""
    series = series_of(actor, post)
    is_pattern = series is not None and series.post_id == post.pk
    may = access.may(actor, "publish", client_id=post.client_id)
    spots = [] if is_pattern else queue.foresee(actor, post)
    zone, places = post.client.time_zone, _places(spots)
    return {
        "remarks": [_told(one, zone) for one in alike.remarks(actor, post)],
        "series": series,
        "is_pattern": is_pattern,
        "rule": sentence(rule_of(series)) if series is not None else "",
        "may_publish": may,
        "next_places": places,
        "own_hours": _own_hours(post),
        "approval_standing": standing_of(actor, post),
    }


def _places(spots: list[queue.Spot]) -> list[NextPlace]:
    by_moment: dict[datetime, list[str]] = defaultdict(list)
    for spot in spots:
        if spot.at is not None:
            by_moment[spot.at].append(spot.variant.community.network)
    return [NextPlace(at, networks) for at, networks in sorted(by_moment.items())]


def _own_hours(post: Post) -> list[NextPlace]:
    """Communities that leave at another hour than the post."""
    by_moment: dict[datetime, list[str]] = defaultdict(list)
    for variant in post.variants.all():
        if variant.planned_at is not None and variant.planned_at != post.planned_at:
            by_moment[variant.planned_at].append(variant.community.network)
    return [NextPlace(at, networks) for at, networks in sorted(by_moment.items())]


def _told(remark: alike.Remark, zone: str) -> Told:
    networks = list(dict.fromkeys(one.community.network for one in remark.variants))
    if remark.kind == "many" or remark.at is None:
        what = ngettext(
            "One text goes to %(n)s network as it is. Who reads you in several meets it again and again.",
            "One text goes to %(n)s networks as it is. Who reads you in several meets it again and again.",
            remark.count,
        ) % {"n": remark.count}
        return Told(networks, what, scatter=True)
    community = remark.variants[0].community
    params = {
        "name": community.name,
        "network": network_name(community.network),
        "when": weekday_hour(remark.at, zone),
    }
    if remark.kind == "hour":
        what = _("At nearly the same hour “%(name)s” gets another post, %(when)s:") % params
    elif remark.exact:
        what = _("“%(name)s” gets this very text on %(when)s already:") % params
    else:
        what = _("“%(name)s” gets nearly this text on %(when)s already:") % params
    return Told(networks, what, remark.post_id, remark.title)

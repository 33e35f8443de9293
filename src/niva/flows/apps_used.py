"""What rests on each developer app: which communities, how much of its limits is used, what is blocked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from niva.domains.clients import access
from niva.domains.communities import queries
from niva.domains.communities.models import Community, Credential, DeveloperApp
from niva.domains.people.actor import Actor
from niva.domains.publishing.delivery.buckets import Lane, share_used
from niva.domains.publishing.models import Bucket
from niva.networks.base.rates import Rate
from niva.networks.registry import all_networks


@dataclass(slots=True)
class AppUse:
    """`count`: connected communities, of which `communities` are those that the person sees.

    `share`: how much of the tightest limit is used now, 0 to 1: of the app's own limit where the network has
    one, else of its busiest account; None where nothing is counted. `blocked_until`: the network itself
    stopped the app, or the account of every community of it.
    """

    app: DeveloperApp
    count: int = 0
    communities: list[Community] = field(default_factory=list)
    share: float | None = None
    blocked_until: datetime | None = None

    @property
    def percent(self) -> int | None:
        return None if self.share is None else round(self.share * 100)


def uses(actor: Actor, network: str = "") -> list[AppUse]:
    """The apps of the workspace, by network and name. Four queries whatever their number."""
    apps = list(queries.apps(actor, network))
    rows = list(
        Credential.objects.filter(app__in=apps, community__archived_at__isnull=True)
        .select_related("community")
        .order_by("community__name", "pk")
    )
    mine = set(access.visible(actor, Community.objects.all()).values_list("pk", flat=True))
    lanes = {row.pk: lane for row in rows if (lane := _lane(row, apps)) is not None}
    buckets = _buckets(lanes.values())
    return [_use(app, [row for row in rows if row.app_id == app.pk], lanes, buckets, mine) for app in apps]


def _lane(row: Credential, apps: Sequence[DeveloperApp]) -> Lane | None:
    found = all_networks().get(row.community.network)
    app = next(app for app in apps if app.pk == row.app_id)
    return None if found is None else Lane.of(found.manifest, row.community_id, row.facts, app.app_id)


def _limits(lane: Lane) -> list[tuple[str, Rate]]:
    """The rates that tell how busy an app is, with their buckets."""
    own = [rate for rate in lane.manifest.rates if rate.scope == "app"]
    counted = own or [rate for rate in lane.manifest.rates if rate.scope == "account"]
    return [(f"{lane.key(rate.scope)}:{rate.name}", rate) for rate in counted]


def _buckets(lanes: Iterable[Lane]) -> dict[str, Bucket]:
    names: set[str] = set()
    for lane in lanes:
        names |= {key for key, _rate in _limits(lane)}
        names |= {key for key in (lane.key("app"), lane.key("account")) if key}
    return Bucket.objects.in_bulk(list(names))


def _use(
    app: DeveloperApp,
    rows: Sequence[Credential],
    lanes: dict[int, Lane],
    buckets: dict[str, Bucket],
    mine: set[int],
) -> AppUse:
    now = timezone.now()
    use = AppUse(app, len(rows), [row.community for row in rows if row.community_id in mine])
    blocks = []
    for row in rows:
        lane = lanes.get(row.pk)
        if lane is None:
            continue
        for key, rate in _limits(lane):
            bucket = buckets.get(key)
            used = share_used(bucket.full_at, rate, now) if bucket else 0.0
            use.share = max(use.share or 0.0, used)
        blocks.append(max(_block(buckets, lane.key("app"), now), _block(buckets, lane.key("account"), now)))
    if blocks and (end := min(blocks)) > now:
        use.blocked_until = end
    return use


def _block(buckets: dict[str, Bucket], key: str | None, now: datetime) -> datetime:
    bucket = buckets.get(key or "")
    return bucket.blocked_until if bucket and bucket.blocked_until else now

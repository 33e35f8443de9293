"""Looking a community over: the network is asked, its pictures are fetched, its links are followed.

Addresses of pictures and links come from outside and are believed in nothing: every call goes through the
guard, hops, seconds and bytes are bounded, and what a server calls a picture is opened as an unknown file.
An inner host may be called only by a community that lives on it (the practice network).
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import aiohttp
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.communities.models import Community, CommunityState
from niva.domains.condition import checklists, services
from niva.domains.condition.models import Cause, Check, Condition
from niva.domains.condition.rules import Ground
from niva.domains.condition.rules.pictures import safe_box
from niva.domains.condition.rules.words import all_links
from niva.domains.condition.seen import Link, Seen, Shown, unpack
from niva.domains.metrics.models import Latest, Subject
from niva.domains.people.actor import Actor
from niva.domains.people.models import User
from niva.domains.publishing.models import Publication
from niva.flows.talk import Line, at_once, inner_hosts, later
from niva.kit import images, pictures_judged
from niva.kit.jobs.django import enqueue, enqueue_many, in_thread
from niva.kit.net.guard import Allowed, guarded_connector
from niva.kit.net.links import where_it_leads
from niva.kit.net.preview import PreviewFailed, download
from niva.networks.base.errors import NetworkError
from niva.networks.base.network import Call, Network
from niva.networks.base.profile import Picture, Profile
from niva.networks.registry import all_networks, get_network

MOST_PICTURE: Final = 20 * 1024 * 1024  # bytes; no network shows an avatar or a cover half as heavy
PICTURE_SECONDS: Final = 15.0
MOST_LINKS: Final = 20
LINKS_AT_ONCE: Final = 4
# What a server calls it does not matter much: the file is opened as what it is.
MIMES: Final = ("image/jpeg", "image/png", "image/webp", "image/gif", "application/octet-stream")
NIGHT: Final = range(2, 6)  # hours of the community's own clock
RESTED: Final = timedelta(hours=12)  # two looks of one night are one too many
OVERDUE: Final = timedelta(hours=36)  # a desk that is off at night looks by day
AT_A_TIME: Final = 200
SPREAD: Final = timedelta(minutes=20)


def ask(*, actor: Actor, community_id: int) -> Community:
    """“Check now”: handed to the worker, which tells how far it is. Raises NotFound, Forbidden, Invalid."""
    with transaction.atomic():
        community = services.ask_for_look(actor=actor, community_id=community_id)
        payload = {
            "community": community.pk,
            "cause": Cause.HAND,
            "by": actor.user.pk if actor.user else None,
        }
        enqueue("condition", payload, key=f"condition:{community.pk}", priority=1)
    return community


def hand_out() -> int:
    """Have every connected community looked over once a night, by its own clock; returns how many."""
    now = timezone.now()
    recent = Condition.objects.filter(tried_at__gt=now - RESTED).values("community_id")
    rows = Community.objects.filter(
        state=CommunityState.CONNECTED,
        archived_at__isnull=True,
        client__archived_at__isnull=True,
        created_at__lt=now - RESTED,  # who has just been added is still being set up
    ).exclude(pk__in=recent)
    rows = rows.annotate(tried_at=Max("condition__tried_at")).order_by("tried_at", "pk")
    due = [row for row in rows[: AT_A_TIME * 5] if _is_due(row.time_zone, row.tried_at, now)][:AT_A_TIME]
    enqueue_many(
        "condition",
        [
            (
                {"community": row.pk, "cause": Cause.NIGHT, "by": None},
                now + SPREAD * place / max(len(due), 1),
                f"condition:{row.pk}",
            )
            for place, row in enumerate(due)
        ],
        priority=-2,
    )
    return len(due)


def _is_due(zone: str, tried_at: datetime | None, now: datetime) -> bool:
    if tried_at is not None and now - tried_at > OVERDUE:
        return True
    return now.astimezone(ZoneInfo(zone)).hour in NIGHT


async def look(line: Line, *, community_id: int, cause: str, by: int | None) -> None:
    """Look one community over and judge it. A network that says no leaves its reason behind."""
    found = await in_thread(_what, community_id, by)
    if found is None:
        return
    community, facts, person = found
    network = get_network(community.network)
    try:
        profile = await _profile(line, community, network)
    except NetworkError as error:
        # Keys that may not read the settings may still publish: the daily try decides on them, not this.
        await in_thread(_saw_nothing, community, error, cause, person)
        return
    if isinstance(profile, datetime):
        raise later(profile, "limit")
    profile = await in_thread(with_own, community, profile)
    ground = checklists.ground_of(community.network, facts, timezone.now())
    seen = await _seen(community, profile, ground, homes(community.network, facts))
    await in_thread(_saw, community, seen, cause, person)


def _what(community_id: int, by: int | None) -> tuple[Community, dict[str, Any], User | None] | None:
    row = (
        Community.objects.select_related("credential")
        .filter(pk=community_id, archived_at__isnull=True)
        .first()
    )
    if row is None or row.network not in all_networks():
        return None
    credential = getattr(row, "credential", None)
    services.begin(row)
    return (
        row,
        dict(credential.facts) if credential else {},
        User.objects.filter(pk=by).first() if by else None,
    )


async def _profile(line: Line, community: Community, network: Network) -> Profile | datetime:
    """What the network tells; nothing at all where it has no call for it."""
    if "profile" not in network.manifest.abilities:
        return Profile()
    return await line.reading(community.pk, network, network.read_profile)


def _saw(community: Community, seen: Seen, cause: str, by: User | None) -> Check:
    return services.saw(community, seen, cause=cause, by=by)


def _saw_nothing(community: Community, error: NetworkError, cause: str, by: User | None) -> Check:
    return services.saw_nothing(community, error.code, error.detail, cause=cause, by=by)


def with_own(community: Community, profile: Profile) -> Profile:
    """With what the desk knows by itself, where the network does not tell: its last post, its followers."""
    told = profile.last_post_at
    if told is None:
        out = Publication.objects.filter(community=community).exclude(sight=Publication.Sight.REMOVED)
        told = out.aggregate(last=Max("published_at"))["last"]
    followers = profile.followers
    if followers is None:
        counted = Latest.objects.filter(
            subject=Subject.COMMUNITY, subject_id=community.pk, community=community, metric="followers"
        ).first()
        followers = int(counted.value) if counted else None
    return replace(profile, last_post_at=told, followers=followers)


async def _seen(community: Community, profile: Profile, ground: Ground, allowed: Allowed) -> Seen:
    """Pictures and links, one after the other, with a word on how far it is."""
    links = all_links(profile)[:MOST_LINKS]
    steps = 3 + len(links)
    await in_thread(services.progress, community, "avatar", 1, steps)
    avatar = await fetched(profile.avatar, allowed)
    await in_thread(services.progress, community, "cover", 2, steps)
    cover = await fetched(profile.cover, allowed, safe_box(ground))
    await in_thread(services.progress, community, "links", 3, steps)
    return Seen(
        profile=profile,
        reads=checklists.reads_of(community.network),
        avatar=avatar,
        cover=cover,
        links=await followed(links, allowed),
    )


def homes(network: str, facts: Mapping[str, Any]) -> frozenset[tuple[str, int]]:
    """The inner hosts at which this community itself lives, by the addresses in its keys' facts; the practice
    network inside this desk needs none."""
    found = set()
    within = network == "practice" and not facts.get("api_base")
    for value in (*facts.values(), *((settings.PRACTICE_URL,) if within else ())):
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            parts = urlsplit(value)
            found.add((parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)))
    return inner_hosts() & found


async def fetched(
    picture: Picture | None, allowed: Allowed, box: tuple[float, float] | None = None
) -> Shown | None:
    """A picture fetched and measured; None where there is none. Never raises for what a server does."""
    if picture is None or not picture.url:
        return None
    with tempfile.TemporaryDirectory(prefix="niva-look-") as folder:
        path = Path(folder) / "picture"
        try:
            await download(
                picture.url, path, most=MOST_PICTURE, mimes=MIMES, allowed=allowed, seconds=PICTURE_SECONDS
            )
            return await asyncio.to_thread(measure, path, box)
        except PreviewFailed as error:
            return Shown(code=_UNFETCHED.get(error.code, "unreachable"))
        except images.Broken as error:
            return Shown(code="too_many_pixels" if error.code == "too_many_pixels" else "not_a_picture")


_UNFETCHED: Final = {
    "address_inside": "address_inside",
    "not_an_image": "not_a_picture",
    "too_large": "too_many_pixels",
}


def measure(path: Path, box: tuple[float, float] | None) -> Shown:
    """What can be told of a picture file. Raises images.Broken for what is none, or not to be opened."""
    image = images.open_image(path)
    with images.decoding():
        return Shown(
            width=image.width,
            height=image.height,
            legible=round(pictures_judged.legible_at(image), 3),
            contrast=round(pictures_judged.contrast(image), 2),
            corners=round(pictures_judged.lost_in_circle(image), 3),
            outside=round(pictures_judged.lost_outside(image, *box), 3) if box else None,
        )


async def followed(links: tuple[str, ...], allowed: Allowed) -> tuple[Link, ...]:
    """Where every link leads, some at once."""
    turns = asyncio.Semaphore(LINKS_AT_ONCE)

    async def one(session: aiohttp.ClientSession, url: str) -> Link:
        async with turns:
            led = await where_it_leads(session, url, allowed=allowed)
            return Link(url, led.state, led.code, led.status)

    connector = guarded_connector(allowed, limit=LINKS_AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        return tuple(await asyncio.gather(*(one(session, url) for url in links)))


def mend(*, actor: Actor, community_id: int, item: str, changes: Mapping[str, Any]) -> Check:
    """Write it into the network and look at once whether it is there.

    Raises NotFound, Forbidden and the errors of networks; when nothing was written, nothing is kept.
    """
    rows = Community.objects.select_related("credential")
    community = access.get(actor, rows, community_id, can="publish")

    async def write(network: Network, call: Call) -> Profile | None:
        await network.write_profile(call, changes)
        try:
            return await network.read_profile(call)
        except NetworkError:
            return None  # it is written; the next look will see it

    profile = at_once(community, write)
    seen = _again(actor, community, profile) if profile else None
    return services.mended(actor=actor, community_id=community.pk, item=item, changes=changes, seen=seen)


def _again(actor: Actor, community: Community, profile: Profile) -> Seen:
    """The profile as it is now; pictures and links as they were seen last, new links are followed."""
    row = access.visible(actor, Condition.objects.filter(community=community)).first()
    before = unpack(row.seen) if row and row.seen else None
    profile = with_own(community, profile)
    known = {link.url: link for link in before.links} if before else {}
    links = all_links(profile)[:MOST_LINKS]
    allowed = homes(community.network, community.credential.facts)
    fresh = asyncio.run(followed(tuple(url for url in links if url not in known), allowed))
    known |= {link.url: link for link in fresh}
    return Seen(
        profile=profile,
        reads=checklists.reads_of(community.network),
        avatar=before.avatar if before else None,
        cover=before.cover if before else None,
        links=tuple(known[url] for url in links if url in known),
    )

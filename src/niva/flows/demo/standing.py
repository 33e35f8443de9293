"""How the demo's pages stand: their settings on the practice network, and the desk's look at them.

Nobody is called: the network is not up yet while the demo is made. What a look would bring is read from the
network's own store by its own code, so a later “check now” sees the same.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import Any, Final

from django.db.models import F

from niva.domains.communities.models import Community
from niva.domains.condition import checklists, services
from niva.domains.condition.models import Answer, Cause, Check, Finding
from niva.domains.condition.rules.pictures import safe_box
from niva.domains.condition.rules.words import all_links
from niva.domains.condition.seen import Link, Seen, Shown
from niva.flows.condition import measure
from niva.flows.demo import pictures
from niva.flows.demo.cast import Made, Place
from niva.networks.practice.client import base_url
from niva.networks.practice.profile import parse
from niva.networks.practice.server import profiles
from niva.networks.practice.server.settings_api import profile_json
from niva.networks.practice.server.store import Draft, Store

SAID_BEFORE: Final = dt.timedelta(days=12)
_SITE: Final = re.compile(r"/site/(?P<handle>[^/?#]+)(?:\?.*)?")


def plant(place: Place, store: Store, now: dt.datetime) -> None:
    """Set the page up as `profile` tells, with its pictures and its pinned post."""
    told, page = place.told.profile, place.page
    site = f"{base_url({})}/site/{page.handle}"
    body: dict[str, Any] = {name: _filled(value, site) for name, value in told.told.items()}
    for field, drawing in (("avatar", told.avatar), ("cover", told.cover)):
        if drawing:
            alt = pictures.alt(drawing[0])
            body[field] = profiles.add_picture(store, page, _drawn(field, *drawing), alt)
    if told.old is not None:
        at = (now - dt.timedelta(days=told.old["ago"])).timestamp()
        pinned, _ = store.add_post(page, Draft(text=told.old["text"].strip()), created_at=at, pace=1.0)
        body["pinned"] = str(pinned.id)
    elif told.pinned and (posts := store.posts(page, limit=1000)):
        body["pinned"] = str(posts[-1].id)
    profiles.change(store, page, body, planted=True)


def _filled(value: Any, site: str) -> Any:
    if isinstance(value, list):
        return [_filled(one, site) for one in value]
    return value.replace("{site}", site) if isinstance(value, str) else value


@cache
def _drawn(field: str, name: str, *sizes: int) -> bytes:
    return pictures.avatar(name, *sizes) if field == "avatar" else pictures.cover(name, *sizes)


def look(made: Made, place: Place, store: Store, now: dt.datetime) -> None:
    """What the night's look saw, judged; what people answered; and that keys were taken back since."""
    community, page = place.community, store.community(place.page.handle)
    assert page is not None
    profile = parse(profile_json(store, base_url({}), page))
    kept = profiles.settings(store, page)
    ground = checklists.ground_of(community.network, {}, now)
    seen = Seen(
        profile=profile,
        reads=checklists.reads_of(community.network),
        avatar=_shown(store, kept["avatar"]),
        cover=_shown(store, kept["cover"], safe_box(ground)),
        links=tuple(_led(store, url) for url in all_links(profile)),
    )
    services.saw(community, seen, cause=Cause.NIGHT)
    for item, state in place.told.profile.said.items():
        services.answer(actor=made.owner, community_id=community.pk, item=item, state=state)
    _long_ago(community)
    services.saw(community, seen, cause=Cause.NIGHT)
    if place.told.revoked:
        services.saw_nothing(community, "token_revoked", cause=Cause.NIGHT)


def _long_ago(community: Community) -> None:
    """All of it happened some time before the last night."""
    for rows, fields in (
        (Check.objects, ("at",)),
        (Finding.objects, ("since",)),
        (Answer.objects, ("answered_at", "recheck_at")),
    ):
        rows.filter(community=community).update(**{name: F(name) - SAID_BEFORE for name in fields})


def _shown(store: Store, media: str | None, box: tuple[float, float] | None = None) -> Shown | None:
    return measure(store.media_folder / media, box) if media else None


def _led(store: Store, url: str) -> Link:
    """Where a link of the demo leads: to a website of the practice world, to nothing in it, or nowhere."""
    base = base_url({})
    if not url.startswith(f"{base}/"):
        return Link(url, "dead", "no_server")  # names under .example belong to nobody (RFC 2606)
    match = _SITE.fullmatch(url.removeprefix(base))
    if match and store.community(match["handle"]) is not None:
        return Link(url, "alive", status=200)
    return Link(url, "dead", "status", 404)

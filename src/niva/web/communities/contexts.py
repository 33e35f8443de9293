"""What the pages of communities show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from niva.domains.clients import access
from niva.domains.communities import queries
from niva.domains.communities.models import Community, CommunityState, Feed, Slot
from niva.domains.communities.services import only_by_hand
from niva.domains.condition.queries import condition
from niva.domains.people.actor import Actor
from niva.domains.publishing.delivery.public import base_address
from niva.flows import client_numbers
from niva.flows import feed as feeds
from niva.flows.apps_used import uses
from niva.flows.connect import registers_itself
from niva.flows.foretell import foretell
from niva.kit.text import number
from niva.networks.base.manifest import Manifest
from niva.networks.registry import all_networks, get_network
from niva.web import endings
from niva.web.clients.contexts import community_views, post_view
from niva.web.communities.forms import LATE, WEEKDAYS
from niva.words import Sentence, describe

SOON = timedelta(days=14)
ABILITY_WORDS: dict[str, str | Promise] = {
    "text": gettext_lazy("publish texts"),
    "image": gettext_lazy("publish pictures"),
    "album": gettext_lazy("publish albums"),
    "video": gettext_lazy("publish video"),
    "animation": gettext_lazy("publish animations"),
    "link": gettext_lazy("show links as cards"),
    "poll": gettext_lazy("make polls"),
    "story": gettext_lazy("publish stories"),
    "reel": gettext_lazy("publish short upright videos"),
    "first_comment": gettext_lazy("write the first comment"),
    "thread": gettext_lazy("publish a chain of posts"),
    "edit": gettext_lazy("change what is out"),
    "delete": gettext_lazy("take down what is out"),
    "read_back": gettext_lazy("look whether a post is alive"),
    "look_up": gettext_lazy("find a post after a broken connection"),
    "own_key": gettext_lazy("send twice without doubling"),
    "post_numbers": gettext_lazy("read the numbers of posts"),
    "community_numbers": gettext_lazy("read the numbers of the community"),
    "comments": gettext_lazy("read comments"),
    "comment_answer": gettext_lazy("answer comments"),
    "messages": gettext_lazy("read private messages"),
    "message_answer": gettext_lazy("answer private messages"),
    "mentions": gettext_lazy("see who mentions the community"),
    "profile": gettext_lazy("look how the community is set"),
    "profile_write": gettext_lazy("change how the community is set"),
}


def ability_words(abilities: Sequence[str]) -> list[str]:
    return [str(ABILITY_WORDS[ability]) for ability in abilities]


# The guide of the practice network names its usual address; here it may have another port.
USUAL_PRACTICE = "http://127.0.0.1:8131"


def guide(manifest: Manifest) -> SafeString:
    """The network's guide as HTML. HTML inside the Markdown is shown as text, links open apart."""
    renderer = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
    text = manifest.guide(get_language() or "ru").replace(USUAL_PRACTICE, settings.PRACTICE_URL)
    tokens = renderer.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h2" if token.tag == "h1" else "h3"  # the page has its own first heading
        for child in token.children or ():
            if child.type == "link_open":
                child.attrs |= {"rel": "noopener noreferrer", "target": "_blank"}
            elif child.type == "image":
                child.type, child.content = "text", child.content
    html = str(renderer.renderer.render(tokens, renderer.options, {}))
    return SafeString(html)  # html is off above


@dataclass(frozen=True, slots=True)
class KeysView:
    """What may be said of keys: when, until when, what they lack. Never the keys."""

    saved_at: datetime
    checked_at: datetime | None
    expires_at: datetime | None
    ends_soon: bool
    ended: bool
    lacks: list[str]
    app: str


def keys_view(community: Community) -> KeysView | None:
    row = getattr(community, "credential", None)
    if row is None:
        return None
    now = timezone.now()
    return KeysView(
        saved_at=row.updated_at,
        checked_at=row.checked_at,
        expires_at=None if row.facts.get("renews") else row.expires_at,
        ends_soon=not row.facts.get("renews")
        and row.expires_at is not None
        and now < row.expires_at < now + SOON,
        ended=row.expires_at is not None and row.expires_at <= now,
        lacks=ability_words(row.lacks),
        app=row.app.name if row.app else "",
    )


@dataclass(frozen=True, slots=True)
class FeedView:
    """`address`: "" while it is not open or nobody outside can reach it; `pieces`: how many stand in it."""

    is_open: bool
    address: str
    feed: Feed | None
    pieces: int


def feed_view(community: Community) -> FeedView | None:
    """The feed of a community whose network imports one."""
    if feeds.network_of(community) is None:
        return None
    feed = Feed.objects.filter(community=community).first()
    if feed is None or community.state != CommunityState.CONNECTED:
        return FeedView(False, "", None, 0)
    return FeedView(True, feeds.address_of(feed), feed, len(feeds.pieces(community)))


def foretold(actor: Actor, community: Community) -> str:
    """The posts that will not leave, because the keys end: one sentence, or ""."""
    if community.archived_at is not None:
        return ""
    now = timezone.now()
    found = foretell(actor, now, community_id=community.pk)
    if not found or not (found[0].posts or found[0].series):
        return ""
    one = found[0]
    said = [endings.loss(one, now), endings.repeats(one)]
    if one.ending.why != "needs_login":  # else the page says it already
        said.append(endings.cause(one))
    return " ".join(filter(None, said))


def _other_apps(actor: Actor, community: Community) -> bool:
    """Whether it could be connected through another app than now."""
    row = getattr(community, "credential", None)
    if row is None or row.app_id is None:
        return False
    return queries.apps(actor, community.network).exclude(pk=row.app_id).exists()


def _apps(actor: Actor, community: Community, by_oauth: bool) -> dict[str, Any]:
    """The apps to choose from, with what rests on each, and the one to begin with."""
    found = uses(actor, community.network) if by_oauth else []
    row = getattr(community, "credential", None)
    now_through = row.app_id if row else None
    free = sorted(found, key=lambda use: (use.blocked_until is not None, use.count, use.share or 0))
    current = next((use for use in found if use.app.pk == now_through and not use.blocked_until), None)
    first = current or (free[0] if free else None)
    return {
        "apps": found,
        "first_app": first.app.pk if first else None,
        "now_through": next((use.app for use in found if use.app.pk == now_through), None),
    }


def reason(community: Community) -> Sentence | None:
    """Why the network wants the person again."""
    if community.state != CommunityState.NEEDS_LOGIN:
        return None
    return describe(community.state_reason or "bad_token")


@dataclass(frozen=True, slots=True)
class Day:
    """One weekday with its slots."""

    name: str | Promise
    number: int
    slots: list[Slot]


def week(community: Community) -> list[Day]:
    slots = list(community.slots.all())
    return [
        Day(name, number, [slot for slot in slots if slot.weekday == number]) for number, name in WEEKDAYS
    ]


def late_words(minutes: int) -> str:
    """How late a post may still go out, said as people say it: "3 hours", "a day", "90 minutes"."""
    known = dict(LATE).get(minutes)
    if known is not None:
        return str(known)
    if minutes % 1440 == 0:
        days = minutes // 1440
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if minutes % 60 == 0:
        hours = minutes // 60
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def frame(actor: Actor, community: Community) -> dict[str, Any]:
    """The head of the page."""
    found = all_networks().get(community.network)
    return {
        "community": community,
        "client": community.client,
        "manifest": found.manifest if found else None,
        "may": {
            can: access.may(actor, can, client_id=community.client_id)
            for can in ("connect", "write", "goals", "publish")
        },
    }


def page(actor: Actor, community: Community) -> dict[str, Any]:
    """The community's own page: keys, slots, followers, what went out."""
    view = community_views(actor, [community])[0]
    posts = client_numbers.recent_publications(
        actor, client_id=community.client_id, community_id=community.pk, limit=8
    )
    return {
        **frame(actor, community),
        "keys": keys_view(community),
        "reason": reason(community),
        "foretold": foretold(actor, community),
        "other_apps": _other_apps(actor, community),
        "week": week(community),
        "slots_count": sum(len(day.slots) for day in week(community)),
        "view": view,
        "posts": [post_view(recent) for recent in posts],
        "communities_count": 1,
        "late": late_words(community.late_minutes),
        "condition": condition(actor, community),
        "only_by_hand": only_by_hand(community.network),
        "feed": feed_view(community),
    }


def connect_page(actor: Actor, community: Community) -> dict[str, Any]:
    """The ways to connect, with the person's guide beside them."""
    manifest = get_network(community.network).manifest
    return {
        **frame(actor, community),
        "guide": guide(manifest),
        "reason": reason(community),
        "keys": keys_view(community),
        "by_keys": "keys" in manifest.connect,
        "by_oauth": "oauth" in manifest.connect,
        "by_itself": registers_itself(community.network),
        "only_by_hand": only_by_hand(community.network),
        "by_feed": "feed" in manifest.connect,
        "has_address": bool(base_address()),
        **_apps(actor, community, "oauth" in manifest.connect),
        "may_apps": actor.everywhere,
    }


def found_words(count: int | None) -> str:
    """How many followers the test button was told."""
    return _("followers: %(n)s") % {"n": number(count, get_language() or "ru")}

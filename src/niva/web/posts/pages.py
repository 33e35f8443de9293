"""What the composer's page and its fragments show, prepared for the templates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from niva.domains.clients import access
from niva.domains.clients.models import Goal
from niva.domains.communities.models import Community
from niva.domains.communities.queries import of_client
from niva.domains.people.actor import Actor
from niva.domains.publishing import queries
from niva.domains.publishing.models import Asset, Post, PostMedia, Variant
from niva.domains.publishing.services.media import LARGEST_VIDEO
from niva.domains.publishing.states import STILL_OURS, State
from niva.domains.strategy.models import Rubric
from niva.domains.strategy.queries import rubrics
from niva.flows.holes import next_free_slot
from niva.web.posts import checks
from niva.web.posts.framed import converting_context, covers_of
from niva.web.posts.options import OptionBox, boxes_of
from niva.web.posts.previews import previews_of
from niva.web.posts.remarks import remarks_context
from niva.web.posts.typed import Errors, Typed, boxes, lay_over

COMMON_FIELDS: Final = ("title", "rubric", "text", "link", "media", "poll", "first_comment", "communities")
POLL_HOURS: Final = (("", _("as the network does")), (86_400, _("1 day")), (259_200, _("3 days")),
                     (604_800, _("a week")))  # fmt: skip
# How the services call a field, and how the page does.
_PLACES: Final = {"link_url": "link", "goal": "goal", "at": "at", "variants": "communities", "": "form"}
SLOTS_AHEAD: Final = timedelta(days=28)


@dataclass(slots=True)
class Choice:
    """A community that may be chosen. `locked`: the post is there or on its way there already."""

    community: Community
    chosen: bool
    locked: bool

    @property
    def is_connected(self) -> bool:
        return self.community.takes_posts


@dataclass(slots=True)
class Panel:
    """A community's tab: its line and the boxes of its own."""

    line: checks.Line
    options: list[OptionBox]
    files: list[tuple[Asset, bool]]
    hour_said: list[str]
    day: str = ""
    at: str = ""
    slot: datetime | None = None

    @property
    def zone(self) -> str:
        """The community's own clock."""
        return self.variant.community.time_zone

    @property
    def variant(self) -> Variant:
        return self.line.variant

    @property
    def has_chain(self) -> bool:
        return "thread" in self.line.check.abilities

    @property
    def has_comment(self) -> bool:
        return "first_comment" in self.line.check.abilities


def checked_context(post: Post, errors: Errors) -> dict[str, Any]:
    """What hangs on the checks: everything that a save answers with."""
    lines = checks.lines_of(post)
    standing = checks.standing_of(lines)
    hour = checks.hour_words(post.planned_at, [line.delivery for line in standing.scheduled if line.delivery])
    places = {_PLACES.get(name, name): sentences for name, sentences in errors.items()}
    fields = [*COMMON_FIELDS, "goal", "at", "form"]
    return {
        "post": post,
        "zone": post.client.time_zone,
        "lines": lines,
        "panels": [_panel(line, errors) for line in lines],
        "standing": standing,
        "hour": hour,
        "previews": previews_of(lines, hour),
        "said": {name: {"own": places.get(name, []), "of": checks.at_field(lines, name)} for name in fields},
        "common_over": checks.common_over(lines),
        "can_split": checks.names(line for line in lines if line.can_split),
        "cannot_split": checks.names(line for line in lines if line.is_too_long and not line.can_split),
        "has_comment": any("first_comment" in line.check.abilities for line in lines),
        "has_poll": any("poll" in line.check.abilities for line in lines) or bool(post.poll),
        **converting_context(post),
        "is_moved": _is_moved(post, standing),
        "is_out_everywhere": bool(lines) and not standing.of,
        "refused_approval": " ".join(errors.get("approval", ())),
    }


def page_context(actor: Actor, post: Post, typed: Typed | None = None) -> dict[str, Any]:
    """The whole page; with `typed` laid over what is saved, so that nothing typed is lost."""
    if typed is not None:
        lay_over(post, typed)
    day, at = (typed.day, typed.at) if typed else boxes(post.planned_at, post.client.time_zone)
    context = checked_context(post, typed.errors if typed else {})
    slots = _free_slots(actor, post)
    _fill_hours(context["panels"], typed, slots)
    return {
        **context,
        **remarks_context(actor, post),
        "day": day,
        "at": at,
        "files": _typed_files(actor, post, typed),
        "covers": covers_of(actor, post),
        "choices": _choices(actor, post, typed),
        "goals": _goals(actor, post),
        "rubrics": _rubrics(actor, post),
        "poll": post.poll or {"options": ["", ""], "anonymous": True},
        "poll_hours": POLL_HOURS,
        "slot": min(slots.values(), default=None),
        "largest": LARGEST_VIDEO,
        "version": post.version,
    }


def _panel(line: checks.Line, errors: Errors) -> Panel:
    variant = line.variant
    day, at = boxes(variant.planned_at, variant.community.time_zone)
    said = errors.get(f"at-{variant.pk}", [])
    return Panel(line, boxes_of(variant), _files(variant), said, day, at)


def _fill_hours(panels: list[Panel], typed: Typed | None, slots: dict[int, datetime]) -> None:
    """The boxes of the communities' own hours as they were typed, and what the desk would propose."""
    for panel in panels:
        if typed is not None and panel.variant.pk in typed.hours:
            panel.day, panel.at = typed.hours[panel.variant.pk]
        panel.slot = slots.get(panel.variant.community_id)


def fragments(request: HttpRequest, context: dict[str, Any]) -> dict[str, str]:
    """Selector -> HTML of everything that changes with what is typed."""
    found: dict[str, str] = {
        f"#say-{name}": render_to_string("posts/said.html", {"said": said}, request)
        for name, said in context["said"].items()
    }
    found["#split"] = render_to_string("posts/split.html", context, request)
    for panel in context["panels"]:
        pk = panel.variant.pk
        found[f"#mark-{pk}"] = render_to_string("posts/mark.html", {"line": panel.line})
        for part in panel.line.parts:
            found[f"#part-{pk}-{part.number}"] = render_to_string("posts/part_count.html", {"part": part})
        found[f"#say-at-{pk}"] = render_to_string("posts/said.html", {"said": {"own": panel.hour_said}})
        found[f"#said-{pk}"] = render_to_string("posts/said_own.html", {"line": panel.line})
        found[f"#files-{pk}"] = render_to_string("posts/own_files.html", {"panel": panel})
    for name in (
        "limits",
        "converting",
        "previews",
        "ready",
        "stale",
        "hour",
        "card",
        "remarks",
        "queue_places",
        "approval",
    ):
        found[f"#{name}"] = render_to_string(f"posts/{name}.html", context, request)
    return found


def over_marks(context: dict[str, Any]) -> dict[str, int]:
    """Textarea's name -> where the surplus begins, in UTF-16 units."""
    found = {
        f"text-{line.variant.pk}": line.in_utf16 for line in context["lines"] if line.in_utf16 is not None
    }
    if context["common_over"] is not None:
        found["text"] = context["common_over"]
    return found


def _files(variant: Variant) -> list[tuple[Asset, bool]]:
    chosen = variant.own_media
    return [(item.asset, chosen is None or item.asset_id in chosen) for item in variant.post.media.all()]


def _typed_files(actor: Actor, post: Post, typed: Typed | None) -> list[PostMedia]:
    """The files as they stand on the page; typed ones that are not his to see were refused before."""
    if typed is None or typed.media is None:
        return list(post.media.all())
    wanted = [item["asset"] for item in typed.media]
    decided = {item.asset_id: item.framing for item in post.media.all()}
    assets = access.visible(actor, Asset.objects.filter(client=post.client)).in_bulk(wanted)
    return [
        PostMedia(
            post=post,
            asset=assets[item["asset"]],
            position=n,
            alt=item["alt"][:2000],
            framing=item.get("framing") or decided.get(item["asset"], {}),
        )
        for n, item in enumerate(typed.media)
        if item["asset"] in assets
    ]


def _choices(actor: Actor, post: Post, typed: Typed | None) -> list[Choice]:
    present = {variant.community_id: variant for variant in post.variants.all()}
    chosen = set(present) if typed is None or typed.communities is None else set(typed.communities)
    return [
        Choice(community, community.pk in chosen, _is_locked(present.get(community.pk)))
        for community in of_client(actor, post.client_id)
    ]


def _is_locked(variant: Variant | None) -> bool:
    deliveries = list(variant.deliveries.all()) if variant else []
    return any(one.state not in STILL_OURS or one.state != State.CANCELLED for one in deliveries)


def _goals(actor: Actor, post: Post) -> Iterable[Goal]:
    rows = Goal.objects.filter(client=post.client, closed_at__isnull=True)
    return access.visible(actor, rows).order_by("-is_main", "figure", "id")


def _rubrics(actor: Actor, post: Post) -> list[Rubric]:
    """Those that are offered; the post's own stays on the list when it was put away."""
    offered = list(rubrics(actor, client_id=post.client_id))
    return offered if post.rubric is None or post.rubric in offered else [post.rubric, *offered]


def _free_slots(actor: Actor, post: Post) -> dict[int, datetime]:
    """The nearest free slot of each of the post's communities that has one, this very post not counted."""
    now = timezone.now()
    items = queries.plan(actor, since=now, until=now + SLOTS_AHEAD, client_id=post.client_id)
    others = [item for item in items if item.post_id != post.pk]
    communities = Community.objects.filter(
        pk__in=[variant.community_id for variant in post.variants.all()], archived_at__isnull=True
    ).prefetch_related("slots__rubric")
    slots = {community.pk: next_free_slot(community, others, now=now) for community in communities}
    return {pk: slot for pk, slot in slots.items() if slot is not None}


def _is_moved(post: Post, standing: checks.Standing) -> bool:
    """Whether what is scheduled leaves at another hour than the one that is planned for it."""
    return any(
        line.delivery is not None
        and (planned := line.variant.planned_at or post.planned_at) is not None
        and line.delivery.due_at != planned
        for line in standing.scheduled
    )


def local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))

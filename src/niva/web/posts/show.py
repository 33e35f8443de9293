"""The post's page: per community the story, the numbers, and what may be done now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from niva.domains.clients import access
from niva.domains.communities.models import Feed
from niva.domains.metrics import queries as metrics
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing import queries
from niva.domains.publishing.models import Delivery, Post, Publication, Variant
from niva.domains.publishing.services import chains, comment, drafts, schedule
from niva.domains.publishing.services.by_hand import is_task, takes_link
from niva.domains.publishing.states import OUT, STILL_OURS, Outcome, State
from niva.flows import amend, look_again
from niva.flows import feed as feeds
from niva.flows.foretell import dooms, ending_of
from niva.kit.local_time import Missing, moment
from niva.networks.base.errors import NetworkError
from niva.networks.base.thread import number_of
from niva.networks.registry import all_networks
from niva.web.endings import on_post
from niva.web.looks import network_name
from niva.web.people.doors import signed_in
from niva.web.posts import mending
from niva.web.posts.differences import Part, compare
from niva.web.posts.numbers import Figure, ages_chart, chart_of, figures_of
from niva.web.posts.options import named
from niva.web.posts.story import Moment, story_of
from niva.web.queue.views import offer_to_close_up
from niva.words import describe


@dataclass(frozen=True, slots=True)
class BrokenChain:
    """How far a chain went. `open_part`: the post of which nobody knows whether it is there."""

    out: int
    of: int
    open_part: int | None


@dataclass(slots=True)
class Place:
    """One community of the post: its newest delivery with all that its card shows."""

    variant: Variant
    delivery: Delivery | None
    publication: Publication | None
    story: list[Moment] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    chart: dict[str, Any] | None = None
    ages: dict[str, Any] | None = None
    paid: bool = False
    may: frozenset[str] = frozenset()
    broken: BrokenChain | None = None
    doomed: str = ""
    comment: str = ""
    is_stale: bool = False
    feed: str = ""
    by_people: bool = False
    differs: list[Part] = field(default_factory=list)

    @property
    def missing(self) -> str:
        """The posts of its chain that are gone, by number."""
        gone = self.publication.extra.get("missing", ()) if self.publication else ()
        return ", ".join(str(number) for number in gone) if self.state == State.PUBLISHED else ""

    @property
    def state(self) -> str:
        return self.delivery.state if self.delivery else "draft"

    @property
    def planned_at(self) -> datetime | None:
        """The hour a draft is meant for, which nobody has scheduled yet."""
        return self.variant.planned_at or self.variant.post.planned_at

    @property
    def _local(self) -> datetime | None:
        zone = ZoneInfo(self.variant.community.client.time_zone)
        return self.delivery.due_at.astimezone(zone) if self.delivery else None

    @property
    def local_day(self) -> str:
        return f"{self._local:%Y-%m-%d}" if self._local else ""

    @property
    def local_hour(self) -> str:
        return f"{self._local:%H:%M}" if self._local else ""


class HourForm(forms.Form):
    """A wall-clock hour in the client's time zone."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    at = forms.TimeField(label=gettext_lazy("Hour"), widget=forms.TimeInput(attrs={"type": "time"}))

    def moment_in(self, zone: str) -> datetime:
        """The moment meant. Raises Invalid for an hour that the clock skips."""
        return wall_clock(self.cleaned_data["day"], self.cleaned_data["at"], zone)


def wall_clock(day: date, at: time, zone: str) -> datetime:
    """The moment of a wall-clock hour. Raises Invalid("at") for an hour that does not exist there."""
    try:
        return moment(day, at, zone)
    except Missing as missing:
        sentence = _(
            "There is no %(at)s on this day: the clocks are put forward. Use %(before)s or %(after)s."
        ) % {"at": f"{at:%H:%M}", "before": f"{missing.before:%H:%M}", "after": f"{missing.after:%H:%M}"}
        raise Invalid.one("at", sentence) from missing


@signed_in
def show(request: HttpRequest, post_id: int) -> HttpResponse:
    return render(request, "posts/show.html", context_of(request.actor, post_id))  # type: ignore[attr-defined]


@signed_in
def places(request: HttpRequest, post_id: int) -> HttpResponse:
    """Only the cards, for a page that is watched while posts go out."""
    return render(request, "posts/places.html", context_of(request.actor, post_id))  # type: ignore[attr-defined]


def context_of(actor: Actor, post_id: int) -> dict[str, Any]:
    post = queries.post_page(actor, post_id)
    found = [_place(actor, variant) for variant in post.variants.all()]
    out = [one.publication.pk for one in found if one.publication]
    numbers, paid = metrics.post_numbers(actor, out), metrics.paid_among(actor, out)
    for place in found:
        if place.publication is not None:
            read = not place.publication.extra.get("said_by_person")
            place.figures = figures_of(
                numbers[place.publication.pk],
                place.variant.community.network,
                poll=bool(post.poll),
                read=read,
            )
            place.by_people = not read
            place.paid = place.publication.pk in paid
            place.chart = chart_of(actor, place.publication)
            place.ages = ages_chart(actor, place.publication)
    return {
        "post": post,
        "places": found,
        "zone": post.client.time_zone,
        "may_work": access.may(actor, "work", client_id=post.client_id),
        "may_write": access.may(actor, "write", client_id=post.client_id),
        "may_publish": access.may(actor, "publish", client_id=post.client_id),
        "stale": [place for place in found if place.is_stale],
        "running": any(one.state in (State.SENDING, State.ACCEPTED, State.QUEUED) for one in found),
    }


def _place(actor: Actor, variant: Variant) -> Place:
    deliveries = list(variant.deliveries.all())
    delivery = deliveries[-1] if deliveries else None
    publication = getattr(delivery, "publication", None) if delivery else None
    place = Place(variant, delivery, publication)
    place.doomed = _doom(place)
    if delivery is None:
        return place
    delivery.community = variant.community
    place.story = story_of(delivery)
    if publication is not None and delivery.state in OUT:
        place.feed = _feed_words(publication)
    if publication is not None and publication.sight == Publication.Sight.CHANGED and publication.seen_text:
        place.differs = compare(str(publication.revision.content.get("text", "")), publication.seen_text)
    if access.may(actor, "publish", client_id=delivery.client_id):
        place.may = _may(delivery, publication, variant.community.network)
        place.comment = comment.standing(delivery)
        place.broken = _broken(delivery)
        place.is_stale = mending.differs(variant, delivery, publication)
    return place


def _feed_words(publication: Publication) -> str:
    """Whether a robot has come for the feed since the post stands in it; "" for networks without a feed."""
    community = publication.community
    if feeds.network_of(community) is None or publication.extra.get("by_hand"):
        return ""
    feed = Feed.objects.filter(community=community).first()
    if feed is None or feed.fetched_at is None or feed.fetched_at < publication.published_at:
        return _("It stands in the feed. No robot has come for it yet.")
    return _("It stands in the feed, and a robot has come for it since.")


def _broken(delivery: Delivery) -> BrokenChain | None:
    if delivery.code != chains.BROKEN:
        return None
    parts = [one for one in delivery.attempts.all() if number_of(one.step) is not None]
    open_part = chains.stands_open(delivery)
    return BrokenChain(
        out=1 + len({one.step for one in parts if one.outcome == Outcome.DONE}),
        of=1 + len(delivery.revision.content.get("thread", ())),
        open_part=number_of(open_part.step) if open_part else None,
    )


def _doom(place: Place) -> str:
    """Why it will not leave at its hour, as far as it is known today."""
    community = place.variant.community
    at = place.delivery.due_at if place.delivery else place.planned_at
    ending = ending_of(community, timezone.now())
    if at is None or ending is None or not dooms(ending, at, place.state):
        return ""
    return on_post(ending, community.network, community.client.time_zone)


def _may(delivery: Delivery, publication: Publication | None, network: str) -> frozenset[str]:
    """The verbs that make sense now."""
    verbs: set[str] = set()
    task = is_task(delivery)
    if task:
        verbs.add("by-hand")
    if publication is not None and delivery.state in OUT and takes_link(publication):
        verbs |= {"link", "numbers"}
    if delivery.state in STILL_OURS:
        verbs |= {"move"} if task else {"move", "now"}
        if delivery.state != State.CANCELLED:
            verbs.add("cancel")
    if delivery.state == State.UNKNOWN and delivery.wake_at is None:
        verbs.add("decide")
    if publication is not None and not publication.extra.get("said_by_person"):
        found = all_networks().get(network)
        abilities = found.manifest.abilities if found else frozenset()
        if delivery.state in OUT:
            verbs |= {verb for verb in ("edit", "delete") if verb in abilities}
        if "read_back" in abilities and not publication.removed_by_us:
            verbs.add("look")
    return frozenset(verbs)


@signed_in
@require_POST
def act(request: HttpRequest, delivery_id: int, verb: str) -> HttpResponse:
    """The buttons of one card. Errors come back as a notice on the post's page; nothing is lost."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    delivery = access.get(actor, Delivery.objects.select_related("client", "community"), delivery_id)
    if verb not in _ACTS:
        raise NotFound(verb)
    try:
        _ACTS[verb](actor, delivery, request)
    except Invalid as error:
        for sentence in error.sentences:
            messages.error(request, sentence)
    except NetworkError as error:
        words = describe(
            error.code, {"detail": error.detail, "network": network_name(delivery.community.network)}
        )
        messages.error(request, str(words))
    if request.POST.get("back") == "today":  # pressed on the line itself: the list shows what came of it
        return redirect("today")
    return redirect("post_show", post_id=delivery.post_id)


def _move(actor: Actor, delivery: Delivery, request: HttpRequest) -> None:
    form = HourForm(request.POST)
    if not form.is_valid():
        raise Invalid.one("at", _("Choose a day and an hour."))
    at = form.moment_in(delivery.client.time_zone)
    moved = schedule.reschedule(actor, delivery_id=delivery.pk, at=at)
    if moved.state == State.HELD:
        messages.warning(request, _("Moved, and held: publishing is stopped for this client."))
    else:
        messages.success(request, _("Moved."))
    offer_to_close_up(request, delivery)


def _now(actor: Actor, delivery: Delivery, request: HttpRequest) -> None:
    """Send at once, with what the variant says now."""
    result = schedule.schedule(actor, post_id=delivery.post_id, at=None, variants=[delivery.variant_id])
    if result.behind:
        problem = result.behind[0].errors[0]
        raise Invalid.one("text", str(describe(problem.code, named(problem, delivery.community.network))))
    if result.is_held:
        messages.warning(request, _("Held: publishing is stopped for this client. Let it go on first."))
    else:
        messages.success(request, _("On its way."))


def _cancel(actor: Actor, delivery: Delivery, request: HttpRequest) -> None:
    schedule.cancel(actor, delivery_id=delivery.pk)
    messages.success(request, _("Cancelled. It stays here as a draft."))
    offer_to_close_up(request, delivery)


def _out(actor: Actor, delivery: Delivery, request: HttpRequest) -> None:
    schedule.say_it_is_out(actor, delivery_id=delivery.pk, url=request.POST.get("url", "").strip())
    messages.success(request, _("Noted: it is out."))


def _not_out(actor: Actor, delivery: Delivery, request: HttpRequest) -> None:
    again = request.POST.get("again") == "1"
    schedule.say_it_is_not_out(actor, delivery_id=delivery.pk, send_again=again)
    messages.success(
        request, _("Sent once more.") if again else _("Noted: it is not out and will not be sent.")
    )


def _edit(actor: Actor, delivery: Delivery, request: HttpRequest) -> None:
    amend.edit_published(actor, publication_id=_publication(delivery).pk)
    messages.success(request, _("The network shows the new text now."))


def _delete(actor: Actor, delivery: Delivery, request: HttpRequest) -> None:
    amend.take_down(actor, publication_id=_publication(delivery).pk)
    if feeds.network_of(delivery.community) is not None:
        said = _("It has left the feed. If the network has imported it already, delete it there, too.")
        messages.warning(request, said)
        return
    messages.success(request, _("Taken down. It is no longer in the network."))


def _look(actor: Actor, delivery: Delivery, request: HttpRequest) -> None:
    found = look_again.look_now(actor, publication_id=_publication(delivery).pk)
    said = {
        Publication.Sight.ALIVE: _("It is there, as sent."),
        Publication.Sight.CHANGED: _("It is there, but reads otherwise than sent."),
        Publication.Sight.REMOVED: _("It is not there."),
    }.get(Publication.Sight(found.sight), _("The network does not tell whether it is there."))
    messages.info(request, said)


def _publication(delivery: Delivery) -> Publication:
    publication = Publication.objects.filter(delivery=delivery).first()
    if publication is None:
        raise Invalid.one("", _("It is not out, so there is nothing to change in the network."))
    return publication


def _rest(actor: Actor, delivery: Delivery, request: HttpRequest) -> None:
    chains.send_the_rest(actor, delivery_id=delivery.pk, looked=request.POST.get("looked") == "1")
    messages.success(request, _("The rest of the chain is on its way."))


_ACTS = {
    "move": _move,
    "now": _now,
    "cancel": _cancel,
    "out": _out,
    "not-out": _not_out,
    "edit": _edit,
    "delete": _delete,
    "look": _look,
    "rest": _rest,
    "comment": mending.comment_again,
    "comment-there": mending.comment_there,
    "comment-not-there": mending.comment_not_there,
}


@signed_in
@require_POST
def bin_post(request: HttpRequest, post_id: int) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    post: Post = access.get(actor, Post.objects.all(), post_id)
    try:
        drafts.bin_post(actor, post_id=post.pk)
    except Invalid as error:
        messages.error(request, error.sentence)
        return redirect("post_show", post_id=post.pk)
    messages.success(request, _("Put away."))
    return redirect("posts")


@signed_in
@require_POST
def copy_post(request: HttpRequest, post_id: int) -> HttpResponse:
    post = drafts.copy(request.actor, post_id=post_id)  # type: ignore[attr-defined]
    return redirect("post_edit", post_id=post.pk)

"""Repeats: begin them, look at their days, skip, bring back, change what follows, end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.models import Post
from niva.domains.publishing.repeating import Occurrence, Series
from niva.domains.publishing.rules import BadRule, Rule, hour_on
from niva.domains.publishing.services import series as service
from niva.domains.publishing.services.pattern import print_of
from niva.domains.publishing.services.unroll import AHEAD, days_in, rule_of
from niva.domains.publishing.states import State
from niva.flows.alike import SAME_TEXT
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.repeats import words
from niva.web.repeats.forms import RuleForm, usual, values_of

LOOKED: Final = 6  # days that the form foretells
SHOWN: Final = 60  # days of a series on its page
# Of several deliveries of a day the one that most wants to be seen.
_ORDER: Final = (
    State.UNKNOWN, State.NEEDS_LOGIN, State.REJECTED, State.HELD, State.WAITING, State.SENDING, State.QUEUED,
    State.REMOVED, State.ACCEPTED, State.PUBLISHED, State.CANCELLED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A day that a rule would give. `odd`: what the clock does to its hour, in words."""

    at: datetime
    odd: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a series as its page shows it. `state`: a delivery's, or draft, skipped, away, foreseen."""

    day: date
    at: datetime
    state: str
    post: Post | None
    own: bool
    ahead: bool


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, post_id: int) -> HttpResponse:
    """Choose the rule; the days that it gives stand beside."""
    actor = actor_of(request)
    rows = Post.objects.filter(deleted_at__isnull=True).select_related("client")
    post = access.get(actor, rows, post_id, can="publish")
    running = Series.objects.filter(post=post, ended_at__isnull=True).first()
    if running is not None:
        return redirect("repeats", running.pk)
    initial = usual(post.planned_at, post.client.time_zone, timezone.now())
    form = RuleForm(request.POST if request.method == "POST" else None, initial=initial)
    del form.fields["words_of_day"]

    def begin(rule: Rule) -> Series:
        return service.start(actor, post_id=post.pk, rule=rule)

    return _chosen(request, form, begin, {"post": post, "client": post.client})


def _chosen(
    request: HttpRequest, form: RuleForm, begin: Callable[[Rule], Series], context: dict[str, Any]
) -> HttpResponse:
    """What both forms do with what was chosen: foretell its days, or go by it."""
    zone = context["client"].time_zone
    if request.method == "POST" and form.is_valid() and request.POST.get("do") != "look":
        try:
            series = begin(form.rule())
        except Invalid as error:
            form.show(error)
        else:
            messages.success(request, _("It goes out again by this rule. The days ahead stand in the plan."))
            return redirect("repeats", series.pk)
    context |= {"form": form, "zone": zone, **_foretold(form, zone)}
    if request.POST.get("do") == "look":
        return render(request, "repeats/days.html", context)
    return render(request, "repeats/form.html", context, status=422 if form.errors else 200)


def _foretold(form: RuleForm, zone: str) -> dict[str, Any]:
    """The first days of the rule as it stands in the boxes; nothing where they give no rule yet."""
    if not form.is_bound:
        form = RuleForm(_as_typed(form.initial))
    if not form.is_valid():
        return {"days": []}
    rule = form.rule()
    try:
        rule.check()
    except BadRule as bad:
        return {"days": [], "bad": service.BAD[bad.code]}
    days = rule.days
    return {
        "days": [_told(day, rule, zone) for day in days[:LOOKED]],
        "count": len(days),
        "rest": max(len(days) - LOOKED, 0),
        "last": days[-1],
        "sentence": words.sentence(rule),
        "close": any(later - day <= SAME_TEXT for day, later in pairwise(days)),
    }


def _as_typed(initial: Mapping[str, Any]) -> dict[str, Any]:
    return {name: f"{value:%H:%M}" if name == "at" else value for name, value in initial.items()}


def _told(day: date, rule: Rule, zone: str) -> Told:
    hour = hour_on(day, rule.at, zone)
    odd = ""
    if hour.odd == "moved":
        shown = f"{hour.at.astimezone(ZoneInfo(zone)):%H:%M}"
        odd = _("the clocks skip this hour: it goes out at %(at)s") % {"at": shown}
    elif hour.odd == "twice":
        odd = _("this hour comes twice: it goes out the first time")
    return Told(hour.at, odd)


@signed_in
@require_safe
def series(request: HttpRequest, series_id: int) -> HttpResponse:
    """The rule, and its days with what became of each."""
    actor = actor_of(request)
    row = service.mine(actor, series_id, can="see", lock=False)
    shown = _days(row, timezone.now())
    context = {
        "series": row,
        "post": row.post,
        "client": row.client,
        "zone": row.client.time_zone,
        "sentence": words.sentence(rule_of(row)),
        "days": shown,
        "made": sum(one.ahead and one.post is not None for one in shown),
        "own": sum(one.own for one in shown),
        "ahead_days": AHEAD.days,
        "may_publish": access.may(actor, "publish", client_id=row.client_id),
        "may_write": access.may(actor, "write", client_id=row.client_id),
    }
    return render(request, "repeats/series.html", context)


def _days(row: Series, now: datetime) -> list[Day]:
    """The last few that have passed and those ahead, in a fixed number of queries."""
    rows = row.occurrences.select_related("post").prefetch_related(
        "post__deliveries", "post__variants", "post__media"
    )
    made = {one.day: one for one in rows}
    every = sorted({*days_in(row), *made})
    zone = row.client.time_zone
    first = max(0, sum(hour_on(day, row.at, zone).at <= now for day in every) - 5)
    shown = []
    for day in every[first : first + SHOWN]:
        at = hour_on(day, row.at, zone).at
        occurrence = made.get(day)
        post = occurrence.post if occurrence else None
        if post is not None and post.deleted_at is None:
            at = min((one.due_at for one in post.deliveries.all()), default=post.planned_at or at)
        own = bool(occurrence and post and print_of(post) != occurrence.print)
        shown.append(Day(day, at, _state(occurrence), post, own, at > now))
    return shown


def _state(occurrence: Occurrence | None) -> str:
    if occurrence is None:
        return "foreseen"
    if occurrence.skipped_at is not None:
        return "skipped"
    if occurrence.post is None or occurrence.post.deleted_at is not None:
        return "away"
    states = {one.state for one in occurrence.post.deliveries.all()}
    return next((str(one) for one in _ORDER if one in states), "draft")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, series_id: int, day: str) -> HttpResponse:
    """This day and all that follow: another rule, another hour, or the words of this day."""
    actor = actor_of(request)
    row = service.mine(actor, series_id, lock=False)
    since = _day(row, day)
    rule = rule_of(row)
    left = [one for one in rule.days if one >= since]
    initial = values_of(rule, since) | {"count": len(left), "until": rule.until or left[-1]}
    form = RuleForm(request.POST if request.method == "POST" else None, initial=initial)
    own = row.occurrences.filter(day=since, post__deleted_at__isnull=True, post__isnull=False).first()
    if own is None or own.post is None or print_of(own.post) == own.print:
        del form.fields["words_of_day"]

    def go_on(chosen: Rule) -> Series:
        with_words = bool(form.cleaned_data.get("words_of_day"))
        return service.change_following(
            actor, series_id=row.pk, day=since, rule=chosen, words_of_day=with_words
        )

    return _chosen(
        request, form, go_on, {"post": row.post, "client": row.client, "series": row, "since": since}
    )


def _day(row: Series, text: str) -> date:
    """A day of the series out of the address. Raises NotFound for any other."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise NotFound("occurrence") from error
    if day not in days_in(row):
        raise NotFound("occurrence")
    return day


@require_POST
@signed_in
def act(request: HttpRequest, series_id: int, day: str, doing: str) -> HttpResponse:
    """One day: skip it, bring it back, or make it now to write it otherwise."""
    actor = actor_of(request)
    row = service.mine(actor, series_id, lock=False)
    chosen = _day(row, day)
    try:
        if doing == "skip":
            service.skip(actor, series_id=row.pk, day=chosen)
        elif doing == "back":
            service.bring_back(actor, series_id=row.pk, day=chosen)
        elif doing == "make":
            post = service.make_now(actor, series_id=row.pk, day=chosen)
            return redirect("post_edit", post_id=post.pk)
        else:
            raise NotFound("occurrence")
    except Invalid as error:
        _say(request, error)
    return redirect("repeats", row.pk)


@require_POST
@signed_in
def renew(request: HttpRequest, series_id: int) -> HttpResponse:
    """What is ahead reads as the pattern does now."""
    try:
        done = service.renew(actor_of(request), series_id=series_id)
    except Invalid as error:
        _say(request, error)
        return redirect("repeats", series_id)
    told = ngettext("%(n)s day ahead has the new text.", "%(n)s days ahead have the new text.", done.changed)
    kept = ngettext("%(n)s keeps the text of its own.", "%(n)s keep the texts of their own.", done.kept)
    messages.success(
        request, told % {"n": done.changed} + (" " + kept % {"n": done.kept} if done.kept else "")
    )
    return redirect("repeats", series_id)


@require_POST
@signed_in
def end(request: HttpRequest, series_id: int) -> HttpResponse:
    """No more of it."""
    back = service.end(actor_of(request), series_id=series_id)
    told = ngettext(
        "The repeats have ended, %(n)s post was taken back.",
        "The repeats have ended, %(n)s posts were taken back.",
        back,
    )
    messages.success(request, told % {"n": back})
    return redirect("repeats", series_id)


def _say(request: HttpRequest, error: Invalid) -> None:
    for sentence in error.sentences:
        messages.error(request, sentence)


def series_of(actor: Actor, post: Post) -> Series | None:
    """The running series that this post is the pattern of, or one day of."""
    rows = access.visible(actor, Series.objects.filter(ended_at__isnull=True))
    return rows.filter(Q(post=post) | Q(occurrences__post=post)).order_by("pk").first()

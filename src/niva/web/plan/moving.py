"""Moving by drag, by dialog and without scripts: one door, the same refusals, a way back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.models import Delivery, Post, Variant
from niva.domains.publishing.services import move as service
from niva.web import answers
from niva.web.looks import network_name
from niva.web.people.doors import signed_in
from niva.web.plan import words
from niva.web.plan.entries import STAYS
from niva.web.plan.views import answer, context_of
from niva.web.plan.wish import Wish, read
from niva.web.posts.show import wall_clock
from niva.web.templatetags.niva import clock

MOST: Final = 20  # things moved at once: a post's communities, and their way back


@dataclass(frozen=True, slots=True)
class Spot:
    """A thing of the plan: a delivery or a draft's variant, with its hour."""

    ref: str
    post: Post
    community: Any
    at: datetime
    state: str

    @property
    def can(self) -> str:
        return "publish" if self.ref[0] == "d" else "write"


class MoveForm(forms.Form):
    """The new day and hour, in the clock of the plan that is looked at."""

    date = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    time = forms.TimeField(
        label=gettext_lazy("Hour"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    whole = forms.BooleanField(label=gettext_lazy("The rest of the post as well"), required=False)


@signed_in
@require_safe
def ask(request: HttpRequest, ref: str) -> HttpResponse:
    """«Move…»: a dialog with htmx, a page of its own without."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    wish, spot = read(request, actor), find(actor, ref)
    access.demand(actor, spot.can, client_id=spot.post.client_id)
    local = spot.at.astimezone(ZoneInfo(wish.zone))
    form = MoveForm(initial={"date": local.date(), "time": local.time()})
    return _form(request, wish, spot, form)


@signed_in
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """`id` (several for a way back) to `date` and `time`, or to the exact moment `at`."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    wish = read(request, actor)
    spots = [find(actor, ref) for ref in dict.fromkeys(request.POST.getlist("id")[:MOST])]
    if not spots:
        raise NotFound("delivery")
    for spot in spots:
        access.demand(actor, spot.can, client_id=spot.post.client_id)
    try:
        at = _moment(request, wish, spots[0])
        if request.POST.get("whole"):
            spots += others(actor, spots[0])
        for spot in spots:
            if reason := STAYS.get(spot.state):
                raise Invalid.one("", str(reason))
        before = service.move(
            actor,
            deliveries=[int(spot.ref[1:]) for spot in spots if spot.ref[0] == "d"],
            variants=[int(spot.ref[1:]) for spot in spots if spot.ref[0] == "v"],
            at=at,
        )
    except Invalid as error:
        return _refused(request, wish, spots[0], error)
    return _moved(request, wish, spots, before, at)


def find(actor: Actor, ref: str) -> Spot:
    """Raises NotFound for what is not there or not his."""
    match = re.fullmatch(r"([dv])([1-9][0-9]{0,17})", ref, re.ASCII)
    if match is None:
        raise NotFound("delivery")
    if match.group(1) == "d":
        rows = Delivery.objects.filter(post__deleted_at__isnull=True).select_related("post", "community")
        delivery = access.get(actor, rows, match.group(2))
        return Spot(ref, delivery.post, delivery.community, delivery.due_at, delivery.state)
    variant = Variant.objects.select_related("community").filter(pk=match.group(2)).first()
    if variant is None:
        raise NotFound("variant")
    post = access.get(actor, Post.objects.filter(deleted_at__isnull=True), variant.post_id)
    at = variant.planned_at or post.planned_at
    if at is None:
        raise NotFound("variant")
    return Spot(ref, post, variant.community, at, "draft")


def others(actor: Actor, spot: Spot) -> list[Spot]:
    """What else of the same post stands at the same hour and may be moved with it."""
    found = []
    if access.may(actor, "publish", client_id=spot.post.client_id):
        found += [
            Spot(f"d{one.pk}", spot.post, one.community, one.due_at, one.state)
            for one in spot.post.deliveries.filter(due_at=spot.at, state__in=service.MOVABLE).select_related(
                "community"
            )
        ]
    unsent = spot.post.variants.filter(~Exists(Delivery.objects.filter(variant=OuterRef("pk"))))
    for variant in unsent.filter(community__archived_at__isnull=True).select_related("community"):
        if (variant.planned_at or spot.post.planned_at) == spot.at:
            found.append(Spot(f"v{variant.pk}", spot.post, variant.community, spot.at, "draft"))
    return [one for one in found if one.ref != spot.ref]


def _moment(request: HttpRequest, wish: Wish, spot: Spot) -> datetime:
    """The moment asked for. A drag names a day and keeps the hour; in the week it names the hour as well."""
    if exact := request.POST.get("at"):
        try:
            at = datetime.fromisoformat(exact)
        except ValueError as error:
            raise Invalid.one("date", _("Choose a day and an hour.")) from error
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    local = spot.at.astimezone(ZoneInfo(wish.zone))
    data = {**request.POST.dict(), "time": request.POST.get("time") or f"{local:%H:%M}"}
    form = MoveForm(data)
    if not form.is_valid():
        raise Invalid({name: [str(one) for one in several] for name, several in form.errors.items()})
    hour: time = form.cleaned_data["time"]
    if request.POST.get("keep_minutes") and hour.hour == local.hour:
        hour = time(local.hour, local.minute)
    return wall_clock(form.cleaned_data["date"], hour, wish.zone)


def _form(request: HttpRequest, wish: Wish, spot: Spot, form: MoveForm, status: int = 200) -> HttpResponse:
    rest = others(request.actor, spot)  # type: ignore[attr-defined]
    if not rest:
        del form.fields["whole"]
    context = {
        "spot": spot,
        "form": form,
        "title": str(spot.post) or _("untitled"),
        "clock": words.whose_clock(wish),
        "query": wish.query(),
        "rest": ", ".join(dict.fromkeys(network_name(one.community.network) for one in rest)),
        "stays": STAYS.get(spot.state, ""),
    }
    name = "plan/move_dialog.html" if request.headers.get("HX-Request") else "plan/move.html"
    response = render(request, name, context, status=status)
    if status != 200 and request.headers.get("HX-Request"):
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _refused(request: HttpRequest, wish: Wish, spot: Spot, error: Invalid) -> HttpResponse:
    """A drag gets the sentence; a form comes back with what was typed and the sentence beside its field."""
    if answers.wants_json(request) or "date" not in request.POST:
        return answers.invalid(request, error)
    form = MoveForm(request.POST)
    form.is_valid()
    for name, sentences in error.errors.items():
        field = {"at": "time"}.get(name, name)
        for sentence in sentences:
            if sentence not in form.errors.get(field, []):
                form.add_error(field if field in form.fields else None, sentence)
    return _form(request, wish, spot, form, status=422)


def _queue_of(spots: Sequence[Spot]) -> int | None:
    """The community whose queue has a free place now, if the post stood in one."""
    ids = [int(spot.ref[1:]) for spot in spots if spot.ref[0] == "d"]
    if not ids:
        return None
    queued = spots[0].post.deliveries.filter(pk__in=ids, variant__in_queue=True).first()
    return queued.community_id if queued else None


def _moved(
    request: HttpRequest, wish: Wish, spots: Sequence[Spot], before: datetime, at: datetime
) -> HttpResponse:
    place = ZoneInfo(wish.zone)
    local = at.astimezone(place)
    when = _("%(weekday)s, %(day)s, %(time)s") % {
        "weekday": words.WEEKDAYS[local.weekday()],
        "day": words.day_name(local.date()),
        "time": clock(at, place),
    }
    back = {
        "sentence": _("Moved to %(when)s.") % {"when": when},
        "ids": [spot.ref for spot in spots],
        "at": before.isoformat(),
        "queue": _queue_of(spots),
    }
    if answers.wants_json(request) or request.headers.get("HX-Request"):
        actor: Actor = request.actor  # type: ignore[attr-defined]
        context = context_of(actor, wish, back=back, moved=spots[0].ref)
        return answer(request, {**context, "fragment": True})
    request.session["plan_moved"] = back
    return redirect(f"{reverse('plan')}?{wish.query()}")

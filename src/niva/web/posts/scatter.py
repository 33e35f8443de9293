"""The scatter's page: every network with its own first line and its own hour, kept by one press."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Invalid
from niva.domains.publishing import queries
from niva.domains.publishing.models import Post, Variant
from niva.flows import scatter as flow
from niva.web.people.doors import signed_in
from niva.web.posts.show import wall_clock
from niva.web.posts.typed import boxes

LONGEST = 10_000  # characters of a first line


@dataclass(slots=True)
class Row:
    """One network as its boxes stand. `original`: the first line that it has now."""

    variant: Variant
    original: str
    hook: str
    rest: str
    day: str
    at: str
    errors: list[str] = field(default_factory=list)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def scatter(request: HttpRequest, post_id: int) -> HttpResponse:
    """Proposes hours a step apart or at free slots; keeps what the person makes of it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    post = queries.post_page(actor, post_id)
    access.demand(actor, "write", client_id=post.client_id)
    step = _step(request.GET.get("step", ""))
    rows = [_row(one, post) for one in flow.propose(actor, post, step=step)]
    if request.method == "POST" and _kept(request, actor, post, rows):
        return redirect("post_edit", post_id=post.pk)
    context: dict[str, Any] = {
        "post": post,
        "zone": post.client.time_zone,
        "rows": rows,
        "step": step,
        "steps": [*((n, _minutes(n)) for n in flow.STEPS), (flow.SLOTS, _("at free slots"))],
        "version": post.version if request.method != "POST" else request.POST.get("version", ""),
        "no_hour": not any(row.day for row in rows),
    }
    bad = any(row.errors for row in rows)
    return render(request, "posts/scatter.html", context, status=422 if bad else 200)


def _minutes(n: int) -> str:
    return ngettext("%(n)s minute apart", "%(n)s minutes apart", n) % {"n": n}


def _step(text: str) -> int:
    allowed = {str(n): n for n in (*flow.STEPS, flow.SLOTS)}
    return allowed.get(text, flow.USUAL)


def _row(throw: flow.Throw, post: Post) -> Row:
    day, at = boxes(throw.at, post.client.time_zone)
    return Row(throw.variant, throw.hook, throw.hook, throw.rest, day, at)


def _kept(request: HttpRequest, actor: Actor, post: Post, rows: list[Row]) -> bool:
    """Whether all of it could be kept; else the rows carry what was typed and what is wrong with it."""
    chosen = [_read(request.POST, row, post.client.time_zone) for row in rows]
    if any(row.errors for row in rows) or not rows:
        return False
    version = request.POST.get("version", "")
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0
    try:
        flow.throw(actor, post_id=post.pk, version=number, chosen=chosen)
    except Invalid as error:
        rows[0].errors += error.sentences
        return False
    except Conflict as conflict:
        rows[0].errors.append(str(conflict))
        return False
    messages.success(request, _("Each network has its own first line and hour now. Look and schedule."))
    return True


def _read(data: QueryDict, row: Row, zone: str) -> tuple[int, str, datetime | None]:
    pk = row.variant.pk
    row.hook = " ".join(data.get(f"hook-{pk}", row.hook).replace("\x00", "").split("\n")).strip()[:LONGEST]
    row.day, row.at = data.get(f"day-{pk}", "").strip()[:20], data.get(f"at-{pk}", "").strip()[:20]
    if not row.day and not row.at:
        return pk, row.hook, None
    try:
        at = wall_clock(date.fromisoformat(row.day), time.fromisoformat(row.at).replace(tzinfo=None), zone)
    except ValueError:
        row.errors.append(_("Choose a day and an hour."))
        return pk, row.hook, None
    except Invalid as error:
        row.errors += error.sentences
        return pk, row.hook, None
    if not timezone.now() < at or at.year > 2100:
        row.errors.append(_("This hour has passed. Choose a later one."))
    return pk, row.hook, at

"""The list of tasks: mine, those that I set, all; what is late first, what is done folded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.editorial import briefs
from niva.domains.editorial import task_queries as queries
from niva.domains.editorial.tasking import Task
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden
from niva.web.people.doors import signed_in

PAGE: Final = 50
DONE_SHOWN: Final = 10
WHOSE: Final[tuple[tuple[queries.Whose, Any], ...]] = (
    ("mine", _("Mine")),
    ("set", _("Set by me")),
    ("all", _("All")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One task of the list. `gone`: whoever it is given to does not work there any more."""

    task: Task
    kind: str
    late: bool
    gone: bool


@signed_in
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """A fixed number of queries, whatever the count."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    clients = list(access.visible(actor, Client.objects.filter(archived_at__isnull=True), can="work"))
    if not clients and not actor.everywhere:
        raise Forbidden("work")
    whose = next((one for one, _word in WHOSE if one == request.GET.get("whose")), "mine")
    chosen = next((one for one in clients if str(one.pk) == request.GET.get("client")), None)
    wanted: dict[str, Any] = {"whose": whose, "client_id": chosen.pk if chosen else None}
    page = Paginator(queries.tasks(actor, **wanted), PAGE).get_page(request.GET.get("page"))
    done = list(queries.tasks(actor, **wanted, done=True)[: DONE_SHOWN + 1])
    context = {
        "page": page,
        "lines": _lines(list(page.object_list)),
        "done": _lines(done[:DONE_SHOWN]),
        "more_done": len(done) > DONE_SHOWN,
        "whose": whose,
        "whose_words": WHOSE,
        "clients": clients,
        "chosen": chosen,
    }
    return render(request, "tasks/list.html", context)


def _lines(rows: list[Task]) -> list[Line]:
    now, left = timezone.now(), queries.gone(rows) if rows else set()
    kinds = briefs.briefs()
    return [
        Line(
            task=one,
            kind=kinds[one.kind].name if one.kind in kinds else one.kind,
            late=queries.is_late(one, now),
            gone=one.pk in left and one.closed_at is None,
        )
        for one in rows
    ]

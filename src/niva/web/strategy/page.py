"""The strategy on one page, in plain words, for who pays; the same as PDF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.strategy import queries, writing
from niva.domains.strategy.grounds import Permission, Proof
from niva.domains.strategy.ledger import TABLES
from niva.domains.strategy.queries import Stand, Whole
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.strategy import contexts, printed

# Written for those who work; the client's own page has them only when somebody shared them.
INSIDE: Final = ("competitors", "risks")
PER_PART: Final = 4  # rows of one part: more is not read in a minute
# Of each table the cells that say something to who pays; the first column always stands there as the name.
PLAIN: Final[dict[str, tuple[str, ...]]] = {
    "segments": ("asks",),
    "questions": ("answer",),
    "proofs": ("figure",),
    "competitors": ("gap",),
    "messages": ("segment",),
    "networks": ("task", "reason"),
    "formats": ("becomes",),
    "places": (),
    "checkpoints": ("threshold", "due_on", "then"),
    "risks": ("answer",),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph of the page. `lines`: (name, what is said of it); `more`: how many are left out."""

    title: str
    text: str
    lines: list[tuple[str, str]]
    more: int
    unfinished: str


@signed_in
@require_http_methods(["GET", "HEAD"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Prints on A4. Steps that nobody has written are said to be unfinished."""
    actor = actor_of(request)
    whole = queries.whole(actor, client_id=pk, can="see")
    context = contexts.frame(actor, whole) | _said(actor, whole)
    return render(request, "strategy/page.html", context)


@signed_in
@require_http_methods(["GET", "HEAD"])
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The same, as a file to send."""
    actor = actor_of(request)
    whole = queries.whole(actor, client_id=pk, can="see")
    said = _said(actor, whole)
    answer = HttpResponse(printed.as_pdf(whole.client.name, said), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="strategy-{pk}.pdf"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@signed_in
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the client's page has competitors and risks as well."""
    writing.show_whole(actor_of(request), client_id=pk, whole=request.POST.get("whole") == "1")
    return redirect("strategy_page", pk)


def _said(actor: Actor, whole: Whole) -> dict[str, Any]:
    """The page in words. The client's own eyes get what is meant for him."""
    works = access.may(actor, "work", client_id=whole.client.pk)
    plain = next((one for one in whole.steps if one.step.kind == "page"), None)
    steps = [
        one
        for one in whole.steps
        if one.step.kind != "page" and (works or whole.shown_whole or one.step.kind not in INSIDE)
    ]
    return {
        "plain": plain.answer.text if plain and plain.answer and not plain.answer.skipped else "",
        "parts": [_part(actor, whole, one) for one in steps],
        "figures": contexts.figures(whole),
        "unfinished": [contexts.said(one.step.title) for one in steps if one.state == "empty"],
        "day": timezone.localdate(),
        "inside": works and not whole.shown_whole,
        "language": get_language() or "ru",
    }


def _part(actor: Actor, whole: Whole, stand: Stand) -> Part:
    text = stand.answer.text if stand.answer and not stand.answer.skipped else ""
    lines: list[tuple[str, str]] = []
    if stand.state == "skipped" and stand.answer:
        return Part(
            contexts.said(stand.step.title), _("Left out: %(why)s") % {"why": stand.answer.note}, [], 0, ""
        )
    if stand.step.kind in TABLES:
        lines = _lines(actor, whole, stand.step.kind)
    elif stand.step.kind == "rubrics":
        rubrics = queries.rubrics(actor, client_id=whole.client.pk)
        lines = [(one.name, f"{one.share}\u202f%" if one.share else "") for one in rubrics]
    unfinished = "" if text or lines or stand.state == "done" else _("Not written yet.")
    return Part(
        contexts.said(stand.step.title), text, lines[:PER_PART], max(0, len(lines) - PER_PART), unfinished
    )


def _lines(actor: Actor, whole: Whole, word: str) -> list[tuple[str, str]]:
    """Rows in short: the name and the cells that say something to an owner. What nobody may see stays in."""
    table = TABLES[word]
    rows = contexts.rows_for(actor, whole.client.pk, table)
    works = access.may(actor, "work", client_id=whole.client.pk)
    found = []
    for row in rows:
        if isinstance(row, Proof) and row.permission == Permission.REFUSED and not works:
            continue
        words = {str(contexts.column(table, name).verbose_name) for name in PLAIN[word]}
        view = contexts.row_view(row, table)
        found.append((view.name, "; ".join(cell for title, cell, _link in view.cells if title in words)))
    return found

"""The note that ends a day and greets the next morning; the desk says beside it what was done."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from niva.domains.notices import services
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.flows.day_done import Done, done_on
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in

EVENING_FROM: Final = time(15)  # from then on the page asks for the note


def note_context(actor: Actor, now: datetime) -> dict[str, Any]:
    """Yesterday's note, today's, and whether it is late enough to ask for it. `now` by the person's clock."""
    today, earlier = services.notes(actor, day=now.date())
    evening = now.time() >= EVENING_FROM
    return {
        "note": today,
        "earlier_note": earlier,
        "evening": evening,
        "done_says": sentences(done_on(actor, now)) if evening else [],
        "longest_note": services.LONGEST_NOTE,
    }


def sentences(done: Done) -> list[str]:
    """What was done, in words; what did not happen is not said."""
    said = [
        (done.out, ngettext("%(n)s post went out.", "%(n)s posts went out.", done.out)),
        (done.handed, ngettext("You handed on %(n)s piece.", "You handed on %(n)s pieces.", done.handed)),
        (done.returned, ngettext("You returned %(n)s piece.", "You returned %(n)s pieces.", done.returned)),
        (done.answered, ngettext("You wrote %(n)s remark.", "You wrote %(n)s remarks.", done.answered)),
        (
            done.decided,
            ngettext("Clients decided %(n)s time.", "Clients decided %(n)s times.", done.decided),
        ),
    ]
    return [sentence % {"n": n} for n, sentence in said if n]


@signed_in
@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """Keep the note of today; what is too long stays in the box."""
    actor, text = actor_of(request), request.POST.get("text", "")
    day = timezone.localtime().date()
    try:
        kept = services.write_note(actor, day=day, text=text)
    except Invalid as error:
        context = {**note_context(actor, timezone.localtime()), "typed": text, "note_error": error.sentence}
        return render(request, "today/note_page.html", {**context, "evening": True}, status=422)
    said = _("The note is kept: it greets you tomorrow.") if kept else _("The note is gone.")
    messages.success(request, said)
    return redirect("today")

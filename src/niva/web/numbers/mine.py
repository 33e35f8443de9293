"""«For oneself»: what one's own posts brought. Seen by the person alone; nothing of it goes into pay.

A writer influences reach only indirectly, so it is no measure of his work and stands on no pay sheet; but he
may want to know it (the trade's handbook, 1.1).
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from niva.domains.clients import access
from niva.domains.editorial.models import Piece
from niva.domains.metrics.figures import Scope
from niva.domains.people.actor import Actor
from niva.web.clients.listing import actor_of
from niva.web.numbers import page
from niva.web.numbers.asking import asked
from niva.web.people.doors import signed_in

SHOWN: Final = ("publications", "reach_post", "views_post", "er_reach", "er_views", "clicks")


@signed_in
@require_safe
def my_numbers(request: HttpRequest) -> HttpResponse:
    """The person's own posts, against his own usual."""
    actor = actor_of(request)
    said = asked(request, timezone.localdate(), keep=("measure",))
    scope = own(actor)
    word = page.group_measure(actor, scope, said, request.GET.get("measure", ""))
    context = {
        **page.figures_block(actor, scope, said, SHOWN, _("My posts")),
        "blocks": page.group_blocks(actor, scope, said, _("My posts"), word, ("rubric", "format")),
        "measures": page.measure_choices(word, said),
        **page.best_posts(actor, scope, said),
    }
    return render(request, "numbers/mine.html", context)


def own(actor: Actor) -> Scope:
    """The posts of which he is the author by the newsroom's card."""
    if actor.user is None:
        return Scope(post_ids=())
    rows = access.visible(actor, Piece.objects.filter(author=actor.user))
    return Scope(post_ids=tuple(rows.values_list("post_id", flat=True)))

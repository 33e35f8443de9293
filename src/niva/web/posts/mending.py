"""Mending on the post's page: a mistake everywhere at once, and a first comment that failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.publishing.delivery.content import fingerprint
from niva.domains.publishing.models import Delivery, Post, Publication, Variant
from niva.domains.publishing.services import comment
from niva.domains.publishing.services.freeze import check
from niva.domains.publishing.states import OUT, State
from niva.flows import amend
from niva.flows.amend import Corrected
from niva.flows.comment import write_again
from niva.web.looks import network_name
from niva.web.people.doors import signed_in
from niva.words import describe

# Where what was fixed when it was scheduled may differ from what the post says now.
FIXED: Final = OUT | {State.QUEUED, State.WAITING, State.HELD, State.NEEDS_LOGIN}


def differs(variant: Variant, delivery: Delivery | None, publication: Publication | None) -> bool:
    """Whether it is out, or will go out, otherwise than the post reads now."""
    if delivery is None or delivery.state not in FIXED:
        return False
    revision = publication.revision if publication is not None else delivery.revision
    if revision.created_at >= variant.post.updated_at:
        return False
    return revision.sha256 != fingerprint(check(variant).content)


@signed_in
@require_POST
def correct(request: HttpRequest, post_id: int) -> HttpResponse:
    """One press, and a line for every community."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    post = access.get(actor, Post.objects.filter(deleted_at__isnull=True), post_id, can="publish")
    try:
        _tell(request, amend.correct_everywhere(actor, post_id=post.pk))
    except Invalid as error:
        for sentence in error.sentences:
            messages.error(request, sentence)
    return redirect("post_show", post_id=post.pk)


def _tell(request: HttpRequest, found: Iterable[Corrected]) -> None:
    words = {
        "edited": _("%(name)s: the network shows the new text now."),
        "scheduled": _("%(name)s: it will go out with the new text."),
        "same": _("%(name)s: it read so already."),
    }
    for one in found:
        network = network_name(one.community.network)
        name = f"{network}, {one.community.name}"
        if one.error is not None:
            said = str(describe(one.error.code, {"detail": one.error.detail, "network": network}))
            messages.error(request, f"{name}: {said}")
        elif one.how == "failed":
            messages.error(request, f"{name}: {' '.join(one.sentences)}")
        else:
            level = messages.INFO if one.how == "same" else messages.SUCCESS
            messages.add_message(request, level, words[one.how] % {"name": name})


# The first comment


def comment_again(actor: Actor, delivery: Delivery, request: HttpRequest) -> None:
    write_again(actor, delivery_id=delivery.pk)
    messages.success(request, _("The first comment is written."))


def comment_there(actor: Actor, delivery: Delivery, request: HttpRequest) -> None:
    comment.say(actor, delivery_id=delivery.pk, there=True)
    messages.success(request, _("Noted: the comment is there."))


def comment_not_there(actor: Actor, delivery: Delivery, request: HttpRequest) -> None:
    """Not there: then it is written at once, that is what the person came for."""
    comment.say(actor, delivery_id=delivery.pk, there=False)
    comment_again(actor, delivery, request)

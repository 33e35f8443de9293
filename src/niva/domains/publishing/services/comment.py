"""A first comment that failed, written again as a step of its own: the post itself is never touched.

The attempt row stands before the call, as in the engine: whoever dies in between leaves a comment in doubt,
which is asked about and not repeated.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, Final, Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.services.stopping import is_stopped
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.delivery.content import fingerprint
from niva.domains.publishing.delivery.decide import unclear
from niva.domains.publishing.delivery.tail import lacking
from niva.domains.publishing.models import Attempt, Delivery, Publication, Revision
from niva.domains.publishing.services import gate
from niva.domains.publishing.services.freeze import content_of
from niva.domains.publishing.states import Outcome, State
from niva.networks.registry import all_networks

STEP: Final = "comment"
AT_WORK: Final = timedelta(minutes=2)  # so long an attempt without an end may still be running


def standing(delivery: Delivery) -> Literal["", "missing", "unknown"]:
    """How its first comment stands once the post is out: "" = written, or none was wanted.

    Reads the attempts as they were fetched: no query of its own where they are prefetched.
    """
    tried = [one for one in delivery.attempts.all() if one.step == STEP]
    if delivery.state != State.PUBLISHED or any(one.outcome == Outcome.DONE for one in tried):
        return ""
    if unclear(tried):
        return "unknown"
    return "missing" if delivery.revision.content.get("first_comment") else ""


@transaction.atomic
def begin(actor: Actor, *, delivery_id: int) -> Attempt:
    """An attempt of its own, to be carried out now, with the comment as it reads today.

    Raises Invalid when there is nothing to write, when it may be there already, or the client is stopped.
    """
    seen = access.get(actor, Delivery.objects.all(), delivery_id, can="publish")
    stopped = is_stopped(seen.client_id)
    delivery = _locked(actor, delivery_id)
    state = standing(delivery)
    if state == "unknown":
        raise Invalid.one("", _("It may be there already. Look under the post, then tell the desk."))
    publication = Publication.objects.filter(delivery=delivery).first()
    if state != "missing" or publication is None or publication.extra.get("said_by_person"):
        raise Invalid.one("", _("There is no comment to write."))
    if stopped:
        raise Invalid.one("", _("Publishing is stopped for this client. Let it go on first."))
    revision = _with_todays_comment(actor, delivery)
    return Attempt.objects.create(
        delivery=delivery, step=STEP, number=delivery.attempts.filter(step=STEP).count() + 1,
        key=uuid.uuid4(), revision=revision,
    )  # fmt: skip


@transaction.atomic
def end(
    actor: Actor,
    *,
    attempt_id: int,
    outcome: str,
    code: str = "",
    detail: str = "",
    result: dict[str, Any] | None = None,
) -> None:
    """How the attempt ended. Done: the delivery no longer says that its comment is missing."""
    rows = Attempt.objects.select_related("delivery").select_for_update(of=("self",), no_key=True)
    attempt = rows.get(pk=attempt_id)
    if attempt.outcome not in (Outcome.OPEN, Outcome.UNKNOWN):
        return
    attempt.outcome, attempt.code, attempt.detail = outcome, code[:60], detail.replace("\x00", "")[:500]
    attempt.result, attempt.finished_at = result, timezone.now()
    attempt.save()
    _say_what_is_missing(attempt.delivery)
    if outcome == Outcome.DONE:
        record(actor, "delivery.comment_written", attempt.delivery)


@transaction.atomic
def say(actor: Actor, *, delivery_id: int, there: bool) -> None:
    """A person looked under the post. Raises Invalid when nobody is asked, or it is being written."""
    delivery = _locked(actor, delivery_id)
    doubts = unclear(delivery.attempts.filter(step=STEP))
    if standing(delivery) != "unknown" or not doubts:
        raise Invalid.one("", _("This is settled already. Reload the page to see how."))
    last = doubts[-1]
    if last.outcome == Outcome.OPEN and timezone.now() - last.started_at < AT_WORK:
        raise Invalid.one("", _("It is being written this very moment. Look again in two minutes."))
    last.outcome, last.code = (Outcome.DONE if there else Outcome.ABSENT), "said_by_person"
    last.finished_at = timezone.now()
    last.save()
    _say_what_is_missing(delivery)
    said = _("it is there") if there else _("it is not there")
    record(actor, "delivery.comment_said", delivery, there=there, said=said)


def _locked(actor: Actor, delivery_id: int) -> Delivery:
    rows = Delivery.objects.select_related("revision", "variant__post", "variant__community")
    return access.get(actor, rows.select_for_update(of=("self",), no_key=True), delivery_id, can="publish")


def _say_what_is_missing(delivery: Delivery) -> None:
    """The code of a delivery that is out, by its attempts as they stand now."""
    missing = lacking(delivery.revision.content, delivery.attempts.order_by("pk"))
    Delivery.objects.filter(pk=delivery.pk, state=State.PUBLISHED).update(code=missing, detail="")


def _with_todays_comment(actor: Actor, delivery: Delivery) -> Revision:
    """What went out, with the comment as it reads today: whoever shortened it wants the short one."""
    variant, sent = delivery.variant, delivery.revision
    content = content_of(variant, all_networks().get(variant.community.network))
    comment = content["first_comment"] or sent.content["first_comment"]
    if comment == sent.content["first_comment"]:
        return sent
    wanted = {**sent.content, "first_comment": comment}
    gate.demand_content(variant.post, variant.community_id, wanted)
    number = variant.revisions.order_by("-number").values_list("number", flat=True)[0] + 1
    return Revision.objects.create(
        variant=variant, number=number, content=wanted, sha256=fingerprint(wanted), text_mark=sent.text_mark,
        created_by=actor.user,
    )  # fmt: skip

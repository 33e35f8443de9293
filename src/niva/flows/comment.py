"""Write a first comment again, while the person waits for the network's answer."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from niva.domains.people.actor import Actor
from niva.domains.publishing.delivery.content import to_outgoing
from niva.domains.publishing.delivery.outcomes import OUTCOMES
from niva.domains.publishing.models import Publication
from niva.domains.publishing.services import comment
from niva.domains.publishing.states import Outcome
from niva.flows.talk import at_once
from niva.networks.base.errors import NetworkError, OutcomeUnknown, Rejected
from niva.networks.base.network import Call, Network

log = logging.getLogger("niva.delivery")


def write_again(actor: Actor, *, delivery_id: int) -> None:
    """Raises Invalid (nothing to write, in doubt, stopped) or the errors of networks, the outcome noted."""
    attempt = comment.begin(actor, delivery_id=delivery_id)
    delivery = attempt.delivery
    out = to_outgoing(attempt.revision.content, Path(settings.MEDIA_ROOT))
    rows = delivery.attempts.filter(outcome=Outcome.DONE)
    done: dict[str, Any] = {one.step: one.result or {} for one in rows}
    publication = Publication.objects.get(delivery=delivery)
    # Where a person found the post, or an old attempt kept no answer, the publication has its id.
    done["create"] = {"id": publication.remote_id, "url": publication.url, **done.get("create", {})}

    async def ask(network: Network, call: Call) -> dict[str, Any]:
        steps = network.steps(out, call.credential)
        step = next((one for one in steps if one.name == comment.STEP), None)
        if step is None:
            raise Rejected("comment_unsupported")
        return dict(await network.perform(replace(call, key=str(attempt.key)), step, out, done))

    try:
        result = at_once(delivery.community, ask)
    except NetworkError as error:
        _ended(actor, attempt.pk, error)
        raise
    except Exception as error:  # a fault of ours inside a connector: the call may have left
        log.exception("connector failed", extra={"delivery": delivery.pk, "step": comment.STEP})
        fault = OutcomeUnknown("connector_fault", type(error).__name__)
        _ended(actor, attempt.pk, fault)
        raise fault from error
    comment.end(actor, attempt_id=attempt.pk, outcome=Outcome.DONE, result=result)


def _ended(actor: Actor, attempt_id: int, error: NetworkError) -> None:
    outcome = OUTCOMES[type(error)]
    comment.end(actor, attempt_id=attempt_id, outcome=outcome, code=error.code, detail=error.detail)

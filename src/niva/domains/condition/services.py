"""What changes the standing of a community: a look that came back, a person's answer, a thing mended.

Looking itself is a flow (`niva.flows.condition`), because it talks to networks. Whatever happened, the
judgement is the same: `_judge` holds what was seen and what was said against the checklist, keeps what
changed, and leaves a check behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.communities.models import Community
from niva.domains.condition import checklists
from niva.domains.condition.models import Answer, Cause, Check, Condition, Finding
from niva.domains.condition.rules import Judged, Said, judge_all, score
from niva.domains.condition.seen import Seen, changed, pack, unpack
from niva.domains.condition.states import SAID, State
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.people.models import User
from niva.networks.base.profile import Profile

NOTE_MOST: Final = 300
KEPT: Final = timedelta(days=730)  # of checks: two years of history are enough for every chart
_NOTHING: Final = Profile()


def ask_for_look(*, actor: Actor, community_id: int) -> Community:
    """A person presses “check now”. Raises NotFound, Forbidden, Invalid for one in the archive."""
    community = access.get(actor, Community.objects.all(), community_id, can="write")
    if community.archived_at is not None:
        raise Invalid.one("", _("This community is in the archive. Take it out first."))
    begin(community)
    record(actor, "condition.asked", community)
    return community


def begin(community: Community) -> None:
    """A look is on its way: the page shows its progress."""
    Condition.objects.update_or_create(
        community=community,
        defaults={"busy_since": timezone.now(), "step": "", "steps_done": 0, "steps": 0},
        create_defaults={
            "workspace_id": community.workspace_id,
            "client_id": community.client_id,
            "busy_since": timezone.now(),
        },
    )


def progress(community: Community, step: str, done: int, steps: int) -> None:
    """How far a look is, for the page that waits for it."""
    Condition.objects.filter(community=community).update(step=step, steps_done=done, steps=steps)


@transaction.atomic
def saw(community: Community, seen: Seen, *, cause: str, by: User | None = None) -> Check:
    """A look came back."""
    row = _locked(community)
    now = timezone.now()
    row.seen, row.looked_at, row.tried_at = pack(seen), now, now
    row.code, row.detail, row.busy_since, row.step = "", "", None, ""
    return _judge(row, community, cause=cause, by=by)


@transaction.atomic
def saw_nothing(
    community: Community, code: str, detail: str = "", *, cause: str, by: User | None = None
) -> Check:
    """A look failed: why is kept, what was seen before stays, and answers that grew old are noticed."""
    row = _locked(community)
    row.tried_at, row.code, row.detail = timezone.now(), code[:60], detail[:300]
    row.busy_since, row.step = None, ""
    return _judge(row, community, cause=cause, by=by, code=code[:60])


@transaction.atomic
def mended(
    actor: Actor, *, community_id: int, item: str, changes: Mapping[str, Any], seen: Seen | None
) -> Check:
    """The network took `changes`; `seen`: what it told right after, None if it could not be asked then.

    Raises NotFound, Forbidden.
    """
    community = access.get(actor, Community.objects.all(), community_id, can="publish")
    row = _locked(community)
    if seen is None and row.seen is not None:
        seen = changed(unpack(row.seen), changes)
    if seen is not None:
        row.seen = pack(seen)
    record(actor, "condition.mended", community, item=item, fields=sorted(changes))
    return _judge(row, community, cause=Cause.MENDED, by=actor.user)


@transaction.atomic
def answer(
    *, actor: Actor, community_id: int, item: str, state: str, note: str = "", proof_url: str = ""
) -> Answer:
    """A person says how an item is; it is asked again after the item's `recheck_days`.

    “Does not apply” must say why. Raises NotFound, Forbidden, Invalid.
    """
    community = access.get(actor, Community.objects.all(), community_id, can="write")
    found = checklists.item_of(community.network, item)
    if found is None:
        raise NotFound("item")
    note, proof_url = note.strip(), proof_url.strip()
    _check_answer(state, note, proof_url)
    now = timezone.now()
    kept, _made = Answer.objects.update_or_create(
        community=community,
        item=item,
        defaults={
            "workspace_id": community.workspace_id,
            "client_id": community.client_id,
            "state": state,
            "note": note,
            "proof_url": proof_url,
            "answered_at": now,
            "answered_by": actor.user,
            "recheck_at": now + timedelta(days=found.recheck_days),
        },
    )
    record(actor, "condition.answered", community, item=item, state=state)
    _judge(_locked(community), community, cause=Cause.ANSWER, by=actor.user)
    return kept


def _check_answer(state: str, note: str, proof_url: str) -> None:
    errors: dict[str, list[str]] = {}
    if state not in SAID:
        errors["state"] = [_("Say how it is.")]
    if state == State.NOT_APPLICABLE and not note:
        errors["note"] = [_("Say why it does not apply here: in 90 days somebody else will ask.")]
    if len(note) > NOTE_MOST:
        errors["note"] = [_("Too long: %(most)d characters at most.") % {"most": NOTE_MOST}]
    if proof_url:
        try:
            URLValidator(schemes=["http", "https"])(proof_url)
        except ValidationError:
            errors["proof_url"] = [_("This is no link. It begins with https://.")]
        if len(proof_url) > 500:
            errors["proof_url"] = [_("Too long: %(most)d characters at most.") % {"most": 500}]
    if errors:
        raise Invalid(errors)


def _locked(community: Community) -> Condition:
    Condition.objects.get_or_create(
        community=community,
        defaults={"workspace_id": community.workspace_id, "client_id": community.client_id},
    )
    return Condition.objects.select_for_update().get(community=community)


def _judge(row: Condition, community: Community, *, cause: str, by: User | None, code: str = "") -> Check:
    """Judge anew, keep what changed, and leave a check."""
    now = timezone.now()
    credential = getattr(community, "credential", None)
    ground = checklists.ground_of(community.network, credential.facts if credential else {}, now)
    said = {
        one.item: Said(State(one.state), one.answered_at, one.recheck_at)
        for one in Answer.objects.filter(community=community)
    }
    seen = unpack(row.seen) if row.seen is not None else None
    if seen is None and not checklists.reads_of(community.network) - checklists.OWN:
        seen = Seen(profile=_NOTHING, reads=frozenset())  # nothing will ever be told: people are asked
    found = judge_all(checklists.items_of(community.network), seen, said, ground)
    deltas = _keep(community, found, now)
    result = score(found)
    row.done, row.required, row.unknown = result.done, result.required, result.unknown
    row.save()
    Check.objects.filter(community=community, at__lt=now - KEPT).delete()
    return Check.objects.create(
        workspace_id=community.workspace_id, client_id=community.client_id, community=community, at=now,
        cause=cause, by=by, code=code, done=result.done, required=result.required, unknown=result.unknown,
        changed=deltas,
    )  # fmt: skip


def _keep(community: Community, found: tuple[Judged, ...], now: datetime) -> list[list[str]]:
    """The findings as they are now; what changed its state, as [item, before, after]."""
    before = {row.item: row for row in Finding.objects.filter(community=community)}
    deltas: list[list[str]] = []
    rows = []
    for one in found:
        old = before.pop(one.item.code, None)
        was, state = old.state if old else "", str(one.verdict.state)
        if old is not None and was != state:
            deltas.append([one.item.code, was, state])
        rows.append(
            Finding(
                workspace_id=community.workspace_id, client_id=community.client_id, community=community,
                item=one.item.code, state=state, said=one.verdict.said, params=dict(one.verdict.params),
                required=one.required, weight=one.item.weight, asked=one.asked,
                since=old.since if old is not None and was == state else now,
            )
        )  # fmt: skip
    Finding.objects.filter(pk__in=[row.pk for row in before.values()]).delete()
    Finding.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["community", "item"],
        update_fields=["state", "said", "params", "required", "weight", "asked", "since"],
    )
    return deltas
